"""CSV: nothing in it runs, and it reads back as what was written."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.csv_text import bare, cell, rows_to_csv


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+49 30 123",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "\u00a0=1",
        "'=1",
        "''  =1",
        "\uff1d1",
    ],
)
def test_what_looks_like_a_formula_is_marked_and_reads_back(text: str) -> None:
    written = cell(text)
    assert written == "'" + text
    assert bare(written) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-5, "-5"),
        (Decimal("-0.50"), "-0.50"),
        (Decimal("1E+3"), "1000"),
        (None, ""),
        (True, "true"),
        (date(2027, 5, 7), "2027-05-07"),
        (datetime(2027, 5, 7, 8, tzinfo=UTC), "2027-05-07T08:00:00+00:00"),
        ("d'Artagnan", "d'Artagnan"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
    ],
)
def test_values_that_can_not_run_stay_as_they_are(value: object, written: str) -> None:
    assert cell(value) == written
    assert bare(written) == written


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\rab\uff0b"), max_size=8) | st.text())
def test_every_text_reads_back_exactly(text: str) -> None:
    assert bare(cell(text)) == text


def test_a_file_has_crlf_and_quotes_what_needs_it() -> None:
    made = rows_to_csv(("name", "note"), [("Ana, B", 'say "hi"\nthere'), ("=1", -3)])
    assert made.splitlines()[0] == "name,note"
    assert made.endswith("\r\n")
    back = list(csv.reader(io.StringIO(made, newline="")))
    assert back[1:] == [["Ana, B", 'say "hi"\nthere'], ["'=1", "-3"]]
