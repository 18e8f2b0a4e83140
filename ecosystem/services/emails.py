"""E-mails about bookings, as text and HTML."""

from html import escape
from typing import Any
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_currency

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.services.payments.base import trip_url
from ecosystem.services.ports import Email, Mail

LOCALE = "en_GB"


class Emails:
    """The handlers of the ``email.*`` topics. ``origin`` is the product's address."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def booking_confirmed(self, payload: dict[str, Any]) -> None:
        booking, payments = self._load(payload)
        paid = sum(p.amount_minor for p in payments if p.status == "paid")
        rest = [p for p in payments if p.status != "paid"]
        lines = [
            f"{line.label} × {line.quantity}: {_money(line.amount)}"
            for line in Price.from_json(booking.price).lines
        ]
        facts = [
            *_trip(booking),
            *lines,
            f"Total: {_money(Money(booking.total_minor, booking.currency))}",
            f"Paid: {_money(Money(paid, booking.currency))}",
        ]
        facts += [
            f"Due by {_day(p.due_on)}: {_money(Money(p.amount_minor, p.currency))},"
            f" pay at {self._origin}/pay/{p.pay_token}"
            for p in rest
        ]
        self._send(
            booking,
            "confirmed",
            f"Your trip is booked: {_title(booking)}, {booking.reference}",
            f"Your seats are yours. The reference of your booking is {booking.reference}.",
            facts,
            ("See your trip", trip_url(self._origin, booking)),
        )

    def payment_received(self, payload: dict[str, Any]) -> None:
        booking, payments = self._load(payload)
        payment = next(p for p in payments if str(p.id) == payload["payment_id"])
        amount = _money(Money(payment.amount_minor, payment.currency))
        self._send(
            booking,
            f"received:{payment.id}",
            f"We received {amount} for {booking.reference}",
            f"Your payment of {amount} has arrived. Nothing else is needed for it.",
            _trip(booking),
            ("See your trip", trip_url(self._origin, booking)),
        )

    def payment_given_back(self, payload: dict[str, Any]) -> None:
        booking, _ = self._load(payload)
        amount = _money(Money(payload["amount"], payload["currency"]))
        self._send(
            booking,
            f"given_back:{payload['session_id']}",
            f"We gave back {amount}: {_title(booking)}",
            f"{payload['reason']} We have given all of your payment of {amount} back to the"
            " card it came from; banks take 5 to 10 days to show it. You have no booking"
            " for this payment.",
            _trip(booking),
            ("Find another date", f"{self._origin}/packages/{booking.snapshot['package']['slug']}"),
        )

    def _load(self, payload: dict[str, Any]) -> tuple[Booking, list[Any]]:
        booking_id = UUID(payload["booking_id"])
        with self._database.unit(RDS) as session:
            booking = bookings.get(session, booking_id)
            assert booking is not None  # bookings are never deleted
            return booking, bookings.payments(session, [booking_id])

    def _send(
        self,
        booking: Booking,
        kind: str,
        subject: str,
        first: str,
        facts: list[str],
        link: tuple[str, str],
    ) -> None:
        label, address = link
        text = "\n\n".join(
            [f"Hello {booking.lead_name},", first, "\n".join(facts), f"{label}: {address}"]
        )
        rows = "".join(f"<li style='margin:4px 0'>{escape(fact)}</li>" for fact in facts)
        html = (
            "<div style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;max-width:560px;"
            "margin:0 auto;padding:24px'>"
            "<p style='font:28px Georgia,serif;margin:0 0 16px'>Ecosystem</p>"
            f"<p>Hello {escape(booking.lead_name)},</p><p>{escape(first)}</p>"
            f"<ul style='padding-left:18px'>{rows}</ul>"
            f"<p><a href='{escape(address)}' style='display:inline-block;background:#0F5B5A;"
            "color:#fff;padding:10px 18px;border-radius:10px;text-decoration:none'>"
            f"{escape(label)}</a></p></div>"
        )
        self._mail.send(
            Email(f"{booking.id}.{kind}", booking.lead_email, subject, text + "\n", html)
        )


def _title(booking: Booking) -> str:
    return str(booking.snapshot["package"]["title"])


def _trip(booking: Booking) -> list[str]:
    travellers = booking.adults + booking.children
    who = "1 traveller" if travellers == 1 else f"{travellers} travellers"
    return [
        f"{_title(booking)}, by {booking.snapshot['operator']['name']}",
        f"{_day(booking.starts_on)} to {_day(booking.ends_on)}, {who}",
    ]


def _day(day: Any) -> str:
    return format_date(day, "EEE d MMMM yyyy", locale=LOCALE)


def _money(amount: Money) -> str:
    return format_currency(amount.decimal, amount.currency, locale=LOCALE)
