"""The evidence of a booking: a PDF that says what was bought, told, opened and written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ecosystem.database.queries import bookings, disputes, ledger
from ecosystem.database.tables import (
    Booking,
    BookingAccess,
    Dispute,
    LedgerEntry,
    Message,
    Payment,
    SentEmail,
)
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.cancellation import dated
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.services.documents import Column, Paper

MOST_EMAILS = 40
MOST_MESSAGES = 200
MOST_LOOKS = 200
LONGEST_TEXT = 20_000
"""Of one of Stripe's evidence texts."""
_PRIVATE = re.compile(r"([?&]key=|/pay/)[^\s&\"]+")
"""What opens a booking or a payment page to whoever reads it: not for others' files."""
WHAT = {
    "page": "the page of the trip",
    "voucher": "the voucher",
    "invoice": "the invoice",
    "calendar": "the calendar file",
    "payment": "the payment page",
}


@dataclass(frozen=True)
class Pack:
    """All that is known of a booking that a bank should know."""

    dispute: Dispute
    booking: Booking
    payments: Sequence[Payment]
    emails: Sequence[SentEmail]
    accesses: Sequence[BookingAccess]
    messages: Sequence[Message]
    entries: Sequence[LedgerEntry]


def gather(session: RoutedSession, dispute: Dispute, booking: Booking) -> Pack:
    """Read what is known of a disputed booking."""
    of: UUID = booking.id
    return Pack(
        dispute,
        booking,
        bookings.payments(session, [of]),
        disputes.emails(session, of, booking.lead_email),
        disputes.accesses(session, of),
        disputes.messages(session, of),
        ledger.entries(session, of),
    )


def texts(pack: Pack, statement: str) -> dict[str, str]:
    """The evidence in Stripe's own fields
    (https://docs.stripe.com/api/disputes/evidence_object); empty ones are left out."""
    booking = pack.booking
    with speaking(ENGLISH.code):
        first = next((a.address for a in pack.accesses if a.address), "")
        found = {
            "customer_name": booking.lead_name,
            "customer_email_address": booking.lead_email,
            "customer_purchase_ip": first,
            "product_description": _product(booking),
            "service_date": formats.days(booking.starts_on, booking.ends_on),
            "access_activity_log": "\n".join(_looks(pack.accesses)),
            "cancellation_policy_disclosure": "\n".join(
                ["Shown before and at payment, and on the page of the trip:", *_policy(booking)]
            ),
            "refund_policy_disclosure": "\n".join(_policy(booking)),
            "uncategorized_text": statement,
        }
    return {name: text[:LONGEST_TEXT] for name, text in found.items() if text}


def pdf(pack: Pack, made: datetime) -> bytes:
    """The pack as a PDF, in English: it is for a bank."""
    with speaking(ENGLISH.code):
        booking, dispute = pack.booking, pack.dispute
        paper = Paper(
            f"Evidence for booking {booking.reference}",
            made=made,
            foot=f"Dispute {dispute.stripe_dispute_id} · booking {booking.reference}",
        )
        paper.text(
            "What the buyer bought, was told, opened and wrote. Times are UTC. The records were"
            " made when the things happened and have not been changed since.",
            quiet=True,
        )
        _of_dispute(paper, pack)
        _of_booking(paper, booking)
        paper.heading("Payments")
        paper.table(
            (Column("For", 2), Column("Status", 2), Column("Paid", 2), Column("Amount", 1, "end")),
            [
                (p.kind, p.status.replace("_", " "), _at(p.paid_at), _money(p.amount_minor, p))
                for p in pack.payments
            ],
        )
        paper.heading("Cancellation policy the buyer agreed to")
        for line in _policy(booking):
            paper.text(line)
        _of_emails(paper, pack.emails)
        paper.heading("What the buyer opened")
        for line in _looks(pack.accesses) or ["Nothing was recorded."]:
            paper.text(line)
        if pack.messages:
            paper.heading("Messages between the buyer and the operator")
            for one in pack.messages[-MOST_MESSAGES:]:
                paper.text(f"{_at(one.created_at)} · {one.author_name} ({one.author})", quiet=True)
                paper.text(one.body)
        _of_ledger(paper, pack.entries)
        return paper.finished()


def _of_dispute(paper: Paper, pack: Pack) -> None:
    dispute = pack.dispute
    paper.heading("The dispute")
    paper.facts(
        [
            ("Dispute", dispute.stripe_dispute_id),
            ("Amount", _money(dispute.amount_minor, dispute)),
            ("Reason given", dispute.reason.replace("_", " ")),
            ("Opened", _at(dispute.created_at)),
        ]
    )


def _of_booking(paper: Paper, booking: Booking) -> None:
    paper.heading("What was bought")
    names = ", ".join(str(one.get("name", "")) for one in booking.travellers)
    paper.facts(
        [
            ("Reference", booking.reference),
            ("Trip", _product(booking)),
            ("Operator", str(booking.snapshot["operator"]["name"])),
            ("Dates", f"{formats.days(booking.starts_on, booking.ends_on)} ({booking.timezone})"),
            ("Bought by", f"{booking.lead_name}, {booking.lead_email}"),
            ("Telephone", booking.lead_phone),
            ("Travellers", names),
            ("Booked", _at(booking.created_at)),
            ("Confirmed", _at(booking.confirmed_at)),
            ("Terms accepted", _terms(booking)),
            ("Status", booking.status.replace("_", " ")),
        ]
    )
    paper.gap(2)
    paper.table(
        (Column("Line", 4), Column("Quantity", 1, "end"), Column("Amount", 1.4, "end")),
        [
            (line.label, str(line.quantity), formats.money(line.amount))
            for line in Price.from_json(booking.price).lines
        ],
        totals=[("Total", "", _money(booking.total_minor, booking))],
    )


def _of_emails(paper: Paper, emails: Sequence[SentEmail]) -> None:
    paper.heading("E-mails to the buyer")
    if not emails:
        paper.text("None was recorded.")
    for one in emails[:MOST_EMAILS]:
        paper.text(one.subject, bold=True)
        paper.text(f"{_at(one.sent_at)} to {one.recipient}", quiet=True)
        paper.text(_PRIVATE.sub(r"\1…", one.body.strip()))
        paper.gap(3)


def _of_ledger(paper: Paper, entries: Sequence[LedgerEntry]) -> None:
    paper.heading("The money of this booking")
    paper.table(
        (Column("When", 1.8), Column("What", 4), Column("Amount", 1.4, "end")),
        [
            (_at(entry.at), entry.memo, _money(entry.amount_minor, entry))
            for entry in entries
            if entry.account in ("buyer_receivable", "refunds", "disputes")
        ],
    )


def _product(booking: Booking) -> str:
    stays = ", ".join(
        f"{stay['city']} ({formats.nights(int(stay['nights']))})"
        for stay in booking.snapshot["cities"]
    )
    party = formats.people(booking.adults + booking.children)
    return f"{booking.snapshot['package']['title']}: {stays}. {party}, hotels included."


def _terms(booking: Booking) -> str:
    """Which of our terms the buyer accepted, and when; empty for a booking without."""
    terms = booking.snapshot.get("terms")
    if not terms:
        return ""
    return f"as of {terms['version']}, on {_at(datetime.fromisoformat(terms['at']))}"


def _policy(booking: Booking) -> list[str]:
    lines = []
    for tier in dated(booking.snapshot["policy"], booking.starts_on):
        until = f"until {formats.full_day(tier.last)}" if tier.last else "after that"
        lines.append(f"Cancelled {until}: {formats.percent(tier.refund_percent)} comes back")
    return lines


def _looks(accesses: Sequence[BookingAccess]) -> list[str]:
    return [
        f"{formats.full_day(one.day)}: {WHAT.get(one.what, one.what)}, {_times(one.times)}, first"
        f" at {formats.clock_time(one.first_at)} from {one.address or 'an unknown address'}"
        + (f" with {one.browser}" if one.browser else "")
        for one in accesses[:MOST_LOOKS]
    ]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _at(moment: datetime | None) -> str:
    return formats.moment(moment) if moment else ""


def _money(minor: int, row: Dispute | Booking | Payment | LedgerEntry) -> str:
    return formats.money(Money(minor, row.currency))
