"""What people and programs send, validated once for pages and API alike.

Unknown fields are refused. Messages are sentences for the person who typed.
"""

import re
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.price import OLDEST_CHILD

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\.?")
"""A dot-atom and host names (RFC 5322, RFC 1123): what SES and Stripe both take. Others would be
accepted here, paid for, and never get their e-mail."""


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


EmailAddress = Annotated[str, Field(max_length=1000), AfterValidator(email_address)]
PersonName = Annotated[str, Field(max_length=1000), AfterValidator(person_name)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Person(Form):
    name: PersonName
    email: EmailAddress


class Traveller(Form):
    name: PersonName
    kind: Literal["adult", "child"] | None = None
    """Left out: whichever the party still has places for, adults first."""


ChildAge = Annotated[int, Field(ge=0, le=OLDEST_CHILD, strict=True)]


class PartyForm(Form):
    """A departure and who travels: the body of price and hold."""

    departure_id: UUID
    adults: int = Field(ge=1, le=99, strict=True)
    children: int = Field(default=0, ge=0, le=99, strict=True)
    addon_ids: frozenset[UUID] = Field(default=frozenset(), max_length=50)
    child_ages: tuple[ChildAge, ...] = Field(default=(), max_length=99)
    """Full years at departure: one for each child, or none."""


class BookingForm(Form):
    """Who books what was held, and how much is paid now."""

    hold_id: UUID
    lead: Person
    travellers: tuple[Traveller, ...] = Field(default=(), max_length=99)
    pay: Literal["full", "deposit"] = "full"
    client_id: UUID | None = None


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
