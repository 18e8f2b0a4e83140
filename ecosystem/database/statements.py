"""Statements as the driver takes them, made from our tables: for those sent several in one go.

What they read and write is what the tables say; :meth:`RoutedSession.at_once` and
:meth:`Database.together` send them.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, LiteralString, TypeVar, cast

from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table, TextClause
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import SQLModel

Statement = tuple[LiteralString, Mapping[str, Any]]
"""SQL with named placeholders (``%(name)s``), and their values."""

T = TypeVar("T", bound=SQLModel)


def select(
    table: type[SQLModel],
    where: LiteralString,
    values: Mapping[str, Any],
    *,
    lock: bool = False,
) -> Statement:
    """All columns of a table's rows; with ``lock`` the rows stay ours until the commit.

    ``where`` may end with an order. The columns are named, so that one that is added while
    we run does not change a prepared statement's result.
    """
    return cast("LiteralString", _select(table, where, lock)), values


def read(table: type[T], row: Any) -> T:
    """An object from all columns of a row, as a session makes it: nothing of it counts as changed.

    The table's own constructor says of every column that it was set, which takes far longer.
    """
    made = cast("T", manager_of_class(table).new_instance())
    made.__dict__.update(row._asdict())
    return made


def written(clause: TextClause, values: Mapping[str, Any]) -> Statement:
    """SQL that is written as text, with its values (``:name``)."""
    return cast("LiteralString", _written(clause)), values


def insert(rows: Sequence[SQLModel], ending: LiteralString = "") -> Statement:
    """New rows of one table; what is not given and has a default is left to the database.

    ``ending`` is ``on conflict …`` or ``returning …``.
    """
    table = _table(type(rows[0]))
    given = [column for column in table.columns if not _left_out(rows[0], column)]
    names = tuple(str(column.name) for column in given)
    values = {
        f"{name}_{number}": _value(column, getattr(row, name))
        for number, row in enumerate(rows)
        for name, column in zip(names, given, strict=True)
    }
    return cast("LiteralString", _insert(table, names, len(rows), ending)), values


def change(
    table: type[SQLModel], key: Any, condition: LiteralString = "", **values: Any
) -> Statement:
    """Set columns of the row with this id.

    ``condition`` narrows it down and may end with ``returning …``; a value of its own is given
    under a name that is no column of the table.
    """
    columns = _table(table).columns
    written = tuple(name for name in values if name in columns)
    sql = cast("LiteralString", _change(table, written, condition))
    return sql, {
        "key": key,
        **{n: _value(columns[n], v) if n in columns else v for n, v in values.items()},
    }


def _table(table: type[SQLModel]) -> Table:
    return table.__table__  # type: ignore[attr-defined]


def _left_out(row: SQLModel, column: Column[Any]) -> bool:
    made = column.server_default is not None or column is column.table.autoincrement_column  # type: ignore[attr-defined]
    return made and getattr(row, str(column.name)) is None


def _value(column: Column[Any], value: Any) -> Any:
    return Jsonb(value) if value is not None and isinstance(column.type, JSONB) else value


@lru_cache(maxsize=256)
def _written(clause: TextClause) -> str:
    return str(clause.compile(dialect=PGDialect_psycopg()))


@lru_cache(maxsize=256)
def _select(table: type[SQLModel], where: str, lock: bool) -> str:
    columns = ", ".join(str(column.name) for column in _table(table).columns)
    ending = " for update" if lock else ""
    return f"select {columns} from {_table(table).name} where {where}{ending}"


@lru_cache(maxsize=256)
def _insert(table: Table, names: Sequence[str], count: int, ending: str) -> str:
    rows = ", ".join(
        f"({', '.join(f'%({name}_{number})s' for name in names)})" for number in range(count)
    )
    return f"insert into {table.name} ({', '.join(names)}) values {rows} {ending}"


@lru_cache(maxsize=256)
def _change(table: type[SQLModel], names: Sequence[str], condition: str) -> str:
    written = ", ".join(f"{name} = %({name})s" for name in names)
    return f"update {_table(table).name} set {written} where id = %(key)s {condition}"
