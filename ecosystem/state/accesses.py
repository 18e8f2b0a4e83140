"""A buyer opened the page of her trip: noted, for the day somebody disputes the payment."""

import logging

import reflex as rx

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.views import BookingView
from ecosystem.state.calling import call
from ecosystem.wiring import services

log = logging.getLogger(__name__)


async def note_access(state: rx.State, actor: Actor, booking: BookingView) -> None:
    """Count a look at a booking that is shown in full. Never keeps the page from being shown."""
    if booking.masked:
        return
    session, headers = state.router.session, state.router.headers
    try:
        await call(
            services().accesses.note,
            actor,
            booking.reference,
            "page",
            address=str(session.client_ip),
            browser=str(headers.user_agent),
        )
    except EcosystemError as error:
        log.warning("booking %s: a look was not noted: %s", booking.reference, error.detail)
