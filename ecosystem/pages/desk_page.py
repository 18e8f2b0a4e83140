"""The frame of work pages with who is signed in, and what several of them draw alike."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.earnings import earnings
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_rows
from ecosystem.pages.components.forms import field, native_form
from ecosystem.pages.components.surfaces import badge, card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.values import Child, Text
from ecosystem.pages.layout import Area, work_page
from ecosystem.state.booking_lines import STATUS_CHOICES
from ecosystem.state.desk import DeskState
from ecosystem.state.session import SessionState


def desk_page(
    *children: Child, area: Area, current: str, counts: dict[str, Text] | None = None
) -> rx.Component:
    """Frame a work page; at the foot of its side bar stand the person and the way out.

    An operator's pages count the bookings with new messages.
    """
    waiting = dict(counts or {})
    if area == "provider":
        waiting["/provider/bookings"] = DeskState.unread
    return work_page(*children, area=area, current=current, foot=_foot(), counts=waiting)


def _foot() -> rx.Component:
    return rx.el.div(
        rx.el.p(DeskState.place, class_name="truncate font-strong text-ink"),
        rx.el.p(SessionState.name, class_name="truncate"),
        native_form(
            rx.el.button(
                "Sign out",
                type="submit",
                class_name="mt-1 underline decoration-edge underline-offset-3 hover:text-ink",
            ),
            action="/api/auth/sign-out",
        ),
        class_name="min-w-0 text-sm",
    )


def loading_or_failed(
    phase: rx.Var[Any], problem: rx.Var[Any], retry: Any, skeleton: rx.Component, *content: Child
) -> rx.Component:
    """Show the skeleton while ``phase`` is loading, the reason when it failed, else content."""
    return rx.el.div(
        rx.match(
            phase,
            ("loading", skeleton),
            (
                "failed",
                error_state(
                    "This page could not be loaded",
                    problem,
                    button("Try again", on_click=retry),
                ),
            ),
            rx.fragment(*content),
        ),
        custom_attrs={"aria-busy": rx.cond(phase == "loading", "true", "false")},
    )


def booking_columns(*wanted: str) -> list[Column]:
    """The columns of a table of bookings, by name and in this order.

    ``lead trip total commission agency parties status``; ``lead`` first: it is the link.
    """
    known = {
        "lead": Column(
            "Traveller",
            lambda row: two_lines(rx.el.span(row.lead, class_name="font-strong"), row.reference),
            phone="lead",
            width="19%",
        ),
        "trip": Column(
            "Trip", lambda row: two_lines(row.title, row.facts), phone="under", width="36%"
        ),
        "total": Column(
            "Total", lambda row: two_lines(row.total, row.paid), align="end", phone="end"
        ),
        "commission": Column("Commission", lambda row: earnings(row.commission), align="end"),
        "agency": Column("Sold by", lambda row: row.agency, width="14%"),
        "parties": Column(
            "Operator, sold by", lambda row: two_lines(row.operator, row.agency), width="19%"
        ),
        "status": Column(
            "Status", lambda row: badge(row.status, row.tone), phone="under-end", whole=True
        ),
    }
    return [known[name] for name in wanted]


def bookings_table(
    rows: rx.Var[Any], columns: Sequence[Column], caption: str, empty: Child
) -> rx.Component:
    """Draw bookings; each row leads to the booking. Commissions only for who may know them."""

    def table(shown: Sequence[Column]) -> rx.Component:
        return data_table(rows, shown, caption=caption, row_href=lambda row: row.href, empty=empty)

    others = [column for column in columns if column.label != "Commission"]
    if len(others) == len(columns):
        return table(columns)
    return rx.cond(SessionState.sees_commission, table(columns), table(others))


def booking_list(
    state: Any, path: str, columns: Sequence[Column], *, hint: str, none_yet: rx.Component
) -> rx.Component:
    """Draw a searched and paged list of bookings.

    Args:
        state: a State made of ``BookingList`` with ``find previous following open``.
        path: the page's own address, which shows all.
        columns: from ``booking_columns``.
        hint: what the words are looked for in.
        none_yet: what to show when there are no bookings at all.
    """
    asked = (state.words != "") | (state.status != "")
    nothing = rx.cond(
        asked,
        empty_state(
            "No booking fits this search",
            "Look for fewer words, or in all bookings.",
            link_button("Show all bookings", href=path),
        ),
        none_yet,
    )
    return card(
        rx.el.form(
            field(
                "Search",
                "q",
                type="search",
                placeholder=hint,
                default_value=state.words,
                key=state.words,
                extra="flex-[1_1_16rem]",
                max_length=100,
            ),
            field(
                "Status",
                "status",
                control="select",
                options=STATUS_CHOICES,
                default_value=state.status,
                key=state.status,
                extra="flex-[1_1_12rem] sm:flex-none sm:w-52",
            ),
            button("Search", type="submit", extra="max-sm:w-full"),
            on_submit=state.find,
            role="search",
            class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
            custom_attrs={"aria-label": "Bookings"},
        ),
        loading_or_failed(
            state.phase,
            state.problem,
            state.open,
            skeleton_rows(10),
            bookings_table(state.rows, columns, "Bookings, newest first", nothing),
            rx.cond(
                state.position != "",
                paging(
                    state.position,
                    previous=state.previous,
                    following=state.following,
                    has_previous=state.has_previous,
                    has_following=state.has_following,
                ),
            ),
        ),
        padded=False,
    )
