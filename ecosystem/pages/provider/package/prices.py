"""Prices: per adult, by room, by age, and what a family would pay."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.choices import stepper
from ecosystem.pages.components.trips import price_rows
from ecosystem.pages.provider.package.frame import (
    S,
    add_button,
    fixed,
    number_in_row,
    remove_button,
    section,
    typed,
)

ROOMS = (("1", "Alone"), ("2", "Two share"), ("3", "Three share"), ("4", "Four share"))
AMOUNT = {"input_mode": "decimal", "auto_complete": "off", "max_length": 20}


def prices() -> rx.Component:
    """Draw the prices and the example."""
    return section(
        "prices",
        rx.el.div(
            rx.cond(
                S.head.currency_fixed,
                fixed(
                    "Currency",
                    S.head.currency,
                    "There are departures in it: it stays. A duplicate can have another.",
                ),
                typed(
                    "Currency",
                    "currency",
                    control="select",
                    options=S.currencies,
                    hint="Amounts keep their figures: 1,299 stays 1,299.",
                ),
            ),
            class_name="max-w-96",
        ),
        rx.el.div(
            typed(
                rx.fragment("Price per adult, ", S.head.currency),
                "price",
                hint="Departures with a price of their own keep it. Bookings made keep theirs.",
                **AMOUNT,
            ),
            typed(
                rx.fragment("Single supplement, ", S.head.currency),
                "single_supplement",
                hint="For somebody alone, unless there is a price for that below.",
                **AMOUNT,
            ),
            class_name="grid items-start gap-5 sm:grid-cols-2",
        ),
        _group(
            "Price per adult by room",
            "Leave them empty to charge every adult the price above.",
            rx.el.div(
                *(typed(label, f"room_{adults}", **AMOUNT) for adults, label in ROOMS),
                class_name="grid grid-cols-2 gap-3 lg:grid-cols-4",
            ),
        ),
        rx.el.p(
            S.without_price,
            class_name="rounded-md bg-warn-soft px-4 py-3 empty:hidden",
            custom_attrs={"aria-live": "polite"},
        ),
        _group(
            "Children",
            "Ages are full years at departure; a band counts before the general discount.",
            rx.el.div(
                typed(
                    "Discount for children, %",
                    "child_discount_percent",
                    input_mode="decimal",
                    auto_complete="off",
                    max_length=6,
                ),
                class_name="max-w-56",
            ),
            rx.el.ul(
                rx.foreach(S.child_bands, _band),
                class_name="grid gap-3 empty:hidden",
                custom_attrs={"data-list": "child_bands", "aria-label": "Age bands"},
            ),
            add_button("Add an age band", "child_bands"),
        ),
        _group(
            "Agencies",
            "Their share of what is sold through them.",
            rx.el.div(
                typed(
                    "Commission, %",
                    "commission_percent",
                    input_mode="decimal",
                    auto_complete="off",
                    max_length=6,
                ),
                class_name="max-w-56",
            ),
        ),
        _family(),
    )


def _group(title: str, note: str, *children: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3(title, class_name="font-strong"),
            rx.el.p(note, class_name="text-sm text-soft"),
        ),
        *children,
        class_name="grid gap-3 border-t border-line pt-5",
    )


def _band(band: Any, index: Any) -> rx.Component:
    return rx.el.li(
        number_in_row("From age", "child_bands", "from_age", band, max_length=3),
        number_in_row("To age", "child_bands", "to_age", band, max_length=3),
        number_in_row("Discount, %", "child_bands", "discount_percent", band, max_length=6),
        rx.el.div(
            remove_button("child_bands", band.key, "age band ", index), class_name="pt-[26px]"
        ),
        key=band.key,
        class_name="grid max-w-[520px] grid-cols-[1fr_1fr_1fr_40px] items-start gap-3",
        custom_attrs={"data-entry": band.key},
    )


def _family() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3("What a family would pay", class_name="font-strong"),
            rx.el.p(
                "Two adults and a child in one room, with what is always included.",
                class_name="text-sm text-soft",
            ),
            rx.el.div(
                stepper(
                    "Age of the child",
                    "",
                    low=0,
                    high=17,
                    field_id="family-age",
                    default_value="8",
                    on_change=S.set_child_age,
                ),
                class_name="mt-3 max-w-36",
            ),
        ),
        rx.cond(
            S.family_total != "",
            price_rows(S.family_lines, S.family_total),
            rx.el.p("Shown once there is a price per adult.", class_name="text-soft"),
        ),
        class_name="grid gap-4 rounded-md bg-sunk px-4 py-4 sm:grid-cols-[1fr_1.3fr] sm:gap-8",
    )
