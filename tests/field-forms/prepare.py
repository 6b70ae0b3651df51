"""Makes the forms that are measured: `python prepare.py FOLDER NAME=WORKBOOK...`.

For each named workbook, and for four generated ones, FOLDER gets NAME.xlsx, the same form under the form_id of a visit, so
that Loket takes it for one, and NAME.xml, which pyxform makes of that same NAME.xlsx for ODK Web Forms. FOLDER/prepared.tsv says
of each, after a tab, `ok` or why there is no XML.
"""

import sys
from pathlib import Path

import openpyxl
import xlrd
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

FORM_ID = "kunjungan"


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    forms = {"text250": text250(), "repeat": repeat(), "cascade": cascade(), "search": search()}
    for word in sys.argv[2:]:
        name, path = word.split("=", 1)
        forms[name] = sheets_of(Path(path))
    lines = [f"{name}\t{written(folder, name, sheets)}\n" for name, sheets in forms.items()]
    (folder / "prepared.tsv").write_text("".join(lines), encoding="utf-8")


def written(folder, name, sheets):
    """Writes both files; `ok`, or why pyxform takes it not."""
    book = folder / f"{name}.xlsx"
    save(book, with_id(sheets))
    xml = book.with_suffix(".xml")
    xml.unlink(missing_ok=True)
    try:
        xml.write_text(convert(str(book), validate=False).xform, encoding="utf-8")
    except PyXFormError as fault:
        return " ".join(str(fault).split())
    return "ok"


def sheets_of(path):
    """A workbook's sheets as rows of texts; old ones are known by their first bytes, whatever they are called."""
    if path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0":
        book = xlrd.open_workbook(str(path))
        return {sheet.name: [[cell(value) for value in sheet.row_values(at)] for at in range(sheet.nrows)] for sheet in book}
    book = openpyxl.load_workbook(path, data_only=True)
    return {sheet.title: [[cell(value) for value in row] for row in sheet.iter_rows(values_only=True)] for sheet in book}


def cell(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None or value == "" else str(value)


def with_id(sheets):
    """The same sheets, with the form_id of a visit."""
    rows = sheets.get("settings") or [[], []]
    head, first = list(rows[0]), list(rows[1]) if len(rows) > 1 else []
    first += [None] * (len(head) - len(first))
    if "form_id" not in head:
        head.append("form_id")
        first.append(None)
    first[head.index("form_id")] = FORM_ID
    return {**sheets, "settings": [head, first]}


def save(path, sheets):
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def form(title, survey, choices=None):
    sheets = {"survey": survey, "settings": [["form_title", "form_id"], [title, FORM_ID]]}
    return {**sheets, "choices": choices} if choices else sheets


def text250():
    """250 text questions on one page."""
    rows = [["type", "name", "label"], ["begin_group", "page", "Page"]]
    rows += [["text", f"q{n}", f"Question {n}"] for n in range(1, 251)]
    return form("250 questions", [*rows, ["end_group", None, None]])


def repeat():
    """A repeat with ten questions and three calculations, and a sum over all rows."""
    rows = [["type", "name", "label", "calculation"], ["begin_group", "page", "Page", None], ["begin_repeat", "visit", "Visit", None]]
    rows += [["integer", f"q{n}", f"Question {n}", None] for n in range(1, 11)]
    total = " + ".join(f"coalesce(${{q{n}}}, 0)" for n in range(1, 11))
    rows += [
        ["calculate", "total", None, total],
        ["calculate", "mean", None, "${total} div 10"],
        ["calculate", "said", None, "concat('Total ', ${total}, ', mean ', ${mean})"],
        ["note", "shown", "${said}", None],
        ["end_repeat", None, None, None],
        ["calculate", "all", None, "sum(${total})"],
        ["note", "sum", "All: ${all}", None],
        ["end_group", None, None, None],
    ]
    return form("A repeat", rows)


def cascade():
    """50 provinces with 20 regencies each with 50 villages each: 50,000 villages."""
    head = ["list_name", "name", "label", "province", "regency"]
    choices = [head]
    for p in range(50):
        choices.append(["province", f"p{p}", f"Province {p}", None, None])
        for r in range(20):
            choices.append(["regency", f"p{p}r{r}", f"Regency {p}-{r}", f"p{p}", None])
            choices += [["village", f"p{p}r{r}v{v}", f"Village {p}-{r}-{v}", f"p{p}", f"p{p}r{r}"] for v in range(50)]
    survey = [
        ["type", "name", "label", "choice_filter"],
        ["begin_group", "page", "Page", None],
        ["select_one province", "province", "Province", None],
        ["select_one regency", "regency", "Regency", "province = ${province}"],
        ["select_one village", "village", "Village", "regency = ${regency}"],
        ["end_group", None, None, None],
    ]
    return form("A cascade", survey, choices)


def search():
    """50,000 villages in one list that is searched by typing."""
    choices = [["list_name", "name", "label"]]
    choices += [["village", f"v{n}", f"Village {n // 1000}-{n % 1000}"] for n in range(50_000)]
    survey = [
        ["type", "name", "label", "appearance"],
        ["begin_group", "page", "Page", None],
        ["select_one village", "village", "Village", "autocomplete"],
        ["end_group", None, None, None],
    ]
    return form("A search", survey, choices)


main()
