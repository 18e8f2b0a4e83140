"""Changes of a booking for those it concerns: buyer, agent, operator, operations."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import (
    ChangeDone,
    ChangePreview,
    ChangeView,
    DateChoice,
    Possible,
    What,
)
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.money import Money
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.payments import Payments
from ecosystem.services.ports import Clock


class Changes:
    """Who may change a booking: the customer who owns it, a guest with its view key
    (``key``), an agent of its agency, an owner or editor of its operator, operations."""

    def __init__(
        self, database: Database, catalogue: Catalogue, payments: Payments, clock: Clock
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._payments = payments
        self._clock = clock

    def possible(self, actor: Actor, reference: str, *, key: str = "") -> Possible:
        """What the actor may change on the booking now.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        raise Unavailable("Changes are not ready.")

    def preview(self, actor: Actor, reference: str, what: What, *, key: str = "") -> ChangePreview:
        """What a change would come to now. Changes nothing.

        Raises:
            NotFound: no such booking, traveller, add-on or departure, or somebody else's.
            Conflict: ``not_changeable`` (ended, begun, cancelled), ``last_adult``,
                ``addon_required``, ``sold_out`` with ``seats_left``, ``departure_closed``,
                ``change_waiting`` (another date waits for its payment), ``no_rates``.
        """
        raise Unavailable("Changes are not ready.")

    def carry_out(
        self,
        actor: Actor,
        reference: str,
        what: What,
        *,
        key: str = "",
        expected_refund: Money | None = None,
        revision: int | None = None,
        reason: str = "",
    ) -> ChangeDone:
        """Make the change; the money that goes back is on its way when this returns.

        ``expected_refund`` and ``revision`` are what the preview said. Cancelling a booking
        that is cancelled answers with that cancellation.

        Raises:
            As ``preview``, and
            Conflict: ``refund_changed`` (with ``refund`` in minor units), ``booking_changed``,
                ``payment_processing`` while a bank has not decided.
            Unavailable: Stripe does not answer; nothing was changed.
        """
        raise Unavailable("Changes are not ready.")

    def carry_out_as_system(self, booking_id: UUID, what: What, *, reason: str) -> ChangeDone:
        """As ``carry_out`` by the buyer's policy, for the product's own duties (overdue)."""
        raise Unavailable("Changes are not ready.")

    def dates(
        self,
        actor: Actor,
        reference: str,
        *,
        key: str = "",
        first: date | None = None,
        limit: int = 24,
    ) -> Sequence[DateChoice]:
        """Departures the booking can move to, from ``first``, with the difference in price."""
        raise Unavailable("Changes are not ready.")

    def drop(self, actor: Actor, reference: str, change_id: UUID, *, key: str = "") -> None:
        """Give up a dearer date that waits for its payment: its seats go back.

        Raises:
            NotFound: no such change of the booking.
            Conflict: ``already_paid``: the date has changed meanwhile.
        """
        raise Unavailable("Changes are not ready.")

    def history(self, actor: Actor, reference: str, *, key: str = "") -> Sequence[ChangeView]:
        """What was changed, newest first, with the state of each refund."""
        raise Unavailable("Changes are not ready.")
