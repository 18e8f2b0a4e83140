"""Agencies and their people. Group: rds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import Agency, TravelAgent
from ecosystem.database.unit_of_work import RoutedSession


def agency(session: RoutedSession, agency_id: UUID) -> Agency | None:
    return session.get(Agency, agency_id)


def people(session: RoutedSession, agency_id: UUID) -> list[TravelAgent]:
    """The active people of an agency, by name."""
    return list(
        session.execute(
            select(TravelAgent)
            .where(TravelAgent.agency_id == agency_id, TravelAgent.disabled_at.is_(None))  # type: ignore[union-attr]
            .order_by(TravelAgent.full_name, TravelAgent.id)
        ).scalars()
    )


def lock(session: RoutedSession, subject: UUID) -> None:
    """Let only one change the team of an agency, or where a person works, at a time."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(subject), 8))))


def person(session: RoutedSession, user_id: UUID) -> TravelAgent | None:
    """Somebody who works for an agency, or did."""
    return session.get(TravelAgent, user_id, populate_existing=True)


def has_left(user_id: Any) -> ColumnElement[bool]:
    """Whether the person whom a column of another row names had her access ended."""
    return exists().where(TravelAgent.id == user_id, TravelAgent.disabled_at.is_not(None))  # type: ignore[union-attr,arg-type]


def put_person(
    session: RoutedSession, user_id: UUID, agency_id: UUID, email: str, name: str, role: str
) -> None:
    """Make somebody work for an agency, also one who did before, here or elsewhere.

    Her ``subject`` is found by her address at the next sign-in.
    """
    values = {"agency_id": agency_id, "email": email.lower(), "full_name": name, "role": role}
    session.execute(
        insert(TravelAgent)
        .values(id=user_id, **values)
        .on_conflict_do_update(index_elements=["id"], set_={**values, "disabled_at": None})
    )


def change_person(session: RoutedSession, user_id: UUID, **values: Any) -> None:
    """Write columns of somebody of an agency."""
    session.execute(
        update(TravelAgent).where(TravelAgent.id == user_id).values(**values)  # type: ignore[arg-type]
    )


def looked_after(session: RoutedSession, agency_id: UUID) -> dict[UUID, tuple[int, int]]:
    """How many clients, and bookings that are not over, each of an agency's people has."""
    rows = session.execute(_LOOKED_AFTER, {"agency": agency_id})
    return {row.agent_id: (int(row.clients), int(row.bookings)) for row in rows}


def hand_over(session: RoutedSession, agency_id: UUID, giver: UUID, taker: UUID) -> tuple[int, int]:
    """Give clients and bookings that are not over to a colleague; how many of each."""
    values = {"agency": agency_id, "giver": giver, "taker": taker}
    clients: Any = session.execute(_GIVE_CLIENTS, values)
    bookings: Any = session.execute(_GIVE_BOOKINGS, values)
    return int(clients.rowcount), int(bookings.rowcount)


def change_agency(
    session: RoutedSession, agency_id: UUID, seen: datetime, values: dict[str, Any]
) -> bool:
    """Write ``values`` if the agency was last changed at ``seen``; whether it was."""
    return (
        session.execute(
            update(Agency)
            .where(Agency.id == agency_id, Agency.updated_at == seen)  # type: ignore[arg-type]
            .values(**values, updated_at=func.clock_timestamp())
            .returning(Agency.id)  # type: ignore[arg-type]
        ).first()
        is not None
    )


def set_agency(session: RoutedSession, agency_id: UUID, **values: Any) -> None:
    """Write columns that no form of the profile shows."""
    session.execute(
        update(Agency).where(Agency.id == agency_id).values(**values)  # type: ignore[arg-type]
    )


def has_logo(session: RoutedSession, logo: UUID) -> bool:
    """Whether it is some agency's logo now."""
    return session.scalars(select(Agency.id).where(Agency.logo == logo)).first() is not None  # type: ignore[arg-type]


def locked_agency(session: RoutedSession, agency_id: UUID) -> Agency | None:
    """An agency whose row nobody else changes until the end of the transaction."""
    return session.scalars(
        select(Agency)
        .where(Agency.id == agency_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def named(session: RoutedSession, words: str, limit: int) -> list[Agency]:
    """Agencies whose name has the words: those that wait for a decision first, then by name."""
    waits = case((Agency.verification == "asked", 0), else_=1)  # type: ignore[arg-type]
    return list(
        session.scalars(
            select(Agency)
            .where(Agency.name.icontains(words, autoescape=True))  # type: ignore[attr-defined]
            .order_by(waits, Agency.verification_asked_at, Agency.name, Agency.id)  # type: ignore[arg-type]
            .limit(limit)
        )
    )


_LOOKED_AFTER = text("""
    select agent_id, sum(clients) as clients, sum(bookings) as bookings from (
      select agent_id, count(*) as clients, 0 as bookings from clients
      where agency_id = :agency and agent_id is not null
        and merged_into is null and erased_at is null
      group by agent_id
      union all
      select agent_id, 0, count(*) from bookings
      where agency_id = :agency and agent_id is not null
        and status in ('pending_payment', 'confirmed')
      group by agent_id
    ) as each_kind group by agent_id
""")
_GIVE_CLIENTS = text("""
    update clients set agent_id = :taker, version = version + 1, updated_at = now()
    where agency_id = :agency and agent_id = :giver and erased_at is null
""")
_GIVE_BOOKINGS = text("""
    update bookings set agent_id = :taker
    where agency_id = :agency and agent_id = :giver
      and status in ('pending_payment', 'confirmed')
""")
