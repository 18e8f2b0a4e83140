"""``/agent/team``: who works for the agency, and what each may see and do."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import skeleton_rows
from ecosystem.pages.components.forms import LINE, checkbox, field, problem_summary
from ecosystem.pages.components.surfaces import badge, page_header, section_card
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.team_parts import invitation, keys_section, role_line, who
from ecosystem.state.agent.team import PATH, AgentTeamState, ColleagueRow

State = AgentTeamState
ROLES = (("owner", "Owner"), ("agent", "Agent"), ("assistant", "Assistant"))
KEY_ROLES = (
    ("agent", "Agent: as an agent does"),
    ("assistant", "Assistant: sees no commission"),
)


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Team", below="Who works with you, and what each of them sees."),
        rx.el.div(
            rx.el.div(
                section_card(
                    "People",
                    loading_or_failed(
                        State.phase, State.problem, State.open, skeleton_rows(4), _members()
                    ),
                ),
                rx.cond(
                    State.invitations.length() > 0,
                    section_card(
                        "Invited",
                        rx.el.ul(
                            rx.foreach(State.invitations, lambda row: invitation(row, State)),
                            class_name="divide-y divide-line",
                        ),
                    ),
                ),
                rx.cond(State.may_change, keys_section(KEY_ROLES)),
                class_name="grid min-w-0 gap-6",
            ),
            rx.el.div(
                rx.cond(State.may_change, _invite()),
                rx.cond(State.phase == "shown", _second_factor()),
                section_card(
                    "Roles",
                    rx.el.dl(
                        role_line("Owner", "Everything, with the team, the agency and payouts."),
                        role_line("Agent", "Clients, trips, bookings, and what they earn."),
                        role_line(
                            "Assistant",
                            "Clients, trips and bookings; sees no commission and no cost.",
                        ),
                        class_name="grid gap-3 p-5",
                    ),
                ),
                class_name="grid min-w-0 gap-6",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
        ),
        _leaving(),
        _giving(),
        area="agent",
        current=PATH,
    )


def _members() -> rx.Component:
    return rx.el.ul(rx.foreach(State.members, _member), class_name="divide-y divide-line")


def _member(row: rx.Var[ColleagueRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        who(
            one.name,
            rx.fragment(one.email, rx.cond(one.has != "", rx.fragment(" · ", one.has))),
            rx.cond(one.you, badge("You")),
        ),
        rx.cond(
            State.may_change,
            rx.el.div(
                rx.el.select(
                    *(rx.el.option(label, value=value) for value, label in ROLES),
                    default_value=one.role,
                    key=f"{one.id}-{one.role}-{State.drawn}",
                    on_change=lambda role: State.change_role(one.id, role),
                    class_name=f"{LINE} w-32",
                    custom_attrs={"aria-label": "Role of " + one.name.to(str)},
                ),
                rx.cond(
                    one.has != "",
                    button(
                        "Hand over",
                        rx.el.span(" what is ", one.name, "’s", class_name="sr-only"),
                        on_click=State.ask_to_give(one.id),
                    ),
                ),
                button(
                    "Remove",
                    rx.el.span(" ", one.name, class_name="sr-only"),
                    kind="quiet",
                    on_click=State.ask_to_remove(one.id),
                ),
                class_name="flex flex-wrap items-center gap-2",
            ),
            badge(one.role),
        ),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-5 py-4",
    )


def _invite() -> rx.Component:
    return section_card(
        "Invite somebody",
        rx.el.form(
            problem_summary(State.refused),
            field(
                "Email",
                "email",
                type="email",
                auto_complete="off",
                required=True,
                error=State.email_error,
                hint="The link in the e-mail works for this address only.",
            ),
            field("Role", "role", control="select", options=ROLES, default_value="agent"),
            button("Send invitation", kind="primary", type="submit", extra="justify-self-start"),
            on_submit=State.invite,
            key=f"invite-{State.drawn}",
            no_validate=True,
            class_name="grid gap-4 p-5 [&>[role=alert]:empty]:hidden",
        ),
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
    return dialog(
        "Remove from the team",
        rx.el.p(
            one.name,
            " is signed out everywhere at once; links and keys made by them end. What they sold"
            " and noted stays with the agency.",
            class_name="text-soft",
        ),
        rx.el.form(
            rx.cond(one.has != "", _takers("Nobody yet")),
            on_submit=State.remove,
            id="remove-form",
            key=one.id,
            class_name="mt-4",
        ),
        dialog_id="remove-member",
        shown=one.id != "",
        on_close=State.keep,
        actions=(
            button("Keep", on_click=State.keep),
            button("Remove", kind="danger", type="submit", form="remove-form"),
        ),
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
