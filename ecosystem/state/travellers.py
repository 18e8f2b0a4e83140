"""Who travels on the booking whose reference ends the page's address, and who shares a room."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.party import Party
from ecosystem.domain.rooming import Room, Sleeper
from ecosystem.services.forms import parse
from ecosystem.services.travellers import NamesForm
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import typed_in, whole_in
from ecosystem.wiring import services


@dataclass(frozen=True)
class SleeperLine:
    """Somebody in a room, in words. ``detail``: child, date of birth, what else is known."""

    key: str = ""
    name: str = ""
    detail: str = ""
    known: bool = True


@dataclass(frozen=True)
class RoomLine:
    """``title`` is empty where there is only one room: nothing is to be said of it then."""

    title: str = ""
    people: list[SleeperLine] = field(default_factory=list)


@dataclass(frozen=True)
class PlaceField:
    """The fields of one place in the party."""

    number: str = ""
    label: str = ""
    kind: str = ""
    value: str = ""
    birth_date: str = ""
    room: str = ""
    error: str = ""
    birth_error: str = ""
    room_error: str = ""


class TravellersState(rx.State):
    """``ready`` once it may be shown. ``drawn`` counts, so that the fields show what is saved."""

    ready: bool = False
    rooms: list[RoomLine] = []
    missing: str = ""
    note: str = ""
    can_name: bool = False
    editing: bool = False
    birth_dates: bool = False
    places: list[PlaceField] = []
    choices: list[dict[str, str]] = []
    refused: str = ""
    drawn: int = 0

    _stamp: str = ""

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> None:
        """Load them; nothing is shown to who may not see who travels."""
        self.reset()
        try:
            reference, key = _address(self)
            actor = await current_actor(self)
            self._show(await call(services().travellers.show, actor, reference, key=key))
        except EcosystemError:
            return  # the page around it says what is wrong

    @rx.event
    @allow("*")
    async def edit(self) -> None:
        """Show the fields."""
        self.editing = self.can_name
        self.refused = ""
        self.drawn += 1

    @rx.event
    @allow("*", limit="reference")
    async def leave(self) -> None:
        """Put the fields away and show what is saved."""
        await TravellersState.open.fn(self)

    @rx.event
    @allow("*", limit="message")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Keep who travels."""
        self.refused = ""
        self._typed(form)
        try:
            reference, key = _address(self)
            names = parse(NamesForm, {"travellers": _entered(self.places), "stamp": self._stamp})
            actor = await current_actor(self)
            self._show(await call(services().travellers.name, actor, reference, names, key=key))
        except EcosystemError as error:
            self._refuse(error)
            return None if self.refused or error.fields else failed(error)
        return toast(_("Saved."), "done")

    def _typed(self, form: object) -> None:
        """Keep what was typed in the fields, so that it stays beside what is wrong with it."""
        self.places = [
            PlaceField(
                place.number,
                place.label,
                place.kind,
                typed_in(form, f"name_{place.number}")[:1000],
                typed_in(form, f"born_{place.number}")[:40],
                str(whole_in(form, f"room_{place.number}", 0) or ""),
            )
            for place in self.places
        ]

    def _refuse(self, error: EcosystemError) -> None:
        said = field_errors(error)
        self.places = [
            PlaceField(
                place.number,
                place.label,
                place.kind,
                place.value,
                place.birth_date,
                place.room,
                *(
                    said.pop(f"travellers.{at}.{name}", "")
                    for name in ("name", "birth_date", "room")
                ),
            )
            for at, place in enumerate(self.places)
        ]
        self.refused = next(iter(said.values()), "" if error.fields else error.detail)
        self.drawn += 1

    def _show(self, found: Party) -> None:
        several = len(found.rooms) > 1
        self.rooms = [_room(room, found, several=several) for room in found.rooms]
        self.choices = [
            {"value": "", "label": _("No matter which")},
            *({"value": str(r.number), "label": _title(r)} for r in found.rooms),
        ]
        if not several:
            self.choices = []
        self.places = [_place(one, found) for one in found.people]
        self.missing = (
            ngettext(
                "{count} traveller missing", "{count} travellers missing", found.missing
            ).format(count=found.missing)
            if found.missing
            else ""
        )
        self.can_name, self.birth_dates = not found.why_not, found.birth_dates
        day = formats.full_day(found.until)
        self.note = found.why_not or _("You can change this until {day}.").format(day=day)
        self.editing, self.refused, self._stamp = False, "", found.stamp
        self.drawn += 1
        self.ready = True


def _address(state: rx.State) -> tuple[str, str]:
    """The booking's reference and the key of the trip's link, as the address has them."""
    return last_part(state).upper(), query(state).get("key", "")[:200]


def _entered(places: list[PlaceField]) -> list[dict[str, Any]]:
    return [
        {
            "name": place.value,
            "kind": place.kind,
            "birth_date": place.birth_date,
            "room": int(place.room) if place.room else None,
        }
        for place in places
    ]


def _title(room: Room) -> str:
    kinds = {
        1: _("Single room"),
        2: _("Double room"),
        3: _("Triple room"),
        4: _("Room for four"),
    }
    return _("Room {number}: {kind}").format(
        number=room.number, kind=kinds.get(room.adults, _("Shared room"))
    )


def _room(room: Room, found: Party, *, several: bool) -> RoomLine:
    return RoomLine(
        _title(room) if several else "", [_sleeper(one, found) for one in room.sleepers]
    )


def _sleeper(one: Sleeper, found: Party) -> SleeperLine:
    facts = [
        _("child") if one.kind == "child" else "",
        _("born {day}").format(day=formats.full_day(one.birth_date)) if one.birth_date else "",
        _("date of birth missing") if one.name and found.birth_dates and not one.birth_date else "",
        found.facts[one.number - 1] if one.number <= len(found.facts) else "",
    ]
    alone = len(found.people) == 1 and not one.name
    return SleeperLine(
        str(one.number),
        one.name or (found.lead_name if alone else _("Not named yet")),
        " · ".join(fact for fact in facts if fact),
        bool(one.name) or alone,
    )


def _place(one: Sleeper, found: Party) -> PlaceField:
    label = (
        _("Name of traveller {n} (child)") if one.kind == "child" else _("Name of traveller {n}")
    )
    # Who booked is most often the first to travel.
    first = one.number == 1 and not found.facts
    return PlaceField(
        str(one.number),
        label.format(n=one.number),
        one.kind,
        one.name or (found.lead_name if first else ""),
        one.birth_date.isoformat() if one.birth_date else "",
        str(one.room or ""),
    )
