"""The code of the authenticator app, after a right password."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.account.parts import account_form, code_field, narrow_page
from ecosystem.pages.components.buttons import link


def page() -> rx.Component:
    """Ask for the code that the app shows now."""
    return narrow_page(
        _("One more step"),
        _("Your account is protected by an authenticator app."),
        account_form(
            code_field(_("The six digits your app shows now.")),
            action="/api/auth/second-factor",
            submit=_("Continue"),
        ),
        rx.el.p(link(_("Begin again"), href="/sign-in"), class_name="text-md"),
    )
