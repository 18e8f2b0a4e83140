"""Tables: a sticky head, sorting and paging by link or handler, rows that lead somewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, look
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.values import Child, Flag, Text, either, when

Phone = Literal["lead", "end", "under", "under-end", "hidden"]

SORT_SIGN = {"ascending": "↑", "descending": "↓"}


@dataclass(frozen=True)
class Column:
    """One column of ``data_table``.

    Attributes:
        label: its heading.
        cell: draws its cell from a row.
        align: ``end`` for numbers, which then line up by digit.
        phone: its place on a phone, where a row has two lines: ``lead`` and ``end`` above,
            ``under`` and ``under-end`` below. One column each; the others are hidden. What has
            nothing at its end has the whole line.
        sort: an address or a handler that sorts by it; none if it can't be sorted.
        sorted: ``ascending``, ``descending`` or empty, for the reader and the arrow.
        width: a CSS width, if the content should not decide.
        whole: whether its text stays on one line, as references and dates should.
    """

    label: Text
    cell: Callable[[Any], Child]
    align: Literal["start", "end"] = "start"
    phone: Phone = "hidden"
    sort: Any = None
    sorted: Text = ""
    width: str = ""
    whole: bool = False


def data_table(
    rows: rx.Var[Any],
    columns: Sequence[Column],
    *,
    caption: str,
    row_href: Callable[[Any], Text] | None = None,
    empty: Child | None = None,
) -> rx.Component:
    """Draw rows as a table, and on a phone as rows of two lines.

    Args:
        rows: a Var of a list; page it in SQL, 25 to 50 a time.
        columns: what to show of each.
        caption: what the table holds, read out with it.
        row_href: where a row leads. The first column's cell is the link, and the whole row
            can be pressed; other links and buttons in it still work.
        empty: what to show instead when there are no rows.
    """

    def row(item: Any) -> rx.Component:
        cells = []
        for number, column in enumerate(columns):
            content = column.cell(item)
            if row_href is not None and number == 0:
                content = anchor(
                    content, href=row_href(item), class_name="after:absolute after:inset-0"
                )
            cells.append(_cell(column, content, linked=row_href is not None and number > 0))
        return rx.el.tr(
            *cells,
            class_name="row relative border-b border-line last:border-0"
            + (" hover:bg-sunk/60" if row_href else ""),
        )

    return rx.el.div(
        rx.cond(
            rows.to(list).length() > 0,
            rx.el.table(
                rx.el.caption(caption, class_name="sr-only"),
                rx.el.thead(rx.el.tr(*(_head(column) for column in columns))),
                rx.el.tbody(rx.foreach(rows, row)),
                class_name="data-table w-full border-collapse text-md",
            ),
            empty if empty is not None else empty_state(_("Nothing here yet")),
        ),
        # From here up the page itself scrolls, and the head stays at its top.
        class_name="relative overflow-x-auto lg:overflow-visible",
    )


def _head(column: Column) -> rx.Component:
    side = "text-end" if column.align == "end" else "text-start"
    label: Child = column.label
    if column.sort is not None:
        arrow = rx.el.span(
            rx.match(column.sorted, *SORT_SIGN.items(), "")
            if isinstance(column.sorted, rx.Var)
            else SORT_SIGN.get(column.sorted, ""),
            class_name="inline-block min-w-3 text-brand",
            custom_attrs={"aria-hidden": "true"},
        )
        shape = "inline-flex items-center gap-1 hover:text-ink"
        if isinstance(column.sort, str) or (
            isinstance(column.sort, rx.Var) and column.sort._var_type is str
        ):
            label = anchor(column.label, arrow, href=column.sort, class_name=shape)
        else:
            label = rx.el.button(
                column.label, arrow, type="button", on_click=column.sort, class_name=shape
            )
    custom = {"aria-sort": column.sorted} if column.sort is not None else {}
    if custom and not isinstance(column.sorted, rx.Var):
        custom = {"aria-sort": column.sorted or "none"}
    return rx.el.th(
        label,
        scope="col",
        class_name=f"sticky top-0 z-10 border-b border-line bg-card px-4 py-2.5 {side} text-sm "
        "font-medium whitespace-nowrap text-soft first:ps-5 last:pe-5",
        style={"width": column.width} if column.width else {},
        custom_attrs=custom,
    )


def _cell(column: Column, content: Child, *, linked: bool) -> rx.Component:
    side = "text-end tabular-nums" if column.align == "end" else "text-start"
    one_line = column.whole or column.align == "end"
    whole = "whitespace-nowrap" if one_line else "[overflow-wrap:anywhere]"
    # Above the row's stretched link only what can itself be pressed.
    lift = "[&_a]:relative [&_a]:z-10 [&_button]:relative [&_button]:z-10" if linked else ""
    return rx.el.td(
        content,
        class_name=f"px-4 py-3 align-middle {side} {whole} {lift} first:ps-5 last:pe-5",
        custom_attrs={"data-phone": column.phone},
    )


def paging(
    position: Text,
    *,
    previous: Any,
    following: Any,
    has_previous: Flag,
    has_following: Flag,
    label: Text = "",
) -> rx.Component:
    """Draw the way to the rows before and after.

    Args:
        position: where one is: "26–50 of 1,284".
        previous: the address or handler of the page before.
        following: the address or handler of the page after.
        has_previous: whether there is one.
        has_following: whether there is one.
        label: the landmark's name, if a page has several.
    """
    return rx.el.nav(
        rx.el.p(position, class_name="text-sm text-soft tabular-nums"),
        rx.el.div(
            _turn(_("Previous"), previous, has_previous),
            _turn(_("Next"), following, has_following),
            class_name="flex gap-2",
        ),
        class_name="flex items-center justify-between gap-4 border-t border-line px-5 py-3",
        custom_attrs={"aria-label": label if isinstance(label, rx.Var) else label or _("Pages")},
    )


def _turn(label: str, target: Any, possible: Flag) -> rx.Component:
    shape = look("plain", "sm")
    if isinstance(target, str | rx.Var):
        live = anchor(label, href=target, class_name=shape)
        dead = rx.el.span(label, class_name=shape, custom_attrs={"aria-disabled": "true"})
        return either(possible, live, dead)
    return rx.el.button(
        label,
        type="button",
        on_click=target,
        disabled=~possible if isinstance(possible, rx.Var) else not possible,
        class_name=shape,
    )


def row_actions(*children: Child) -> rx.Component:
    """Draw buttons at a row's end that can be pressed apart from the row."""
    return rx.el.div(*children, class_name="flex items-center justify-end gap-2")


def two_lines(first: Child, second: Child, shown: Flag = True) -> rx.Component:
    """Draw a cell with a quieter second line."""
    return rx.el.span(
        rx.el.span(first, class_name="block"),
        when(shown, rx.el.span(second, class_name="block text-sm font-normal text-soft")),
    )
