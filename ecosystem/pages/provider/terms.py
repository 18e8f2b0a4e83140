"""The operator's terms, on its page about payouts."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import skeleton_fields
from ecosystem.pages.components.forms import checkbox, field, problem_summary
from ecosystem.pages.components.surfaces import section_card
from ecosystem.pages.desk_page import loading_or_failed
from ecosystem.state.provider.terms import ProviderTermsState

State = ProviderTermsState


def terms_section() -> rx.Component:
    """Draw the form. The page opens with ``ProviderTermsState.open``."""
    return section_card(
        "Your terms",
        rx.el.div(
            loading_or_failed(
                State.phase, State.problem, State.open, skeleton_fields(6), _content()
            ),
            class_name="p-5",
        ),
        note=rx.cond(
            State.view.pay_after != "",
            rx.fragment("Your share of each payment is sent ", State.view.pay_after, "."),
            "",
        ),
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(State.conflict, _conflict()),
        rx.cond(
            ~State.may_change,
            rx.el.p(
                "You can see this, but only an owner of the team can change it.",
                class_name="rounded-md border border-line bg-sunk px-4 py-3 text-md",
            ),
        ),
        problem_summary(State.refused),
        rx.el.form(
            rx.el.fieldset(
                rx.el.div(
                    _invoices(), _bookings(), class_name="grid gap-x-8 gap-y-6 lg:grid-cols-2"
                ),
                disabled=~State.may_change,
                class_name="min-w-0",
            ),
            rx.cond(
                State.may_change, button("Save terms", kind="primary", type="submit", extra="mt-6")
            ),
            on_submit=State.save,
            key=f"terms-{State.loads}",
            no_validate=True,
        ),
        class_name="grid gap-5 [&>[role=alert]:empty]:hidden",
    )


def _invoices() -> rx.Component:
    return rx.el.div(
        rx.el.h3("On invoices and vouchers", class_name="font-strong"),
        _field("Name on invoices", "invoice_name", max_length=120, hint="Empty: your public name."),
        _field(
            "Address",
            "invoice_address",
            control="textarea",
            max_length=400,
            hint="As it stands on your letters, at most six lines.",
        ),
        rx.el.div(
            _field("Tax number", "tax_number", max_length=40),
            _field(
                "Tax in your prices, percent",
                "tax_percent",
                input_mode="decimal",
                hint="0: no tax line.",
            ),
            class_name="grid items-start gap-4 sm:grid-cols-2",
        ),
        class_name="grid content-start gap-4",
    )


def _bookings() -> rx.Component:
    view: Any = State.view
    return rx.el.div(
        rx.el.h3("Of your bookings", class_name="font-strong"),
        checkbox(
            "Ask for the birth date of each traveller",
            "asks_birth_dates",
            hint="Checkout asks for it, and you find it with the names.",
            default_checked=view.asks_birth_dates,
        ),
        _field(
            "When a balance is not paid in time",
            "overdue",
            control="select",
            options=(
                ("keep", "The booking stays; I decide"),
                ("cancel", "The booking is cancelled by its policy"),
            ),
        ),
        _field(
            "Days after the due day",
            "overdue_days",
            input_mode="numeric",
            hint="Buyers are reminded 14, 7 and 2 days before the due day, on it, and the day"
            " after.",
        ),
        class_name="grid content-start gap-4",
    )


def _field(label: str, name: str, **props: Any) -> rx.Component:
    view: Any = State.view
    return field(label, name, error=State.errors[name], default_value=getattr(view, name), **props)


def _conflict() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                "Somebody else has changed these terms since you opened them",
                class_name="font-strong",
            ),
            rx.el.p(
                "Nothing was overwritten. Reload to see their version; what you typed is then"
                " gone, so copy it first if you need it.",
                class_name="mt-1 text-soft",
            ),
            class_name="min-w-0 flex-[1_1_20rem]",
        ),
        button("Reload", on_click=State.open),
        role="alert",
        class_name="flex flex-wrap items-center justify-between gap-4 rounded-lg border "
        "border-bad/40 bg-bad-soft px-5 py-4",
    )
