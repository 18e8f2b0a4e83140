"""What agents and their clients send about a proposal."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.language import _
from ecosystem.domain.quotes import MOST_ITEMS, MOST_OPTIONS
from ecosystem.services.conversations import MessageForm
from ecosystem.services.forms import Amount, ChildAge, Form, MarkupPercent, PersonName

LONGEST_LETTER = 6000


def _letter(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or c.isprintable()).strip()


def _heading(value: str) -> str:
    line = " ".join(value.split())
    if not line:
        raise ValueError(_("Enter a title."))
    if not line.isprintable():
        raise ValueError(_("A title can't contain control characters."))
    return line


Heading = Annotated[str, Field(max_length=160), AfterValidator(_heading)]
Letter = Annotated[str, Field(max_length=LONGEST_LETTER), AfterValidator(_letter)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(_letter)]
PartKey = Annotated[str, Field(pattern="^[a-z0-9]{0,40}$")]
"""Names an option or item within its quote; empty for a new one."""


class TripItemForm(Form):
    """Seats on a departure. The price is worked out by the service, never sent."""

    kind: Literal["trip"]
    id: PartKey = ""
    departure_id: UUID
    adults: int = Field(ge=1, le=99, strict=True)
    children: int = Field(default=0, ge=0, le=99, strict=True)
    child_ages: tuple[ChildAge, ...] = Field(default=(), max_length=99)
    addon_ids: frozenset[UUID] = Field(default=frozenset(), max_length=50)
    markup_percent: MarkupPercent | None = None
    """On the net price, where the agency has one; without it the client pays the public price."""
    note: Note = ""


class FreeItemForm(Form):
    """Something the agency arranges and is paid for itself."""

    kind: Literal["free"]
    id: PartKey = ""
    title: Heading
    text: Note = ""
    quantity: int = Field(default=1, ge=1, le=999, strict=True)
    each: Amount

    @field_validator("each")
    @classmethod
    def _shown_here(cls, value: Amount) -> Amount:
        if value.currency not in SHOWN:
            raise ValueError(_("Choose one of the currencies that are shown here."))
        return value


class OptionForm(Form):
    id: PartKey = ""
    title: Heading
    note: Note = ""
    items: tuple[Annotated[TripItemForm | FreeItemForm, Field(discriminator="kind")], ...] = Field(
        default=(), max_length=MOST_ITEMS
    )


class QuoteForm(Form):
    """A proposal as it is written. ``version`` is the one that was read, for a change."""

    title: Heading
    client_id: UUID
    cover: Letter = ""
    language: Literal["en", "de"] = "en"
    pay: Literal["full", "deposit"] = "deposit"
    valid_until: date | None = None
    options: tuple[OptionForm, ...] = Field(default=(), max_length=MOST_OPTIONS)
    version: int | None = Field(default=None, ge=1, le=10**9, strict=True)


class AcceptForm(Form):
    """A client's word: which option of which version, at what sums, and her name.

    ``expected`` are the sums that were shown, one for each currency: at dearer ones nothing
    is held.
    """

    option_id: PartKey
    number: int = Field(ge=1, le=10**6, strict=True)
    name: PersonName
    expected: tuple[Amount, ...] = Field(max_length=20)


class DeclineForm(Form):
    reason: Note = ""


class WithdrawForm(Form):
    reason: Note = ""


class CommentForm(MessageForm):
    """Plain text beneath a proposal, and who writes."""

    name: PersonName | Literal[""] = ""
