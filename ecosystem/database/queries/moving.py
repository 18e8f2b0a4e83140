"""What is asked of tables that move, and what was last seen of them. Group: rds.

Leases are measured by the database's clock: workers run on several machines.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import RoutedSession

LEASE_SECONDS = 10
"""A job whose worker gave no sign of life for this long is taken over."""

_JOB = (
    "id, move_group, action, settings, state, asked_by, asked_role, asked_email, asked_at,"
    " worker, attempts, started_at, finished_at, said, error"
)


def groups(session: RoutedSession) -> Sequence[Row[Any]]:
    """Every group with its phase and authority, what was seen of it, and whether it rests.

    ``compared``: by table, what the last comparison found. The read model has no phase of its own.
    """
    return session.execute(
        text(
            """
            select p.move_group as name, g.phase, g.authority, g.epoch, g.pause_ms, g.switched_at,
                   p.paused_at, p.paused_by, p.paused_why, p.throttled, p.copying, p.seen,
                   p.seen_at, p.verified,
                   coalesce((select jsonb_object_agg(s.tbl, s.last_verify) from migration_state s
                             where s.move_group = p.move_group), '{}') as compared
            from migration_pace p left join migration_groups g on g.name = p.move_group
            """
        )
    ).all()


def group(session: RoutedSession, name: str) -> Row[Any] | None:
    """``phase``, ``authority`` and ``paused`` of one group; ``busy``: a job carries it or will."""
    return session.execute(
        text(
            """
            select g.phase, coalesce(g.authority, 'supabase') as authority,
                   p.paused_at is not null as paused,
                   exists (select from migration_jobs j where j.move_group = p.move_group
                           and j.state in ('waiting', 'running')
                           and j.action not in ('verify', 'backup')) as busy
            from migration_pace p left join migration_groups g on g.name = p.move_group
            where p.move_group = :name
            """
        ),
        {"name": name},
    ).one_or_none()


# --- jobs ---------------------------------------------------------------------------------

_TO_TAKE = (
    "(j.state = 'waiting' or (j.state = 'running' and j.beat_at <"
    f" clock_timestamp() - interval '{LEASE_SECONDS} seconds'))"
)


def ask(session: RoutedSession, values: Mapping[str, Any]) -> Row[Any] | None:
    """A new job; None when its group has one that waits or runs."""
    return session.execute(
        text(
            f"""
            insert into migration_jobs
              (id, move_group, action, settings, asked_by, asked_role, asked_email)
            values (:id, :group, :action, cast(:settings as jsonb), :by, :role, :email)
            on conflict (move_group) where state in ('waiting', 'running') do nothing
            returning {_JOB}
            """
        ),
        {**values, "settings": json.dumps(values["settings"])},
    ).one_or_none()


def take(session: RoutedSession, group: str, worker: str) -> Row[Any] | None:
    """Begin the group's job, or go on with one whose worker is gone; None: there is none."""
    return session.execute(
        text(
            f"""
            update migration_jobs set state = 'running', worker = :worker,
              attempts = attempts + 1, beat_at = clock_timestamp(),
              started_at = coalesce(started_at, clock_timestamp())
            where id = (select j.id from migration_jobs j where j.move_group = :group
                        and {_TO_TAKE} for update skip locked limit 1)
            returning {_JOB}
            """
        ),
        {"group": group, "worker": worker},
    ).one_or_none()


def beat(session: RoutedSession, job_id: UUID, attempt: int, said: str) -> Row[Any] | None:
    """A sign of life and the last line; None when somebody else has taken the job over."""
    return session.execute(
        text(
            "update migration_jobs set beat_at = clock_timestamp(), said = :said"
            " where id = :id and state = 'running' and attempts = :attempt returning settings"
        ),
        {"id": job_id, "attempt": attempt, "said": said},
    ).one_or_none()


def end(
    session: RoutedSession, job_id: UUID, attempt: int, state: str, said: str, error: str
) -> bool:
    """What became of a job; False when somebody else has taken it over."""
    ended = session.execute(
        text(
            "update migration_jobs set state = :state, said = :said, error = :error,"
            " worker = case when :state = 'waiting' then '' else worker end, finished_at ="
            " case when :state <> 'waiting' then clock_timestamp() end"
            " where id = :id and state = 'running' and attempts = :attempt returning id"
        ),
        {"id": job_id, "attempt": attempt, "state": state, "said": said, "error": error},
    )
    return ended.one_or_none() is not None


def cancel(session: RoutedSession, job_id: UUID, by: str) -> Row[Any] | None:
    """End a job that waits, ask one that runs to stop; None when it has ended or never was."""
    return session.execute(
        text(
            f"""
            update migration_jobs set
              settings = settings || jsonb_build_object('stop', cast(:by as text)),
              finished_at = case when state = 'waiting' then clock_timestamp() end,
              state = case when state = 'waiting' then 'cancelled' else state end
            where id = :id and state in ('waiting', 'running') returning {_JOB}
            """
        ),
        {"id": job_id, "by": by},
    ).one_or_none()


def latest_jobs(session: RoutedSession) -> Sequence[Row[Any]]:
    """Of each group the job that waits or runs and the latest that has ended."""
    return session.execute(
        text(
            f"""
            select distinct on (move_group, finished_at is null) {_JOB} from migration_jobs
            order by move_group, finished_at is null, asked_at desc, id desc
            """
        )
    ).all()


# --- pace ---------------------------------------------------------------------------------


def pause(session: RoutedSession, group: str, by: str, why: str) -> bool:
    """Let a group rest; False when it does already."""
    paused = session.execute(
        text(
            "update migration_pace set paused_at = clock_timestamp(), paused_by = :by,"
            " paused_why = :why where move_group = :group and paused_at is null"
            " returning move_group"
        ),
        {"group": group, "by": by, "why": why},
    )
    return paused.one_or_none() is not None


def resume(session: RoutedSession, group: str) -> bool:
    """Let a group go on; False when it did not rest."""
    resumed = session.execute(
        text(
            "update migration_pace set paused_at = null, paused_by = '', paused_why = ''"
            " where move_group = :group and paused_at is not null returning move_group"
        ),
        {"group": group},
    )
    return resumed.one_or_none() is not None


def keep_pace(
    session: RoutedSession, group: str, throttled: str, rates: Mapping[str, float]
) -> None:
    """Why a group waits, and how fast its tables are copied at this moment."""
    session.execute(
        text(
            "update migration_pace set throttled = :throttled, copying = jsonb_build_object("
            " 'at', extract(epoch from clock_timestamp()), 'rates', cast(:rates as jsonb))"
            " where move_group = :group"
        ),
        {"group": group, "throttled": throttled, "rates": json.dumps(rates)},
    )


# --- what is seen -------------------------------------------------------------------------


def alive(session: RoutedSession) -> None:
    """A worker runs: said by any of them."""
    session.execute(
        text("update migration_pace set seen_at = clock_timestamp() where move_group = :group"),
        {"group": PACKAGE_EXTRAS},
    )


def due(session: RoutedSession, group: str, what: str, seconds: float) -> bool:
    """Whether it is time to do something again; of several workers one is told so."""
    begun = session.execute(
        text(
            """
            update migration_pace set seen = seen || jsonb_build_object(
                cast(:what as text), extract(epoch from clock_timestamp()))
            where move_group = :group and coalesce((seen ->> :what)::float8, 0)
              < extract(epoch from clock_timestamp()) - :seconds
            returning move_group
            """
        ),
        {"group": group, "what": what, "seconds": seconds},
    )
    return begun.one_or_none() is not None


def again_soon(session: RoutedSession, group: str, what: str) -> None:
    """Let something be done at once that :func:`due` would let wait."""
    session.execute(
        text(
            "update migration_pace set seen = seen - cast(:what as text) where move_group = :group"
        ),
        {"group": group, "what": what},
    )


def keep_seen(session: RoutedSession, group: str, seen: Mapping[str, Any]) -> None:
    """Remember what was seen of a group; other keys of ``seen`` stay."""
    session.execute(
        text(
            "update migration_pace set seen = seen || cast(:seen as jsonb)"
            " where move_group = :group"
        ),
        {"group": group, "seen": json.dumps(seen)},
    )


def keep_verified(session: RoutedSession, group: str, verified: Mapping[str, Any]) -> None:
    """Remember what the last comparison of the read model found."""
    session.execute(
        text(
            "update migration_pace set verified = cast(:verified as jsonb)"
            " where move_group = :group"
        ),
        {"group": group, "verified": json.dumps(verified)},
    )


def latest_backups(session: RoutedSession) -> Sequence[Row[Any]]:
    """The latest backup of each group."""
    return session.execute(
        text(
            "select distinct on (move_group) move_group, taken_at, rows, bytes"
            " from migration_backups order by move_group, taken_at desc"
        )
    ).all()


def last_switches(session: RoutedSession, actions: Sequence[str]) -> Sequence[Row[Any]]:
    """The latest change of authority of each group, from the audit log."""
    return session.execute(
        text(
            """
            select distinct on (subject_id) subject_id as name, at, action, data,
                   actor_email as who
            from audit_log where subject_type = 'migration' and action = any(:actions)
            order by subject_id, id desc
            """
        ),
        {"actions": list(actions)},
    ).all()


def timeline(
    session: RoutedSession, group: str, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """What happened to one group, or to all, latest first, before the entry ``before``."""
    return session.execute(
        text(
            """
            select id, at, subject_id as name, action, data, actor_role as role,
                   actor_email as email
            from audit_log
            where subject_type = 'migration' and (cast(:group as text) = '' or subject_id = :group)
              and (cast(:before as bigint) is null or id < :before)
            order by id desc limit :limit
            """
        ),
        {"group": group, "before": before, "limit": limit},
    ).all()


# --- either database ----------------------------------------------------------------------


def load(connection: Connection) -> int:
    """How many statements are being worked on at this moment, those of moving left out.

    A role without ``pg_read_all_stats`` sees only its own.
    """
    return connection.execute(
        text(
            "select count(*) from pg_stat_activity where state = 'active'"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
            " and application_name not like 'ecosystem migrate%'"
        )
    ).scalar_one()


def write_something(connection: Connection) -> None:
    """The smallest thing that has to reach the disk with the commit: nobody reads it."""
    connection.execute(text("select pg_logical_emit_message(true, 'ecosystem', '')"))


def given_up(connection: Connection, group: str) -> bool:
    """Whether this database has given up authority over a group for good."""
    return bool(
        connection.execute(
            text("select final from migration_gates where move_group = :group"), {"group": group}
        ).scalar_one_or_none()
    )
