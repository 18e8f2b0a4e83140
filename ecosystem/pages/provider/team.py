"""``/provider/team``: who works for the operator, and what each may do."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import skeleton_rows
from ecosystem.pages.components.forms import LINE, field, problem_summary
from ecosystem.pages.components.surfaces import badge, page_header, section_card
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.team_parts import invitation, keys_section, role_line, who
from ecosystem.state.provider.team import PATH, MemberRow, ProviderTeamState

State = ProviderTeamState
REMOVE = "remove-member"
KEY_ROLES = (("editor", "Editor: reads and changes"), ("viewer", "Viewer: only reads"))
ROLES = (
    ("owner", "Owner"),
    ("editor", "Editor"),
    ("viewer", "Viewer"),
)


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Team", below="Who works with you, and what each of them may do."),
        rx.el.div(
            rx.el.div(
                section_card(
                    "People",
                    loading_or_failed(
                        State.phase, State.problem, State.open, skeleton_rows(3), _members()
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
                section_card(
                    "Roles",
                    rx.el.dl(
                        role_line("Owner", "Everything, with the team, the profile and payouts."),
                        role_line("Editor", "Packages, departures, and answers to travellers."),
                        role_line("Viewer", "Sees everything and changes nothing."),
                        class_name="grid gap-3 p-5",
                    ),
                ),
                class_name="grid min-w-0 gap-6",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
        ),
        _leaving(),
        area="provider",
        current=PATH,
    )


def _members() -> rx.Component:
    return rx.el.ul(rx.foreach(State.members, _member), class_name="divide-y divide-line")


def _member(row: rx.Var[MemberRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        who(one.name, one.email, rx.cond(one.you, badge("You"))),
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
                button(
                    "Remove",
                    rx.el.span(" ", one.name, class_name="sr-only"),
                    kind="quiet",
                    on_click=State.ask_to_remove(one.id),
                ),
                class_name="flex items-center gap-2",
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
            field("Role", "role", control="select", options=ROLES, default_value="editor"),
            button("Send invitation", kind="primary", type="submit", extra="justify-self-start"),
            on_submit=State.invite,
            key=f"invite-{State.drawn}",
            no_validate=True,
            class_name="grid gap-4 p-5 [&>[role=alert]:empty]:hidden",
        ),
    )


def _leaving() -> rx.Component:
    one: Any = State.leaving
    return dialog(
        "Remove from the team",
        rx.el.p(
            one.name,
            " is signed out everywhere at once and sees nothing of yours any more. "
            "What was changed by them stays.",
            class_name="text-soft",
        ),
        dialog_id=REMOVE,
        shown=one.id != "",
        on_close=State.keep,
        actions=(
            button("Keep", on_click=State.keep),
            button("Remove", kind="danger", on_click=State.remove),
        ),
    )
