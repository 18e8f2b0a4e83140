"""The page for an address that leads nowhere."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import link_button
from ecosystem.pages.layout import public_page


def page() -> rx.Component:
    """Draw the page."""
    return public_page(
        rx.el.h1(_("There is no page at this address"), class_name="font-serif text-h1"),
        rx.el.p(
            _(
                "It may have moved, or the link may be incomplete. What you have booked is under "
                "“My bookings”."
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button(_("Find a trip"), href="/search", kind="primary"),
            link_button(_("My bookings"), href="/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
        width="text",
    )
