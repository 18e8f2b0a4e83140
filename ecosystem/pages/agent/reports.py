"""``/agent/reports``: what the agency sold and what came of its proposals."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, icon_button, link, link_button
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.earnings import EARNINGS, earnings
from ecosystem.pages.components.feedback import empty_state, skeleton_figures, skeleton_rows
from ecosystem.pages.components.forms import checkbox, field
from ecosystem.pages.components.numbers import bars, figure, number_strip, progress
from ecosystem.pages.components.surfaces import card, page_header, section_card
from ecosystem.pages.components.tables import paging
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.report_lines import PATH
from ecosystem.state.agent.reports import AgentReportsState

S: Any = AgentReportsState  # whose fields are Vars when a page is drawn
KEEPING, FORM = "keep-filter", "keep-filter-form"
SPANS = (
    ("12-months", "Last twelve months"),
    ("month", "This month"),
    ("last-month", "Last month"),
    ("year", "This year"),
    ("last-year", "Last year"),
    ("days", "From … to …"),
)
DATES = (("booked", "Days of booking"), ("travel", "Days of departure"))


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Reports",
            button("Keep this filter", on_click=S.begin),
            link_button("Download CSV", href=S.view.csv),
            below="What your agency sold, and what came of its proposals.",
        ),
        rx.el.div(
            _kept(),
            _questions(),
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                rx.el.div(skeleton_figures(4), card(skeleton_rows(8)), class_name="grid gap-6"),
                _answer(),
            ),
            class_name="grid gap-6",
        ),
        _keeping(),
        area="agent",
        current=PATH,
    )


def _tabs(tabs: rx.Var[Any], label: str) -> rx.Component:
    return chips(
        rx.foreach(tabs, lambda tab: chip(tab.label, on=tab.on, href=tab.href)), label=label
    )


def _kept() -> rx.Component:
    return when(
        S.saved.length() > 0,
        rx.el.section(
            rx.el.h2("Kept filters", class_name="sr-only"),
            rx.el.ul(
                rx.foreach(
                    S.saved,
                    lambda one: rx.el.li(
                        chip(one.name, on=one.on, href=one.href, title=one.note),
                        when(
                            one.removable,
                            icon_button(
                                "close",
                                "Delete filter " + one.name.to(str),
                                on_click=S.forget(one.id),
                            ),
                        ),
                        class_name="inline-flex items-center",
                    ),
                ),
                class_name="flex flex-wrap gap-x-3 gap-y-2",
            ),
        ),
    )


def _questions() -> rx.Component:
    return card(
        rx.el.div(
            _tabs(S.subjects, "What"),
            _tabs(S.tabs, "By what"),
            class_name="flex flex-wrap gap-x-8 gap-y-3",
        ),
        rx.el.form(
            _select("Time", "span", SPANS, S.fields.span),
            _day("From", "from", S.fields.first),
            _day("To", "to", S.fields.last),
            when(S.fields.show == "sales", _select("Counted by", "dates", DATES, S.fields.dates)),
            when(
                S.fields.show == "sales",
                _select("Operator", "operator", S.operators, S.fields.operator),
            ),
            when(
                S.fields.show == "sales",
                _select("Country", "country", S.countries, S.fields.country),
            ),
            _select("Agent", "agent", S.agents, S.fields.agent),
            button("Show", kind="primary", type="submit", extra="w-full"),
            key=S.version,
            on_submit=S.choose,
            class_name="mt-4 grid grid-cols-1 items-end gap-3 border-t border-line pt-4 "
            "sm:grid-cols-2 lg:grid-cols-4",
            custom_attrs={"aria-label": "Filters"},
        ),
    )


def _select(label: str, name: str, options: Any, value: rx.Var[Any]) -> rx.Component:
    return field(
        label,
        name,
        control="select",
        options=options,
        default_value=value,
        field_id=f"report-{name}",
    )


def _day(label: str, name: str, value: rx.Var[Any]) -> rx.Component:
    return field(
        label,
        name,
        type="date",
        default_value=value,
        field_id=f"report-{name}",
    )


def _answer() -> rx.Component:
    view = S.view
    return rx.el.div(
        when(
            view.narrowed != "",
            rx.el.p(view.narrowed, " · ", link("Show all cities", href=view.wider)),
        ),
        number_strip(
            rx.foreach(
                view.figures,
                lambda one: figure(one["label"], earnings(one["value"]), earnings(one["note"])),
            ),
            label="All together",
        ),
        when(
            (view.question != "") & (view.rows.length() > 0),
            section_card(
                view.question,
                rx.cond(
                    view.bars.length() > 0,
                    rx.el.div(
                        bars(view.bars, label=view.question),
                        class_name="px-5 pt-5 pb-3",
                        custom_attrs=EARNINGS,
                    ),
                    _ranks(),
                ),
                note=view.chart_note,
            ),
        ),
        card(
            rx.cond(
                view.rows.length() > 0,
                _table(),
                empty_state(
                    "Nothing in this time",
                    "Choose a longer time, or fewer filters.",
                    link_button("Last twelve months", href=PATH),
                ),
            ),
            when(
                (view.previous != "") | (view.following != ""),
                paging(
                    view.position,
                    previous=view.previous,
                    following=view.following,
                    has_previous=view.previous != "",
                    has_following=view.following != "",
                ),
            ),
            padded=False,
        ),
        class_name="grid min-w-0 gap-6",
        custom_attrs=EARNINGS,
    )


def _ranks() -> rx.Component:
    return rx.el.ol(
        rx.foreach(
            S.view.ranks,
            lambda one: rx.el.li(
                rx.el.div(
                    rx.el.span(one["label"], class_name="min-w-0 truncate"),
                    rx.el.span(one["text"], class_name="shrink-0 text-soft tabular-nums"),
                    class_name="mb-1.5 flex justify-between gap-4 text-md",
                ),
                progress(one["label"].to(str), one["percent"], quiet=True),
            ),
        ),
        class_name="grid gap-3.5 px-5 py-4",
        custom_attrs=EARNINGS,
    )


def _table() -> rx.Component:
    """All cells of the file. Wider than a phone: there it scrolls sideways within the card."""
    view = S.view

    def cell(value: Any, number: Any) -> rx.Component:
        return rx.el.td(
            rx.cond(view.kinds[number] == "money", earnings(value), value),
            class_name=[
                "px-4 py-3 last:pe-5",
                rx.match(
                    view.kinds[number],
                    ("text", "min-w-36 text-start"),
                    ("day", "text-start tabular-nums whitespace-nowrap"),
                    "text-end tabular-nums whitespace-nowrap",
                ),
            ],
        )

    def row(item: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.th(
                rx.cond(
                    item.href != "",
                    anchor(item.label, href=item.href, class_name="underline-offset-3 underline"),
                    item.label,
                ),
                scope="row",
                class_name="min-w-28 px-4 py-3 ps-5 text-start font-strong",
            ),
            rx.foreach(item["values"], cell),
            class_name="border-b border-line last:border-0",
        )

    return rx.el.div(
        rx.el.table(
            rx.el.caption("The report, line by line", class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.foreach(
                        view.heads,
                        lambda head, number: rx.el.th(
                            head,
                            scope="col",
                            class_name=[
                                "px-4 py-2.5 text-sm font-medium whitespace-nowrap text-soft",
                                "first:ps-5 last:pe-5",
                                rx.cond(
                                    (number == 0)
                                    | (view.kinds[number - 1] == "text")
                                    | (view.kinds[number - 1] == "day"),
                                    "text-start",
                                    "text-end",
                                ),
                            ],
                        ),
                    ),
                    class_name="border-b border-line",
                )
            ),
            rx.el.tbody(rx.foreach(view.rows, row)),
            rx.el.tfoot(rx.foreach(view.totals, row), class_name="border-t border-edge bg-sunk/60"),
            class_name="w-full border-collapse text-md",
        ),
        class_name="overflow-x-auto",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": "The report's table"},
    )


def _keeping() -> rx.Component:
    return dialog(
        "Keep this filter",
        rx.el.form(
            field(
                "Name",
                "name",
                error=S.name_error,
                placeholder="Italy, this year",
                field_id="filter-name",
                max_length=60,
                required=True,
            ),
            checkbox(
                "Share it with your agency",
                "shared",
                field_id="filter-shared",
                hint="Everybody in your team finds it here.",
            ),
            id=FORM,
            on_submit=S.keep,
            class_name="grid content-start gap-4",
        ),
        dialog_id=KEEPING,
        actions=(
            button("Not now", on_click=S.leave),
            button("Keep", kind="primary", type="submit", form=FORM),
        ),
        shown=S.keeping,
        on_close=S.leave,
    )
