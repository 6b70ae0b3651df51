"""Makes an XForm of each form by pyxform, for `cargo xtask conformance forms`, and an index of them.

Run as `xforms.py OUT FORM...`. A form that pyxform refuses stands in the index without an XForm.
"""

import json
import sys
import warnings
from io import BytesIO
from pathlib import Path

# The folder of this file would otherwise stand before the package that is called like one of its files.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
from pyxform.xls2xform import convert  # noqa: E402


def entry(out, form):
    name = f"{form.name}.xml"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            xform = convert(xlsform=BytesIO(form.read_bytes()), validate=False, warnings=[]).xform
    except Exception:  # noqa: BLE001
        return {"name": form.name, "xform": None, "workbook": str(form.resolve())}
    Path(out, name).write_text(xform)
    return {"name": form.name, "xform": name, "workbook": str(form.resolve())}


def main(out, forms):
    index = [entry(out, form) for form in map(Path, forms)]
    Path(out, "index.json").write_text(json.dumps(index))


main(sys.argv[1], sys.argv[2:])
