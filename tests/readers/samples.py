"""Where the sample files are, and what they hold (see sync-server/examples/exports/)."""

import datetime
import os
import pathlib

EXPORTS = pathlib.Path(os.environ["LOKET_EXPORTS"])

QUESTION = ("Apakah standar pelayanan dipampang di tempat yang mudah dilihat – oleh siapa pun? " * 8).strip()
ENGLISH = ("Are the standards of service posted where anyone can see them – really anyone? " * 8).strip()

UNITS = ["Dinas Kesehatan – Élan 'Ünïcode' 数", 'Puskesmas "Baru"']
DAYS = [datetime.date(2025, 12, 31), datetime.date(1969, 12, 31)]
MOMENTS = [datetime.datetime(2025, 12, 31, 16, 45, 9), datetime.datetime(1969, 12, 31, 23, 59, 59)]
ZONES = {1: "Merah", 2: "Kuning", 3: "Hijau – patuh"}
REASONS = ["tidak dijawab", "tidak berlaku", "menolak", "tidak dapat dinilai"]
REASON_NAMES = ["unanswered", "not_relevant", "refused", "not_assessed"]
KINDS = ["unit", "visits", "score", "day", "closed", "zone"]


def path(name):
    return str(EXPORTS / name)
