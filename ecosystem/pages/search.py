"""The search page: fields, chips, a drawer with every filter, and the trips found."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import CHIP, CHIP_OFF, CHIP_ON
from ecosystem.pages.components.dialogs import closer, drawer, opener
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_cards
from ecosystem.pages.components.forms import date_field, field
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.tables import paging
from ecosystem.pages.components.trips import trip_grid
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.search import SearchState

S: Any = SearchState  # whose fields are Vars when a page is drawn

FILTERS = "search-filters"
ORDERS = (
    ("relevance", "Best match"),
    ("price", "Lowest price"),
    ("-price", "Highest price"),
    ("rating", "Best rated"),
    ("soonest", "Leaves soonest"),
    ("nights", "Shortest"),
)


def page() -> rx.Component:
    """Draw the search page."""
    return public_page(
        rx.el.h1(
            "Find a trip",
            class_name="font-serif text-h2 tracking-[-0.01em] md:text-h1",
        ),
        _fields(),
        _note(),
        rx.el.div(_chips(), _order(), class_name="mt-5 flex flex-wrap items-start gap-3"),
        _filters(),
        rx.el.section(
            rx.el.h2("Trips found", class_name="sr-only"),
            _results(),
            class_name="mt-6",
            custom_attrs={"aria-busy": rx.cond(S.ready & S.is_hydrated, "false", "true")},
        ),
    )


DIVIDED = "border-s border-line ps-4"


def _fields() -> rx.Component:
    return rx.el.form(
        _part(
            "Where", "q", S.filters.q, "min-w-0", type="search", placeholder="A country, a city…"
        ),
        _part("From", "from", S.filters.first_day, f"{DIVIDED} hidden md:block", type="date"),
        _part("To", "to", S.filters.last_day, f"{DIVIDED} hidden md:block", type="date"),
        _part(
            "Travellers",
            "travellers",
            S.filters.travellers,
            f"{DIVIDED} hidden md:block",
            type="number",
            placeholder="any",
            min="1",
            max="99",
        ),
        button("Search", type="submit", kind="primary", extra="!h-11 !rounded-full px-5"),
        on_submit=S.apply,
        no_validate=True,
        key=S.version,
        role="search",
        class_name="mt-6 grid grid-cols-[1fr_auto] items-center gap-4 rounded-lg border "
        "border-line bg-card py-1.5 ps-4 pe-1.5 shadow-float focus-within:border-edge "
        "md:grid-cols-[1.6fr_1fr_1fr_0.7fr_auto] md:rounded-full md:ps-6",
    )


def _part(label: str, name: str, value: Any, extra: str, **props: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="block text-xs text-soft"),
        rx.el.input(
            name=name,
            default_value=value,
            auto_complete="off",
            class_name="block w-full bg-transparent text-base text-ink outline-none",
            **props,
        ),
        class_name=f"rounded-sm py-0.5 {extra} has-focus-visible:outline-2 "
        "has-focus-visible:outline-offset-4 has-focus-visible:outline-brand",
    )


def _note() -> rx.Component:
    return rx.el.div(
        when(
            S.note != "",
            rx.el.p(
                S.note, class_name="mt-4 rounded-md bg-warn-soft px-4 py-2.5 text-md text-warn"
            ),
        ),
        role="status",
    )


def _chips() -> rx.Component:
    return rx.el.div(
        rx.foreach(S.active, _chosen),
        rx.foreach(
            S.quick,
            lambda choice: anchor(
                choice.label, href=choice.href, class_name=f"{CHIP} {CHIP_OFF} max-md:hidden"
            ),
        ),
        opener(
            "Filters",
            opens=FILTERS,
            extra="!h-[34px] !rounded-full !px-3.5 text-[13.5px] max-md:order-first",
        ),
        role="group",
        class_name="flex min-w-0 flex-1 flex-wrap gap-2",
        custom_attrs={"aria-label": "Filters"},
    )


def _chosen(choice: Any) -> rx.Component:
    return anchor(
        rx.el.span("Remove ", class_name="sr-only"),
        rx.el.span(choice.label, class_name="max-w-[220px] truncate"),
        mark("close", 14),
        href=choice.href,
        class_name=f"{CHIP} {CHIP_ON}",
    )


def _order() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            S.summary,
            class_name="min-w-16 text-md text-soft tabular-nums",
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.label(
            rx.el.span("Order", class_name="sr-only"),
            rx.el.select(
                *(rx.el.option(label, value=value) for value, label in ORDERS),
                value=S.filters.sort,
                on_change=S.order,
                class_name="h-[34px] rounded-full border border-line bg-card px-3 text-[13.5px] "
                "hover:border-edge",
            ),
        ),
        class_name="flex items-center gap-3 max-md:w-full max-md:justify-between",
    )


def _filters() -> rx.Component:
    return drawer(
        "Filters",
        rx.el.form(
            field("Words", "q", field_id="filter-q", default_value=S.filters.q, type="search"),
            _two(
                date_field(
                    "From", "from", field_id="filter-from", default_value=S.filters.first_day
                ),
                date_field("To", "to", field_id="filter-to", default_value=S.filters.last_day),
            ),
            _number("Travellers", "travellers", S.filters.travellers),
            _two(
                _number("Price from", "min_price", S.filters.min_price),
                _number("Price up to", "max_price", S.filters.max_price),
            ),
            _two(
                _number("Fewest nights", "min_nights", S.filters.min_nights),
                _number("Most nights", "max_nights", S.filters.max_nights),
            ),
            closer("Show trips", type="submit", kind="primary"),
            on_submit=S.apply,
            no_validate=True,
            key=S.version,
            class_name="mt-2 grid gap-4",
        ),
        rx.foreach(S.groups, _group),
        dialog_id=FILTERS,
        side="end",
    )


def _two(first: rx.Component, second: rx.Component) -> rx.Component:
    return rx.el.div(first, second, class_name="grid grid-cols-2 gap-3")


def _number(label: str, name: str, value: Any) -> rx.Component:
    return field(
        label,
        name,
        field_id=f"filter-{name}",
        default_value=value,
        type="text",
        input_mode="numeric",
        placeholder="any",
        auto_complete="off",
    )


def _group(group: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(group.title, class_name="mb-1 text-sm font-strong"),
        rx.el.ul(
            rx.foreach(
                group.choices,
                lambda choice: rx.el.li(
                    anchor(
                        rx.el.span(
                            rx.cond(choice.on, mark("check", 16, "text-brand"), rx.fragment()),
                            rx.el.span(choice.label, class_name="min-w-0 break-words"),
                            class_name="flex min-w-0 items-center gap-1.5",
                        ),
                        rx.el.span(choice.count, class_name="text-soft tabular-nums"),
                        href=choice.href,
                        class_name="-mx-2 flex items-center justify-between gap-3 rounded-sm px-2 "
                        "py-1.5 text-md hover:bg-sunk",
                        custom_attrs={"aria-current": rx.cond(choice.on, "true", "false")},
                    )
                ),
            )
        ),
        class_name="mt-6 border-t border-line pt-5",
    )


def _results() -> rx.Component:
    return rx.cond(
        S.ready,
        rx.cond(
            S.problem != "",
            error_state(
                "The search did not answer",
                S.problem,
                button("Try again", on_click=S.open),
            ),
            rx.cond(S.trips.length() > 0, _found(), _nothing()),
        ),
        skeleton_cards(6),
    )


def _found() -> rx.Component:
    return rx.fragment(
        trip_grid(S.trips),
        rx.el.div(
            paging(
                S.position,
                previous=S.previous,
                following=S.following,
                has_previous=S.previous != "",
                has_following=S.following != "",
            ),
            class_name="mt-8",
        ),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        S.beyond != "",
        empty_state(
            "There is nothing on this page",
            "The list is shorter than that.",
            link_button("Go to the last page", href=S.beyond),
        ),
        empty_state(
            "No trip fits all of this",
            rx.cond(
                S.drops.length() > 0,
                "Without one of the filters there are some:",
                "Start again with fewer wishes.",
            ),
            rx.foreach(
                S.drops,
                lambda drop: link_button(
                    "Without " + drop.label + ": " + drop.count,
                    href=drop.href,
                    size="sm",
                    extra="!h-auto min-h-8 py-1 !whitespace-normal",
                ),
            ),
            link_button("All trips", href="/search", size="sm", kind="quiet"),
        ),
    )
