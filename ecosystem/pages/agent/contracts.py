"""``/agent/contracts``: what operators offer the agency, what holds, and what did."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.earnings import EARNINGS
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.surfaces import card, page_header, section_card
from ecosystem.pages.contract_parts import contract_entry, end_dialog
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.contracts import PATH, AgentContractsState

State = AgentContractsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Contracts",
            below="How your agency earns on each operator's trips. Without a contract it is the"
            " commission that each package says.",
        ),
        rx.cond(
            State.phase == "forbidden",
            card(
                empty_state("Not for your role", State.problem, link_button("Today", href="/agent"))
            ),
            loading_or_failed(State.phase, State.problem, State.open, skeleton_rows(5), _content()),
        ),
        _answer_dialog(),
        end_dialog(State),
        area="agent",
        current=PATH,
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(
            State.offers.length() > 0,
            section_card(
                "Offers to answer",
                _list(State.offers, _offer),
                note=_owners_only(),
            ),
        ),
        section_card(
            "What holds",
            rx.cond(
                State.held.length() > 0,
                _list(State.held, _held),
                empty_state(
                    "No contract yet",
                    "Operators offer them. You get an e-mail, and the offer is here to answer.",
                    compact=True,
                ),
            ),
        ),
        rx.cond(
            State.past.length() > 0,
            section_card(
                "Before", _list(State.past, lambda row: contract_entry(row, heading=_of(row)))
            ),
        ),
        class_name="grid max-w-[1060px] gap-6",
    )


def _owners_only() -> rx.Component:
    return rx.cond(
        State.may_change,
        rx.fragment("Net prices are for ", link("verified agencies", href="/agent/profile"), "."),
        rx.fragment("An owner of your agency accepts or declines them."),
    )


def _list(rows: Any, draw: Any) -> rx.Component:
    return rx.el.ul(rx.foreach(rows, draw), class_name="divide-y divide-line")


def _of(row: rx.Var) -> rx.Component:
    one: Any = row
    return rx.fragment(one.other, " · ", one.model)


def _offer(row: rx.Var) -> rx.Component:
    one: Any = row
    return contract_entry(
        row,
        rx.cond(
            State.may_change,
            rx.fragment(
                button("Accept…", kind="primary", on_click=State.ask(one.id, "accept")),
                button("Decline…", on_click=State.ask(one.id, "decline")),
            ),
        ),
        heading=_of(row),
    )


def _held(row: rx.Var) -> rx.Component:
    one: Any = row
    return contract_entry(
        row,
        rx.cond(State.may_change, button("End…", on_click=State.ask_to_end(one.id))),
        heading=_of(row),
    )


def _answer_dialog() -> rx.Component:
    one: Any = State.answering
    accepting = State.answer == "accept"
    return dialog(
        rx.cond(accepting, "Accept the offer", "Decline the offer"),
        rx.el.p(
            one.other,
            rx.cond(
                accepting,
                ": it holds for what you sell from its first day on, and takes the place of the"
                " contract before it. What was sold stays as it was sold.",
                ": nothing changes. They can offer you another one.",
            ),
            class_name="text-soft",
        ),
        rx.el.ul(
            rx.foreach(one.facts, lambda said: rx.el.li(said)),
            class_name="mt-4",
            custom_attrs=EARNINGS,
        ),
        rx.el.p(one.period, class_name="mt-1 text-sm text-soft"),
        dialog_id="answer-contract",
        shown=one.id != "",
        on_close=State.keep,
        actions=(
            button("Not now", on_click=State.keep),
            button(rx.cond(accepting, "Accept", "Decline"), kind="primary", on_click=State.confirm),
        ),
    )
