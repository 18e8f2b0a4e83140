"""The history of the package that is open in the editor."""

from dataclasses import dataclass, field
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.drafts import FieldChange, VersionView
from ecosystem.domain.errors import EcosystemError
from ecosystem.state import formats
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.provider.package.sheet import ChangeLine
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/packages"
LINES = 60
LONGEST = 600
"""Characters of a value that a line of the history shows; the version itself has all of it."""

WORDS = {
    "created": "Created",
    "edited": "Edited",
    "published": "Published",
    "archived": "Archived",
    "unpublished": "Taken back to draft",
    "restored": "An earlier version was restored",
    "duplicated": "Made as a copy",
    "imported": "Imported from a file",
    "outside": "Changed outside this desk",
    "first_seen": "As it was when the history began",
}


@dataclass(frozen=True)
class HistoryLine:
    """A change: what was done, by whom, when (UTC), and which fields differ."""

    version: int = 0
    what: str = ""
    who: str = ""
    when: str = ""
    fields: str = ""
    changes: list[ChangeLine] = field(default_factory=list)
    href: str = ""
    current: bool = False


class PackageHistoryState(rx.State):
    """``phase`` is loading, shown or failed; ``chosen`` is the version to bring back."""

    phase: str = "loading"
    problem: str = ""
    lines: list[HistoryLine] = []
    chosen: int = 0
    chosen_when: str = ""

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Read the history of the package that the editor shows."""
        from ecosystem.state.provider.package import ProviderPackageState

        editor = await self.get_state(ProviderPackageState)
        self.reset()
        try:
            package_id = UUID(editor.package_id)
            actor = await current_actor(self)
            found = await call(services().editor.history, actor, package_id)
        except ValueError:
            return
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.lines = [history_line(package_id, one) for one in found[:LINES]]
        self.phase = "shown"

    @rx.event
    @allow("provider")
    async def choose(self, version: int) -> None:
        """Take a version to ask about before it is brought back."""
        line = next((line for line in self.lines if line.version == version), None)
        self.chosen, self.chosen_when = (line.version, line.when) if line else (0, "")

    @rx.event
    @allow("provider")
    async def restore(self) -> EventSpec | None:
        """Bring the chosen version back."""
        return await self._restore(self.chosen)

    @rx.event
    @allow("provider")
    async def undo(self, version: int) -> EventSpec | None:
        """Bring back what was there before the last restore."""
        return await self._restore(version)

    async def _restore(self, to_version: int) -> EventSpec | None:
        from ecosystem.state.provider.package import ProviderPackageState

        editor = await self.get_state(ProviderPackageState)
        if type(to_version) is not int or to_version < 1 or not editor.package_id:
            return None
        before, package_id = editor.version, UUID(editor.package_id)
        try:
            actor = await current_actor(self)
            await call(services().editor.restore, actor, package_id, to_version, before)
            await editor._load(package_id, settled=True)
        except EcosystemError as error:
            return failed(error, PATH)
        self.phase, self.lines = "loading", []
        return toast("The earlier version is back.", "done", undo=PackageHistoryState.undo(before))


def history_line(package_id: UUID, version: VersionView) -> HistoryLine:
    """A change in words."""
    changes = [_short(change) for change in version.changes]
    return HistoryLine(
        version=version.version,
        what=WORDS.get(version.action, version.action.capitalize()),
        who=version.who or "Somebody",
        when=f"{formats.moment(version.at)} UTC",
        fields=", ".join(change.label for change in changes),
        changes=changes,
        href=f"{PATH}/{package_id}/preview?version={version.version}",
        current=version.current,
    )


def _short(change: FieldChange) -> ChangeLine:
    was, now = (
        text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in (change.was, change.now)
    )
    return ChangeLine(change.label, was, now)
