"""The button and the dialog that put a trip into a proposal, for pages that show trips."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.values import Text, when
from ecosystem.state.agent.add_to_quote import AddToQuoteState
from ecosystem.state.agent.quote_lines import PATH

S: Any = AddToQuoteState  # whose fields are Vars when a page is drawn
FORM = "add-to-quote-form"


def add_to_quote(slug: Text, *, size: Any = "sm", extra: str = "") -> rx.Component:
    """Draw the button. The page draws ``adding_to_quote`` once."""
    return button("Add to proposal", size=size, on_click=S.ask(slug), extra=extra)


def adding_to_quote() -> rx.Component:
    """Draw the dialog."""
    return dialog(
        "Add to a proposal",
        rx.cond(
            S.quotes.length() > 0,
            _form(),
            empty_state(
                "No proposal is open",
                "Begin one for a client, then add this trip.",
                link_button("New proposal", href=PATH),
                compact=True,
            ),
        ),
        dialog_id="add-to-quote",
        actions=(
            button("Not now", on_click=S.leave),
            when(S.quotes.length() > 0, button("Add it", kind="primary", type="submit", form=FORM)),
        ),
        shown=S.slug != "",
        on_close=S.leave,
        strict=True,
    )


def _form() -> rx.Component:
    return rx.el.form(
        problem_summary(S.refused),
        rx.el.p(S.title, class_name="font-strong break-words"),
        field(
            "Proposal", "quote_id", control="select", options=S.quotes, field_id="add-to-quote-id"
        ),
        field(
            "Date", "departure_id", control="select", options=S.dates, field_id="add-to-quote-date"
        ),
        rx.el.div(
            field(
                "Adults",
                "adults",
                type="number",
                default_value=S.adults,
                min="1",
                max="99",
                field_id="add-to-quote-adults",
            ),
            field(
                "Children",
                "children",
                type="number",
                default_value="0",
                min="0",
                max="99",
                field_id="add-to-quote-children",
            ),
            class_name="grid grid-cols-2 gap-3",
        ),
        id=FORM,
        key=S.slug,
        on_submit=S.put,
        class_name="grid gap-4",
    )
