"""The state of ``/d/[token]``: a file that an agency shared. The link is the key."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import reflex as rx

from ecosystem.domain.agency_documents import SharedView
from ecosystem.domain.errors import EcosystemError, Gone, NotFound
from ecosystem.domain.language import _
from ecosystem.services.agency_documents.forms import CodeForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.agent.document_lines import size_words
from ecosystem.state.calling import call, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.typed import typed_in
from ecosystem.wiring import services


@dataclass(frozen=True)
class SharedPage:
    """What is shown of a shared file; nothing of the file itself while ``asks_code``."""

    agency: str = ""
    name: str = ""
    facts: str = ""
    until: str = ""
    asks_code: bool = False
    href: str = ""


class SharedDocumentState(rx.State):
    """``phase`` is loading, shown, ended, missing or failed."""

    phase: str = "loading"
    problem: str = ""
    view: SharedPage = SharedPage()
    code_error: str = ""
    tries: int = 0

    @rx.event
    @allow("*", limit="token")
    async def open(self) -> None:
        """Show what the link leads to; its agency learns that it was opened."""
        self.reset()
        token = last_part(self)[:100]
        try:
            actor = await current_actor(self)
            self._show(await call(services().document_shares.open, actor, token), token)
        except EcosystemError as error:
            self._fail(error)

    @rx.event
    @allow("*", limit="code")
    async def unlock(self, form: dict[str, Any]) -> None:
        """Say the code word."""
        self.code_error = ""
        token = last_part(self)[:100]
        try:
            said = parse(CodeForm, {"code": typed_in(form, "code")})
            actor = await current_actor(self)
            found = await call(services().document_shares.unlock, actor, token, said)
        except (Gone, NotFound) as error:
            self._fail(error)
            return
        except EcosystemError as error:
            self.code_error = field_errors(error).get("code", error.detail)
            self.tries += 1
            return
        self._show(found, token)

    def _show(self, found: SharedView, token: str) -> None:
        passed = f"?pass={quote(found.pass_key)}" if found.pass_key else ""
        facts = f"{_(found.type_name)} · {size_words(found.bytes)}" if found.name else ""
        self.view = SharedPage(
            agency=found.agency,
            name=found.name,
            facts=facts,
            until=formats.moment(found.expires_at),
            asks_code=found.asks_code,
            href="" if found.asks_code else f"/api/shared/{quote(token)}/file{passed}",
        )
        self.phase = "shown"

    def _fail(self, error: EcosystemError) -> None:
        self.view = SharedPage()
        phases = {"gone": "ended", "not_found": "missing"}
        self.phase, self.problem = phases.get(error.category, "failed"), error.detail
