"""The operator's profile: what the public reads of it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain import markdown
from ecosystem.domain.errors import Conflict, EcosystemError
from ecosystem.domain.profile import OperatorProfile
from ecosystem.services.forms import parse
from ecosystem.services.operator_profile import LANGUAGE_CODES, LONGEST_DESCRIPTION, ProfileForm
from ecosystem.services.sign_in_forms import country_names
from ecosystem.state import formats
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/profile"
FIELDS = (
    "name", "description", "country", "city", "contact_email", "contact_phone", "website",
    "languages",
)  # fmt: skip
SPOKEN = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu",
    "id", "is", "it", "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr",
    "sv", "sw", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip
"""Languages that are offered; a profile may have others, from elsewhere, which stay."""
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")


@dataclass(frozen=True)
class Language:
    """A language to tick."""

    code: str = ""
    name: str = ""
    spoken: bool = False


@dataclass(frozen=True)
class ProfileView:
    """The profile as its form is filled in."""

    name: str = ""
    description: str = ""
    country: str = ""
    city: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    website: str = ""
    verified: bool = False
    public_href: str = ""


def country_choices() -> list[tuple[str, str]]:
    """Every country's code and name."""
    return country_names()


class ProviderProfileState(rx.State):
    """``phase`` is loading, shown or failed; ``loads`` counts how often the form was filled."""

    phase: str = "loading"
    problem: str = ""
    view: ProfileView = ProfileView()
    languages: list[Language] = []
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    conflict: bool = False
    may_change: bool = False
    saved: str = ""
    loads: int = 0
    preview: str = ""

    _seen: OperatorProfile | None = None

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the profile; what was typed and not saved goes."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        try:
            actor = await current_actor(self)
            self.may_change = actor.operator_role == "owner"
            await self._show(await call(services().profiles.show, actor))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Save the profile, unless somebody else has in between."""
        self.errors, self.refused, self.saved = NO_ERRORS, "", ""
        if self._seen is None:
            return None
        try:
            change = parse(ProfileForm, typed(form, self._seen))
            actor = await current_actor(self)
            await self._show(await call(services().profiles.edit, actor, change))
        except EcosystemError as error:
            return self._refused(error)
        self.saved = "Saved"
        return toast("Saved. The public sees the new profile now.", "done")

    @rx.event
    @allow("provider")
    async def look(self, text: str) -> None:
        """Show the description as the public will see it."""
        if isinstance(text, str):
            self.preview = await call(markdown.to_html, text[:LONGEST_DESCRIPTION])

    def _refused(self, error: EcosystemError) -> EventSpec | None:
        found = field_errors(error)
        self.errors = {name: _of(found, name) for name in FIELDS}
        self.conflict = isinstance(error, Conflict)
        if any(self.errors.values()):
            self.refused = "Nothing was saved yet: look at the fields marked below."
            return None
        return None if self.conflict else failed(error, PATH)

    async def _show(self, profile: OperatorProfile) -> None:
        self._seen = profile
        self.conflict = False
        self.view = ProfileView(
            name=profile.name,
            description=profile.description,
            country=profile.country,
            city=profile.city,
            contact_email=profile.contact_email,
            contact_phone=profile.contact_phone,
            website=profile.website,
            verified=profile.verified,
            public_href=f"/operators/{profile.slug}" if profile.verified else "",
        )
        self.languages = language_list(profile.languages)
        self.preview = await call(markdown.to_html, profile.description)


def typed(form: Any, seen: OperatorProfile) -> dict[str, Any]:
    """What a browser sent of the form, as the profile's fields."""
    data = form if isinstance(form, dict) else {}
    values: dict[str, Any] = {
        name: data[name] for name in FIELDS if name != "languages" and name in data
    }
    # A box that is not ticked sends nothing; the first field says that the boxes were there.
    if "name" in data:
        ticked = [str(name)[9:] for name in data if str(name).startswith("language-")]
        values["languages"] = sorted(ticked, key=lambda code: (code not in seen.languages, code))
    return {"updated_at": seen.updated_at.isoformat(), **values}


def language_list(spoken: tuple[str, ...]) -> list[Language]:
    """The languages to choose from, by name, with those that are spoken ticked."""
    codes = {*SPOKEN, *(code for code in spoken if code in LANGUAGE_CODES)}
    named = [Language(code, formats.languages([code]) or code, code in spoken) for code in codes]
    return sorted(named, key=lambda one: one.name.casefold())


def _of(found: dict[str, str], name: str) -> str:
    """The message of a field, or of something inside it (``languages.0``)."""
    return next((m for f, m in found.items() if f == name or f.startswith(f"{name}.")), "")
