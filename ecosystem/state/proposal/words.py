"""A proposal as its client reads it: sums, dates and states in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from ecosystem.domain.cancellation import dated
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.paths import cover_path, logo_path
from ecosystem.domain.quotes import (
    FreeItem,
    Offer,
    Option,
    QuoteBooking,
    QuoteComment,
    TripItem,
)
from ecosystem.state import formats
from ecosystem.state.package_view import PriceLine, StayLine, price_lines, stay_lines
from ecosystem.state.policy import PolicyLine, policy_lines


@dataclass(frozen=True)
class ItemLine:
    """A trip of an option, or with ``own`` something that the agency arranges itself: that has a
    title, a note and a total alone."""

    key: str = ""
    own: bool = False
    title: str = ""
    href: str = ""
    cover: str = ""
    when: str = ""
    party: str = ""
    operator: str = ""
    summary: str = ""
    note: str = ""
    total: str = ""
    stays: list[StayLine] = field(default_factory=list)
    lines: list[PriceLine] = field(default_factory=list)
    policy: list[PolicyLine] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OptionView:
    """One of the ways to travel. ``taken``: this is the one that was accepted."""

    key: str = ""
    title: str = ""
    note: str = ""
    total: str = ""
    now: str = ""
    to_agency: str = ""
    taken: bool = False
    bookable: bool = False
    items: list[ItemLine] = field(default_factory=list)


@dataclass(frozen=True)
class BookingCard:
    """A booking that came of accepting. ``held`` is RFC 3339 while its seats wait for payment."""

    reference: str = ""
    title: str = ""
    when: str = ""
    status: str = ""
    tone: str = ""
    total: str = ""
    to_pay: str = ""
    pay_url: str = ""
    url: str = ""
    held: str = ""
    held_utc: str = ""


@dataclass(frozen=True)
class CommentLine:
    key: str = ""
    mine: bool = False
    name: str = ""
    text: str = ""
    at: str = ""


@dataclass(frozen=True)
class ProposalView:
    """Everything on the page. ``status`` is empty while there is nothing to say of it."""

    number: str = ""
    title: str = ""
    agency: str = ""
    accent: str = ""
    logo: str = ""
    pdf: str = ""
    agent: str = ""
    agent_email: str = ""
    client: str = ""
    valid: str = ""
    letter: list[str] = field(default_factory=list)
    status: str = ""
    tone: str = ""
    sentence: str = ""
    can_accept: bool = False
    many: bool = False
    options: list[OptionView] = field(default_factory=list)
    bookings: list[BookingCard] = field(default_factory=list)
    comments: list[CommentLine] = field(default_factory=list)


def proposal_view(offer: Offer, today: date, token: str) -> ProposalView:
    """The page of ``offer`` on ``today``; ``token`` is the one in its address."""
    status, tone, sentence = _status(offer)
    return ProposalView(
        number=offer.number,
        title=offer.title,
        agency=offer.agency_name,
        accent=offer.accent,
        logo=logo_path(offer.logo),
        pdf=f"/api/quotes/{quote(token)}/proposal.pdf",
        agent=offer.agent_name,
        agent_email=offer.agent_email,
        client=offer.client_name,
        valid=formats.weekday(offer.valid_until),
        letter=[part for part in offer.content.cover.split("\n\n") if part.strip()],
        status=status,
        tone=tone,
        sentence=sentence,
        can_accept=offer.can_accept,
        many=len(offer.content.options) > 1,
        options=[_option(option, offer, today) for option in offer.content.options],
        bookings=[booking_card(booking) for booking in offer.bookings],
        comments=[comment_line(comment) for comment in offer.comments],
    )


def sums(amounts: Sequence[Money]) -> str:
    """``€2,400 + US$300``: sums of several currencies are not added together."""
    return " + ".join(formats.money(amount) for amount in amounts)


def comment_line(comment: QuoteComment) -> CommentLine:
    return CommentLine(
        key=str(comment.id),
        mine=comment.mine,
        name=_("You") if comment.mine else comment.name,
        text=comment.text,
        at=f"{formats.moment(comment.at)} UTC",
    )


def _status(offer: Offer) -> tuple[str, str, str]:
    if offer.status == "accepted":
        waiting = [b for b in offer.bookings if b.status == "pending_payment"]
        if waiting:
            return (
                _("Accepted"),
                "warn",
                _("Your seats are held for a short while. They are yours when you have paid."),
            )
        return (
            _("Accepted"),
            "good",
            _("Accepted by {name}. Everything else is on the pages of your trips.").format(
                name=offer.accepted_name
            ),
        )
    if offer.can_accept:
        return "", "", ""
    names = {
        "withdrawn": _("Withdrawn"),
        "declined": _("Declined"),
        "expired": _("Not valid any more"),
    }
    return names.get(offer.status, ""), "plain", offer.why_not


def _option(option: Option, offer: Offer, today: date) -> OptionView:
    now, total = sums(option.now), sums(option.paid_here)
    return OptionView(
        key=option.id,
        title=option.title,
        note=option.note,
        total=total,
        now=now if offer.pay == "deposit" and now != total else "",
        to_agency=sums(option.paid_to_agency),
        taken=offer.status == "accepted" and offer.accepted_option == option.id,
        bookable=bool(option.trips),
        items=[
            _trip(item, today) if isinstance(item, TripItem) else _own(item)
            for item in option.items
        ],
    )


def _trip(item: TripItem, today: date) -> ItemLine:
    shown = item.shown
    return ItemLine(
        key=item.id,
        title=shown.title,
        href=f"/packages/{shown.slug}",
        cover=cover_path(shown.package_id, shown.country, shown.latitude),
        when=f"{formats.days(shown.starts_on, shown.ends_on)} · {formats.nights(shown.nights)}",
        party=formats.people(item.party),
        operator=shown.operator,
        summary=shown.summary,
        note=item.note,
        total=formats.money(shown.price),
        stays=stay_lines(shown.stays),
        lines=price_lines(shown.parts),
        policy=policy_lines(dated(shown.policy, shown.starts_on), today),
        excluded=list(shown.excluded),
    )


def _own(item: FreeItem) -> ItemLine:
    title = item.title if item.quantity == 1 else f"{item.quantity} × {item.title}"
    return ItemLine(
        key=item.id,
        own=True,
        title=title,
        note=item.text,
        total=formats.money(item.price) if item.each else _("included"),
    )


def booking_card(booking: QuoteBooking) -> BookingCard:
    names = {
        "pending_payment": (_("Waiting for payment"), "warn"),
        "confirmed": (_("Confirmed"), "good"),
        "completed": (_("Completed"), "good"),
        "cancelled": (_("Cancelled"), "plain"),
    }
    status, tone = names.get(booking.status, (booking.status, "plain"))
    held = booking.held_until
    return BookingCard(
        reference=booking.reference,
        title=booking.title,
        when=formats.weekday(booking.starts_on),
        status=status,
        tone=tone,
        total=formats.money(booking.total),
        to_pay=formats.money(booking.due_now) if booking.due_now else "",
        pay_url=booking.pay_url or "",
        url=booking.url,
        held="" if held is None else held.isoformat(),
        held_utc="" if held is None else f"{formats.clock_time(held)} UTC",
    )
