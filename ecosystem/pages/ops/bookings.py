"""``/ops/bookings``: every booking of the marketplace."""

import reflex as rx

from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.desk_page import booking_columns, booking_list, desk_page
from ecosystem.state.ops.bookings import PATH, OpsBookingsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Bookings", below="All bookings of all agencies and operators, newest first."),
        booking_list(
            OpsBookingsState,
            PATH,
            booking_columns("lead", "trip", "parties", "total", "status"),
            hint="Reference, traveller, e-mail or trip",
            none_yet=empty_state("No booking yet", "The first booking appears here."),
        ),
        area="ops",
        current=PATH,
    )
