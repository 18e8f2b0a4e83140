"""``/provider/bookings/[reference]``: one booking, with its travellers and messages."""

from typing import Any

import reflex as rx

from ecosystem.pages.changing import changing
from ecosystem.pages.components.buttons import link, link_button
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_text
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
)
from ecosystem.pages.components.trips import payment_rows, price_note, price_rows
from ecosystem.pages.conversation import conversation
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.money_told import money_told
from ecosystem.pages.travellers import travellers
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.provider.bookings import PATH

State: Any = ProviderBookingState
V = State.view


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        rx.cond(
            State.phase == "missing",
            _missing(),
            rx.fragment(
                page_header(
                    rx.cond(State.phase == "shown", V.lead, "Booking"),
                    above=breadcrumbs(("Bookings", PATH)),
                    below=rx.cond(
                        State.phase == "shown",
                        rx.el.span(
                            badge(V.status, V.tone),
                            rx.el.span(V.reference, class_name="tabular-nums"),
                            class_name="flex flex-wrap items-center gap-2",
                        ),
                        "\u00a0",
                    ),
                ),
                loading_or_failed(
                    State.phase,
                    State.problem,
                    State.open,
                    _skeleton(),
                    _two_columns(_main(), _aside()),
                ),
            ),
        ),
        area="provider",
        current=PATH,
    )


def _main() -> rx.Component:
    return rx.el.div(
        travellers(),
        conversation(),
        class_name="grid min-w-0 gap-6",
    )


def _aside() -> rx.Component:
    return rx.el.div(
        card(
            rx.el.dl(
                fact("Trip", link(V.title, href=V.package_href), V.when + " · " + V.party),
                fact("Booked by", V.lead, V.reach),
                fact("Sold by", V.sold_by),
                fact("Booked on", V.booked, "UTC"),
                class_name="grid gap-3 break-words",
            ),
        ),
        card(
            rx.el.h2("Price", class_name="mb-2 font-strong"),
            price_rows(
                V.lines,
                V.total,
                price_note("Paid", V.paid),
                price_note("Kept", V.kept),
                price_note("Still due", V.due),
                price_note("The agency's commission", V.commission),
            ),
            money_told("mt-2"),
        ),
        card(
            rx.el.h2("Payments", class_name="mb-1 font-strong"),
            payment_rows(V.payments),
        ),
        changing(),
        class_name="grid gap-6",
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("There is no such booking", above=breadcrumbs(("Bookings", PATH))),
        card(
            empty_state(
                "Nothing is here",
                "The reference may be mistyped, or the booking is another operator's.",
                link_button("Your bookings", href=PATH),
            )
        ),
    )


def _skeleton() -> rx.Component:
    return _two_columns(card(skeleton_text(8), extra="h-80"), bone("h-96 w-full !rounded-lg"))


def _two_columns(main: rx.Component, facts: rx.Component) -> rx.Component:
    return rx.el.div(
        main,
        facts,
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
    )
