"""The first page: choose where to go, or where to work."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import CHIP, CHIP_OFF
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_cards
from ecosystem.pages.components.forms import native_form
from ecosystem.pages.components.held_seats import held_seats
from ecosystem.pages.components.navigation import Place
from ecosystem.pages.components.recently_seen import recently_seen
from ecosystem.pages.components.search_box import BAR, search_parts
from ecosystem.pages.components.surfaces import heading
from ecosystem.pages.components.trips import rate_note, trip_grid
from ecosystem.pages.layout import public_page
from ecosystem.state.home import HomeState

S: Any = HomeState  # whose fields are Vars when a page is drawn


def _places() -> tuple[tuple[str, str, str, str], ...]:
    """Country, its code, its picture in ``assets/covers``, a line about it."""
    return (
        (_("Italy"), "IT", "italy", _("Rail, hill towns, long lunches")),
        (_("Japan"), "JP", "japan", _("Old capitals and quiet valleys")),
        (_("Morocco"), "MA", "morocco", _("Medinas, mountains, the coast")),
        (_("Sri Lanka"), "LK", "sri-lanka", _("Tea country between two seas")),
        (_("Portugal"), "PT", "portugal", _("River towns and the Atlantic")),
        (_("Norway"), "NO", "norway", _("Fjords by train and boat")),
    )


def _near() -> tuple[tuple[str, str], ...]:
    """An address of the search and what it finds."""
    return (
        ("/search?near=Vienna&radius=200", _("Within a train ride of Vienna")),
        ("/search?near=Lisbon&radius=200", _("Around Lisbon")),
        ("/search?near=Kyoto&radius=200", _("Around Kyoto")),
        ("/search?tag=food&stars=4", _("Food, and four stars")),
        ("/search?tag=walking&max_nights=7", _("A week on foot")),
        ("/search?sort=soonest&travellers=2", _("Leaving soon, two seats free")),
    )


def page() -> rx.Component:
    """Draw the home page."""
    return public_page(
        rx.el.h1(
            _("Trips with more than one good city"),
            class_name="font-serif text-[44px] leading-[1.06] tracking-[-0.015em] max-w-[14ch] text-balance sm:text-hero",
        ),
        _search(),
        _trips(),
        recently_seen(),
        _destinations(),
        _promises(),
        _workplaces(),
        held_seats(),
    )


def _search() -> rx.Component:
    return native_form(
        *search_parts(travellers="2"),
        action="/search",
        method="get",
        role="search",
        class_name=f"mt-8 {BAR}",
    )


def _trips() -> rx.Component:
    shown = rx.cond(
        S.trips.length() > 0,
        rx.fragment(trip_grid(S.trips), rate_note(S.rate_note)),
        empty_state(
            _("No trips are on sale yet"),
            _("Each one appears here as soon as its operator publishes it."),
        ),
    )
    return rx.el.section(
        rx.el.div(
            heading(_("Loved by those who went")),
            link_button(_("All trips"), href="/search", kind="quiet", size="sm", extra="-me-3"),
            class_name="mb-4 flex items-baseline justify-between",
        ),
        rx.cond(
            S.ready,
            rx.cond(
                S.problem != "",
                error_state(
                    _("The trips could not be loaded"),
                    S.problem,
                    button(_("Try again"), on_click=S.open),
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
        heading(_("Where to")),
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
                        href=f"/search?country={code}",
                        class_name="group block rounded-lg",
                    )
                )
                for name, code, picture, line in _places()
            ),
            class_name="mt-4 grid gap-x-6 gap-y-7 sm:grid-cols-2 lg:grid-cols-3",
        ),
        rx.el.h3(_("Or begin with an idea"), class_name="mt-8 text-sm font-strong"),
        rx.el.div(
            *(anchor(idea, href=href, class_name=f"{CHIP} {CHIP_OFF}") for href, idea in _near()),
            class_name="mt-3 flex flex-wrap gap-2",
        ),
        class_name="mt-14",
    )


def _kept_promises() -> tuple[tuple[str, str], ...]:
    return (
        (
            _("Seats that are yours"),
            _("Reserve, and they are held while you pay. If a card is declined, they stay yours."),
        ),
        (
            _("One price, every line of it"),
            _(
                "Hotels, transfers and extras add up to the total you see first. Nothing joins"
                " it later."
            ),
        ),
        (
            _("Plans may change"),
            _("Each trip says until when you get everything back, and what comes back after that."),
        ),
    )


def _promises() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("How booking works here"), class_name="sr-only"),
        rx.el.ul(
            *(
                rx.el.li(
                    rx.el.h3(title, class_name="font-serif text-[24px] leading-tight"),
                    rx.el.p(text, class_name="mt-2 max-w-[44ch] text-soft"),
                    class_name="border-t border-line pt-5",
                )
                for title, text in _kept_promises()
            ),
            class_name="grid gap-8 md:grid-cols-3 md:gap-6",
        ),
        class_name="mt-16",
    )


def _desks() -> tuple[tuple[str, str, Place], ...]:
    return (
        (
            _("For travel agents"),
            _(
                "Search with your clients in mind, hold seats, send proposals, see what each sale"
                " earns."
            ),
            Place(_("Open the agents' desk"), "/agent"),
        ),
        (
            _("For tour operators"),
            _("Describe a trip once, open its departures, be paid after each one."),
            Place(_("Open the operators' desk"), "/provider"),
        ),
    )


def _workplaces() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Working with us"), class_name="sr-only"),
        *(
            rx.el.div(
                rx.el.h3(title, class_name="font-serif text-h3"),
                rx.el.p(text, class_name="mt-1 mb-5 max-w-[48ch] text-soft"),
                link_button(place.label, href=place.href, size="sm"),
                class_name="rounded-lg border border-line bg-card p-6 md:p-8",
            )
            for title, text, place in _desks()
        ),
        class_name="mt-16 grid gap-4 md:grid-cols-2 md:gap-6",
    )
