"""``/agent/quotes``: the agency's proposals."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import chip, chips, combobox
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.quote_lines import PATH
from ecosystem.state.agent.quotes import AgentQuotesState

S: Any = AgentQuotesState  # whose fields are Vars when a page is drawn
NEW, FORM = "new-quote", "new-quote-form"
GROUPS = (
    ("", "All"),
    ("draft", "Drafts"),
    ("waiting", "With clients"),
    ("accepted", "Accepted"),
    ("ended", "Ended"),
)


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Proposals",
            button("New proposal", kind="primary", on_click=S.begin),
            below="What you offer clients. Accepting one holds its seats at once.",
        ),
        card(
            _filters(),
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                skeleton_rows(8),
                _table(),
                when(
                    S.has_previous | S.has_following,
                    paging(
                        "",
                        previous=S.previous,
                        following=S.following,
                        has_previous=S.has_previous,
                        has_following=S.has_following,
                    ),
                ),
            ),
            padded=False,
        ),
        _adding(),
        area="agent",
        current=PATH,
    )


def _filters() -> rx.Component:
    return rx.el.div(
        field(
            "Search",
            "q",
            type="search",
            placeholder="Client, title or number",
            default_value=S.words,
            on_change=S.search.debounce(200),
            auto_complete="off",
            max_length=100,
            extra="flex-[1_1_16rem]",
        ),
        chips(
            *(chip(name, on=S.group == key, on_click=S.show_only(key)) for key, name in GROUPS),
            label="Which proposals",
        ),
        role="search",
        class_name="flex flex-wrap items-end gap-x-4 gap-y-3 border-b border-line px-5 py-4",
        custom_attrs={"aria-label": "Proposals"},
    )


def _table() -> rx.Component:
    return data_table(
        S.rows,
        (
            Column(
                "Proposal",
                lambda row: two_lines(
                    rx.el.span(row.title, class_name="font-strong"),
                    rx.fragment(row.number, " · ", row.client),
                ),
                phone="lead",
                width="40%",
            ),
            Column("Written by", lambda row: row.agent, phone="hidden", width="16%"),
            Column(
                "Status",
                lambda row: rx.el.span(
                    badge(row.status, row.tone),
                    when(row.unread != "", badge(row.unread, "warn", extra="ms-2")),
                ),
                phone="end",
            ),
            Column("Valid until", lambda row: row.valid, phone="under"),
            Column("Worth", lambda row: row.worth, align="end", phone="under-end"),
        ),
        caption="Proposals, the last changed first",
        row_href=lambda row: row.href,
        empty=empty_state(
            "No proposal here",
            "Put trips together for a client: they read it on their phone, accept by name,"
            " and the seats are held at once.",
            button("New proposal", on_click=S.begin),
        ),
    )


def _adding() -> rx.Component:
    return dialog(
        "New proposal",
        rx.el.form(
            problem_summary(S.refused),
            combobox(
                "Client",
                "client_id",
                S.clients,
                filter_by="server",
                on_search=S.look_up.debounce(200),
                on_choose=lambda option: S.take_client(option["value"]),
                default_label=S.client_name,
                default_value=S.client_id,
                error=S.errors["client_id"],
                placeholder="Type a name",
                field_id="quote-client",
            ),
            field(
                "Title",
                "title",
                error=S.errors["title"],
                placeholder="A fortnight in Italy",
                field_id="quote-title",
                max_length=160,
                required=True,
            ),
            id=FORM,
            key=S.forms,
            on_submit=S.add,
            class_name="grid min-h-72 content-start gap-4",
        ),
        dialog_id=NEW,
        actions=(
            button("Not now", on_click=S.leave),
            button("Begin", kind="primary", type="submit", form=FORM),
        ),
        shown=S.adding,
        on_close=S.leave,
        strict=True,
    )
