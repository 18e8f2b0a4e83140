"""A new password for who has forgotten the old one."""

import reflex as rx

from ecosystem.pages.account.parts import (
    account_form,
    code_field,
    email_field,
    narrow_page,
    password_field,
)
from ecosystem.pages.components.buttons import link
from ecosystem.state.account.form import AccountFormState as State


def page() -> rx.Component:
    """Ask for the address; then, once a code is mailed, for the code and a new password."""
    asking = account_form(
        email_field(), action="/api/auth/forgot-password", submit="Mail me a code"
    )
    setting = account_form(
        email_field(),
        code_field("From the e-mail we have just sent."),
        password_field("New password", new=True),
        action="/api/auth/reset-password",
        submit="Set new password",
    )
    # A mistake in the second form comes back with the code's or the password's message.
    coming_back = (
        (State.code == "code_sent")
        | (State.errors["code"] != "")
        | (State.errors["password"] != "")
    )
    return narrow_page(
        "Choose a new password",
        "We mail a code to your address. With it you set a new password here.",
        rx.cond(coming_back, setting, asking),
        rx.el.p(link("Back to sign-in", href="/sign-in"), class_name="text-md"),
    )
