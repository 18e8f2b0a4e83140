"""``/agent/bookings``: what the agency has booked."""

import reflex as rx

from ecosystem.pages.components.buttons import link_button
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.desk_page import booking_columns, booking_list, desk_page
from ecosystem.state.agent.bookings import PATH, AgentBookingsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Bookings", below="Everything your agency has booked, newest first."),
        booking_list(
            AgentBookingsState,
            PATH,
            booking_columns("lead", "trip", "total", "commission", "status"),
            hint="Reference, traveller, e-mail or trip",
            none_yet=empty_state(
                "No booking yet",
                "Find a trip for a client; the booking appears here with your commission.",
                link_button("Search trips", href="/agent/search"),
            ),
        ),
        area="agent",
        current=PATH,
    )
