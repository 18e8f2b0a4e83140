"""``/ops/agencies``: who asks to be verified, and what they say of themselves."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.tables import Column, row_actions, two_lines
from ecosystem.pages.ops.named_list import named_list
from ecosystem.state.ops.agencies import PATH, OpsAgenciesState

State = OpsAgenciesState
FORM = "verification"


def page() -> rx.Component:
    """Draw the page."""
    return named_list(
        State,
        _columns(),
        _dialog(),
        path=PATH,
        title="Agencies",
        below="Who asks to be verified. Net prices come with it.",
        one="an agency",
        caption="Agencies: those that wait first, then by name",
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(
            "Agency",
            lambda row: two_lines(rx.el.span(row.name, class_name="font-strong"), row.country),
            phone="lead",
            width="40%",
        ),
        Column(
            "Verification",
            lambda row: two_lines(badge(row.standing, row.tone), row.since),
            phone="under",
        ),
        Column(
            rx.el.span("What to do", class_name="sr-only"),
            lambda row: rx.cond(
                row.waits,
                row_actions(
                    button(
                        "Look at it",
                        rx.el.span(": ", row.name, class_name="sr-only"),
                        size="sm",
                        on_click=State.look(row.id),
                    )
                ),
            ),
            align="end",
            phone="under-end",
        ),
    )


def _dialog() -> rx.Component:
    one: Any = State.looking
    return dialog(
        "Verify an agency",
        rx.el.dl(
            fact("Agency", one.name),
            fact("Registered name", one.company),
            fact("Number", one.number),
            fact("Register", one.registry),
            fact("Tax number", rx.cond(one.tax_number != "", one.tax_number, "not given")),
            fact("Website", rx.cond(one.website != "", one.website, "not given")),
            class_name="grid gap-3 sm:grid-cols-2",
        ),
        rx.el.form(
            field(
                "Decision",
                "decision",
                control="select",
                options=(("verified", "Verify it"), ("refused", "Refuse it")),
                default_value="verified",
            ),
            field(
                "Reason",
                "note",
                max_length=500,
                error=State.note_error,
                hint="Needed to refuse; the agency reads it.",
            ),
            on_submit=State.decide,
            id=FORM,
            key=one.id,
            no_validate=True,
            class_name="mt-5 grid gap-4",
        ),
        dialog_id="verification-dialog",
        shown=one.id != "",
        on_close=State.close,
        strict=True,
        actions=(
            button("Not now", on_click=State.close),
            button("Save", kind="primary", type="submit", form=FORM),
        ),
    )
