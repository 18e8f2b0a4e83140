"""Short words as chips: Enter adds one, its cross takes it away."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import LINE
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Text

MOST = 20
"""Tags of one thing."""


def tag_input(
    label: Text,
    tags: rx.Var[Any],
    *,
    on_add: Any,
    on_remove: Callable[[Any], Any],
    hint: Text = "",
) -> rx.Component:
    """Draw tags and a line to add more, a form of its own.

    Args:
        label: its name.
        tags: a Var of items with ``key`` and ``text``.
        on_add: handler for the form, with what was typed under ``tag``.
        on_remove: the event for a tag's key.
        hint: a quieter line below.
    """
    field_id = "field-tags"
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name="text-sm font-strong"),
        rx.el.ul(
            rx.foreach(
                tags,
                lambda tag: rx.el.li(
                    tag.text,
                    rx.el.button(
                        mark("close", 14),
                        type="button",
                        on_click=on_remove(tag.key),
                        class_name="-me-1.5 inline-flex size-6 items-center justify-center "
                        "rounded-full text-soft hover:text-ink",
                        custom_attrs={"aria-label": rx.Var.create(f"Remove tag {tag.text}")},
                    ),
                    key=tag.key,
                    class_name="inline-flex h-8 items-center gap-1 rounded-full border "
                    "border-line bg-sunk ps-3 pe-2 text-md",
                ),
            ),
            class_name="flex flex-wrap gap-2 empty:hidden",
            custom_attrs={"aria-label": "Chosen so far"},
        ),
        rx.el.form(
            rx.el.input(
                type="text",
                id=field_id,
                name="tag",
                class_name=LINE,
                placeholder="Add a tag",
                auto_complete="off",
                max_length=100,
                disabled=tags.to(list).length() >= MOST,
                custom_attrs={"aria-describedby": f"{field_id}-hint"},
            ),
            button("Add", type="submit"),
            on_submit=on_add,
            reset_on_submit=True,
            class_name="flex max-w-96 gap-2",
        ),
        rx.el.p(hint, id=f"{field_id}-hint", class_name="text-sm text-soft"),
        class_name="grid content-start gap-1.5",
    )
