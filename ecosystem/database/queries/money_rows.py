"""What happened to a booking's money after it was paid, as pages, documents and e-mails tell it.
Group: rds."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from ecosystem.database import statements
from ecosystem.database.statements import Statement
from ecosystem.database.tables import BookingChange, Refund, SentEmail
from ecosystem.database.unit_of_work import RoutedSession


def change(session: RoutedSession, change_id: UUID) -> BookingChange | None:
    return session.get(BookingChange, change_id)


def refund(session: RoutedSession, refund_id: UUID) -> Refund | None:
    return session.get(Refund, refund_id)


def changes(session: RoutedSession, booking_id: UUID) -> Sequence[BookingChange]:
    """What was changed on a booking and carried out, in order."""
    return (
        session.execute(
            select(BookingChange)
            .where(BookingChange.booking_id == booking_id, BookingChange.state == "done")
            .order_by(BookingChange.created_at, BookingChange.id)  # type: ignore[arg-type]
        )
        .scalars()
        .all()
    )


def refunds(session: RoutedSession, booking_id: UUID) -> Sequence[Refund]:
    """What goes back or went back of a booking's payments, in order."""
    return (
        session.execute(
            select(Refund)
            .where(Refund.booking_id == booking_id)
            .order_by(Refund.created_at, Refund.id)  # type: ignore[arg-type]
        )
        .scalars()
        .all()
    )


def keeping_email(
    email_id: str, booking_id: UUID, recipient: str, subject: str, body: str
) -> Statement:
    """What keeps an e-mail about a booking as it was sent; sent again it is the same one."""
    email = SentEmail(
        id=email_id, booking_id=booking_id, recipient=recipient, subject=subject, body=body
    )
    return statements.insert([email], "on conflict (id) do nothing")
