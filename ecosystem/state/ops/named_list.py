"""What operations' lists of operators and of agencies do alike: load, look for names."""

from typing import Any

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words


class NamedList(rx.State, mixin=True):
    """Vars of such a page; each page has its own handlers and rows.

    ``phase`` is loading, shown or failed; ``note``: that there are more than are listed.
    """

    phase: str = "loading"
    problem: str = ""
    words: str = ""
    note: str = ""

    async def _list(self) -> None:
        """List those whose name has ``words``."""
        raise NotImplementedError

    async def _load(self) -> None:
        """List them, or say why that failed: whatever was done before is done."""
        try:
            await self._list()
            self.phase, self.problem = "shown", ""
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        self.words = search_words(query(self).get("q", ""))
        await self._load()

    async def _find(self, form: Any) -> None:
        """List those that the form asks for."""
        self.words = search_words(form.get("q", "") if isinstance(form, dict) else "")
        await self._load()

    def _note_more(self, count: int, most: int) -> None:
        """Say that the list may go on, once it is as long as it gets."""
        self.note = f"The first {most}; search for others by name." if count == most else ""
