"""Bookings and their payments. Group: rds."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    and_,
    delete,
    func,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)

from ecosystem.database import statements
from ecosystem.database.statements import Statement
from ecosystem.database.tables import Agency, Booking, Client, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import ACCOUNT, RECEIVED, SOLD, UNDECIDED

_OF_PAYMENT = "id = (select booking_id from payments where id = %(payment_id)s)"
_LOCK_DEPARTURES: LiteralString = """
    select id from departures where id in (
      select b.departure_id from payments p join bookings b on b.id = p.booking_id
      where p.id = %(payment_id)s
      union all
      select (c.detail->>'departure_id')::uuid
      from payments p join booking_changes c on c.id = p.change_id
      where p.id = %(payment_id)s and c.state = 'waiting'
    ) order by id for update
"""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which bookings an actor may see, as a condition. One place decides this."""
    if actor.role == "ops":
        return Booking.id.is_not(None)  # type: ignore[attr-defined]
    if actor.role == "agent" and actor.agency_id is not None:
        return Booking.agency_id == actor.agency_id  # type: ignore[return-value]
    if actor.role == "provider" and actor.operator_id is not None:
        return Booking.operator_id == actor.operator_id  # type: ignore[return-value]
    if actor.role == "customer" and actor.user_id is not None:
        own: ColumnElement[bool] = Booking.customer_id == actor.user_id  # type: ignore[assignment]
        if actor.guest_key:
            return or_(own, Booking.guest_key == actor.guest_key)
        return own
    if actor.guest_key:
        return Booking.guest_key == actor.guest_key  # type: ignore[return-value]
    return Booking.id.is_(None)  # type: ignore[attr-defined]


def add(session: RoutedSession, booking: Booking, payments: Sequence[Payment]) -> None:
    session.add(booking)
    session.flush()
    session.add_all(payments)
    session.flush()


def by_claim(session: RoutedSession, claim_id: UUID) -> Booking | None:
    return session.execute(select(Booking).where(Booking.claim_id == claim_id)).scalar_one_or_none()


def of_claim(claim_id: UUID) -> Statement:
    """What reads as :func:`by_claim` does."""
    return statements.select(Booking, "claim_id = %(claim_id)s", {"claim_id": claim_id})


def by_reference(
    session: RoutedSession, reference: str, condition: ColumnElement[bool] | None = None
) -> Booking | None:
    """A booking by its reference, narrowed by ``visible_to`` when given."""
    statement = select(Booking).where(Booking.reference == reference)
    if condition is not None:
        statement = statement.where(condition)
    return session.execute(statement).scalar_one_or_none()


def lock(session: RoutedSession, booking_id: UUID) -> Booking | None:
    """The booking with its row locked. Lock its departure first (``queries.seats``)."""
    return session.execute(
        select(Booking)
        .where(Booking.id == booking_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def locked_of_payment(payment_id: UUID) -> tuple[Statement, Statement, Statement]:
    """What locks, for a payment: the departures of its booking (``id``), that of the change that
    waits for it among them, in the order of their ids; then the booking; then the payment."""
    values = {"payment_id": payment_id}
    return (
        (_LOCK_DEPARTURES, values),
        statements.select(Booking, _OF_PAYMENT, values, lock=True),
        statements.select(Payment, "id = %(payment_id)s", values, lock=True),
    )


def get(session: RoutedSession, booking_id: UUID) -> Booking | None:
    return session.get(Booking, booking_id)


def change(session: RoutedSession, booking_id: UUID, **values: Any) -> None:
    session.execute(update(Booking).where(Booking.id == booking_id).values(**values))


def payments(session: RoutedSession, booking_ids: Sequence[UUID]) -> list[Payment]:
    """The payments of bookings, in the order in which they fall due."""
    return list(
        session.execute(
            select(Payment)
            .where(Payment.booking_id.in_(booking_ids))
            .order_by(Payment.booking_id, Payment.due_on, Payment.id)
        ).scalars()
    )


def payment(session: RoutedSession, *, lock_row: bool = False, **by: Any) -> Payment | None:
    """One payment by a unique column: ``id``, ``pay_token`` or ``stripe_session_id``."""
    statement = select(Payment).filter_by(**by)
    if lock_row:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def change_payment(session: RoutedSession, payment_id: UUID, **values: Any) -> None:
    session.execute(update(Payment).where(Payment.id == payment_id).values(**values))


def remove_payments(session: RoutedSession, payment_ids: Sequence[UUID]) -> None:
    """Take back what was asked for and never paid; call with the booking locked."""
    session.execute(delete(Payment).where(Payment.id.in_(payment_ids)))


def with_payments(database: Database, booking_id: UUID) -> tuple[Booking, list[Payment]]:
    """A booking that is there, and its payments in the order in which they fall due; to read."""
    values = {"id": booking_id}
    booking, payments = database.together(
        statements.select(Booking, "id = %(id)s", values),
        statements.select(Payment, "booking_id = %(id)s order by due_on, id", values),
    )
    return statements.read(Booking, booking[0]), [statements.read(Payment, p) for p in payments]


def unfinished_payments(
    session: RoutedSession, now: datetime, before: datetime, limit: int
) -> list[Payment]:
    """Payments with a page that nobody has reported on since ``before``, oldest first.

    A page that is known to have ended is left alone, and an attempt that was begun and never
    heard of once its time is over: nobody can pay them, and they would be here for ever.
    """
    ended = and_(
        Payment.status != "processing",  # type: ignore[arg-type]
        Payment.checkout_url.is_(None),  # type: ignore[union-attr]
        Payment.session_expires_at <= Payment.updated_at,  # type: ignore[arg-type,operator]
    )
    opened: ColumnElement[bool] = Payment.stripe_session_id.is_not(None)  # type: ignore[union-attr]
    return list(
        session.execute(
            select(Payment)
            .join(Booking, Booking.id == Payment.booking_id)  # type: ignore[arg-type]
            .where(
                Payment.status.in_(("due", "processing", "failed")),
                Payment.attempt > 0,
                Payment.closed_at.is_(None),  # type: ignore[union-attr]
                Payment.updated_at < before,
                or_(
                    Booking.status.in_(("pending_payment", *SOLD, "expired")),
                    # What an agency owes of a cancelled booking is still paid.
                    Payment.kind == ACCOUNT,  # type: ignore[arg-type]
                ),
                or_(
                    and_(opened, not_(ended)),
                    and_(not_(opened), Payment.session_expires_at > now),  # type: ignore[arg-type,operator]
                ),
            )
            .order_by(Payment.updated_at)
            .limit(limit)
        ).scalars()
    )


def overdue_bookings(session: RoutedSession, now: datetime, limit: int) -> list[UUID]:
    """Bookings that wait for a first payment although their hold has ended.

    One that a bank decides about for days is asked about with the other payments; here it would
    be in everybody's way in every round.
    """
    rows = session.execute(
        text(
            "select b.id from bookings b join seat_claims c on c.id = b.claim_id"
            " where b.status = 'pending_payment' and c.expires_at < :now"
            " and not exists (select from payments p"
            " where p.booking_id = b.id and p.status = 'processing')"
            " order by c.expires_at limit :limit"
        ),
        {"now": now, "limit": limit},
    )
    return [row.id for row in rows]


def rows(
    session: RoutedSession,
    condition: ColumnElement[bool],
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    words: str = "",
    status: str = "",
) -> list[tuple[Any, str | None, int, date | None]]:
    """Bookings newest first, from just after ``before``, each with the name of its agency, what is
    paid and when the next payment is due. Of a booking only what lists show (``_LISTED``)."""
    statement = _list().where(condition, *_matching(words, status)).limit(limit)
    if before is not None:
        statement = statement.where(tuple_(Booking.created_at, Booking.id) < before)  # type: ignore[arg-type]
    # Columns, not objects: what the session adds to a statement takes as long as the statement.
    found = session.connection().execute(statement).all()
    return [(row, row.agency_name, row.paid_minor, row.due_on) for row in found]


_LISTED = (
    "id", "reference", "status", "agency_id", "lead_name", "travellers", "adults", "children",
    "currency", "total_minor", "commission_percent", "snapshot", "starts_on", "ends_on",
    "created_at", "agency_model", "public_minor",
)  # fmt: skip


@lru_cache(maxsize=1)
def _list() -> Select[Any]:
    columns = (getattr(Booking, name) for name in _LISTED)
    return (
        select(*columns, Agency.name.label("agency_name"), paid_minor(), due_on())  # type: ignore[attr-defined]
        .select_from(Booking)
        .outerjoin(Agency, Agency.id == Booking.agency_id)  # type: ignore[arg-type]
        .order_by(Booking.created_at.desc(), Booking.id.desc())  # type: ignore[attr-defined]
    )


def paid_minor() -> Label[Any]:
    """What has come in for a booking and stays, as a column ``paid_minor`` of its row."""
    return (
        select(func.coalesce(func.sum(Payment.amount_minor - Payment.refunded_minor), 0))
        .where(Payment.booking_id == Booking.id, Payment.status.in_(RECEIVED))  # type: ignore[attr-defined]
        .correlate(Booking)
        .label("paid_minor")
    )


def due_on() -> Label[Any]:
    """When a booking's next payment is due, as a column ``due_on`` of its row.

    The difference for another date is not counted: it need not be paid.
    """
    return (
        select(func.min(Payment.due_on))
        .where(
            Payment.booking_id == Booking.id,
            Payment.status.in_(UNDECIDED),  # type: ignore[attr-defined]
            Payment.closed_at.is_(None),  # type: ignore[union-attr]
            Payment.kind != "change",
        )
        .correlate(Booking)
        .label("due_on")
    )


def count(
    session: RoutedSession, condition: ColumnElement[bool], *, words: str = "", status: str = ""
) -> int:
    """How many bookings ``rows`` would list in all."""
    statement = select(func.count()).select_from(Booking).where(condition)
    found = session.connection().execute(statement.where(*_matching(words, status)))
    return found.scalar_one()


def _matching(words: str, status: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if status:
        conditions.append(Booking.status == status)  # type: ignore[arg-type]
    if words:
        title = Booking.snapshot["package"]["title"].astext  # type: ignore[index]
        conditions.append(
            or_(
                Booking.reference.icontains(words, autoescape=True),  # type: ignore[attr-defined]
                Booking.lead_name.icontains(words, autoescape=True),  # type: ignore[attr-defined]
                title.icontains(words, autoescape=True),
                # Whole addresses only: a part of one would find people by their provider.
                Booking.lead_email == words.lower(),  # type: ignore[arg-type]
            )
        )
    return conditions


def client_of(session: RoutedSession, agency_id: UUID, client_id: UUID) -> Client | None:
    """A client fetched by agency and id together, who can't be merged or erased meanwhile."""
    return session.execute(
        select(Client)
        .where(
            Client.id == client_id,
            Client.agency_id == agency_id,
            Client.merged_into.is_(None),  # type: ignore[union-attr]
            Client.erased_at.is_(None),  # type: ignore[union-attr]
        )
        .with_for_update(read=True, key_share=True)
    ).scalar_one_or_none()
