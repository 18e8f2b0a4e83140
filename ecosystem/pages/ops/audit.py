"""``/ops/audit``: who did what to what."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.audit import PATH, OpsAuditState

State = OpsAuditState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Audit log",
            below="Who did what, latest first. Nothing of it can be changed or removed.",
        ),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder="An action, a whole reference or id, a whole e-mail address",
                    default_value=State.words,
                    key=State.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full"),
                on_submit=State.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": "Audit log"},
            ),
            loading_or_failed(
                State.phase,
                State.problem,
                State.open,
                skeleton_rows(12),
                data_table(
                    State.rows, _columns(), caption="The audit log, latest first", empty=_none()
                ),
                rx.cond(
                    State.has_previous | State.has_following,
                    paging(
                        "50 entries a page",
                        previous=State.previous,
                        following=State.following,
                        has_previous=State.has_previous,
                        has_following=State.has_following,
                    ),
                ),
            ),
            padded=False,
        ),
        area="ops",
        current=PATH,
    )


def _columns() -> list[Column]:
    def subject(row: Any) -> rx.Component:
        return rx.cond(row.href != "", link(row.subject, href=row.href), row.subject)

    def who(row: Any) -> rx.Component:
        return two_lines(
            row.who,
            rx.fragment(
                row.role, rx.el.span(" · ", subject(row), " · ", row.at, class_name="md:hidden")
            ),
        )

    return [
        Column(
            "What",
            lambda row: two_lines(rx.el.span(row.action, class_name="font-strong"), row.detail),
            phone="lead",
            width="38%",
        ),
        Column("To what", subject, width="20%"),
        Column("Who", who, phone="under", width="24%"),
        Column("When", lambda row: row.at, whole=True),
    ]


def _none() -> rx.Component:
    return rx.cond(
        State.words != "",
        empty_state(
            "Nothing in the log fits",
            "Look for a part of an action, or the whole of a reference, id or address.",
            link_button("Show the whole log", href=PATH),
        ),
        empty_state("The log is empty", "What people do appears here at once."),
    )
