"""Disputes as operations sees and answers them."""

from datetime import timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, disputes
from ecosystem.database.tables import Booking, Dispute
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, EcosystemError, Invalid, NotFound
from ecosystem.domain.money import Money
from ecosystem.domain.operations import DisputeDetail, DisputeLine, TakenBack
from ecosystem.services.disputes import evidence
from ecosystem.services.disputes.following import Following
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock
from ecosystem.services.ports import Payments as PaymentsPort
from ecosystem.services.ports.payments import DisputeView

LONGEST_STATEMENT = 10_000
TURN = timedelta(minutes=2)
"""Longer than handing evidence in takes, with every call tried again."""


class Answering:
    """For operations only."""

    def __init__(
        self, database: Database, stripe: PaymentsPort, following: Following, clock: Clock
    ) -> None:
        self._database = database
        self._stripe = stripe
        self._following = following
        self._clock = clock

    def rows(
        self, actor: Actor, *, only_open: bool = False, limit: int = 50, offset: int = 0
    ) -> tuple[DisputeLine, ...]:
        """Disputes, open ones first, the nearest deadline on top. Raises ``Forbidden``."""
        only_ops(actor)
        with self._database.unit(RDS) as session:
            found = disputes.rows(session, only_open=only_open, limit=limit, offset=offset)
        return tuple(dispute_line(row.Dispute, row.Booking) for row in found)

    def get(self, actor: Actor, dispute_id: UUID) -> DisputeDetail:
        """One dispute, with what can be said about its booking.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such dispute.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            dispute, booking = _found(session, dispute_id)
            pack = evidence.gather(session, dispute, booking)
            payment = next(p for p in pack.payments if p.id == dispute.payment_id)
            back = disputes.reversals_for(session, dispute.payment_id)
        return DisputeDetail(
            line=dispute_line(dispute, booking),
            title=str(booking.snapshot["package"]["title"]),
            lead_name=booking.lead_name,
            lead_email=booking.lead_email,
            booking_status=booking.status,  # type: ignore[arg-type]
            paid_at=payment.paid_at,
            taken_back=tuple(
                TakenBack(
                    party=row.party,
                    amount=Money(row.TransferReversal.amount_minor, row.TransferReversal.currency),
                    state=row.TransferReversal.state,
                    failure=row.TransferReversal.failure or "",
                )
                for row in back
            ),
            emails=len(pack.emails),
            accesses=sum(one.times for one in pack.accesses),
            messages=len(pack.messages),
        )

    def pack(self, actor: Actor, dispute_id: UUID) -> tuple[str, bytes]:
        """The evidence as a PDF: its name and content. That it was taken out is audited.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such dispute.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            dispute, booking = _found(session, dispute_id)
            pack = evidence.gather(session, dispute, booking)
            audit.record(session, actor, "dispute.evidence_read", "booking", booking.reference)
        name = f"evidence-{booking.reference}.pdf"
        return name, evidence.pdf(pack, self._clock.now())

    def submit(self, actor: Actor, dispute_id: UUID, statement: str) -> DisputeDetail:
        """Hand the evidence to the bank, with a statement of ours. This can be done once.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such dispute.
            Invalid: the statement is too long.
            Conflict: it was handed in already, or the dispute is over.
            Unavailable: Stripe does not answer; nothing was handed in, or it is seen later.
        """
        only_ops(actor)
        said = statement.strip()
        if len(said) > LONGEST_STATEMENT:
            raise Invalid.one("statement", "At most 10,000 characters fit.")
        with self._database.unit(RDS) as session:
            dispute, booking = _found(session, dispute_id)
            pack = evidence.gather(session, dispute, booking)
        # Asked again: somebody may have answered at Stripe, or just before we did.
        self._following.look(dispute.stripe_dispute_id)
        with self._database.unit(RDS) as session:
            dispute, _booking = _found(session, dispute_id)
        if dispute.closed_at is not None:
            raise Conflict(
                "This dispute is over; the bank takes no evidence.", code="dispute_closed"
            )
        if dispute.evidence_sent_at is not None:
            raise Conflict(
                "Evidence was handed in already. It can be done once.", code="evidence_sent"
            )
        self._begin(dispute_id)
        try:
            view, file = self._handed_in(pack, said)
        except EcosystemError:
            with self._database.unit(RDS) as session:
                disputes.change(session, dispute_id, evidence_begun_at=None)
            raise
        with self._database.unit(RDS) as session:
            row = self._following.follow(session, dispute.payment_id, view)
            row.evidence_sent_at = row.evidence_sent_at or self._clock.now()
            session.add(row)
            audit.record(
                session,
                actor,
                "dispute.answered",
                "booking",
                booking.reference,
                dispute=dispute.stripe_dispute_id,
                file=file,
            )
        return self.get(actor, dispute_id)

    def _begin(self, dispute_id: UUID) -> None:
        """Take the turn of handing evidence in: of two people at once, one is told to wait.

        A turn that a crash left open is over after a while; whether it was used Stripe says.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            if not disputes.begin_evidence(session, dispute_id, now, now - TURN):
                raise Conflict(
                    "Somebody else is handing evidence in right now. Look again in a moment.",
                    code="evidence_sent",
                )

    def _handed_in(self, pack: evidence.Pack, said: str) -> tuple[DisputeView, str]:
        """Upload the pack and submit it: Stripe's answer and the name of the file there."""
        dispute, booking = pack.dispute, pack.booking
        content = evidence.pdf(pack, self._clock.now())
        file = self._stripe.upload_evidence(f"evidence-{booking.reference}.pdf", content)
        view = self._stripe.submit_evidence(
            dispute.stripe_dispute_id,
            {"uncategorized_file": file},
            evidence.texts(pack, said),
        )
        return view, file


def _found(session: RoutedSession, dispute_id: UUID) -> tuple[Dispute, Booking]:
    found = disputes.with_booking(session, dispute_id)
    if found is None:
        raise NotFound("There is no such dispute.", code="dispute_not_found")
    return found


def dispute_line(dispute: Dispute, booking: Booking) -> DisputeLine:
    """A dispute as lists show it."""
    currency = dispute.currency
    return DisputeLine(
        id=dispute.id,
        reference=booking.reference,
        stripe_id=dispute.stripe_dispute_id,
        amount=Money(dispute.amount_minor, currency),
        fee=Money(dispute.fee_minor, currency),
        reason=dispute.reason,
        status=dispute.status,
        due_by=dispute.evidence_due_by,
        sent_at=dispute.evidence_sent_at,
        unrecovered=Money(dispute.unrecovered_minor, currency),
        created_at=dispute.created_at,
        closed_at=dispute.closed_at,
    )
