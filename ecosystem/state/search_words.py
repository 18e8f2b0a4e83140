"""What the search page says: filters as chips and links, and ways out of an empty list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from ecosystem.domain.language import _, ngettext
from ecosystem.domain.search import NEARBY_KM
from ecosystem.domain.tags import tag_label
from ecosystem.domain.views import FacetValue, SearchPage
from ecosystem.services.places import country_name
from ecosystem.services.search import board_label, stars_label
from ecosystem.state import formats
from ecosystem.state.search_address import Asked, read, write
from ecosystem.wiring import services

QUICK_TAGS = 4
DROPPABLE = 12
HIDDEN = ("sort", "radius", "currency")
"""Parameters that are no filter of their own."""


@dataclass(frozen=True)
class Choice:
    """A filter as a link: ``on`` when it is taken, and the link then takes it away."""

    label: str
    href: str
    count: str = ""
    on: bool = False


@dataclass(frozen=True)
class Group:
    """The values of one facet that the found trips have."""

    name: str
    title: str
    choices: list[Choice]


@dataclass(frozen=True)
class WaysOut:
    """What an empty list offers: days with free seats, other spellings, one filter less."""

    days: list[Choice]
    cities: list[Choice]
    drops: list[Choice]


def trips(count: int) -> str:
    """``1 trip``, ``1,204 trips``."""
    return ngettext("{count} trip", "{count} trips", count).format(count=formats.number(count))


def filter_label(name: str, given: dict[str, str], found: SearchPage) -> str:
    """One chosen filter in words."""
    value = given[name]
    known = next((f.label for f in found.facets.get(name, ()) if f.value == value), "")
    match name:
        case "q":
            return f"“{value}”"
        case "country":
            return country_name(value)
        case "near":
            radius = formats.number(int(given.get("radius", NEARBY_KM)))
            return _("Within {radius} km of {city}").format(radius=radius, city=value)
        case "board":
            return board_label(value)
        case "stars":
            return stars_label(value)
        case "travellers":
            return _("Free seats for {count}").format(count=value)
        case "from":
            return _("From {day}").format(day=formats.day(date.fromisoformat(value)))
        case "to":
            return _("Until {day}").format(day=formats.day(date.fromisoformat(value)))
        case "min_price":
            return _("Price from {amount}").format(amount=_amount(given, value))
        case "max_price":
            return _("Price up to {amount}").format(amount=_amount(given, value))
        case "min_nights":
            return _("At least {nights}").format(nights=formats.nights(int(value)))
        case "max_nights":
            return _("At most {nights}").format(nights=formats.nights(int(value)))
        case _other:
            return known or tag_label(value)


def _amount(given: dict[str, str], value: str) -> str:
    return f"{formats.number(int(value))} {given.get('currency', '')}".strip()


def active(given: dict[str, str], found: SearchPage) -> Iterator[Choice]:
    """Each filter that is taken, with the address without it."""
    for name in given:
        if name not in HIDDEN:
            yield Choice(filter_label(name, given, found), write(given, **{name: ""}), on=True)


def quick(given: dict[str, str], found: SearchPage) -> Iterator[Choice]:
    """The few filters worth a chip of their own before anybody opens the others."""
    if "travellers" not in given:
        yield Choice(_("Free seats for {count}").format(count=2), write(given, travellers="2"))
    if "stars" not in given:
        yield Choice(stars_label("4"), write(given, stars="4"))
    if "tag" not in given:
        for tag in found.facets.get("tag", ())[:QUICK_TAGS]:
            yield Choice(tag.label, write(given, tag=tag.value))


def groups(given: dict[str, str], found: SearchPage) -> list[Group]:
    """The facets with their counts; a link chooses a value, or gives the chosen one up."""
    titles = {
        "country": _("Country"),
        "city": _("City"),
        "tag": _("Kind of trip"),
        "stars": _("Hotels"),
        "board": _("Board"),
        "operator": _("Operator"),
    }
    made: list[Group] = []
    for name, title in titles.items():
        chosen = given.get(name, "")
        choices = [_choice(name, value, given, chosen) for value in found.facets.get(name, ())]
        if choices:
            made.append(Group(name, title, choices))
    return made


def _choice(name: str, value: FacetValue, given: dict[str, str], chosen: str) -> Choice:
    on = value.value == chosen
    href = write(given, **{name: "" if on else value.value})
    return Choice(value.label, href, formats.number(value.count), on)


def ways_out(asked: Asked) -> WaysOut:
    """What to offer when nothing fits: asked only then, so it may take a few searches."""
    return WaysOut(_days(asked), _spellings(asked), _drops(asked))


def _days(asked: Asked) -> list[Choice]:
    if asked.query.from_ is None and asked.query.to is None:
        return []
    return [
        Choice(formats.day(day), write(asked.given, from_=str(day), to=str(day)))
        for day in services().search.nearest_days(asked.query)
    ]


def _spellings(asked: Asked) -> list[Choice]:
    """Cities and countries that are written nearly like what was asked for."""
    given = asked.given
    name = next((name for name in ("q", "city", "near") if name in given), "")
    if not name:
        return []
    rest = {key: value for key, value in given.items() if key != name}
    return [
        Choice(f"{one.label}, {one.detail}", write(rest, **{one.kind: one.value}))
        for one in services().search.suggest(given[name])
        if one.kind in ("city", "country") and one.value != given.get(one.kind)
    ]


def _drops(asked: Asked) -> list[Choice]:
    """Each filter with the number of trips there would be without it, the best first."""
    names = [name for name in asked.given if name not in HIDDEN][:DROPPABLE]
    without = [
        replace(read({k: v for k, v in asked.given.items() if k != name}).query, offset=0)
        for name in names
    ]
    nothing = SearchPage((), 0, None)
    counted = zip(names, services().search.counts(without), strict=True)
    return [
        Choice(
            _("Without {wish}").format(wish=filter_label(name, asked.given, nothing)),
            write(asked.given, **{name: ""}),
            trips(count),
        )
        for name, count in sorted(counted, key=lambda pair: -pair[1])
        if count
    ]
