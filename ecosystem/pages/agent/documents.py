"""``/agent/documents``: the files of the agency."""

import reflex as rx

from ecosystem.domain.agency_documents import KIND_NAMES
from ecosystem.pages.agent.document_parts import S, download, on_their_way, sending
from ecosystem.pages.components.choices import chip, chips, combobox
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.document_lines import PATH


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Documents",
            below="Kept for your agency alone, shared by links that end.",
        ),
        rx.el.div(
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
            section_card("Send files", on_their_way(), sending(_whose())),
            class_name="grid gap-6",
        ),
        area="agent",
        current=PATH,
    )


def _whose() -> rx.Component:
    return rx.el.div(
        combobox(
            "Client",
            "file_client",
            S.clients,
            filter_by="server",
            on_search=S.look_up.debounce(200),
            on_choose=lambda option: S.take_client(option["value"]),
            placeholder="None: the agency's own",
            field_id="file-client",
        ),
        class_name="min-w-0 flex-[2_1_16rem]",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        field(
            "Search",
            "q",
            type="search",
            placeholder="Name, client or booking",
            default_value=S.words,
            on_change=S.search.debounce(200),
            auto_complete="off",
            max_length=100,
            extra="flex-[1_1_16rem]",
        ),
        chips(
            chip("All", on=S.kind == "", on_click=S.show_kind("")),
            *(
                chip(name, on=S.kind == kind, on_click=S.show_kind(kind))
                for kind, name in KIND_NAMES.items()
            ),
            label="Which documents",
        ),
        role="search",
        class_name="flex flex-wrap items-end gap-x-4 gap-y-3 border-b border-line px-5 py-4",
        custom_attrs={"aria-label": "Documents"},
    )


def _table() -> rx.Component:
    return data_table(
        S.rows,
        (
            Column(
                "Document",
                lambda row: two_lines(
                    rx.el.span(row.name, class_name="font-strong [overflow-wrap:anywhere]"),
                    row.facts,
                ),
                phone="lead",
                width="40%",
            ),
            Column("Of", lambda row: two_lines(row.whose, row.booking), phone="under"),
            Column("Sent", lambda row: two_lines(row.sent, row.by), phone="under-end"),
            Column("Links", lambda row: when(row.links != "", badge(row.links, "brand"))),
            Column(
                "File",
                lambda row: rx.cond(row.file != "", download(row), badge(row.state, row.tone)),
                align="end",
                phone="end",
            ),
        ),
        caption="Documents, newest first",
        row_href=lambda row: row.href,
        empty=empty_state(
            "No document here",
            "Send the first below: choose its kind and its client. Files of a booking are sent"
            " on the booking's page.",
        ),
    )
