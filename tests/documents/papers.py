"""Bookings to write papers about."""

from io import BytesIO
from typing import Any
from uuid import UUID

from pypdf import PdfReader
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger
from ecosystem.database.tables import BookingChange, Refund
from ecosystem.domain import ledger as postings
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from tests.product import Product


def pages(content: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def booking_row(product: Product, reference: str) -> Any:
    return product.one("select * from bookings where reference = :r", r=reference)


def run(product: Product, sql: str, **values: Any) -> None:
    with product.database.unit(RDS) as session:
        session.execute(text(sql), values)


def cancelled(
    product: Product,
    reference: str,
    *,
    retained: int,
    refund_state: str = "succeeded",
    by: str = "buyer",
    reason: str = "",
) -> tuple[UUID, UUID]:
    """Rows and postings of a cancellation that keeps ``retained`` of one full payment.

    Returns the change's id and the refund's.
    """
    booking = booking_row(product, reference)
    payment = product.one("select * from payments where booking_id = :b", b=booking.id)
    before, after = (Money(m, booking.currency) for m in (booking.total_minor, retained))
    back = before - after
    now = product.clock.now()
    change_id, refund_id = uuid7(), uuid7()
    was, is_ = (
        split(each, booking.commission_percent, by_agency=booking.agency_id is not None)
        for each in (before, after)
    )
    with product.database.unit(RDS) as session:
        session.add(
            BookingChange(
                id=change_id,
                booking_id=booking.id,
                kind="cancelled",
                by=by,
                reason=reason,
                currency=booking.currency,
                before_minor=before.minor,
                after_minor=after.minor,
                refund_minor=back.minor,
                retained_minor=after.minor,
                created_at=now,
                done_at=now,
            )
        )
        session.flush()
        posted = [postings.repriced(change_id, before, after, was, is_)]
        if back.minor:
            session.add(
                Refund(
                    id=refund_id,
                    booking_id=booking.id,
                    payment_id=payment.id,
                    change_id=change_id,
                    payment_intent=payment.stripe_payment_intent,
                    currency=booking.currency,
                    amount_minor=back.minor,
                    reason="change",
                    state=refund_state,
                    created_at=now,
                )
            )
            posted.append(postings.refund_owed(refund_id, back))
            if refund_state == "succeeded":
                posted.append(postings.refund_sent(refund_id, 0, back))
        ledger.post(session, booking.id, posted, now)
    run(
        product,
        "update bookings set status = 'cancelled', revision = revision + 1, closed_at = :now"
        " where id = :b",
        now=now,
        b=booking.id,
    )
    run(
        product,
        "update payments set refunded_minor = :back, status = :status where id = :p",
        back=back.minor,
        status="refunded" if after.minor == 0 else "partially_refunded",
        p=payment.id,
    )
    return change_id, refund_id
