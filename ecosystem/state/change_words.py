"""Changes of a booking in words: what can be changed, what it comes to, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ecosystem.domain.changes import (
    ChangeBy,
    ChangeDone,
    ChangeLine,
    ChangePreview,
    ChangeView,
    DateChoice,
    OneAddon,
    OneTraveller,
    PartyMember,
    Possible,
    RefundState,
    RefundView,
    What,
    WholeBooking,
)
from ecosystem.domain.language import _, ngettext
from ecosystem.state import formats
from ecosystem.state.package_view import PriceLine
from ecosystem.state.policy import PolicyLine, policy_lines

BUYERS: tuple[ChangeBy, ...] = ("buyer", "agent")
"""Who cancels by the policy of the booking; operator and operations give everything back."""


@dataclass(frozen=True)
class Choice:
    """Somebody or something that can be taken off, or a date to move to."""

    key: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class WaitingLine:
    """A dearer date that waits for its difference; empty without one."""

    key: str = ""
    title: str = ""
    pay_href: str = ""
    pay_label: str = ""
    held: str = ""
    held_utc: str = ""


@dataclass(frozen=True)
class HistoryLine:
    key: str
    title: str
    detail: str
    amounts: str
    reason: str


@dataclass(frozen=True)
class PreviewPage:
    """What a change would come to. ``figure`` is the amount that matters, ``label`` its name."""

    title: str = ""
    facts: str = ""
    label: str = ""
    figure: str = ""
    note: str = ""
    lines: list[PriceLine] = field(default_factory=list)
    policy: list[PolicyLine] = field(default_factory=list)
    confirm: str = ""
    keep: str = ""
    grave: bool = True
    """Whether something is given up; moving to another date is not."""


def party_choices(party: Sequence[PartyMember]) -> list[Choice]:
    """Who can be taken off, one by one."""
    return [Choice(str(one.number), member_name(one), member_kind(one)) for one in party]


def member_name(one: PartyMember) -> str:
    """``Maja Lindqvist``, else ``Traveller 2``."""
    return one.name or _("Traveller {number}").format(number=one.number)


def member_kind(one: PartyMember) -> str:
    return _("child") if one.kind == "child" else _("adult")


def date_choices(dates: Sequence[DateChoice]) -> list[Choice]:
    """Departures to move to, with what each costs more or less."""
    return [
        Choice(
            str(one.departure_id),
            formats.days(one.starts_on, one.ends_on),
            f"{_difference(one)} · {_seats(one.seats_left)}",
        )
        for one in dates
    ]


def _seats(left: int) -> str:
    return ngettext("{count} seat left", "{count} seats left", left).format(
        count=formats.number(left)
    )


def _difference(one: DateChoice) -> str:
    if one.difference.minor > 0:
        return _("{amount} more").format(amount=formats.money(one.difference))
    if one.difference.minor < 0:
        return _("{amount} less").format(amount=formats.money(-one.difference))
    return _("same price")


def waiting_line(change: ChangeView | None) -> WaitingLine:
    """The banner of a dearer date that is not paid yet; the operator can only give it up."""
    if change is None:
        return WaitingLine()
    difference = formats.money(change.after - change.before)
    held = change.held_until
    return WaitingLine(
        key=str(change.id),
        title=_("The move to {days} waits for {amount}.").format(
            days=change.subject, amount=difference
        ),
        pay_href=change.pay_path,
        pay_label=_("Pay {amount}").format(amount=difference),
        held=held.isoformat() if held else "",
        held_utc=f"{formats.clock_time(held)} UTC" if held else "",
    )


def preview_page(preview: ChangePreview, possible: Possible, today: date) -> PreviewPage:
    """What is asked before a change is made."""
    buyer = possible.by in BUYERS
    label, figure, note = _figure(preview, by=possible.by)
    shows_policy = buyer and preview.kind != "date_changed" and preview.status == "confirmed"
    return PreviewPage(
        title=_title(preview, possible),
        facts=_facts(preview),
        label=label,
        figure=figure,
        note=note,
        lines=[_line(line, by=possible.by) for line in preview.lines if _telling(line, preview)],
        policy=_policy(preview, today) if shows_policy else [],
        confirm=_confirm(preview),
        keep=_("Keep it as it is"),
        grave=preview.kind != "date_changed",
    )


def _telling(line: ChangeLine, preview: ChangePreview) -> bool:
    """Whether a line says something: the figure above them says what is to be paid, and where
    nothing comes back from what was paid, all of it stays."""
    match line.code:
        case "to_pay":
            return False
        case "refund" | "kept":
            return preview.kind == "cancelled" or bool(preview.refund.minor)
        case _:
            return True


def _line(line: ChangeLine, *, by: ChangeBy) -> PriceLine:
    """A line of the preview. Its own words speak to who paid; others are told of the payer."""
    others = {"refund": _("Goes back to the payer"), "disputed": _("With the payer's bank")}
    label = line.label if by == "buyer" else others.get(line.code, line.label)
    return PriceLine(label, formats.money(line.amount))


def _policy(preview: ChangePreview, today: date) -> list[PolicyLine]:
    """The tiers from the one that holds now, which the preview names by its percentage.

    Which day it is where the trip begins is the service's to say, not the page's.
    """
    shares = [tier.refund_percent for tier in preview.policy]
    now = shares.index(preview.percent) if preview.percent in shares else 0
    return policy_lines(preview.policy[now:], today - timedelta(days=1))


def subject_of(what: What, possible: Possible) -> str:
    """The name of who or what is taken off."""
    if isinstance(what, OneTraveller):
        return next((member_name(one) for one in possible.party if one.number == what.number), "")
    if isinstance(what, OneAddon):
        return next((name for key, name in possible.addons if key == what.addon_id), "")
    return ""


def _title(preview: ChangePreview, possible: Possible) -> str:
    if isinstance(preview.what, WholeBooking):
        return _("Cancel this booking?")
    if preview.kind == "date_changed":
        return _("Move to another date?")
    return _("Take {name} off this booking?").format(name=subject_of(preview.what, possible))


def _facts(preview: ChangePreview) -> str:
    if preview.kind == "date_changed":
        return _("The trip would then be on {days}.").format(
            days=formats.days(preview.starts_on, preview.ends_on)
        )
    if preview.kind == "cancelled":
        if preview.status == "pending_payment":
            return _("Nothing was paid yet. The seats go back on sale.")
        return _("All seats of this booking go back on sale. This cannot be undone.")
    return _("The price of the booking falls from {before} to {after}.").format(
        before=formats.money(preview.before), after=formats.money(preview.after)
    )


def _figure(preview: ChangePreview, *, by: ChangeBy) -> tuple[str, str, str]:
    """The name of the amount that matters, the amount, and what to know of it."""
    if preview.to_pay.minor:
        note = _("The seats are held for you while you pay. Until then your old date stays yours.")
        return _("To pay now"), formats.money(preview.to_pay), note
    if preview.refund.minor:
        back = _("Comes back to your card") if by == "buyer" else _("Goes back to the payer's card")
        note = _("It is sent at once. Banks show it within ten working days.")
        return back, formats.money(preview.refund), note
    if preview.added_to_balance.minor:
        return _("Added to the balance"), formats.money(preview.added_to_balance), ""
    if preview.status == "pending_payment":
        return "", "", ""
    note = ""
    if preview.kind == "date_changed":
        note = _("Nothing has to be paid and nothing comes back.")
    elif preview.retained.minor:
        note = _("By the terms of this booking nothing comes back on this day.")
    return _("Comes back"), formats.money(preview.refund), note


def _confirm(preview: ChangePreview) -> str:
    if preview.kind == "cancelled":
        return _("Confirm cancellation")
    if preview.kind == "traveller_cancelled":
        return _("Take this traveller off")
    if preview.kind == "addon_cancelled":
        return _("Take this extra off")
    if preview.to_pay.minor:
        return _("Pay {amount} and move").format(amount=formats.money(preview.to_pay))
    return _("Move to this date")


def done_words(done: ChangeDone) -> str:
    """The short message after a change."""
    preview = done.preview
    back = formats.money(preview.refund) if preview.refund.minor else ""
    if preview.kind == "cancelled":
        if back:
            return _("The booking is cancelled. {amount} is on its way back.").format(amount=back)
        return _("The booking is cancelled.")
    if preview.kind == "date_changed":
        said = _("The trip is now on {days}.").format(
            days=formats.days(preview.starts_on, preview.ends_on)
        )
    else:
        said = _("The booking is changed.")
    return f"{said} {_('{amount} is on its way back.').format(amount=back)}" if back else said


def history_lines(changes: Sequence[ChangeView]) -> list[HistoryLine]:
    """What was changed, newest first."""
    return [
        HistoryLine(
            key=str(change.id),
            title=_history_title(change),
            detail=f"{formats.moment(change.at)} UTC · {by_words(change.by)}",
            amounts=_amounts(change),
            reason=change.reason,
        )
        for change in changes
    ]


def by_words(by: ChangeBy) -> str:
    """Who decided: ``by the operator``."""
    match by:
        case "buyer":
            return _("by the person who booked")
        case "agent":
            return _("by the agency")
        case "operator":
            return _("by the operator")
        case "ops":
            return _("by the marketplace")
        case "system":
            return _("by the terms of the booking")


def _history_title(change: ChangeView) -> str:
    if change.kind == "cancelled":
        return _("Booking cancelled")
    if change.kind != "date_changed":
        if not change.subject:
            return _("One traveller taken off")
        return _("{name} taken off").format(name=change.subject)
    days = {"days": change.subject}
    if change.state == "waiting":
        return _("Move to {days}, not paid yet").format(**days)
    if change.state == "dropped":
        return _("Move to {days} given up").format(**days)
    return _("Moved to {days}").format(**days)


def _amounts(change: ChangeView) -> str:
    if change.state == "dropped":
        return ""
    said: list[str] = []
    if change.kind != "cancelled" and change.before != change.after:
        said.append(
            _("Price {before}, now {after}").format(
                before=formats.money(change.before), after=formats.money(change.after)
            )
        )
    if change.refund.minor:
        said.append(_("{amount} back").format(amount=formats.money(change.refund)))
    if change.kind == "cancelled" and change.retained.minor:
        said.append(_("{amount} kept").format(amount=formats.money(change.retained)))
    return " · ".join(said)


def refund_kind(refund: RefundView) -> str:
    """What a refund is for."""
    match refund.reason:
        case "change":
            return _("Refund")
        case "late":
            return _("Refund of a payment that came too late")
        case "twice":
            return _("Refund of a second payment")
        case "goodwill":
            return _("Refund as a courtesy")


def refund_words(state: RefundState, day: str) -> str:
    """How a refund stands; ``day`` is when it came to stand so."""
    match state:
        case "wanted":
            return _("is being sent to the card")
        case "pending":
            return _("on its way to the card since {day}").format(day=day)
        case "succeeded":
            return _("sent to the card on {day}; banks show it within ten working days").format(
                day=day
            )
        case "failed":
            return _("the bank sent it back; we are looking into it and will write to you")
        case "by_hand":
            return _("paid back in another way on {day}").format(day=day)
