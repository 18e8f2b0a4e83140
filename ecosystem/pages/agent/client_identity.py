"""A client's passports, cards and visas on her page: masked until one is shown."""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.client_parts import PAIRS
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.forms import date_field, field, problem_summary
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.values import when
from ecosystem.state.agent.client import AgentClientState
from ecosystem.state.agent.client_lines import KINDS, DocumentRow
from ecosystem.state.provider.profile import country_choices

S: Any = AgentClientState  # whose fields are Vars when a page is drawn
DOCUMENT = "new-identity"
DOCUMENT_FORM = "new-identity-form"


def documents() -> rx.Component:
    """Draw passports, cards and visas, masked."""
    return rx.fragment(
        section_card(
            "Passports and visas",
            rx.cond(
                S.documents.length() > 0,
                rx.el.ul(rx.foreach(S.documents, _document), class_name="divide-y divide-line"),
                empty_state("None yet", "Keep a passport to know when it ends.",
                            compact=True),
            ),
            aside=button("Add a passport or visa", size="sm", on_click=S.begin_document),
            note="Numbers are kept sealed. Whoever has one shown is written down.",
        ),
        dialog(
            "New passport, card or visa",
            problem_summary(S.document_refused),
            rx.el.form(
                field("Kind", "kind", control="select", options=tuple(KINDS.items()),
                      field_id="identity-kind", error=S.document_errors["kind"]),
                field("Number", "number", field_id="identity-number", max_length=60,
                      auto_complete="off", error=S.document_errors["number"]),
                field("Issued by", "country", control="select", field_id="identity-country",
                      options=[("", "Not known"), *country_choices()],
                      error=S.document_errors["country"]),
                rx.el.div(
                    date_field("Issued on", "issued_on", field_id="identity-issued",
                               error=S.document_errors["issued_on"]),
                    date_field("Valid until", "expires_on", field_id="identity-expires",
                               error=S.document_errors["expires_on"]),
                    class_name=PAIRS,
                ),
                on_submit=S.add_document,
                id=DOCUMENT_FORM,
                key=f"document-{S.notes}",
                no_validate=True,
                class_name="grid gap-4",
            ),
            dialog_id=DOCUMENT,
            actions=(
                button("Leave it", on_click=S.leave_document),
                button("Keep it", kind="primary", type="submit", form=DOCUMENT_FORM),
            ),
            shown=S.adding,
            on_close=S.leave_document,
            strict=True,
        ),
    )  # fmt: skip


def _document(row: rx.Var[DocumentRow]) -> rx.Component:
    one: Any = row
    shown = S.shown_id == one.id
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(one.kind, class_name="font-strong"),
                when(one.badge != "", badge(one.badge, one.tone, extra="ms-2")),
            ),
            rx.el.p(
                rx.cond(shown, S.shown_number, one.masked),
                class_name="tabular-nums [overflow-wrap:anywhere]",
                custom_attrs={"aria-live": "polite"},
            ),
            rx.el.p(one.facts, class_name="text-sm text-soft"),
            class_name="min-w-0",
        ),
        rx.el.div(
            rx.cond(
                shown,
                button("Hide", size="sm", on_click=S.hide),
                button(
                    "Show",
                    rx.el.span(" the number of the ", one.kind, class_name="sr-only"),
                    size="sm",
                    on_click=S.reveal(one.id),
                ),
            ),
            button(
                "Remove",
                rx.el.span(" the ", one.kind, class_name="sr-only"),
                size="sm",
                kind="quiet",
                on_click=S.remove_document(one.id),
            ),
            class_name="flex shrink-0 gap-1",
        ),
        key=one.id,
        class_name="flex flex-wrap items-start justify-between gap-3 px-5 py-4",
    )
