"""What people, programs and files may write of a client: one form for all three."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from ecosystem.domain.clients import DocumentKind
from ecosystem.services.forms import EmailAddress, Form, PersonName, PhoneNumber
from ecosystem.services.named_travellers import OLDEST, age_on
from ecosystem.services.operator_profile import LANGUAGE_CODES
from ecosystem.services.package_editor.forms import many_lines, one_line
from ecosystem.services.sign_in_forms import country_code

MOST_TAGS = 20
LONGEST_TEXT = 4000


def _absent(value: Any) -> Any:
    return "" if value is None else value


def _no_day(value: Any) -> Any:
    """A day as it is written: numbers would be taken for seconds since 1970."""
    if not isinstance(value, str | date | None) or isinstance(value, datetime):
        raise ValueError("Enter a day like 1990-04-23.")
    return value or None


def _email(value: Any) -> Any:
    return None if value == "" else value


def _language(value: str) -> str:
    code = value.lower()
    if code and code not in LANGUAGE_CODES:
        raise ValueError("This is not the code of a language, like de.")
    return code


def _tags(values: tuple[str, ...]) -> tuple[str, ...]:
    known: dict[str, str] = {}
    for value in values:
        tag = one_line(value).replace(";", ",")
        if len(tag) > 40:
            raise ValueError("A tag has at most 40 characters.")
        if tag:
            known.setdefault(tag.casefold(), tag)
    if len(known) > MOST_TAGS:
        raise ValueError(f"A client has at most {MOST_TAGS} tags.")
    return tuple(known.values())


Day = Annotated[date | None, BeforeValidator(_no_day)]
Country = Annotated[
    str, Field(max_length=20), AfterValidator(country_code), BeforeValidator(_absent)
]
Email = Annotated[EmailAddress | None, BeforeValidator(_email)]
Phone = Annotated[PhoneNumber, BeforeValidator(_absent)]
Line = Annotated[str, Field(max_length=120), AfterValidator(one_line), BeforeValidator(_absent)]
Text = Annotated[
    str, Field(max_length=LONGEST_TEXT), AfterValidator(many_lines), BeforeValidator(_absent)
]
Language = Annotated[str, Field(max_length=20), AfterValidator(_language), BeforeValidator(_absent)]
Tags = Annotated[tuple[str, ...], Field(max_length=200), AfterValidator(_tags)]


class _Known(Form):
    @field_validator("birth_date", check_fields=False)
    @classmethod
    def _was_born(cls, value: date | None) -> date | None:
        today = datetime.now(UTC).date()
        if value is not None and not (value <= today and age_on(today, value) <= OLDEST):
            raise ValueError("This can't be a date of birth.")
        return value


class ClientForm(_Known):
    """A new client. ``household`` is its name: people with the same one belong together.

    ``consent``: that she agreed to be kept and written to, and how she said so.
    """

    name: PersonName
    email: Email = None
    phone: Phone = ""
    country: Country = ""
    birth_date: Day = None
    nationality: Country = ""
    address: Text = ""
    language: Language = ""
    preferences: Text = ""
    notes: Text = ""
    tags: Tags = ()
    agent_id: UUID | None = None
    household: Line = ""
    consent: bool = Field(default=False, strict=True)
    consent_source: Line = ""


class ClientChange(_Known):
    """What is changed; what is left out stays. ``version`` is the one that was read."""

    version: int = Field(ge=1, le=10**9, strict=True)
    name: PersonName = ""
    email: Email = None
    phone: Phone = ""
    country: Country = ""
    birth_date: Day = None
    nationality: Country = ""
    address: Text = ""
    language: Language = ""
    preferences: Text = ""
    notes: Text = ""
    tags: Tags = ()
    agent_id: UUID | None = None
    household: Line = ""
    consent: bool = Field(default=False, strict=True)
    consent_source: Line = ""


class NoteForm(Form):
    """Something to remember, with its day."""

    body: Annotated[
        str, Field(max_length=LONGEST_TEXT), AfterValidator(many_lines), Field(min_length=1)
    ]


def _number(value: str) -> str:
    number = "".join(value.split()).upper()
    if not 3 <= len(number) <= 40:
        raise ValueError("A number has 3 to 40 characters.")
    if not all(c.isalnum() or c in "-/." for c in number):
        raise ValueError("A number has letters, digits, - / and dots.")
    return number


class DocumentForm(Form):
    """A passport, card or visa. The number is kept sealed."""

    kind: DocumentKind = "passport"
    number: Annotated[str, Field(max_length=200), AfterValidator(_number)]
    country: Country = ""
    issued_on: Day = None
    expires_on: Day = None

    @field_validator("expires_on")
    @classmethod
    def _after_issue(cls, value: date | None, info: Any) -> date | None:
        issued = info.data.get("issued_on")
        if value is not None and issued is not None and value <= issued:
            raise ValueError("It can't expire before it was issued.")
        return value


class MergeForm(Form):
    """The client to put into this one."""

    other_id: UUID
