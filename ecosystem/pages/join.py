"""``/join/[token]``: an invitation into a team, accepted."""

from typing import Any

import reflex as rx

from ecosystem.pages.account.parts import noted_field, password_field
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.feedback import bone, empty_state, error_state
from ecosystem.pages.components.forms import native_form, problem_summary
from ecosystem.pages.components.surfaces import card, page_header
from ecosystem.pages.layout import public_page
from ecosystem.state.account.form import AccountFormState
from ecosystem.state.join import JoinState

State = JoinState


def page() -> rx.Component:
    """Draw the page: what one is invited to, and the way in."""
    view: Any = State.view
    return public_page(
        page_header(
            rx.match(
                State.phase,
                ("shown", rx.cond(view.team != "", "Join " + view.team, "An invitation")),
                ("missing", "There is no such invitation"),
                "An invitation",
            ),
            below=rx.cond(State.phase == "shown", view.role, ""),
            big=True,
        ),
        rx.match(
            State.phase,
            ("loading", bone("mt-6 h-40 w-full !rounded-lg")),
            ("missing", _missing()),
            ("failed", error_state("This page could not be loaded", State.problem, _again())),
            rx.el.div(
                problem_summary(State.problem),
                rx.match(
                    view.way,
                    ("join", _join()),
                    ("enter", _enter()),
                    ("other", _other()),
                    _ended(),
                ),
                class_name="mt-6 grid gap-5",
            ),
        ),
        width="narrow",
    )


def _again() -> rx.Component:
    return button("Try again", on_click=State.open)


def _missing() -> rx.Component:
    return card(
        empty_state(
            "This link leads nowhere",
            "It may be cut off, or a newer e-mail has replaced it.",
            link_button("To the start page", href="/"),
        )
    )


def _ended() -> rx.Component:
    return card(
        empty_state(
            "This invitation has ended",
            State.view.ended,
            link_button("Sign in", href="/sign-in"),
        )
    )


def _join() -> rx.Component:
    return rx.el.div(
        rx.el.p("You are signed in as ", rx.el.strong(State.view.who), "."),
        button("Join the team", kind="primary", on_click=State.join, extra="mt-4 w-full"),
    )


def _other() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "This invitation is for ",
            rx.el.strong(State.view.email),
            ". You are signed in as ",
            rx.el.strong(State.view.who),
            ".",
        ),
        native_form(
            _next(),
            button("Sign out", type="submit", kind="primary", extra="mt-4 w-full"),
            action="/api/auth/sign-out",
        ),
    )


def _enter() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            "You have an account for ",
            rx.el.strong(State.view.email),
            "? ",
            link("Sign in", href="/sign-in?next=/join/" + State.token),
            ".",
        ),
        problem_summary(AccountFormState.problem),
        native_form(
            rx.el.h2("New here", class_name="font-strong"),
            _next(),
            _hidden("invitation", State.token),
            _hidden("role", State.view.kind),
            _hidden("email", State.view.email),
            noted_field("Full name", "name", auto_complete="name", required=True),
            password_field(new=True),
            rx.el.p(
                AccountFormState.errors["email"],
                class_name="text-sm text-bad empty:hidden",
                role="alert",
            ),
            button("Create account", kind="primary", type="submit", extra="w-full"),
            action="/api/auth/sign-up",
            key=f"join-{AccountFormState.drawn}-{State.token}",
            class_name="grid gap-4",
            no_validate=True,
        ),
    )


def _next() -> rx.Component:
    return _hidden("next", "/join/" + State.token)


def _hidden(name: str, value: Any) -> rx.Component:
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)
