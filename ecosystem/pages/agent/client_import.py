"""``/agent/clients/import``: clients as a spreadsheet, in and out."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_rows
from ecosystem.pages.components.numbers import progress
from ecosystem.pages.components.surfaces import badge, breadcrumbs, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, paging
from ecosystem.pages.components.uploader import uploader
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page
from ecosystem.state.agent.client_import import COLUMNS, HERE, AgentClientImportState
from ecosystem.state.agent.client_lines import PATH

S: Any = AgentClientImportState  # whose fields are Vars when a page is drawn


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Clients in a spreadsheet",
            when(S.phase != "begin", link_button("Another file", href=HERE)),
            above=breadcrumbs(("Clients", PATH)),
            below="Nothing is changed until you have seen what would be.",
        ),
        rx.cond(
            S.may,
            rx.match(
                S.phase,
                ("begin", _begin()),
                ("looking", card(skeleton_rows(8), padded=False)),
                (
                    "failed",
                    card(
                        error_state(
                            "This file can't be read",
                            S.problem,
                            link_button("Choose another file", href=HERE),
                        )
                    ),
                ),
                _report(),
            ),
            card(
                empty_state(
                    "Files of clients are for agents and owners",
                    "Ask a colleague to import or export them.",
                    link_button("All clients", href=PATH),
                )
            ),
        ),
        area="agent",
        current=PATH,
    )


def _begin() -> rx.Component:
    return rx.el.div(
        section_card(
            "Import",
            rx.el.div(
                uploader(
                    rx.el.span("Choose a file, or drop it here", class_name="font-strong"),
                    rx.el.span(
                        "CSV as Excel saves it, up to 4 MB and 5,000 rows.",
                        class_name="max-w-[64ch] text-sm text-soft",
                    ),
                    jobs=S.jobs,
                    accept=".csv,text/csv",
                    multiple=False,
                    disabled=S.jobs.length() > 0,
                    on_choose=S.choose,
                    on_progress=S.progress,
                    on_sent=S.arrived,
                    on_broken=S.broke,
                ),
                rx.el.div(
                    when(S.sending != "", progress(S.sending, S.percent, S.percent.to(str) + " %")),
                    when(S.send_problem != "", rx.el.p(S.send_problem, class_name="text-bad")),
                    role="status",
                    class_name="min-h-6",
                ),
                class_name="grid gap-4 p-5",
            ),
        ),
        section_card(
            "Export",
            rx.el.div(
                link_button("Clients as CSV", href="/api/agents/me/clients/export", size="sm"),
                rx.el.p(
                    "Columns: " + ", ".join(COLUMNS) + ". Only “name” is needed. A row with the"
                    " name and the e-mail, telephone or date of birth of a client changes that"
                    " one; empty cells change nothing. Tags have semicolons between them.",
                    class_name="max-w-[64ch] text-sm text-soft",
                ),
                class_name="grid justify-items-start gap-4 p-5",
            ),
            note="A file that can be edited and imported again.",
        ),
        class_name="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]",
    )


def _report() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.p(S.summary, class_name="min-w-0 flex-[1_1_16rem]", role="status"),
            rx.cond(
                S.phase == "done",
                link_button("All clients", href=PATH, kind="primary"),
                button(
                    "Import ",
                    S.to_do.to(str),
                    kind="primary",
                    on_click=S.run,
                    disabled=S.to_do == 0,
                ),
            ),
            class_name="flex flex-wrap items-center justify-between gap-3 px-5 pt-5",
        ),
        rx.el.div(
            chips(
                rx.foreach(
                    S.filters,
                    lambda one: chip(
                        one["label"],
                        rx.el.span(one["count"], class_name="ms-1 tabular-nums opacity-70"),
                        on=S.outcome == one["value"],
                        on_click=S.choose_outcome(one["value"]),
                    ),
                ),
                label="Result",
            ),
            class_name="border-b border-line px-5 py-4",
        ),
        data_table(
            S.rows,
            (
                Column(
                    "Client",
                    lambda row: rx.el.span(row.name, class_name="font-strong"),
                    phone="lead",
                    width="30%",
                ),
                Column("Row", lambda row: row.row, align="end", width="8%"),
                Column(
                    "What would change, or is wrong",
                    lambda row: rx.el.span(row.details, class_name="whitespace-pre-line"),
                    phone="under",
                    width="48%",
                ),
                Column("Result", lambda row: badge(row.outcome, row.tone), phone="end"),
            ),
            caption="Rows of the file",
            empty=empty_state("No row with this result", compact=True),
        ),
        when(
            S.position != "",
            paging(
                S.position,
                previous=S.previous,
                following=S.following,
                has_previous=S.has_previous,
                has_following=S.has_following,
            ),
        ),
        padded=False,
    )
