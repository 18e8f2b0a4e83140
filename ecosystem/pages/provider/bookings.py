"""``/provider/bookings``: what was booked of the operator's own packages."""

import reflex as rx

from ecosystem.pages.components.buttons import link_button
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.desk_page import booking_columns, booking_list, desk_page
from ecosystem.state.provider.bookings import PATH, ProviderBookingsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Bookings", below="Who booked your packages, newest first."),
        booking_list(
            ProviderBookingsState,
            PATH,
            booking_columns("lead", "trip", "total", "agency", "status"),
            hint="Reference, traveller or package",
            none_yet=empty_state(
                "No booking yet",
                "Once payouts are set up, published packages with open departures can be booked.",
                link_button("Your packages", href="/provider/packages"),
            ),
        ),
        area="provider",
        current=PATH,
    )
