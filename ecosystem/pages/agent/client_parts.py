"""The parts of a client's page; her documents are in ``client_identity``."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor, button, link, link_button
from ecosystem.pages.components.dialogs import confirmation, opener
from ecosystem.pages.components.drafts import draft_note
from ecosystem.pages.components.forms import checkbox, date_field, field, problem_summary
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.values import when
from ecosystem.state.agent.client import AgentClientState
from ecosystem.state.agent.client_lines import (
    PATH,
    PairRow,
    PersonLink,
    TimelineRow,
)
from ecosystem.state.provider.profile import country_choices, language_list

S: Any = AgentClientState  # whose fields are Vars when a page is drawn
V: Any = S.view
ERASE = "erase-client"
PAIRS = "grid gap-4 sm:grid-cols-2"


def form() -> rx.Component:
    """Draw who the client is, as a form."""
    nothing = ("", "Not known")
    return rx.el.form(
        draft_note(),
        when(S.conflict, _conflict()),
        problem_summary(S.refused),
        section_card(
            "Details",
            rx.el.div(
                rx.el.div(
                    _field("Full name", "name", max_length=120),
                    date_field(
                        "Date of birth",
                        "birth_date",
                        default_value=V.birth_date,
                        error=S.errors["birth_date"],
                    ),
                    _field("Email", "email", type="email"),
                    _field("Phone", "phone", type="tel", hint="With its country code."),
                    _field(
                        "Nationality",
                        "nationality",
                        control="select",
                        options=[nothing, *country_choices()],
                    ),
                    _field(
                        "Lives in",
                        "country",
                        control="select",
                        options=[nothing, *country_choices()],
                    ),
                    class_name=PAIRS,
                ),
                _field("Address", "address", control="textarea", rows="2"),
                rx.el.div(
                    _field(
                        "Language",
                        "language",
                        control="select",
                        options=[nothing, *((one.code, one.name) for one in language_list(()))],
                    ),
                    _field("Looked after by", "agent_id", control="select", options=S.people),
                    _field(
                        "Household",
                        "household",
                        hint="Clients with the same one belong together.",
                        max_length=120,
                        list="households",
                    ),
                    _field("Tags", "tags", hint="With commas between them.", max_length=800),
                    class_name=PAIRS,
                ),
                rx.el.datalist(
                    rx.foreach(S.households, lambda name: rx.el.option(value=name)),
                    id="households",
                ),
                _field(
                    "Preferences",
                    "preferences",
                    control="textarea",
                    rows="3",
                    hint="Seats, rooms, food: what a booking should follow.",
                    max_length=4000,
                ),
                _field("Good to know", "notes", control="textarea", rows="3", max_length=4000),
                class_name="grid gap-4 p-5",
            ),
        ),
        section_card(
            "Consent",
            rx.el.div(
                checkbox(
                    "Agrees that we keep these details and write",
                    "consent",
                    default_checked=V.consent,
                    hint=V.consent_since,
                ),
                _field(
                    "How it was given",
                    "consent_source",
                    placeholder="On paper, by e-mail, at the fair",
                    max_length=120,
                ),
                class_name="grid gap-4 p-5",
            ),
        ),
        on_submit=S.save,
        custom_attrs={"data-draft": "client"},
        id="client",
        key=f"client-{S.loads}",
        no_validate=True,
        class_name="grid gap-6 [&>[role=alert]:empty]:hidden",
    )


def _field(label: str, name: str, **props: Any) -> rx.Component:
    return field(label, name, error=S.errors[name], default_value=getattr(V, name), **props)


def _conflict() -> rx.Component:
    return rx.el.div(
        rx.el.p("Somebody else has changed this client since you opened the page",
                class_name="font-strong"),
        rx.el.p(
            "Nothing was overwritten. Load their version: what you typed stays in the fields they"
            " left alone. Where they changed the same field, copy yours first.",
            class_name="mt-1 text-soft",
        ),
        button("Load their version", on_click=S.open, extra="mt-3"),
        role="alert",
        class_name="rounded-lg border border-bad/40 bg-bad-soft px-5 py-4",
    )  # fmt: skip


def household() -> rx.Component:
    """Draw the others of the household, who may be the same person, and who was."""
    return rx.fragment(
        when(
            S.relatives.length() > 0,
            section_card(
                "Household",
                rx.el.ul(rx.foreach(S.relatives, _relative), class_name="grid gap-3 p-5"),
                aside=link(
                    "In the list",
                    href=f"{PATH}?household=" + V.household.to(str),
                ),
            ),
        ),
        when(
            S.pairs.length() > 0,
            section_card(
                "The same person?",
                rx.el.ul(rx.foreach(S.pairs, _twin), class_name="divide-y divide-line"),
            ),
        ),
        when(
            S.merged.length() > 0,
            section_card(
                "Merged into this client",
                rx.el.ul(rx.foreach(S.merged, _merged), class_name="divide-y divide-line"),
            ),
        ),
    )


def _relative(row: rx.Var[PersonLink]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        anchor(one.name, href=one.href, class_name="font-strong hover:underline"),
        rx.el.p(one.detail, class_name="text-sm text-soft empty:hidden"),
        key=one.key,
    )


def _twin(row: rx.Var[PairRow]) -> rx.Component:
    pair: Any = row
    return rx.el.li(
        rx.el.div(
            badge(pair.alike),
            rx.el.p(
                anchor(
                    pair.other_name,
                    href=PATH + "/" + pair.other.to(str),
                    class_name="font-strong hover:underline",
                ),
                class_name="mt-2",
            ),
            rx.el.p(pair.other_facts, class_name="text-sm text-soft [overflow-wrap:anywhere]"),
            class_name="min-w-0",
        ),
        when(
            S.may_decide,
            button(
                "Merge",
                rx.el.span(" ", pair.other_name, " into this client", class_name="sr-only"),
                size="sm",
                on_click=S.merge(pair.other),
            ),
        ),
        key=pair.key,
        class_name="flex items-start justify-between gap-3 px-5 py-4",
    )


def _merged(row: rx.Var[PersonLink]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="font-strong"),
            rx.el.p(one.detail, class_name="text-sm text-soft"),
        ),
        when(
            S.may_decide,
            button(
                "Undo",
                rx.el.span(" merging ", one.name, class_name="sr-only"),
                size="sm",
                on_click=S.undo_merge(one.key),
            ),
        ),
        key=one.key,
        class_name="flex items-start justify-between gap-3 px-5 py-4",
    )


def timeline() -> rx.Component:
    """Draw what happened, newest first, with a line to write something down."""
    return section_card(
        "What happened",
        rx.el.form(
            field(
                "Write something down",
                "body",
                control="textarea",
                rows="2",
                field_id="note-body",
                error=S.note_error,
                max_length=4000,
                extra="flex-[1_1_18rem]",
            ),
            button("Keep note", type="submit", extra="mt-6"),
            on_submit=S.write_note,
            key=f"note-{S.notes}",
            no_validate=True,
            class_name="flex flex-wrap items-start gap-3 border-b border-line p-5",
        ),
        rx.el.ol(rx.foreach(S.timeline, _happened), class_name="divide-y divide-line"),
    )


def _happened(row: rx.Var[TimelineRow]) -> rx.Component:
    item: Any = row
    return rx.el.li(
        rx.el.div(
            badge(item.label, item.tone),
            rx.el.span(item.day, class_name="text-sm text-soft"),
            class_name="flex w-44 shrink-0 flex-wrap items-center gap-2",
        ),
        rx.el.div(
            rx.cond(
                item.href != "",
                anchor(item.title, href=item.href, class_name="font-strong hover:underline"),
                rx.el.p(item.title, class_name="whitespace-pre-line [overflow-wrap:anywhere]"),
            ),
            rx.el.p(item.detail, class_name="text-sm text-soft empty:hidden"),
            class_name="min-w-0 flex-[1_1_14rem]",
        ),
        when(
            item.note != "",
            button(
                "Remove",
                rx.el.span(" this note", class_name="sr-only"),
                size="sm",
                kind="quiet",
                on_click=S.remove_note(item.note),
            ),
        ),
        key=item.key,
        class_name="flex flex-wrap items-start gap-x-4 gap-y-1 px-5 py-3.5",
    )


def rights() -> rx.Component:
    """Draw what a client may ask for: everything kept of her, and to be erased."""
    return when(
        S.may_decide,
        rx.fragment(
            section_card(
                "Personal data",
                rx.el.div(
                    link_button(
                        "Everything we keep",
                        href="/api/agents/me/clients/" + V.id.to(str) + "/export",
                        size="sm",
                    ),
                    opener("Erase…", opens=ERASE, kind="quiet", size="sm"),
                    class_name="flex flex-wrap gap-2 p-5",
                ),
                note="A file with all of it, document numbers too; that is written down.",
            ),
            confirmation(
                "Erase this client?",
                "Name, contact, dates, preferences, notes and documents are gone for good, and"
                " so are telephone numbers and dates of birth in trips that are over. Bookings"
                " stay with names, e-mail address and amounts: tax law asks for them, and a"
                " refund or a disputed payment has to be answered.",
                dialog_id=ERASE,
                confirm="Erase for good",
                on_confirm=S.erase,
            ),
        ),
    )
