"""Stuck money and disputes in words, for the pages of operations."""

from dataclasses import dataclass
from datetime import datetime

from ecosystem.domain.ledger_checks import Check
from ecosystem.domain.operations import DisputeLine, StuckPayment, Unrecovered
from ecosystem.domain.payouts import OpenRefund, OpenReversal, OpenTransfer
from ecosystem.state import formats

REFUNDS_FOR = {
    "change": "a cancellation or change",
    "late": "paid after the seats were gone",
    "twice": "paid twice",
    "goodwill": "goodwill",
}
DISPUTE_STATES = {
    "warning_needs_response": ("The bank asks", "warn"),
    "warning_under_review": ("The bank asks, answered", "plain"),
    "warning_closed": ("Question closed", "good"),
    "needs_response": ("Needs an answer", "bad"),
    "under_review": ("The bank decides", "warn"),
    "won": ("Won", "good"),
    "lost": ("Lost", "bad"),
    "prevented": ("Prevented", "good"),
}
REASONS = {
    "fraudulent": "The cardholder says the payment was not theirs",
    "product_not_received": "The cardholder says the trip did not take place",
    "product_unacceptable": "The cardholder says the trip was not as described",
    "duplicate": "The cardholder says it was charged twice",
    "credit_not_processed": "The cardholder says a refund is missing",
    "subscription_canceled": "The cardholder says it was cancelled",
    "unrecognized": "The cardholder does not recognise the payment",
    "general": "No particular reason was given",
}
"""Stripe's reasons (https://docs.stripe.com/disputes/categories); others are shown as they are."""
FAILURES = {
    "account_not_active": "The account can't receive transfers at the moment",
    "insufficient_capabilities_for_transfer": "The account can't receive transfers",
    "balance_insufficient": "There is not enough money in the account",
    "charge_disputed": "The payment is disputed",
    "charge_already_refunded": "The payment went back already",
    "lost_or_stolen_card": "The card was lost or stolen",
    "expired_or_canceled_card": "The card is not valid any more",
    "insufficient_funds": "There was not enough money in our balance",
    "declined": "The bank declined it",
}

DIFFERENCES = 5
"""How many differences of a check are named."""


@dataclass(frozen=True)
class CheckLine:
    """A check of the books; ``differences`` in one line each."""

    name: str = ""
    rule: str = ""
    state: str = ""
    tone: str = "good"
    differences: str = ""


@dataclass(frozen=True)
class MoneyLine:
    """Something about money that waits. ``act`` is what its button says; empty: nothing."""

    id: str = ""
    what: str = ""
    reference: str = ""
    href: str = ""
    amount: str = ""
    facts: str = ""
    state: str = ""
    tone: str = "plain"
    failure: str = ""
    since: str = ""
    act: str = ""


@dataclass(frozen=True)
class DisputeRow:
    """A dispute in a table."""

    id: str = ""
    href: str = ""
    reference: str = ""
    amount: str = ""
    reason: str = ""
    state: str = ""
    tone: str = "plain"
    due: str = ""
    opened: str = ""
    unrecovered: str = ""


def check_line(check: Check) -> CheckLine:
    """A check in words."""
    parts = [
        f"{one.subject + ': ' if one.subject else ''}{formats.money(one.books)} in the ledger, "
        f"{formats.money(one.other)} there"
        for one in check.differences[:DIFFERENCES]
    ]
    if len(check.differences) > DIFFERENCES:
        parts.append(f"and {len(check.differences) - DIFFERENCES} more")
    if check.silent:
        state, tone = "not known", "warn"
    else:
        state, tone = ("agrees", "good") if check.good else ("differs", "bad")
    return CheckLine(check.name, check.rule, state, tone, check.silent or "; ".join(parts))


def payment_line(payment: StuckPayment) -> MoneyLine:
    """A stuck payment in words."""
    waits = {
        "processing": "Stripe has it; the bank has not said yes or no",
        "expired": "Its seats are free again, but the booking has not ended",
    }
    return MoneyLine(
        id=str(payment.id),
        what="payment",
        reference=payment.reference,
        href=f"/trips/{payment.reference}",
        amount=formats.money(payment.amount),
        facts=payment.kind,
        state=payment.status,
        tone="warn",
        failure=waits[payment.why],
        since=f"{formats.moment(payment.since)} UTC",
        act="Ask Stripe",
    )


def refund_line(refund: OpenRefund) -> MoneyLine:
    """A refund that has not arrived, in words."""
    failed = refund.state == "failed"
    return _line("refund", refund, REFUNDS_FOR.get(refund.reason, refund.reason), failed)


def transfer_line(transfer: OpenTransfer) -> MoneyLine:
    """A share that has not left, in words."""
    return _line("transfer", transfer, f"to the {transfer.party}", transfer.state == "failed")


def reversal_line(reversal: OpenReversal) -> MoneyLine:
    """Money that should come back and has not, in words."""
    why = {"dispute": "a dispute", "adjustment": "an adjustment"}.get(reversal.reason, "a change")
    facts = f"from the {reversal.party}, for {why}"
    return _line("reversal", reversal, facts, reversal.state == "failed")


def _line(
    what: str, row: OpenRefund | OpenTransfer | OpenReversal, facts: str, failed: bool
) -> MoneyLine:
    return MoneyLine(
        id=str(row.id),
        what=what,
        reference=row.reference,
        href=f"/trips/{row.reference}",
        amount=formats.money(row.amount),
        facts=facts,
        state=row.state,
        tone="bad" if failed else "plain",
        failure=FAILURES.get(row.failure, row.failure.replace("_", " ")),
        since=f"{formats.moment(row.since)} UTC",
        act="Try again" if failed else "",
    )


def unrecovered_line(owing: Unrecovered) -> MoneyLine:
    """What a party owes, in words."""
    first = owing.references[0]
    more = len(owing.references) - 1
    return MoneyLine(
        id=f"{owing.party}-{owing.party_id}-{owing.amount.currency}",
        what=owing.party,
        reference=first + (f" and {more} more" if more else ""),
        href=f"/trips/{first}",
        amount=formats.money(owing.amount),
        facts=owing.name or str(owing.party_id),
        state="owes",
        tone="bad",
    )


def dispute_row(line: DisputeLine, now: datetime) -> DisputeRow:
    """A dispute in words."""
    state, tone = DISPUTE_STATES.get(line.status, (line.status.replace("_", " "), "plain"))
    due = ""
    if line.open and line.sent_at is None and line.due_by is not None:
        due = f"answer by {formats.moment(line.due_by)} UTC"
        if line.due_by < now:
            due = f"the time to answer ended {formats.moment(line.due_by)} UTC"
    elif line.closed_at is not None:
        due = f"ended {formats.moment(line.closed_at)} UTC"
    elif line.sent_at is not None:
        due = f"answered {formats.moment(line.sent_at)} UTC"
    return DisputeRow(
        id=str(line.id),
        href=f"/ops/disputes/{line.id}",
        reference=line.reference,
        amount=formats.money(line.amount),
        reason=REASONS.get(line.reason, line.reason.replace("_", " ")),
        state=state,
        tone=tone,
        due=due,
        opened=f"{formats.moment(line.created_at)} UTC",
        unrecovered=formats.money(line.unrecovered) if line.unrecovered.minor else "",
    )
