"""E-mails about bookings, as text and HTML, in the language in which the trip was booked."""

from html import escape
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.language import _, language, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.reviews import REVEALED_AFTER
from ecosystem.services.payments.base import trip_url
from ecosystem.services.ports import Email, Mail


class Emails:
    """The handlers of the ``email.*`` topics. ``origin`` is the product's address."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def booking_confirmed(self, payload: dict[str, Any]) -> None:
        booking, payments = self._load(payload)
        with speaking(booking.language):
            paid = sum(p.amount_minor for p in payments if p.status == "paid")
            total = formats.money(Money(booking.total_minor, booking.currency))
            facts = [
                *_trip(booking),
                *(
                    f"{line.label} × {line.quantity}: {formats.money(line.amount)}"
                    for line in Price.from_json(booking.price).lines
                ),
                _("Total: {amount}").format(amount=total),
                _("Paid: {amount}").format(amount=formats.money(Money(paid, booking.currency))),
                *(
                    _("Due by {day}: {amount}, pay at {address}").format(
                        day=formats.weekday(p.due_on),
                        amount=formats.money(Money(p.amount_minor, p.currency)),
                        address=f"{self._origin}/pay/{p.pay_token}",
                    )
                    for p in payments
                    if p.status != "paid"
                ),
            ]
            self._send(
                booking,
                "confirmed",
                _("Your trip is booked: {title}, {reference}").format(
                    title=_title(booking), reference=booking.reference
                ),
                _("Your seats are yours. The reference of your booking is {reference}.").format(
                    reference=booking.reference
                ),
                facts,
                (_("See your trip"), trip_url(self._origin, booking)),
            )

    def payment_received(self, payload: dict[str, Any]) -> None:
        booking, payments = self._load(payload)
        payment = next(p for p in payments if str(p.id) == payload["payment_id"])
        with speaking(booking.language):
            amount = formats.money(Money(payment.amount_minor, payment.currency))
            self._send(
                booking,
                f"received:{payment.id}",
                _("We received {amount} for {reference}").format(
                    amount=amount, reference=booking.reference
                ),
                _("Your payment of {amount} has arrived. Nothing else is needed for it.").format(
                    amount=amount
                ),
                _trip(booking),
                (_("See your trip"), trip_url(self._origin, booking)),
            )

    def payment_given_back(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._load(payload)
        with speaking(booking.language):
            amount = formats.money(Money(payload["amount"], payload["currency"]))
            slug = booking.snapshot["package"]["slug"]
            self._send(
                booking,
                f"given_back:{payload['session_id']}",
                _("We gave back {amount}: {title}").format(amount=amount, title=_title(booking)),
                " ".join(
                    (
                        _(payload["reason"]),
                        _(
                            "We have given all of your payment of {amount} back to the card it"
                            " came from; banks take 5 to 10 days to show it. You have no booking"
                            " for this payment."
                        ).format(amount=amount),
                    )
                ),
                _trip(booking),
                (_("Find another date"), f"{self._origin}/packages/{slug}"),
            )

    def review_invitation(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._load(payload)
        with speaking(booking.language):
            self._send(
                booking,
                "review",
                _("How was {title}?").format(title=_title(booking)),
                _(
                    "Your trip is over. Say in a few words how it was: it helps those who go next."
                    " The operator says how it was with you, and neither sees the other's words"
                    " before both are in, or {days} days have passed since the first."
                ).format(days=REVEALED_AFTER.days),
                _trip(booking),
                (_("Write a review"), f"{trip_url(self._origin, booking)}#review"),
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
        hello = _("Hello {name},").format(name=booking.lead_name)
        text = "\n\n".join([hello, first, "\n".join(facts), f"{label}: {address}"])
        rows = "".join(f"<li style='margin:4px 0'>{escape(fact)}</li>" for fact in facts)
        html = (
            f"<div lang='{language().code}' dir='{language().direction}' "
            "style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;max-width:560px;"
            "margin:0 auto;padding:24px'>"
            "<p style='font:28px Georgia,serif;margin:0 0 16px'>Ecosystem</p>"
            f"<p>{escape(hello)}</p><p>{escape(first)}</p>"
            f"<ul style='padding-inline-start:18px'>{rows}</ul>"
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
    by = _("{title}, by {operator}")
    when = _("{first} to {last}, {travellers}")
    return [
        by.format(title=_title(booking), operator=booking.snapshot["operator"]["name"]),
        when.format(
            first=formats.weekday(booking.starts_on),
            last=formats.weekday(booking.ends_on),
            travellers=formats.people(booking.adults + booking.children),
        ),
    ]
