"""A list of operations that is searched by name: operators, agencies."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import card, page_header
from ecosystem.pages.components.tables import Column, data_table
from ecosystem.pages.desk_page import desk_page, loading_or_failed


def named_list(
    state: Any,
    columns: Sequence[Column],
    dialog: rx.Component,
    *,
    path: str,
    title: str,
    below: str,
    one: str,
    caption: str,
) -> rx.Component:
    """Draw the page.

    Args:
        state: a State made of ``NamedList`` with ``rows open find``.
        columns: of its table.
        dialog: what a row opens.
        path: the page's address.
        title: its heading.
        below: a line under it.
        one: one of those listed: "an agency".
        caption: what is listed, in which order.
    """
    return desk_page(
        page_header(title, below=below),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder=f"Name of {one}",
                    default_value=state.words,
                    key=state.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full"),
                on_submit=state.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": title},
            ),
            loading_or_failed(
                state.phase,
                state.problem,
                state.open,
                skeleton_rows(10),
                data_table(
                    state.rows,
                    columns,
                    caption=caption,
                    empty=empty_state(
                        f"No {one.partition(' ')[2]} has this name", "Search for fewer words."
                    ),
                ),
                rx.cond(
                    state.note != "", rx.el.p(state.note, class_name="px-5 py-3 text-sm text-soft")
                ),
            ),
            padded=False,
        ),
        dialog,
        area="ops",
        current=path,
    )
