"""The agency's own profile, and asking operations to look at it."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.agency import AgencyProfile
from ecosystem.domain.errors import Conflict, EcosystemError
from ecosystem.services.agency_profile import AgencyProfileForm, VerificationForm
from ecosystem.services.forms import parse
from ecosystem.services.sign_in_forms import country_names
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/agent/profile"
FIELDS: tuple[str, ...] = (
    "name",
    "country",
    "address",
    "contact_email",
    "contact_phone",
    "website",
    "accent",
)
ASKED: tuple[str, ...] = ("company", "number", "registry", "tax_number")
NO_ERRORS: dict[str, str] = dict.fromkeys((*FIELDS, *ASKED), "")
STANDS = {
    "none": ("Not verified", "plain", "Tell us who you are, and you see net prices as well."),
    "asked": ("Being looked at", "warn", "We look you up in the register you named."),
    "verified": ("Verified", "good", "You see net prices beside your commission."),
    "refused": ("Not verified", "bad", "Correct what you told us, then ask again."),
}


@dataclass(frozen=True)
class AgencyView:
    """The profile as its form is filled in."""

    name: str = ""
    country: str = ""
    address: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    website: str = ""
    accent: str = ""
    company: str = ""
    number: str = ""
    registry: str = ""
    tax_number: str = ""
    verification: str = "none"
    standing: str = ""
    tone: str = "plain"
    means: str = ""
    note: str = ""


def country_choices() -> list[tuple[str, str]]:
    """Every country's code and name."""
    return country_names()


class AgentProfileState(rx.State):
    """``phase`` is loading, shown or failed; ``loads`` counts how often the forms were filled."""

    phase: str = "loading"
    problem: str = ""
    view: AgencyView = AgencyView()
    errors: dict[str, str] = NO_ERRORS
    conflict: bool = False
    may_change: bool = False
    loads: int = 0

    _seen: AgencyProfile | None = None

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the profile; what was typed and not saved goes."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        try:
            actor = await current_actor(self)
            self.may_change = actor.agency_owner
            self._show(await call(services().agencies.show, actor))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("agent")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Save the profile, unless somebody else has in between."""
        if self._seen is None:
            return None
        seen = {"updated_at": self._seen.updated_at.isoformat()}
        return await self._send(
            form, FIELDS, seen, AgencyProfileForm, services().agencies.edit, "Saved."
        )

    @rx.event
    @allow("agent", limit="mail")
    async def ask(self, form: dict[str, Any]) -> EventSpec | None:
        """Ask to be verified."""
        done, seen = "We look at it, and write to you when it is decided.", self._seen
        answer = await self._send(form, ASKED, {}, VerificationForm, services().agencies.ask, done)
        if seen is not None and self._seen is not None:
            # The other form was filled in before: what somebody else saved since is not its own.
            self._seen = replace(self._seen, updated_at=seen.updated_at)
        return answer

    async def _send(
        self,
        form: Any,
        names: tuple[str, ...],
        more: dict[str, str],
        kind: Any,
        act: Any,
        done: str,
    ) -> EventSpec | None:
        self.errors, self.conflict = NO_ERRORS, False
        data = form if isinstance(form, dict) else {}
        try:
            wanted = parse(kind, {name: data[name] for name in names if name in data} | more)
            self._show(await call(act, await current_actor(self), wanted))
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = {name: _of(found, name) for name in NO_ERRORS}
            self.conflict = isinstance(error, Conflict)
            return None if found or self.conflict else failed(error, PATH)
        return toast(done, "done")

    def _show(self, profile: AgencyProfile) -> None:
        self._seen = profile
        standing, tone, means = STANDS[profile.verification]
        self.view = AgencyView(
            name=profile.name,
            country=profile.country,
            address=profile.address,
            contact_email=profile.contact_email,
            contact_phone=profile.contact_phone,
            website=profile.website,
            accent=profile.accent,
            **asdict(profile.registration),
            verification=profile.verification,
            standing=standing,
            tone=tone,
            means=means,
            note=profile.verification_note if profile.verification == "refused" else "",
        )


def _of(found: dict[str, str], name: str) -> str:
    """The message of a field, or of one of the ways in which it can be read."""
    return next((m for f, m in found.items() if f == name or f.startswith(f"{name}.")), "")
