"""A new password for who has forgotten the old one."""

import reflex as rx

from ecosystem.domain.language import _
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
        email_field(), action="/api/auth/forgot-password", submit=_("Mail me a code")
    )
    setting = account_form(
        email_field(),
        code_field(_("From the e-mail we have just sent.")),
        password_field(_("New password"), new=True),
        action="/api/auth/reset-password",
        submit=_("Set new password"),
    )
    # A mistake in the second form comes back with the code's or the password's message.
    coming_back = (
        (State.code == "code_sent")
        | (State.errors["code"] != "")
        | (State.errors["password"] != "")
    )
    return narrow_page(
        _("Choose a new password"),
        _("We mail a code to your address. With it you set a new password here."),
        rx.cond(coming_back, setting, asking),
        rx.el.p(link(_("Back to sign-in"), href="/sign-in"), class_name="text-md"),
    )
