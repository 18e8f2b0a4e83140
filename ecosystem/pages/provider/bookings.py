"""``/provider/bookings``: what was booked of the operator's own packages."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.desk_page import booking_columns, desk_page, loading_or_failed
from ecosystem.state.booking_lines import STATUS_CHOICES
from ecosystem.state.provider.bookings import PATH, ProviderBookingsState

State = ProviderBookingsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Bookings",
            rx.cond(
                State.travellers_href != "",
                rx.fragment(
                    link_button("Rooming list (PDF)", href=State.rooming_href + ".pdf"),
                    link_button("Rooming list (CSV)", href=State.rooming_href + ".csv"),
                    link_button("Traveller list (CSV)", href=State.travellers_href),
                ),
            ),
            rx.cond(State.position != "", link_button("Download CSV", href=State.csv_href)),
            below="Who booked your packages.",
        ),
        card(
            _search(),
            loading_or_failed(
                State.phase,
                State.problem,
                State.open,
                skeleton_rows(10),
                data_table(
                    State.rows,
                    _columns(),
                    caption="Bookings",
                    row_href=lambda r: r.href,
                    empty=_nothing(),
                ),
                rx.cond(
                    State.position != "",
                    paging(
                        State.position,
                        previous=State.previous_href,
                        following=State.following_href,
                        has_previous=State.previous_href != "",
                        has_following=State.following_href != "",
                    ),
                ),
            ),
            padded=False,
        ),
        area="provider",
        current=PATH,
    )


def _columns() -> list[Column]:
    trip, total, agency, status = booking_columns("trip", "total", "agency", "status")
    lead = Column(
        "Traveller",
        lambda row: two_lines(
            rx.el.span(
                rx.el.span(row.lead, class_name="font-strong"),
                rx.cond(row.unread != "", badge(row.unread, "brand", "ms-2")),
            ),
            row.reference,
        ),
        phone="lead",
        width="22%",
    )
    return [
        _sorted(lead, "traveller", "ascending"),
        _sorted(trip, "departure", "ascending"),
        _sorted(total, "total", "descending"),
        agency,
        status,
    ]


def _sorted(column: Column, sort: str, direction: str) -> Column:
    """The column with its heading as a link that sorts by it, and back to newest first."""
    on = State.sort == sort
    return Column(
        column.label,
        column.cell,
        column.align,
        column.phone,
        rx.cond(on, State.sorts["newest"], State.sorts[sort]).to(str),
        rx.cond(on, direction, "none"),
        column.width,
        column.whole,
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.form(
            field(
                "Search",
                "q",
                type="search",
                placeholder="Reference, traveller, whole e-mail address or package",
                default_value=State.words,
                key=State.words,
                extra="flex-[1_1_16rem]",
                max_length=100,
            ),
            field(
                "Status",
                "status",
                control="select",
                options=STATUS_CHOICES,
                default_value=State.status,
                key=State.status,
                extra="flex-[1_1_12rem] sm:flex-none sm:w-52",
            ),
            button("Search", type="submit", extra="max-sm:w-full"),
            on_submit=State.find,
            role="search",
            class_name="flex flex-wrap items-end gap-3",
            custom_attrs={"aria-label": "Bookings"},
        ),
        rx.el.div(
            _filter(State.package_title, State.without_package),
            _filter(State.departure_title, State.without_departure),
            class_name="flex flex-wrap gap-2 empty:hidden",
        ),
        class_name="grid gap-3 border-b border-line px-5 py-4",
    )


def _filter(title: Any, without: Any) -> rx.Component:
    return rx.cond(
        title != "",
        anchor(
            title,
            mark("close", 14),
            href=without,
            class_name="inline-flex max-w-full items-center gap-2 rounded-full border "
            "border-brand bg-brand-soft px-3 py-1 text-sm hover:border-brand-strong",
            title="Show all again",
        ),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        State.filtered,
        empty_state(
            "No booking fits this search",
            "Look for fewer words, or in all bookings.",
            link_button("Show all bookings", href=PATH),
        ),
        empty_state(
            "No booking yet",
            "Once payouts are set up, published packages with open departures can be booked.",
            link_button("Your packages", href="/provider/packages"),
        ),
    )
