"""Confirm an address with the mailed code."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.account.parts import account_form, code_field, email_field, narrow_page
from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.forms import native_form
from ecosystem.pages.components.values import sentence
from ecosystem.state.account.form import AccountFormState as State


def page() -> rx.Component:
    """Enter the code; have it mailed again."""
    return narrow_page(
        _("Confirm your address"),
        _("We mail a code to every new address, so that nobody signs up with yours."),
        account_form(
            email_field(),
            code_field(_("The six digits of our latest e-mail.")),
            action="/api/auth/confirm",
            submit=_("Confirm"),
        ),
        native_form(
            rx.el.input(type="hidden", name="email", value=State.values["email"], read_only=True),
            button(_("Mail the code again"), kind="quiet", size="sm", type="submit"),
            action="/api/auth/resend",
        ),
        rx.el.p(
            sentence(
                _(
                    "No e-mail? You may have an account with this address already: {sign_in} or {new}."
                ),
                sign_in=link(_("sign in"), href="/sign-in"),
                new=link(_("choose a new password"), href="/forgot-password"),
            ),
            class_name="text-sm text-soft",
        ),
    )
