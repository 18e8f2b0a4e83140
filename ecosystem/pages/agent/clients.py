"""``/agent/clients``: the people an agency books for."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.drafts import draft_note
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import checkbox, field, problem_summary
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.client_lines import PATH, PairRow
from ecosystem.state.agent.clients import AgentClientsState

S: Any = AgentClientsState  # whose fields are Vars when a page is drawn
NEW = "new-client"
FORM = "new-client-form"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Clients",
            when(S.may_take_out, link_button("Import and export", href=f"{PATH}/import")),
            button("Add client", kind="primary", on_click=S.begin),
            below="The people you book for, with their households and documents.",
        ),
        rx.el.div(
            card(
                _filters(),
                loading_or_failed(
                    S.phase,
                    S.problem,
                    S.open,
                    skeleton_rows(10),
                    _table(),
                    rx.cond(
                        S.position != "",
                        paging(
                            S.position,
                            previous=S.previous,
                            following=S.following,
                            has_previous=S.has_previous,
                            has_following=S.has_following,
                        ),
                    ),
                ),
                padded=False,
            ),
            when(S.pairs.length() > 0, _pairs()),
            class_name="grid gap-6",
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
            placeholder="Name, e-mail, telephone or tag",
            default_value=S.words,
            on_change=S.search.debounce(200),
            auto_complete="off",
            max_length=100,
            extra="flex-[1_1_18rem]",
        ),
        field(
            "Tag",
            "tag",
            control="select",
            options=S.tags,
            value=S.tag,
            on_change=S.choose_tag,
            extra="flex-[1_1_10rem] sm:flex-none sm:w-44",
        ),
        checkbox(
            "Only mine",
            "mine",
            checked=S.mine,
            on_change=S.only_mine,
            extra="h-10 items-center",
        ),
        when(
            S.household != "",
            button(
                S.household,
                rx.el.span(" – show all households", class_name="sr-only"),
                " ✕",
                size="sm",
                on_click=S.every_household,
                extra="mb-1",
            ),
        ),
        role="search",
        class_name="flex flex-wrap items-end gap-x-4 gap-y-3 border-b border-line px-5 py-4",
        custom_attrs={"aria-label": "Clients"},
    )


def _table() -> rx.Component:
    return rx.el.div(
        data_table(
            S.rows,
            (
                Column(
                    "Client",
                    lambda row: two_lines(
                        rx.el.span(row.name, class_name="font-strong"), row.contact
                    ),
                    phone="lead",
                    width="38%",
                ),
                Column(
                    "Household",
                    lambda row: two_lines(
                        row.household,
                        row.tags,
                    ),
                    phone="under",
                    width="24%",
                ),
                Column("Looked after by", lambda row: row.agent, width="16%"),
                Column(
                    "Next trip",
                    lambda row: two_lines(
                        row.next_trip,
                        when(row.passport != "", badge(row.passport, row.tone)),
                    ),
                    phone="end",
                ),
            ),
            caption="Clients by name",
            row_href=lambda row: row.href,
            empty=rx.cond(
                S.none_at_all,
                empty_state(
                    "No client yet",
                    "Add the first one, or bring them along in a spreadsheet.",
                    button("Add client", on_click=S.begin),
                    when(S.may_take_out, link_button("Import a file", href=f"{PATH}/import")),
                ),
                empty_state("No client fits this search", "Look for fewer words, or in all tags."),
            ),
        ),
        custom_attrs={"aria-live": "polite"},
    )


def _pairs() -> rx.Component:
    return section_card(
        "One person or two?",
        rx.el.ul(rx.foreach(S.pairs, _pair), class_name="divide-y divide-line"),
        note="Merging keeps bookings, notes and documents of both, and can be taken back.",
    )


def _pair(row: rx.Var[PairRow]) -> rx.Component:
    pair: Any = row
    return rx.el.li(
        rx.el.div(
            badge(pair.alike),
            class_name="basis-full",
        ),
        _side(pair.one, pair.one_name, pair.one_facts, pair.other),
        _side(pair.other, pair.other_name, pair.other_facts, pair.one),
        key=pair.key,
        class_name="flex flex-wrap gap-x-8 gap-y-3 px-5 py-4",
    )


def _side(one: Any, name: Any, facts: Any, other: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            anchor(name, href=PATH + "/" + one.to(str), class_name="font-strong hover:underline"),
            rx.el.p(facts, class_name="text-sm text-soft [overflow-wrap:anywhere]"),
            class_name="min-w-0",
        ),
        when(
            S.may_take_out,
            button(
                "Keep this one",
                rx.el.span(", ", name, class_name="sr-only"),
                size="sm",
                on_click=S.merge(one, other),
                extra="shrink-0",
            ),
        ),
        class_name="flex min-w-0 flex-[1_1_20rem] items-start justify-between gap-3",
    )


def _adding() -> rx.Component:
    return dialog(
        "New client",
        problem_summary(S.refused),
        rx.el.form(
            draft_note(),
            field(
                "Full name",
                "name",
                error=S.errors["name"],
                field_id="new-name",
                auto_complete="off",
                max_length=120,
            ),
            field(
                "Email",
                "email",
                type="email",
                error=S.errors["email"],
                field_id="new-email",
                auto_complete="off",
            ),
            field(
                "Phone",
                "phone",
                type="tel",
                error=S.errors["phone"],
                field_id="new-phone",
                auto_complete="off",
                hint="With its country code.",
            ),
            on_submit=S.add,
            custom_attrs={"data-draft": "new-client"},
            id=FORM,
            key=f"new-{S.forms}",
            no_validate=True,
            class_name="grid gap-4",
        ),
        dialog_id=NEW,
        actions=(
            button("Leave it", on_click=S.leave),
            button("Add client", kind="primary", type="submit", form=FORM),
        ),
        shown=S.adding,
        on_close=S.leave,
        strict=True,
    )
