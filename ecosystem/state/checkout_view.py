"""A hold and its booking in the words of the checkout."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ecosystem.domain.actor import Actor
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.views import BookingView, HoldView
from ecosystem.state import formats
from ecosystem.state.cards import cover_path
from ecosystem.state.package_view import PriceLine, cost_of, extra_line, price_lines
from ecosystem.state.policy import PolicyLine, all_back_until, policy_lines


@dataclass(frozen=True)
class ExtraChoice:
    """An extra to take along; ``cost`` is what it comes to for this party."""

    key: str
    name: str
    detail: str
    price: str
    cost: str
    taken: bool


@dataclass(frozen=True)
class CheckoutPage:
    """What does not change while somebody fills in the checkout."""

    title: str = ""
    package_href: str = ""
    cover: str = ""
    when: str = ""
    party: str = ""
    all_back: str = ""
    policy: list[PolicyLine] = field(default_factory=list)
    name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    birth_dates: bool = False
    failure: str = ""


@dataclass(frozen=True)
class Amounts:
    """What a hold costs as it stands: the part of the page that changes with its extras."""

    lines: list[PriceLine] = field(default_factory=list)
    total: str = ""
    deposit: str = ""
    rest: str = ""
    rest_due: str = ""
    extras: list[ExtraChoice] = field(default_factory=list)
    on_account: bool = False
    """An agency owes it: nothing is paid now."""


@dataclass(frozen=True)
class Kept:
    """Until when the seats are kept; ``more`` while they can be kept longer.

    ``before`` and ``after`` are one sentence; the page puts the time between them. ``seconds``
    is what was left when this was made, ``until`` the end (RFC 3339).
    """

    before: str = ""
    after: str = ""
    seconds: int = 0
    until: str = ""
    until_utc: str = ""
    more: bool = False


def checkout_page(
    actor: Actor, hold: HoldView, booking: BookingView | None, now: datetime
) -> CheckoutPage:
    """The checkout of a hold at ``now``, filled in as far as is known."""
    today = now.astimezone(ZoneInfo(hold.timezone)).date()
    known = actor.role == "customer"
    lead = booking.travellers[0] if booking and booking.travellers else {}
    return CheckoutPage(
        title=hold.package_title,
        package_href=f"/packages/{hold.package_slug}",
        cover=cover_path(hold.package_id, hold.country, hold.latitude),
        when=formats.days(hold.starts_on, hold.ends_on),
        party=party(hold.adults, hold.children),
        all_back=all_back_until(hold.cancellation, today),
        policy=policy_lines(hold.cancellation, today),
        name=booking.lead_name if booking else actor.name if known else "",
        email=booking.lead_email if booking else actor.email if known else "",
        phone=booking.lead_phone if booking else "",
        birth_date=str(lead.get("birth_date", "")),
        birth_dates=hold.asks_birth_dates,
        failure=_failure(booking),
    )


def amounts(hold: HoldView) -> Amounts:
    """What a hold costs now, and the extras to choose from."""
    price = hold.price
    extras = [
        ExtraChoice(
            line.key,
            line.name,
            line.detail,
            line.price,
            cost_of(addon, hold.seats, hold.nights),
            addon.id in hold.addon_ids,
        )
        for addon in hold.addons
        for line in (extra_line(addon),)
    ]
    found = Amounts(
        price_lines(price),
        formats.money(price.total),
        extras=extras,
        on_account=hold.on_account,
    )
    if hold.on_account or price.deposit is None or price.balance_due_on is None:
        return found
    return replace(
        found,
        deposit=formats.money(price.deposit),
        rest=formats.money(price.total - price.deposit),
        rest_due=formats.full_day(price.balance_due_on),
    )


def kept(hold: HoldView, now: datetime) -> Kept:
    """How long a hold lasts, seen from ``now``."""
    message = ngettext(
        "One seat on {day} is yours until {time}.",
        "{count} seats on {day} are yours until {time}.",
        hold.seats,
    )
    before, after = message.split("{time}")
    count = _numbers().get(hold.seats, str(hold.seats))
    return Kept(
        before=before.format(count=count, day=formats.day(hold.starts_on)),
        after=after,
        seconds=max(int((hold.expires_at - now).total_seconds()), 0),
        until=hold.expires_at.isoformat(),
        until_utc=f"{formats.clock_time(hold.expires_at)} UTC",
        more=not hold.extended,
    )


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


def _failure(booking: BookingView | None) -> str:
    if booking is None:
        return ""
    refused = next((p.failure for p in booking.payments if p.failure), None)
    return refused or _("You came back before anything was paid. Nothing was charged.")
