"""What was done to groups that move, latest first."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import section_card
from ecosystem.state.ops.migration import OpsMigrationState

State = OpsMigrationState


def timeline() -> rx.Component:
    """Draw it: of all groups, or of one."""

    def choice(one: Any) -> rx.Component:
        return chip(one.label, on=State.timeline_group == one.name, on_click=State.narrow(one.name))

    return rx.el.div(
        _entries(choice), id="timeline", class_name="min-w-0 scroll-mt-20 lg:scroll-mt-6"
    )


def _entries(choice: Callable[[Any], rx.Component]) -> rx.Component:
    return section_card(
        "Timeline",
        rx.el.div(
            chips(rx.foreach(State.timeline_choices, choice), label="Group"),
            class_name="border-b border-line px-5 py-3",
        ),
        rx.cond(
            State.events.length() > 0,
            rx.el.ol(rx.foreach(State.events, _event)),
            empty_state(
                "Nothing has happened yet", "Each step appears here with who asked for it."
            ),
        ),
        rx.cond(
            State.more_events,
            rx.el.div(
                button("Older entries", size="sm", on_click=State.older),
                class_name="border-t border-line px-5 py-3",
            ),
        ),
        note="All of it also stands in the audit log, which nobody can change.",
    )


def _event(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.p(one.at, class_name="shrink-0 text-sm text-soft tabular-nums md:w-48"),
        rx.el.div(
            rx.el.p(
                rx.el.span(one.group, class_name="font-strong"),
                " ",
                rx.el.span(one.what),
            ),
            # On a phone below when and who, which share a line.
            class_name="min-w-0 flex-[1_1_16rem] max-md:order-1 max-md:basis-full",
        ),
        rx.el.p(one.who, class_name="min-w-0 text-sm break-words text-soft max-md:ms-auto"),
        key=one.id,
        class_name="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 border-b border-line px-5 "
        "py-2.5 text-md last:border-0",
    )
