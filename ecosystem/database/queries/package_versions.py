"""The history of packages, and the lock that lets one change at a time happen. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from ecosystem.database.tables import PackageVersion
from ecosystem.database.unit_of_work import RoutedSession


def lock(session: RoutedSession, package_id: UUID) -> None:
    """Wait until nobody else changes this package; theirs is over when this transaction ends.

    It stands idle while the change is made in other transactions, for longer than others may.
    """
    session.execute(text("set local idle_in_transaction_session_timeout = '60s'"))
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('package ' || :id, 0))"),
        {"id": str(package_id)},
    )


def still_there(session: RoutedSession) -> None:
    """Raises ``Unavailable`` (through its unit) when the connection, and its locks, have gone."""
    session.execute(text("select 1"))


def latest(session: RoutedSession, package_id: UUID) -> PackageVersion | None:
    """The last version written or begun."""
    return session.execute(
        select(PackageVersion)
        .where(PackageVersion.package_id == package_id)
        .order_by(PackageVersion.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def latest_of(session: RoutedSession, ids: Sequence[UUID]) -> dict[UUID, PackageVersion]:
    """As :func:`latest`, of many packages."""
    rows = session.execute(
        select(PackageVersion)
        .ext(distinct_on(PackageVersion.package_id))
        .where(PackageVersion.package_id.in_(ids))
        .order_by(PackageVersion.package_id, PackageVersion.version.desc())
    ).scalars()
    return {row.package_id: row for row in rows}


def one(session: RoutedSession, package_id: UUID, version: int) -> PackageVersion | None:
    """A version that was finished."""
    return session.execute(
        select(PackageVersion).where(
            PackageVersion.package_id == package_id,
            PackageVersion.version == version,
            PackageVersion.state == "done",
        )
    ).scalar_one_or_none()


def before(session: RoutedSession, package_id: UUID, version: int) -> PackageVersion | None:
    """The last finished version below ``version``."""
    return session.execute(
        select(PackageVersion)
        .where(
            PackageVersion.package_id == package_id,
            PackageVersion.version < version,
            PackageVersion.state == "done",
        )
        .order_by(PackageVersion.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def history(session: RoutedSession, package_id: UUID, limit: int) -> list[PackageVersion]:
    """Finished versions, the newest first."""
    return list(
        session.execute(
            select(PackageVersion)
            .where(PackageVersion.package_id == package_id, PackageVersion.state == "done")
            .order_by(PackageVersion.version.desc())
            .limit(limit)
        ).scalars()
    )


def since(session: RoutedSession, package_id: UUID, version: int) -> Sequence[Row[Any]]:
    """Who changed which fields after ``version``, in order."""
    return session.execute(
        select(PackageVersion.actor_name, PackageVersion.changed, PackageVersion.at)
        .where(
            PackageVersion.package_id == package_id,
            PackageVersion.version > version,
            PackageVersion.state == "done",
        )
        .order_by(PackageVersion.version)
    ).all()


def put(session: RoutedSession, values: dict[str, Any]) -> None:
    """Write a version down; one that was begun and never happened gives way."""
    statement = insert(PackageVersion).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[PackageVersion.package_id, PackageVersion.version],
            set_={name: statement.excluded[name] for name in values},
            where=PackageVersion.state == "intended",
        )
    )


def see_first(session: RoutedSession, rows: Sequence[dict[str, Any]]) -> None:
    """Begin the histories of packages that have none; those that have one by now keep it."""
    if rows:
        statement = insert(PackageVersion).on_conflict_do_nothing(
            index_elements=[PackageVersion.package_id, PackageVersion.version]
        )
        session.execute(statement, rows)


def finish(session: RoutedSession, package_id: UUID, version: int) -> None:
    session.execute(
        update(PackageVersion)
        .where(PackageVersion.package_id == package_id, PackageVersion.version == version)
        .values(state="done")
    )


def finish_begun(session: RoutedSession, package_id: UUID) -> None:
    """Whatever is begun of a package."""
    session.execute(
        update(PackageVersion)
        .where(PackageVersion.package_id == package_id, PackageVersion.state == "intended")
        .values(state="done")
    )


def drop_begun(session: RoutedSession, package_id: UUID) -> None:
    """Forget what was begun and never happened."""
    session.execute(
        delete(PackageVersion).where(
            PackageVersion.package_id == package_id, PackageVersion.state == "intended"
        )
    )


def drop_all(session: RoutedSession, package_id: UUID) -> None:
    """The history of a package that is no more."""
    session.execute(delete(PackageVersion).where(PackageVersion.package_id == package_id))


def begun_before(session: RoutedSession, moment: datetime, limit: int) -> Sequence[Row[Any]]:
    """``package_id`` and ``operator_id`` of changes that nobody has finished since."""
    return session.execute(
        select(PackageVersion.package_id, PackageVersion.operator_id)
        .where(PackageVersion.state == "intended", PackageVersion.at < moment)
        .order_by(PackageVersion.at)
        .limit(limit)
    ).all()
