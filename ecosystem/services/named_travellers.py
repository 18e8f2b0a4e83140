"""Who travels on a booking, as the seats were priced."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from ecosystem.database.tables import SeatClaim
from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.services.forms import Traveller

OLDEST = 120


def named_travellers(
    travellers: Sequence[Traveller],
    claim: SeatClaim,
    *,
    starts_on: date,
    today: date,
    birth_dates: bool = False,
    sold: bool = False,
) -> list[dict[str, Any]]:
    """The travellers as a booking keeps them, each an adult or a child of the party held.

    Whoever does not say which is an adult while the party has adults left, then a child. With
    ``birth_dates`` the operator asks for everybody's name and date of birth. ``sold``: the booking
    is made, so that another party is not reserved but asked for.

    Raises:
        Invalid: more adults or more children than the seats were priced for; somebody or a date
            of birth is missing that the operator asks for; a date of birth that can't be, or
            that makes a child older than it was priced.
    """
    if len(travellers) > claim.seats:
        text = ngettext(
            "This reservation is for {count} traveller, not more.",
            "This reservation is for {count} travellers, not more.",
            claim.seats,
        )
        raise Invalid.one("travellers", text.format(count=claim.seats))
    said = Counter(traveller.kind for traveller in travellers)
    if said["adult"] > claim.adults:
        text = ngettext(
            "This reservation is for {count} adult, not more.",
            "This reservation is for {count} adults, not more.",
            claim.adults,
        )
        raise Invalid.one("travellers", text.format(count=claim.adults))
    if said["child"] > claim.children:
        text = ngettext(
            "This reservation is for {count} child, not more.",
            "This reservation is for {count} children, not more.",
            claim.children,
        )
        raise Invalid.one("travellers", text.format(count=claim.children))
    if birth_dates and len(travellers) < claim.seats:
        raise Invalid.one(
            "travellers",
            _("The operator needs the name and the date of birth of everybody who travels."),
        )
    kinds = _kinds(travellers, claim.adults - said["adult"])
    _check_birth_dates(
        travellers, kinds, claim, starts_on, today, needed=birth_dates, advice=_advice(sold)
    )
    return [
        {"name": traveller.name, "kind": kind}
        | ({"birth_date": traveller.birth_date.isoformat()} if traveller.birth_date else {})
        for traveller, kind in zip(travellers, kinds, strict=True)
    ]


def age_on(day: date, born: date) -> int:
    """Full years on ``day``; who was born on a 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def ages_left(
    ages: Sequence[int], born: Sequence[date | None], gone: int, starts_on: date
) -> list[int]:
    """The ages the children of a party are priced at when one of them stays at home.

    Args:
        ages: what is priced, in full years at departure, in no order that can be relied on.
        born: of each child its date of birth, if that is known.
        gone: which of ``born`` stays at home. Without a date of birth it has one of the ages
            that are nobody else's, by its place among those without.
        starts_on: the day of departure.
    """
    left = list(ages)
    age = _age(born[gone], starts_on)
    if age not in left:
        free = list(ages)
        for number, other in enumerate(born):
            known = _age(other, starts_on)
            if number != gone and known in free:
                free.remove(known)
        place = sum(one is None for one in born[:gone])
        age = free[min(place, len(free) - 1)] if free else left[-1]
    left.remove(age)
    return left


def _age(born: date | None, day: date) -> int:
    """Full years on ``day``; -1 if it is not known when somebody was born."""
    return -1 if born is None else age_on(day, born)


def _kinds(travellers: Sequence[Traveller], adults_left: int) -> list[str]:
    kinds: list[str] = []
    for traveller in travellers:
        kind = traveller.kind
        if kind is None:
            kind = "adult" if adults_left > 0 else "child"
            adults_left -= 1
        kinds.append(kind)
    return kinds


def _check_birth_dates(
    travellers: Sequence[Traveller],
    kinds: Sequence[str],
    claim: SeatClaim,
    starts_on: date,
    today: date,
    *,
    needed: bool,
    advice: str,
) -> None:
    """Each wrong or missing date at its own field; a child's age has to be one that was priced."""
    ages = Counter(claim.child_ages)
    wrong: list[FieldError] = []
    for number, (traveller, kind) in enumerate(zip(travellers, kinds, strict=True)):
        born = traveller.birth_date
        if born is None:
            problem = _("Enter the date of birth.") if needed else ""
        elif not (born <= today and age_on(today, born) <= OLDEST):
            problem = _("This can't be a date of birth.")
        elif kind == "child":
            problem = _child_problem(age_on(starts_on, born), ages, advice)
        else:
            problem = ""
        if problem:
            wrong.append(FieldError(f"travellers.{number}.birth_date", problem))
    if wrong:
        raise Invalid(_("Some of what was entered is not right."), fields=tuple(wrong))


def _advice(sold: bool) -> str:
    """What to do about a party that was priced otherwise."""
    if sold:
        return _("Write to the operator to change who travels.")
    return _("Reserve again with the right ages.")


def _child_problem(age: int, priced: Counter[int], advice: str) -> str:
    """Why a child of this age at departure is none of those priced; takes it off ``priced``."""
    if age > OLDEST_CHILD:
        return f"{_('On the day of departure this is an adult.')} {advice}"
    if not priced.total():
        return ""
    if not priced[age]:
        said = ngettext(
            "This child is {age} year old at departure, which is not an age the price was made"
            " for.",
            "This child is {age} years old at departure, which is not an age the price was made"
            " for.",
            age,
        ).format(age=age)
        return f"{said} {advice}"
    priced[age] -= 1
    return ""
