"""``/ops/operators``: who can be paid, and when their share of a payment is sent."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, row_actions
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.operators import PATH, OpsOperatorsState

State = OpsOperatorsState
FORM = "pay-after"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Operators", below="Who can be paid, and when their share is sent to them."),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder="Name of an operator",
                    default_value=State.words,
                    key=State.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full"),
                on_submit=State.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": "Operators"},
            ),
            loading_or_failed(State.phase, State.problem, State.open, skeleton_rows(10), _table()),
            padded=False,
        ),
        _dialog(),
        area="ops",
        current=PATH,
    )


def _table() -> rx.Component:
    return rx.el.div(
        data_table(
            State.rows,
            (
                Column(
                    "Operator",
                    lambda row: rx.el.a(
                        row.name, href=row.href, class_name="font-strong hover:underline"
                    ),
                    phone="lead",
                    width="30%",
                ),
                Column("Payouts", lambda row: badge(row.state, row.tone), phone="end", whole=True),
                Column("Share is sent", lambda row: row.paid, phone="under"),
                Column("Unpaid balance", lambda row: row.overdue),
                Column(
                    rx.el.span("Change", class_name="sr-only"),
                    lambda row: row_actions(
                        button(
                            "Change",
                            rx.el.span(" when ", row.name, " is paid", class_name="sr-only"),
                            size="sm",
                            on_click=State.edit(row.id),
                        )
                    ),
                    align="end",
                    phone="under-end",
                ),
            ),
            caption="Operators by name",
            empty=empty_state("No operator has this name", "Search for fewer words."),
        ),
        rx.cond(State.note != "", rx.el.p(State.note, class_name="px-5 py-3 text-sm text-soft")),
    )


def _dialog() -> rx.Component:
    one: Any = State.editing
    return dialog(
        "When is the share sent?",
        rx.el.p(
            one.name,
            ": the operator's part of each payment leaves then, if its account can receive it.",
            class_name="text-soft",
        ),
        rx.el.form(
            field(
                "Sent",
                "pay_after",
                control="select",
                options=(
                    ("confirmation", "As soon as a payment has arrived"),
                    ("departure", "Days after departure"),
                ),
                default_value=one.pay_after,
            ),
            field(
                "Days after departure",
                "pay_after_days",
                input_mode="numeric",
                default_value=one.days,
                error=State.days_error,
                hint="0 to 90; not used when it is sent at once.",
            ),
            on_submit=State.save,
            id=FORM,
            key=one.id,
            no_validate=True,
            class_name="mt-4 grid gap-4",
        ),
        dialog_id="pay-after-dialog",
        shown=one.id != "",
        on_close=State.close,
        strict=True,
        actions=(
            button("Leave as it is", on_click=State.close),
            button("Save", kind="primary", type="submit", form=FORM),
        ),
    )
