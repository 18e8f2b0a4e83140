"""Keys of a team's programs, made and revoked by its owners."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.paths import HOME
from ecosystem.domain.team import ApiKeyView
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services


@dataclass(frozen=True)
class KeyRow:
    """A key as the page lists it; never the key itself."""

    id: str = ""
    name: str = ""
    role: str = ""
    facts: str = ""
    revoked: bool = False


class TeamKeysState(rx.State):
    """``secret`` is a key that was made just now, until its dialog is closed."""

    rows: list[KeyRow] = []
    name_error: str = ""
    refused: str = ""
    secret: str = ""
    drawn: int = 0

    @rx.event
    @allow("agent", "provider")
    async def open(self) -> None:
        """Load the keys; nothing for who is no owner."""
        self.reset()
        actor = await current_actor(self)
        if _owns(actor):
            try:
                await self._load(actor)
            except EcosystemError as error:
                self.refused = error.detail

    @rx.event
    @allow("agent", "provider", limit="mail")
    async def make(self, form: dict[str, Any]) -> EventSpec | None:
        """Make a key and show it, this once."""
        self.name_error = self.refused = self.secret = ""
        data = form if isinstance(form, dict) else {}
        try:
            wanted = parse(ApiKeyForm, {name: data.get(name) for name in ("name", "role")})
            actor = await current_actor(self)
            _view, self.secret = await call(services().api_keys.make, actor, wanted)
            await self._load(actor)
        except EcosystemError as error:
            self.name_error = field_errors(error).get("name", "")
            self.refused = "" if self.name_error else error.detail
            return None
        self.drawn += 1
        return None

    @rx.event
    @allow("agent", "provider")
    async def seen(self) -> None:
        """Forget the new key: it was copied."""
        self.secret = ""

    @rx.event
    @allow("agent", "provider")
    async def revoke(self, key_id: str) -> EventSpec | None:
        """End a key."""
        actor = await current_actor(self)
        try:
            await call(services().api_keys.revoke, actor, UUID(str(key_id)))
            await self._load(actor)
        except ValueError:
            return None
        except EcosystemError as error:
            return failed(error, HOME[actor.role])
        return toast("The key was revoked. No program gets in with it any more.", "done")

    async def _load(self, actor: Actor) -> None:
        found = await call(services().api_keys.show, actor)
        self.rows = [key_row(one) for one in found]


def key_row(one: ApiKeyView) -> KeyRow:
    """A key with when it was made, by whom, and when it was used."""
    made = f"{one.prefix}… · made {formats.day(one.created_at.date())} by {one.created_by_email}"
    if one.revoked_at is not None:
        last = f"revoked {formats.day(one.revoked_at.date())}"
    elif one.last_used_at is not None:
        last = f"last used {formats.day(one.last_used_at.date())}"
    else:
        last = "not used yet"
    return KeyRow(
        id=str(one.id),
        name=one.name,
        role=one.role,
        facts=f"{made} · {last}",
        revoked=one.revoked_at is not None,
    )


def _owns(actor: Actor) -> bool:
    return actor.agency_owner or actor.operator_role == "owner"
