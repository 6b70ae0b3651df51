"""SPSS's files, read by pyreadstat."""

import unittest

import pyreadstat
from samples import DAYS, KINDS, MOMENTS, QUESTION, REASONS, UNITS, ZONES, path

CODES = [-9991, -9992, -9993, -9994]


def read(name, **options):
    return pyreadstat.read_sav(path(f"{name}.sav"), output_format="dict", **options)


class Spss(unittest.TestCase):
    def test_values_of_every_kind_are_as_written(self):
        data, meta = read("kinds")
        self.assertEqual(meta.number_rows, 6)
        self.assertEqual(meta.file_encoding, "UTF-8")
        self.assertEqual(meta.column_names, KINDS[:1] + ["unit_kosong"] + KINDS[1:])
        self.assertEqual(list(data["unit"]), UNITS + [""] * 4)
        self.assertEqual(list(data["visits"])[:2], [12, -1])
        self.assertEqual(list(data["score"])[:2], [93.71, -0.05])
        self.assertEqual(list(data["day"])[:2], DAYS)
        self.assertEqual([moment.replace(tzinfo=None) for moment in list(data["closed"])[:2]], MOMENTS)
        self.assertEqual(list(data["zone"])[:2], [3, 1])

    def test_missing_values_keep_their_reasons(self):
        data, meta = read("kinds", user_missing=True)
        for name in ["visits", "score", "zone"]:
            self.assertEqual(list(data[name])[2:], CODES, name)
            self.assertEqual(meta.missing_ranges[name], [{"lo": -9994.0, "hi": -9991.0}], name)
        data, _ = read("kinds", user_missing=True, disable_datetime_conversion=True)
        for name in ["day", "closed"]:
            self.assertEqual(list(data[name])[2:], CODES, name)
        self.assertEqual(list(data["unit_kosong"]), [0, 0, 1, 2, 3, 4])

    def test_missing_values_are_missing_to_who_does_not_ask_why(self):
        data, _ = read("kinds")
        for name in KINDS[1:]:
            self.assertTrue(all(value is None or value != value for value in list(data[name])[2:]), name)

    def test_labels_of_columns_values_and_reasons_are_there(self):
        _, meta = read("kinds")
        self.assertEqual(meta.file_label, "Semua jenis · Rilis 3")
        self.assertEqual(meta.column_names_to_labels["zone"], "Zona")
        labels = meta.variable_value_labels["zone"]
        self.assertEqual({code: labels[code] for code in ZONES}, ZONES)
        for name in ["zone", "visits", "score"]:
            labels = meta.variable_value_labels[name]
            self.assertEqual([labels[code] for code in CODES], REASONS, name)

    def test_measures_and_formats_say_what_a_column_is(self):
        _, meta = read("kinds")
        measures = [meta.variable_measure[name] for name in ["unit", "zone", "score"]]
        self.assertEqual(measures, ["nominal", "nominal", "scale"])
        formats = [meta.original_variable_types[name] for name in ["score", "day", "closed"]]
        self.assertEqual(formats, ["F14.2", "SDATE10", "DATETIME20"])

    def test_the_time_of_the_file_is_that_of_the_release(self):
        _, meta = read("kinds")
        self.assertEqual(str(meta.creation_time), "2025-12-31 16:45:09")

    def test_a_table_without_rows_keeps_its_columns(self):
        _, meta = read("nothing")
        self.assertEqual((meta.number_rows, meta.column_names), (0, KINDS))

    def test_long_texts_are_whole_over_columns_that_continue_each_other(self):
        data, meta = read("long")
        name = "a" * 32
        whole = [first + rest for first, rest in zip(data[name], data["a" * 30 + "_2"])]
        self.assertEqual(whole, ["é" * 20000, "pendek", ""])
        self.assertEqual(list(data["wide"]), ["0123456789" * 60, "x" * 255, ""])
        label = meta.column_names_to_labels["number"]
        self.assertTrue(label.endswith("…") and QUESTION.startswith(label[:-1].strip()) and len(label) > 200)

    def test_values_that_look_like_codes_of_missing_ones_stay_values(self):
        data, meta = read("edges", user_missing=True)
        self.assertEqual(list(data["like_missing"]), [-9994, -9991, -99993])
        self.assertEqual(meta.missing_ranges["like_missing"], [{"lo": -99994.0, "hi": -99991.0}])

    def test_the_largest_and_smallest_values_are_as_written(self):
        data, _ = read("edges")
        self.assertEqual(list(data["double"])[:2], [-(2**53), 2**53])
        self.assertEqual(list(data["huge"])[:2], [str(-(2**63)), str(2**63 - 1)])
        self.assertEqual(list(data["exact"])[:2], [-900719925474.0992, 900719925474.0992])
        self.assertEqual([str(day) for day in list(data["day"])[:2]], ["1900-01-01", "9999-12-31"])
        self.assertEqual(str(list(data["moment"])[1])[:19], "9999-12-31 23:59:59")


if __name__ == "__main__":
    unittest.main()
