"""``/agent/clients/[id]``: a client, her documents, what happened."""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.client_identity import documents
from ecosystem.pages.agent.client_parts import form, household, rights, timeline
from ecosystem.pages.agent.document_parts import documents_section
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_fields
from ecosystem.pages.components.surfaces import breadcrumbs, card, page_header
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.client import AgentClientState
from ecosystem.state.agent.client_lines import PATH

S: Any = AgentClientState  # whose fields are Vars when a page is drawn


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            rx.cond(S.view.name != "", S.view.name, "Client"),
            rx.el.p(S.saved, class_name="text-sm text-soft", custom_attrs={"aria-live": "polite"}),
            rx.cond(
                S.phase == "shown",
                rx.fragment(
                    button("Book a trip", on_click=S.book),
                    button("Save", kind="primary", type="submit", form="client"),
                ),
            ),
            above=breadcrumbs(("Clients", PATH)),
            below=S.view.facts,
        ),
        rx.cond(
            S.phase == "missing",
            card(
                empty_state(
                    "There is no such client",
                    "She may have been erased, or belong to another agency.",
                    link_button("All clients", href=PATH),
                )
            ),
            loading_or_failed(S.phase, S.problem, S.open, _skeleton(), _content()),
        ),
        area="agent",
        current=PATH,
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.div(form(), timeline(), class_name="grid min-w-0 gap-6"),
        rx.el.div(
            documents(),
            documents_section(),
            household(),
            rights(),
            class_name="grid min-w-0 gap-6",
        ),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        card(skeleton_fields(8), extra="min-h-[560px]"),
        bone("h-80 w-full !rounded-lg"),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]",
    )
