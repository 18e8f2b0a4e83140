"""``/agent/team``: who works for the agency, and what each may see and do."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import LINE, checkbox
from ecosystem.pages.components.surfaces import section_card
from ecosystem.pages.team_parts import member, removing, team_page
from ecosystem.state.agent.team import PATH, AgentTeamState
from ecosystem.state.team_rows import MemberRow

State = AgentTeamState
ROLES = (("owner", "Owner"), ("agent", "Agent"), ("assistant", "Assistant"))


def page() -> rx.Component:
    """Draw the page."""
    return team_page(
        State,
        _leaving(),
        _giving(),
        area="agent",
        path=PATH,
        below="Who works with you, and what each of them sees.",
        people=rx.el.ul(rx.foreach(State.members, _member), class_name="divide-y divide-line"),
        invite_roles=ROLES,
        roles=(
            ("Owner", "Everything, with the team, the agency and payouts."),
            ("Agent", "Clients, trips, bookings, and what they earn."),
            ("Assistant", "Clients, trips and bookings; sees no commission and no cost."),
        ),
        key_roles=(
            ("agent", "Agent: as an agent does"),
            ("assistant", "Assistant: sees no commission"),
        ),
        more=rx.cond(State.phase == "shown", _second_factor()),
    )


def _member(row: rx.Var[MemberRow]) -> rx.Component:
    one: Any = row
    hand_over = button(
        "Hand over",
        rx.el.span(" what is ", one.name, "’s", class_name="sr-only"),
        on_click=State.ask_to_give(one.id),
    )
    return member(
        row,
        State,
        ROLES,
        rx.cond(one.has != "", hand_over),
        facts=rx.cond(one.has != "", rx.fragment(" · ", one.has)),
    )


def _second_factor() -> rx.Component:
    return section_card(
        "Signing in",
        rx.el.div(
            rx.cond(
                State.may_change,
                checkbox(
                    "Ask everybody for an authenticator app",
                    "required",
                    hint="All others are signed out and set one up when they come back.",
                    default_checked=State.second_factor,
                    on_change=State.require,
                    key=f"factor-{State.drawn}-{State.second_factor}",
                ),
                rx.el.p(
                    rx.cond(
                        State.second_factor,
                        "Everybody here signs in with an authenticator app as well.",
                        "An authenticator app is everybody’s own choice.",
                    ),
                    class_name="text-soft",
                ),
            ),
            class_name="p-5",
        ),
    )


def _takers(first: str) -> rx.Component:
    return rx.el.label(
        rx.el.span("Who takes over?", class_name="mb-1 block font-strong"),
        rx.el.select(
            rx.el.option(first, value=""),
            rx.foreach(State.others, lambda one: rx.el.option(one.name, value=one.id)),
            name="to",
            class_name=f"{LINE} w-full",
        ),
    )


def _leaving() -> rx.Component:
    one: Any = State.leaving
    return removing(
        State,
        " is signed out everywhere at once; links and keys made by them end. What they sold"
        " and noted stays with the agency.",
        rx.el.form(
            rx.cond(one.has != "", _takers("Nobody yet")),
            on_submit=State.remove,
            id="remove-form",
            key=one.id,
            class_name="mt-4",
        ),
        confirm=button("Remove", kind="danger", type="submit", form="remove-form"),
    )


def _giving() -> rx.Component:
    one: Any = State.giving
    return dialog(
        "Hand over",
        rx.el.p(
            one.has,
            " of ",
            one.name,
            " go to a colleague. Nothing changes for the travellers.",
            class_name="text-soft",
        ),
        rx.el.form(
            _takers("Choose somebody"),
            on_submit=State.give,
            id="give-form",
            key=one.id,
            class_name="mt-4",
        ),
        dialog_id="hand-over",
        shown=one.id != "",
        on_close=State.keep,
        actions=(
            button("Leave as it is", on_click=State.keep),
            button("Hand over", kind="primary", type="submit", form="give-form"),
        ),
    )
