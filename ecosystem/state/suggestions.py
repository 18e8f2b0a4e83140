"""What fits while one types into a search box, on whichever page it stands."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _
from ecosystem.domain.paths import own_path
from ecosystem.domain.views import Suggestion
from ecosystem.state.address import query as address_query
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.search_address import read, write
from ecosystem.wiring import services

LONGEST = 200
WORTH_ASKING = 2
"""Letters from which on there is something to suggest."""


@dataclass(frozen=True)
class SuggestionLine:
    """One suggestion: ``label`` and what it is, and where choosing it leads."""

    label: str
    detail: str
    href: str


class SuggestionState(rx.State):
    """The suggestions of the box that is typed into."""

    lines: list[SuggestionLine] = []

    @rx.event
    @allow("*", limit="suggest")
    async def typed(self, text: str) -> None:
        """Look for what fits; what can't be looked up is simply not suggested."""
        asked = text.strip()[:LONGEST] if isinstance(text, str) else ""
        if len(asked) < WORTH_ASKING:
            self.lines = []
            return
        try:
            found = await call(services().search.suggest, asked)
        except EcosystemError:
            # Typing goes on without suggestions; the search itself says what is wrong.
            found = ()
        # What is filtered already stays: a suggestion takes the place of the words.
        given = read(address_query(self)).given
        self.lines = [_line(one, {**given, "q": ""}) for one in found]

    @rx.event
    @allow("*")
    def choose(self, href: str) -> EventSpec | None:
        """Go where a suggestion leads."""
        self.lines = []
        path = own_path(href)
        return rx.redirect(path) if path else None


def _line(found: Suggestion, given: dict[str, str]) -> SuggestionLine:
    if found.kind == "package":
        return SuggestionLine(found.label, found.detail, f"/packages/{found.value}")
    kinds = {
        "country": _("Country"),
        "city": _("City"),
        "tag": _("Kind of trip"),
        "operator": _("Operator"),
    }
    detail = f"{kinds[found.kind]} · {found.detail}"
    return SuggestionLine(found.label, detail, write(given, **{found.kind: found.value}))
