"""What the sign-in pages share: a narrow page with a heading, and a form that fills itself in."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import field, native_form, problem_summary
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.components.values import Child, Text, filled, when
from ecosystem.pages.layout import public_page
from ecosystem.state.account.form import AccountFormState as State


def narrow_page(title: str, below: Child, *children: Child) -> rx.Component:
    """Draw a page with one short form: its heading, good or bad news, the form."""
    return public_page(
        page_header(title, below=below, big=True),
        rx.el.div(
            rx.el.div(
                when(
                    filled(State.done),
                    rx.el.p(
                        State.done,
                        class_name="rounded-md border border-line bg-sunk px-4 py-3 text-md",
                    ),
                ),
                role="status",
                class_name="empty:hidden",
            ),
            problem_summary(State.problem),
            *children,
            class_name="mt-6 grid gap-5",
        ),
        width="narrow",
    )


def account_form(*children: Child, action: str, submit: str) -> rx.Component:
    """Draw a form that the browser posts to the API; it comes back here with what is wrong."""
    return native_form(
        rx.el.input(type="hidden", name="next", value=State.next, read_only=True),
        *children,
        button(submit, kind="primary", type="submit", extra="w-full"),
        action=action,
        key=f"{action}-{State.drawn}",
        class_name="grid gap-4",
        no_validate=True,
    )


def noted_field(label: Text, name: str, **props: Any) -> rx.Component:
    """Draw a field with the note's message under it and, except secrets, its value in it."""
    if props.get("type") != "password":
        props.setdefault("default_value", State.values[name])
    return field(label, name, error=State.errors[name], **props)


def email_field() -> rx.Component:
    return noted_field(_("Email"), "email", type="email", auto_complete="username", required=True)


def password_field(label: str = "", *, new: bool = False) -> rx.Component:
    return noted_field(
        label or _("Password"),
        "password",
        type="password",
        auto_complete="new-password" if new else "current-password",
        required=True,
        hint=_("At least 10 characters, with a capital letter, a small one and a number.")
        if new
        else "",
    )


def code_field(hint: str, label: str = "") -> rx.Component:
    return noted_field(
        label or _("Code"),
        "code",
        input_mode="numeric",
        auto_complete="one-time-code",
        required=True,
        hint=hint,
    )
