"""The search page: a bar, chips, every filter beside the list or in a drawer, the trips found."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import CHIP, CHIP_OFF, CHIP_ON
from ecosystem.pages.components.dialogs import closer, drawer, opener
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_cards
from ecosystem.pages.components.forms import date_field, field
from ecosystem.pages.components.held_seats import held_seats
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.search_box import BAR, search_parts
from ecosystem.pages.components.tables import paging
from ecosystem.pages.components.trips import rate_note, trip_grid
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.search import SearchState

S: Any = SearchState  # whose fields are Vars when a page is drawn

FILTERS = "search-filters"
RADII = (25, 50, 100, 200, 500)
TWO = "grid grid-cols-1 gap-3 min-[420px]:grid-cols-2"
"""Two fields side by side; below one another where a date would be cut off."""


def page() -> rx.Component:
    """Draw the search page."""
    return public_page(
        rx.el.h1(
            _("Find a trip"),
            class_name="font-serif text-h2 tracking-[-0.01em] md:text-h1",
        ),
        rx.el.form(
            *search_parts(
                words=S.filters.q,
                first_day=S.filters.first_day,
                last_day=S.filters.last_day,
                travellers=S.filters.travellers,
            ),
            on_submit=S.apply,
            no_validate=True,
            key=S.version,
            role="search",
            class_name=f"mt-6 {BAR}",
        ),
        _note(),
        rx.el.div(_chips(), _order(), class_name="mt-5 flex flex-wrap items-start gap-3"),
        drawer(
            _("Filters"), _filter_form("drawer", whole=True), _groups(), dialog_id=FILTERS,
            side="end",
        ),
        rx.el.div(
            rx.el.aside(
                rx.el.h2(_("Filters"), class_name="sr-only"),
                _filter_form("side", whole=False),
                _groups(),
                class_name="hidden lg:block",
            ),
            rx.el.section(
                rx.el.h2(_("Trips found"), class_name="sr-only"),
                _results(),
                class_name="min-w-0",
                custom_attrs={"aria-busy": rx.cond(S.ready & S.is_hydrated, "false", "true")},
            ),
            class_name="mt-6 grid gap-8 lg:grid-cols-[232px_minmax(0,1fr)]",
        ),
        held_seats(),
    )  # fmt: skip


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
            _("Filters"),
            opens=FILTERS,
            extra="!h-[34px] !rounded-full !px-3.5 text-[13.5px] max-md:order-first lg:hidden",
        ),
        role="group",
        class_name="flex min-h-[34px] min-w-0 flex-1 flex-wrap gap-2",
        custom_attrs={"aria-label": _("Filters")},
    )


def _chosen(choice: Any) -> rx.Component:
    return anchor(
        rx.el.span(_("Remove"), " ", class_name="sr-only"),
        rx.el.span(choice.label, class_name="max-w-[220px] truncate"),
        mark("close", 14),
        href=choice.href,
        class_name=f"{CHIP} {CHIP_ON}",
    )


def _order() -> rx.Component:
    orders = (
        ("relevance", _("Best match")),
        ("price", _("Lowest price")),
        ("-price", _("Highest price")),
        ("rating", _("Best rated")),
        ("soonest", _("Leaves soonest")),
        ("nights", _("Shortest")),
    )
    return rx.el.div(
        rx.el.p(
            S.summary,
            class_name="min-w-16 text-md text-soft tabular-nums",
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.label(
            rx.el.span(_("Order"), class_name="sr-only"),
            rx.el.select(
                *(rx.el.option(label, value=value) for value, label in orders),
                value=S.filters.sort,
                on_change=S.order,
                class_name="h-[34px] rounded-full border border-line bg-card px-3 text-[13.5px] "
                "hover:border-edge",
            ),
        ),
        class_name="flex items-center gap-3 max-md:w-full max-md:justify-between",
    )


def _filter_form(place: str, *, whole: bool) -> rx.Component:
    """What is typed; ``whole`` with what stands in the bar, which a phone shows in part."""

    def number(label: str, name: str, value: Any) -> rx.Component:
        return field(
            label, name, field_id=f"{place}-{name}", default_value=value, type="text",
            input_mode="numeric", placeholder=_("any"), auto_complete="off",
        )  # fmt: skip

    def day(label: str, name: str, value: Any) -> rx.Component:
        return date_field(label, name, field_id=f"{place}-{name}", default_value=value)

    filters = S.filters
    bar = [
        field(
            _("Words"), "q", field_id=f"{place}-q", default_value=filters.q, type="search",
            max_length=200,
        ),
        rx.el.div(
            day(_("From"), "from", filters.first_day),
            day(_("To"), "to", filters.last_day),
            class_name=TWO,
        ),
        number(_("Travellers"), "travellers", filters.travellers),
    ]  # fmt: skip
    return rx.el.form(
        *(bar if whole else ()),
        rx.el.div(
            number(_("Price from"), "min_price", filters.min_price),
            number(_("Price up to"), "max_price", filters.max_price),
            class_name="grid grid-cols-2 gap-3",
        ),
        rx.el.div(
            number(_("Fewest nights"), "min_nights", filters.min_nights),
            number(_("Most nights"), "max_nights", filters.max_nights),
            class_name="grid grid-cols-2 gap-3",
        ),
        field(
            _("Near a city"), "near", field_id=f"{place}-near", default_value=filters.near,
            type="text", max_length=120, auto_complete="off", placeholder=_("any"),
        ),
        field(
            _("Within"), "radius", control="select", field_id=f"{place}-radius",
            default_value=filters.radius,
            options=[(str(km), _("{count} km").format(count=km)) for km in RADII],
        ),
        (closer if whole else button)(
            _("Show trips"), type="submit", kind="primary" if whole else "plain"
        ),
        on_submit=S.apply,
        no_validate=True,
        key=S.version,
        class_name="mt-2 grid gap-4",
    )  # fmt: skip


def _groups() -> rx.Component:
    return rx.foreach(S.groups, _group)


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
                _("The search did not answer"),
                S.problem,
                button(_("Try again"), on_click=S.open),
            ),
            rx.cond(S.trips.length() > 0, _found(), _nothing()),
        ),
        skeleton_cards(6),
    )


def _found() -> rx.Component:
    return rx.fragment(
        trip_grid(S.trips),
        rate_note(S.rate_note),
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
            _("There is nothing on this page"),
            _("The list is shorter than that."),
            link_button(_("Go to the last page"), href=S.beyond),
        ),
        rx.el.div(
            rx.el.div(
                rx.el.p(_("No trip fits all of this"), class_name="font-serif text-h3"),
                rx.el.p(
                    _("What would fit is below. Or start again with fewer wishes."),
                    class_name="mt-1 text-soft",
                ),
            ),
            _ways(_("Days with free seats next to yours"), S.days),
            _ways(_("Did you mean"), S.spellings),
            _ways(_("With one wish less"), S.drops),
            link_button(_("All trips"), href="/search", size="sm", extra="justify-self-start"),
            class_name="grid gap-6 border-t border-line pt-6",
        ),
    )


def _ways(title: str, choices: Any) -> rx.Component:
    return when(
        choices.length() > 0,
        rx.el.section(
            rx.el.h3(title, class_name="text-sm font-strong"),
            rx.el.div(
                rx.foreach(
                    choices,
                    lambda way: link_button(
                        way.label,
                        rx.el.span(way.count, class_name="text-soft empty:hidden"),
                        href=way.href,
                        size="sm",
                        extra="!h-auto min-h-8 gap-2 py-1 !whitespace-normal",
                    ),
                ),
                class_name="mt-2 flex flex-wrap gap-2",
            ),
        ),
    )
