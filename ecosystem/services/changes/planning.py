"""What a change comes to: from the rows of a booking to a plan of everything it does. No writing.

The preview and the change itself are the same plan, made again under lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.cancellation import capped, dated
from ecosystem.domain.changes import (
    ChangeKind,
    ChangeLine,
    ChangePreview,
    NewDate,
    OneAddon,
    OneTraveller,
    What,
    WholeBooking,
)
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.formats import days, percent
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Line, Price
from ecosystem.domain.public_price import Priced, Prices, changed, moved
from ecosystem.domain.repricing import (
    Repricing,
    at_bank,
    for_party,
    given_back,
    in_dispute,
    kept_lines,
    kept_of,
    refundable,
    reprice,
    with_kept,
    without_addon,
)
from ecosystem.services.catalogue import local_day
from ecosystem.services.changes.situation import (
    SELLERS,
    Situation,
    Target,
    may_cancel,
    may_move,
    may_reduce,
)
from ecosystem.services.named_travellers import ages_left


@dataclass(frozen=True)
class Plan:
    """Everything a change does. ``prices`` is None when the booking's own stay."""

    preview: ChangePreview
    money: Repricing
    subject: str = ""
    prices: Prices | None = None
    adults: int = 0
    children: int = 0
    child_ages: tuple[int, ...] = ()
    travellers: tuple[dict[str, Any], ...] = ()
    target: Target | None = None


def plan(now: Situation, what: What, target: Target | None = None) -> Plan:
    """What ``what`` does to the booking. ``target`` goes with ``NewDate``.

    Raises:
        NotFound: no such traveller or add-on.
        Conflict: it can't be done now; ``code`` says why.
    """
    _may_change(now, what)
    match what:
        case WholeBooking():
            return _whole(now, what)
        case OneTraveller():
            return _without_traveller(now, what)
        case OneAddon():
            return _without_addon(now, what)
        case NewDate():
            assert target is not None
            return _on_other_date(now, what, target)


def _may_change(now: Situation, what: What) -> None:
    if isinstance(what, WholeBooking):
        allowed = may_cancel(now)
    else:
        allowed = may_move(now) if isinstance(what, NewDate) else may_reduce(now)
    if not allowed:
        raise _not_changeable(now)
    if now.waiting is not None and not isinstance(what, WholeBooking):
        raise Conflict(
            _("A change of date waits for its payment. Pay it or give it up first."),
            code="change_waiting",
        )


def _not_changeable(now: Situation) -> Conflict:
    texts = {
        "pending_payment": _("This booking is not paid yet. Pay it or cancel all of it."),
        "cancelled": _("This booking is cancelled already."),
        "expired": _("This booking has ended without a payment. There is nothing to change."),
    }
    text = texts.get(now.booking.status, _("This trip has begun. It can't be changed any more."))
    return Conflict(text, code="not_changeable")


def _whole(now: Situation, what: What) -> Plan:
    payments, currency = now.asked, now.total.currency
    paid, held = refundable(payments, currency), at_bank(payments, currency)
    after = paid - paid.percent(now.percent) + held
    if now.booking.agency_model == ON_ACCOUNT:
        # Nothing was paid first: what its policy keeps is owed of the whole price.
        after = max(held, now.total - now.total.percent(now.percent))
    money = reprice(payments, after)
    return Plan(_preview(now, what, "cancelled", money, after), money)


def _without_traveller(now: Situation, what: OneTraveller) -> Plan:
    party = now.party
    if not 1 <= what.number <= len(party):
        raise NotFound(_("This traveller is not on the booking."), code="traveller_not_found")
    if now.rates is None:
        raise Conflict(
            _("This booking can only be changed by its operator. Send a message."), code="no_rates"
        )
    gone = party[what.number - 1]
    adults = now.booking.adults - (gone.kind == "adult")
    children = now.booking.children - (gone.kind == "child")
    if adults < 1:
        raise Conflict(
            _("At least one adult has to travel. Cancel the whole booking instead."),
            code="last_adult",
        )
    ages = list(now.claim.child_ages)
    if gone.kind == "child" and ages:
        place = sum(one.kind == "child" for one in party[: what.number - 1])
        ages = ages_left(ages, now.born, place, now.booking.starts_on)

    def smaller(held: Priced) -> Price:
        assert held.rates is not None  # kept with what is charged
        lines = for_party(
            held.price,
            held.rates,
            adults=adults,
            children=children,
            child_ages=ages,
            starts_on=now.booking.starts_on,
        )
        return _reduced(now, held.price, lines)

    prices = changed(now.prices, smaller)
    after = prices.charged.price.total
    money = reprice(now.asked, after)
    named = [one for at, one in enumerate(now.booking.travellers, 1) if at != what.number]
    return Plan(
        _preview(now, what, "traveller_cancelled", money, after, prices),
        money,
        subject=gone.name,
        prices=prices,
        adults=adults,
        children=children,
        child_ages=tuple(ages),
        travellers=tuple(named),
    )


def _without_addon(now: Situation, what: OneAddon) -> Plan:
    held = Price.from_json(now.booking.price)
    code = f"addon:{what.addon_id}"
    line = next((line for line in held.lines if line.code == code), None)
    if line is None:
        raise NotFound(_("This extra is not on the booking."), code="addon_not_found")
    if line not in now.removable:
        raise Conflict(_("This extra is always part of the trip."), code="addon_required")
    prices = changed(
        now.prices,
        lambda was: _reduced(now, was.price, without_addon(was.price, what.addon_id)),
    )
    after = prices.charged.price.total
    money = reprice(now.asked, after)
    return Plan(
        _preview(now, what, "addon_cancelled", money, after, prices),
        money,
        subject=line.label,
        prices=prices,
        **_same_party(now),
    )


def _on_other_date(now: Situation, what: NewDate, target: Target) -> Plan:
    row, seats = target.row, now.claim.seats
    if row.package_id != now.booking.package_id:
        raise NotFound(_("This departure does not exist."), code="departure_not_found")
    if row.id == now.booking.departure_id:
        raise Conflict(_("The booking is for this date already."), code="same_date")
    if row.status != "open" or row.starts_on <= local_day(now.now, row.timezone):
        raise Conflict(
            _("This departure is not on sale any more. Choose another date."),
            code="departure_closed",
        )
    if not row.payable:
        raise Conflict(
            _("This trip can't be booked at the moment: its operator can't receive payments."),
            code="not_bookable",
        )
    if target.seats_left < seats:
        raise Conflict(
            _("There are not enough seats left on this date. Choose another one."),
            code="sold_out",
            seats_left=max(target.seats_left, 0),
        )
    prices = prices_on(now, target.prices)
    after = prices.charged.price.total
    money = reprice(now.asked, after)
    return Plan(
        _preview(now, what, "date_changed", money, after, prices, target),
        money,
        subject=days(row.starts_on, row.ends_on),
        prices=prices,
        target=target,
        **_same_party(now),
    )


def prices_on(now: Situation, there: Prices) -> Prices:
    """What the booking costs on a date on which its party costs what is ``there``."""

    def on_it(was: Priced, new: Priced) -> Price:
        lines = [*new.price.lines, *kept_lines(was.price)]
        before, wanted = was.price.total, _sum(lines, now.total)
        after = before if now.by in SELLERS else wanted
        if wanted <= before:
            after = kept_of(before, wanted, now.percent)
        return with_kept(lines, after, new.price.balance_due_on)

    return moved(now.prices, there, on_it)


def _reduced(now: Situation, held: Price, lines: Sequence[Line]) -> Price:
    """A price of which only ``lines`` are left, and what stays of the rest by the policy."""
    after = kept_of(held.total, _sum(lines, now.total), now.percent)
    return with_kept(lines, after, held.balance_due_on)


def policy_after(now: Situation, target: Target | None) -> list[dict[str, Any]]:
    """The booking's policy once it has moved; its own when it stays where it is."""
    policy = now.booking.snapshot["policy"]
    return policy if target is None or now.by in SELLERS else capped(policy, now.percent)


def _same_party(now: Situation) -> dict[str, Any]:
    return {
        "adults": now.booking.adults,
        "children": now.booking.children,
        "child_ages": tuple(now.claim.child_ages),
        "travellers": tuple(now.booking.travellers),
    }


def _preview(
    now: Situation,
    what: What,
    kind: ChangeKind,
    money: Repricing,
    after: Money,
    prices: Prices | None = None,
    target: Target | None = None,
) -> ChangePreview:
    booking = now.booking
    open_ = _open(now)
    asks = sum((part.amount for part in money.asks), Money.zero(booking.currency))
    # Owed by the agency with the rest, not paid first.
    owed = money.missing if booking.agency_model == ON_ACCOUNT else Money.zero(booking.currency)
    starts_on = target.row.starts_on if target else booking.starts_on
    return ChangePreview(
        reference=booking.reference,
        kind=kind,
        what=what,
        status=booking.status,  # type: ignore[arg-type]
        before=now.total,
        after=after,
        refund=money.refund,
        retained=money.retained,
        to_pay=money.missing - owed,
        added_to_balance=max(Money.zero(booking.currency), asks - open_) + owed,
        percent=now.percent,
        lines=tuple(_lines(now, kind, money, after)),
        policy=dated(policy_after(now, target), starts_on),
        price=prices.charged.price if prices else None,
        starts_on=starts_on,
        ends_on=target.row.ends_on if target else booking.ends_on,
        revision=booking.revision,
    )


def _lines(now: Situation, kind: ChangeKind, money: Repricing, after: Money) -> list[ChangeLine]:
    """The amounts in the order in which they explain each other; those of zero are left out."""
    zero = Money.zero(now.total.currency)
    share = percent(now.percent)
    open_ = _open(now)
    asks = sum((part.amount for part in money.asks), zero)
    owed = money.missing if now.booking.agency_model == ON_ACCOUNT else zero
    found = [ChangeLine("paid", _("Paid so far"), money.paid)]
    if kind != "cancelled":
        found = [
            ChangeLine("before", _("Price of the booking so far"), now.total),
            ChangeLine("after", _("Price after the change"), after),
            *found,
        ]
    cancelled = kind == "cancelled"
    if cancelled:
        back = _("Comes back to you: {share} of what you paid").format(share=share)
    else:
        back = _("Comes back to you")
    asked = now.asked
    disputed, lost = in_dispute(asked, zero.currency), given_back(asked, zero.currency)
    found += [
        ChangeLine("refund", back, -money.refund),
        ChangeLine("kept", _("Stays with the trip"), money.retained - disputed - lost),
        ChangeLine("disputed", _("With your bank, which decides about it"), disputed),
        ChangeLine("lost", _("Your bank has given it back to you"), lost),
        ChangeLine("to_pay", _("To pay now"), money.missing - owed),
        ChangeLine("owed", _("Still to be paid, by the policy"), asks if cancelled else zero),
        ChangeLine("added", _("Added to the balance"), max(zero, asks - open_) + owed),
        ChangeLine("dropped", _("No longer to be paid"), max(zero, open_ - asks)),
    ]
    always = {"before", "after", "paid", "refund", "kept"}
    return [line for line in found if line.amount.minor or line.code in always]


def _open(now: Situation) -> Money:
    amounts = (p.amount for p in now.asked if p.standing == "open")
    return sum(amounts, Money.zero(now.total.currency))


def _sum(lines: Sequence[Line], like: Money) -> Money:
    return sum((line.amount for line in lines), Money.zero(like.currency))
