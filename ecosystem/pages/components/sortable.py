"""Lists one puts in order: by dragging, with the arrow keys, or with a button for each way."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from ecosystem.pages.components.arranging import arranging, entry, handle
from ecosystem.pages.components.marks import Mark, mark
from ecosystem.pages.components.values import Child, Text

PRESS = (
    "inline-flex h-9 w-8 shrink-0 items-center justify-center rounded-sm text-soft "
    "transition-colors hover:bg-sunk hover:text-ink disabled:opacity-40 sm:w-9"
)


def sortable(
    rows: rx.Var[Any],
    draw: Callable[[Any, Any], Child],
    *,
    name: str,
    label: str,
    what: Callable[[Any, Any], Text],
    on_arrange: Callable[[Any, Any], Any],
    on_move: Callable[[Any, int], Any],
    on_remove: Callable[[Any], Any],
    dense: bool = False,
) -> rx.Component:
    """Draw rows in an order that can be changed.

    Args:
        rows: a Var of a list whose items have a ``key``, which stays with a row that moves.
        draw: the content of a row, from the row and its number from 0.
        name: what the page's State calls the list, see ``keeping``.
        label: the list's name.
        what: what a row is called by its buttons: "Rome", "extra 2".
        on_arrange: the event for a row's key and its new place from 0, after dragging.
        on_move: the event for a row's key and -1 (up) or 1 (down).
        on_remove: the event for a row's key.
        dense: rows of a single line.
    """

    # Named unlike the rows of lists inside a row: the page knows a row by its parameter's name.
    def row(line: Any, number: Any) -> rx.Component:
        called = what(line, number)
        return entry(
            rx.el.div(handle(_named("Order of", called)), class_name="max-sm:hidden"),
            rx.el.div(
                draw(line, number),
                class_name="min-w-0 flex-1"
                + ("" if dense else " max-sm:order-last max-sm:basis-full"),
            ),
            rx.el.div(
                _press("up", "Move up", called, on_move(line.key, -1), "up"),
                _press("down", "Move down", called, on_move(line.key, 1), "down"),
                _press("close", "Remove", called, on_remove(line.key), "remove"),
                class_name="flex shrink-0" + ("" if dense else " max-sm:-my-2 max-sm:ms-auto"),
            ),
            entry_id=line.key,
            extra="flex items-start gap-1 border-b border-line bg-card last:border-0 sm:gap-2 "
            + ("py-1 sm:px-2" if dense else "px-3 py-4 max-sm:flex-wrap"),
        )

    return rx.el.div(
        arranging(
            rx.foreach(rows, row),
            label=label,
            on_arrange=on_arrange,
            extra="overflow-clip rounded-md border border-line empty:hidden",
        ),
        custom_attrs={"data-list": name},
    )


def _press(look: Mark, verb: str, called: Text, event: Any, move: str) -> rx.Component:
    return rx.el.button(
        mark(look, 16),
        type="button",
        title=verb,
        on_click=event,
        class_name=PRESS,
        custom_attrs={"aria-label": _named(verb, called), "data-move": move},
    )


def _named(verb: str, called: Text) -> Text:
    return f"{verb} {called}" if isinstance(called, str) else rx.Var.create(f"{verb} {called}")
