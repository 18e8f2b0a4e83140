"""A month in which one takes a departure: the days, what they cost, and how many seats are left."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import icon_button
from ecosystem.pages.components.marks import Mark
from ecosystem.pages.components.values import Flag, Text

DAY = (
    "relative flex h-[58px] flex-col items-center justify-start rounded-sm border pt-1 "
    "leading-[1.25] tabular-nums"
)
OPEN = (
    "cursor-pointer border-line transition-colors hover:border-edge has-checked:border-brand "
    "has-checked:bg-brand-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-1 "
    "has-focus-visible:outline-brand"
)


def departure_calendar(
    month: Any, week: rx.Var[Any], chosen: Text, on_choose: Any, on_turn: Any, *, legend: Text
) -> rx.Component:
    """Draw one month. Its days are one group of radio buttons: arrows move from date to date.

    Args:
        month: a Var of ``CalendarMonth``.
        week: a Var with the short names of the days.
        chosen: the id of the departure that is taken.
        on_choose: handler called with an id.
        on_turn: handler called with -1 or 1.
        legend: the group's name.
    """
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="sr-only"),
        rx.el.div(
            _turn("left", _("Earlier month"), month.earlier, on_turn(-1)),
            rx.el.p(month.title, class_name="font-strong", custom_attrs={"aria-live": "polite"}),
            _turn("right", _("Later month"), month.later, on_turn(1)),
            class_name="mb-1 flex items-center justify-between",
        ),
        rx.el.div(
            rx.foreach(week, lambda name: rx.el.span(name)),
            class_name="grid grid-cols-7 gap-1 text-center text-xs text-soft",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.div(
            rx.foreach(month.days, lambda day: _day(day, chosen, on_choose)),
            # As high as the longest month, so that nothing below moves with the months.
            class_name="mt-1 grid min-h-[368px] auto-rows-[58px] grid-cols-7 gap-1",
        ),
        class_name="min-w-0",
    )


def _turn(name: Mark, label: str, possible: Flag, act: Any) -> rx.Component:
    return icon_button(
        name,
        label,
        extra="disabled:opacity-30 rtl:-scale-x-100",
        on_click=act,
        disabled=~possible if isinstance(possible, rx.Var) else not possible,
    )


def _day(day: Any, chosen: Text, on_choose: Any) -> rx.Component:
    number = rx.el.span(day.number, class_name="text-sm")
    return rx.cond(
        day.departure == "",
        rx.el.div(
            number,
            key=day.key,
            class_name=f"{DAY} border-transparent text-soft",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.label(
            rx.el.input(
                type="radio",
                name="departure",
                value=day.departure,
                checked=chosen == day.departure,
                disabled=~day.open.to(bool),
                on_change=on_choose(day.departure),
                class_name="absolute inset-0 m-0 cursor-pointer appearance-none opacity-0",
                custom_attrs={"aria-label": day.label},
            ),
            number,
            rx.el.span(day.price, class_name="text-[11px] font-strong"),
            rx.el.span(
                day.note,
                class_name=[
                    "max-w-full truncate text-[10.5px]",
                    rx.cond(day.few, "text-warn", "text-soft"),
                ],
            ),
            key=day.key,
            class_name=[
                DAY,
                rx.cond(
                    day.open, OPEN, "cursor-not-allowed border-transparent text-soft line-through"
                ),
            ],
        ),
    )
