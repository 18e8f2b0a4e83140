"""What our role has to be allowed in a database, so that nothing is refused in the middle of a move."""

from collections.abc import Sequence
from typing import Final

from ecosystem.migration.ends import can_be_silent
from ecosystem.migration.plan import Connection

_BOOKS: Final = ("migration_changes", "migration_gates", "migration_state", "migration_ranges")
"""What a move writes down, in both databases."""

_FUNCTIONS: Final = ("migration_capture", "migration_refuse_truncate")

_MISSING: Final = """
select told from (
  select 1 as n, format('does not own %%I, %%I does: connect as %%I, or run there `grant %%I to %%I`',
                        c.relname, o.rolname, o.rolname, o.rolname, current_user) as told
  from pg_class c join pg_roles o on o.oid = c.relowner
  where c.relnamespace = 'public'::regnamespace and c.relname = any(%(tables)s)
    and not pg_has_role(o.oid, 'usage')
  union all
  select 2, format('does not own the function %%I, %%I does: run there `grant %%I to %%I`',
                   p.proname, o.rolname, o.rolname, current_user)
  from pg_proc p join pg_roles o on o.oid = p.proowner
  where p.pronamespace = 'public'::regnamespace and p.proname = any(%(functions)s)
    and not pg_has_role(o.oid, 'usage')
  union all
  select 3, format('may make no function in the schema public: run there'
                   ' `grant create on schema public to %%I`', current_user)
  where not has_schema_privilege('public', 'create')
  union all
  select 4, format('may not %%s %%I: run there `grant select, insert, update, delete on %%I to %%I`',
                   right_to, c.relname, c.relname, current_user)
  from pg_class c, unnest(array['select', 'insert', 'update', 'delete']) right_to
  where c.relnamespace = 'public'::regnamespace and c.relname = any(%(books)s)
    and not has_table_privilege(c.oid, right_to)
  union all
  select 5, format('does not see every row of %%I: policies hide some. Connect as its owner %%I or'
                   ' as a role with BYPASSRLS', c.relname, o.rolname)
  from pg_class c join pg_roles o on o.oid = c.relowner
  where c.relnamespace = 'public'::regnamespace and c.relname = any(%(books)s)
    and row_security_active(c.oid)
) missing order by n, told limit 1
"""


def missing_right(side: Connection, tables: Sequence[str]) -> str:
    """What our role lacks there to move these tables, after "our role … "; empty: nothing.

    Triggers are made, switched on and off by whoever owns a table, and by members of that role.
    """
    if not can_be_silent(side):
        row = side.execute("select quote_ident(current_user)").fetchone()
        return (
            "may not copy rows without triggers: run there"
            f" `grant set on parameter session_replication_role to {row[0] if row else ''}`"
        )
    row = side.execute(
        _MISSING,
        {"tables": list(tables), "functions": list(_FUNCTIONS), "books": list(_BOOKS)},
    ).fetchone()
    return row[0] if row else ""
