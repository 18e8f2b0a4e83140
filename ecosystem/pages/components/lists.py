"""What needs someone: a list with something to do in each line."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, look
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.values import Text


def needs_you(items: rx.Var[Any], *, empty: Text) -> rx.Component:
    """Draw what waits for this person, most urgent first.

    Args:
        items: a Var of ``[{"badge", "tone", "text", "action", "href"}]``, all strings. ``tone`` is
            a badge's; ``action`` says what the link at ``href`` does.
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
        _("Needs you"),
        rx.cond(
            items.to(list).length() > 0,
            rx.el.ul(rx.foreach(items, line)),
            empty_state(empty, compact=True),
        ),
    )
