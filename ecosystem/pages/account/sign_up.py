"""Create an account."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.account.parts import (
    account_form,
    email_field,
    narrow_page,
    noted_field,
    password_field,
)
from ecosystem.pages.components.buttons import link
from ecosystem.pages.components.choices import radio_card, radio_cards
from ecosystem.pages.components.values import sentence
from ecosystem.state.account.form import AccountFormState as State
from ecosystem.state.account.form import country_options


def _roles() -> tuple[tuple[str, str, str], ...]:
    """What one can come as: the value, its name, what it is for."""
    return (
        ("customer", _("Traveller"), _("I book trips for myself and my people.")),
        ("agent", _("Travel agent"), _("I book for clients and earn a commission.")),
        ("provider", _("Tour operator"), _("I offer trips and get paid for them.")),
    )


def page() -> rx.Component:
    """Ask what the account is for; a company also gives its name and country."""
    chosen = State.values["role"]
    return narrow_page(
        _("Create an account"),
        sentence(_("You have one? {link}."), link=link(_("Sign in"), href="/sign-in")),
        account_form(
            radio_cards(
                _("What do you come for?"),
                *(
                    radio_card(
                        title,
                        detail,
                        name="role",
                        value=value,
                        id=f"role-{value}",
                        default_checked=(chosen == value) | (chosen == "")
                        if value == "customer"
                        else chosen == value,
                    )
                    for value, title, detail in _roles()
                ),
                error=State.errors["role"],
            ),
            noted_field(_("Full name"), "name", auto_complete="name", required=True),
            # Shown by the browser itself as soon as one of the companies' answers is taken.
            rx.el.div(
                noted_field(_("Company name"), "organisation", auto_complete="organization"),
                noted_field(
                    _("Country of the company"),
                    "country",
                    control="select",
                    options=country_options(),
                ),
                class_name="grid gap-4 [form:has(#role-customer:checked)_&]:hidden",
            ),
            email_field(),
            password_field(new=True),
            action="/api/auth/sign-up",
            submit=_("Create account"),
        ),
    )
