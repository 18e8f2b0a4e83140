"""Postings by hand: one person of operations proposes, another one approves."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, ledger, operations, transfers
from ecosystem.database.tables import Adjustment
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ledger import AGENCY_PAYABLE
from ecosystem.domain.money import Money, decimals
from ecosystem.domain.operations import ACCOUNTS, AdjustmentView
from ecosystem.services import promises
from ecosystem.services.forms import Form
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock

MOST = Decimal(1_000_000)
"""In major units: a slip of the keyboard does not move more than this."""


class AdjustmentForm(Form):
    """A proposal: debit one account of a booking and credit another.

    ``amount`` is in major units of the booking's currency.
    """

    reference: Annotated[str, Field(min_length=1, max_length=40)]
    debit: str
    credit: str
    amount: Annotated[str, Field(min_length=1, max_length=20)]
    reason: Annotated[str, Field(min_length=10, max_length=500)]


class Adjusting:
    """For operations only; the database too refuses that one person does both."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def rows(
        self,
        actor: Actor,
        *,
        state: Literal["", "proposed", "approved", "rejected"] = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[AdjustmentView, ...], bool]:
        """Adjustments, open ones first, then the latest, and whether there are more.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            found = operations.adjustments(session, state, limit + 1, offset)
        return tuple(_view(*row) for row in found[:limit]), len(found) > limit

    def propose(self, actor: Actor, form: AdjustmentForm) -> AdjustmentView:
        """Write down what should be posted; nothing is posted before somebody else agrees.

        Raises:
            Forbidden: not somebody of operations.
            Invalid: no such booking or account, the same account twice, an agency's of a booking
                without one, or no amount of the booking's currency.
        """
        only_ops(actor)
        if actor.user_id is None:
            raise Forbidden("An adjustment needs a person.")
        for name in ("debit", "credit"):
            if getattr(form, name) not in ACCOUNTS:
                raise Invalid.one(name, "Choose one of the accounts of the ledger.")
        if form.debit == form.credit:
            raise Invalid.one("credit", "Money moves between two different accounts.")
        with self._database.unit(RDS) as session:
            booking = bookings.by_reference(session, form.reference.upper())
            if booking is None:
                raise Invalid.one("reference", "There is no booking with this reference.")
            for name in ("debit", "credit"):
                if getattr(form, name) == AGENCY_PAYABLE and booking.agency_id is None:
                    raise Invalid.one(name, "No agency sold this booking.")
            amount = typed_amount(form.amount, booking.currency)
            row = Adjustment(
                booking_id=booking.id,
                debit=form.debit,
                credit=form.credit,
                currency=amount.currency,
                amount_minor=amount.minor,
                reason=form.reason,
                proposed_by=actor.user_id,
                proposed_by_name=actor.name or actor.email,
                created_at=self._clock.now(),
            )
            session.add(row)
            audit.record(
                session,
                actor,
                "adjustment.proposed",
                "booking",
                booking.reference,
                adjustment_id=str(row.id),
                debit=form.debit,
                credit=form.credit,
                amount_minor=amount.minor,
                currency=amount.currency,
                reason=form.reason,
            )
            session.flush()
            return _view(row, booking.reference)

    def approve(self, actor: Actor, adjustment_id: UUID) -> AdjustmentView:
        """Post a proposal of somebody else; the money follows the ledger.

        What a party has too much by then is taken back at once; what it has too little is
        sent when its shares of the booking are due.

        Raises:
            Forbidden: not somebody of operations, or one's own proposal (``four_eyes``).
            NotFound: no such proposal.
            Conflict: it was decided already.
        """
        return self._decide(actor, adjustment_id, "approved")

    def reject(self, actor: Actor, adjustment_id: UUID) -> AdjustmentView:
        """Turn a proposal of somebody else down; raises as ``approve``."""
        return self._decide(actor, adjustment_id, "rejected")

    def _decide(
        self, actor: Actor, adjustment_id: UUID, state: Literal["approved", "rejected"]
    ) -> AdjustmentView:
        only_ops(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = operations.lock_adjustment(session, adjustment_id)
            if row is None:
                raise NotFound("There is no such proposal.", code="adjustment_not_found")
            if row.state != "proposed":
                raise Conflict(f"This was {row.state} by {row.decided_by_name}.", code="decided")
            if actor.user_id is None or actor.user_id == row.proposed_by:
                raise Forbidden(
                    "You proposed this. Somebody else of operations decides on it.",
                    code="four_eyes",
                )
            booking = bookings.lock(session, row.booking_id)
            assert booking is not None  # a foreign key
            row.state, row.decided_at = state, now
            row.decided_by, row.decided_by_name = actor.user_id, actor.name or actor.email
            session.add(row)
            if state == "approved":
                amount = Money(row.amount_minor, row.currency)
                posting = postings.adjusted(row.id, row.debit, row.credit, amount, row.reason)
                ledger.post(session, row.booking_id, [posting], now)
                transfers.plan_again(session, row.booking_id)
                promises.take_back(session, row.booking_id, "adjustment", now)
            audit.record(
                session,
                actor,
                f"adjustment.{state}",
                "booking",
                booking.reference,
                adjustment_id=str(row.id),
            )
            return _view(row, booking.reference)


def typed_amount(text: str, currency: str) -> Money:
    """A positive amount in major units as it was typed. Raises ``Invalid`` for ``amount``."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise Invalid.one("amount", "Enter an amount, like 120.50.") from None
    if not amount.is_finite() or not 0 < amount <= MOST:
        raise Invalid.one("amount", "Enter an amount above zero, at most 1,000,000.")
    if amount != amount.quantize(Decimal(1).scaleb(-decimals(currency))):
        raise Invalid.one("amount", f"{currency} does not have that many decimal places.")
    return Money.from_decimal(amount, currency)


def _view(row: Adjustment, reference: str) -> AdjustmentView:
    return AdjustmentView(
        id=row.id,
        reference=reference,
        debit=row.debit,
        credit=row.credit,
        amount=Money(row.amount_minor, row.currency),
        reason=row.reason,
        state=row.state,  # type: ignore[arg-type]
        proposed_by=row.proposed_by,
        proposed_by_name=row.proposed_by_name,
        decided_by_name=row.decided_by_name,
        created_at=row.created_at,
        decided_at=row.decided_at,
    )
