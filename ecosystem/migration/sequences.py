"""Numbers that a table gives itself go on in the other database, with a gap."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import Connection

GAP: Final = 1_000
"""Numbers that are left out, so that one can see where a table changed hands."""


Name = tuple[str, str]
"""Schema and name of a sequence."""


def of(ends: Ends, tables: Sequence[str]) -> list[tuple[Name, Name]]:
    """The sequences of these tables' columns, in the source and in the target."""
    ours, theirs = (_sequences(side, tables) for side in (ends.source, ends.target))
    return [(ours[column], name) for column, name in theirs.items() if column in ours]


def carry(ends: Ends, pairs: Sequence[tuple[Name, Name]]) -> None:
    """Set the target's sequences beyond both their own and the source's."""
    for ours, theirs in pairs:
        last, step = _state(ends.source, ours)
        own, _ = _state(ends.target, theirs)
        further = max(last, own) if step > 0 else min(last, own)
        ends.target.execute(
            "select setval(%s::regclass, %s)", (_quoted(theirs), further + GAP * step)
        )


def _sequences(side: Connection, tables: Sequence[str]) -> dict[tuple[str, str], Name]:
    """Schema and name of the sequence of each column that has one, by table and column."""
    rows = side.execute(
        "select t.relname, a.attname, n.nspname, s.relname"
        " from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'"
        " join pg_namespace n on n.oid = s.relnamespace"
        " join pg_class t on t.oid = d.refobjid"
        " join pg_namespace tn on tn.oid = t.relnamespace and tn.nspname = 'public'"
        " join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid"
        " where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass"
        " and d.deptype in ('a', 'i') and t.relname = any(%s)",
        (list(tables),),
    ).fetchall()
    return {(table, column): (schema, name) for table, column, schema, name in rows}


def _state(side: Connection, name: Name) -> tuple[int, int]:
    """The last number that was given, and the step to the next."""
    row: tuple[Any, ...] | None = side.execute(
        sql.SQL(
            "select last_value, (select seqincrement from pg_sequence"
            " where seqrelid = %s::regclass) from {}"
        ).format(sql.Identifier(*name)),
        (_quoted(name),),
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def _quoted(name: Name) -> str:
    return sql.Identifier(*name).as_string()
