"""Gallery sections: what one fills in and chooses from."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import combobox, radio_card, radio_cards, stepper
from ecosystem.pages.components.dialogs import closer, dialog, drawer, opener
from ecosystem.pages.components.forms import checkbox, date_field, field, problem_summary
from ecosystem.pages.components.lists import day_list, day_row, departure_picker
from ecosystem.pages.components.numbers import price_line, price_summary
from ecosystem.pages.components.surfaces import card
from ecosystem.pages.layout import two_columns
from ecosystem.state.toast import toast

CITIES: list[dict[str, str]] = [
    {"value": "rom", "label": "Rome", "detail": "Italy"},
    {"value": "fco", "label": "Florence", "detail": "Italy"},
    {"value": "mad", "label": "Málaga", "detail": "Spain"},
    {"value": "osl", "label": "Tromsø", "detail": "Norway"},
]
DEPARTURES: list[dict[str, Any]] = [
    {"id": "1", "label": "Sat 8 May", "price": "€1,290", "seats": "12 left", "tone": "plain"},
    {"id": "2", "label": "Fri 14 May", "price": "€1,340", "seats": "3 left", "tone": "warn"},
    {"id": "3", "label": "Fri 4 June", "price": "€1,410", "seats": "sold out", "tone": "bad"},
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
    """Draw the departure picker beside a price, and radio cards."""
    departures: Any = rx.Var.create([{**d, "open": d["tone"] != "bad"} for d in DEPARTURES])
    return two_columns(
        rx.el.div(
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
            day_list(
                day_row("Day 1", rx.el.b("Rome"), "Hotel Santa Prassede · ★★★★ · breakfast"),
                day_row("Day 4", rx.el.b("Florence"), "Casa del Lungarno · ★★★★ · breakfast"),
            ),
            class_name="grid gap-8",
        ),
        card(
            departure_picker(
                departures, rx.Var.create("2"), lambda _: toast("Chosen in a real page", "plain")
            ),
            rx.el.div(class_name="h-4"),
            price_summary(
                (("2 × €1,340", "€2,680"), ("Uffizi with a guide × 2", "€96")),
                "€2,776",
                notes=(price_line("All of it back until", "14 April", quiet=True),),
            ),
            button("Reserve", kind="primary", extra="mt-4 w-full"),
            extra="shadow-float",
        ),
    )
