"""An agency's clients, households, notes and documents. Group: rds.

Everything is fetched by agency and id together.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import (
    Booking,
    Client,
    ClientNote,
    Household,
    IdentityDocument,
    Quote,
    SentEmail,
    TravelAgent,
)
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.booking import SOLD
from ecosystem.domain.ids import uuid7

LIVE = and_(Client.merged_into.is_(None), Client.erased_at.is_(None))  # type: ignore[union-attr]
"""In the words of the index ``clients_listed_idx``."""


def wanted(
    agency_id: UUID,
    *,
    words: Sequence[str] = (),
    tag: str = "",
    agent_id: UUID | None = None,
    household: str = "",
) -> ColumnElement[bool]:
    """Which clients of an agency are asked for. ``words`` and ``household`` are folded."""
    conditions: list[Any] = [Client.agency_id == agency_id, LIVE]
    conditions += [Client.words.contains(word, autoescape=True) for word in words]  # type: ignore[attr-defined]
    if tag:
        conditions.append(Client.tags.contains([tag]))  # type: ignore[attr-defined]
    if agent_id is not None:
        conditions.append(Client.agent_id == agent_id)
    if household:
        conditions.append(
            Client.household_id.in_(  # type: ignore[union-attr]
                select(Household.id).where(
                    Household.agency_id == agency_id, Household.name_key == household
                )
            )
        )
    return and_(*conditions)


def rows(
    session: RoutedSession,
    condition: ColumnElement[bool],
    *,
    today: date,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Clients by name. Rows: ``Client household agent next_start next_end passport_until``."""
    trip = next_trip(today).lateral()
    passport = _passport().lateral()
    statement = (
        select(
            Client,
            Household.name.label("household"),  # type: ignore[attr-defined]
            TravelAgent.full_name.label("agent"),  # type: ignore[attr-defined]
            trip.c.starts_on.label("next_start"),
            trip.c.ends_on.label("next_end"),
            passport.c.until.label("passport_until"),
        )
        .join(Household, Household.id == Client.household_id, isouter=True)  # type: ignore[arg-type]
        .join(TravelAgent, TravelAgent.id == Client.agent_id, isouter=True)  # type: ignore[arg-type]
        .join(trip, text("true"), isouter=True)
        .join(passport, text("true"), isouter=True)
        .where(condition)
        .order_by(Client.name_key, Client.id)  # type: ignore[arg-type]
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(Client.name_key, Client.id) > after)  # type: ignore[arg-type]
    return session.execute(statement).all()


def next_trip(today: date) -> Any:
    """The first trip of a client that has not ended: to be joined laterally."""
    return (
        select(Booking.starts_on, Booking.ends_on)
        .where(
            Booking.client_id == Client.id,
            Booking.agency_id == Client.agency_id,
            Booking.status.in_(SOLD),  # type: ignore[attr-defined]
            Booking.ends_on >= today,
        )
        .order_by(Booking.starts_on, Booking.id)
        .limit(1)
        .correlate(Client)
    )


def _passport() -> Any:
    return (
        select(func.max(IdentityDocument.expires_on).label("until"))
        .where(IdentityDocument.client_id == Client.id, IdentityDocument.kind == "passport")
        .correlate(Client)
    )


def count(session: RoutedSession, condition: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).where(condition).select_from(Client)).scalar_one()


def tags(session: RoutedSession, agency_id: UUID, limit: int) -> list[str]:
    """The tags an agency uses, by name."""
    used = select(func.unnest(Client.tags).label("tag")).where(Client.agency_id == agency_id, LIVE)
    found = used.subquery()
    return list(
        session.execute(select(found.c.tag).distinct().order_by(found.c.tag).limit(limit)).scalars()
    )


def one(
    session: RoutedSession, agency_id: UUID, client_id: UUID, *, lock: bool = False
) -> Client | None:
    """A client, also one who was merged or erased."""
    statement = select(Client).where(Client.id == client_id, Client.agency_id == agency_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def add(session: RoutedSession, values: Sequence[dict[str, Any]]) -> None:
    """Clients whose ids are there already stay as they are."""
    if values:
        session.execute(insert(Client).on_conflict_do_nothing(index_elements=["id"]), list(values))


def change(session: RoutedSession, client_id: UUID, now: datetime, **values: Any) -> None:
    """Write columns; the version rises."""
    session.execute(
        update(Client)
        .where(Client.id == client_id)
        .values(version=Client.version + 1, updated_at=now, **values)
        .execution_options(synchronize_session=False)
    )


def household(session: RoutedSession, agency_id: UUID, name: str, name_key: str) -> UUID:
    """The household of this name, made if there is none."""
    session.execute(
        insert(Household)
        .values(id=uuid7(), agency_id=agency_id, name=name, name_key=name_key)
        .on_conflict_do_nothing(constraint="households_name_key")
    )
    return session.execute(
        select(Household.id).where(Household.agency_id == agency_id, Household.name_key == name_key)
    ).scalar_one()


def household_name(session: RoutedSession, household_id: UUID | None) -> str:
    if household_id is None:
        return ""
    found = session.get(Household, household_id)
    return found.name if found else ""


def household_names(session: RoutedSession, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names by id."""
    wanted_ids = [one for one in ids if one is not None]
    found = session.execute(
        select(Household.id, Household.name).where(Household.id.in_(wanted_ids))  # type: ignore[attr-defined]
    )
    return {row.id: row.name for row in found}


def households(session: RoutedSession, agency_id: UUID, limit: int) -> list[str]:
    """The households of an agency that have people in them, by name."""
    return list(
        session.execute(
            select(Household.name)
            .where(
                Household.agency_id == agency_id,
                select(Client.id).where(Client.household_id == Household.id, LIVE).exists(),
            )
            .order_by(Household.name_key)
            .limit(limit)
        ).scalars()
    )


def of_household(
    session: RoutedSession, agency_id: UUID, household_id: UUID, limit: int
) -> list[Client]:
    """The people of a household, the oldest first."""
    return list(
        session.execute(
            select(Client)
            .where(Client.agency_id == agency_id, Client.household_id == household_id, LIVE)
            .order_by(Client.birth_date.nulls_last(), Client.name_key, Client.id)  # type: ignore[union-attr]
            .limit(limit)
        ).scalars()
    )


def agent(session: RoutedSession, agency_id: UUID, agent_id: UUID) -> TravelAgent | None:
    """A person of the agency."""
    return session.execute(
        select(TravelAgent).where(TravelAgent.id == agent_id, TravelAgent.agency_id == agency_id)
    ).scalar_one_or_none()


def trip_of(session: RoutedSession, client: Client, today: date) -> Row[Any] | None:
    """The client's next trip: ``starts_on ends_on``."""
    trip = next_trip(today).lateral()
    return session.execute(
        select(trip.c.starts_on, trip.c.ends_on)
        .select_from(Client)
        .join(trip, text("true"))
        .where(Client.id == client.id)
    ).one_or_none()


def bookings(session: RoutedSession, client: Client, limit: int) -> list[Booking]:
    """What was booked for a client, newest first."""
    return list(
        session.execute(
            select(Booking)
            .where(Booking.client_id == client.id, Booking.agency_id == client.agency_id)
            .order_by(Booking.created_at.desc(), Booking.id)  # type: ignore[attr-defined]
            .limit(limit)
        ).scalars()
    )


def client_of_hold(session: RoutedSession, agency_id: UUID, hold_id: UUID) -> UUID | None:
    """The client of the booking that a hold became."""
    return session.execute(
        select(Booking.client_id).where(Booking.claim_id == hold_id, Booking.agency_id == agency_id)
    ).scalar_one_or_none()


def quotes(session: RoutedSession, client: Client, limit: int) -> list[Quote]:
    """Proposals to a client, newest first."""
    return list(
        session.execute(
            select(Quote)
            .where(Quote.client_id == client.id, Quote.agency_id == client.agency_id)
            .order_by(Quote.created_at.desc(), Quote.id)  # type: ignore[attr-defined]
            .limit(limit)
        ).scalars()
    )


def emails(session: RoutedSession, client: Client, limit: int) -> Sequence[Row[Any]]:
    """E-mails that were sent about a client's bookings: ``sent_at subject recipient reference``."""
    return session.execute(
        select(SentEmail.sent_at, SentEmail.subject, SentEmail.recipient, Booking.reference)
        .join(Booking, Booking.id == SentEmail.booking_id)  # type: ignore[arg-type]
        .where(Booking.client_id == client.id, Booking.agency_id == client.agency_id)
        .order_by(SentEmail.sent_at.desc())  # type: ignore[attr-defined]
        .limit(limit)
    ).all()


def notes(session: RoutedSession, client: Client, limit: int) -> list[ClientNote]:
    """Newest first."""
    return list(
        session.execute(
            select(ClientNote)
            .where(ClientNote.client_id == client.id, ClientNote.agency_id == client.agency_id)
            .order_by(ClientNote.created_at.desc(), ClientNote.id)  # type: ignore[attr-defined]
            .limit(limit)
        ).scalars()
    )


def remove_note(session: RoutedSession, agency_id: UUID, client_id: UUID, note_id: UUID) -> bool:
    gone = session.execute(
        delete(ClientNote)
        .where(
            ClientNote.id == note_id,
            ClientNote.client_id == client_id,
            ClientNote.agency_id == agency_id,
        )
        .returning(ClientNote.id)
    )
    return gone.scalar_one_or_none() is not None


def documents(session: RoutedSession, client: Client) -> list[IdentityDocument]:
    """The one that lasts longest first."""
    return list(
        session.execute(
            select(IdentityDocument)
            .where(
                IdentityDocument.client_id == client.id,
                IdentityDocument.agency_id == client.agency_id,
            )
            .order_by(IdentityDocument.expires_on.desc().nulls_last(), IdentityDocument.id)  # type: ignore[union-attr]
        ).scalars()
    )


def document(
    session: RoutedSession, agency_id: UUID, client_id: UUID, document_id: UUID
) -> IdentityDocument | None:
    return session.execute(
        select(IdentityDocument).where(
            IdentityDocument.id == document_id,
            IdentityDocument.client_id == client_id,
            IdentityDocument.agency_id == agency_id,
        )
    ).scalar_one_or_none()


def matching(
    session: RoutedSession,
    agency_id: UUID,
    *,
    ids: Iterable[UUID],
    names: Iterable[str],
    emails: Iterable[str],
    phones: Iterable[str],
    lock: bool = False,
) -> list[Client]:
    """Clients that a file may speak of: by id, folded name, e-mail or digits of the phone."""
    statement = (
        select(Client)
        .where(
            Client.agency_id == agency_id,
            LIVE,
            or_(
                Client.id.in_(list(ids)),  # type: ignore[attr-defined]
                Client.name_key.in_(list(names)),  # type: ignore[attr-defined]
                and_(Client.email != "", Client.email.in_(list(emails))),  # type: ignore[attr-defined]
                and_(Client.phone_key != "", Client.phone_key.in_(list(phones))),  # type: ignore[attr-defined]
            ),
        )
        .order_by(Client.id)  # type: ignore[arg-type]
    )
    return list(session.execute(statement.with_for_update() if lock else statement).scalars())
