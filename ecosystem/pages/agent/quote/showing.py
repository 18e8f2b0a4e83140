"""``/agent/quotes/[id]``: a proposal being written, and what came of it."""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.quote.dialogs import dialogs
from ecosystem.pages.agent.quote.items import items
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.drafts import draft_note
from ecosystem.pages.components.earnings import earnings
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import date_field, field
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
    section_card,
)
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.quote import AgentQuoteState
from ecosystem.state.agent.quote_item import QuoteItemState
from ecosystem.state.agent.quote_lines import PATH

S: Any = AgentQuoteState  # whose fields are Vars when a page is drawn
V = S.view
Item: Any = QuoteItemState
DETAILS = "quote-details"
REFRESH_SECONDS = 2
"""How soon what a client does shows here."""

LANGUAGES = (("en", "English"), ("de", "German"))
WAYS = (("deposit", "A deposit where a trip offers one"), ("full", "The whole price"))


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        breadcrumbs(("Proposals", PATH)),
        rx.match(
            S.phase,
            ("missing", _missing()),
            rx.fragment(
                page_header(
                    rx.cond(V.title != "", V.title, "Proposal"),
                    link_button("PDF", href=S.pdf),
                    when(V.was_sent, link_button("See as the client", href=V.url)),
                    when(
                        V.open,
                        button(
                            rx.cond(V.was_sent, "Send again", "Send"),
                            kind="primary",
                            on_click=S.ask_send,
                        ),
                    ),
                    above=rx.fragment(V.number, " ", badge(V.status, V.tone)),
                ),
                loading_or_failed(S.phase, S.problem, S.open, card(skeleton_rows(8)), _content()),
            ),
        ),
        dialogs(),
        area="agent",
        current=PATH,
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("There is no such proposal"),
        empty_state(
            "Nothing here",
            "It may belong to another agency, or the link is cut off.",
            link_button("All proposals", href=PATH),
        ),
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            when(
                V.was_sent & V.changed & V.open,
                rx.el.p(
                    "What stands here is not what the client was sent last. Send it again to"
                    " replace it.",
                    role="status",
                    class_name="rounded-md bg-warn-soft px-4 py-3 text-warn",
                ),
            ),
            when(V.bookings.length() > 0, _bookings()),
            rx.foreach(V.options, _option),
            when(
                V.open,
                rx.el.div(button("Add an option", on_click=S.add_option)),
            ),
            _comments(),
            class_name="grid min-w-0 content-start gap-6",
        ),
        rx.el.div(_details(), _history(), class_name="grid min-w-0 content-start gap-6"),
        refreshed(S.again, REFRESH_SECONDS),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]",
    )


def _bookings() -> rx.Component:
    return section_card(
        "Bookings of it",
        rx.el.ul(
            rx.foreach(
                V.bookings,
                lambda item: rx.el.li(
                    rx.el.div(
                        link(item.reference, href="/agent/bookings/" + item.reference),
                        " ",
                        badge(item.status, item.tone),
                        rx.el.p(item.title, class_name="break-words text-soft"),
                        class_name="min-w-0",
                    ),
                    rx.el.div(
                        rx.el.p(item.total, class_name="tabular-nums"),
                        when(
                            item.to_pay != "",
                            rx.el.p(item.to_pay, " due", class_name="text-sm text-soft"),
                        ),
                        class_name="shrink-0 text-end",
                    ),
                    class_name="flex justify-between gap-4 border-t border-line px-5 py-3 "
                    "first:border-0",
                ),
            ),
        ),
    )


def _option(option: Any) -> rx.Component:
    return rx.el.section(
        rx.el.form(
            rx.el.div(
                field(
                    "Option",
                    "title",
                    default_value=option.title,
                    max_length=160,
                    required=True,
                    disabled=~V.open,
                    field_id="option-" + option.key,
                    extra="flex-[1_1_10rem]",
                ),
                field(
                    "Words about it",
                    "note",
                    default_value=option.note,
                    max_length=2000,
                    disabled=~V.open,
                    field_id="note-" + option.key,
                    extra="flex-[2_1_12rem]",
                ),
                when(V.open, button("Keep", type="submit")),
                class_name="flex flex-wrap items-end gap-3",
            ),
            key=option.key + option.title + option.note,
            on_submit=S.name_option(option.key),
            class_name="px-5 pt-5 pb-4",
        ),
        items(option),
        rx.el.dl(
            when(option.total != "", _sum("Paid here", option.total)),
            when(option.now != "", _sum("On accepting", option.now)),
            when(option.to_agency != "", _sum("Paid to the agency", option.to_agency)),
            when(option.commission != "", _sum("Your commission", earnings(option.commission))),
            class_name="border-t border-line px-5 py-3 empty:hidden",
        ),
        when(
            V.open,
            rx.el.div(
                button("Add a trip", size="sm", on_click=Item.begin("trip", option.key)),
                button("Add something else", size="sm", on_click=Item.begin("free", option.key)),
                button(
                    "Remove option", size="sm", kind="quiet", on_click=S.remove_option(option.key)
                ),
                class_name="flex flex-wrap gap-2 border-t border-line px-5 py-3",
            ),
        ),
        class_name="min-w-0 rounded-lg border border-line bg-card",
        custom_attrs={"aria-label": option.title},
    )


def _sum(label: str, amount: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-soft"),
        rx.el.dd(amount, class_name="tabular-nums"),
        class_name="flex justify-between gap-4 py-0.5",
    )


def _details() -> rx.Component:
    return section_card(
        "The proposal",
        rx.el.form(
            draft_note(),
            rx.el.p(
                "For ",
                link(V.client, href=V.client_href),
                rx.cond(V.client_email != "", " · " + V.client_email, " · no e-mail address yet"),
                class_name="break-words text-soft",
            ),
            field(
                "Title",
                "title",
                default_value=V.title,
                error=S.errors["title"],
                max_length=160,
                required=True,
                field_id="proposal-title",
            ),
            field(
                "Letter",
                "cover",
                control="textarea",
                default_value=V.cover,
                error=S.errors["cover"],
                hint="What the client reads first. An empty line begins a paragraph.",
                rows="7",
                max_length=6000,
                field_id="proposal-cover",
            ),
            date_field(
                "Valid until",
                "valid_until",
                default_value=V.valid_until,
                error=S.errors["valid_until"],
                field_id="proposal-until",
            ),
            field(
                "Language",
                "language",
                control="select",
                options=LANGUAGES,
                default_value=V.language,
                field_id="proposal-language",
            ),
            field(
                "Paid on accepting",
                "pay",
                control="select",
                options=WAYS,
                default_value=V.pay,
                field_id="proposal-pay",
            ),
            when(V.open, rx.el.div(button("Save", type="submit"))),
            id=DETAILS,
            key=S.written,
            on_submit=S.save,
            custom_attrs={"data-draft": "proposal"},
            class_name="grid gap-4 px-5 py-4",
        ),
    )


def _history() -> rx.Component:
    return section_card(
        "What happened",
        rx.el.ul(
            rx.foreach(V.said, lambda text: rx.el.li(text, class_name="break-words")),
            class_name="grid gap-2 px-5 py-4 text-soft tabular-nums",
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.div(
            button("Make a copy", size="sm", on_click=S.duplicate),
            when(
                V.can_withdraw,
                button("Withdraw", size="sm", kind="danger", on_click=S.ask_withdraw),
            ),
            when(
                V.was_sent,
                button("Copy the client's link", size="sm", custom_attrs={"data-copy": V.url}),
            ),
            class_name="flex flex-wrap gap-2 border-t border-line px-5 py-3",
        ),
    )


def _comments() -> rx.Component:
    return when(
        V.was_sent,
        section_card(
            "Questions",
            rx.el.ol(
                rx.foreach(
                    V.comments,
                    lambda item: rx.el.li(
                        rx.el.p(item.name, " · ", item.at, class_name="text-sm text-soft"),
                        rx.el.p(
                            item.text,
                            class_name=[
                                (
                                    "mt-1 w-fit max-w-full rounded-md px-3 py-2 whitespace-pre-line"
                                    " [overflow-wrap:anywhere]"
                                ),
                                rx.cond(item.mine, "bg-brand-soft", "bg-sunk"),
                            ],
                            dir="auto",
                        ),
                    ),
                ),
                class_name="grid gap-3 px-5 pt-4 empty:hidden",
                custom_attrs={"aria-live": "polite"},
            ),
            rx.el.form(
                field(
                    "Write to the client",
                    "body",
                    control="textarea",
                    error=S.errors["body"],
                    rows="3",
                    max_length=2000,
                    key=S.answered,
                    field_id="quote-body",
                    dir="auto",
                ),
                rx.el.div(button("Send message", type="submit"), class_name="mt-3"),
                on_submit=S.answer,
                class_name="px-5 py-4",
            ),
        ),
    )
