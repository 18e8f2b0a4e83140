"""The checkout: who travels, how much now, and on to the payment page."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.agent.at_checkout import agency_terms
from ecosystem.pages.checkout.form import checkout_form
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.feedback import bone, error_state, skeleton_fields
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.trips import price_note, price_rows, rate_note
from ecosystem.pages.layout import public_page, two_columns
from ecosystem.state.checkout import CheckoutState

S: Any = CheckoutState  # whose fields are Vars when a page is drawn
V, A = S.view, S.amounts


def page() -> rx.Component:
    """Draw the checkout."""
    return public_page(
        rx.match(
            S.phase,
            ("open", rx.cond(S.is_hydrated, _open(), _coming())),
            ("ended", _ended()),
            ("missing", _missing()),
            ("failed", _failed()),
            _coming(),
        ),
        width="form",
    )


def _coming() -> rx.Component:
    return rx.el.div(
        two_columns(
            rx.el.div(
                bone("h-9 w-64"),
                bone("mt-4 mb-7 h-5 w-80 max-w-full"),
                skeleton_fields(2),
                bone("mt-8 h-36 w-full !rounded-lg"),
            ),
            bone("h-[420px] w-full !rounded-lg"),
        ),
        custom_attrs={"aria-busy": "true"},
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("This reservation is not here"), class_name="font-serif text-h1"),
        rx.el.p(
            _(
                "A reservation can only be opened in the browser, or with the account, that made it. "
                "Nothing was charged."
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button(_("Find a trip"), href="/search", kind="primary"),
            link_button(_("My bookings"), href="/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Checkout"), class_name="sr-only"),
        error_state(
            _("Your reservation could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _ended() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Your reservation has ended"), class_name="font-serif text-h2 md:text-h1"),
        rx.el.p(
            rx.cond(
                S.problem != "",
                S.problem,
                _("The time to pay is over and the seats are on sale again. Nothing was charged."),
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
            role="status",
        ),
        rx.el.div(
            link_button(
                _("Back to {trip}").format(trip=V.title), href=V.package_href, kind="primary"
            ),
            link_button(_("Find another trip"), href="/search"),
            class_name="mt-6 flex flex-wrap gap-3 [&>a]:h-auto [&>a]:min-h-10 [&>a]:py-2 "
            "[&>a]:whitespace-normal",
        ),
    )


def _open() -> rx.Component:
    return rx.fragment(
        refreshed(S.look, every=30),
        two_columns(checkout_form(), rx.el.div(_summary(), agency_terms())),
    )


def _summary() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Your trip"), class_name="sr-only"),
        rx.el.img(
            src=V.cover,
            alt="",
            width="800",
            height="500",
            class_name="aspect-[2.2] w-full bg-sunk object-cover",
        ),
        rx.el.div(
            rx.el.h3(
                anchor(V.title, href=V.package_href, class_name="hover:underline"),
                class_name="font-strong break-words",
            ),
            rx.el.p(V.when, " · ", V.party, class_name="mb-3 text-soft"),
            price_rows(A.lines, A.total, price_note(_("All of it back until"), V.all_back)),
            rate_note(S.rate_note, "mt-2"),
            class_name="p-5",
        ),
        class_name="overflow-hidden rounded-lg border border-line bg-card",
    )
