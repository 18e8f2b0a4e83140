"""The agency's logo on its profile: sent, shown, taken off."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.domain.paths import logo_path
from ecosystem.services.forms import parse
from ecosystem.services.package_pictures import PictureStart
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

BROKEN = "It did not arrive. Choose it again."


class AgencyLogoState(rx.State):
    """``percent`` while a file is on its way, else -1; ``problem`` says why it was not taken."""

    src: str = ""
    jobs: list[dict[str, Any]] = []
    percent: int = -1
    problem: str = ""

    _upload: UUID | None = None

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load it."""
        self.reset()
        try:
            self.src = logo_path(await call(services().agency_logos.own, await current_actor(self)))
        except EcosystemError:
            return  # the page around it says what is wrong

    @rx.event
    @allow("agent", limit="message")
    async def choose(self, files: list[dict[str, Any]]) -> None:
        """Begin to send the file that was chosen."""
        file: Any = files[0] if isinstance(files, list) and files else {}
        file = file if isinstance(file, dict) else {}
        key = str(file.get("key", ""))[:40]
        self.problem, self.jobs = "", []
        try:
            form = parse(
                PictureStart,
                {
                    "file_name": str(file.get("name", ""))[:300],
                    "content_type": str(file.get("type", ""))[:100],
                    "size": file.get("size"),
                },
            )
            made = await call(services().agency_logos.start, await current_actor(self), form)
        except EcosystemError as error:
            self.problem = error.detail
            return
        self._upload, self.percent = made.picture_id, 0
        self.jobs = [{"id": f"{key}:1", "key": key, "url": made.url, "fields": made.fields}]

    @rx.event
    @allow("agent")
    async def progress(self, key: str, percent: int) -> None:
        """Show how much was sent."""
        if isinstance(percent, int) and self._upload is not None:
            self.percent = max(0, min(100, percent))

    @rx.event
    @allow("agent")
    async def broke(self, key: str, why: str) -> None:
        """Say that it did not arrive."""
        if self._upload is not None:
            self.jobs, self.percent, self._upload, self.problem = [], -1, None, BROKEN

    @rx.event
    @allow("agent", limit="message")
    async def arrived(self, key: str) -> EventSpec | None:
        """Have it looked at, then show it."""
        if self._upload is None:
            return None
        upload, self._upload = self._upload, None
        self.jobs, self.percent = [], -1
        try:
            actor = await current_actor(self)
            self.src = logo_path(await call(services().agency_logos.finish, actor, upload))
        except Invalid as error:
            self.problem = error.detail
            return None
        except EcosystemError as error:
            return failed(error)
        return toast("Your clients see it from now on.", "done")

    @rx.event
    @allow("agent")
    async def remove(self) -> EventSpec | None:
        """Take it off."""
        try:
            await call(services().agency_logos.remove, await current_actor(self))
        except EcosystemError as error:
            return failed(error)
        self.src = ""
        return None
