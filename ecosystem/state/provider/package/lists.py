"""The lists of the package editor: adding, removing, ordering lines, and choosing cities.

Each change is saved at once. What was typed into other fields arrives before it, because the
browser sends those words when a field is left.
"""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.places import Place, country_name
from ecosystem.state import formats
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.provider.package.desk import EditorDesk
from ecosystem.state.provider.package.sheet import Sheet
from ecosystem.state.provider.package.typed import LISTS, MOST_ROWS, Row, new_row
from ecosystem.state.toast import toast
from ecosystem.wiring import services

LONGEST_TAG = 40
LONGEST_WORDS = 60

NAMES = {
    "highlights": "Highlight",
    "tags": "Tag",
    "stays": "City",
    "child_bands": "Age band",
    "addons": "Extra",
    "exclusions": "Line",
    "policy": "Rule",
}


class EditorLists(EditorDesk, mixin=True):
    """``places`` are what a look-up found for the row ``looking_for``; ``said`` is read out."""

    places: list[dict[str, str]] = []
    no_places: list[dict[str, str]] = []
    looking_for: str = ""
    said: str = ""

    _found: dict[str, dict[str, Any]] = {}
    _removed: tuple[str, int, Row] | None = None

    @rx.event
    @allow("provider")
    async def add_row(self, name: str) -> EventSpec | None:
        """Put an empty line at the end of a list; it counts once something is written into it."""
        rows = self._rows(name)
        if rows is None:
            return None
        if len(rows) >= MOST_ROWS[name]:
            return toast(f"There can be at most {MOST_ROWS[name]} of these.", "problem")
        rows.append(new_row(name))
        self._show_list(name)
        self.said = f"{NAMES[name]} {len(rows)} added."
        return None

    @rx.event
    @allow("provider")
    async def add_tag(self, form: dict[str, Any]) -> EventSpec | None:
        """Add a tag, or several between commas. None is added twice."""
        rows = self._rows("tags")
        text = form.get("tag") if isinstance(form, dict) else None
        if rows is None or not isinstance(text, str):
            return None
        known = {row.values["text"] for row in rows}
        for part in text[:500].split(","):
            tag = " ".join(part.lower().split())[:LONGEST_TAG].strip()
            if tag and tag.isprintable() and tag not in known and len(rows) < MOST_ROWS["tags"]:
                rows.append(new_row("tags", {"text": tag}))
                known.add(tag)
        return await self._changed("tags", f"{len(rows)} tags.")

    @rx.event
    @allow("provider")
    async def remove_row(self, name: str, key: str) -> EventSpec | None:
        """Take a line out of a list; it can be put back while the message stands."""
        rows = self._rows(name)
        at = _at(rows, key)
        if rows is None or at is None:
            return None
        row = rows.pop(at)
        self._removed = (name, at, row)
        gone = f"{called(name, row)} removed."
        await self._changed(name, gone)
        return None if row.blank else toast(gone, "done", undo=type(self).put_back(key))

    @rx.event
    @allow("provider")
    async def put_back(self, key: str) -> EventSpec | None:
        """Put the line back that was removed last."""
        if self._removed is None or self._removed[2].key != key:
            return toast("This was changed again since.", "plain")
        name, at, row = self._removed
        rows, self._removed = self._rows(name), None
        if rows is None:
            return None
        # It was deleted where it is kept: it comes back as a new line there.
        rows.insert(at, Row(row.key, row.values, "", row.place))
        return await self._changed(name, f"{called(name, row)} is back.")

    @rx.event
    @allow("provider")
    async def move_row(self, name: str, key: str, by: int) -> EventSpec | None:
        """Move a line up (``-1``) or down (``1``)."""
        rows = self._rows(name)
        at = _at(rows, key)
        if at is None or by not in (-1, 1):
            return None
        return await self._move(name, at, at + by)

    @rx.event
    @allow("provider")
    async def arrange(self, name: str, key: str, place: int) -> EventSpec | None:
        """Move a line to the place, from 0, where it was dropped."""
        at = _at(self._rows(name), key)
        if at is None or type(place) is not int:
            return None
        return await self._move(name, at, place)

    @rx.event
    @allow("provider")
    async def look_up(self, key: str, words: str) -> EventSpec | None:
        """Find real cities for what is typed into a stay."""
        if _at(self._rows("stays"), key) is None or not isinstance(words, str):
            return None
        asked = "".join(c for c in words[:LONGEST_WORDS] if c.isprintable()).strip()
        try:
            found = await call(services().places.look_up, asked) if asked else ()
        except EcosystemError as error:
            return failed(error)
        self._found = {_known_as(place): _place(place) for place in found}
        self.looking_for, self.places = key, [_option(place) for place in found]
        return None

    @rx.event
    @allow("provider")
    async def choose_place(self, key: str, place_id: str) -> EventSpec | None:
        """Take a city that the look-up found."""
        rows = self._rows("stays")
        at = _at(rows, key)
        place = self._found.get(place_id) if isinstance(place_id, str) else None
        if rows is None or at is None or place is None:
            return None
        rows[at].place = dict(place)
        self.looking_for, self.places = "", []
        return await self._changed("stays", f"{place['city']} is city {at + 1}.")

    async def _move(self, name: Any, at: int, to: int) -> EventSpec | None:
        rows = self._rows(name)
        if rows is None:
            return None
        to = min(max(to, 0), len(rows) - 1)
        if at == to:
            self.said = f"It is {'first' if to == 0 else 'last'} already."
            return None
        rows.insert(to, rows.pop(at))
        said = f"{called(name, rows[to])} is now {to + 1} of {len(rows)}."
        return await self._changed(name, said)

    async def _changed(self, name: str, said: str) -> EventSpec | None:
        """Show a list that was changed, say so, and save."""
        self._show_list(name)
        self.said = said
        await self._save()
        return None

    def _rows(self, name: Any) -> list[Row] | None:
        """The rows of a list that this person may change; None for anything else."""
        sheet: Sheet | None = self._sheet
        if sheet is None or self.locked or not isinstance(name, str) or name not in LISTS:
            return None
        self._sheet = sheet  # what is changed inside it is kept
        return sheet.typed.lists[name]


def called(name: str, row: Row) -> str:
    """What a line is called when it is spoken of: its city or its text, else its kind."""
    words = row.place.get("city") or row.values.get("name") or row.values.get("text")
    return str(words)[:LONGEST_TAG] if words else NAMES[name]


def _at(rows: list[Row] | None, key: Any) -> int | None:
    if rows is None or not isinstance(key, str):
        return None
    return next((number for number, row in enumerate(rows) if row.key == key), None)


def _known_as(found: Place) -> str:
    """What a found city is called between look-up and choice: cities have no ids."""
    return f"{found.name}/{found.country}/{found.latitude:.4f}/{found.longitude:.4f}"


def _place(found: Place) -> dict[str, Any]:
    return {
        "city": found.name,
        "country": found.country,
        "latitude": found.latitude,
        "longitude": found.longitude,
        "timezone": found.timezone,
    }


def _option(found: Place) -> dict[str, str]:
    """A found city in the list: its name, and how many live there, which tells namesakes apart."""
    return {
        "value": _known_as(found),
        "label": f"{found.name}, {country_name(found.country)}",
        "detail": f"{formats.number(found.population)} people" if found.population else "",
    }
