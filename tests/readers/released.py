"""A data folder with a release in it, and a server on it, by the commands that people use."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

LOKET = os.environ["LOKET_BIN"]
DATA = pathlib.Path(os.environ["LOKET_EXPORTS"]) / "data"
# What a citizen typed (see sync-server/examples/exports/data.rs).
HARM = '=HYPERLINK("http://jahat.example","klik")'


def loket(*arguments, data):
    done = subprocess.run(
        [LOKET, *map(str, arguments), "--data", str(data)],
        capture_output=True,
        text=True,
        env={**os.environ, "LOKET_LOG": "error"},
    )
    if done.returncode != 0:
        raise AssertionError(f"loket {arguments}: {done.stderr}")
    return done.stdout


@contextlib.contextmanager
def folder():
    """A data folder whose round was closed into release 1."""
    with tempfile.TemporaryDirectory() as place:
        data = pathlib.Path(place) / "data"
        shutil.copytree(DATA, data)
        loket("release", "make", "--accept-open", "--method", "2024", "--date", "2026-11-25", data=data)
        yield data


@contextlib.contextmanager
def server(data):
    """The address of a server on the folder."""
    running = subprocess.Popen(
        [LOKET, "serve", "--data", str(data), "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOKET_LOG": "error"},
    )
    try:
        for line in running.stdout:
            if line.startswith("listening on "):
                yield line.removeprefix("listening on ").strip()
                return
        raise AssertionError("the server ended before it listened")
    finally:
        running.terminate()
        running.wait()
        running.stdout.close()
