"""What makes the source log every change of a table, whoever makes it.

The triggers are made per table rather than found through ``migration_consumers``: a
transaction with an older snapshot would not see a row there, but it does see a trigger. They
fire always, also for a session that asked for no triggers (``session_replication_role``).
"""

from collections.abc import Callable, Sequence
from typing import Final, LiteralString

from psycopg import errors as pg
from psycopg import sql

from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import Connection, Refused

_TRIES: Final = 5

_FUNCTIONS = """
create or replace function public.migration_capture() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if current_setting('migration.origin', true) = 'applier' then
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into public.migration_changes (consumer, tbl, pk)
    select tg_argv[0], tg_table_name, id from new_rows;
  elsif tg_op = 'DELETE' then
    insert into public.migration_changes (consumer, tbl, pk)
    select tg_argv[0], tg_table_name, id from old_rows;
  else
    insert into public.migration_changes (consumer, tbl, pk)
    select tg_argv[0], tg_table_name, id
    from (select id from new_rows union select id from old_rows) keys;
  end if;
  return null;
end $$;
create or replace function public.migration_refuse_truncate() returns trigger
language plpgsql as $$
begin
  raise exception '% is being moved: TRUNCATE leaves no trace that could be carried over',
    tg_table_name using errcode = 'object_in_use', hint = 'DELETE the rows instead.';
end $$;
"""

_TRIGGERS: Final[dict[str, LiteralString]] = {
    "migration_insert": "after insert on {t} referencing new table as new_rows",
    "migration_update": "after update on {t}"
    " referencing old table as old_rows new table as new_rows",
    "migration_delete": "after delete on {t} referencing old table as old_rows",
}
_NO_TRUNCATE: Final = "migration_no_truncate"


def _patiently(side: Connection, work: Callable[[], None], tables: Sequence[str]) -> None:
    """Do ``work`` in a transaction, again when a writer holds a table for too long."""
    for _ in range(_TRIES):
        try:
            with transaction(side, lock_ms=1_000):
                work()
            return
        except (pg.LockNotAvailable, pg.DeadlockDetected):
            continue
    raise Refused(
        f"a long transaction writes {' or '.join(tables)}; nothing was changed."
        " Try again when it has ended"
    )


def capture(source: Connection, tables: Sequence[str], consumer: str) -> None:
    """Make the source log the changes of these tables from now on; repeating it changes nothing.

    Args:
        consumer: the database that the changes are carried to, ``rds`` or ``supabase``.

    The lock that making a trigger takes waits for writers that are under way, so none of their
    changes is missed; new writers wait meanwhile, at most as long as the lock may be asked for.

    Raises:
        Refused: a writer held a table through all attempts.
    """

    def make() -> None:
        source.execute(_FUNCTIONS)
        for table in tables:
            _make(source, table, consumer)

    _patiently(source, make, tables)


def release(source: Connection, tables: Sequence[str]) -> None:
    """Log nothing more; what has been logged stays until it is fetched.

    Raises:
        Refused: a writer held a table through all attempts.
    """

    def drop() -> None:
        for table in tables:
            for name in (*_TRIGGERS, _NO_TRUNCATE):
                source.execute(
                    sql.SQL("drop trigger if exists {} on {}").format(
                        sql.Identifier(name), sql.Identifier("public", table)
                    )
                )

    _patiently(source, drop, tables)


def _make(source: Connection, table: str, consumer: str) -> None:
    t = sql.Identifier("public", table)
    for name, when in _TRIGGERS.items():
        source.execute(
            sql.SQL(
                "create or replace trigger {name} " + when + " for each statement"
                " execute function public.migration_capture({consumer})"
            ).format(name=sql.Identifier(name), t=t, consumer=sql.Literal(consumer))
        )
    source.execute(
        sql.SQL(
            "create or replace trigger {name} before truncate on {t} for each statement"
            " execute function public.migration_refuse_truncate()"
        ).format(name=sql.Identifier(_NO_TRUNCATE), t=t)
    )
    for name in (*_TRIGGERS, _NO_TRUNCATE):
        source.execute(
            sql.SQL("alter table {t} enable always trigger {name}").format(
                t=t, name=sql.Identifier(name)
            )
        )


def captured(source: Connection, *tables: str) -> bool:
    """Whether every trigger of these tables is there and on."""
    row = source.execute(
        "select count(*) from pg_trigger where tgenabled = 'A' and tgname = any(%s)"
        " and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace"
        " and relname = any(%s))",
        ([*_TRIGGERS, _NO_TRUNCATE], list(tables)),
    ).fetchone()
    return row is not None and row[0] == (len(_TRIGGERS) + 1) * len(tables)


def sees_every_row(source: Connection, table: str) -> bool:
    """Whether our role is above the table's policies (row level security)."""
    row = source.execute(
        "select not row_security_active(to_regclass('public.' || quote_ident(%s)))", (table,)
    ).fetchone()
    return row is not None and bool(row[0])
