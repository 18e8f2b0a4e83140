"""What the parts of the proposals service share: their rows as views, addresses, states."""

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.queries import bookings, seats
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Booking, Quote
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import ACCOUNT, UNDECIDED
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.quotes import (
    WAITING,
    Content,
    QuoteBooking,
    QuoteComment,
    QuoteStatus,
    QuoteVersion,
    QuoteView,
)
from ecosystem.services.agency_desk import agency_of
from ecosystem.services.agency_sales import client_total
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.payments import Payments
from ecosystem.services.payments.base import trip_url
from ecosystem.services.ports import Clock
from ecosystem.services.quotes.contents import Contents

STALE = timedelta(hours=12)
"""A day ends for a quote when it has ended everywhere west of Greenwich that sells trips: the
last day on which it may be accepted is that of the agency, whose zone is not known."""


class Base:
    """``origin`` is the public address of the product, without a slash at the end."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        payments: Payments,
        clock: Clock,
        origin: str,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._payments = payments
        self._clock = clock
        self._origin = origin
        self._contents = Contents(database, catalogue, clock)

    def _own(
        self, session: RoutedSession, actor: Actor, quote_id: UUID, *, lock: bool = False
    ) -> Quote:
        """A quote of the actor's agency. Raises ``NotFound`` for any other."""
        quote = queries.of_agency(session, agency_of(actor), quote_id, lock=lock)
        if quote is None:
            raise NotFound(_("This proposal does not exist."), code="quote_not_found")
        return quote

    def _today(self) -> date:
        return (self._clock.now() - STALE).date()

    def _state(self, session: RoutedSession, quote: Quote) -> QuoteStatus:
        """How a quote stands now: its day may have passed since its row was written, and
        bookings that came of it may have ended unpaid."""
        if quote.status == "accepted" and not self._standing(session, quote):
            return "expired" if self._over(session, quote) else "opened"
        if quote.status in WAITING and self._over(session, quote):
            return "expired"
        return cast(QuoteStatus, quote.status)

    def _over(self, session: RoutedSession, quote: Quote) -> bool:
        """Whether the last day has passed that its client was told, whatever is written since."""
        last_day = quote.valid_until
        if quote.version != quote.sent_version:
            sent = queries.version(session, quote.id, quote.sent_number)
            assert sent is not None  # only what was sent waits or is accepted
            last_day = sent.valid_until
        return last_day < self._today()

    def _standing(self, session: RoutedSession, quote: Quote) -> list[Booking]:
        """The bookings of the option that was accepted which have not come to nothing."""
        return [b for b in queries.bookings(session, quote.id) if b.status != "expired"]

    def _view(self, session: RoutedSession, actor: Actor, quote: Quote) -> QuoteView:
        """A quote for its agency; what it earns is left out for whoever may not see it."""
        who = queries.people(session, quote)
        content = Content.model_validate(quote.content)
        return QuoteView(
            id=quote.id,
            number=quote.number,
            title=quote.title,
            client_id=quote.client_id,
            client_name=who.client_name,
            client_email=who.client_email,
            agent_id=quote.agent_id,
            agent_name=who.agent_name,
            status=self._state(session, quote),
            language=quote.language,
            pay="full" if quote.pay == "full" else "deposit",
            valid_until=quote.valid_until,
            version=quote.version,
            content=content if actor.sees_commission else without_cost(content),
            changed=quote.version != quote.sent_version,
            url=self._address(quote) if quote.sent_number else "",
            versions=tuple(
                QuoteVersion(row.number, row.sent_at, row.sent_by)
                for row in queries.versions(session, quote.id)
            ),
            sent_at=quote.sent_at,
            first_opened_at=quote.first_opened_at,
            last_opened_at=quote.last_opened_at,
            opened_count=quote.opened_count,
            accepted_option=quote.accepted_option,
            accepted_name=quote.accepted_name,
            accepted_at=quote.accepted_at,
            closed_reason=quote.closed_reason,
            comments=comments_of(session, quote.id, client_reads=False),
            bookings=self._bookings(session, quote),
            updated_at=quote.updated_at,
        )

    def _address(self, quote: Quote) -> str:
        """Where the client finds it."""
        return f"{self._origin}/quotes/{quote.token}"

    def _bookings(self, session: RoutedSession, quote: Quote) -> tuple[QuoteBooking, ...]:
        rows = self._standing(session, quote) if quote.status == "accepted" else []
        asked: dict[UUID, list[Any]] = {}
        for payment in bookings.payments(session, [row.id for row in rows]):
            asked.setdefault(payment.booking_id, []).append(payment)
        return tuple(self._booking(session, row, asked.get(row.id, [])) for row in rows)

    def _booking(
        self, session: RoutedSession, booking: Booking, payments: list[Any]
    ) -> QuoteBooking:
        # What the agency owes itself is nothing for its client to pay.
        open_ = [
            p
            for p in payments
            if p.status in UNDECIDED and p.closed_at is None and p.kind != ACCOUNT
        ]
        alive = booking.status in ("pending_payment", "confirmed")
        first: Any = open_[0] if open_ and alive else None
        waits = booking.status == "pending_payment"
        claim = seats.find_claim(session, booking.claim_id) if waits else None
        return QuoteBooking(
            reference=booking.reference,
            title=booking.snapshot["package"]["title"],
            starts_on=booking.starts_on,
            status=booking.status,
            total=client_total(booking),
            due_now=Money(first.amount_minor, first.currency) if first else None,
            url=trip_url(self._origin, booking),
            pay_url=f"{self._origin}/pay/{first.pay_token}" if first else None,
            held_until=claim.expires_at if claim else None,
        )


def comments_of(
    session: RoutedSession, quote_id: UUID, *, client_reads: bool
) -> tuple[QuoteComment, ...]:
    """The conversation of a quote, told which lines are the reader's own."""
    return tuple(
        QuoteComment(
            row.id, row.by_client, row.name, row.body, row.at, row.by_client is client_reads
        )
        for row in queries.comments(session, quote_id)
    )


def without_cost(content: Content) -> Content:
    """The content without what the agency earns."""
    options = tuple(
        option.model_copy(
            update={
                "items": tuple(
                    item.model_copy(
                        update={
                            "markup_percent": None,
                            "shown": item.shown.model_copy(
                                update={"commission": 0, "model": "", "net": 0}
                            ),
                        }
                    )
                    if item.kind == "trip"
                    else item
                    for item in option.items
                )
            }
        )
        for option in content.options
    )
    return content.model_copy(update={"options": options})
