"""``/ops/operators``: who can be paid, and when their share of a payment is sent."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.tables import Column, row_actions
from ecosystem.pages.ops.named_list import named_list
from ecosystem.state.ops.operators import PATH, OpsOperatorsState

State = OpsOperatorsState
FORM = "pay-after"


def page() -> rx.Component:
    """Draw the page."""
    return named_list(
        State,
        _columns(),
        _dialog(),
        path=PATH,
        title="Operators",
        below="Who can be paid, and when their share is sent to them.",
        one="an operator",
        caption="Operators by name",
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(
            "Operator",
            lambda row: rx.el.a(row.name, href=row.href, class_name="font-strong hover:underline"),
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
