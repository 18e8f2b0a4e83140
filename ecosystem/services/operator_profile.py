"""What an operator says of itself to the public."""

import re
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from babel import Locale
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import audit, catalogue, people
from ecosystem.database.tables import Operator
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.profile import OperatorProfile
from ecosystem.services.forms import EmailAddress, Form
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.sign_in_forms import country_code, organisation_name

LONGEST_DESCRIPTION = 10_000
MOST_LANGUAGES = 30
LANGUAGE_CODES: frozenset[str] = frozenset(
    code for code in map(str, Locale("en").languages) if re.fullmatch("[a-z]{2,3}", code)
)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,28}[0-9]")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def company_name(value: str) -> str:
    """A company's name; not empty."""
    name = organisation_name(value)
    if len(name) < 2:
        raise ValueError("Enter the name of your company.")
    return name


def known_country(value: str) -> str:
    """A country's code; not empty."""
    code = country_code(value)
    if not code:
        raise ValueError("Choose a country from the list.")
    return code


def city_name(value: str) -> str:
    """A city's name on one line."""
    name = " ".join(value.split())
    if not name.isprintable() or any(c in "<>" for c in name):
        raise ValueError("A name can't contain < or > or control characters.")
    return name


def phone_number(value: str) -> str:
    """A telephone number as people write it, or nothing."""
    number = " ".join(value.split())
    if number and not _PHONE.fullmatch(number):
        raise ValueError("Write the number with its country code, like +49 30 123456.")
    return number


def web_address(value: str) -> str:
    """An address of the web, or nothing. One without ``https://`` gets it."""
    address = value.strip()
    if not address:
        return ""
    if not re.match(r"[a-z][a-z0-9+.-]*:", address, re.I):
        address = f"https://{address}"
    if not address.isprintable() or any(c in ' <>"\\^`{|}' for c in address):
        raise ValueError("This address contains characters that no address has.")
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        _ = parts.port
    except (ValueError, UnicodeError):
        host, parts = "", None
    labels = host.split(".")
    if (
        parts is None
        or parts.scheme.lower() not in ("http", "https")
        or parts.username is not None
        or len(labels) < 2
        or not all(_LABEL.fullmatch(label) for label in labels)
        or labels[-1].isdigit()
    ):
        raise ValueError("Write an address of the web, like https://www.example.com.")
    return address


def markdown_text(value: str) -> str:
    """Markdown: any characters but control characters; line ends are ``\\n``."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(not (c.isprintable() or c in "\n\t") for c in text):
        raise ValueError("This contains characters that can't be shown.")
    return text


def language_codes(values: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of languages (ISO 639), each once."""
    if unknown := sorted(set(values) - LANGUAGE_CODES):
        raise ValueError(f"These are not codes of languages: {', '.join(unknown)[:60]}.")
    return tuple(dict.fromkeys(values))


def _absent(value: Any) -> Any:
    return "" if value is None else value


class ProfileForm(Form):
    """What is changed; what is left out stays. ``updated_at`` is the one that was read."""

    updated_at: AwareDatetime
    name: Annotated[str, Field(max_length=1000), AfterValidator(company_name)] | None = None
    description: (
        Annotated[str, Field(max_length=LONGEST_DESCRIPTION), AfterValidator(markdown_text)] | None
    ) = None
    country: Annotated[str, Field(max_length=20), AfterValidator(known_country)] | None = None
    city: Annotated[str, Field(max_length=100), AfterValidator(city_name)] | None = None
    contact_email: EmailAddress | None = None
    contact_phone: (
        Annotated[str, Field(max_length=40), AfterValidator(phone_number), BeforeValidator(_absent)]
        | None
    ) = None
    website: (
        Annotated[str, Field(max_length=300), AfterValidator(web_address), BeforeValidator(_absent)]
        | None
    ) = None
    languages: (
        Annotated[tuple[str, ...], Field(max_length=MOST_LANGUAGES), AfterValidator(language_codes)]
        | None
    ) = None


class OperatorProfiles:
    """Only the caller's own operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def show(self, actor: Actor) -> OperatorProfile:
        """The profile of the caller's operator, verified or not. Raises ``Forbidden``."""
        with self._database.unit(ACCOUNTS) as session:
            return _view(catalogue.operator(session, operator_id=operator_of(actor)))

    def edit(self, actor: Actor, form: ProfileForm) -> OperatorProfile:
        """Change the profile, unless somebody else has since it was read.

        Raises:
            Forbidden: not an owner.
            Conflict: ``edited_elsewhere``; nothing was overwritten.
        """
        operator_id = owning(actor)
        given = form.model_dump(exclude={"updated_at"}, exclude_none=True)
        if "languages" in given:
            given["languages"] = list(given["languages"])
        with self._database.unit(ACCOUNTS) as session:
            row = catalogue.operator(session, operator_id=operator_id)
            before = _view(row)
            changed = {
                name: value
                for name, value in given.items()
                if value != _comparable(getattr(before, name))
            }
            if changed:
                # Empty is nothing, as the operators' system writes it.
                values = {
                    name: value or None if name in ("contact_phone", "website") else value
                    for name, value in changed.items()
                }
                if not people.change_operator(session, operator_id, form.updated_at, values):
                    raise Conflict(
                        "Somebody else has changed the profile since you opened it. Nothing was"
                        " overwritten: reload to see their version, then save yours.",
                        code="edited_elsewhere",
                    )
                session.expire_all()
                row = catalogue.operator(session, operator_id=operator_id)
            after = _view(row)
        if changed:
            self._note(actor, operator_id, before, changed)
        return after

    def _note(
        self, actor: Actor, operator_id: UUID, before: OperatorProfile, changed: dict[str, Any]
    ) -> None:
        with self._database.unit(RDS) as session:
            audit.record(
                session,
                actor,
                "profile.edited",
                "operator",
                operator_id,
                old={name: _comparable(getattr(before, name)) for name in changed},
                new=changed,
            )


def _comparable(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _view(row: Operator | None) -> OperatorProfile:
    if row is None:
        raise NotFound("This operator does not exist.")
    return OperatorProfile(
        id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description,
        country=row.country,
        city=row.city,
        contact_email=row.contact_email,
        contact_phone=row.contact_phone or "",
        website=row.website or "",
        languages=tuple(row.languages),
        verified=row.verified_at is not None,
        updated_at=cast(datetime, row.updated_at),
    )
