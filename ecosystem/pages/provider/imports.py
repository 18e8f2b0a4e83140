"""``/provider/import``: files of packages and departures, in and out."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import CHIP, CHIP_OFF, CHIP_ON
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.numbers import progress
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.uploader import uploader
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.imports import PATH, ProviderImportState

S: Any = ProviderImportState  # whose fields are Vars when a page is drawn
API = "/api/operators/me"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Import and export",
            when(S.chosen, link_button("Another file", href=PATH)),
            below="Edit many packages or departures in a spreadsheet.",
        ),
        rx.cond(
            S.phase == "missing",
            card(
                empty_state(
                    "There is no such import",
                    "It may belong to another operator.",
                    link_button("Import and export", href=PATH),
                )
            ),
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                card(skeleton_rows(6), padded=False),
                rx.el.div(
                    rx.cond(S.chosen, _import(), _begin()),
                    _earlier(),
                    class_name="grid gap-6",
                ),
            ),
        ),
        when(S.now.moving, refreshed(S.refresh, 1)),
        area="provider",
        current="/provider/packages",
    )


def _begin() -> rx.Component:
    return rx.el.div(
        section_card(
            "Import",
            rx.el.div(rx.cond(S.may_edit, _chooser(), _may_not()), class_name="grid gap-5 p-5"),
            note="Nothing is changed until you have seen what would be.",
        ),
        section_card(
            "Export",
            rx.el.div(
                _exports("Packages", "packages", "All of them, in any state."),
                _exports("Departures", "departures", "Those to come."),
                class_name="grid gap-5 p-5",
            ),
            note="A file that can be edited and imported again.",
        ),
        class_name="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]",
    )


def _may_not() -> rx.Component:
    return rx.el.p(
        "You can see imports and export files. To import, ask an owner of the team"
        " to make you an editor.",
        class_name="text-soft",
    )


def _chooser() -> rx.Component:
    return rx.fragment(
        field(
            "What is in the file",
            "what",
            control="select",
            options=[("packages", "Packages"), ("departures", "Departures")],
            value=S.what,
            on_change=S.choose_kind,
            extra="max-w-xs",
        ),
        uploader(
            rx.el.span("Choose a file, or drop it here", class_name="font-strong"),
            rx.el.span(
                "CSV as Excel saves it, or JSON; up to 48 MB of CSV, 24 MB of JSON and 20,000"
                " records. An exported file shows which columns there are.",
                class_name="max-w-[64ch] text-sm text-soft",
            ),
            jobs=S.jobs,
            accept=".csv,.json,text/csv,application/json",
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
    )


def _exports(title: str, what: str, note: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3(title, class_name="font-strong"),
            rx.el.p(note, class_name="text-sm text-soft"),
        ),
        rx.el.div(
            *(
                link_button(
                    f"{title} as {name}",
                    href=f"{API}/{what}/export?format={kind}",
                    size="sm",
                )
                for kind, name in (("csv", "CSV"), ("json", "JSON"))
            ),
            class_name="flex flex-wrap gap-2",
        ),
        class_name="flex flex-wrap items-center justify-between gap-3",
    )


def _import() -> rx.Component:
    now = S.now
    return rx.el.div(
        section_card(
            now.name,
            rx.el.div(
                when(now.problem != "", rx.el.p(now.problem, class_name="text-bad", role="alert")),
                rx.el.div(
                    when(now.moving, progress(now.working, now.percent, now.pace)),
                    when(now.summary != "", rx.el.p(now.summary, class_name="text-md")),
                    custom_attrs={"aria-live": "polite"},
                ),
                when(S.may_edit, _actions()),
                class_name="grid gap-4 p-5",
            ),
            note=now.facts,
            aside=badge(now.state, now.tone),
        ),
        when(S.filters.length() > 0, _report()),
        class_name="grid gap-6",
    )


def _actions() -> rx.Component:
    now = S.now
    return rx.el.div(
        when(now.can_run, button(now.run_label, kind="primary", on_click=S.run)),
        when(now.can_cancel, button("Cancel import", on_click=S.cancel)),
        class_name="flex flex-wrap gap-3 empty:hidden",
    )


def _report() -> rx.Component:
    return card(
        rx.el.nav(
            rx.foreach(
                S.filters,
                lambda one: anchor(
                    one.label,
                    rx.el.span(one.count, class_name="tabular-nums opacity-70"),
                    href=one.href,
                    class_name=[CHIP, rx.cond(one.on, CHIP_ON, CHIP_OFF)],
                    custom_attrs={"aria-current": rx.cond(one.on, "true", "false")},
                ),
            ),
            class_name="flex flex-wrap gap-2 border-b border-line px-5 py-4",
            custom_attrs={"aria-label": "Result"},
        ),
        data_table(
            S.lines,
            (
                Column(
                    "Record",
                    lambda row: rx.el.span(row.subject, class_name="font-strong break-words"),
                    phone="lead",
                    width="30%",
                ),
                Column("Row", lambda row: row.line, align="end", width="8%"),
                Column(
                    "What would change, or is wrong",
                    lambda row: rx.el.span(
                        row.details, class_name="whitespace-pre-line break-words"
                    ),
                    phone="under",
                    width="48%",
                ),
                Column("Result", lambda row: badge(row.outcome, row.tone), phone="end"),
            ),
            caption="Records of the file",
            empty=empty_state("No record with this result", compact=True),
        ),
        when(
            S.position != "",
            paging(
                S.position,
                previous=S.previous_href,
                following=S.following_href,
                has_previous=S.previous_href != "",
                has_following=S.following_href != "",
            ),
        ),
        padded=False,
    )


def _earlier() -> rx.Component:
    return section_card(
        "Earlier imports",
        data_table(
            S.earlier,
            (
                Column(
                    "File",
                    lambda row: two_lines(
                        rx.el.span(row.name, class_name="font-strong break-words"), row.facts
                    ),
                    phone="lead",
                    width="50%",
                ),
                Column("When", lambda row: row.result, phone="under", whole=True),
                Column("State", lambda row: badge(row.state, row.tone), phone="end"),
            ),
            caption="Earlier imports",
            row_href=lambda row: row.href,
            empty=empty_state("No file was imported yet", compact=True),
        ),
    )
