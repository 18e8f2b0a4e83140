"""What was sold and what became of it, as rows for ``COPY``: seats, bookings and their money."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from psycopg.types.json import Jsonb

from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.money_trail import (
    DemoChange,
    DemoPayment,
    DemoRefund,
    change,
    payments,
    postings,
)
from ecosystem.local.demo_data.operators import VIA_APPIA, DemoOperator
from ecosystem.local.demo_data.payouts import DemoReversal, DemoTransfer, Payouts, payouts
from ecosystem.local.demo_data.payouts import postings as payout_postings
from ecosystem.local.demo_data.rows import Row, Rows


def terms_rows(operators: Iterable[DemoOperator], anchor: datetime) -> Rows:
    """``operator_terms``: Via Appia is paid on confirmation; the others have the defaults."""
    return Rows(
        "operator_terms",
        "operator_id pay_after pay_after_days invoice_name invoice_address tax_number updated_at",
        [
            (
                one.id, "confirmation", 0, f"{one.name} S.r.l.",
                "Via Appia Antica 110\n00178 Roma\nItaly", "IT 09876540967", one.joined(anchor),
            )
            for one in operators
            if one.slug == VIA_APPIA
        ],
    )  # fmt: skip


def sale_rows(bookings: Iterable[DemoBooking], anchor: datetime) -> Iterator[Rows]:
    """Claims, bookings, what became of them, payments, refunds, payouts and the ledger."""
    claims: list[Row] = []
    sales: list[Row] = []
    money: list[Row] = []
    ledger: list[Row] = []
    changes: list[Row] = []
    refunds: list[Row] = []
    transfers: list[Row] = []
    reversals: list[Row] = []
    for one in bookings:
        departure, buyer, total = one.departure, one.buyer, one.price.total
        frozen = Jsonb(one.frozen)
        claims.append(
            (
                one.claim_id, departure.id, one.package.id, one.party.seats, one.claim_state,
                one.held_until, buyer.holder, one.party.adults, one.party.children, frozen,
                one.created_at, one.updated_at,
            )
        )  # fmt: skip
        sales.append(
            (
                one.id, one.reference, one.status, one.package.id, one.package.operator.id,
                departure.id, one.claim_id,
                buyer.customer.id if buyer.customer else None,
                buyer.agency.id if buyer.agency else None,
                buyer.agent.id if buyer.agent else None,
                buyer.client.id if buyer.client else None,
                one.view_key, buyer.name, buyer.email, Jsonb(list(one.travellers)),
                one.party.adults, one.party.children, total.currency, total.minor,
                one.package.commission, frozen, Jsonb(one.snapshot), departure.starts_on,
                departure.ends_on, departure.timezone, one.created_at, one.confirmed_at,
                one.closed_at, one.updated_at, int(one.status == "cancelled"),
            )
        )  # fmt: skip
        asked = payments(one, anchor)
        sent = payouts(one, asked, anchor)
        money += [_payment_row(one, payment, sent) for payment in asked]
        ended = change(one, asked)
        if ended is not None:
            changes.append(_change_row(one, ended))
            refunds += [_refund_row(one, p, ended, p.refund) for p in asked if p.refund]
        transfers += [_transfer_row(one, transfer) for transfer in sent.transfers]
        reversals += [
            _reversal_row(one, transfer, transfer.back)
            for transfer in sent.transfers
            if transfer.back
        ]
        for posted in (*postings(one, asked), *payout_postings(sent)):
            ledger += [
                (
                    posted.id, one.id, entry.account, entry.amount.minor, entry.amount.currency,
                    posted.posting.cause, entry.memo, posted.at,
                )
                for entry in posted.posting.entries
            ]  # fmt: skip
    yield Rows(
        "seat_claims",
        "id departure_id package_id seats state expires_at holder adults children price"
        " created_at updated_at",
        claims,
    )
    yield Rows(
        "bookings",
        "id reference status package_id operator_id departure_id claim_id customer_id agency_id"
        " agent_id client_id view_key lead_name lead_email travellers adults children currency"
        " total_minor commission_percent price snapshot starts_on ends_on timezone created_at"
        " confirmed_at closed_at updated_at revision",
        sales,
    )
    yield Rows(
        "booking_changes",
        "id booking_id kind by currency before_minor after_minor refund_minor retained_minor detail"
        " created_at done_at",
        changes,
    )
    yield Rows(
        "payments",
        "id booking_id kind currency amount_minor status due_on pay_token attempt"
        " stripe_session_id stripe_payment_intent stripe_charge fee_minor paid_at created_at"
        " updated_at refunded_minor transfers_planned_at",
        money,
    )
    yield Rows(
        "refunds",
        "id booking_id payment_id change_id payment_intent currency amount_minor reason state"
        " stripe_refund_id created_at updated_at",
        refunds,
    )
    yield Rows(
        "transfers",
        "id booking_id payment_id party party_id stripe_account_id source_charge currency"
        " amount_minor reversed_minor state attempt stripe_transfer_id created_at updated_at",
        transfers,
    )
    yield Rows(
        "transfer_reversals",
        "id transfer_id booking_id currency amount_minor reason state stripe_reversal_id created_at"
        " updated_at",
        reversals,
    )
    ledger.sort(key=lambda row: row[7])
    yield Rows(
        "ledger_entries",
        "posting_id booking_id account amount_minor currency cause memo at",
        ledger,
    )


def _payment_row(booking: DemoBooking, payment: DemoPayment, sent: Payouts) -> Row:
    fee = payment.fee
    return (
        payment.id, booking.id, payment.kind, payment.amount.currency, payment.amount.minor,
        payment.status, payment.due_on, payment.pay_token, 1 if payment.paid_at else 0,
        payment.stripe("cs_test"), payment.stripe("pi"), payment.stripe("ch"),
        None if fee is None else fee.minor, payment.paid_at, payment.created_at,
        payment.updated_at, payment.refund.amount.minor if payment.refund else 0,
        sent.planned_at(payment),
    )  # fmt: skip


def _change_row(booking: DemoBooking, ended: DemoChange) -> Row:
    lines = [
        ["paid", "Paid so far", ended.paid.minor],
        ["refund", f"Comes back to you: {ended.percent} % of what you paid", -ended.refund.minor],
        ["kept", "Stays with the trip", ended.retained.minor],
    ]
    return (
        ended.id, booking.id, "cancelled", ended.by, ended.before.currency, ended.before.minor,
        ended.retained.minor, ended.refund.minor, ended.retained.minor,
        Jsonb({"percent": ended.percent, "subject": "", "lines": lines}), ended.at, ended.at,
    )  # fmt: skip


def _refund_row(
    booking: DemoBooking, payment: DemoPayment, ended: DemoChange, back: DemoRefund
) -> Row:
    return (
        back.id, booking.id, payment.id, ended.id, payment.stripe("pi"), back.amount.currency,
        back.amount.minor, "change", "succeeded", back.stripe_id, ended.at, back.at,
    )  # fmt: skip


def _transfer_row(booking: DemoBooking, sent: DemoTransfer) -> Row:
    return (
        sent.id, booking.id, sent.payment.id, sent.party, sent.party_id, sent.account,
        sent.payment.stripe("ch"), sent.amount.currency, sent.amount.minor,
        sent.back.amount.minor if sent.back else 0, "sent", 1, sent.stripe_id, sent.at,
        sent.back.at if sent.back else sent.at,
    )  # fmt: skip


def _reversal_row(booking: DemoBooking, sent: DemoTransfer, back: DemoReversal) -> Row:
    return (
        back.id, sent.id, booking.id, back.amount.currency, back.amount.minor, "change", "done",
        back.stripe_id, back.at, back.at,
    )  # fmt: skip
