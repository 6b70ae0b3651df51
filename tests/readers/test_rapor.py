"""The rapor, read by pypdf: text, pages, and what is there for screen readers."""

import unittest

import pypdf
from samples import path


def tags(node, found):
    """The kinds of all tags below, in the order of reading, with their descriptions."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            tags(child, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append((node["/S"], str(node.get("/Alt", ""))))
        if "/K" in node:
            tags(node["/K"], found)
    return found


class Rapor(unittest.TestCase):
    def setUp(self):
        self.government = pypdf.PdfReader(path("rapor-government.pdf"))
        self.unit = pypdf.PdfReader(path("rapor-unit.pdf"))

    def text(self, reader):
        return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    def test_a_government_reads_its_score_category_zone_rank_and_units(self):
        text = self.text(self.government)
        wanted = ["Kota Bontang", "Kalimantan Timur", "88,23", "Zona hijau", "kategori", "4 dari 10", "17 dari 93"]
        wanted += ["Dinas Kesehatan", "93,71", "Puskesmas Bontang Utara 1", "tidak dapat dinilai", "sementara"]
        for part in wanted:
            self.assertIn(part, text)

    def test_a_unit_reads_its_dimensions_its_findings_and_all_indicators(self):
        text = self.text(self.unit)
        wanted = ["Dinas Kependudukan dan Pencatatan Sipil", "72,33", "Zona kuning", "Temuan", "Semua indikator"]
        wanted += ["Kurang dari separuh", "Belum dijawab", "Lengkap", "Sebagian"]
        for part in wanted:
            self.assertIn(part, text)

    def test_what_is_assumed_stands_in_words(self):
        for reader in (self.government, self.unit):
            self.assertIn("Bersandar pada anggapan", self.text(reader))

    def test_every_page_is_a4_and_names_release_manifest_and_its_number(self):
        for reader in (self.government, self.unit):
            count = len(reader.pages)
            for number, page in enumerate(reader.pages, 1):
                self.assertEqual([round(float(side)) for side in page.mediabox[2:]], [595, 842])
                text = page.extract_text()
                for part in ("Rilis 3, 31 Desember 2025", "ab" * 32, f"Halaman {number} dari {count}"):
                    self.assertIn(part, text)
        self.assertGreater(len(self.unit.pages), 1)

    def test_screen_readers_find_headings_tables_a_described_picture_title_and_language(self):
        for reader in (self.government, self.unit):
            root = reader.trailer["/Root"]
            self.assertTrue(root["/MarkInfo"]["/Marked"])
            self.assertEqual(root["/Lang"], "id")
            self.assertTrue(root["/ViewerPreferences"]["/DisplayDocTitle"])
            found = tags(root["/StructTreeRoot"]["/K"], [])
            kinds = [kind for kind, _ in found]
            self.assertEqual([kind for kind in kinds if kind == "/H1"], ["/H1"])
            for kind in ("/H2", "/P", "/Table", "/THead", "/TBody", "/TR", "/TH", "/TD", "/L", "/LI"):
                self.assertIn(kind, kinds)
            pictures = [alt for kind, alt in found if kind == "/Figure"]
            self.assertEqual(len(pictures), 1)
            self.assertIn("zona", pictures[0].lower())
        self.assertIn("pdfuaid", self.unit.trailer["/Root"]["/Metadata"].get_data().decode())

    def test_fonts_are_inside_and_the_date_is_that_of_the_release(self):
        fonts = self.unit.pages[0]["/Resources"]["/Font"].values()
        for font in fonts:
            descriptor = font.get_object()["/DescendantFonts"][0]["/FontDescriptor"]
            self.assertTrue({"/FontFile2", "/FontFile3"} & set(descriptor))
        self.assertEqual(str(self.unit.metadata.creation_date)[:19], "2025-12-31 16:45:09")


if __name__ == "__main__":
    unittest.main()
