"""Lists with something to do in each line: what needs someone, which departure to take."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, look
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.values import Child, Text


def needs_you(items: rx.Var[Any], *, title: str = "", empty: Text) -> rx.Component:
    """Draw what waits for this person, most urgent first.

    Args:
        items: a Var of ``[{"badge", "tone", "text", "action", "href"}]``, all strings. ``tone`` is
            a badge's; ``action`` says what the link at ``href`` does.
        title: the heading.
        empty: what to say when nothing waits.
    """

    def line(item: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                badge(item["badge"], item["tone"].to(str)),
                rx.el.p(item["text"], class_name="mt-1 text-soft break-words"),
                class_name="min-w-0 flex-[1_1_15rem]",
            ),
            anchor(item["action"], href=item["href"].to(str), class_name=look("plain", "sm")),
            class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b "
            "border-line px-5 py-3.5 last:border-0",
        )

    return section_card(
        title or _("Needs you"),
        rx.cond(
            items.to(list).length() > 0,
            rx.el.ul(rx.foreach(items, line)),
            empty_state(empty, compact=True),
        ),
    )


def departure_picker(
    departures: rx.Var[Any], chosen: rx.Var[Any], on_choose: Any, *, legend: Text | None = None
) -> rx.Component:
    """Draw the departures of a trip, of which one can be taken.

    Args:
        departures: a Var of ``[{"id", "label", "price", "seats", "tone", "open"}]``: the dates,
            the price per person, the seats left in words with a badge's tone, whether it sells.
        chosen: the id of the one taken.
        on_choose: handler called with an id.
        legend: the group's name.
    """

    def row(item: Any) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                name="departure",
                value=item["id"],
                checked=chosen == item["id"],
                disabled=~item["open"].to(bool),
                on_change=on_choose(item["id"]),
                class_name="sr-only",
            ),
            rx.el.span(item["label"], class_name="min-w-0 flex-1"),
            rx.el.span(item["price"], class_name="tabular-nums"),
            badge(item["seats"], item["tone"].to(str)),
            class_name="flex min-h-11 items-center gap-2 rounded-md border border-line px-3 py-2 "
            "transition-colors hover:border-edge has-checked:border-brand "
            "has-checked:bg-brand-soft has-disabled:opacity-55 has-focus-visible:outline-2 "
            "has-focus-visible:outline-offset-2 has-focus-visible:outline-brand",
        )

    return rx.el.fieldset(
        rx.el.legend(_("Departure") if legend is None else legend, class_name="sr-only"),
        rx.el.div(rx.foreach(departures, row), class_name="grid gap-1.5"),
        class_name="min-w-0",
    )


def day_list(*rows: Child) -> rx.Component:
    """Draw ``day_row`` parts under each other, a line between."""
    return rx.el.ol(*rows, class_name="border-b border-line")


def day_row(when: Text, title: Child, detail: Child = "") -> rx.Component:
    """Draw one stop of a trip: "Day 4", the city with its nights, the hotel."""
    return rx.el.li(
        rx.el.p(when, class_name="text-soft tabular-nums"),
        rx.el.div(
            rx.el.p(title),
            rx.el.p(detail, class_name="text-soft empty:hidden"),
            class_name="min-w-0",
        ),
        class_name="grid grid-cols-[64px_1fr] gap-4 border-t border-line py-4",
    )
