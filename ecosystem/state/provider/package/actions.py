"""What is done to a package as a whole: saving, publishing, archiving, copying, deciding."""

import json
from typing import Annotated, Any
from uuid import UUID

import reflex as rx
from pydantic import Field
from reflex.event import EventSpec

from ecosystem.domain.errors import Conflict, EcosystemError, Invalid, NotFound
from ecosystem.domain.markdown import to_html
from ecosystem.services.forms import Form, parse
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.provider.package.lists import EditorLists
from ecosystem.state.provider.package.sheet import Sheet
from ecosystem.state.provider.package.typed import changes_from
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/packages"
LONGEST_BATCH = 400_000
"""Characters of one batch of changed fields: all fields of the largest package fit in."""
EXAMPLE_TEXT = 20_000


class Batch(Form):
    """Fields that were changed in a browser since the last batch. ``changes``: texts by name.

    ``load`` and ``version`` say what the fields were filled from.
    """

    seq: int = Field(ge=0, strict=True)
    package: UUID
    load: Annotated[str, Field(max_length=40)]
    version: int = Field(ge=1, strict=True)
    changes: dict[str, Any]


class EditorActions(EditorLists, mixin=True):
    """``preview`` is the description as the public sees it, safe HTML."""

    preview: str = ""

    @rx.event
    @allow("provider")
    async def open(self) -> Any:
        """Load the package that the address names.

        A connection that came back finds it loaded: what is on screen then stays, unless
        somebody else has saved in between.
        """
        try:
            package_id = UUID(last_part(self))
        except ValueError:
            self.reset()
            self.phase = "missing"
            return
        if self.package_id != str(package_id) or self.phase != "shown":
            self.reset()
            yield
        await self._open(package_id)

    async def _open(self, package_id: UUID) -> None:
        try:
            actor = await current_actor(self)
            draft = await call(services().editor.open, actor, package_id)
            sheet: Sheet | None = self._sheet
            if sheet is not None and sheet.draft.version == draft.version and not self.clash.shown:
                # What is typed stays; what is missing may have come from another page.
                sheet.draft = draft
                self._show_fields()
                self._show_results()
                await self._show_departures(package_id)
                return
            await self._load(package_id, settled=False)
            await self._show_preview(self.fields["description"])
        except NotFound:
            self.reset()
            self.phase = "missing"
        except EcosystemError as error:
            self.reset()
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def keep(self, sent: str) -> EventSpec | None:
        """Save a batch of changed fields, see ``Batch``; it is JSON."""
        try:
            batch = _batch(sent)
            changes = changes_from(batch.changes)
        except Invalid as error:
            self.done, self.outcome, self.message = self.done + 1, "failed", error.detail
            return None
        sheet: Sheet | None = self._sheet
        if sheet is None or self.locked or str(batch.package) != self.package_id:
            return None
        if batch.load != self.load:
            return await self._keep_older(batch, changes)
        sheet.typed.put(changes)
        if self._before is not None:
            self._before.typed.put(changes)
        self._sheet, self.acked = sheet, batch.seq
        return await self._save()

    async def _keep_older(self, batch: Batch, changes: dict[str, str]) -> EventSpec | None:
        """Words typed onto an earlier version: laid beside what is stored now, for a decision."""
        self.acked = batch.seq
        try:
            actor = await current_actor(self)
            before = await call(services().editor.version, actor, batch.package, batch.version)
            sheet = Sheet(before)
            sheet.typed.put(changes)
            if not sheet.changes(sheet.reading()):
                self.done, self.outcome = self.done + 1, "same"
                return None
            self._before = sheet
            await self._show_clash(sheet)
        except EcosystemError as error:
            return failed(error, PATH)
        self.done += 1
        return None

    @rx.event
    @allow("provider")
    async def keep_mine(self) -> EventSpec | None:
        """After a clash: save the fields changed here onto the other's version."""
        if not self.clash.shown or self.locked:
            return None
        try:
            await self._mine_onto_theirs()
        except Conflict:
            return toast("It was changed once more. Look again, then decide.", "problem")
        except EcosystemError as error:
            return failed(error, PATH)
        return toast("Your changes are saved on top of theirs.", "done")

    @rx.event
    @allow("provider")
    async def take_theirs(self) -> EventSpec | None:
        """After a clash: let the fields changed here go."""
        return await self._reload("This is their version. Yours was let go.")

    @rx.event
    @allow("provider")
    async def publish(self) -> EventSpec | None:
        """Put the package on sale."""
        return await self._move_to("publish", "Published. It can be found now.")

    @rx.event
    @allow("provider")
    async def archive(self) -> EventSpec | None:
        """Take the package off the market; its bookings stay."""
        return await self._move_to("archive", "Archived. Its bookings stay as they are.")

    @rx.event
    @allow("provider")
    async def back_to_draft(self) -> EventSpec | None:
        """Take the package off the market to work on it."""
        return await self._move_to("back_to_draft", "This is a draft again. Nobody can book it.")

    @rx.event
    @allow("provider")
    async def duplicate(self) -> EventSpec | None:
        """Make a copy as a draft and open it."""
        try:
            actor = await current_actor(self)
            made = await call(services().editor.duplicate, actor, UUID(self.package_id))
        except (EcosystemError, ValueError) as error:
            return _told(error)
        return rx.redirect(f"{PATH}/{made.id}")

    @rx.event
    @allow("provider")
    async def set_child_age(self, age: float | str) -> None:
        """How old the child of the example family is."""
        bare = str(age).strip()
        if self._sheet is None or not (bare.isascii() and bare.isdigit() and len(bare) < 3):
            return
        self.child_age = min(int(bare), 17)
        self._show_family(self._sheet.whole(self._sheet.reading()))

    @rx.event
    @allow("provider")
    async def show_preview(self, text: str) -> None:
        """Show a description as the public will see it."""
        if self._sheet is not None and isinstance(text, str):
            await self._show_preview(text[:EXAMPLE_TEXT])

    async def _show_preview(self, text: str) -> None:
        self.preview = await call(to_html, text)

    async def _move_to(self, act: str, done: str) -> EventSpec | None:
        """Publish and the like, of the version that is on this page."""
        sheet: Sheet | None = self._sheet
        if sheet is None or self.clash.shown:
            return None
        try:
            actor = await current_actor(self)
            method = getattr(services().editor, act)
            draft = await call(method, actor, sheet.draft.id, sheet.draft.version)
        except Conflict as error:
            if error.code != "edited_elsewhere":
                return failed(error, PATH)
            await self._show_clash(sheet)
            return None
        except EcosystemError as error:
            return failed(error, PATH)
        sheet.stored(draft, sheet.reading())
        self._sheet = sheet
        self._show_results()
        return toast(done, "done")

    async def _reload(self, done: str) -> EventSpec | None:
        try:
            await self._load(UUID(self.package_id), settled=True)
            await self._show_preview(self.fields["description"])
        except (EcosystemError, ValueError) as error:
            return _told(error)
        return toast(done, "done")


def _batch(sent: Any) -> Batch:
    """What a browser sent. Raises ``Invalid``."""
    if not isinstance(sent, str) or len(sent) > LONGEST_BATCH:
        raise Invalid("This is not what the editor sends.")
    try:
        return parse(Batch, json.loads(sent))
    except (ValueError, RecursionError):
        raise Invalid("This is not what the editor sends.") from None


def _told(error: Exception) -> EventSpec | None:
    return failed(error, PATH) if isinstance(error, EcosystemError) else None
