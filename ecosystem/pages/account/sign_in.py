"""Sign in."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.account.parts import account_form, email_field, narrow_page, password_field
from ecosystem.pages.components.buttons import link


def page() -> rx.Component:
    """One door for travellers, agents, operators and ops."""
    return narrow_page(
        _("Sign in"),
        _("Travellers, agents and operators come in here."),
        account_form(
            email_field(), password_field(), action="/api/auth/sign-in", submit=_("Sign in")
        ),
        rx.el.p(
            link(_("Forgotten your password?"), href="/forgot-password"),
            link(_("Create an account"), href="/sign-up"),
            class_name="flex flex-wrap justify-between gap-3 text-md",
        ),
    )
