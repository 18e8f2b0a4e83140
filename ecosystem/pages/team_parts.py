"""What the pages of operators' and agencies' teams have in common."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import LINE, field, problem_summary
from ecosystem.pages.components.surfaces import badge, page_header, section_card
from ecosystem.pages.components.values import Child
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.layout import Area
from ecosystem.state.team_keys import KeyRow, TeamKeysState
from ecosystem.state.team_rows import InvitationRow, MemberRow

Keys = TeamKeysState


Choices = Sequence[tuple[str, str]]
"""Roles: the value and its word, or what it may do."""


def team_page(
    state: Any,
    *dialogs: rx.Component,
    area: Area,
    path: str,
    below: str,
    people: rx.Component,
    invite_roles: Choices,
    roles: Choices,
    key_roles: Choices,
    more: Child = "",
) -> rx.Component:
    """Draw a team: its people, who was invited, keys for programs, what each role may do.

    Args:
        state: a State made of ``TeamPage``.
        dialogs: what it opens.
        area: whose desk.
        path: the page's address.
        below: a line under the title.
        people: the list, made of ``member``.
        invite_roles: what somebody may be invited as, the usual one second.
        roles: what each may do.
        key_roles: what a key may do.
        more: what stands between inviting and the roles.
    """
    return desk_page(
        page_header("Team", below=below),
        rx.el.div(
            rx.el.div(
                section_card(
                    "People",
                    loading_or_failed(
                        state.phase, state.problem, state.open, skeleton_rows(4), people
                    ),
                ),
                rx.cond(
                    state.invitations.length() > 0,
                    section_card(
                        "Invited",
                        rx.el.ul(
                            rx.foreach(
                                state.invitations, lambda row: _invitation(row, state, invite_roles)
                            ),
                            class_name="divide-y divide-line",
                        ),
                    ),
                ),
                rx.cond(state.may_change, keys_section(key_roles)),
                class_name="grid min-w-0 gap-6",
            ),
            rx.el.div(
                rx.cond(state.may_change, _invite(state, invite_roles)),
                more,
                section_card(
                    "Roles",
                    rx.el.dl(
                        *(_role_line(name, words) for name, words in roles),
                        class_name="grid gap-3 p-5",
                    ),
                ),
                class_name="grid min-w-0 gap-6",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
        ),
        *dialogs,
        area=area,
        current=path,
    )


def member(
    row: rx.Var[MemberRow], state: Any, roles: Choices, *buttons: Child, facts: Child = ""
) -> rx.Component:
    """Draw somebody of the team with her role, which an owner may change, and take her out.

    Args:
        row: who.
        state: as in ``team_page``.
        roles: what she may be.
        buttons: more of them before the one that removes.
        facts: what is said of her beside her address.
    """
    one: Any = row
    return rx.el.li(
        who(one.name, rx.fragment(one.email, facts), rx.cond(one.you, badge("You"))),
        rx.cond(
            state.may_change,
            rx.el.div(
                rx.el.select(
                    *(rx.el.option(label, value=value) for value, label in roles),
                    default_value=one.role,
                    key=f"{one.id}-{one.role}-{state.drawn}",
                    on_change=lambda role: state.change_role(one.id, role),
                    class_name=f"{LINE} w-32",
                    custom_attrs={"aria-label": "Role of " + one.name.to(str)},
                ),
                *buttons,
                button(
                    "Remove",
                    rx.el.span(" ", one.name, class_name="sr-only"),
                    kind="quiet",
                    on_click=state.ask_to_remove(one.id),
                ),
                class_name="flex flex-wrap items-center gap-2",
            ),
            badge(_role(one.role, roles)),
        ),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-5 py-4",
    )


def removing(state: Any, words: str, *children: Child, confirm: rx.Component) -> rx.Component:
    """Draw the question before ``state.leaving`` loses access; ``words`` follow her name."""
    one: Any = state.leaving
    return dialog(
        "Remove from the team",
        rx.el.p(one.name, words, class_name="text-soft"),
        *children,
        dialog_id="remove-member",
        shown=one.id != "",
        on_close=state.keep,
        actions=(button("Keep", on_click=state.keep), confirm),
    )


def _invite(state: Any, roles: Choices) -> rx.Component:
    return section_card(
        "Invite somebody",
        rx.el.form(
            problem_summary(state.refused),
            field(
                "Email",
                "email",
                type="email",
                auto_complete="off",
                required=True,
                error=state.email_error,
                hint="The link in the e-mail works for this address only.",
            ),
            field("Role", "role", control="select", options=roles, default_value=roles[1][0]),
            button("Send invitation", kind="primary", type="submit", extra="justify-self-start"),
            on_submit=state.invite,
            key=f"invite-{state.drawn}",
            no_validate=True,
            class_name="grid gap-4 p-5 [&>[role=alert]:empty]:hidden",
        ),
    )


def _invitation(row: rx.Var[InvitationRow], state: Any, roles: Choices) -> rx.Component:
    """Draw one that nobody has answered; ``state`` has ``resend revoke may_change``."""
    one: Any = row
    return rx.el.li(
        who(
            one.email,
            one.until,
            badge(_role(one.role, roles), rx.cond(one.expired, "warn", "plain")),
        ),
        rx.cond(
            state.may_change,
            rx.el.div(
                button(
                    "Send again",
                    rx.el.span(" to ", one.email, class_name="sr-only"),
                    size="sm",
                    on_click=state.resend(one.id),
                ),
                button(
                    "Withdraw",
                    rx.el.span(" the invitation of ", one.email, class_name="sr-only"),
                    size="sm",
                    kind="quiet",
                    on_click=state.revoke(one.id),
                ),
                class_name="flex items-center gap-2",
            ),
        ),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-5 py-4",
    )


def who(first: Any, second: Any, mark: rx.Component) -> rx.Component:
    """Draw a name with a mark behind it, and what is said of it below."""
    return rx.el.div(
        rx.el.p(
            rx.el.span(first, class_name="min-w-0 break-words font-strong"),
            mark,
            class_name="flex flex-wrap items-center gap-2",
        ),
        rx.el.p(second, class_name="text-sm break-words text-soft"),
        class_name="min-w-0 flex-[1_1_14rem]",
    )


def _role(role: rx.Var[str], roles: Choices) -> rx.Var[Any]:
    """A role in the word that the page has for it."""
    return rx.match(role, *roles, role)  # type: ignore[return-value]


def _role_line(name: str, words: str) -> rx.Component:
    """Draw what somebody in a role may do, for a ``dl``."""
    return rx.el.div(
        rx.el.dt(name, class_name="font-strong"), rx.el.dd(words, class_name="text-soft")
    )


def keys_section(roles: Sequence[tuple[str, str]]) -> rx.Component:
    """Draw the keys of the team's programs, for its owners. ``roles``: what a key may do."""
    return section_card(
        "Keys for programs",
        rx.cond(
            Keys.rows.length() > 0,
            rx.el.ul(rx.foreach(Keys.rows, _key), class_name="divide-y divide-line"),
            empty_state(
                "No program has a key",
                "With one, your own software books and reads here as you do.",
                compact=True,
            ),
        ),
        rx.el.form(
            problem_summary(Keys.refused),
            rx.el.div(
                field(
                    "Program",
                    "name",
                    field_id="key-name",
                    placeholder="Our accounting",
                    max_length=80,
                    required=True,
                    error=Keys.name_error,
                    auto_complete="off",
                ),
                field(
                    "May",
                    "role",
                    field_id="key-role",
                    control="select",
                    options=roles,
                    default_value=roles[0][0],
                ),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            button("Make a key", type="submit", extra="justify-self-start"),
            on_submit=Keys.make,
            key=f"key-{Keys.drawn}",
            no_validate=True,
            class_name="grid gap-4 border-t border-line p-5 [&>[role=alert]:empty]:hidden",
        ),
        dialog(
            "Your new key",
            rx.el.p(
                "Copy it now: it is shown this once. Who has it can do what you allowed.",
                class_name="text-soft",
            ),
            rx.el.p(
                Keys.secret,
                class_name="mt-3 rounded-md bg-sunk px-3 py-2 font-mono break-all select-all",
            ),
            dialog_id="new-key",
            shown=Keys.secret != "",
            on_close=Keys.seen,
            strict=True,
            actions=(
                button("Copy", custom_attrs={"data-copy": Keys.secret}),
                button("Done", kind="primary", on_click=Keys.seen),
            ),
        ),
        note="For the API. A key never changes the team, the profile or payouts.",
    )


def _key(row: rx.Var[KeyRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        who(one.name, one.facts, badge(one.role, rx.cond(one.revoked, "warn", "plain"))),
        rx.cond(
            one.revoked,
            rx.fragment(),
            button(
                "Revoke",
                rx.el.span(" the key of ", one.name, class_name="sr-only"),
                size="sm",
                kind="quiet",
                on_click=Keys.revoke(one.id),
            ),
        ),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-5 py-4",
    )
