"""``/ops/adjustments``: postings by hand, which take two people."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.surfaces import badge, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.adjustments import CHOICES, PATH, OpsAdjustmentsState

State = OpsAdjustmentsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Adjustments",
            below="Postings by hand, for what no rule covers. One person proposes, another one "
            "of operations approves; only then the ledger changes.",
        ),
        rx.el.div(
            _form(),
            section_card(
                "Proposals",
                loading_or_failed(
                    State.phase,
                    State.problem,
                    State.open,
                    skeleton_rows(5),
                    data_table(
                        State.rows,
                        _columns(),
                        caption="Proposals, open ones first",
                        empty=empty_state(
                            "No adjustment yet", "A proposal appears here for the others to see."
                        ),
                    ),
                    rx.cond(
                        State.note != "",
                        rx.el.p(State.note, class_name="px-5 py-3 text-sm text-soft"),
                    ),
                ),
            ),
            # One below the other: the table with its two buttons needs the whole width.
            class_name="grid gap-6",
        ),
        area="ops",
        current=PATH,
    )


def _columns() -> list[Column]:
    def what(row: Any) -> rx.Component:
        return two_lines(
            rx.el.span(link(row.reference, href=row.href), " · ", row.move),
            rx.fragment(row.reason),
        )

    def people(row: Any) -> rx.Component:
        return two_lines(row.who, row.decided, row.decided != "")

    def act(row: Any) -> rx.Component:
        name = rx.el.span(" ", row.amount, " for ", row.reference, class_name="sr-only")
        return rx.cond(
            row.open,
            rx.cond(
                row.mine,
                rx.el.span("Waits for somebody else", class_name="text-sm text-soft"),
                # Stacked where the reason beside them would be left with a word a line.
                rx.el.div(
                    button("Turn down", name, size="sm", on_click=State.reject(row.id)),
                    button(
                        "Approve", name, size="sm", kind="primary", on_click=State.approve(row.id)
                    ),
                    class_name="flex flex-col gap-2 xl:flex-row xl:justify-end",
                ),
            ),
        )

    return [
        Column("What", what, phone="lead", width="38%"),
        Column("Amount", lambda row: row.amount, align="end", phone="end"),
        Column("State", lambda row: badge(row.state, row.tone), whole=True),
        Column("Who", people, phone="under", width="22%"),
        Column(rx.el.span("Decide", class_name="sr-only"), act, align="end", phone="under-end"),
    ]


def _form() -> rx.Component:
    errors: Any = State.errors
    return section_card(
        "Propose one",
        rx.el.form(
            problem_summary(State.refused),
            field(
                "Booking",
                "reference",
                default_value=State.reference,
                placeholder="TRV-…",
                required=True,
                max_length=40,
                error=errors["reference"],
            ),
            field("Debit", "debit", control="select", options=CHOICES, error=errors["debit"]),
            field(
                "Credit",
                "credit",
                control="select",
                options=CHOICES,
                default_value="operator_payable",
                error=errors["credit"],
            ),
            field(
                "Amount",
                "amount",
                input_mode="decimal",
                hint="In the booking's currency, like 120.50",
                required=True,
                max_length=20,
                error=errors["amount"],
            ),
            field(
                "Reason",
                "reason",
                control="textarea",
                hint="Why, and what proves it. It stands in the ledger for good.",
                required=True,
                max_length=500,
                error=errors["reason"],
                extra="col-span-full",
            ),
            button("Propose", kind="primary", type="submit", extra="justify-self-start"),
            on_submit=State.propose,
            key=f"propose-{State.drawn}-{State.reference}",
            no_validate=True,
            class_name="grid items-start gap-4 p-5 sm:grid-cols-2 xl:grid-cols-4 "
            "[&>[role=alert]:empty]:hidden [&>[role=alert]]:col-span-full",
        ),
    )
