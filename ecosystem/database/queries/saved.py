"""Packages that somebody saved or has looked at, by ``Actor.holder``. Group: rds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import SavedPackage, SeenPackage
from ecosystem.database.unit_of_work import RoutedSession

_MOVE_SAVED = text(
    """
    with moved as (
      delete from saved_packages where holder = :old returning package_id, saved_at
    )
    insert into saved_packages (holder, package_id, saved_at)
    select :new, package_id, saved_at from moved order by package_id
    on conflict (holder, package_id) do nothing
    """
)
_MOVE_SEEN = text(
    """
    with moved as (
      delete from seen_packages where holder = :old returning package_id, seen_at
    )
    insert into seen_packages (holder, package_id, seen_at)
    select :new, package_id, seen_at from moved order by package_id
    on conflict (holder, package_id) do update
    set seen_at = greatest(seen_packages.seen_at, excluded.seen_at)
    """
)
_KEEP = text(
    """
    delete from seen_packages where holder = :holder and package_id not in (
      select package_id from seen_packages where holder = :holder
      order by seen_at desc, package_id limit :most
    )
    """
)


def move(session: RoutedSession, old: str, new: str) -> None:
    """What ``old`` saved and saw is ``new``'s from now on; what both have stays once."""
    for statement in (_MOVE_SAVED, _MOVE_SEEN):
        session.execute(statement, {"old": old, "new": new})


def is_offered(session: RoutedSession, package_id: UUID) -> bool:
    """Whether the public can find the package now."""
    found = session.execute(
        text("select from package_search where package_id = :id"), {"id": package_id}
    )
    return found.one_or_none() is not None


def save(session: RoutedSession, holder: str, package_id: UUID, at: datetime) -> None:
    """Saved already stays as it is."""
    session.execute(
        insert(SavedPackage)
        .values(holder=holder, package_id=package_id, saved_at=at)
        .on_conflict_do_nothing()
    )


def remove(session: RoutedSession, holder: str, package_id: UUID) -> datetime | None:
    """When it had been saved; None if it was not."""
    return session.execute(
        delete(SavedPackage)
        .where(SavedPackage.holder == holder, SavedPackage.package_id == package_id)  # type: ignore[arg-type]
        .returning(SavedPackage.saved_at)  # type: ignore[call-overload]
    ).scalar_one_or_none()


def count(session: RoutedSession, holder: str) -> int:
    return session.execute(
        select(func.count()).select_from(SavedPackage).where(SavedPackage.holder == holder)  # type: ignore[arg-type]
    ).scalar_one()


def saved(session: RoutedSession, holder: str) -> list[UUID]:
    """Newest first."""
    return list(
        session.execute(
            select(SavedPackage.package_id)  # type: ignore[call-overload]
            .where(SavedPackage.holder == holder)
            .order_by(SavedPackage.saved_at.desc(), SavedPackage.package_id)  # type: ignore[attr-defined]
        ).scalars()
    )


def saw(session: RoutedSession, holder: str, package_id: UUID, at: datetime, most: int) -> None:
    """Remember the newest look at a package, of the ``most`` newest packages."""
    statement = insert(SeenPackage).values(holder=holder, package_id=package_id, seen_at=at)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["holder", "package_id"], set_={"seen_at": statement.excluded.seen_at}
        )
    )
    session.execute(_KEEP, {"holder": holder, "most": most})


def seen(session: RoutedSession, holder: str, limit: int) -> list[UUID]:
    """Newest first."""
    return list(
        session.execute(
            select(SeenPackage.package_id)  # type: ignore[call-overload]
            .where(SeenPackage.holder == holder)
            .order_by(SeenPackage.seen_at.desc(), SeenPackage.package_id)  # type: ignore[attr-defined]
            .limit(limit)
        ).scalars()
    )


def remove_old_guests(session: RoutedSession, before: datetime) -> int:
    """Forget what guests saved and saw before then: their cookies have ended."""
    done = 0
    for table, at in ((SavedPackage, SavedPackage.saved_at), (SeenPackage, SeenPackage.seen_at)):
        result = session.execute(
            delete(table).where(table.holder.startswith("guest:"), at < before)  # type: ignore[attr-defined]
        )
        done += result.rowcount  # type: ignore[attr-defined]
    return done
