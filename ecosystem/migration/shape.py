"""Whether a table has the same columns on both sides."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from ecosystem.database.pipelines import in_one_go
from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import Connection, Refused

_ALIKE = "citext"
"""Its hash takes for equal what is not."""


@dataclass(frozen=True)
class Column:
    """One column as the catalogue has it.

    Attributes:
        labels: of an enum, in their order.
        rule: what a domain is made of, and its checks.
        generated: computed by the database; never copied.
        portable: its binary form is the same in every database. That of an array or a row of
            types that are not PostgreSQL's own names them by numbers of its own database.
        hashable: PostgreSQL has a hash for it.
    """

    name: str
    type: str
    required: bool
    generated: bool
    labels: tuple[str, ...]
    rule: str
    portable: bool = field(default=True, repr=False, compare=False)
    hashable: bool = field(default=True, repr=False, compare=False)

    @property
    def hashed(self) -> sql.Composable:
        """The expression that is hashed. An enum's hash is made of an id of its own database."""
        name = sql.Identifier(self.name)
        alike = self.type.removesuffix("[]") == _ALIKE
        as_text = self.labels or alike or not (self.portable and self.hashable)
        return sql.SQL("{}::text").format(name) if as_text else name


@dataclass(frozen=True)
class Shape:
    """The columns of a table, in the order of their names."""

    table: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> sql.Composable:
        return sql.Identifier("public", self.table)

    @property
    def copied(self) -> tuple[str, ...]:
        """Names of the columns that are carried over."""
        return tuple(column.name for column in self.columns if not column.generated)

    @property
    def listed(self) -> sql.Composable:
        """The same as SQL: ``"a", "b"``."""
        return sql.SQL(", ").join(map(sql.Identifier, self.copied))

    @property
    def format(self) -> sql.Composable:
        """How rows travel: binary, or as text where binary means something else over there."""
        binary = all(column.portable for column in self.columns if not column.generated)
        return sql.SQL("(format binary)" if binary else "(format text)")

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self.columns).encode()).hexdigest()


_COLUMNS: Final = """
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull as required, a.attgenerated <> '' as generated,
           array(select e.enumlabel from pg_enum e
                 where e.enumtypid in (b.oid, b.typelem) order by e.enumsortorder) as labels,
           case when t.typtype = 'd' then concat_ws(' ',
             format_type(t.typbasetype, t.typtypmod),
             (select string_agg(d, ' and ' order by d)
              from (select pg_get_constraintdef(c.oid) as d from pg_constraint c
                    where c.contypid = t.oid) s)) else '' end as rule,
           -- 16384: the first number that is not PostgreSQL's own. A range, a row or an array
           -- says which types are in it.
           case when b.typtype in ('r', 'm', 'c') then b.oid < 16384
                else b.typelem < 16384 end as portable,
           b.typtype in ('r', 'm') or exists (
             select from pg_opclass o join pg_am m on m.oid = o.opcmethod
             where m.amname = 'hash' and o.opcdefault and o.opcintype =
               -- What varies in length is hashed as what it is stored like.
               case e.oid when 'varchar'::regtype then 'text'::regtype::oid else e.oid end
           ) as hashable
    from pg_attribute a join pg_type t on t.oid = a.atttypid
         join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
         join pg_type e on e.oid = case b.typcategory when 'A' then b.typelem else b.oid end
    where a.attrelid = to_regclass('public.' || quote_ident(%s))
      and a.attnum > 0 and not a.attisdropped
    order by a.attname
"""


def read_shape(connection: Connection, table: str) -> Shape:
    """The table as the catalogue has it; no columns when there is no such table."""
    return read_shapes(connection, [table])[0]


def read_shapes(connection: Connection, tables: Sequence[str]) -> list[Shape]:
    """The same of several, asked for in one go."""
    with in_one_go(connection):
        read = [
            connection.cursor(row_factory=class_row(Column)).execute(_COLUMNS, (table,))
            for table in tables
        ]
    return [
        Shape(table, tuple(cursor.fetchall())) for table, cursor in zip(tables, read, strict=True)
    ]


def same_shape(ends: Ends, table: str) -> Shape:
    """The shape that both sides have.

    Raises:
        Refused: they differ; the message names each difference.
    """
    source, target = read_shape(ends.source, table), read_shape(ends.target, table)
    ours, theirs = ({c.name: c for c in one.columns} for one in (source, target))
    told = [
        f"{table}.{name}: {_words(ours.get(name))} in {ends.source_words},"
        f" {_words(theirs.get(name))} in {ends.target_words}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    if told:
        raise Refused("the columns differ: " + "; ".join(told))
    if "id" not in ours or ours["id"].type != "uuid":
        raise Refused(f"{table} has no key `id` of type uuid, or is not there")
    return source


def count(side: Connection, table: str) -> int:
    """How many rows a table has."""
    row = side.execute(
        sql.SQL("select count(*) from {}").format(sql.Identifier("public", table))
    ).fetchone()
    return row[0] if row else 0


def row_bytes(side: Connection, table: str) -> int:
    """How large a row is on average as it is stored; 1 of a table about which nothing is known."""
    row = side.execute(
        "select (pg_table_size(oid) / reltuples)::bigint from pg_class"
        " where oid = to_regclass('public.' || quote_ident(%s)) and reltuples > 0",
        (table,),
    ).fetchone()
    return max(1, row[0]) if row else 1


def one_of(keys: Sequence[UUID]) -> sql.Composable:
    """``where`` the key is one of these."""
    return sql.SQL("where id = any({}::uuid[])").format(sql.Literal([str(key) for key in keys]))


def within(after: UUID | None, until: UUID | None) -> sql.Composable:
    """``where`` the key is in a range; None is no end. The first key is not in it, the last is."""
    ends: list[tuple[LiteralString, UUID | None]] = [("id > {}", after), ("id <= {}", until)]
    conditions = [sql.SQL(end).format(sql.Literal(key)) for end, key in ends if key is not None]
    return sql.SQL("where ") + sql.SQL(" and ").join([sql.SQL("true"), *conditions])


def _words(column: Column | None) -> str:
    if column is None:
        return "missing"
    parts = [column.type, "not null" if column.required else "", column.rule]
    parts += ["generated" if column.generated else "", "/".join(column.labels)]
    return " ".join(part for part in parts if part)
