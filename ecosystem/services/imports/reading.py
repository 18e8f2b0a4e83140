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
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ecosystem.domain.csv_text import bare
from ecosystem.domain.errors import Invalid

What = Literal["packages", "departures"]
Format = Literal["csv", "json"]

MOST_BYTES: dict[Format, int] = {"csv": 48 * 1024**2, "json": 24 * 1024**2}
"""JSON takes several times its length in memory; 10,000 packages of 2 KB fit."""
MOST_RECORDS = 20_000
LONGEST_RECORD = 400_000
"""Characters, of CSV as of JSON."""
MOST_VALUES = 3_000
"""Of one JSON record: the largest package that can be written has some two thousand."""
MOST_VALUES_IN_ALL = 2_000_000
MOST_COLUMNS = 800
MOST_CELLS = 4_000_000
"""Of a CSV file, empty ones too: a record keeps every column."""
LONGEST_CELL = 100_000
DEEPEST = 8
_STORABLE = re.compile("[^\x00\ud800-\udfff]*")
_SPACE = re.compile(r"[ \t\r\n]*+")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]|[^\s"\[\]{},:]++', re.DOTALL)
"""A text, a mark, or a number or word; what comes first wins, so no mark is one within a text."""
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Record:
    """One package or departure of a file.

    ``line``: the row in which a spreadsheet shows it, from 1; in JSON its number.
    """

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """``decimal_comma``: cells are separated by semicolons, and numbers may be written 1299,50."""

    records: tuple[Record, ...]
    columns: tuple[str, ...] = ()
    decimal_comma: bool = False


def too_large(size: int, format: Format) -> Invalid:
    return unreadable(
        f"This file has {size // 1024**2:,} MB; at most {MOST_BYTES[format] // 1024**2} MB of"
        f" {format.upper()} can be imported at once. Split it into several files."
    )


def unreadable(why: str) -> Invalid:
    return Invalid.one("file", why, code="unreadable_file")


def read(content: bytes, what: str, format: Format) -> Table:
    """The records of a file.

    Raises:
        Invalid: ``unreadable_file``, with the line where there is one.
    """
    if len(content) > MOST_BYTES[format]:
        raise too_large(len(content), format)
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
                f"Row {line} has {len(row)} cells, but there are {len(columns)} columns."
                " Is a text with commas not in quotes?"
            )
        # A row that ends early has empty cells there: spreadsheets leave them out.
        cells = [bare(cell) for cell in row[: len(columns)]] + [""] * (len(columns) - len(row))
        records.append(Record(line, dict(zip(columns, cells, strict=True))))
        _not_too_many(len(records))
        if len(records) * len(columns) > MOST_CELLS:
            raise unreadable(
                f"There are more than {MOST_CELLS:,} cells in this file, empty ones included. Split"
                " it into several files, or leave out columns that are empty."
            )
    return Table(tuple(records), tuple(columns), decimal_comma=separator == ";")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows, empty ones among them, with the number that a spreadsheet gives them."""
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = number = 1
    while True:
        lines.length = 0
        try:
            row = next(reader)
        except _TooLong:
            raise unreadable(
                f"The record that begins on line {line} has more than {LONGEST_RECORD:,}"
                " characters. Is a quote not closed?"
            ) from None
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
        yield number, row
        # A cell of several lines is one row.
        line, number = reader.line_num + 1, number + 1


class _TooLong(Exception):
    """A record goes on and on."""


class _Lines:
    """Lines for the parser, which takes a whole record before anybody can look at it; ``length``
    is how much it has been given, and never more than a record may have."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.length += len(line)
        if self.length > LONGEST_RECORD:
            raise _TooLong
        return line


def _check_columns(columns: list[str], line: int) -> None:
    if len(columns) > MOST_COLUMNS:
        raise unreadable(f"There are {len(columns)} columns; at most {MOST_COLUMNS} can be read.")
    for position, name in enumerate(columns, start=1):
        if not name:
            raise unreadable(f"Column {position} has no name in row {line}.")
        if name in columns[: position - 1]:
            raise unreadable(f"There are two columns “{name[:60]}”.")


def _json(text: str, what: str) -> Table:
    return Table(tuple(_Json(text, what).records()))


class _Json:
    """Reads a list record by record, so that no file takes the process's time or memory.

    The parser lets nothing else run until it is through. So it gets one record at a time, and
    none before a scan of bounded length has found where it ends and how many values it has.
    """

    def __init__(self, text: str, what: str) -> None:
        self._text, self._what = text, what
        self._at = 0
        self._number = self._values = 0

    def records(self) -> Iterator[Record]:
        """Those of the list at the top, or of the one by the name of ``what`` in the object there."""
        found = False
        if self._next() == "[":
            yield from self._list()
            found = True
        elif self._next() == "{":
            for name in self._names():
                if name == self._what and self._next() == "[":
                    yield from self._list()
                    found = True
                else:
                    self._value()
        else:
            self._value()
        if not found:
            raise unreadable(f'Expected {{"{self._what}": […]}}, a list of {self._what}.')
        if self._next():
            raise self._broken("there is something after the end")

    def _list(self) -> Iterator[Record]:
        self._at += 1
        if self._took("]"):
            return
        while True:
            self._number += 1
            _not_too_many(self._number)
            item = self._value()
            _check_value(item, self._number)
            yield Record(self._number, item if isinstance(item, dict) else {"": item})
            # Between two records is the moment for others to run.
            time.sleep(0)
            if self._took("]"):
                return
            if not self._took(","):
                raise self._broken("expected “,” or “]”")

    def _names(self) -> Iterator[str]:
        """The names of the object that is next; whoever asks reads each value."""
        self._at += 1
        if self._took("}"):
            return
        while True:
            if self._next() != '"':
                raise self._broken("expected a name in quotes")
            name = self._value()
            if not self._took(":"):
                raise self._broken("expected “:”")
            yield name
            if self._took("}"):
                return
            if not self._took(","):
                raise self._broken("expected “,” or “}”")

    def _value(self) -> Any:
        """The value that is next, parsed once it is known to be small."""
        self._next()
        end = self._end()
        try:
            value, length = _DECODER.raw_decode(self._text[self._at : end])
        except json.JSONDecodeError as error:
            self._at += error.pos
            raise self._broken(error.msg) from None
        except ValueError:
            raise unreadable(
                f"There is a number {self._where()} that can't be used: near {self._place()}."
            ) from None
        self._at += length
        return value

    def _end(self) -> int:
        """Where it ends, or where it would have to if it is broken."""
        furthest = self._at + LONGEST_RECORD
        depth = values = 0
        for token in _TOKEN.finditer(self._text, self._at, furthest):
            match token[0]:
                case "[" | "{":
                    depth += 1
                    values += 1
                case "]" | "}":
                    depth -= 1
                case ",":
                    values += 1
                case '"':  # and it is not closed
                    break
                case _:
                    pass
            if depth > DEEPEST:
                raise unreadable(f"It is nested too deeply {self._where()}: {self._place()}.")
            if values > MOST_VALUES:
                raise unreadable(
                    f"There are more than {MOST_VALUES:,} values {self._where()}: {self._place()}."
                )
            if depth <= 0:
                self._values += values + 1
                if self._values > MOST_VALUES_IN_ALL:
                    raise unreadable(
                        f"There are more than {MOST_VALUES_IN_ALL:,} values in this file, up to"
                        f" {self._place()}. Split it into several files."
                    )
                return token.end()
        if furthest < len(self._text):
            raise unreadable(
                f"There are more than {LONGEST_RECORD:,} characters {self._where()}:"
                f" {self._place()}. Is a bracket or a quote not closed?"
            )
        return len(self._text)

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _took(self, mark: str) -> bool:
        if self._next() != mark:
            return False
        self._at += 1
        return True

    def _where(self) -> str:
        return f"in record {self._number}" if self._number else "in this file"

    def _place(self) -> str:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        return f"line {line}, column {column}"

    def _broken(self, why: str) -> Invalid:
        place = self._place()
        return unreadable(f"{place[0].upper()}{place[1:]}: {why}.")


def _check_value(value: Any, number: int) -> None:
    """Raises for what no database stores: it would be found only when all are written."""
    if isinstance(value, dict):
        for name, part in value.items():
            _check_value(name, number)
            _check_value(part, number)
    elif isinstance(value, list):
        for part in value:
            _check_value(part, number)
    elif isinstance(value, str) and not _STORABLE.fullmatch(value):
        raise unreadable(f"Record {number} has a character that no text has.")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits)
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


def _not_too_many(count: int) -> None:
    if count > MOST_RECORDS:
        raise unreadable(
            f"There are more than {MOST_RECORDS:,} records in this file. Split it into several files."
        )
