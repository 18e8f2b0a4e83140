"""The route: cities in order, their nights and hotels, and the map of it."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.choices import combobox, stepper
from ecosystem.pages.components.sortable import sortable
from ecosystem.pages.components.trips import drawn
from ecosystem.pages.provider.package.frame import S, add_button, in_row, section
from ecosystem.state.provider.package.views import BOARD_OPTIONS

STARS = (("", "Not rated"), *((str(n), "★" * n) for n in range(1, 6)))


def route() -> rx.Component:
    """Draw the stays and what comes of them."""
    return section(
        "route",
        rx.el.p(S.nights_words, class_name="font-strong", custom_attrs={"aria-live": "polite"}),
        sortable(
            S.stays,
            _stay,
            name="stays",
            label="Cities, in order",
            what=lambda stay, _: stay.city,
            on_arrange=lambda key, place: S.arrange("stays", key, place),
            on_move=lambda key, by: S.move_row("stays", key, by),
            on_remove=lambda key: S.remove_row("stays", key),
        ),
        add_button("Add a city", "stays"),
        rx.cond(
            S.map_svg != "",
            drawn(
                S.map_svg, "aspect-[6/5] w-full max-w-[460px] rounded-lg border border-line bg-sea"
            ),
        ),
        note="In the order of travel. Drag a city, or use its arrows.",
    )


def _stay(stay: Any, index: Any) -> rx.Component:
    key = rx.Var.create(f"stays.{stay.key}.city")
    nights = rx.Var.create(f"stays.{stay.key}.nights")
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                combobox(
                    rx.fragment("City ", index + 1),
                    "",
                    rx.cond(S.looking_for == stay.key, S.places, S.no_places),
                    filter_by="server",
                    on_search=S.look_up(stay.key).debounce(200),
                    on_choose=lambda option: S.choose_place(stay.key, option["value"]),
                    default_label=stay.place,
                    placeholder="Type a city",
                    error=rx.cond(S.errors.contains(key), S.errors[key], ""),
                    field_id=key,
                ),
                custom_attrs={"data-chosen": stay.place},
            ),
            stepper(
                "Nights",
                nights,
                low=1,
                high=60,
                default_value=stay.nights,
                error=rx.cond(S.errors.contains(nights), S.errors[nights], ""),
                field_id=nights,
            ),
            class_name="grid gap-3 sm:grid-cols-[1fr_136px]",
        ),
        rx.el.div(
            in_row("Hotel", "stays", "hotel_name", stay, max_length=250),
            in_row("Stars", "stays", "hotel_stars", stay, control="select", options=STARS),
            in_row("Board", "stays", "board", stay, control="select", options=BOARD_OPTIONS),
            class_name="grid gap-3 sm:grid-cols-[1fr_120px_150px]",
        ),
        in_row(
            "Notes for travellers",
            "stays",
            "notes",
            stay,
            control="textarea",
            rows="2",
            max_length=2100,
        ),
        class_name="grid gap-3",
    )
