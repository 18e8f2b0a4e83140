"""Saved trips: the hearts on cards, the count above the page, and the page that lists them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _, ngettext
from ecosystem.state.calling import call, failed
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.currency import shown_in
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services


def package_id_of(value: Any) -> UUID | None:
    """The id in what a client sent, if it is one."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


class SavedState(rx.State):
    """``ids`` are the saved packages, everywhere; the rest is what ``/saved`` shows.

    ``phase`` is loading, shown or failed; ``ended`` says how many are not offered any more.
    """

    ids: list[str] = []
    phase: str = "loading"
    problem: str = ""
    trips: list[TripCard] = []
    ended: str = ""
    rate_note: str = ""

    _removed: dict[str, datetime] = {}

    @rx.event
    @allow("*")
    async def load(self) -> None:
        """Learn what is saved, for the hearts and the count."""
        try:
            await self._read_ids()
        except EcosystemError:
            # Hearts stay as they are; pressing one says what is wrong.
            return

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Load the page of saved trips."""
        try:
            await self._show()
        except EcosystemError as error:
            self.trips, self.phase, self.problem = [], "failed", error.detail

    @rx.event
    @allow("*", limit="price")
    async def toggle(self, package_id: str) -> EventSpec | None:
        """Save a trip, or forget it again."""
        key = package_id_of(package_id)
        if key is None:
            return None
        try:
            actor = await current_actor(self)
            if str(key) in self.ids:
                return await self._forget(key)
            await call(services().saved.save, actor, key)
            await self._read_ids()
        except EcosystemError as error:
            return failed(error)
        return None

    @rx.event
    @allow("*", limit="price")
    async def restore(self, package_id: str) -> EventSpec | None:
        """Save again, in its old place, what was just removed."""
        key = package_id_of(package_id)
        if key is None or str(key) not in self._removed:
            return None
        try:
            actor = await current_actor(self)
            await call(services().saved.save, actor, key, at=self._removed[str(key)])
            self._removed = {}
            await self._after_change()
        except EcosystemError as error:
            return failed(error)
        return None

    @rx.event
    @allow("*", limit="price")
    async def forget_ended(self) -> EventSpec | None:
        """Remove the saved trips that nobody offers any more."""
        try:
            await call(services().saved.forget_ended, await current_actor(self))
            await self._after_change()
        except EcosystemError as error:
            return failed(error)
        return None

    async def _forget(self, key: UUID) -> EventSpec | None:
        at = await call(services().saved.remove, await current_actor(self), key)
        await self._after_change()
        if at is None:
            return None
        self._removed = {str(key): at}
        return toast(_("Removed from your saved trips."), undo=SavedState.restore(str(key)))

    async def _after_change(self) -> None:
        await self._read_ids()
        if self.phase == "shown":
            await self._show()

    async def _read_ids(self) -> None:
        self.ids = [str(i) for i in await call(services().saved.ids, await current_actor(self))]

    async def _show(self) -> None:
        found, ended = await call(services().saved.cards, await current_actor(self))
        conversion = await shown_in(self)
        self.trips = [trip_card(card, conversion) for card in found]
        self.rate_note = conversion.note if found else ""
        self.ended = (
            ngettext(
                "One saved trip is not offered any more.",
                "{count} saved trips are not offered any more.",
                ended,
            ).format(count=ended)
            if ended
            else ""
        )
        self.phase, self.problem = "shown", ""


class SeenState(rx.State):
    """The trips this person looked at last."""

    trips: list[TripCard] = []

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Load them. A page can do without."""
        try:
            found = await call(services().saved.seen, await current_actor(self))
        except EcosystemError:
            self.trips = []
            return
        conversion = await shown_in(self)
        self.trips = [trip_card(card, conversion) for card in found]
