"""What can be changed on a booking after it was made, and what that comes to. Pure.

A change is asked for as ``What``, shown as ``ChangePreview`` and answered with
``ChangeDone``, which has the same amounts: what was shown is what is carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.booking import BookingStatus
from ecosystem.domain.cancellation import DatedTier
from ecosystem.domain.formats import days
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price

ChangeKind = Literal["cancelled", "traveller_cancelled", "addon_cancelled", "date_changed"]
ChangeBy = Literal["buyer", "agent", "operator", "ops", "system"]
ChangeState = Literal["waiting", "done", "dropped"]
RefundState = Literal["wanted", "pending", "succeeded", "failed", "by_hand"]


@dataclass(frozen=True)
class WholeBooking:
    """Cancel everything."""


@dataclass(frozen=True)
class OneTraveller:
    """Cancel one traveller. ``number`` counts from 1 in the order of the trip page: the
    travellers with a name first, then those without one."""

    number: int


@dataclass(frozen=True)
class OneAddon:
    """Take an add-on that is not required off the booking."""

    addon_id: UUID


@dataclass(frozen=True)
class NewDate:
    """Move to another departure of the same package."""

    departure_id: UUID


What = WholeBooking | OneTraveller | OneAddon | NewDate


@dataclass(frozen=True)
class ChangeLine:
    """One row of the preview: ``code`` is stable, ``label`` is for the reader.

    ``paid`` + ``refund`` + ``kept`` (refund negative) tell where the money goes;
    ``before``, ``after`` tell the price.
    """

    code: str
    label: str
    amount: Money


@dataclass(frozen=True)
class PartyMember:
    """Somebody of a booking's party. ``name`` is empty for who was not named."""

    number: int
    name: str
    kind: Literal["adult", "child"]


@dataclass(frozen=True)
class ChangePreview:
    """What a change comes to now.

    ``before`` and ``after`` are what the booking costs; ``refund`` goes back to the card,
    ``retained`` of what was paid stays. ``to_pay`` has to be paid before a dearer date is
    ours (zero: the change is made at once); ``added_to_balance`` is asked for with the
    balance instead. ``percent`` of what is given up comes back on this day; ``policy`` has the
    tiers with their dates. ``revision`` is handed back when the change is carried out.
    """

    reference: str
    kind: ChangeKind
    what: What
    status: BookingStatus
    before: Money
    after: Money
    refund: Money
    retained: Money
    to_pay: Money
    added_to_balance: Money
    percent: int
    lines: tuple[ChangeLine, ...]
    policy: tuple[DatedTier, ...]
    price: Price | None
    starts_on: date
    ends_on: date
    revision: int


@dataclass(frozen=True)
class ChangeDone:
    """A change as it was carried out. ``status`` is the booking's.

    ``state`` is ``waiting`` while a dearer date waits for its difference; it is paid at
    ``pay_path`` until ``held_until``.
    """

    id: UUID
    state: ChangeState
    status: BookingStatus
    preview: ChangePreview
    pay_path: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True)
class DateChoice:
    """A departure a booking can move to. ``difference`` is paid (positive) or not (negative)."""

    departure_id: UUID
    starts_on: date
    ends_on: date
    seats_left: int
    total: Money
    difference: Money


@dataclass(frozen=True)
class Possible:
    """What the caller may change on a booking now. ``by`` is in what capacity."""

    by: ChangeBy
    cancel: bool
    party: tuple[PartyMember, ...]
    """Who can be taken off one by one; empty when nobody can."""
    addons: tuple[tuple[UUID, str], ...]
    """Add-ons that can be taken off: id and name."""
    date: bool
    waiting: "ChangeView | None"
    """A dearer date that waits for its difference."""


@dataclass(frozen=True)
class RefundView:
    """Money on its way back to the card. ``at`` is when it took that state."""

    amount: Money
    state: RefundState
    reason: Literal["change", "late", "twice", "goodwill"]
    at: datetime


def subject_of(kind: str, detail: Mapping[str, Any]) -> str:
    """Who or what was taken off: a name; for dates the new days, in the reader's language.

    Args:
        kind: of the change.
        detail: what was written down with it; ``subject``, and ``starts_on`` and ``ends_on`` (ISO)
            of a change of date. Those written down first have only the words of that time.
    """
    if kind == "date_changed" and detail.get("starts_on"):
        first, last = (date.fromisoformat(detail[name]) for name in ("starts_on", "ends_on"))
        return days(first, last)
    return str(detail.get("subject", ""))


@dataclass(frozen=True)
class ChangeView:
    """A change in a booking's history, newest first in lists."""

    id: UUID
    kind: ChangeKind
    by: ChangeBy
    state: ChangeState
    before: Money
    after: Money
    refund: Money
    retained: Money
    reason: str
    at: datetime
    subject: str
    """Who or what was taken off: a name; for dates the new days."""
    refunds: tuple[RefundView, ...]
    pay_path: str = ""
    held_until: datetime | None = None
