"""``/ops/agencies``: who asks to be verified, and what they say of themselves."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, row_actions, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.agencies import PATH, OpsAgenciesState

State = OpsAgenciesState
FORM = "verification"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Agencies", below="Who asks to be verified. Net prices come with it."),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder="Name of an agency",
                    default_value=State.words,
                    key=State.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full"),
                on_submit=State.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": "Agencies"},
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
                    "Agency",
                    lambda row: two_lines(
                        rx.el.span(row.name, class_name="font-strong"), row.country
                    ),
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
            ),
            caption="Agencies: those that wait first, then by name",
            empty=empty_state("No agency has this name", "Search for fewer words."),
        ),
        rx.cond(State.note != "", rx.el.p(State.note, class_name="px-5 py-3 text-sm text-soft")),
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
