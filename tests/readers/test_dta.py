"""Stata's files, read by pyreadstat (the ReadStat library, which R's haven uses, too)."""

import unittest

import pyreadstat
from samples import DAYS, ENGLISH, KINDS, MOMENTS, QUESTION, REASONS, UNITS, ZONES, path


def read(name, **options):
    return pyreadstat.read_dta(path(f"{name}.dta"), output_format="dict", **options)


class Stata(unittest.TestCase):
    def test_values_of_every_kind_are_as_written(self):
        data, meta = read("kinds")
        self.assertEqual(meta.number_rows, 6)
        self.assertEqual(meta.column_names, KINDS[:1] + ["unit_kosong"] + KINDS[1:])
        self.assertEqual(list(data["unit"]), UNITS + [""] * 4)
        self.assertEqual(list(data["visits"])[:2], [12, -1])
        self.assertEqual(list(data["score"])[:2], [93.71, -0.05])
        self.assertEqual(list(data["day"])[:2], DAYS)
        self.assertEqual([moment.replace(tzinfo=None) for moment in list(data["closed"])[:2]], MOMENTS)
        self.assertEqual(list(data["zone"])[:2], [3, 1])

    def test_missing_values_keep_their_reasons(self):
        data, meta = read("kinds", user_missing=True)
        for name in KINDS[1:]:
            self.assertEqual(list(data[name])[2:], ["a", "b", "c", "d"], name)
            self.assertEqual(meta.missing_user_values[name], ["a", "b", "c", "d"], name)
        self.assertEqual(list(data["unit_kosong"]), [0, 0, 1, 2, 3, 4])

    def test_missing_values_are_missing_to_who_does_not_ask_why(self):
        data, _ = read("kinds")
        for name in KINDS[1:]:
            self.assertTrue(all(value is None or value != value for value in list(data[name])[2:]), name)

    def test_labels_of_columns_values_and_reasons_are_there(self):
        _, meta = read("kinds", user_missing=True)
        self.assertEqual(meta.file_label, "Semua jenis · Rilis 3")
        self.assertEqual(meta.column_names_to_labels["zone"], "Zona")
        labels = meta.variable_value_labels["zone"]
        self.assertEqual({code: labels[code] for code in ZONES}, ZONES)
        for name in ["zone", "visits", "score"]:
            labels = meta.variable_value_labels[name]
            self.assertEqual([labels[letter] for letter in "abcd"], REASONS, name)

    def test_the_time_of_the_file_is_that_of_the_release(self):
        _, meta = read("kinds")
        self.assertEqual(str(meta.creation_time), "2025-12-31 16:45:00")

    def test_a_table_without_rows_keeps_its_columns(self):
        data, meta = read("nothing")
        self.assertEqual((meta.number_rows, meta.column_names), (0, KINDS))
        self.assertEqual(len(data["unit"]), 0)

    def test_long_texts_are_whole_and_long_labels_are_cut_with_the_rest_in_notes(self):
        data, meta = read("long")
        self.assertEqual(list(data["a" * 32]), ["é" * 20000, "pendek", ""])
        self.assertEqual(list(data["wide"]), ["0123456789" * 60, "x" * 255, ""])
        label = meta.column_names_to_labels["number"]
        self.assertEqual(len(label), 80)
        self.assertTrue(label.endswith("…") and QUESTION.startswith(label[:-1]))
        with open(path("long.dta"), "rb") as file:
            raw = file.read()
        for text in (QUESTION, ENGLISH):
            self.assertIn(text.encode(), raw)

    def test_the_largest_and_smallest_values_are_as_written(self):
        data, meta = read("edges")
        self.assertEqual(list(data["small"])[:2], [-127, 100])
        self.assertEqual(list(data["middle"])[:2], [-32767, 32740])
        self.assertEqual(list(data["double"])[:2], [-(2**53), 2**53])
        self.assertEqual(list(data["huge"])[:2], [str(-(2**63)), str(2**63 - 1)])
        self.assertEqual(list(data["exact"])[:2], [-900719925474.0992, 900719925474.0992])
        self.assertEqual([str(day) for day in list(data["day"])[:2]], ["1900-01-01", "9999-12-31"])
        self.assertEqual(str(list(data["moment"])[1])[:19], "9999-12-31 23:59:59")
        self.assertEqual(meta.readstat_variable_types["small"], "int8")
        self.assertEqual(meta.readstat_variable_types["middle"], "int16")


if __name__ == "__main__":
    unittest.main()
