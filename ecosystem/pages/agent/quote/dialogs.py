"""What is asked above a proposal: what to add, before it is sent, before it is taken back."""

from typing import Any

import reflex as rx

from ecosystem.domain.currencies import SHOWN
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import combobox
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.values import when
from ecosystem.state.agent.quote import AgentQuoteState

S: Any = AgentQuoteState  # whose fields are Vars when a page is drawn
V = S.view
TRIP, FREE, WITHDRAW = "quote-trip", "quote-free", "quote-withdraw"
CURRENCIES = tuple((code, code) for code in SHOWN)


def dialogs() -> rx.Component:
    """Draw them, closed."""
    return rx.fragment(_trip_dialog(), _free_dialog(), _send_dialog(), _withdraw_dialog())


def _trip_dialog() -> rx.Component:
    return dialog(
        "Add a trip",
        rx.el.form(
            problem_summary(S.refused),
            combobox(
                "Trip",
                "slug",
                S.trips,
                filter_by="server",
                on_search=S.look_up.debounce(200),
                on_choose=lambda option: S.take_trip(option["value"]),
                placeholder="A part of its title",
                error=S.errors["trip"],
                field_id="quote-trip-slug",
            ),
            field(
                "Date",
                "departure_id",
                control="select",
                options=S.dates,
                hint=rx.cond(S.package_title != "", S.package_title, "Choose a trip first."),
                field_id="quote-departure",
            ),
            rx.el.div(
                field(
                    "Adults",
                    "adults",
                    type="number",
                    default_value="2",
                    min="1",
                    max="99",
                    field_id="quote-adults",
                ),
                field(
                    "Children",
                    "children",
                    type="number",
                    default_value="0",
                    min="0",
                    max="99",
                    field_id="quote-children",
                ),
                field(
                    "Their ages",
                    "ages",
                    placeholder="4, 9",
                    max_length=60,
                    field_id="quote-ages",
                ),
                class_name="grid grid-cols-3 gap-3",
            ),
            field(
                "A word about it",
                "note",
                max_length=2000,
                field_id="quote-trip-note",
            ),
            id=TRIP,
            key=S.forms,
            on_submit=S.add_trip,
            class_name="grid min-h-[26rem] content-start gap-4",
        ),
        dialog_id="add-trip",
        actions=(
            button("Not now", on_click=S.leave),
            button("Add it", kind="primary", type="submit", form=TRIP),
        ),
        shown=S.adding == "trip",
        on_close=S.leave,
        strict=True,
    )


def _free_dialog() -> rx.Component:
    return dialog(
        "Add something else",
        rx.el.form(
            problem_summary(S.refused),
            rx.el.p(
                "Something you arrange yourself: a transfer, a guide, your own fee. The client pays"
                " it to you, not here.",
                class_name="text-soft",
            ),
            field(
                "What",
                "free_title",
                error=S.errors["free_title"],
                max_length=160,
                required=True,
                field_id="free-title",
            ),
            field("Words about it", "text", max_length=2000, field_id="free-text"),
            rx.el.div(
                field(
                    "Quantity",
                    "quantity",
                    type="number",
                    default_value="1",
                    min="1",
                    max="999",
                    error=S.errors["quantity"],
                    field_id="free-quantity",
                ),
                field(
                    "Each",
                    "each",
                    input_mode="decimal",
                    placeholder="45.00",
                    error=S.errors["each"],
                    field_id="free-each",
                ),
                field(
                    "Currency",
                    "currency",
                    control="select",
                    options=CURRENCIES,
                    field_id="free-currency",
                ),
                class_name="grid grid-cols-3 gap-3",
            ),
            id=FREE,
            key=S.forms,
            on_submit=S.add_free,
            class_name="grid gap-4",
        ),
        dialog_id="add-free",
        actions=(
            button("Not now", on_click=S.leave),
            button("Add it", kind="primary", type="submit", form=FREE),
        ),
        shown=S.adding == "free",
        on_close=S.leave,
        strict=True,
    )


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
