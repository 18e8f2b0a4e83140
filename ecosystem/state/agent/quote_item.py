"""The dialogs in which a trip, or something of the agency's own, is put into a proposal's option
or changed there."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.quotes import FreeItem, QuoteView, TripItem
from ecosystem.domain.search import SearchQuery
from ecosystem.domain.views import PackageView
from ecosystem.services.forms import parse
from ecosystem.services.quotes.forms import FreeItemForm, TripItemForm
from ecosystem.state import formats
from ecosystem.state.agent.quote import Content, quote_id, rewrite, show
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.package_view import extra_line
from ecosystem.state.session import current_actor
from ecosystem.state.typed import minor_units, typed_in, whole_in
from ecosystem.wiring import services

FIELDS = (
    "trip", "adults", "children", "ages", "note", "markup", "title", "text", "each", "quantity"
)  # fmt: skip
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
CALLED: Final = {
    "child_ages": "ages",
    "departure_id": "trip",
    "markup_percent": "markup",
    "amount": "each",
}
"""Fields of the forms that the dialogs call otherwise."""
EMPTY: dict[str, str] = {
    "departure": "",
    "adults": "2",
    "children": "0",
    "ages": "",
    "note": "",
    "markup": "",
    "title": "",
    "text": "",
    "quantity": "1",
    "each": "",
    "currency": "EUR",
}
MOST_OFFERED = 10


class QuoteItemState(rx.State):
    """``kind`` is that of the dialog which is open: trip, free or empty; ``key`` the item that is
    changed, empty for a new one; ``draft`` what its fields begin with; ``net`` whether a mark-up
    can be set. ``opened`` and ``forms`` count, so that the fields begin anew: all of them when the
    dialog opens, those of dates and extras also when a trip is chosen."""

    kind: str = ""
    option: str = ""
    key: str = ""
    draft: dict[str, str] = EMPTY
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    opened: int = 0
    forms: int = 0
    trips: list[dict[str, str]] = []
    dates: list[dict[str, str]] = []
    addons: list[dict[str, Any]] = []
    package_title: str = ""
    net: bool = False

    @rx.event
    @allow("agent")
    async def begin(self, kind: str, option_key: str) -> None:
        """Open the dialog for something new."""
        self._open(kind if kind in ("trip", "free") else "", option_key)

    @rx.event
    @allow("agent")
    async def change(self, option_key: str, key: str) -> EventSpec | None:
        """Open the dialog for an item that is there."""
        try:
            view = await call(
                services().quotes.get, await current_actor(self), await quote_id(self)
            )
            item = _item(view, option_key, key)
            if isinstance(item, TripItem):
                package = await call(services().catalogue.package, item.shown.slug)
                self._open("trip", option_key)
                await self._offer(package, item)
            else:
                self._open("free", option_key)
                self.draft = EMPTY | _free_draft(item)
        except EcosystemError as error:
            return failed(error)
        self.key = item.id
        return None

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close it."""
        self.kind = ""

    @rx.event
    @allow("agent", limit="suggest")
    async def look_up(self, words: str) -> None:
        """Offer trips that fit what is typed: by their titles first, then as the search does."""
        typed = search_words(words)
        if not typed:
            return
        try:
            named = await call(services().search.suggest, typed)
            wanted = SearchQuery(q=typed, limit=MOST_OFFERED)
            page = await call(services().search.find, wanted, facets=False)
        except EcosystemError:
            return  # nothing is offered; typing on asks again
        fitting = {
            item.value: (item.label, item.detail) for item in named if item.kind == "package"
        }
        for card in page.items:
            fitting.setdefault(card.slug, (card.title, card.operator_name))
        self.trips = [
            {"value": slug, "label": label, "detail": detail}
            for slug, (label, detail) in fitting.items()
        ][:MOST_OFFERED]

    @rx.event
    @allow("agent", limit="suggest")
    async def take_trip(self, slug: str) -> EventSpec | None:
        """Show the dates and the extras of a trip."""
        try:
            package = await call(services().catalogue.package, str(slug)[:200])
            await self._offer(package, None)
        except EcosystemError as error:
            return failed(error)
        return None

    @rx.event
    @allow("agent")
    async def keep_trip(self, form: dict[str, Any]) -> None:
        """Put the departure into the option, or keep what was changed of it."""
        departure = typed_in(form, "departure_id")
        if not departure:
            self.errors = NO_ERRORS | {"trip": "Choose a trip and its date."}
            return
        sent = form if isinstance(form, dict) else {}
        item: dict[str, Any] = {
            "kind": "trip",
            "departure_id": departure,
            "adults": whole_in(form, "adults", 2),
            "children": whole_in(form, "children", 0),
            "child_ages": _ages(typed_in(form, "ages")),
            "addon_ids": [a["id"] for a in self.addons if sent.get(f"addon_{a['id']}")],
            "note": typed_in(form, "note"),
        }
        if self.net:
            markup = _percent(typed_in(form, "markup"))
            if markup is None:
                self.errors = NO_ERRORS | {"markup": "Enter a percentage like 12 or 12.5."}
                return
            item["markup_percent"] = markup or None
        await self._keep(TripItemForm, item)

    @rx.event
    @allow("agent")
    async def keep_free(self, form: dict[str, Any]) -> None:
        """Put something of the agency's own into the option, or keep what was changed of it."""
        currency = typed_in(form, "currency").upper()[:3]
        each = minor_units(typed_in(form, "each") or "0", currency)
        if each is None:
            self.errors = NO_ERRORS | {"each": "Enter an amount like 45 or 45.50."}
            return
        await self._keep(
            FreeItemForm,
            {
                "kind": "free",
                "title": typed_in(form, "free_title"),
                "text": typed_in(form, "text"),
                "quantity": whole_in(form, "quantity", 1),
                "each": {"amount": each, "currency": currency},
            },
        )

    async def _keep(self, kind: type[TripItemForm | FreeItemForm], item: dict[str, Any]) -> None:
        """Says what is wrong beside the fields."""
        self.errors, self.refused = NO_ERRORS, ""
        try:
            wanted = parse(kind, item)
            if self.key:
                await rewrite(self, self._replaced(wanted))
            else:
                actor, quote = await current_actor(self), await quote_id(self)
                await show(
                    self, await call(services().quotes.add, actor, quote, self.option, wanted)
                )
            self.kind = ""
        except EcosystemError as error:
            said = {path.rpartition(".")[2]: text for path, text in field_errors(error).items()}
            found = {CALLED.get(name, name): text for name, text in said.items()}
            self.errors = NO_ERRORS | {n: found[n] for n in FIELDS if found.get(n)}
            self.refused = "" if any(self.errors.values()) else error.detail

    def _replaced(self, wanted: TripItemForm | FreeItemForm) -> Any:
        """What puts an item in the place of the one that is changed."""
        option_key, key = self.option, self.key

        def change(options: Content) -> Content:
            for option in options:
                if option["id"] == option_key:
                    option["items"] = [
                        item
                        if item["id"] != key
                        # What the dialog does not ask for stays as it was.
                        else item | wanted.model_dump(exclude_unset=True) | {"id": key}
                        for item in option["items"]
                    ]
            return options

        return change

    def _open(self, kind: str, option_key: str) -> None:
        opened, forms = self.opened + 1, self.forms + 1
        self.reset()
        self.opened, self.forms = opened, forms
        self.kind, self.option = kind, str(option_key)[:60]

    async def _offer(self, package: PackageView, item: TripItem | None) -> None:
        """The dates and extras of a trip; those of ``item`` are chosen."""
        found = await call(services().catalogue.departures, package.id)
        self.package_title = package.title
        self.dates = [
            {
                "value": str(row.id),
                "label": f"{formats.days(row.starts_on, row.ends_on)} · {formats.money(row.price)}"
                f" · {row.seats_left} left",
            }
            for row in found
            if row.status == "open"
        ]
        chosen = frozenset(item.addon_ids) if item else frozenset[UUID]()
        self.addons = [
            {
                "id": str(addon.id),
                "label": f"{addon.name}, {extra_line(addon).price}",
                "hint": addon.description,
                "taken": addon.id in chosen,
            }
            for addon in package.addons
            if not addon.required
        ]
        if item is None:
            self.forms += 1
            return
        self.draft = EMPTY | _trip_draft(item)
        self.net = item.shown.model == "net" and (await current_actor(self)).sees_commission
        if all(date["value"] != str(item.departure_id) for date in self.dates):
            days = formats.days(item.shown.starts_on, item.shown.ends_on)
            self.dates = [{"value": str(item.departure_id), "label": days}, *self.dates]


def _item(view: QuoteView, option_key: str, key: str) -> TripItem | FreeItem:
    option = view.content.option(str(option_key)[:60])
    for item in option.items if option else ():
        if item.id == key:
            return item
    raise NotFound("This is not in the proposal any more.", code="item_not_found")


def _trip_draft(item: TripItem) -> dict[str, str]:
    return {
        "departure": str(item.departure_id),
        "adults": str(item.adults),
        "children": str(item.children),
        "ages": ", ".join(str(age) for age in item.child_ages),
        "note": item.note,
        "markup": "" if item.markup_percent is None else f"{item.markup_percent.normalize():f}",
    }


def _free_draft(item: FreeItem) -> dict[str, str]:
    each = item.price.decimal / item.quantity
    return {
        "title": item.title,
        "text": item.text,
        "quantity": str(item.quantity),
        "each": f"{each.normalize():f}" if item.each else "",
        "currency": item.currency,
    }


def _ages(typed: str) -> list[int]:
    parts = typed.replace(",", " ").split()
    return [int(part) for part in parts if part.isdecimal() and len(part) < 3]


def _percent(typed: str) -> str | None:
    """``12.5`` of ``12,5 %``, empty for nothing typed; None if it is no number."""
    text = typed.replace("%", "").replace(",", ".").strip()
    try:
        return str(Decimal(text)) if text and len(text) < 12 else (None if text else "")
    except InvalidOperation:
        return None
