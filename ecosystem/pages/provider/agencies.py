"""``/provider/agencies``: agencies that sell one's trips, and by which contract."""

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.agencies import LEAST_WORDS, PATH, ProviderAgenciesState

State = ProviderAgenciesState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Agencies", below="Who sells your trips, what came of it, and what you agreed on."
        ),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder="Name of an agency",
                    hint=f"From {LEAST_WORDS} letters on, agencies that are new to you are found"
                    " too: open one to offer it a contract.",
                    default_value=State.words,
                    key=State.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full sm:mb-[26px]"),
                on_submit=State.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": "Agencies"},
            ),
            loading_or_failed(State.phase, State.problem, State.open, skeleton_rows(8), _table()),
            padded=False,
        ),
        area="provider",
        current=PATH,
    )


def _table() -> rx.Component:
    return data_table(
        State.rows,
        (
            Column(
                "Agency",
                lambda row: two_lines(rx.el.span(row.name, class_name="font-strong"), row.country),
                phone="lead",
                width="34%",
            ),
            Column(
                "Sold",
                lambda row: two_lines(row.sold, row.bookings),
                align="end",
                phone="end",
            ),
            Column("Terms", lambda row: two_lines(row.terms, row.terms_note), phone="under"),
            Column(
                "Offer",
                lambda row: rx.cond(row.offer != "", badge(row.offer, "warn")),
                phone="under-end",
            ),
        ),
        caption="Agencies, the most bookings first",
        row_href=lambda row: row.href,
        empty=rx.cond(
            State.words != "",
            empty_state(
                "No agency has this name",
                "Search for fewer words.",
                link_button("Show all agencies", href=PATH),
            ),
            empty_state(
                "No agency has sold a trip of yours yet",
                "Search for one by its name and offer it a contract.",
            ),
        ),
    )
