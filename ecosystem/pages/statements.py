"""The statements of an operator or agency, on the page about how it is paid."""

import reflex as rx

from ecosystem.pages.components.buttons import link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import section_card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.desk_page import loading_or_failed
from ecosystem.state.statements import StatementsState

State = StatementsState


def statements_section() -> rx.Component:
    """Draw a month's statement with its files. The page opens with ``StatementsState.open``."""
    return section_card(
        "Statements",
        loading_or_failed(
            State.phase,
            State.problem,
            State.open,
            skeleton_rows(6),
            rx.cond(State.month != "", _month(), _nothing()),
        ),
        note="Every amount that changed what we owe you, as the ledger has it. Days are by UTC.",
    )


def _month() -> rx.Component:
    file = "/api/statements/" + State.month
    return rx.el.div(
        rx.el.div(
            field(
                "Month",
                "month",
                control="select",
                options=State.months,
                value=State.month,
                on_change=State.choose,
                extra="w-full sm:w-56",
            ),
            link_button("Download CSV", href=file + ".csv"),
            link_button("Open PDF", href=file + ".pdf"),
            class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
        ),
        rx.el.div(
            rx.foreach(State.parts, _part),
            rx.cond(
                State.parts.length() == 0,
                empty_state(
                    "Nothing in this month",
                    "Nothing was booked, paid out or owed. Choose another month.",
                ),
            ),
            custom_attrs={"aria-live": "polite"},
        ),
    )


def _part(part: rx.Var) -> rx.Component:
    return rx.el.section(
        rx.el.h3(part.currency, class_name="px-5 pt-5 pb-3 font-strong"),
        rx.el.dl(
            fact("Owed before", _sum(part.opening)),
            fact(part.more, _sum(part.earned)),
            fact(part.less, _sum(part.paid_out)),
            fact("Owed at the end", _sum(part.closing)),
            class_name="grid grid-cols-2 gap-x-6 gap-y-3 px-5 pb-5 sm:grid-cols-4",
        ),
        data_table(
            part.lines,
            [
                Column(
                    "Booking",
                    lambda line: two_lines(
                        rx.el.span(line.reference, class_name="font-strong"),
                        rx.fragment(
                            line.what,
                            # A phone has no column of days.
                            rx.el.span(" · ", line.day, class_name="min-[701px]:hidden"),
                        ),
                    ),
                    phone="lead",
                    whole=True,
                ),
                Column("Day", lambda line: line.day, whole=True),
                Column("Trip", lambda line: line.trip, phone="under"),
                Column("Amount", lambda line: line.amount, align="end", phone="end"),
                Column("Owed", lambda line: line.balance, align="end", phone="under-end"),
            ],
            caption="Entries of the month",
            row_href=lambda line: line.href,
            empty=rx.el.p("No entries in this month.", class_name="px-5 pb-5 text-soft"),
        ),
        rx.cond(
            part.position != "",
            paging(
                part.position,
                previous=State.turn(part.code, False),
                following=State.turn(part.code, True),
                has_previous=part.has_previous,
                has_following=part.has_following,
                label="Entries in " + part.currency,
            ),
        ),
        class_name="border-b border-line last:border-0",
    )


def _sum(amount: rx.Var) -> rx.Component:
    return rx.el.span(amount, class_name="font-strong tabular-nums")


def _nothing() -> rx.Component:
    return empty_state(
        "No statements yet", "There is one for each month from your first confirmed booking on."
    )
