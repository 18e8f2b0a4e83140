"""What operations does: messages, stuck money, disputes, adjustments, the audit log."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from ecosystem.api import shapes
from ecosystem.api.auth import SignedInCaller
from ecosystem.api.repeating import Key, once
from ecosystem.domain.ledger_checks import Check
from ecosystem.domain.operations import AdjustmentView, DisputeLine, Message, StuckPayment
from ecosystem.domain.payouts import OpenRefund, OpenReversal, OpenTransfer
from ecosystem.services.forms import Form
from ecosystem.services.operations import AdjustmentForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/ops", tags=["operations"])

Words = Annotated[str, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=100_000)]


class StatementForm(Form):
    """What the bank is told with the evidence."""

    statement: Annotated[str, Field(max_length=10_000)] = ""


class NoteForm(Form):
    """How a refund reached the buyer outside Stripe."""

    note: Annotated[str, Field(max_length=500)]


# Messages --------------------------------------------------------------------


@router.get("/events")
def events(
    caller: SignedInCaller,
    queue: Literal["inbox", "outbox"] = "inbox",
    state: Literal["", "waiting", "failing", "done"] = "",
    q: Words = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Messages of a queue, newest first. ``next`` is the offset to go on at."""
    found, more = services().messages.rows(
        caller, queue, state=state, words=q, limit=limit, offset=offset
    )
    return {"items": [_message(one) for one in found], "next": offset + limit if more else None}


@router.post("/events/{queue}/{key}/retry", status_code=204)
def retry_event(caller: SignedInCaller, queue: Literal["inbox", "outbox"], key: str) -> Response:
    """Deal with a message now; an event that was dealt with is looked at again."""
    services().messages.retry(caller, queue, key[:200])
    services().worker.nudge(queue)
    return Response(status_code=204)


# Money -----------------------------------------------------------------------


@router.get("/payments")
def payments(caller: SignedInCaller) -> dict[str, Any]:
    """Money that needs somebody."""
    known = services()
    unsent, back = known.transfers.open(caller)
    return {
        "stuck": [_payment(one) for one in known.stuck.payments(caller)],
        "refunds": [_move(one) | {"reason": one.reason} for one in known.refunds.open(caller)],
        "transfers": [_move(one) | {"party": one.party} for one in unsent],
        "reversals": [_move(one) | {"party": one.party, "reason": one.reason} for one in back],
        "unrecovered": [
            {
                "party": one.party,
                "party_id": str(one.party_id),
                "name": one.name,
                "amount": shapes.money(one.amount),
                "references": list(one.references),
            }
            for one in known.stuck.unrecovered(caller)
        ],
    }


@router.post("/payments/{payment_id}/ask")
def ask(caller: SignedInCaller, payment_id: UUID) -> dict[str, str]:
    """Ask Stripe how a payment stands and make our records say the same."""
    return {"status": services().stuck.ask(caller, payment_id)}


@router.get("/ledger-checks")
def ledger_checks(caller: SignedInCaller) -> dict[str, Any]:
    """Whether the ledger, our rows and Stripe's balance say the same, as last compared (``at``)."""
    return {"items": [_check(one) for one in services().ledger_checks.latest(caller)]}


@router.post("/ledger-checks")
def check_ledger(caller: SignedInCaller) -> dict[str, Any]:
    """Compare them now."""
    return {"items": [_check(one) for one in services().ledger_checks.run(caller)]}


@router.post("/refunds/{refund_id}/retry", status_code=204)
def retry_refund(caller: SignedInCaller, refund_id: UUID) -> Response:
    """Try a failed refund again."""
    services().refunds.retry(caller, refund_id)
    return Response(status_code=204)


@router.post("/refunds/{refund_id}/by-hand", status_code=204)
def settle_refund(caller: SignedInCaller, refund_id: UUID, form: NoteForm) -> Response:
    """Record that a failed refund reached the buyer another way."""
    services().refunds.by_hand(caller, refund_id, form.note)
    return Response(status_code=204)


@router.post("/transfers/{transfer_id}/retry", status_code=204)
def retry_transfer(caller: SignedInCaller, transfer_id: UUID) -> Response:
    """Try a refused transfer again."""
    services().transfers.retry(caller, transfer_id)
    return Response(status_code=204)


@router.post("/reversals/{reversal_id}/retry", status_code=204)
def retry_reversal(caller: SignedInCaller, reversal_id: UUID) -> Response:
    """Ask again for money of a transfer that did not come back."""
    services().transfers.retry_reversal(caller, reversal_id)
    return Response(status_code=204)


# Disputes --------------------------------------------------------------------


@router.get("/disputes")
def disputes(
    caller: SignedInCaller, only_open: bool = False, limit: Limit = 50, offset: Offset = 0
) -> dict[str, Any]:
    """Disputes, open ones first, the nearest deadline on top."""
    found = services().disputes.rows(caller, only_open=only_open, limit=limit, offset=offset)
    return {
        "items": [_dispute(one) for one in found],
        "next": offset + limit if len(found) == limit else None,
    }


@router.get("/disputes/{dispute_id}")
def dispute(caller: SignedInCaller, dispute_id: UUID) -> dict[str, Any]:
    """One dispute, with what was taken back for it."""
    return _detail(caller, dispute_id)


@router.get("/disputes/{dispute_id}/evidence.pdf", response_class=Response)
def evidence(caller: SignedInCaller, dispute_id: UUID) -> Response:
    """The evidence as a PDF: booking, policy, e-mails, what was opened and written."""
    name, content = services().disputes.pack(caller, dispute_id)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/disputes/{dispute_id}/evidence")
def submit(caller: SignedInCaller, dispute_id: UUID, form: StatementForm) -> dict[str, Any]:
    """Hand the evidence to the bank, once and for good."""
    services().disputes.submit(caller, dispute_id, form.statement)
    return _detail(caller, dispute_id)


# Adjustments -----------------------------------------------------------------


@router.get("/adjustments")
def adjustments(
    caller: SignedInCaller,
    state: Literal["", "proposed", "approved", "rejected"] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Postings by hand, open ones first, then the latest."""
    found, more = services().adjusting.rows(caller, state=state, limit=limit, offset=offset)
    return {"items": [_adjustment(one) for one in found], "next": offset + limit if more else None}


@router.post("/adjustments", status_code=201)
def propose(
    request: Request, caller: SignedInCaller, form: AdjustmentForm, idempotency_key: Key = None
) -> JSONResponse:
    """Propose a posting; nothing is posted before somebody else approves. ``amount`` is a
    string in major units of the booking's currency."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _adjustment(services().adjusting.propose(caller, form))

    return once("adjustment", request, caller, idempotency_key, act, form)


@router.post("/adjustments/{adjustment_id}/approve")
def approve(caller: SignedInCaller, adjustment_id: UUID) -> dict[str, Any]:
    """Post somebody else's proposal."""
    return _adjustment(services().adjusting.approve(caller, adjustment_id))


@router.post("/adjustments/{adjustment_id}/reject")
def reject(caller: SignedInCaller, adjustment_id: UUID) -> dict[str, Any]:
    """Turn somebody else's proposal down."""
    return _adjustment(services().adjusting.reject(caller, adjustment_id))


@router.get("/audit")
def audit(
    caller: SignedInCaller,
    q: Words = "",
    cursor: Annotated[str, Query(max_length=40)] = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """The audit log, latest first. ``q``: part of an action, a whole subject or address."""
    page = services().trail.lines(caller, words=q, cursor=cursor, limit=limit)
    return {
        "items": [
            {
                "at": shapes.instant(line.at),
                "role": line.role,
                "who": line.who,
                "action": line.action,
                "subject_type": line.subject_type,
                "subject_id": line.subject_id,
                "data": line.data,
            }
            for line in page.items
        ],
        "next": page.next,
    }


# Shapes ----------------------------------------------------------------------


def _message(one: Message) -> dict[str, Any]:
    return {
        "queue": one.queue,
        "id": one.id,
        "kind": one.kind,
        "source": one.source,
        "state": one.state,
        "attempts": one.attempts,
        "error": one.error or None,
        "payload": one.payload,
        "at": shapes.instant(one.at),
        "next_try": None if one.done_at else shapes.instant(one.next_try),
        "done_at": shapes.instant(one.done_at),
    }


def _payment(one: StuckPayment) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "reference": one.reference,
        "kind": one.kind,
        "amount": shapes.money(one.amount),
        "status": one.status,
        "why": one.why,
        "since": shapes.instant(one.since),
    }


def _move(one: OpenRefund | OpenTransfer | OpenReversal) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "reference": one.reference,
        "amount": shapes.money(one.amount),
        "state": one.state,
        "failure": one.failure or None,
        "since": shapes.instant(one.since),
    }


def _check(one: Check) -> dict[str, Any]:
    return {
        "name": one.name,
        "rule": one.rule,
        "good": one.good,
        "silent": one.silent or None,
        "at": shapes.instant(one.at),
        "differences": [
            {
                "subject": difference.subject or None,
                "books": shapes.money(difference.books),
                "other": shapes.money(difference.other),
            }
            for difference in one.differences
        ],
    }


def _dispute(one: DisputeLine) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "reference": one.reference,
        "stripe_id": one.stripe_id,
        "amount": shapes.money(one.amount),
        "fee": shapes.money(one.fee),
        "reason": one.reason,
        "status": one.status,
        "evidence_due_by": shapes.instant(one.due_by),
        "evidence_sent_at": shapes.instant(one.sent_at),
        "unrecovered": shapes.money(one.unrecovered),
        "created_at": shapes.instant(one.created_at),
        "closed_at": shapes.instant(one.closed_at),
    }


def _detail(caller: SignedInCaller, dispute_id: UUID) -> dict[str, Any]:
    found = services().disputes.get(caller, dispute_id)
    return _dispute(found.line) | {
        "taken_back": [
            {
                "party": one.party,
                "amount": shapes.money(one.amount),
                "state": one.state,
                "failure": one.failure or None,
            }
            for one in found.taken_back
        ]
    }


def _adjustment(one: AdjustmentView) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "reference": one.reference,
        "debit": one.debit,
        "credit": one.credit,
        "amount": shapes.money(one.amount),
        "reason": one.reason,
        "state": one.state,
        "proposed_by": one.proposed_by_name,
        "decided_by": one.decided_by_name or None,
        "created_at": shapes.instant(one.created_at),
        "decided_at": shapes.instant(one.decided_at),
    }
