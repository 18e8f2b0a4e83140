"""Sheets of paper: what is written is there, in any script, and a table goes on overleaf."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from ecosystem.services.documents import Column, Paper

MADE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _read(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_the_same_content_is_the_same_file() -> None:
    def once() -> bytes:
        paper = Paper("Voucher", made=MADE)
        paper.text("Two nights in Tromsø")
        return paper.finished()

    assert once() == once()


@pytest.mark.parametrize(
    "name", ["Ķēniņš Şule", "Анна Петрова", "Αθηνά", "山田太郎", "김민수", "Nguyễn Văn"]
)
def test_a_name_in_any_script_is_on_the_page_and_its_letters_in_the_file(name: str) -> None:
    paper = Paper("Voucher", made=MADE)
    paper.facts([("Traveller", name)])
    content = paper.finished()
    assert name in _read(content)[0]
    for page in PdfReader(BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile2" in descriptor.get_object()


def test_letters_no_font_has_are_shown_as_boxes_and_control_characters_do_no_harm() -> None:
    paper = Paper("Voucher", made=MADE)
    paper.text("Trip 🏔 with\tnull \x00 and\r\nbreak")
    text = _read(paper.finished())[0]
    assert "□" in text
    assert "break" in text


def test_a_long_table_repeats_its_labels_and_numbers_its_pages() -> None:
    paper = Paper("Statement", made=MADE, foot="STATEMENT-1")
    rows = [(f"Line {n}", f"€{n}") for n in range(120)]
    paper.table([Column("What", 3), Column("Amount", 1, "end")], rows, totals=[("Sum", "€7,140")])
    pages = _read(paper.finished())
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert "What" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "STATEMENT-1" in page
    assert "€7,140" in pages[-1]
    assert sum(page.count("Line ") for page in pages) == 120


def test_a_cell_of_any_length_fits() -> None:
    paper = Paper("Evidence", made=MADE)
    paper.table([Column("Text")], [("word " * 5000,)])
    assert len(_read(paper.finished())) >= 1
