"""Reviews of completed bookings. Group: rds; ratings are written in their own groups."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from ecosystem.database.tables import Booking, Operator, Package, Review
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.reviews import STARS

_COMPLETE = text(
    """
    update bookings set status = 'completed', closed_at = :now, updated_at = :now
    where id in (
      select b.id from bookings b
      where b.status = 'confirmed' and b.ends_on < (:now at time zone b.timezone)::date
        and b.ends_on <= (:now at time zone 'UTC')::date -- no zone is more than a day ahead
      order by b.ends_on, b.id limit :limit
      for update skip locked
    ) and status = 'confirmed'
    returning id
    """
)
_OVERDUE = text(
    """
    select b.id from bookings b
    where exists (
      select from reviews r
      where r.booking_id = b.id and r.revealed_at is null and r.created_at <= :before
    )
    order by b.id limit :limit
    for update of b skip locked
    """
)


def complete(session: RoutedSession, now: datetime, limit: int) -> list[UUID]:
    """Bookings whose last day is over where they took place become completed; their ids.

    Rows that somebody else works on are left for the next time.
    """
    return list(session.execute(_COMPLETE, {"now": now, "limit": limit}).scalars())


def add(session: RoutedSession, **values: Any) -> bool:
    """Keep a review; False if this side of the booking has one."""
    added = session.execute(
        insert(Review)
        .values(**values)
        .on_conflict_do_nothing(constraint="reviews_booking_author_key")
        .returning(Review.id)  # type: ignore[call-overload]
    )
    return added.one_or_none() is not None


def of_booking(session: RoutedSession, booking_id: UUID) -> list[Review]:
    """At most one of each side. Lock the booking first to decide by it."""
    return list(
        session.execute(
            select(Review)
            .where(Review.booking_id == booking_id)  # type: ignore[arg-type]
            .execution_options(populate_existing=True)
        ).scalars()
    )


def reveal(
    session: RoutedSession, booking_ids: Sequence[UUID], now: datetime
) -> list[tuple[UUID, UUID]]:
    """Reveal what is there of these bookings, whose rows are locked.

    Returns:
        Package and operator of each traveller's review that anybody can read from now on.
    """
    rows = session.execute(
        update(Review)
        .where(Review.booking_id.in_(booking_ids), Review.revealed_at.is_(None))  # type: ignore[attr-defined,union-attr]
        .values(revealed_at=now)
        .returning(Review.package_id, Review.operator_id, Review.author)  # type: ignore[call-overload]
    ).all()
    return [(row.package_id, row.operator_id) for row in rows if row.author == "traveller"]


def overdue(session: RoutedSession, before: datetime, limit: int) -> list[UUID]:
    """Bookings with a hidden review from before then, their rows locked for this transaction."""
    return list(session.execute(_OVERDUE, {"before": before, "limit": limit}).scalars())


def answer(
    session: RoutedSession, operator_id: UUID, review_id: UUID, reply: str, now: datetime
) -> bool:
    """Write the operator's one answer to a traveller's review; False if that can't be."""
    done = session.execute(
        update(Review)
        .where(
            Review.id == review_id,  # type: ignore[arg-type]
            Review.operator_id == operator_id,  # type: ignore[arg-type]
            Review.author == "traveller",  # type: ignore[arg-type]
            Review.revealed_at.is_not(None),  # type: ignore[union-attr]
            Review.reply.is_(None),  # type: ignore[union-attr]
        )
        .values(reply=reply, replied_at=now)
        .returning(Review.id)  # type: ignore[call-overload]
    )
    return done.one_or_none() is not None


def readable(session: RoutedSession, operator_id: UUID, review_id: UUID) -> Review | None:
    """A revealed review that a traveller wrote of this operator."""
    return session.execute(
        select(Review).where(
            Review.id == review_id,  # type: ignore[arg-type]
            Review.operator_id == operator_id,  # type: ignore[arg-type]
            Review.author == "traveller",  # type: ignore[arg-type]
            Review.revealed_at.is_not(None),  # type: ignore[union-attr]
        )
    ).scalar_one_or_none()


def public(
    session: RoutedSession,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    package_id: UUID | None = None,
    operator_id: UUID | None = None,
) -> list[Row[Any]]:
    """Revealed travellers' reviews with their bookings, newest first, from just after ``before``."""
    statement = (
        select(Review, Booking)  # type: ignore[call-overload]
        .join(Booking, Booking.id == Review.booking_id)
        .where(_public(package_id, operator_id))
        .order_by(Review.revealed_at.desc(), Review.id.desc())  # type: ignore[union-attr,attr-defined]
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Review.revealed_at, Review.id) < before)  # type: ignore[arg-type]
    return list(session.execute(statement).all())


def by_stars(
    session: RoutedSession, *, package_id: UUID | None = None, operator_id: UUID | None = None
) -> tuple[int, int, int, int, int]:
    """How many revealed travellers' reviews have 5, 4, 3, 2 and 1 stars."""
    counted = {
        row.rating: row.count
        for row in session.execute(
            select(Review.rating, func.count().label("count"))  # type: ignore[call-overload]
            .where(_public(package_id, operator_id))
            .group_by(Review.rating)
        )
    }
    five, four, three, two, one = (counted.get(stars, 0) for stars in STARS)
    return five, four, three, two, one


def _public(package_id: UUID | None, operator_id: UUID | None) -> ColumnElement[bool]:
    whose = (
        Review.package_id == package_id
        if package_id is not None
        else Review.operator_id == operator_id
    )
    return whose & (Review.author == "traveller") & Review.revealed_at.is_not(None)  # type: ignore[operator,union-attr,return-value]


def of_operator(
    session: RoutedSession, operator_id: UUID, show: str, since: datetime, limit: int, offset: int
) -> tuple[list[Row[Any]], int]:
    """Completed bookings of an operator with the reviews of both sides, and how many there are.

    Args:
        show: ``all``; ``review`` what it may still write of; ``answer`` revealed travellers'
            reviews without an answer.
        since: a traveller's review from before then leaves no time for the operator's.
    """
    theirs, mine = aliased(Review), aliased(Review)
    where: list[Any] = [Booking.operator_id == operator_id, Booking.status == "completed"]
    if show == "review":
        where += [mine.id.is_(None), (theirs.id.is_(None)) | (theirs.created_at > since)]  # type: ignore[attr-defined,operator]
    if show == "answer":
        where += [theirs.revealed_at.is_not(None), theirs.reply.is_(None)]  # type: ignore[union-attr]
    joined = (
        select(Booking, theirs, mine)  # type: ignore[call-overload]
        .outerjoin(theirs, (theirs.booking_id == Booking.id) & (theirs.author == "traveller"))  # type: ignore[operator]
        .outerjoin(mine, (mine.booking_id == Booking.id) & (mine.author == "operator"))  # type: ignore[operator]
        .where(*where)
    )
    total = session.execute(
        select(func.count()).select_from(joined.with_only_columns(Booking.id).subquery())  # type: ignore[call-overload]
    ).scalar_one()
    rows = session.execute(
        joined.order_by(Booking.ends_on.desc(), Booking.id).limit(limit).offset(offset)  # type: ignore[attr-defined]
    ).all()
    return list(rows), total


def rate_package(
    session: RoutedSession, package_id: UUID, rating: Decimal | None, count: int
) -> None:
    """Write a package's rating if it is another one. Group: packages.

    Its ``version`` stays: a traveller's words are no edit that could collide with another.
    """
    session.execute(
        update(Package)
        .where(
            Package.id == package_id,  # type: ignore[arg-type]
            Package.rating.is_distinct_from(rating) | (Package.rating_count != count),  # type: ignore[union-attr,operator]
        )
        .values(rating=rating, rating_count=count)
    )


def rate_operator(session: RoutedSession, operator_id: UUID, rating: Decimal | None) -> None:
    """Write an operator's rating if it is another one. Group: accounts."""
    session.execute(
        update(Operator)
        .where(Operator.id == operator_id, Operator.rating.is_distinct_from(rating))  # type: ignore[arg-type,union-attr]
        .values(rating=rating)
    )
