"""``/agent/commissions``: how the agency is paid, and its statements."""

import reflex as rx

from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.desk_page import desk_page
from ecosystem.pages.payout_card import payout_card
from ecosystem.pages.statements import statements_section

PATH = "/agent/commissions"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Commissions", below="What your agency earns, and how it reaches your bank."),
        rx.el.div(
            payout_card(
                "Your clients pay Ecosystem by card when they book.",
                "Your commission is a part of the price, fixed when a trip is booked.",
                "Stripe keeps your bank details; we never see them.",
            ),
            statements_section(),
            class_name="grid max-w-[1060px] gap-6",
        ),
        area="agent",
        current=PATH,
    )
