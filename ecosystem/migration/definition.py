"""What a table is, as statements that make it again in an empty database.

Read from the catalogue, so that it also has what nobody wrote into a migration. Statements are in
three parts: before the rows, after them, and the rules, which need parts of the database that a
backup does not have (roles, functions of ``auth``, other tables).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import LiteralString

from psycopg.rows import dict_row

from ecosystem.migration.plan import Connection, Refused


@dataclass
class Definition:
    """Statements, in the order in which they work.

    Attributes:
        before: extensions, types, functions that columns need, sequences, tables.
        after: keys, checks, indexes, foreign keys among the tables, positions of sequences.
        rules: foreign keys to other tables, triggers and their functions, row level security,
            policies, grants. Triggers that only serve moving the table are left out.
    """

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


def define(connection: Connection, tables: Sequence[str]) -> Definition:
    """Read the definition of tables of the schema ``public``.

    The transaction's ``search_path`` has to be empty: then the catalogue names everything in full.

    Raises:
        Refused: a table is not there, or is something that these statements can't make.
    """
    made = Definition()
    for table in tables:
        _ordinary(connection, table)
    made.before += _lines(connection, _TYPES, tables)
    made.before += _lines(connection, _COLUMN_FUNCTIONS, tables)
    made.before += _lines(connection, _SEQUENCES, tables)
    for table in tables:
        (columns,) = _lines(connection, _COLUMNS, [table])
        made.before.append(f"create table {_named(connection, table)} (\n{columns}\n)")
    for query in (_OWNED, _CONSTRAINTS, _INDEXES, _INNER_KEYS, _POSITIONS):
        made.after += _lines(connection, query, tables)
    for query in (_OUTER_KEYS, _RULE_FUNCTIONS, _TRIGGERS, _SECURITY, _POLICIES, _GRANTS):
        made.rules += _lines(connection, query, tables)
    return made


def _ordinary(connection: Connection, table: str) -> None:
    cursor = connection.cursor(row_factory=dict_row)
    found = cursor.execute(
        """
        select c.relkind = 'r' and not c.relispartition and not exists (
                 select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)
               ) as ordinary,
               (select string_agg(format('%%s %%s', a.attname,
                                         format_type(a.atttypid, a.atttypmod)), ', ')
                from pg_attribute a join pg_type t on t.oid = a.atttypid
                join pg_type e on e.oid = coalesce(nullif(t.typelem, 0), t.oid)
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                  and e.typnamespace <> 'pg_catalog'::regnamespace
                  and e.typtype not in ('e', 'd')
                  and not exists (select from pg_depend x where x.classid = 'pg_type'::regclass
                                  and x.objid = e.oid and x.deptype = 'e')) as unknown
        from pg_class c where c.oid = to_regclass('public.' || quote_ident(%s))
        """,
        (table,),
    ).fetchone()
    if found is None:
        raise Refused(f"there is no table {table}")
    if not found["ordinary"]:
        raise Refused(
            f"{table} is a view, partitioned or inherits: it can't be backed up like this"
        )
    if found["unknown"]:
        raise Refused(f"{table} has columns of types that a backup can't make: {found['unknown']}")


def _named(connection: Connection, table: str) -> str:
    row = connection.execute("select format('public.%%I', %s::text)", (table,)).fetchone()
    return str(row[0]) if row else table


def _lines(connection: Connection, query: LiteralString, tables: Sequence[str]) -> list[str]:
    rows = connection.execute(_HEAD + query, {"tables": list(tables)}).fetchall()
    return [str(row[0]) for row in rows if row[0]]


_HEAD: LiteralString = """
with recursive chosen as (
  select to_regclass('public.' || quote_ident(name)) as oid from unnest(%(tables)s::text[]) name
), used_types (oid) as (
  select coalesce(nullif(t.typelem, 0), t.oid)
  from chosen join pg_attribute a on a.attrelid = chosen.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  union
  select coalesce(nullif(b.typelem, 0), b.oid)
  from used_types u join pg_type d on d.oid = u.oid and d.typtype = 'd'
  join pg_type b on b.oid = d.typbasetype
)
"""

_TYPES: LiteralString = """
, extensions as (
  select distinct x.extname from used_types u
  join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = u.oid and d.deptype = 'e'
  join pg_extension x on x.oid = d.refobjid
)
select statement from (
  select 0 as part, 0::oid as at, format('create extension if not exists %%I', extname) as statement
  from extensions
  union all
  select 1, t.oid, case t.typtype
    when 'e' then format('create type %%I.%%I as enum (%%s)', n.nspname, t.typname,
      (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
       from pg_enum e where e.enumtypid = t.oid))
    else format('create domain %%I.%%I as %%s%%s%%s%%s', n.nspname, t.typname,
      format_type(t.typbasetype, t.typtypmod),
      coalesce(' default ' || t.typdefault, ''),
      case when t.typnotnull then ' not null' else '' end,
      coalesce((select string_agg(format(' constraint %%I %%s', c.conname,
                                         pg_get_constraintdef(c.oid)), '' order by c.conname)
                from pg_constraint c where c.contypid = t.oid and c.contype = 'c'), ''))
    end
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.oid in (select oid from used_types) and t.typtype in ('e', 'd')
    and n.nspname <> 'pg_catalog'
    and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass
                    and d.objid = t.oid and d.deptype = 'e')
) made order by part, at, statement
"""

_OWN_FUNCTION: LiteralString = """
  f.pronamespace <> 'pg_catalog'::regnamespace and f.prokind in ('f', 'p')
  and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass
                  and e.objid = f.oid and e.deptype = 'e')
"""

_COLUMN_FUNCTIONS: LiteralString = (
    """
select pg_get_functiondef(f.oid) from pg_proc f where f.oid in (
  select d.refobjid from pg_depend d
  where d.refclassid = 'pg_proc'::regclass and (
    (d.classid = 'pg_attrdef'::regclass and d.objid in
       (select a.oid from pg_attrdef a where a.adrelid in (select oid from chosen)))
    or (d.classid = 'pg_constraint'::regclass and d.objid in
       (select c.oid from pg_constraint c where c.conrelid in (select oid from chosen)
        or c.contypid in (select oid from used_types)))
    or (d.classid = 'pg_class'::regclass and d.objid in
       (select i.indexrelid from pg_index i where i.indrelid in (select oid from chosen)))
  )
) and """
    + _OWN_FUNCTION
    + " order by f.oid"
)

_SEQUENCE: LiteralString = """
, sequences as (
  select s.*, a.attrelid, a.attname, a.attidentity, c.relname as sequence,
         n.nspname as schema
  from chosen join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = chosen.oid
    and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0
  join pg_sequence s on s.seqrelid = d.objid
  join pg_class c on c.oid = d.objid join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = chosen.oid and a.attnum = d.refobjsubid
)
"""

_SEQUENCES: LiteralString = (
    _SEQUENCE
    + """
select format('create sequence %%I.%%I as %%s increment %%s minvalue %%s maxvalue %%s start %%s'
              ' cache %%s%%s', schema, sequence, format_type(seqtypid, null), seqincrement, seqmin,
              seqmax, seqstart, seqcache, case when seqcycle then ' cycle' else '' end)
from sequences where attidentity = '' order by schema, sequence
"""
)

_OWNED: LiteralString = (
    _SEQUENCE
    + """
select format('alter sequence %%I.%%I owned by %%s.%%I', schema, sequence, attrelid::regclass,
              attname)
from sequences where attidentity = '' order by schema, sequence
"""
)

_POSITIONS: LiteralString = (
    _SEQUENCE
    + """
select format('select setval(pg_get_serial_sequence(%%L, %%L), %%s)', attrelid::regclass, attname,
              pg_sequence_last_value(seqrelid))
from sequences where pg_sequence_last_value(seqrelid) is not null order by schema, sequence
"""
)

_COLUMNS: LiteralString = """
select string_agg(format('  %%I %%s%%s%%s%%s', a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attcollation not in (0, t.typcollation)
         then (select format(' collate %%I.%%I', n.nspname, l.collname)
               from pg_collation l join pg_namespace n on n.oid = l.collnamespace
               where l.oid = a.attcollation) else '' end,
    case when a.attidentity = 'a' then ' generated always as identity'
         when a.attidentity = 'd' then ' generated by default as identity'
         when a.attgenerated = 's'
           then ' generated always as (' || pg_get_expr(v.adbin, v.adrelid) || ') stored'
         when a.attgenerated = 'v'
           then ' generated always as (' || pg_get_expr(v.adbin, v.adrelid) || ') virtual'
         else coalesce(' default ' || pg_get_expr(v.adbin, v.adrelid), '') end,
    case when a.attnotnull then ' not null' else '' end), E',\\n' order by a.attnum)
from chosen join pg_attribute a on a.attrelid = chosen.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef v on v.adrelid = a.attrelid and v.adnum = a.attnum
"""

_ADD: LiteralString = (
    "select format('alter table %%s add constraint %%I %%s', c.conrelid::regclass, c.conname,"
    " pg_get_constraintdef(c.oid)) from pg_constraint c where c.conrelid in (select oid from chosen)"
)
_IN_ORDER: LiteralString = (
    " order by array_position(array['p', 'u', 'x', 'c', 'f'], c.contype::text), c.oid"
)
_CONSTRAINTS: LiteralString = _ADD + " and c.contype in ('p', 'u', 'x', 'c')" + _IN_ORDER
_INNER_KEYS: LiteralString = (
    _ADD + " and c.contype = 'f' and c.confrelid in (select oid from chosen)" + _IN_ORDER
)
_OUTER_KEYS: LiteralString = (
    _ADD + " and c.contype = 'f' and c.confrelid not in (select oid from chosen)" + _IN_ORDER
)

_INDEXES: LiteralString = """
select pg_get_indexdef(i.indexrelid) from pg_index i
where i.indrelid in (select oid from chosen) and i.indisvalid
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid
                  and c.contype in ('p', 'u', 'x'))
order by i.indexrelid
"""

_OWN_TRIGGER: LiteralString = """
  g.tgrelid in (select oid from chosen) and not g.tgisinternal
  and g.tgfoid in (select p.oid from pg_proc p where p.proname not like 'migration\\_%%')
"""

_RULE_FUNCTIONS: LiteralString = (
    """
select pg_get_functiondef(f.oid) from pg_proc f where (
  f.oid in (select g.tgfoid from pg_trigger g where """
    + _OWN_TRIGGER
    + """)
  or f.oid in (select d.refobjid from pg_depend d join pg_policy p on p.oid = d.objid
               where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass
                 and p.polrelid in (select oid from chosen))
) and """
    + _OWN_FUNCTION
    + " order by f.oid"
)

_TRIGGERS: LiteralString = (
    """
select unnest(array[pg_get_triggerdef(g.oid),
  case g.tgenabled
    when 'A' then format('alter table %%s enable always trigger %%I', g.tgrelid::regclass, g.tgname)
    when 'R' then format('alter table %%s enable replica trigger %%I', g.tgrelid::regclass, g.tgname)
    when 'D' then format('alter table %%s disable trigger %%I', g.tgrelid::regclass, g.tgname)
  end])
from pg_trigger g where """
    + _OWN_TRIGGER
    + " order by g.tgrelid, g.tgname"
)

_SECURITY: LiteralString = """
select unnest(array[
  case when c.relrowsecurity then format('alter table %%s enable row level security', c.oid::regclass)
  end,
  case when c.relforcerowsecurity
    then format('alter table %%s force row level security', c.oid::regclass) end])
from pg_class c where c.oid in (select oid from chosen) order by c.oid
"""

_POLICIES: LiteralString = """
select format('create policy %%I on %%s as %%s for %%s to %%s%%s%%s', p.polname, p.polrelid::regclass,
  case when p.polpermissive then 'permissive' else 'restrictive' end,
  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                when 'd' then 'delete' else 'all' end,
  (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ')
   from unnest(p.polroles) r),
  coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
  coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
from pg_policy p where p.polrelid in (select oid from chosen) order by p.polrelid, p.polname
"""

_GRANTS: LiteralString = (
    _SEQUENCE
    + """
select format('grant %%s on %%s%%s to %%s',
  string_agg(x.privilege_type, ', ' order by x.privilege_type),
  case c.relkind when 'S' then 'sequence ' else '' end, c.oid::regclass,
  case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end)
from pg_class c cross join lateral aclexplode(c.relacl) x
where c.oid in (select oid from chosen union select seqrelid from sequences)
  and x.grantee <> c.relowner
group by c.oid, x.grantee order by c.oid, x.grantee
"""
)
