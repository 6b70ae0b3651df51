"""A release, read by python-odata as Excel and Power BI read it: metadata first, then rows, page by page."""

import contextlib
import datetime
import unittest
import xml.etree.ElementTree as ElementTree

import requests
from odata import ODataService
from odata.exceptions import ODataError
from released import HARM, folder, loket, server


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.data = stack.enter_context(folder())
        cls.address = stack.enter_context(server(cls.data)) + "/odata/v1/releases/1/"
        cls.key = loket("key", "make", "--name", "python-odata", data=cls.data).strip()
        cls.service = cls.connected(cls.key)

    @classmethod
    def connected(cls, key):
        return ODataService(cls.address, auth=("loket", key), reflect_entities=True, quiet_progress=True)

    def rows(self, name):
        return self.service.query(self.service.entities[name])

    def test_every_table_is_an_entity_set_with_the_properties_that_its_rows_have(self):
        names = set(self.service.entities)
        for name in ["governments", "units", "dimensions", "indicators", "visits", "interviews", "clashes"]:
            self.assertIn(name, names)
        for name in names:
            for row in self.rows(name).limit(3).all():
                self.assertTrue(row)

    def test_values_have_their_types(self):
        units = {unit.unit: unit for unit in self.rows("units").all()}
        self.assertEqual(len(units), 3)
        assessed, closed = units["kota-pangkalpinang-dukcapil"], units["kota-pangkalpinang-kesehatan"]
        self.assertIsInstance(float(assessed.score), float)
        self.assertIn(assessed.zone, ["hijau", "kuning", "merah"])
        self.assertEqual(assessed.interviews_count, 11)
        self.assertEqual(assessed.refused, 1)
        self.assertIs(assessed.provisional, False)
        self.assertIsNone(closed.score)
        self.assertEqual(closed.counted, "counted_not_assessed")
        self.assertEqual(closed.counted_label, "tidak dapat dinilai")
        visit = self.rows("visits").first()
        self.assertIsInstance(visit.closed_at, datetime.datetime)

    def test_filters_orders_and_keys_are_the_clients_own(self):
        units = self.service.entities["units"]
        query = self.service.query(units)
        own = query.filter(units.government_name == "Kota Pangkalpinang").order_by(units.unit.desc()).all()
        names = [unit.unit for unit in own]
        self.assertEqual(names, ["kota-pangkalpinang-kesehatan", "kota-pangkalpinang-dukcapil"])
        some = self.service.query(units).filter(units.score > 10).limit(1).all()
        self.assertEqual(len(some), 1)
        one = self.service.query(units).get("kota-bontang-dukcapil")
        self.assertEqual(one.unit_name, "Dukcapil")
        found = self.service.query(units).filter(units.unit.contains("bontang")).all()
        self.assertEqual([unit.unit for unit in found], ["kota-bontang-dukcapil"])
        with self.assertRaises(ODataError):
            self.service.query(units).raw({"$filter": "nama eq 'x'"})

    def test_pages_lead_to_every_row(self):
        session = requests.Session()
        session.auth = ("loket", self.key)
        whole = session.get(self.address + "indicators", params={"$count": "true"}).json()
        self.assertEqual(whole["@odata.count"], len(whole["value"]))
        rows, link = [], self.address + "indicators?$orderby=mark desc"
        session.headers["Prefer"] = "odata.maxpagesize=10"
        while link:
            page = session.get(link)
            self.assertEqual(page.headers["OData-Version"], "4.0")
            self.assertLessEqual(len(page.json()["value"]), 10)
            rows += page.json()["value"]
            link = page.json().get("@odata.nextLink")
        keys = sorted(row["indicator_row"] for row in rows)
        self.assertEqual(keys, sorted(row["indicator_row"] for row in whole["value"]))

    def test_a_text_is_given_as_it_was_typed(self):
        answer = requests.get(self.address + "interviews", auth=("", self.key)).json()
        self.assertTrue(any(HARM in row.values() for row in answer["value"]))

    def test_metadata_is_xml_that_names_the_keys(self):
        text = requests.get(self.address + "$metadata", auth=("", self.key)).text
        edm = "{http://docs.oasis-open.org/odata/ns/edm}"
        keys = {
            entity.get("Name"): [part.get("Name") for part in entity.iter(edm + "PropertyRef")]
            for entity in ElementTree.fromstring(text).iter(edm + "EntityType")
        }
        self.assertEqual(keys["units"], ["unit"])
        self.assertEqual(keys["visits"], ["record"])

    def test_a_key_shows_its_office_alone_and_nothing_once_it_is_taken_back(self):
        made = loket("key", "make", "--name", "kaltim", "--office", "kaltim", data=self.data).strip()
        service = self.connected(made)
        units = service.query(service.entities["units"]).all()
        self.assertEqual([unit.unit for unit in units], ["kota-bontang-dukcapil"])
        listed = loket("key", "list", data=self.data).splitlines()
        id = next(line.split("\t")[0] for line in listed if line.endswith("\tkaltim"))
        loket("key", "revoke", id, data=self.data)
        self.assertEqual(requests.get(self.address, auth=("", made)).status_code, 401)


if __name__ == "__main__":
    unittest.main()
