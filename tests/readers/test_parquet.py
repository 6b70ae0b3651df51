"""Parquet files, read by pyarrow and by duckdb."""

import datetime
import decimal
import json
import unittest

import duckdb
import pyarrow
import pyarrow.parquet
from samples import DAYS, ENGLISH, KINDS, MOMENTS, QUESTION, REASON_NAMES, UNITS, path

UTC = datetime.timezone.utc
SCORES = [decimal.Decimal("93.71"), decimal.Decimal("-0.05")]


class PyArrow(unittest.TestCase):
    def test_types_are_what_an_analyst_expects(self):
        schema = pyarrow.parquet.read_schema(path("kinds.parquet"))
        types = {name: schema.field(name).type for name in KINDS}
        self.assertEqual(types["unit"], pyarrow.string())
        self.assertEqual(types["visits"], pyarrow.int64())
        self.assertEqual(types["score"], pyarrow.decimal128(18, 2))
        self.assertEqual(types["day"], pyarrow.date32())
        self.assertEqual(types["closed"], pyarrow.timestamp("ms", tz="UTC"))
        self.assertEqual(types["zone"], pyarrow.string())

    def test_values_and_nulls_are_as_written_and_reasons_stand_beside(self):
        data = pyarrow.parquet.read_table(path("kinds.parquet")).to_pydict()
        self.assertEqual(data["unit"], UNITS + [None] * 4)
        self.assertEqual(data["visits"], [12, -1] + [None] * 4)
        self.assertEqual(data["score"], SCORES + [None] * 4)
        self.assertEqual(data["day"], DAYS + [None] * 4)
        self.assertEqual(data["closed"], [moment.replace(tzinfo=UTC) for moment in MOMENTS] + [None] * 4)
        self.assertEqual(data["zone"], ["hijau", "merah"] + [None] * 4)
        for name in KINDS:
            self.assertEqual(data[f"{name}__missing"], [None, None] + REASON_NAMES, name)

    def test_a_column_that_lacks_answers_only_has_no_column_of_reasons(self):
        names = pyarrow.parquet.read_schema(path("long.parquet")).names
        self.assertNotIn("blank__missing", names)
        self.assertIn("blank", names)

    def test_labels_and_choices_stand_in_the_metadata_in_both_languages(self):
        file = pyarrow.parquet.ParquetFile(path("long.parquet"))
        about = json.loads(file.schema_arrow.metadata[b"loket"])
        self.assertEqual(file.metadata.created_by, "loket")
        self.assertEqual((about["release"], about["manifest"]), ("Rilis 3", "ab" * 32))
        number = next(column for column in about["columns"] if column["name"] == "number")
        self.assertEqual(number["label"], {"id": QUESTION, "en": ENGLISH})
        green = {"name": "hijau", "code": 3, "label": {"id": "Hijau – patuh", "en": "Green – compliant"}}
        self.assertEqual(number["choices"][2], green)
        self.assertEqual([reason["name"] for reason in about["missing"]], REASON_NAMES)

    def test_a_table_without_rows_keeps_its_columns(self):
        table = pyarrow.parquet.read_table(path("nothing.parquet"))
        self.assertEqual((table.num_rows, table.column_names), (0, KINDS))

    def test_long_texts_and_the_largest_values_are_whole(self):
        data = pyarrow.parquet.read_table(path("long.parquet")).to_pydict()
        self.assertEqual(data["a" * 32], ["é" * 20000, "pendek", None])
        self.assertEqual(data["wide"], ["0123456789" * 60, "x" * 255, ""])
        data = pyarrow.parquet.read_table(path("edges.parquet")).to_pydict()
        self.assertEqual(data["huge"], [-(2**63), 2**63 - 1, None])
        self.assertEqual(data["exact"][1], decimal.Decimal("900719925474.0992"))
        self.assertEqual(data["day"][:2], [datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)])


class DuckDb(unittest.TestCase):
    def rows(self, query):
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).fetchall()

    def test_values_are_as_written(self):
        columns = "unit, visits, score, day, epoch_ms(closed), zone"
        rows = self.rows(f"select {columns} from '{path('kinds.parquet')}' limit 2")
        moments = [int(moment.replace(tzinfo=UTC).timestamp() * 1000) for moment in MOMENTS]
        written = [UNITS, [12, -1], SCORES, DAYS, moments, ["hijau", "merah"]]
        self.assertEqual(rows, list(zip(*written)))

    def test_types_are_named_as_sql_names_them(self):
        rows = self.rows(f"describe select * from '{path('kinds.parquet')}'")
        types = {row[0]: row[1] for row in rows}
        wanted = ["VARCHAR", "BIGINT", "DECIMAL(18,2)", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR"]
        self.assertEqual([types[name] for name in KINDS], wanted)

    def test_reasons_can_be_counted(self):
        rows = self.rows(f"select zone__missing, count(*) from '{path('kinds.parquet')}' where zone is null group by 1")
        self.assertEqual(sorted(rows), sorted((name, 1) for name in REASON_NAMES))


if __name__ == "__main__":
    unittest.main()
