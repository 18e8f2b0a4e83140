"""An agent's part of the checkout: what the agency earns, and its mark-up where it has one."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.earnings import EARNINGS
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.values import when
from ecosystem.state.checkout import CheckoutState

S: Any = CheckoutState  # whose fields are Vars when a page is drawn
D = S.agency


def agency_terms() -> rx.Component:
    """Nothing for buyers without an agency, and for assistants, who may not know it."""
    return when(
        D.model != "",
        rx.el.section(
            rx.el.h2("Your agency", class_name="font-strong"),
            rx.el.p(D.says, class_name="mt-1 text-md text-soft"),
            rx.el.dl(
                when(D.model == "net", _row("You buy for", D.net)),
                when(D.model == "agency_collects", _row("Public price", D.pays)),
                when(D.model == "agency_collects", _row("You owe", D.net)),
                when(D.model == "agency_collects", _row("To pay by", D.by)),
                when(D.model == "net", _row("Your client pays", D.pays)),
                _row("You earn", D.earns),
                class_name="mt-3 grid gap-1",
                aria_live="polite",
            ),
            when(D.model == "net", _markup()),
            class_name="mt-4 rounded-lg border border-line bg-card p-5",
            custom_attrs=EARNINGS,
        ),
    )


def _row(label: str, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-soft"),
        rx.el.dd(value, class_name="tabular-nums"),
        class_name="flex justify-between gap-4",
    )


def _markup() -> rx.Component:
    return rx.el.form(
        field(
            "Mark-up on the net price, %",
            "markup_percent",
            default_value=D.markup,
            input_mode="decimal",
            hint="Empty: your client pays the public price.",
            error=D.problem,
        ),
        button("Set the price", type="submit", size="sm"),
        on_submit=S.mark_up,
        no_validate=True,
        class_name="mt-4 grid gap-3",
        key=D.markup,
    )
