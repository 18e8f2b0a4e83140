"""A package's own pictures in its editor: sent, described, put in order, taken off."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Invalid, NotFound, Unavailable
from ecosystem.domain.paths import picture_path
from ecosystem.domain.pictures import MOST_PICTURES, PictureView
from ecosystem.services.forms import parse
from ecosystem.services.package_pictures import PictureStart
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.sending import Sending, chosen
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

LOOKS = 40
"""How often a picture is looked at while others are in the way, half a second apart."""


@dataclass(frozen=True)
class PictureTile:
    """A picture of the package as the editor lists it."""

    id: str = ""
    src: str = ""
    alt: str = ""
    size: str = ""
    cover: bool = False
    described: bool = False
    move_label: str = ""
    problem: str = ""


class PackagePicturesState(Sending, rx.State):
    """``phase`` is loading, shown or failed; ``said`` is read out after a change of the order."""

    phase: str = "loading"
    problem: str = ""
    tiles: list[PictureTile] = []
    may_edit: bool = False
    room: bool = True
    note: str = ""
    said: str = ""

    _package_id: UUID | None = None
    _pictures: tuple[PictureView, ...] = ()

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the pictures of the package that the address names."""
        self.reset()
        try:
            actor = await current_actor(self)
            self._package_id = UUID(last_part(self))
            self.may_edit = actor.operator_role in ("owner", "editor")
            self._show(await call(services().pictures.own, actor, self._package_id))
            self.phase = "shown"
        except (NotFound, ValueError):
            self.phase, self.problem = "failed", "This package does not exist."
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def choose(self, files: list[dict[str, Any]]) -> None:
        """Start sending files that were chosen or dropped."""
        actor = await current_actor(self)
        for key, name, told in chosen(files):
            if key in self._sending or len(self.uploads) >= MOST_PICTURES:
                continue
            try:
                form = picture_form(name, told)
            except Invalid:
                continue
            self._choose(key, name, form)
            await self._start(actor, key)

    @rx.event
    @allow("provider")
    async def progress(self, key: str, percent: int) -> None:
        """Show how much of a file was sent."""
        self._progress(key, percent)

    @rx.event
    @allow("provider")
    async def broke(self, key: str, why: str) -> None:
        """Say that a file did not arrive, and offer to send it again."""
        self._broke(key, why)

    @rx.event(background=True)
    @allow("provider")
    async def arrived(self, key: str) -> EventSpec | None:
        """Have a file that was sent looked at, then show it."""
        async with self:
            picture_id = self._arrive(key)
            if picture_id is None:
                return None
            actor = await current_actor(self)
        try:
            await looked_at(actor, picture_id)
        except EcosystemError as error:
            async with self:
                self._not_kept(key, error)
            return None
        async with self:
            self._forget(key)
            try:
                await self._reload(actor)
            except EcosystemError as error:
                return failed(error)
        return None

    @rx.event
    @allow("provider")
    async def retry(self, key: str) -> EventSpec | None:
        """Send a file again, or have it looked at again if it is there already."""
        way = self._again(key)
        if way is None:
            return None
        if way.sent:
            return PackagePicturesState.arrived(key)  # type: ignore[operator]
        await self._start(await current_actor(self), key)
        return None

    @rx.event
    @allow("provider")
    async def dismiss(self, key: str) -> None:
        """Stop sending a file, or take its problem off the page."""
        self._forget(key)

    @rx.event
    @allow("provider")
    async def arrange(self, picture_id: str, place: int) -> EventSpec | None:
        """Put a picture at this place, from 0; the first is the cover."""
        order = [picture.id for picture in self._pictures]
        moved = next((one for one in order if str(one) == picture_id), None)
        if moved is None or not isinstance(place, int) or self._package_id is None:
            return None
        order.remove(moved)
        order.insert(max(0, min(place, len(order))), moved)
        return await self._change(services().pictures.arrange, self._package_id, order)

    @rx.event
    @allow("provider")
    async def describe(self, picture_id: str, words: str) -> EventSpec | None:
        """Keep what a person wrote about a picture."""
        picture = self._known(picture_id)
        if picture is None or not isinstance(words, str) or picture.alt == words:
            return None
        try:
            actor = await current_actor(self)
            await call(services().pictures.describe, actor, picture.id, words[:1000])
            await self._reload(actor)
        except Invalid as error:
            self._tile(picture_id, alt=words[:1000], problem=error.detail)
        except EcosystemError as error:
            return failed(error)
        return None

    @rx.event
    @allow("provider")
    async def remove(self, picture_id: str) -> EventSpec | None:
        """Take a picture off; it can be brought back."""
        picture = self._known(picture_id)
        if picture is None:
            return None
        problem = await self._change(services().pictures.remove, picture.id)
        back = PackagePicturesState.restore(str(picture.id))  # type: ignore[operator]
        return problem or toast("The picture was taken off.", "done", undo=back)

    @rx.event
    @allow("provider")
    async def restore(self, picture_id: str) -> EventSpec | None:
        """Bring a picture back that was just taken off."""
        try:
            return await self._change(services().pictures.restore, UUID(picture_id))
        except (ValueError, AttributeError, TypeError):
            return None

    # --- inside -------------------------------------------------------------------------

    async def _change(self, act: Any, *arguments: Any) -> EventSpec | None:
        try:
            actor = await current_actor(self)
            try:
                await call(act, actor, *arguments)
            finally:
                await self._reload(actor)
        except EcosystemError as error:
            return failed(error)
        return None

    async def _start(self, actor: Actor, key: str) -> None:
        try:
            if self._package_id is None:
                return
            form = self._sending[key].form
            made = await call(services().pictures.start, actor, self._package_id, form)
        except EcosystemError as error:
            self._not_kept(key, error)
            return
        self._job(key, made.picture_id, made.url, made.fields)

    async def _reload(self, actor: Actor) -> None:
        if self._package_id is not None:
            self._show(await call(services().pictures.own, actor, self._package_id))

    def _show(self, pictures: tuple[PictureView, ...]) -> None:
        before = [picture.id for picture in self._pictures]
        self._pictures = pictures
        self.tiles = [tile(picture, n, len(pictures)) for n, picture in enumerate(pictures)]
        self.room = len(pictures) < MOST_PICTURES
        lacking = sum(not picture.alt for picture in pictures)
        self.note = f"{lacking} without a description" if lacking else ""
        now = [picture.id for picture in pictures]
        if sorted(before) == sorted(now) and before != now:
            self.said = "New order: " + ", ".join(one.alt or "no description" for one in pictures)

    def _known(self, picture_id: object) -> PictureView | None:
        return next((one for one in self._pictures if str(one.id) == picture_id), None)

    def _tile(self, picture_id: str, **values: Any) -> None:
        self.tiles = [replace(one, **values) if one.id == picture_id else one for one in self.tiles]


def picture_form(name: str, told: dict[str, Any]) -> PictureStart:
    """What the service is told of a file that was chosen. Raises ``Invalid``."""
    return parse(
        PictureStart,
        {
            "file_name": name,
            "content_type": str(told.get("type", ""))[:100],
            "size": told.get("size"),
        },
    )


async def looked_at(actor: Actor, picture_id: UUID) -> PictureView:
    """The picture once it was looked at, after those that came before it.

    Raises:
        EcosystemError: as ``PackagePictures.finish``.
    """
    for _ in range(LOOKS):
        try:
            return await call(services().pictures.finish, actor, picture_id)
        except Unavailable as error:
            if error.code != "busy":
                raise
        await asyncio.sleep(0.5)
    raise Unavailable("Many pictures are being looked at. Try again in a minute.", code="busy")


def tile(picture: PictureView, place: int, of: int) -> PictureTile:
    """A picture as the editor lists it; ``place`` counts from 0."""
    what = picture.alt or "picture without a description"
    return PictureTile(
        id=str(picture.id),
        src=picture_path(picture.id, 480),
        alt=picture.alt,
        size=f"{picture.width} × {picture.height}",
        cover=place == 0,
        described=bool(picture.alt),
        move_label=f"Move {what}, {place + 1} of {of}",
    )
