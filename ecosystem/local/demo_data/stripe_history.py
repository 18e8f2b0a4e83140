"""What the Stripe stand-in must know so that the payments in RDS exist there as well."""

from collections.abc import Iterable
from datetime import datetime

from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.money_trail import payments
from ecosystem.local.demo_data.operators import NEWCOMER, DemoOperator
from ecosystem.local.demo_data.payouts import agency_account, payouts
from ecosystem.local.demo_data.people import DemoAgency
from ecosystem.local.stripe.fixtures import (
    FixtureAccount,
    FixturePayment,
    FixtureRefund,
    FixtureReversal,
    Fixtures,
    FixtureTransfer,
    post_fixtures,
)
from ecosystem.settings import Settings


def history(
    operators: Iterable[DemoOperator],
    agencies: Iterable[DemoAgency],
    bookings: Iterable[DemoBooking],
    anchor: datetime,
) -> Fixtures:
    """Connected accounts, paid sessions with their charges, refunds, transfers, reversals."""
    accounts = [
        FixtureAccount(
            id=one.stripe_account_id,
            created=int(one.joined(anchor).timestamp()),
            email=one.email,
            country=one.home.country,
            business_name=one.name,
            active=one.transfers_active,
            metadata={"party": "operator", "party_id": str(one.id)},
        )
        for one in operators
        if one.slug != NEWCOMER
    ]
    accounts += [
        FixtureAccount(
            id=agency_account(one),
            created=int(one.joined(anchor).timestamp()),
            country=one.country,
            business_name=one.name,
            metadata={"party": "agency", "party_id": str(one.id)},
        )
        for one in agencies
    ]
    fixtures = Fixtures(accounts=accounts)
    for booking in bookings:
        asked = payments(booking, anchor)
        for payment in asked:
            session, charge = payment.stripe("cs_test"), payment.stripe("ch")
            if payment.paid_at is None or session is None or charge is None:
                continue
            fixtures.payments.append(
                FixturePayment(
                    session_id=session,
                    amount=payment.amount.minor,
                    currency=payment.amount.currency.lower(),
                    created=int(payment.paid_at.timestamp()),
                    payment_intent_id=payment.stripe("pi") or "",
                    charge_id=charge,
                    description=f"{booking.package.title} · {booking.reference}",
                    customer_email=booking.buyer.email,
                    client_reference_id=str(booking.id),
                    transfer_group=str(booking.id),
                    metadata={"booking_id": str(booking.id), "payment_id": str(payment.id)},
                )
            )
            if payment.refund is not None:
                fixtures.refunds.append(
                    FixtureRefund(
                        id=payment.refund.stripe_id,
                        charge_id=charge,
                        amount=payment.refund.amount.minor,
                        created=int(payment.refund.at.timestamp()),
                        metadata={
                            "booking_id": str(booking.id),
                            "refund_id": str(payment.refund.id),
                            "attempt": "0",
                        },
                    )
                )
        for sent in payouts(booking, asked, anchor).transfers:
            fixtures.transfers.append(
                FixtureTransfer(
                    id=sent.stripe_id,
                    amount=sent.amount.minor,
                    currency=sent.amount.currency.lower(),
                    created=int(sent.at.timestamp()),
                    destination=sent.account,
                    source_transaction=sent.payment.stripe("ch"),
                    transfer_group=str(booking.id),
                    metadata={"transfer_id": str(sent.id), "attempt": "1", "party": sent.party},
                )
            )
            if sent.back is not None:
                fixtures.reversals.append(
                    FixtureReversal(
                        id=sent.back.stripe_id,
                        transfer_id=sent.stripe_id,
                        amount=sent.back.amount.minor,
                        created=int(sent.back.at.timestamp()),
                        metadata={"reversal_id": str(sent.back.id), "attempt": "0"},
                    )
                )
    return fixtures


def post(settings: Settings, fixtures: Fixtures) -> dict[str, int]:
    """Hand them to the stand-in; nothing when none is configured.

    Raises:
        FixturesRefused: the stand-in did not take them.
        OSError: it does not answer.
    """
    if not settings.stripe_api_base:
        return {}
    key = settings.stripe_secret_key.get_secret_value()
    return post_fixtures(settings.stripe_api_base, key, fixtures)
