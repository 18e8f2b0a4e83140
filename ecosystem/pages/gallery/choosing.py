"""Gallery sections: what one fills in and chooses from."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import combobox, radio_card, radio_cards, stepper
from ecosystem.pages.components.dialogs import closer, dialog, drawer, opener
from ecosystem.pages.components.forms import checkbox, date_field, field, problem_summary
from ecosystem.pages.components.surfaces import card
from ecosystem.pages.components.trips import price_note, price_rows
from ecosystem.pages.layout import two_columns
from ecosystem.state.package_view import PriceLine
from ecosystem.state.toast import toast

CITIES: list[dict[str, str]] = [
    {"value": "rom", "label": "Rome", "detail": "Italy"},
    {"value": "fco", "label": "Florence", "detail": "Italy"},
    {"value": "mad", "label": "Málaga", "detail": "Spain"},
    {"value": "osl", "label": "Tromsø", "detail": "Norway"},
]


def forms() -> rx.Component:
    """Draw fields in their states, a dialog and a drawer."""
    cities: Any = rx.Var.create(CITIES)
    return rx.el.div(
        problem_summary("The booking was not saved", "One field below needs another look."),
        rx.el.div(
            field("Full name", "name", default_value="Maja Lindqvist", auto_complete="name"),
            field(
                "Email",
                "email",
                type="email",
                default_value="maja@example",
                error="This address has no domain ending, like .com. We write to it.",
            ),
            date_field("Date of birth", "birth", hint="As in the passport"),
            field(
                "Board",
                "board",
                control="select",
                options=(("breakfast", "Breakfast"), ("half", "Half board")),
            ),
            combobox("City", "city", cities, placeholder="Rome, Kyoto…"),
            stepper("Nights", "nights", low=1, high=30, default_value="3"),
            field("Wishes", "wishes", control="textarea", extra="sm:col-span-2"),
            checkbox(
                "Send me the voucher by email", "voucher", hint="About a minute after payment"
            ),
            class_name="grid max-w-[640px] gap-5 sm:grid-cols-2",
        ),
        rx.el.div(
            opener("Cancel booking", opens="demo-dialog", kind="danger"),
            opener("More filters", opens="demo-drawer"),
            button("Show a toast", on_click=toast("Saved 14:02", "done")),
            button("Show a problem", on_click=toast("The card was declined", "problem")),
            class_name="flex flex-wrap gap-3",
        ),
        dialog(
            "Cancel TRV-7K3Q9XHM",
            rx.el.p("€2,082 of €2,776 comes back to your card.", class_name="text-soft"),
            dialog_id="demo-dialog",
            actions=(closer("Keep the booking"), closer("Confirm cancellation", kind="danger")),
        ),
        drawer(
            "Filters",
            checkbox("By rail", "rail"),
            dialog_id="demo-drawer",
            side="end",
        ),
        class_name="grid gap-6",
    )


def pickers() -> rx.Component:
    """Draw radio cards, and a price beside them."""
    lines: Any = rx.Var.create(
        [PriceLine("2 × €1,340", "€2,680"), PriceLine("Uffizi with a guide × 2", "€96")]
    )
    return two_columns(
        radio_cards(
            "How much now?",
            radio_card(
                "Deposit, €694",
                "the rest, €2,082, is due on 14 April",
                name="pay",
                value="deposit",
                default_checked=True,
            ),
            radio_card("Everything, €2,776", name="pay", value="full"),
        ),
        card(
            price_rows(lines, "€2,776", price_note("All of it back until", "14 April")),
            button("Reserve", kind="primary", extra="mt-4 w-full"),
            extra="shadow-float",
        ),
    )
