"""``/agent/search``: trips of all operators, with what the agency earns on each.

What it earns goes off the screen with one key, ``H``, or the button in the side bar: for when a
client looks on. It stays so in this tab (``assets/keys.js``).
"""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.adding_to_quote import add_to_quote, adding_to_quote
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.earnings import EARNINGS
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import card, page_header
from ecosystem.pages.components.tables import paging
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.search import PATH, AgentSearchState, TripLine

State = AgentSearchState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Search trips",
            below="Trips of every operator, with the prices travellers pay.",
        ),
        card(
            _form(),
            loading_or_failed(State.phase, State.problem, State.open, skeleton_rows(8), _list()),
            padded=False,
        ),
        adding_to_quote(),
        area="agent",
        current=PATH,
    )


def _form() -> rx.Component:
    asked: Any = State.fields
    return rx.el.form(
        field(
            "Where or what",
            "q",
            type="search",
            placeholder="A country, a city, a kind of trip",
            default_value=asked.q,
            extra="flex-[1_1_11rem]",
            max_length=200,
        ),
        field("From", "from", type="date", default_value=asked.first_day, extra="w-full sm:w-40"),
        field("To", "to", type="date", default_value=asked.last_day, extra="w-full sm:w-40"),
        field(
            "Travellers",
            "travellers",
            type="number",
            min="1",
            max="99",
            default_value=asked.travellers,
            extra="flex-1 sm:w-28 sm:flex-none",
        ),
        field(
            "Order",
            "sort",
            control="select",
            options=(
                ("relevance", "Best match"),
                ("price", "Lowest price"),
                ("-price", "Highest price"),
                ("rating", "Best rated"),
            ),
            default_value=asked.sort,
            extra="flex-1 sm:w-40 sm:flex-none",
        ),
        button("Search", type="submit", kind="primary", extra="max-sm:w-full"),
        on_submit=State.find,
        key=State.version,
        role="search",
        class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
        custom_attrs={"aria-label": "Trips"},
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.cond(
            State.trips.length() > 0,
            rx.el.ul(rx.foreach(State.trips, _trip), class_name="divide-y divide-line"),
            empty_state(
                "No trip fits this search",
                "Look for fewer words, or other days.",
                link_button("Show all trips", href=PATH),
            ),
        ),
        rx.cond(
            State.net_note != "",
            rx.el.p(
                State.net_note,
                class_name="border-t border-line px-5 py-3 text-sm text-soft",
                custom_attrs=EARNINGS,
            ),
        ),
        rx.cond(
            State.position != "",
            paging(
                State.position,
                previous=State.previous,
                following=State.following,
                has_previous=State.previous != "",
                has_following=State.following != "",
            ),
        ),
    )


def _trip(row: rx.Var[TripLine]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.img(
            src=one.cover,
            alt="",
            loading="lazy",
            class_name="h-16 w-24 shrink-0 rounded-sm bg-sunk object-cover max-sm:hidden",
        ),
        rx.el.div(
            rx.el.h2(
                anchor(one.title, href=one.href, class_name="after:absolute after:inset-0"),
                class_name="font-strong break-words",
            ),
            rx.el.p(one.cities, class_name="truncate text-sm text-soft"),
            rx.el.p(
                one.detail,
                rx.cond(one.rating != "", rx.fragment(" · ★ ", one.rating)),
                rx.cond(one.note != "", rx.fragment(" · ", one.note)),
                class_name="text-sm text-soft",
            ),
            class_name="min-w-0 flex-[1_1_14rem]",
        ),
        rx.el.dl(
            _sum("From", one.price, strong=True),
            rx.cond(one.earned != "", _sum(one.earned_as, one.earned, secret=True)),
            rx.cond(one.net != "", _sum("Net", one.net, secret=True)),
            class_name="grid w-full gap-0.5 text-sm tabular-nums sm:w-[17.5rem]",
        ),
        add_to_quote(one.slug, extra="relative z-10"),
        class_name="relative flex flex-wrap items-center gap-x-5 gap-y-3 px-5 py-4 hover:bg-sunk",
        key=one.key,
    )


def _sum(label: Any, value: Any, *, strong: bool = False, secret: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-soft"),
        rx.el.dd(value, class_name="text-end font-strong" if strong else "text-end"),
        class_name="flex justify-between gap-4",
        custom_attrs=EARNINGS if secret else {},
    )
