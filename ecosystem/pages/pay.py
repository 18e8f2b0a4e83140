"""Where the payment link in an e-mail leads: straight on, or to a plain word why not."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.layout import public_page
from ecosystem.state.pay import PayState

S: Any = PayState  # whose fields are Vars when a page is drawn


def page() -> rx.Component:
    """Draw the page one sees for a moment."""
    return public_page(
        rx.match(
            S.phase,
            (
                "missing",
                _said(
                    _("This payment link does not exist"),
                    _("It may be incomplete. Copy all of it."),
                ),
            ),
            ("ended", _said(_("There is nothing to pay here any more"), S.problem)),
            (
                "failed",
                _said(
                    _("The payment page could not be opened"),
                    S.problem,
                    button(_("Try again"), kind="primary", on_click=S.open),
                ),
            ),
            _opening(),
        ),
        width="text",
    )


def _opening() -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="spinner text-brand"),
        rx.el.h1(_("Opening the payment page"), class_name="font-serif text-h3"),
        class_name="flex items-center gap-4 py-16",
        role="status",
    )


def _said(title: str, detail: str | rx.Var[str], *actions: rx.Component) -> rx.Component:
    return rx.fragment(
        rx.el.h1(title, class_name="font-serif text-h2 md:text-h1"),
        rx.el.p(detail, class_name="mt-3 max-w-[64ch] text-soft", role="status"),
        rx.el.div(
            *actions,
            link_button(_("My bookings"), href="/trips"),
            link_button(_("Find a trip"), href="/search"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )
