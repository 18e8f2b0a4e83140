"""``/ops/events``: what came in and what goes out, message by message."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging, row_actions, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.events import PATH, OpsEventsState, address

State = OpsEventsState
DETAILS = "message"
STATES = (
    ("", "All messages"),
    ("failing", "Failing"),
    ("waiting", "Not done yet"),
    ("done", "Done"),
)


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Messages",
            button("Refresh", on_click=State.open),
            below="Events of the payment service as they came in, and the e-mails, refunds and "
            "transfers that go out. Trying again never does a thing twice.",
        ),
        chips(
            chip("Came in", on=State.queue == "inbox", href=address("inbox")),
            chip("Going out", on=State.queue == "outbox", href=address("outbox")),
            label="Direction",
        ),
        card(
            _search(),
            loading_or_failed(
                State.phase,
                State.problem,
                State.open,
                skeleton_rows(12),
                data_table(State.rows, _columns(), caption="Messages, newest first", empty=_none()),
                rx.cond(
                    (State.previous_href != "") | (State.following_href != ""),
                    paging(
                        "50 messages a page",
                        previous=State.previous_href,
                        following=State.following_href,
                        has_previous=State.previous_href != "",
                        has_following=State.following_href != "",
                    ),
                ),
            ),
            padded=False,
            extra="mt-4",
        ),
        _details(),
        area="ops",
        current=PATH,
    )


def _search() -> rx.Component:
    return rx.el.form(
        field(
            "Search",
            "q",
            type="search",
            placeholder="Kind, id, or something in it: a reference, a Stripe id",
            default_value=State.words,
            key=State.words,
            extra="flex-[1_1_16rem]",
            max_length=100,
        ),
        field(
            "State",
            "state",
            control="select",
            options=STATES,
            default_value=State.state,
            key=State.state,
            extra="flex-[1_1_12rem] sm:flex-none sm:w-52",
        ),
        button("Search", type="submit", extra="max-sm:w-full"),
        on_submit=State.find,
        role="search",
        class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
        custom_attrs={"aria-label": "Messages"},
    )


def _columns() -> list[Column]:
    def kind(row: Any) -> rx.Component:
        return two_lines(
            rx.el.button(
                row.kind,
                rx.el.span(" ", row.id, class_name="sr-only"),
                type="button",
                on_click=State.show(row.id),
                class_name="text-start font-strong underline decoration-edge underline-offset-3 "
                "hover:decoration-current",
                custom_attrs={"aria-haspopup": "dialog"},
            ),
            row.id,
        )

    def act(row: Any) -> rx.Component:
        return rx.cond(
            row.again != "",
            row_actions(
                button(
                    row.again,
                    rx.el.span(" ", row.kind, " ", row.id, class_name="sr-only"),
                    size="sm",
                    on_click=State.retry(row.id),
                )
            ),
        )

    return [
        Column("Message", kind, phone="lead", width="34%"),
        Column("State", lambda row: badge(row.state, row.tone), phone="end", whole=True),
        Column("Error of the last try", lambda row: row.error, phone="under", width="24%"),
        Column("Tries", lambda row: row.attempts, align="end"),
        Column("Since", lambda row: two_lines(row.at, row.then, row.then != ""), whole=True),
        Column(rx.el.span("Again", class_name="sr-only"), act, align="end", phone="under-end"),
    ]


def _none() -> rx.Component:
    asked = (State.words != "") | (State.state != "")
    return rx.cond(
        asked,
        empty_state(
            "No message fits this search",
            "Look for fewer words, or in all messages.",
            link_button("Show all messages", href=PATH),
        ),
        empty_state("No message yet", "What comes in and goes out appears here at once."),
    )


def _details() -> rx.Component:
    one: Any = State.opened
    return dialog(
        one.kind,
        rx.el.p(one.id, " · ", one.at, class_name="text-sm break-all text-soft"),
        rx.cond(
            one.error != "",
            rx.el.p(one.error, class_name="mt-3 rounded-md bg-bad-soft px-3 py-2 text-bad"),
        ),
        rx.el.pre(
            one.payload,
            tab_index=0,
            class_name="mt-3 max-h-[50vh] overflow-auto rounded-md bg-sunk p-3 text-xs "
            "whitespace-pre-wrap break-all",
            custom_attrs={"aria-label": "Content"},
        ),
        dialog_id=DETAILS,
        shown=one.id != "",
        on_close=State.close,
        actions=(
            button("Close", on_click=State.close),
            rx.cond(
                one.again != "",
                button(one.again, kind="primary", on_click=[State.retry(one.id), State.close]),
            ),
        ),
    )
