"""What the pages of operators' and agencies' teams have in common."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.state.team_keys import KeyRow, TeamKeysState
from ecosystem.state.team_rows import InvitationRow

Keys = TeamKeysState


def invitation(row: rx.Var[InvitationRow], state: Any) -> rx.Component:
    """Draw one that nobody has answered; ``state`` has ``resend revoke may_change``."""
    one: Any = row
    return rx.el.li(
        who(one.email, one.until, badge(one.role, rx.cond(one.expired, "warn", "plain"))),
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


def role_line(name: str, words: str) -> rx.Component:
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
                    placeholder="Our accounting",
                    max_length=80,
                    required=True,
                    error=Keys.name_error,
                    auto_complete="off",
                ),
                field(
                    "May",
                    "role",
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
