"""CSV that a spreadsheet shows and never runs, and that reads back as what was written.

A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
Injection"); so does a text that already begins with apostrophes before such a start, which is
what makes :func:`bare` exact: ``bare(cell(text)) == text`` for every text.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

MARK = "'"
# The full-width forms count as operators in East Asian editions.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def cell(value: object) -> str:
    """What stands in the file for ``value``: nothing for None, neutralised if it is text.

    A number (``int``, ``Decimal``, ``float``) stays a number, also below zero; a flag is
    ``true`` or ``false``; days and moments are ISO 8601.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    text = str(value)
    return MARK + text if _FORMULA.match(text) else text


def bare(text: str) -> str:
    """The text that :func:`cell` wrote as ``text``; anything else as it is."""
    rest = text[len(MARK) :]
    return rest if text.startswith(MARK) and _FORMULA.match(rest) else text


def rows_to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole file: comma separated, CRLF (RFC 4180), every value through :func:`cell`.

    Send it as ``utf-8-sig``: without the mark Excel takes UTF-8 for its own code page.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
