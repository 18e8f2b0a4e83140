"""``/provider``: an operator's day."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, link, link_button
from ecosystem.pages.components.feedback import (
    bone,
    empty_state,
    skeleton_figures,
    skeleton_rows,
)
from ecosystem.pages.components.lists import needs_you
from ecosystem.pages.components.numbers import bars, figure, number_strip, progress
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.desk_page import (
    booking_columns,
    bookings_table,
    desk_page,
    loading_or_failed,
)
from ecosystem.state.provider.overview import ProviderOverviewState

State = ProviderOverviewState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Overview", above=rx.cond(State.date != "", State.date, "\u00a0")),
        loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
        area="provider",
        current="/provider",
        counts={"/provider": State.waiting},
    )


def _content() -> rx.Component:
    figures = State.figures
    return rx.el.div(
        number_strip(
            figure("Sold this month", figures.sold, figures.sold_note),
            figure(
                "Your part of it",
                figures.proceeds,
                rx.fragment(
                    figures.proceeds_note, " · ", link("payouts", href="/provider/payouts")
                ),
            ),
            figure("Bookings upcoming", figures.upcoming, figures.upcoming_note),
            figure("Travellers departing soon", figures.leaving, figures.leaving_note),
            label="This month",
        ),
        rx.el.div(
            needs_you(
                State.needs,
                empty="Nothing waits for you. Messages and departures that fill up appear here.",
            ),
            rx.el.div(
                _chart(
                    "How do sales go?",
                    State.months,
                    State.months_note,
                    "Sales of the last twelve months",
                    "Sales by month appear with the first booking.",
                ),
                _chart(
                    "How full are the months ahead?",
                    State.seats,
                    State.seats_note,
                    "Seats sold of the next six months",
                    "Seats sold appear once a package has departures.",
                ),
                class_name="grid min-w-0 gap-6",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]",
        ),
        section_card(
            "Next departures",
            rx.cond(
                State.departures.length() > 0,
                rx.el.ul(rx.foreach(State.departures, _departure)),
                empty_state(
                    "No departure ahead",
                    "A package needs a departure before anybody can book it.",
                    link_button("Add departures", href="/provider/departures"),
                    compact=True,
                ),
            ),
            aside=rx.cond(
                State.departures.length() > 0,
                link_button("Calendar", href="/provider/departures", kind="quiet", size="sm"),
            ),
        ),
        section_card(
            "Latest bookings",
            bookings_table(
                State.latest,
                booking_columns("lead", "trip", "total", "agency", "status"),
                "Latest bookings",
                empty_state(
                    "No booking yet",
                    rx.cond(
                        State.unpaid,
                        "Bookings appear here once payouts are set up and somebody books.",
                        "A published package with open departures can be booked at once.",
                    ),
                    link_button("Your packages", href="/provider/packages"),
                ),
            ),
            aside=rx.cond(
                State.latest.length() > 0,
                link_button(
                    rx.fragment("All ", State.latest_total),
                    href="/provider/bookings",
                    kind="quiet",
                    size="sm",
                ),
            ),
        ),
        class_name="grid gap-6",
    )


def _chart(title: str, months: Any, note: Any, label: str, empty: str) -> rx.Component:
    """A question and the columns that answer it."""
    return section_card(
        title,
        rx.cond(
            months.length() > 0,
            rx.el.div(bars(months, label=label), class_name="px-5 pt-5 pb-3"),
            empty_state(empty, compact=True),
        ),
        note=note,
    )


def _departure(item: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            anchor(
                item.title, href=item.href, class_name="font-strong after:absolute after:inset-0"
            ),
            rx.el.p(item.dates, class_name="text-sm text-soft"),
            class_name="min-w-0 flex-[1_1_14rem] break-words",
        ),
        rx.cond(item.closed, badge("closed")),
        rx.el.div(
            rx.el.p(item.seats, class_name="mb-1.5 text-sm tabular-nums"),
            progress(item.seats, item.percent, quiet=True),
            class_name="w-full sm:w-44",
        ),
        class_name="relative flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b "
        "border-line px-5 py-3 last:border-0 hover:bg-sunk/60",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        skeleton_figures(4),
        rx.el.div(
            card(bone("h-4 w-24"), bone("mt-6 h-4 w-2/3"), bone("mt-6 h-4 w-1/2"), extra="h-64"),
            card(bone("h-4 w-28"), bone("mt-6 h-40 w-full"), extra="h-64"),
            class_name="grid gap-6 xl:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]",
        ),
        card(skeleton_rows(8), padded=False),
        class_name="grid gap-6",
    )
