"""Agencies as operations see them: who asks to be verified."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.agency import AgencyProfile
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.agency_profile import AGENCIES_SHOWN, DecisionForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.ops.named_list import NamedList
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/agencies"
STANDS = {
    "none": ("Not asked", "plain"),
    "asked": ("Waits for you", "warn"),
    "verified": ("Verified", "good"),
    "refused": ("Refused", "bad"),
}


@dataclass(frozen=True)
class AgencyLine:
    """An agency in the table, with what it says of itself."""

    id: str = ""
    name: str = ""
    country: str = ""
    standing: str = ""
    tone: str = "plain"
    waits: bool = False
    since: str = ""
    company: str = ""
    number: str = ""
    registry: str = ""
    tax_number: str = ""
    website: str = ""


class OpsAgenciesState(NamedList, rx.State):
    """``phase`` is loading, shown or failed; ``looking`` is the agency in the dialog."""

    rows: list[AgencyLine] = []
    looking: AgencyLine = AgencyLine()
    note_error: str = ""

    _found: dict[str, AgencyProfile] = {}

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load the agencies the address asks for."""
        await self._open()

    @rx.event
    @allow("ops")
    async def find(self, form: dict[str, Any]) -> None:
        """Look for agencies by name."""
        await self._find(form)

    @rx.event
    @allow("ops")
    async def look(self, agency_id: str) -> None:
        """Open the dialog for an agency that waits."""
        found = self._found.get(agency_id) if isinstance(agency_id, str) else None
        self.note_error = ""
        if found is not None and found.verification == "asked":
            self.looking = agency_line(found)

    @rx.event
    @allow("ops")
    async def close(self) -> None:
        """Leave the dialog without a decision."""
        self.looking, self.note_error = AgencyLine(), ""

    @rx.event
    @allow("ops")
    async def decide(self, form: dict[str, Any]) -> EventSpec | None:
        """Verify the agency in the dialog, or refuse it with a reason."""
        found = self._found.get(self.looking.id)
        data = form if isinstance(form, dict) else {}
        if found is None or found.verification_asked_at is None:
            return None
        asked = {
            "decision": data.get("decision"),
            "note": data.get("note", ""),
            "asked_at": found.verification_asked_at.isoformat(),
        }
        try:
            wanted = parse(DecisionForm, asked)
            actor = await current_actor(self)
            await call(services().agencies.decide, actor, found.id, wanted)
        except EcosystemError as error:
            self.note_error = field_errors(error).get("note", "")
            return None if self.note_error else failed(error, PATH)
        self.looking = AgencyLine()
        await self._load()
        verified = wanted.decision == "verified"
        return toast(f"{found.name} was {'verified' if verified else 'refused'}.", "done")

    async def _list(self) -> None:
        found = await call(services().agencies.agencies, await current_actor(self), self.words)
        self._found = {str(one.id): one for one in found}
        self.rows = [agency_line(one) for one in found]
        self._note_more(len(found), AGENCIES_SHOWN)


def agency_line(one: AgencyProfile) -> AgencyLine:
    """An agency with how it stands."""
    standing, tone = STANDS[one.verification]
    asked = one.verification_asked_at
    return AgencyLine(
        id=str(one.id),
        name=one.name,
        country=one.country,
        standing=standing,
        tone=tone,
        waits=one.verification == "asked",
        since=f"since {formats.day(asked.date())}" if asked and one.verification == "asked" else "",
        company=one.registration.company,
        number=one.registration.number,
        registry=one.registration.registry,
        tax_number=one.registration.tax_number,
        website=one.website,
    )
