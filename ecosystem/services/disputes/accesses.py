"""Who opened a booking's page or took its documents, and when: evidence in a dispute."""

from typing import Literal

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, disputes
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.services.ports import Clock

What = Literal["page", "voucher", "invoice", "calendar", "payment"]
LONGEST_BROWSER = 200
LONGEST_ADDRESS = 64


class Accesses:
    """Only the buyer's own looks are kept; those of agents, operators and operations say
    nothing about whether the buyer knew of the trip."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(self, actor: Actor, reference: str, what: What, *, address: str, browser: str) -> None:
        """Count a look by somebody who sees the booking in full.

        Args:
            actor: whoever looks; the caller has checked that she may.
            reference: the booking's.
            what: the page or a document.
            address: her network address.
            browser: what her browser says it is.
        """
        if actor.role not in ("guest", "customer"):
            return
        with self._database.unit(RDS) as session:
            booking = bookings.by_reference(session, reference)
            if booking is not None:
                disputes.note_access(
                    session,
                    booking.id,
                    what,
                    _printable(address, LONGEST_ADDRESS),
                    _printable(browser, LONGEST_BROWSER),
                    self._clock.now(),
                )


def _printable(text: str, longest: int) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:longest]
