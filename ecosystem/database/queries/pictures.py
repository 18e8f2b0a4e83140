"""Operators' own pictures of their packages. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from ecosystem.database.tables import PackagePicture
from ecosystem.database.unit_of_work import RoutedSession

Picture = PackagePicture


def lock_package(session: RoutedSession, package_id: UUID) -> None:
    """Let only one change the pictures of a package at a time, to the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(package_id), 6))))


def add(session: RoutedSession, row: PackagePicture) -> None:
    """Write a new one."""
    session.add(row)
    session.flush()


def owned(session: RoutedSession, operator_id: UUID, picture_id: UUID) -> PackagePicture | None:
    """A picture by operator and id together."""
    return session.scalars(
        select(Picture).where(Picture.id == picture_id, Picture.operator_id == operator_id)
    ).first()


def ready(session: RoutedSession, picture_id: UUID) -> PackagePicture | None:
    """A picture that was looked at and found good."""
    return session.scalars(
        select(Picture).where(Picture.id == picture_id, Picture.state == "ready")
    ).first()


def of_package(session: RoutedSession, package_id: UUID) -> list[PackagePicture]:
    """The ready pictures of a package in their order; the first is its cover."""
    return list(
        session.scalars(
            select(Picture)
            .where(Picture.package_id == package_id, Picture.state == "ready")
            .order_by(Picture.position, Picture.id)  # type: ignore[arg-type]
        )
    )


def places_taken(session: RoutedSession, package_id: UUID, coming_since: datetime) -> int:
    """How many pictures a package has, those on their way since then included."""
    return session.scalars(
        select(func.count())
        .select_from(Picture)
        .where(
            Picture.package_id == package_id,
            or_(
                Picture.state == "ready",  # type: ignore[arg-type]
                (Picture.state == "uploading") & (Picture.created_at > coming_since),  # type: ignore[arg-type]
            ),
        )
    ).one()


def next_position(session: RoutedSession, package_id: UUID) -> int:
    """The place after the last."""
    last = session.scalars(
        select(func.max(Picture.position)).where(Picture.package_id == package_id)
    ).one()
    return 1 if last is None else last + 1


def move(
    session: RoutedSession,
    picture_id: UUID,
    now: datetime,
    *,
    before: str,
    to: str,
    **values: Any,
) -> PackagePicture | None:
    """Change the state of a picture that is in ``before``; nothing if it is not any more."""
    return session.scalars(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == before)  # type: ignore[arg-type]
        .values(state=to, changed_at=now, **values)
        .returning(Picture),
        execution_options={"populate_existing": True},
    ).first()


def remove_all(session: RoutedSession, package_id: UUID, now: datetime) -> None:
    """Take off all pictures of a package that is no more, those on their way among them."""
    session.execute(
        update(Picture)
        .where(Picture.package_id == package_id, Picture.state != "removed")  # type: ignore[arg-type]
        .values(state="removed", changed_at=now)
    )


def describe(session: RoutedSession, picture_id: UUID, alt: str) -> None:
    """Write what is to be seen."""
    session.execute(update(Picture).where(Picture.id == picture_id).values(alt=alt))  # type: ignore[arg-type]


def place(session: RoutedSession, picture_id: UUID, position: int) -> None:
    """Put it at this place among the others."""
    session.execute(
        update(Picture).where(Picture.id == picture_id).values(position=position)  # type: ignore[arg-type]
    )


def take_unused(session: RoutedSession, before: datetime, limit: int) -> Sequence[Any]:
    """Delete rows of pictures that nobody has used since ``before``; their ``id`` and ``key``."""
    unused = (
        select(Picture.id)  # type: ignore[call-overload]
        .where(Picture.state != "ready", Picture.changed_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.execute(
        delete(Picture).where(Picture.id.in_(unused)).returning(Picture.id, Picture.key)  # type: ignore[arg-type,attr-defined]
    ).all()
