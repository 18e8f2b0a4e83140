"""The first page: choose where to go, or where to work."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_cards
from ecosystem.pages.components.forms import native_form
from ecosystem.pages.components.navigation import Place
from ecosystem.pages.components.recently_seen import recently_seen
from ecosystem.pages.components.surfaces import heading
from ecosystem.pages.components.trips import rate_note, trip_grid
from ecosystem.pages.layout import public_page
from ecosystem.state.home import HomeState

S: Any = HomeState  # whose fields are Vars when a page is drawn

PLACES = (
    ("Italy", "italy", "Rail, hill towns, long lunches"),
    ("Japan", "japan", "Old capitals and quiet valleys"),
    ("Morocco", "morocco", "Medinas, mountains, the coast"),
    ("Sri Lanka", "sri-lanka", "Tea country between two seas"),
    ("Portugal", "portugal", "River towns and the Atlantic"),
    ("Norway", "norway", "Fjords by train and boat"),
)
PROMISES = (
    (
        "Seats that are yours",
        "Reserve, and they are held while you pay. If a card is declined, they stay yours.",
    ),
    (
        "One price, every line of it",
        "Hotels, transfers and extras add up to the total you see first. Nothing joins it later.",
    ),
    (
        "Plans may change",
        "Each trip says until when you get everything back, and what comes back after that.",
    ),
)


def page() -> rx.Component:
    """Draw the home page."""
    return public_page(
        rx.el.h1(
            "Trips with more",
            rx.el.br(),
            " than one good city",
            class_name="font-serif text-[44px] leading-[1.06] tracking-[-0.015em] sm:text-hero",
        ),
        _search(),
        _trips(),
        recently_seen(),
        _destinations(),
        _promises(),
        _workplaces(),
    )


def _search() -> rx.Component:
    return native_form(
        _part("Where", "q", "Italy, Japan, a city…", "min-w-0", type="search"),
        _part("From", "from", "", f"{DIVIDED} hidden md:block", type="date"),
        _part("To", "to", "", f"{DIVIDED} hidden md:block", type="date"),
        _part(
            "Travellers",
            "travellers",
            "",
            f"{DIVIDED} hidden md:block",
            type="number",
            default_value="2",
            min="1",
            max="20",
        ),
        button("Search", type="submit", kind="primary", extra="!h-11 !rounded-full px-5"),
        action="/search",
        method="get",
        role="search",
        class_name="mt-8 grid grid-cols-[1fr_auto] items-center gap-4 rounded-lg border "
        "border-line bg-card py-1.5 ps-4 pe-1.5 shadow-float focus-within:border-edge "
        "md:grid-cols-[1.6fr_1fr_1fr_0.7fr_auto] md:rounded-full md:ps-6",
    )


DIVIDED = "border-s border-line ps-4"


def _part(label: str, name: str, example: str, extra: str, **props: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="block text-xs text-soft"),
        rx.el.input(
            name=name,
            placeholder=example,
            auto_complete="off",
            class_name="block w-full bg-transparent text-base text-ink outline-none",
            **props,
        ),
        class_name=f"rounded-sm py-0.5 {extra} has-focus-visible:outline-2 "
        "has-focus-visible:outline-offset-4 has-focus-visible:outline-brand",
    )


def _trips() -> rx.Component:
    shown = rx.cond(
        S.trips.length() > 0,
        rx.fragment(trip_grid(S.trips), rate_note(S.rate_note)),
        empty_state(
            "No trips are on sale yet",
            "Operators publish them at their desk; they appear here within a second.",
        ),
    )
    return rx.el.section(
        rx.el.div(
            heading("Loved by those who went"),
            link_button("All trips", href="/search", kind="quiet", size="sm", extra="-me-3"),
            class_name="mb-4 flex items-baseline justify-between",
        ),
        rx.cond(
            S.ready,
            rx.cond(
                S.problem != "",
                error_state(
                    "The trips could not be loaded",
                    S.problem,
                    button("Try again", on_click=S.open),
                ),
                shown,
            ),
            skeleton_cards(6),
        ),
        class_name="mt-12",
        custom_attrs={"aria-busy": rx.cond(S.ready, "false", "true")},
    )


def _destinations() -> rx.Component:
    return rx.el.section(
        heading("Where to"),
        rx.el.ul(
            *(
                rx.el.li(
                    anchor(
                        rx.el.img(
                            src=f"/covers/{picture}.svg",
                            alt="",
                            width="800",
                            height="500",
                            loading="lazy",
                            class_name="aspect-8/5 w-full rounded-lg object-cover",
                        ),
                        rx.el.h3(name, class_name="mt-3 text-[16px] leading-[1.35] font-strong"),
                        rx.el.p(line, class_name="text-soft"),
                        href=f"/search?q={name.replace(' ', '+')}",
                        class_name="group block rounded-lg",
                    )
                )
                for name, picture, line in PLACES
            ),
            class_name="mt-4 grid gap-x-6 gap-y-7 sm:grid-cols-2 lg:grid-cols-3",
        ),
        class_name="mt-14",
    )


def _promises() -> rx.Component:
    return rx.el.section(
        rx.el.h2("How booking works here", class_name="sr-only"),
        rx.el.ul(
            *(
                rx.el.li(
                    rx.el.h3(title, class_name="font-serif text-[24px] leading-tight"),
                    rx.el.p(text, class_name="mt-2 max-w-[44ch] text-soft"),
                    class_name="border-t border-line pt-5",
                )
                for title, text in PROMISES
            ),
            class_name="grid gap-8 md:grid-cols-3 md:gap-6",
        ),
        class_name="mt-16",
    )


WORKPLACES = (
    (
        "For travel agents",
        "Search with your clients in mind, hold seats, send quotes, see what each sale earns.",
        Place("Open the agents' desk", "/agent"),
    ),
    (
        "For tour operators",
        "Describe a trip once, open its departures, be paid after each one.",
        Place("Open the operators' desk", "/provider"),
    ),
)


def _workplaces() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Working with us", class_name="sr-only"),
        *(
            rx.el.div(
                rx.el.h3(title, class_name="font-serif text-h3"),
                rx.el.p(text, class_name="mt-1 mb-5 max-w-[48ch] text-soft"),
                link_button(place.label, href=place.href, size="sm"),
                class_name="rounded-lg border border-line bg-card p-6 md:p-8",
            )
            for title, text, place in WORKPLACES
        ),
        class_name="mt-16 grid gap-4 md:grid-cols-2 md:gap-6",
    )
