"""A hold and its booking in the words of the checkout, and its form as a booking.

``kept`` and ``kept_after`` are one sentence; the page puts the time between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.price import Price
from ecosystem.domain.views import BookingView, HoldView
from ecosystem.state import formats
from ecosystem.state.cards import cover_path
from ecosystem.state.package_view import PriceLine, price_lines
from ecosystem.state.policy import PolicyLine, all_back_until, policy_lines


@dataclass(frozen=True)
class TravellerField:
    """One field for the name of somebody who comes along."""

    name: str
    label: str
    kind: str
    value: str = ""
    error: str = ""


@dataclass(frozen=True)
class CheckoutPage:
    """``seconds`` is what is left of the hold when this was made, ``until`` its end (RFC 3339)."""

    title: str = ""
    package_href: str = ""
    cover: str = ""
    when: str = ""
    party: str = ""
    kept: str = ""
    kept_after: str = ""
    seconds: int = 0
    until: str = ""
    until_utc: str = ""
    lines: list[PriceLine] = field(default_factory=list)
    total: str = ""
    deposit: str = ""
    rest: str = ""
    rest_due: str = ""
    fixed: str = ""
    all_back: str = ""
    policy: list[PolicyLine] = field(default_factory=list)
    name: str = ""
    email: str = ""
    failure: str = ""
    again: bool = False


@dataclass(frozen=True)
class Entered:
    """What the form sent. ``fields`` are the traveller fields that were filled in, in order."""

    name: str
    email: str
    others: list[dict[str, str]]
    fields: list[str]

    def booking(self, hold_id: UUID | None, how: str) -> dict[str, Any]:
        """The data of a ``BookingForm``; the lead travels as the first adult."""
        lead = {"name": self.name, "kind": "adult"}
        return {
            "hold_id": str(hold_id),
            "lead": {"name": self.name, "email": self.email},
            "travellers": [lead, *self.others] if self.others else [],
            "pay": how,
        }


def entered(form: Any, fields: Sequence[TravellerField]) -> Entered:
    """Read the form as sent; anything that is not text counts as left empty."""
    sent: Mapping[str, Any] = form if isinstance(form, dict) else {}

    def text(name: str) -> str:
        value = sent.get(name)
        return value.strip()[:1000] if isinstance(value, str) else ""

    filled = [f for f in fields if text(f.name)]
    return Entered(
        text("name"),
        text("email"),
        [{"name": text(f.name), "kind": f.kind} for f in filled],
        [f.name for f in filled],
    )


def checkout_page(
    actor: Actor, hold: HoldView, booking: BookingView | None, now: datetime
) -> tuple[CheckoutPage, list[TravellerField]]:
    """The checkout of a hold at ``now``, filled in as far as is known."""
    price, today = hold.price, now.date()
    kept, kept_after = _kept(hold)
    page = CheckoutPage(
        title=hold.package_title,
        package_href=f"/packages/{hold.package_slug}",
        cover=cover_path(hold.package_id, hold.country, hold.latitude),
        when=formats.days(hold.starts_on, hold.ends_on),
        party=party(hold.adults, hold.children),
        kept=kept,
        kept_after=kept_after,
        seconds=max(int((hold.expires_at - now).total_seconds()), 0),
        until=hold.expires_at.isoformat(),
        until_utc=f"{formats.clock_time(hold.expires_at)} UTC",
        lines=price_lines(price),
        total=formats.money(price.total),
        **_how_much(price, booking),
        all_back=all_back_until(hold.cancellation, today),
        policy=policy_lines(hold.cancellation, today),
        name=booking.lead_name if booking else actor.name if actor.role == "customer" else "",
        email=booking.lead_email if booking else actor.email if actor.role == "customer" else "",
        failure=_failure(booking),
        again=booking is not None,
    )
    return page, _fields(hold, booking)


def _kept(hold: HoldView) -> tuple[str, str]:
    """What comes before and after the time until which the seats are kept."""
    message = ngettext(
        "One seat on {day} is yours until {time}.",
        "{count} seats on {day} are yours until {time}.",
        hold.seats,
    )
    before, after = message.split("{time}")
    count = _numbers().get(hold.seats, str(hold.seats))
    return before.format(count=count, day=formats.day(hold.starts_on)), after


def _numbers() -> dict[int, str]:
    """Small numbers as words at the beginning of a sentence."""
    words = _("Two Three Four Five Six Seven Eight Nine Ten").split()
    return dict(enumerate(words, 2))


def party(adults: int, children: int) -> str:
    """``2 adults, 1 child``."""
    words = [ngettext("{count} adult", "{count} adults", adults).format(count=adults)]
    if children:
        words.append(ngettext("{count} child", "{count} children", children).format(count=children))
    return ", ".join(words)


def _how_much(price: Price, booking: BookingView | None) -> dict[str, str]:
    """The deposit on offer; once booked, what was chosen stands."""
    if booking is not None:
        first = booking.payments[0] if booking.payments else None
        amount = formats.money(first.amount if first else booking.due)
        deposit = first is not None and first.kind == "deposit"
        rest = _("Deposit, {amount}") if deposit else _("Everything, {amount}")
        return {"fixed": amount, "rest": rest.format(amount=amount)}
    if price.deposit is None or price.balance_due_on is None:
        return {}
    return {
        "deposit": formats.money(price.deposit),
        "rest": formats.money(price.total - price.deposit),
        "rest_due": formats.full_day(price.balance_due_on),
    }


def _failure(booking: BookingView | None) -> str:
    if booking is None:
        return ""
    refused = next((p.failure for p in booking.payments if p.failure), None)
    return refused or _("You came back before anything was paid. Nothing was charged.")


def _fields(hold: HoldView, booking: BookingView | None) -> list[TravellerField]:
    known: dict[str, list[str]] = {"adult": [], "child": []}
    for other in (booking.travellers if booking else ())[1:]:
        known.setdefault(str(other.get("kind")), []).append(str(other.get("name", "")))
    fields: list[TravellerField] = []
    for n in range(2, hold.seats + 1):
        kind = "adult" if n <= hold.adults else "child"
        names = known[kind]
        message = (
            _("Name of traveller {n}") if kind == "adult" else _("Name of traveller {n} (child)")
        )
        label = message.format(n=n)
        fields.append(TravellerField(f"traveller_{n}", label, kind, names.pop(0) if names else ""))
    return fields
