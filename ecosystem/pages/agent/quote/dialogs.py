"""What is asked above a proposal: before it is sent, before it is taken back."""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.quote.items import free_dialog, trip_dialog
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.values import when
from ecosystem.state.agent.quote import AgentQuoteState

S: Any = AgentQuoteState  # whose fields are Vars when a page is drawn
V = S.view
WITHDRAW = "quote-withdraw"


def dialogs() -> rx.Component:
    """Draw them, closed."""
    return rx.fragment(trip_dialog(), free_dialog(), _send_dialog(), _withdraw_dialog())


def _send_dialog() -> rx.Component:
    return dialog(
        "Send the proposal",
        rx.el.p(
            "Prices are looked at once more and frozen. ",
            V.client,
            " gets an e-mail with a link; accepting an option there holds all its seats or none.",
        ),
        when(S.refused != "", rx.el.div(problem_summary(S.refused), class_name="mt-4")),
        dialog_id="send-quote",
        actions=(
            button("Not yet", on_click=S.leave),
            button("Send it", kind="primary", on_click=S.send),
        ),
        shown=S.sending,
        on_close=S.leave,
    )


def _withdraw_dialog() -> rx.Component:
    return dialog(
        "Withdraw the proposal",
        rx.el.form(
            rx.el.p("Its page will say so, and it can't be accepted any more."),
            field(
                "Why, for your own records and the client",
                "reason",
                max_length=500,
                field_id="withdraw-reason",
                extra="mt-4",
            ),
            id=WITHDRAW,
            on_submit=S.withdraw,
        ),
        dialog_id="withdraw-quote",
        actions=(
            button("Keep it open", on_click=S.leave),
            button("Withdraw it", kind="danger", type="submit", form=WITHDRAW),
        ),
        shown=S.withdrawing,
        on_close=S.leave,
    )
