"""The marketplace's most frequent reads, wherever they are served from."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.domain.language import _
from ecosystem.domain.views import BookingRow, OperatorView, Page
from ecosystem.services.bookings import Bookings
from ecosystem.services.bookings.views import told_row
from ecosystem.services.marketplace.reads import Listed, Reads
from ecosystem.services.operator_access import operator_of
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.ports import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)

SILENCE = timedelta(seconds=30)
"""After a failure the read model is left alone for so long."""


class Marketplace:
    """Operators by slug, trips of travellers, bookings of operators.

    From the databases; from the read model where it is wanted, has been built and answers. It
    follows the databases within a second, so somebody may miss for a moment what she has just
    done; one booking by its reference is always read from the database.
    """

    def __init__(
        self,
        database: Reads,
        bookings: Bookings,
        clock: Clock,
        *,
        model: Reads | None = None,
        built: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._bookings = bookings
        self._clock = clock
        self._model = model
        self._built = built
        self._silent_until = datetime.min.replace(tzinfo=UTC)

    def operator(self, slug: str) -> OperatorView:
        """A verified operator. Raises ``NotFound``."""
        found = self._ask(lambda reads: reads.operator(slug))
        if found is None or not found.verified:
            raise NotFound(_("This operator does not exist."))
        return found

    def trips(self, actor: Actor, *, cursor: str = "", limit: int = 25) -> Page[BookingRow]:
        """What a traveller has booked, or whoever else is asking may see, newest first.

        Raises:
            Invalid: the cursor is not one of ours.
        """
        if actor.role not in ("customer", "guest"):
            return self._bookings.rows(actor, cursor=cursor, limit=limit)
        before = decode_cursor(cursor)
        found = self._ask(
            lambda reads: reads.trips(
                actor.user_id, actor.guest_key, limit=limit + 1, before=before
            )
        )
        return _page(actor, found, limit, lambda row: row.created_at)

    def bookings(self, actor: Actor, *, cursor: str = "", limit: int = 25) -> Page[BookingRow]:
        """The bookings of the actor's operator, the last to depart first.

        Raises:
            Forbidden: not an operator's.
            Invalid: the cursor is not one of ours.
        """
        operator_id = operator_of(actor)
        place = decode_cursor(cursor)
        before = (place[0].date(), place[1]) if place else None
        found = self._ask(lambda reads: reads.bookings(operator_id, limit=limit + 1, before=before))
        return _page(actor, found, limit, lambda row: datetime.combine(row.starts_on, time(), UTC))

    def _ask(self, question: Callable[[Reads], T]) -> T:
        if self._model is not None and self._clock.now() >= self._silent_until:
            try:
                if self._built():
                    return question(self._model)
            except Unavailable as error:
                self._silent_until = self._clock.now() + SILENCE
                log.warning("reading from the databases for a while: %s", error.detail)
        return question(self._database)


def _page(
    actor: Actor, found: list[Listed], limit: int, place: Callable[[BookingRow], datetime]
) -> Page[BookingRow]:
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(
        tuple(told_row(actor, row) for _id, row in shown),
        encode_cursor(place(last[1]), last[0]) if last else None,
    )
