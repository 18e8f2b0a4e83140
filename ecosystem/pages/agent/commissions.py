"""``/agent/commissions``: what the agency earns, what it owes, how it is paid, its statements."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.earnings import EARNINGS, earnings
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.payout_card import payout_card
from ecosystem.pages.statements import statements_section
from ecosystem.state.agent.commissions import (
    PATH,
    STATE_CHOICES,
    AgentCommissionsState,
    OwedLine,
    StateSum,
)

State = AgentCommissionsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Commissions", below="What your agency earns, and how it reaches your bank."),
        rx.cond(
            State.phase == "forbidden",
            card(
                empty_state("Not for your role", State.problem, link_button("Today", href="/agent"))
            ),
            _all_of_it(),
        ),
        area="agent",
        current=PATH,
    )


def _all_of_it() -> rx.Component:
    owed: Any = State.owed
    return rx.el.div(
        rx.cond(owed.lines.length() > 0, _owed()),
        section_card(
            "Booking by booking",
            loading_or_failed(State.phase, State.problem, State.open, skeleton_rows(8), _ledger()),
            note="From the ledger, after every change and refund. Choose a state to list it.",
        ),
        payout_card(
            "Your clients pay Ecosystem by card when they book.",
            "Your commission is a part of the price, fixed when a trip is booked.",
            "Stripe keeps your bank details; we never see them.",
        ),
        rx.el.div(statements_section(), custom_attrs=EARNINGS),
        class_name="grid max-w-[1060px] gap-6",
    )


def _ledger() -> rx.Component:
    return rx.fragment(
        rx.el.ul(
            rx.foreach(State.sums, _sum),
            class_name="flex flex-wrap gap-px border-b border-line bg-line [&>li]:grow "
            "[&>li]:basis-full sm:[&>li]:basis-52",
        ),
        rx.el.form(
            _choice("State", "state", STATE_CHOICES, State.state),
            _choice("Booked in", "month", State.months, State.month),
            _choice("Operator", "operator", State.operators, State.operator),
            button("Show", type="submit", extra="max-sm:w-full"),
            link_button("Download CSV", href=State.file, extra="max-sm:w-full"),
            on_submit=State.find,
            class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
            custom_attrs={"aria-label": "Commissions", "role": "search"},
        ),
        data_table(
            State.rows,
            (
                Column(
                    "Booking",
                    lambda row: two_lines(
                        rx.el.span(row.trip, class_name="font-strong"), row.facts
                    ),
                    phone="lead",
                    width="44%",
                ),
                Column(
                    "Model",
                    lambda row: two_lines(earnings(row.model), row.reference),
                    phone="under",
                ),
                Column(
                    "Earned",
                    lambda row: two_lines(earnings(row.earned), earnings(row.of_total)),
                    align="end",
                    phone="end",
                ),
                Column(
                    "State",
                    lambda row: two_lines(badge(row.state, row.tone), row.when),
                    phone="under-end",
                    whole=True,
                ),
            ),
            caption="What was sold, newest first",
            row_href=lambda row: row.href,
            empty=empty_state(
                "Nothing here",
                "Nothing was sold that fits. Show another month, operator or state.",
                link_button("Show everything", href=PATH),
            ),
        ),
        rx.cond(
            State.position != "",
            paging(
                State.position,
                previous=State.previous,
                following=State.following,
                has_previous=State.has_previous,
                has_following=State.has_following,
            ),
        ),
    )


def _choice(label: str, name: str, options: Any, value: rx.Var[str]) -> rx.Component:
    choices = (
        tuple((one["value"], one["label"]) for one in options)
        if isinstance(options, list)
        else options
    )
    return field(
        label,
        name,
        control="select",
        options=choices,
        default_value=value,
        key=value,
        field_id=f"commissions-{name}",
        extra="flex-[1_1_11rem] sm:flex-none sm:w-48",
    )


def _sum(row: rx.Var[StateSum]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        anchor(
            rx.el.span(one.label, class_name="text-sm text-soft"),
            rx.foreach(
                one.amounts,
                lambda amount: rx.el.span(
                    amount, class_name="block font-strong tabular-nums", custom_attrs=EARNINGS
                ),
            ),
            rx.el.span(one.bookings, " · ", one.means, class_name="block text-sm text-soft"),
            href=one.href,
            class_name=rx.cond(
                one.chosen,
                "block h-full border-b-2 border-brand bg-card px-5 py-4 hover:bg-sunk",
                "block h-full bg-card px-5 py-4 hover:bg-sunk",
            ),
            custom_attrs={"aria-current": rx.cond(one.chosen, "true", "false")},
        ),
    )


def _owed() -> rx.Component:
    owed: Any = State.owed
    return section_card(
        "What you owe",
        rx.el.p(
            rx.el.span(owed.total, class_name="font-strong tabular-nums", custom_attrs=EARNINGS),
            " for trips that your clients pay you for.",
            rx.cond(
                owed.overdue != "",
                rx.el.span(
                    " Overdue: ",
                    rx.el.span(owed.overdue, class_name="tabular-nums", custom_attrs=EARNINGS),
                    ". You can't book with these operators on account until it is paid.",
                    class_name="text-bad",
                ),
            ),
            class_name="px-5 pt-4",
        ),
        rx.el.ul(rx.foreach(owed.lines, _owed_line), class_name="divide-y divide-line"),
        note="Due days are agreed on in your contracts, at the latest the day of departure.",
    )


def _owed_line(row: rx.Var[OwedLine]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                anchor(one.reference, href=one.href, class_name="font-strong underline"),
                " · ",
                one.operator,
            ),
            rx.el.p(one.trip, class_name="text-sm text-soft break-words"),
            class_name="min-w-0 flex-[1_1_16rem]",
        ),
        rx.el.div(
            rx.el.p(
                one.amount, class_name="text-end font-strong tabular-nums", custom_attrs=EARNINGS
            ),
            rx.el.p(
                rx.cond(one.overdue, badge("Overdue", "bad"), ""),
                " Due ",
                one.due,
                class_name="text-sm text-soft",
            ),
        ),
        rx.cond(
            one.pay_path != "",
            link_button(
                "Pay",
                rx.el.span(" for ", one.reference, class_name="sr-only"),
                href=one.pay_path,
                size="sm",
            ),
            rx.el.span("Being paid", class_name="text-sm text-soft"),
        ),
        class_name="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-4",
        key=one.reference,
    )
