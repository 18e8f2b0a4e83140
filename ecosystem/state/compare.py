"""Up to four trips side by side: ``/compare?ids=slug,slug``. The address is the truth there.

What was picked on the way (cards, a trip's page) is kept in this tab until it is looked at.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.cancellation import dated
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.services.search import board_label
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call
from ecosystem.state.currency import Conversion, shown_in
from ecosystem.state.guard import allow
from ecosystem.state.package_view import package_page
from ecosystem.state.policy import policy_lines
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

MOST = 4
DEPARTURES = 3
SUGGESTED = 6
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 120


@dataclass(frozen=True)
class ComparedTrip:
    """One column: everything in words."""

    slug: str
    key: str
    href: str
    cover: str
    title: str
    operator: str
    operator_href: str
    rating: str
    price: str
    nights: str
    cities: list[str] = field(default_factory=list)
    hotels: str = ""
    board: str = ""
    departures: list[str] = field(default_factory=list)
    cancellation: list[str] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Suggestion:
    """A saved trip that could join."""

    label: str
    href: str


@dataclass(frozen=True)
class Compared:
    """What there is to compare. ``missing`` counts trips that are not offered."""

    trips: tuple[tuple[PackageView, tuple[DepartureView, ...]], ...]
    missing: int
    saved: tuple[tuple[str, str], ...]


class CompareState(rx.State):
    """``slugs`` are picked everywhere; ``phase`` of the page is loading, empty, shown, failed."""

    slugs: list[str] = []
    href: str = "/compare"
    phase: str = "loading"
    problem: str = ""
    note: str = ""
    rate_note: str = ""
    trips: list[ComparedTrip] = []
    suggestions: list[Suggestion] = []
    room: bool = True

    @rx.event
    @allow("*", limit="search")
    async def open(self) -> EventSpec | None:
        """Load the trips the address names; without any, those picked before."""
        asked = query(self).get("ids", "")
        wanted = slugs_of(asked)
        if not asked and self.slugs:
            return rx.redirect(address(self.slugs), replace=True)
        try:
            found = await call(compared, wanted[:MOST], await current_actor(self))
            conversion = await shown_in(self)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return None
        self._show(found, conversion, too_many=len(wanted) > MOST)
        return None

    @rx.event
    @allow("*")
    def toggle(self, slug: str) -> EventSpec | None:
        """Pick a trip to compare, or put it back. A fifth is refused."""
        if not _is_slug(slug):
            return None
        if slug in self.slugs:
            self._pick([other for other in self.slugs if other != slug])
            return toast(_("Taken out of the comparison."), undo=CompareState.toggle(slug))
        if len(self.slugs) >= MOST:
            return toast(_("Four trips fit side by side. Take one out to add this one."), "problem")
        self._pick([*self.slugs, slug])
        return toast(
            _("{count} of {most} trips to compare.").format(count=len(self.slugs), most=MOST),
            "done",
        )

    @rx.event
    @allow("*")
    def remove(self, slug: str) -> EventSpec | None:
        """Take a trip off the page: another address, which loads the others."""
        if not _is_slug(slug) or slug not in self.slugs:
            return None
        self._pick([other for other in self.slugs if other != slug])
        return rx.redirect(address(self.slugs))

    def _pick(self, slugs: list[str]) -> None:
        self.slugs, self.href = slugs, address(slugs)

    def _show(self, found: Compared, conversion: Conversion, *, too_many: bool) -> None:
        today = services().clock.now().date()
        self.trips = [
            _column(package, departures, conversion, today) for package, departures in found.trips
        ]
        self._pick([trip.slug for trip in self.trips])
        self.room = len(self.slugs) < MOST
        self.rate_note = conversion.note
        self.note = _note(found.missing, too_many=too_many)
        self.suggestions = [
            Suggestion(title, address([*self.slugs, slug]))
            for slug, title in found.saved
            if self.room
        ]
        self.phase, self.problem = "shown" if self.trips else "empty", ""


def slugs_of(text: str) -> list[str]:
    """The slugs in ``a,b``, each once, in their order; what can't be one is left out."""
    return list(dict.fromkeys(part for part in text.split(",") if _is_slug(part)))


def address(slugs: list[str]) -> str:
    """Where these trips stand side by side."""
    return f"/compare?ids={','.join(slugs)}" if slugs else "/compare"


def compared(slugs: list[str], actor: Actor) -> Compared:
    """Load trips by slug, with their next departures and the saved trips that could join."""
    catalogue = services().catalogue
    trips: list[tuple[PackageView, tuple[DepartureView, ...]]] = []
    for slug in slugs:
        try:
            package = catalogue.package(slug)
        except NotFound:
            continue
        trips.append((package, catalogue.departures(package.id)))
    cards, _ended = services().saved.cards(actor)
    others = [(card.slug, card.title) for card in cards if card.slug not in slugs]
    return Compared(tuple(trips), len(slugs) - len(trips), tuple(others[:SUGGESTED]))


def _is_slug(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value) <= LONGEST_SLUG and _SLUG.fullmatch(value) is not None
    )


def _note(missing: int, *, too_many: bool) -> str:
    parts: list[str] = []
    if too_many:
        parts.append(_("Four trips fit side by side; the first four are shown."))
    if missing:
        parts.append(
            ngettext(
                "One trip is not offered any more and was left out.",
                "{count} trips are not offered any more and were left out.",
                missing,
            ).format(count=missing)
        )
    return " ".join(parts)


def _column(
    package: PackageView,
    departures: tuple[DepartureView, ...],
    conversion: Conversion,
    today: Any,
) -> ComparedTrip:
    page = package_page(package)
    on_sale = [row for row in departures if row.status == "open"]
    lowest = min([row.price for row in on_sale] or [package.base_price])
    boards = dict.fromkeys(board_label(stay.board) for stay in package.stays)
    tiers = dated(package.policy, on_sale[0].starts_on) if on_sale else ()
    return ComparedTrip(
        slug=package.slug,
        key=str(package.id),
        href=f"/packages/{package.slug}",
        cover=page.cover,
        title=package.title,
        operator=package.operator.name,
        operator_href=f"/operators/{package.operator.slug}",
        rating=page.rating,
        price=conversion.text(lowest),
        nights=formats.nights(package.nights),
        cities=[f"{stay.city} · {formats.nights(stay.nights)}" for stay in package.stays],
        hotels=_stars(package),
        board=", ".join(boards),
        departures=[
            " · ".join(
                (
                    formats.day(row.starts_on),
                    conversion.text(row.price),
                    _("{count} left").format(count=row.seats_left),
                )
            )
            for row in on_sale[:DEPARTURES]
        ],
        cancellation=[f"{line.when}: {line.back}" for line in policy_lines(tiers, today)],
        included=page.included,
        excluded=page.excluded,
    )


def _stars(package: PackageView) -> str:
    """``4 stars``, ``3 to 5 stars``; empty when no hotel says."""
    known = sorted({stay.hotel_stars for stay in package.stays if stay.hotel_stars})
    if not known:
        return ""
    if len(known) == 1:
        return ngettext("{count} star", "{count} stars", known[0]).format(count=known[0])
    return _("{fewest} to {most} stars").format(fewest=known[0], most=known[-1])
