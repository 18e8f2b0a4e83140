"""What people and programs send, validated once for pages and API alike.

Unknown fields are refused. Messages are sentences for the person who typed.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from ecosystem.domain.agency_terms import MOST_MARKUP
from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.money import Money
from ecosystem.domain.price import OLDEST_CHILD

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\.?")
"""A dot-atom and host names (RFC 5322, RFC 1123): what SES and Stripe both take. Others would be
accepted here, paid for, and never get their e-mail."""
_PHONE = re.compile(r"\+?[0-9(][0-9 ()/.-]*")


def email_address(value: str) -> str:
    """A mailable address, lower-cased, its domain in ASCII. Says what is wrong with it."""
    address = _ascii_domain(value.strip().lower())
    if not address:
        raise ValueError(_("Enter an e-mail address."))
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise ValueError(_("This is not an e-mail address. It looks like name@example.com."))
    domain = address.rpartition("@")[2]
    if "." not in domain.strip(".") or domain.startswith(".") or domain.endswith("."):
        raise ValueError(_("This address has no domain ending, like .com. We write to it."))
    return address


def _ascii_domain(address: str) -> str:
    """``maja@münchen.example`` as mail servers write it; unchanged if that can't be."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + domain.encode("idna").decode()
    except UnicodeError:
        return address


def person_name(value: str) -> str:
    """A name as people write them: any script, no control characters, 2–120 long."""
    name = " ".join(value.split())
    if len(name) < 2:
        raise ValueError(_("Enter the full name."))
    if len(name) > 120:
        raise ValueError(_("This name is longer than 120 characters."))
    if not name.isprintable() or any(c in "<>" for c in name):
        raise ValueError(_("A name can't contain < or > or control characters."))
    return name


def phone_number(value: str) -> str:
    """A telephone number as people write it, six to fifteen digits (E.164); may be empty."""
    number = " ".join(value.split())
    if number and not (_PHONE.fullmatch(number) and 6 <= sum(map(str.isdigit, number)) <= 15):
        raise ValueError(_("This is not a phone number. It looks like +39 06 555 0142."))
    return number


def _written(value: Any) -> Any:
    """A day as it is written: numbers would be taken for seconds since 1970."""
    if not isinstance(value, str | date | None):
        raise ValueError(_("Enter a day like 1990-04-23."))
    return value or None


EmailAddress = Annotated[str, Field(max_length=1000), AfterValidator(email_address)]
PersonName = Annotated[str, Field(max_length=1000), AfterValidator(person_name)]
PhoneNumber = Annotated[str, Field(max_length=1000), AfterValidator(phone_number)]
BirthDate = Annotated[date | None, BeforeValidator(_written)]
WrittenDay = Annotated[date, BeforeValidator(_written)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Person(Form):
    name: PersonName
    email: EmailAddress
    phone: PhoneNumber = ""


class Traveller(Form):
    name: PersonName
    kind: Literal["adult", "child"] | None = None
    """Left out: whichever the party still has places for, adults first."""
    birth_date: BirthDate = None
    """Needed when the operator asks for it."""


ChildAge = Annotated[int, Field(ge=0, le=OLDEST_CHILD, strict=True)]


class Amount(Form):
    """Money as the API writes it: whole minor units of an ISO 4217 currency."""

    amount: int = Field(ge=0, le=10**15, strict=True)
    currency: str = Field(pattern="^[A-Z]{3}$")

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class PartyForm(Form):
    """A departure and who travels: the body of price and hold."""

    departure_id: UUID
    adults: int = Field(ge=1, le=99, strict=True)
    children: int = Field(default=0, ge=0, le=99, strict=True)
    addon_ids: frozenset[UUID] = Field(default=frozenset(), max_length=50)
    child_ages: tuple[ChildAge, ...] = Field(default=(), max_length=99)
    """Full years at departure: one for each child, or none."""


class HoldForm(PartyForm):
    """``expected_total`` is the price somebody agreed to: no seats are held at a higher one."""

    expected_total: Amount | None = None


class CancellationForm(Form):
    """What was shown before a booking is cancelled: at anything else nothing is done."""

    expected_refund: Amount | None = None
    revision: int | None = Field(default=None, ge=0, le=10**9, strict=True)
    reason: str = Field(default="", max_length=500)


class DateChangeForm(CancellationForm):
    """The date a booking is to move to."""

    departure_id: UUID
    expected_to_pay: Amount | None = None


MarkupPercent = Annotated[Decimal, Field(ge=0, le=MOST_MARKUP, max_digits=7, decimal_places=4)]


class AddonsForm(Form):
    """The add-ons a hold is to have, beside those that are always in."""

    addon_ids: frozenset[UUID] = Field(max_length=50)


class MarkupForm(Form):
    """What an agency adds to its net price; None: its client pays the public price."""

    markup_percent: MarkupPercent | None


class BookingForm(Form):
    """Who books what was held, and how much is paid now.

    ``expected_total`` is the price that was shown: at another one nothing is booked.
    """

    hold_id: UUID
    lead: Person
    travellers: tuple[Traveller, ...] = Field(default=(), max_length=99)
    pay: Literal["full", "deposit"] = "full"
    client_id: UUID | None = None
    expected_total: Amount | None = None
    accept_terms: bool = Field(default=False, strict=True)
    """The marketplace's terms were read and agreed to; kept with the booking."""


FormType = TypeVar("FormType", bound=BaseModel)


def parse(form: type[FormType], data: Any) -> FormType:
    """Validate what came in.

    Raises:
        Invalid: ``fields`` has each wrong value by its dotted path.
    """
    try:
        return form.model_validate(data)
    except ValidationError as error:
        fields = tuple(
            FieldError(".".join(str(part) for part in item["loc"]), sentence(item))
            for item in error.errors()
        )
        raise Invalid(_("Some of what was entered is not right."), fields=fields) from None


def sentence(item: Any) -> str:
    """A pydantic error as a sentence for people."""
    context = item.get("ctx") or {}
    match item["type"]:
        case "missing":
            return _("This is missing.")
        case "extra_forbidden":
            return _("This field is not known here.")
        case "uuid_parsing" | "uuid_type":
            return _("This is not an id.")
        case "int_type" | "int_parsing" | "int_from_float":
            return _("Enter a whole number.")
        case (
            "date_parsing"
            | "date_type"
            | "date_from_datetime_parsing"
            | "date_from_datetime_inexact"
        ):
            return _("Enter a day like 1990-04-23.")
        case "greater_than_equal":
            return _("This has to be at least {low}.").format(low=context["ge"])
        case "less_than_equal":
            return _("This can be at most {high}.").format(high=context["le"])
        # A limit that stands after another validator is checked as one of any sequence.
        case "string_too_short" | "too_short":
            return _too_short(item, int(context["min_length"]))
        case "string_too_long" | "too_long":
            return _too_long(item, int(context["max_length"]))
        case "literal_error":
            return _("Choose one of: {values}.").format(values=context["expected"])
        case _:
            return str(item["msg"]).removeprefix("Value error, ")


def _too_short(item: Any, least: int) -> str:
    if isinstance(item.get("input"), str):
        message = ngettext(
            "This needs at least {count} character.",
            "This needs at least {count} characters.",
            least,
        )
    else:
        message = ngettext(
            "This needs at least {count} entry.", "This needs at least {count} entries.", least
        )
    return message.format(count=least)


def _too_long(item: Any, most: int) -> str:
    if isinstance(item.get("input"), str):
        message = ngettext(
            "This can have at most {count} character.",
            "This can have at most {count} characters.",
            most,
        )
    else:
        message = ngettext(
            "This can have at most {count} entry.", "This can have at most {count} entries.", most
        )
    return message.format(count=most)
