"""``/agent``: an agent's day."""

import reflex as rx

from ecosystem.pages.components.buttons import link, link_button
from ecosystem.pages.components.earnings import EARNINGS, earnings
from ecosystem.pages.components.feedback import (
    bone,
    empty_state,
    skeleton_figures,
    skeleton_rows,
)
from ecosystem.pages.components.lists import needs_you
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.numbers import bars, figure, number_strip
from ecosystem.pages.components.surfaces import card, page_header, section_card
from ecosystem.pages.desk_page import (
    booking_columns,
    bookings_table,
    desk_page,
    loading_or_failed,
)
from ecosystem.state.agent.today import AgentTodayState
from ecosystem.state.session import SessionState

State = AgentTodayState
REFRESH_SECONDS = 5


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            rx.cond(State.greeting != "", State.greeting, "Hello"),
            link_button("New proposal", href="/agent/quotes"),
            link_button("Search trips", href="/agent/search", kind="primary"),
            above=rx.cond(State.date != "", State.date, "\u00a0"),
        ),
        loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
        area="agent",
        current="/agent",
        counts={"/agent": State.waiting},
    )


def _content() -> rx.Component:
    figures = State.figures
    return rx.el.div(
        number_strip(
            figure("Sold this month", earnings(figures.sold), earnings(figures.sold_note)),
            rx.cond(
                SessionState.sees_commission,
                figure(
                    "Commission this month",
                    earnings(figures.commission),
                    earnings(figures.commission_note),
                ),
            ),
            figure("Travelling now", figures.travelling, figures.travelling_note),
            figure("Departing this week", figures.leaving, figures.leaving_note),
            label="This month",
        ),
        rx.el.div(
            needs_you(State.needs, empty="Nothing waits for you. Holds and balances appear here."),
            rx.el.div(
                rx.cond(
                    State.months.length() > 0,
                    section_card(
                        "Sales by month",
                        rx.el.div(
                            bars(State.months, label="Sales of the last twelve months"),
                            class_name="px-5 pt-5 pb-3",
                            custom_attrs=EARNINGS,
                        ),
                        note=State.months_note,
                    ),
                ),
                _pipeline(),
                class_name="grid min-w-0 gap-6",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]",
        ),
        section_card(
            "Latest bookings",
            bookings_table(
                State.latest,
                booking_columns("lead", "trip", "total", "commission", "status"),
                "Latest bookings",
                empty_state(
                    "No booking yet",
                    "Find a trip for a client; the booking appears here with your commission.",
                    link_button("Search trips", href="/agent/search"),
                ),
            ),
            aside=rx.cond(
                State.latest.length() > 0,
                link_button(
                    rx.fragment("All ", State.latest_total),
                    href="/agent/bookings",
                    kind="quiet",
                    size="sm",
                ),
            ),
        ),
        refreshed(State.again, REFRESH_SECONDS),
        class_name="grid gap-6",
    )


def _pipeline() -> rx.Component:
    figures = State.figures
    lines = (
        ("Drafts", figures.drafts, "draft"),
        ("With clients", figures.with_clients, "waiting"),
        ("Accepted this month", figures.accepted, "accepted"),
        ("Declined or ended this month", figures.ended, "ended"),
    )
    return section_card(
        "Proposals",
        rx.el.ul(
            *(
                rx.el.li(
                    link(label, href=f"/agent/quotes?show={group}"),
                    rx.el.span(count, class_name="tabular-nums"),
                    class_name="flex justify-between gap-4 border-t border-line px-5 py-2.5 "
                    "first:border-0",
                )
                for label, count, group in lines
            ),
        ),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        skeleton_figures(4),
        rx.el.div(
            card(bone("h-4 w-24"), bone("mt-6 h-4 w-2/3"), bone("mt-6 h-4 w-1/2"), extra="h-64"),
            card(bone("h-4 w-28"), bone("mt-6 h-40 w-full"), extra="h-64"),
            class_name="grid gap-6 xl:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)]",
        ),
        card(skeleton_rows(6), padded=False),
        class_name="grid gap-6",
    )
