"""Proposals of an agency. Group: rds. Fetched by agency and id together, or by their token."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal_column, select, text, tuple_, update

from ecosystem.database.tables import (
    Agency,
    Booking,
    Client,
    Quote,
    QuoteBooking,
    QuoteComment,
    QuoteVersion,
    TravelAgent,
)
from ecosystem.database.unit_of_work import RoutedSession

_UNREAD = literal_column(
    "(select count(*) from quote_comments c where c.quote_id = quotes.id and c.by_client"
    " and (quotes.agency_read_at is null or c.at > quotes.agency_read_at))"
).label("unread")

_AS_SENT = (
    "from quotes q join quote_versions v on v.quote_id = q.id and v.number = q.sent_number"
    " where q.status in ('sent', 'opened')"
)
"""Quotes that wait for their client, as they were sent: what is written since is not told yet."""


def add(session: RoutedSession, quote: Quote) -> None:
    session.add(quote)
    session.flush()


def next_number(session: RoutedSession, agency_id: UUID) -> str:
    """``Q-0001``, counted for each agency; its row is locked until the commit."""
    session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())  # type: ignore[call-overload]
    count = session.execute(
        text(
            "select coalesce(max(substring(number from 3)::int), 0) from quotes"
            " where agency_id = :agency"
        ),
        {"agency": agency_id},
    ).scalar_one()
    return f"Q-{count + 1:04d}"


def of_agency(
    session: RoutedSession, agency_id: UUID, quote_id: UUID, *, lock: bool = False
) -> Quote | None:
    statement = select(Quote).where(Quote.id == quote_id, Quote.agency_id == agency_id)
    return _one(session, statement, lock)


def by_token(session: RoutedSession, token: str, *, lock: bool = False) -> Quote | None:
    """The quote that an address leads to; a draft that was never sent has none."""
    statement = select(Quote).where(Quote.token == token, Quote.sent_number > 0)
    return _one(session, statement, lock)


def _one(session: RoutedSession, statement: Any, lock: bool) -> Quote | None:
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def get(session: RoutedSession, quote_id: UUID) -> Quote | None:
    return session.get(Quote, quote_id)


def change(session: RoutedSession, quote_id: UUID, **values: Any) -> None:
    session.execute(update(Quote).where(Quote.id == quote_id).values(**values))  # type: ignore[arg-type]


def rows(
    session: RoutedSession,
    agency_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    statuses: Sequence[str] = (),
    words: str = "",
    client_id: UUID | None = None,
) -> list[Row[Any]]:
    """Quotes of an agency, the last changed first: ``Quote client_name agent_name unread``."""
    statement = (
        select(
            Quote,
            Client.full_name.label("client_name"),  # type: ignore[attr-defined]
            TravelAgent.full_name.label("agent_name"),  # type: ignore[attr-defined]
            _UNREAD,
        )
        .join(Client, Client.id == Quote.client_id)  # type: ignore[arg-type]
        .join(TravelAgent, TravelAgent.id == Quote.agent_id)  # type: ignore[arg-type]
        .where(Quote.agency_id == agency_id)  # type: ignore[arg-type]
        .order_by(Quote.updated_at.desc(), Quote.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    )
    if statuses:
        statement = statement.where(Quote.status.in_(statuses))  # type: ignore[attr-defined]
    if client_id is not None:
        statement = statement.where(Quote.client_id == client_id)  # type: ignore[arg-type]
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(
            Quote.title.ilike(pattern)  # type: ignore[attr-defined]
            | Quote.number.ilike(pattern)  # type: ignore[attr-defined]
            | Client.full_name.ilike(pattern)  # type: ignore[attr-defined]
        )
    if before is not None:
        statement = statement.where(tuple_(Quote.updated_at, Quote.id) < before)  # type: ignore[arg-type]
    return list(session.execute(statement).all())


def people(session: RoutedSession, quote: Quote) -> Row[Any]:
    """Who is who: ``client_name client_email client_phone agent_name agent_email agency_name``, and
    the agency's ``accent`` and ``logo``."""
    return session.execute(
        select(
            Client.full_name.label("client_name"),  # type: ignore[attr-defined]
            Client.email.label("client_email"),  # type: ignore[attr-defined]
            Client.phone.label("client_phone"),  # type: ignore[attr-defined]
            TravelAgent.full_name.label("agent_name"),  # type: ignore[attr-defined]
            TravelAgent.email.label("agent_email"),  # type: ignore[attr-defined]
            Agency.name.label("agency_name"),  # type: ignore[attr-defined]
            Agency.accent,
            Agency.logo,
        )
        .select_from(Client)
        .join(TravelAgent, TravelAgent.id == quote.agent_id)  # type: ignore[arg-type]
        .join(Agency, Agency.id == quote.agency_id)  # type: ignore[arg-type]
        .where(Client.id == quote.client_id)  # type: ignore[arg-type]
    ).one()


def add_version(session: RoutedSession, version: QuoteVersion) -> None:
    session.add(version)
    session.flush()


def version(session: RoutedSession, quote_id: UUID, number: int) -> QuoteVersion | None:
    return session.execute(
        select(QuoteVersion).where(
            QuoteVersion.quote_id == quote_id,  # type: ignore[arg-type]
            QuoteVersion.number == number,  # type: ignore[arg-type]
        )
    ).scalar_one_or_none()


def versions(session: RoutedSession, quote_id: UUID) -> list[Row[Any]]:
    """``number sent_at sent_by`` (a name), the latest first."""
    return list(
        session.execute(
            select(
                QuoteVersion.number,  # type: ignore[call-overload]
                QuoteVersion.sent_at,
                TravelAgent.full_name.label("sent_by"),  # type: ignore[attr-defined]
            )
            .join(TravelAgent, TravelAgent.id == QuoteVersion.sent_by)
            .where(QuoteVersion.quote_id == quote_id)
            .order_by(QuoteVersion.number.desc())  # type: ignore[attr-defined]
        ).all()
    )


def add_comment(session: RoutedSession, comment: QuoteComment) -> None:
    session.add(comment)
    session.flush()


def comment(session: RoutedSession, comment_id: UUID) -> QuoteComment | None:
    return session.get(QuoteComment, comment_id)


def comments(session: RoutedSession, quote_id: UUID, limit: int = 200) -> list[QuoteComment]:
    """The latest comments, oldest first."""
    found = session.execute(
        select(QuoteComment)
        .where(QuoteComment.quote_id == quote_id)  # type: ignore[arg-type]
        .order_by(QuoteComment.at.desc(), QuoteComment.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    ).scalars()
    return list(reversed(list(found)))


def comments_since(session: RoutedSession, quote_id: UUID, since: datetime, by_client: bool) -> int:
    return session.execute(
        text(
            "select count(*) from quote_comments where quote_id = :quote and at > :since"
            " and by_client = :by_client"
        ),
        {"quote": quote_id, "since": since, "by_client": by_client},
    ).scalar_one()


def add_booking(session: RoutedSession, link: QuoteBooking) -> None:
    session.add(link)


def bookings(session: RoutedSession, quote_id: UUID) -> list[Booking]:
    """What came of accepting, earliest departure first."""
    return list(
        session.execute(
            select(Booking)
            .join(QuoteBooking, QuoteBooking.booking_id == Booking.id)  # type: ignore[arg-type]
            .where(QuoteBooking.quote_id == quote_id)  # type: ignore[arg-type]
            .order_by(Booking.starts_on, Booking.id)  # type: ignore[arg-type]
        ).scalars()
    )


def ending(session: RoutedSession, first: date, last: date, limit: int) -> list[Row[Any]]:
    """Quotes that wait for their client and are valid only until a day from ``first`` to ``last``,
    sent earlier than the day before: ``id number`` of those that were not reminded of it."""
    return list(
        session.execute(
            text(
                f"select q.id, v.number {_AS_SENT} and v.valid_until between :first and :last"
                " and v.sent_at < cast(:first as date) - 1 and not exists (select from outbox o"
                " where o.dedupe_key = q.id || ':ending:' || v.number)"
                " order by v.valid_until limit :limit"
            ),
            {"first": first, "last": last, "limit": limit},
        ).all()
    )


def over(session: RoutedSession, today: date, limit: int) -> list[UUID]:
    """Quotes that nobody accepted in time, locked for whoever comes first."""
    return list(
        session.execute(
            text(
                f"select q.id {_AS_SENT} and v.valid_until < :today"
                " order by v.valid_until limit :limit for update of q skip locked"
            ),
            {"today": today, "limit": limit},
        ).scalars()
    )
