"""Working out what is due to whom, and sending it."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, ledger, messages, payouts, transfers
from ecosystem.database.tables import Booking, Payment, Transfer
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.errors import Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import PARTIES, PaidPart, shares
from ecosystem.domain.split import Split
from ecosystem.services import promises
from ecosystem.services.ports import Clock
from ecosystem.services.ports import Payments as PaymentsPort

log = logging.getLogger(__name__)


def paid_later(booking: Booking, now: datetime) -> datetime | None:
    """When the commission of an operator that pays later leaves: in the morning of the day so many
    days after the trip's end, in the departure's zone. None if that is over."""
    day = booking.ends_on + timedelta(days=booking.agency_days)
    due = datetime.combine(day, MORNING, ZoneInfo(booking.timezone)).astimezone(UTC)
    return due if due > now else None


KEYS_LAST = timedelta(hours=20)
"""After this Stripe may have forgotten a key (it keeps them for 24 hours), so what is this
old is looked for at Stripe before it is asked for."""

NOT_ACTIVE = "account_not_active"
ACCOUNT_REFUSALS = frozenset(
    {"insufficient_capabilities_for_transfer", "account_invalid", "account_gone"}
)
"""Stripe's words for an account that can't receive (any more): the share waits for it."""

PATIENT = 4
"""So many refusals of an account that Stripe calls active are waited through in silence."""

MORNING = time(9)

HERE = ("paid", "partially_refunded")


class Sending:
    """Every method may be called any number of times, at once and in any order."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock

    def plan(self, booking_id: UUID) -> int:
        """Allot what has been paid of a booking to its parties; returns how many rows.

        To be called when the shares are due (``queries.transfers.unplanned``).
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = bookings.lock(session, booking_id)
            if booking is None:
                return 0
            paid = sorted(
                (p for p in bookings.payments(session, [booking_id]) if p.status in HERE),
                key=lambda p: (p.paid_at or p.created_at, p.id),
            )
            made = self._allotted(session, booking, paid)
            by_id = {payment.id: payment for payment in paid}
            for payment_id, party, amount in made:
                self._want(session, booking, by_id[payment_id], party, amount, now)
            transfers.planned(session, booking_id, now)
        return len(made)

    def _allotted(
        self, session: RoutedSession, booking: Booking, paid: list[Payment]
    ) -> list[tuple[UUID, Party, int]]:
        parts = transfers.parts(session, booking.id)
        if parts.total <= 0:
            return []
        asked = transfers.asked_back(session, booking.id)
        planned: dict[UUID, dict[Party, int]] = {}
        waiting = dict.fromkeys(PARTIES, 0)
        for row in transfers.of_booking(session, booking.id):
            if row.state == "dropped":
                continue
            party: Party = "operator" if row.party == "operator" else "agency"
            of_payment = planned.setdefault(row.payment_id, {})
            net = row.amount_minor - row.reversed_minor - asked.get(row.id, 0)
            of_payment[party] = of_payment.get(party, 0) + net
            if row.state != "sent":
                waiting[party] += row.amount_minor
        currency = booking.currency
        found = shares(
            Money(parts.total, currency),
            Split(
                Money(max(0, parts.operator), currency),
                Money(max(0, parts.agency), currency),
                Money.zero(currency),
            ),
            [PaidPart(p.id, p.rest_minor, planned.get(p.id, {})) for p in paid],
        )
        owed = {
            "operator": parts.operator_owed - waiting["operator"],
            "agency": parts.agency_owed - waiting["agency"],
        }
        made: list[tuple[UUID, Party, int]] = []
        for share in found:
            amount = min(share.amount, owed[share.party])
            if amount > 0:
                owed[share.party] -= amount
                made.append((share.payment_id, share.party, amount))
        return made

    def _want(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        party: Party,
        amount_minor: int,
        now: datetime,
    ) -> None:
        party_id = booking.operator_id if party == "operator" else booking.agency_id
        due_at = None
        if party == "agency" and booking.agency_model == "operator_pays_later":
            due_at = paid_later(booking, now)
        assert party_id is not None  # the agency has a part only if there is one
        row = Transfer(
            id=uuid7(),
            booking_id=booking.id,
            payment_id=payment.id,
            party=party,
            party_id=party_id,
            stripe_account_id="",
            source_charge=payment.stripe_charge or "",
            due_at=due_at,
            currency=payment.currency,
            amount_minor=amount_minor,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        messages.send(
            session,
            "transfer.send",
            {"transfer_id": str(row.id)},
            dedupe_key=f"transfer:{row.id}:{row.attempt}",
            available_at=due_at,
        )

    def send(self, payload: Mapping[str, str]) -> None:
        """``transfer.send``: send one share if its account can receive it.

        Raises:
            Unavailable: Stripe does not answer; the same call may be made again.
        """
        row = self._intend(UUID(payload["transfer_id"]))
        if row is None:
            return
        try:
            made = self._sent(row)
        except (Invalid, NotFound) as refused:
            self._refused(row, refused.code)
            return
        now = self._clock.now()
        amount = Money(row.amount_minor, row.currency)
        party: Party = "operator" if row.party == "operator" else "agency"
        with self._database.unit(RDS) as session:
            bookings.lock(session, row.booking_id)
            current = transfers.get(session, row.id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            transfers.change(
                session,
                row.id,
                state="sent",
                stripe_transfer_id=made,
                failure=None,
                updated_at=now,
            )
            ledger.post(session, row.booking_id, [postings.transferred(row.id, party, amount)], now)
            # What was decided about the booking while this was on its way.
            payment = bookings.payment(session, id=row.payment_id)
            if payment is not None and payment.status == "disputed":
                promises.reversal(session, current, row.amount_minor, "dispute", now)
            promises.take_back(session, row.booking_id, "change", now)

    def _intend(self, transfer_id: UUID) -> Transfer | None:
        """The share as it will be asked for, committed; None when there is nothing to send.

        Once it has been asked for and no answer is known, it is asked for in the same words
        again. After a refusal, and the first time, it is what the ledger owes now.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = transfers.get(session, transfer_id)
            if row is None or row.state != "wanted":
                return None
            bookings.lock(session, row.booking_id)
            row = transfers.get(session, transfer_id, lock=True)
            if row is None or row.state != "wanted" or (row.due_at and row.due_at > now):
                return None
            if row.attempt > 0 and row.failure is None:
                return row
            if not transfers.due(session, row.booking_id, now):
                # It waited, and the terms or the date are others by now: worked out anew when due.
                transfers.change(session, row.id, state="dropped", updated_at=now)
                transfers.plan_again(session, row.booking_id)
                return None
            account = payouts.account_of(session, row.party, row.party_id)
            if account is None or not account.transfers_active or not account.stripe_account_id:
                transfers.change(session, row.id, failure=NOT_ACTIVE, updated_at=now)
                return None
            payment = bookings.payment(session, id=row.payment_id)
            assert payment is not None  # a foreign key
            parts = transfers.parts(session, row.booking_id)
            owed = parts.operator_owed if row.party == "operator" else parts.agency_owed
            amount = min(row.amount_minor, owed, payment.rest_minor)
            if amount <= 0 or payment.status == "disputed":
                # A dispute that is won lets it be worked out again.
                transfers.change(session, row.id, state="dropped", updated_at=now)
                return None
            values = {
                "stripe_account_id": account.stripe_account_id,
                "amount_minor": amount,
                "attempt": row.attempt + 1,
                "failure": None,
                "updated_at": now,
            }
            transfers.change(session, row.id, **values)
            return transfers.get(session, transfer_id)

    def _sent(self, row: Transfer) -> str:
        ours = {"transfer_id": str(row.id), "attempt": str(row.attempt)}
        group = str(row.booking_id)
        if self._clock.now() - row.updated_at > KEYS_LAST:
            for made in self._stripe.transfers_of(group):
                if {key: made.metadata.get(key) for key in ours} == ours:
                    return made.id
        return self._stripe.transfer(
            f"transfer:{row.id}:{row.attempt}",
            Money(row.amount_minor, row.currency),
            row.stripe_account_id,
            row.source_charge,
            group,
            {**ours, "payment_id": str(row.payment_id), "party": row.party},
        )

    def _refused(self, row: Transfer, code: str) -> None:
        """Not carried out. An account that can't receive is waited for, the rest is for a person.

        We thought that it can: Stripe is asked how it stands. People of operations are told
        what is for them, and what has been refused again and again.
        """
        now = self._clock.now()
        waits = code in ACCOUNT_REFUSALS
        with self._database.unit(RDS) as session:
            bookings.lock(session, row.booking_id)
            current = transfers.get(session, row.id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            state = "wanted" if waits else "failed"
            transfers.change(session, row.id, state=state, failure=code, updated_at=now)
            again = f"transfer:{row.id}:{row.attempt}"
            if waits:
                messages.send(
                    session,
                    "payout_account.look",
                    {"account": row.stripe_account_id},
                    dedupe_key=f"{again}:look",
                )
            if not waits or row.attempt == PATIENT:
                messages.send(
                    session,
                    "email.transfer_refused",
                    {"transfer_id": str(row.id)},
                    dedupe_key=f"{again}:refused",
                )
        log.warning("transfer %s was refused: %s", row.id, code)
