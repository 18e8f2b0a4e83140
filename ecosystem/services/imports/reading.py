"""A file as it came: which records are in it, and on which lines. Trusts nothing.

What can't be read as a whole is refused with the place and what to do; what is wrong with one
record is for whoever looks at that record.
"""

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ecosystem.domain.csv_text import bare
from ecosystem.domain.errors import Invalid

What = Literal["packages", "departures"]
Format = Literal["csv", "json"]

MOST_BYTES = 48 * 1024 * 1024
MOST_RECORDS = 20_000
MOST_COLUMNS = 800
LONGEST_CELL = 100_000
DEEPEST = 8
_STORABLE = re.compile("[^\x00\ud800-\udfff]*")
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Record:
    """One package or departure of a file. ``line`` counts from 1; in JSON it is its number."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """``decimal_comma``: cells are separated by semicolons, and numbers may be written 1299,50."""

    records: tuple[Record, ...]
    columns: tuple[str, ...] = ()
    decimal_comma: bool = False


def too_large(size: int) -> Invalid:
    return unreadable(
        f"This file has {size / 1024 / 1024:.0f} MB; at most {MOST_BYTES // 1024 // 1024} MB can be"
        " imported at once. Split it into several files."
    )


def unreadable(why: str) -> Invalid:
    return Invalid.one("file", why, code="unreadable_file")


def read(content: bytes, what: What, format: Format) -> Table:
    """The records of a file.

    Raises:
        Invalid: ``unreadable_file``, with the line where there is one.
    """
    if len(content) > MOST_BYTES:
        raise too_large(len(content))
    text = _text(content)
    if not text.strip():
        raise unreadable("This file is empty.")
    table = _csv(text) if format == "csv" else _json(text, what)
    if not table.records:
        raise unreadable(f"There are no {what} in this file.")
    return table


def _text(content: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise unreadable(
            f"Line {line} is not UTF-8 text. In Excel, save as “CSV UTF-8 (Comma delimited)”."
        ) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise unreadable(
            f"Line {line} has a character that no text has. Is this a CSV or JSON file?"
        )
    return text


def _csv(text: str) -> Table:
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = _rows(text, separator)
    line, header = next(rows)
    columns = [bare(name).strip().lower() for name in header]
    while columns and not columns[-1]:
        columns.pop()
    _check_columns(columns, line)
    records = []
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(columns) :]):
            raise unreadable(
                f"Line {line} has {len(row)} cells, but there are {len(columns)} columns."
                " Is a text with commas not in quotes?"
            )
        # A row that ends early has empty cells there: spreadsheets leave them out.
        cells = [bare(cell) for cell in row[: len(columns)]] + [""] * (len(columns) - len(row))
        records.append(Record(line, dict(zip(columns, cells, strict=True))))
        _not_too_many(len(records))
    return Table(tuple(records), tuple(columns), decimal_comma=separator == ";")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = str(error)
            if "unexpected end" in why:
                why = "a text begins with a quote that is never closed"
            elif "field larger" in why:
                why = f"a cell has more than {LONGEST_CELL:,} characters; is a quote not closed?"
            raise unreadable(
                f"The record that begins on line {line} can't be read: {why}."
            ) from None
        yield line, row
        line = reader.line_num + 1


def _check_columns(columns: list[str], line: int) -> None:
    if len(columns) > MOST_COLUMNS:
        raise unreadable(f"There are {len(columns)} columns; at most {MOST_COLUMNS} can be read.")
    for position, name in enumerate(columns, start=1):
        if not name:
            raise unreadable(f"Column {position} has no name on line {line}.")
        if name in columns[: position - 1]:
            raise unreadable(f"There are two columns “{name[:60]}”.")


def _json(text: str, what: What) -> Table:
    try:
        document = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise unreadable("This file is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise unreadable(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except ValueError:
        raise unreadable("There is a number in this file that can't be used.") from None
    items = document.get(what) if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise unreadable(f'Expected {{"{what}": […]}}, a list of {what}.')
    _not_too_many(len(items))
    for number, item in enumerate(items, start=1):
        _check_value(item, number)
    return Table(
        tuple(
            Record(number, item if isinstance(item, dict) else {"": item})
            for number, item in enumerate(items, start=1)
        )
    )


def _check_value(value: Any, number: int, depth: int = 0) -> None:
    """Raises for what no database stores: it would be found only when all are written."""
    if depth > DEEPEST:
        raise unreadable(f"Record {number} is nested too deeply.")
    if isinstance(value, dict):
        for name, part in value.items():
            _check_value(name, number, depth)
            _check_value(part, number, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _check_value(part, number, depth + 1)
    elif isinstance(value, str) and not _STORABLE.fullmatch(value):
        raise unreadable(f"Record {number} has a character that no text has.")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits)
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _not_too_many(count: int) -> None:
    if count > MOST_RECORDS:
        raise unreadable(
            f"There are more than {MOST_RECORDS:,} records in this file. Split it into several files."
        )
