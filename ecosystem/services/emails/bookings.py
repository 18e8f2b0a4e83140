"""Letters about what became of a booking: confirmed, changed, cancelled, expired, travelled."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import money_rows
from ecosystem.database.tables import Booking, BookingChange
from ecosystem.domain import formats
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.booking import RECEIVED
from ecosystem.domain.language import _, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.party import missing, names_until
from ecosystem.domain.price import Price
from ecosystem.domain.price_words import label
from ecosystem.domain.reviews import REVEALED_AFTER
from ecosystem.services.emails.asking import who_is_missing
from ecosystem.services.emails.sending import Desk, title_of, trip_facts
from ecosystem.services.emails.writing import Letter
from ecosystem.services.payments.base import trip_url


class BookingLetters:
    """Handlers of the outbox: each may be called any number of times for the same message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def confirmed(self, payload: dict[str, Any]) -> None:
        booking, payments = self._desk.load(payload)
        with speaking(booking.language):
            paid = sum(p.amount_minor - p.refunded_minor for p in payments if p.status in RECEIVED)
            facts = trip_facts(booking)
            papers = ["voucher.pdf"]
            if _tells_money(booking):
                papers.append("invoice.pdf")
                facts += [
                    *(
                        f"{label(line)}: {formats.money(line.amount)}"
                        for line in Price.from_json(booking.price).lines
                    ),
                    _("Total: {amount}").format(amount=_money(booking, booking.total_minor)),
                    _("Paid: {amount}").format(amount=_money(booking, paid)),
                    *self._desk.open_payments(booking, payments),
                ]
            said = [
                _("Your seats are yours. The reference of your booking is {reference}.").format(
                    reference=booking.reference
                )
            ]
            left = missing(booking.adults + booking.children, booking.travellers, birth_dates=False)
            until = names_until(booking.starts_on)
            if left and booking.confirmed_at and booking.confirmed_at.date() <= until:
                said.append(who_is_missing(left, until))
            letter = Letter(
                _("Your trip is booked: {title}, {reference}").format(
                    title=title_of(booking), reference=booking.reference
                ),
                said,
                facts,
                self._desk.trip(booking),
                self._desk.papers(booking, *papers),
            )
            self._desk.send(booking, "confirmed", letter, attachments=self._desk.calendar(booking))

    def cancelled(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._desk.load(payload)
        change = self._change(payload)
        with speaking(booking.language):
            when = formats.moment(change.created_at, booking.timezone)
            told = _tells_money(booking)
            letter = Letter(
                _("Your booking is cancelled: {title}, {reference}").format(
                    title=title_of(booking), reference=booking.reference
                ),
                [
                    _who_cancelled(booking, change).format(when=when),
                    *(_refund(change) if told else ()),
                ],
                [*trip_facts(booking), *(_amounts(change) if told else ())],
                self._desk.trip(booking),
                self._desk.papers(booking, "invoice.pdf") if told and change.before_minor else (),
            )
            # A calendar takes out only what it was given.
            files = self._desk.calendar(booking) if booking.confirmed_at else ()
            self._desk.send(booking, f"cancelled:{change.id}", letter, attachments=files)

    def changed(self, payload: dict[str, Any]) -> None:
        booking, payments = self._desk.load(payload)
        change = self._change(payload)
        if change.state != "done":
            return
        with speaking(booking.language):
            facts, papers = trip_facts(booking), ["voucher.pdf"]
            refund: list[str] = []
            if _tells_money(booking):
                papers.append("invoice.pdf")
                refund = _refund(change)
                facts += [
                    _("New total: {amount}, before: {before}").format(
                        amount=_money(booking, change.after_minor),
                        before=_money(booking, change.before_minor),
                    ),
                    *self._desk.open_payments(booking, payments),
                ]
            letter = Letter(
                _("Your booking has changed: {title}, {reference}").format(
                    title=title_of(booking), reference=booking.reference
                ),
                [_what_changed(booking, change), *refund],
                facts,
                self._desk.trip(booking),
                self._desk.papers(booking, *papers),
            )
            files = self._desk.calendar(booking)
            self._desk.send(booking, f"changed:{change.id}", letter, attachments=files)

    def expired(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._desk.load(payload)
        with self._desk.database.unit(RDS) as session:
            came = money_rows.refunds(session, booking.id)
        # Money that came after all and goes back has a letter of its own.
        if booking.status != "expired" or came:
            return
        slug = booking.snapshot["package"]["slug"]
        with speaking(booking.language):
            letter = Letter(
                _("Your seats are on sale again: {title}").format(title=title_of(booking)),
                [
                    _(
                        "Your reservation {reference} was not paid in time and has ended."
                        " Nothing was charged."
                    ).format(reference=booking.reference)
                ],
                trip_facts(booking),
                (_("Reserve once more"), f"{self._desk.origin}/packages/{slug}"),
            )
            self._desk.send(booking, "expired", letter)

    def review_invitation(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._desk.load(payload)
        key = self._desk.review_key(booking.id)
        with speaking(booking.language):
            letter = Letter(
                _("How was {title}?").format(title=title_of(booking)),
                [
                    _(
                        "Your trip is over. Say in a few words how it was: it helps those who go"
                        " next. The operator says how it was with you, and neither sees the other's"
                        " words before both are in, or {days} days have passed since the first."
                    ).format(days=REVEALED_AFTER.days)
                ],
                trip_facts(booking),
                (
                    _("Write a review"),
                    f"{trip_url(self._desk.origin, booking)}&review={key}#review",
                ),
            )
            self._desk.send(booking, "review", letter)

    def _change(self, payload: dict[str, Any]) -> BookingChange:
        with self._desk.database.unit(RDS) as session:
            change = money_rows.change(session, UUID(payload["change_id"]))
            assert change is not None  # changes are never deleted
            return change


def _tells_money(booking: Booking) -> bool:
    """Not a traveller whose agency collects: what is owed for the trip is the agency's."""
    return booking.agency_model != ON_ACCOUNT


def _money(booking: Booking, minor: int) -> str:
    return formats.money(Money(minor, booking.currency))


def _who_cancelled(booking: Booking, change: BookingChange) -> str:
    """A sentence with the placeholder ``when``."""
    if change.by == "operator":
        said = _("{operator} has cancelled your trip, {when}.").replace(
            "{operator}", _plain(booking.snapshot["operator"]["name"])
        )
    elif change.by == "ops":
        said = _("We have cancelled your booking, {when}: the trip can't take place.")
    elif change.by == "system":
        said = _("Your booking was cancelled, {when}, because what was due was not paid.")
    else:
        said = _("Your booking was cancelled, {when}.")
    if change.reason and change.by in ("operator", "ops"):
        return f"{said} {_plain(change.reason)}"
    return said


def _plain(text: str) -> str:
    """Words of a person inside a pattern: their braces are no placeholders."""
    return text.replace("{", "{{").replace("}", "}}")


def _what_changed(booking: Booking, change: BookingChange) -> str:
    subject = str(change.detail.get("subject", ""))
    if change.kind == "date_changed":
        return _("Your trip is on other days now: {first} to {last}.").format(
            first=formats.weekday(booking.starts_on), last=formats.weekday(booking.ends_on)
        )
    if change.kind == "traveller_cancelled":
        if subject:
            return _("{name} does not travel any more.").format(name=subject)
        return _("One traveller less is going.")
    if subject:
        return _("“{name}” is not part of your booking any more.").format(name=subject)
    return _("An extra is not part of your booking any more.")


def _refund(change: BookingChange) -> list[str]:
    if not change.refund_minor:
        return []
    amount = formats.money(Money(change.refund_minor, change.currency))
    return [
        _(
            "{amount} goes back to the card it came from; banks take 5 to 10 days to show it."
        ).format(amount=amount)
    ]


def _amounts(change: BookingChange) -> list[str]:
    refund, kept = (Money(m, change.currency) for m in (change.refund_minor, change.retained_minor))
    return [
        _("Goes back to you: {amount}").format(amount=formats.money(refund)),
        _("Stays, by the cancellation policy: {amount}").format(amount=formats.money(kept)),
    ]
