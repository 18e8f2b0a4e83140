"""The list of a person's bookings, and finding one by its reference."""

import re
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Invalid, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.views import BookingRow, Page
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_words import TONES, status_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

_REFERENCE = re.compile(r"^TRV-[0-9A-Z]{6,12}$")


@dataclass(frozen=True)
class TripRow:
    reference: str
    href: str
    title: str
    when: str
    party: str
    total: str
    due: str
    status: str
    tone: str


class TripsState(rx.State):
    """Bookings newest first, ``following`` leads to older ones."""

    ready: bool = False
    problem: str = ""
    signed_in: bool = False
    rows: list[TripRow] = []
    following: str = ""
    reference_error: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Load what this person, or this browser, has booked."""
        self.reset()
        try:
            actor = await current_actor(self)
            self.signed_in = actor.signed_in
            cursor = query(self).get("after", "")
            found = await call(_rows, actor, cursor)
        except EcosystemError as error:
            self.problem, self.ready = error.detail, True
            return
        self.rows = [_row(row) for row in found.items]
        self.following = f"/trips?after={found.next}" if found.next else ""
        self.ready = True

    @rx.event
    @allow("*", limit="reference")
    async def find(self, form: dict[str, Any]) -> EventSpec | None:
        """Open the booking with the reference that was typed."""
        self.reference_error = ""
        typed = form.get("reference") if isinstance(form, dict) else None
        reference = "".join(typed.split()).upper()[:40] if isinstance(typed, str) else ""
        if not _REFERENCE.match(reference):
            self.reference_error = _(
                "A reference looks like TRV-7K3Q9XHM. It stands in the e-mail and in the trip's"
                " address."
            )
            return None
        try:
            await call(services().bookings.get, await current_actor(self), reference)
        except NotFound as error:
            self.reference_error = " ".join(
                (error.detail, _("Signing in may help, if you have an account."))
            )
            return None
        except EcosystemError as error:
            self.reference_error = error.detail
            return None
        return rx.redirect(f"/trips/{reference}")


def _rows(actor: Actor, cursor: str) -> Page[BookingRow]:
    """A page of bookings; the first one for a cursor that is not ours."""
    try:
        return services().marketplace.trips(actor, cursor=cursor)
    except Invalid:
        return services().marketplace.trips(actor)


def _row(row: BookingRow) -> TripRow:
    return TripRow(
        reference=row.reference,
        href=f"/trips/{row.reference}",
        title=row.title,
        when=formats.days(row.starts_on, row.ends_on),
        party=formats.people(row.travellers),
        total=formats.money(row.total),
        due=_due(row),
        status=status_words(row.status),
        tone=TONES[row.status],
    )


def _due(row: BookingRow) -> str:
    """When the rest is to be paid; empty if nothing is, or it has to be at once."""
    if row.due_on is None or row.status == "pending_payment" or not row.due.minor:
        return ""
    return _("rest due {day}").format(day=formats.days(row.due_on, row.due_on))
