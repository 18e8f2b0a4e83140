"""What people type to sign up and in. Field names are those of the forms and the API."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from unicodedata import normalize

from babel import Locale
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.language import _
from ecosystem.services.forms import EmailAddress, Form, PersonName, parse
from ecosystem.services.places import country_name

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 72
"""In bytes: bcrypt, which Supabase Auth uses, looks at no more."""

_CODE = re.compile(r"[0-9]{6,8}")
COUNTRIES: frozenset[str] = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if re.fullmatch("[A-Z]{2}", code) and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
)
"""Codes of ISO 3166 alpha-2."""


def country_names() -> list[tuple[str, str]]:
    """Every country's code and its name in the reader's language, in the order of the names."""
    return sorted(
        ((code, country_name(code)) for code in COUNTRIES), key=lambda item: _bare(item[1])
    )


def _bare(name: str) -> str:
    """A name without accents, as lists are sorted: ``Ägypten`` before ``Albanien``."""
    return normalize("NFD", name).encode("ascii", "ignore").decode().casefold() or name


def new_password(value: str) -> str:
    """What both identity providers accept; said in one sentence, before either is asked."""
    if len(value.encode()) > LONGEST_PASSWORD:
        raise ValueError(
            _("This can have at most {count} characters.").format(count=LONGEST_PASSWORD)
        )
    strong = len(value) >= SHORTEST_PASSWORD and all(
        re.search(pattern, value) for pattern in ("[a-z]", "[A-Z]", "[0-9]")
    )
    if not strong:
        raise ValueError(
            _("Use at least 10 characters, with a capital letter, a small one and a number.")
        )
    return value


def mailed_code(value: str) -> str:
    """Six to eight digits, however they were spaced."""
    code = re.sub(r"[\s-]", "", value)
    if not _CODE.fullmatch(code):
        raise ValueError(_("Enter the digits of the code."))
    return code


def organisation_name(value: str) -> str:
    name = " ".join(value.split())
    if len(name) > 120:
        raise ValueError(_("This name is longer than 120 characters."))
    if not name.isprintable() or any(c in "<>" for c in name):
        raise ValueError(_("A name can't contain < or > or control characters."))
    return name


def country_code(value: str) -> str:
    code = value.strip().upper()
    if code and code not in COUNTRIES:
        raise ValueError(_("Choose a country from the list."))
    return code


def _unstripped(value: object) -> object:
    if isinstance(value, str) and len(value) > 1000:
        raise ValueError(_("This is too long."))
    return value


NewPassword = Annotated[str, BeforeValidator(_unstripped), AfterValidator(new_password)]
Code = Annotated[str, Field(max_length=40), AfterValidator(mailed_code)]


class Secretive(Form):
    """A form with a password in it: spaces at its ends belong to it, and no error shows it."""

    model_config = {
        **Form.model_config,
        "str_strip_whitespace": False,
        "hide_input_in_errors": True,
    }


class SignUpForm(Secretive):
    """A new account. Agents and providers name their company and its country."""

    role: Literal["customer", "agent", "provider"] = "customer"
    name: PersonName
    email: EmailAddress
    password: NewPassword = Field(repr=False)
    organisation: Annotated[str, Field(max_length=1000), AfterValidator(organisation_name)] = ""
    country: Annotated[str, Field(max_length=20), AfterValidator(country_code)] = ""
    invitation: str = Field(default="", max_length=100, repr=False)
    """The secret of a link into a team: such a person brings no company, and her role is the
    team's."""

    @model_validator(mode="before")
    @classmethod
    def _companies_have_a_name_and_a_country(cls, data: object) -> object:
        # Absent and empty are the same to the person who left it empty.
        if not isinstance(data, dict):
            return data
        if data.get("invitation"):
            return {**data, "role": "provider", "organisation": "", "country": ""}
        if data.get("role") not in ("agent", "provider"):
            return {**data, "organisation": "", "country": ""}
        return data


def sign_up_form(data: Mapping[str, Any]) -> SignUpForm:
    """Validate a sign-up, what a company has to add included.

    Raises:
        Invalid: ``fields`` has each wrong or missing value.
    """
    found: tuple[FieldError, ...] = ()
    form = None
    try:
        form = parse(SignUpForm, data)
    except Invalid as error:
        found = error.fields
    named = {error.field for error in found}
    if data.get("role") in ("agent", "provider") and not data.get("invitation"):
        wanted = {
            "organisation": _("Enter the name of your company."),
            "country": _("Choose the country of your company."),
        }
        found += tuple(
            FieldError(name, sentence)
            for name, sentence in wanted.items()
            if name not in named and not str(data.get(name) or "").strip()
        )
    if form is None or found:
        raise Invalid(_("Some of what was entered is not right."), fields=found)
    return form


class SignInForm(Secretive):
    email: EmailAddress
    password: str = Field(min_length=1, max_length=1000, repr=False)


class ConfirmForm(Form):
    email: EmailAddress
    code: Code


class AddressForm(Form):
    email: EmailAddress


class CodeForm(Form):
    code: Code


class AppMoveForm(Secretive):
    code: Code
    password: str = Field(min_length=1, max_length=1000, repr=False)


class ResetForm(Secretive):
    email: EmailAddress
    code: Code
    password: NewPassword = Field(repr=False)
