"""The workbook and the CSV files of a release, as openpyxl and Python's own reader find them."""

import contextlib
import csv
import datetime
import tempfile
import unittest
import pathlib

import openpyxl
from released import HARM, folder, loket


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        data = stack.enter_context(folder())
        out = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / "out"
        loket("release", "export", "1", out, data=data)
        cls.tables = out / "tables"
        cls.book = openpyxl.load_workbook(cls.tables / "loket-1-id.xlsx")

    def csv(self, name):
        with open(self.tables / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def column(self, sheet, name):
        names = [cell.value for cell in self.book[sheet][2]]
        at = names.index(name) + 1
        return [self.book[sheet].cell(row, at) for row in range(3, self.book[sheet].max_row + 1)]

    def test_the_first_sheet_says_which_release_this_is_and_what_is_assumed(self):
        self.assertEqual(self.book.sheetnames[0], "Baca dulu")
        text = "\n".join(str(cell.value) for row in self.book["Baca dulu"].iter_rows() for cell in row)
        for part in ["Rilis 1", "2022-2024", "2026-11-25", "Anggapan", "1.048.576"]:
            self.assertIn(part, text)
        self.assertEqual(self.book.properties.created, datetime.datetime(2026, 11, 25))

    def test_there_is_a_sheet_for_every_table_with_the_rows_of_its_file(self):
        names = {file.stem for file in self.tables.glob("*.csv")} - {"labels", "missing"}
        self.assertEqual(set(self.book.sheetnames) - {"Baca dulu", "Kolom"}, names)
        self.assertIn("interviews", names)
        for name in names:
            sheet, rows = self.book[name], self.csv(name)
            self.assertEqual(sheet.max_row, len(rows) + 2, name)
            if rows:
                self.assertEqual([cell.value for cell in sheet[2]], list(rows[0]), name)

    def test_heads_are_frozen_and_filtered_and_say_what_columns_are(self):
        sheet = self.book["units"]
        self.assertEqual(sheet.freeze_panes, "B3")
        self.assertTrue(sheet.auto_filter.ref.startswith("A2:"))
        self.assertEqual([sheet["A1"].value, sheet["A2"].value], ["Kode unit", "unit"])
        self.assertTrue(sheet["A1"].font.bold)

    def test_numbers_days_and_labels_are_what_they_are(self):
        scores = self.column("units", "score")
        self.assertEqual({type(cell.value) for cell in scores}, {float, type(None)})
        self.assertEqual({cell.number_format for cell in scores if cell.value}, {"0.00"})
        closed = self.column("visits", "closed_at")
        self.assertTrue(all(isinstance(cell.value, datetime.datetime) for cell in closed))
        counted = {cell.value for cell in self.column("units", "counted")}
        self.assertEqual(counted, {"dihitung", "tidak dapat dinilai"})
        marks = dict(zip((row["unit"] for row in self.csv("units")), (row["score"] for row in self.csv("units"))))
        for unit, score in zip(self.column("units", "unit"), scores):
            self.assertEqual(marks[unit.value], "" if score.value is None else f"{score.value:.2f}")

    def test_what_a_citizen_typed_is_a_text_and_never_a_formula(self):
        cells = [cell for row in self.book["interviews"].iter_rows() for cell in row if cell.value == HARM]
        self.assertTrue(cells)
        # openpyxl itself calls every text that begins with = a formula; the file says what it is.
        raw = openpyxl.load_workbook(self.tables / "loket-1-id.xlsx", data_only=True)
        values = [cell.value for row in raw["interviews"].iter_rows() for cell in row]
        self.assertIn(HARM, values)
        typed = [value for row in self.csv("interviews") for value in row.values() if HARM in value]
        self.assertTrue(typed)
        self.assertTrue(all(value == "'" + HARM for value in typed))

    def test_why_a_cell_is_blank_stands_beside_the_files(self):
        missing = self.csv("missing")
        refused = [row for row in missing if row["reason"] == "refused"]
        self.assertEqual({row["table"] for row in refused}, {"interviews"})
        self.assertEqual(len({row["row"] for row in refused}), 1)
        unassessed = {row["table"] for row in missing if row["reason"] == "not_assessed"}
        self.assertIn("visits", unassessed)

    def test_every_column_and_choice_has_labels_in_both_languages(self):
        labels = self.csv("labels")
        self.assertTrue(all(row["label_id"] and row["label_en"] for row in labels))
        columns = {(row["table"], row["column"]) for row in labels if row["kind"] not in ("table", "choice", "missing")}
        for name in self.book.sheetnames[1:-1]:
            for cell in self.book[name][2]:
                self.assertIn((name, cell.value), columns)

    def test_the_english_workbook_has_the_same_sheets(self):
        book = openpyxl.load_workbook(self.tables / "loket-1-en.xlsx", read_only=True)
        self.assertEqual(book.sheetnames[1:-1], self.book.sheetnames[1:-1])
        self.assertEqual(book.sheetnames[0], "Read first")
        book.close()


if __name__ == "__main__":
    unittest.main()
