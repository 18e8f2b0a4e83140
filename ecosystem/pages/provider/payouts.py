"""``/provider/payouts``: how the operator is paid, by which terms, and its statements."""

import reflex as rx

from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.desk_page import desk_page
from ecosystem.pages.payout_card import payout_card
from ecosystem.pages.provider.terms import terms_section
from ecosystem.pages.statements import statements_section


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Payouts", below="How your share of each booking reaches your bank."),
        rx.el.div(
            payout_card(
                "Buyers pay Ecosystem by card when they book.",
                "Your share is the price less the seller's commission and our fee.",
                "Stripe keeps your bank details; we never see them.",
            ),
            terms_section(),
            statements_section(),
            class_name="grid max-w-[1060px] gap-6",
        ),
        area="provider",
        current="/provider/payouts",
    )
