"""Being paid: an operator's connected account at Stripe.

What we know of an account is only what Stripe says when asked. Coming back from
its pages proves nothing, so every look asks again
(https://docs.stripe.com/connect/hosted-onboarding).
"""

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import audit, catalogue, payouts
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import PayoutView
from ecosystem.domain.errors import NotFound
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.ports import ConnectedAccount
from ecosystem.services.ports import Payments as PaymentsPort

REFRESH_PATH = "/api/payouts/refresh"
RETURN_PATH = "/provider/payouts"


class Payouts:
    """Only the caller's own operator; ``origin`` is where people reach the product."""

    def __init__(self, database: Database, stripe: PaymentsPort, origin: str) -> None:
        self._database = database
        self._stripe = stripe
        self._origin = origin

    def status(self, actor: Actor) -> PayoutView:
        """Ask Stripe how the account stands now, and remember whether money can be sent.

        Raises:
            Forbidden: not a tour operator.
            Unavailable: Stripe does not answer; what was known stays.
        """
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            row = payouts.account_of(session, "operator", operator_id)
        if row is None or row.stripe_account_id is None:
            return PayoutView("none")
        account = self._stripe.account(row.stripe_account_id)
        if account.transfers_active != row.transfers_active:
            with self._database.unit(RDS) as session:
                payouts.set_transfers_active(session, account.id, account.transfers_active)
                audit.record(
                    session,
                    actor,
                    "payouts.activated" if account.transfers_active else "payouts.stopped",
                    "operator",
                    operator_id,
                )
        return payout_view(account)

    def set_up(self, actor: Actor) -> str:
        """The address of Stripe's form, fresh and good for one visit.

        The account is made at the first call. That we want one is committed before Stripe
        is asked, and the idempotency key is made from that row's id: a crash in between,
        a double press or two open tabs end in one account.

        Raises:
            Forbidden: not an owner of a tour operator.
            Invalid: Stripe refuses the operator's country or address, in its words.
            Unavailable: Stripe does not answer; pressing again goes on where it stopped.
        """
        operator_id = owning(actor)
        with self._database.unit(RDS) as session:
            row = payouts.want_account(session, "operator", operator_id)
        account_id = row.stripe_account_id
        if account_id is None:
            with self._database.unit(ACCOUNTS) as session:
                operator = catalogue.operator(session, operator_id=operator_id)
            if operator is None:
                raise NotFound("This operator does not exist.")
            account = self._stripe.create_account(
                f"payout-account:{row.id}", operator.contact_email, operator.country
            )
            account_id = account.id
            with self._database.unit(RDS) as session:
                if payouts.account_made(session, row.id, account_id):
                    audit.record(
                        session,
                        actor,
                        "payouts.account_made",
                        "operator",
                        operator_id,
                        account=account_id,
                    )
        return self._stripe.onboarding_link(
            account_id, self._origin + REFRESH_PATH, self._origin + RETURN_PATH
        )


def payout_view(account: ConnectedAccount) -> PayoutView:
    """Stripe's account in our states.

    ``disabled_reason`` beginning with ``rejected`` is Stripe's final word
    (https://docs.stripe.com/api/accounts/object, requirements.disabled_reason); without
    anything missing an account that is not active yet is being checked by Stripe.
    """
    if account.transfers_active:
        return PayoutView("active", account.requirements)
    if (account.disabled_reason or "").startswith("rejected"):
        return PayoutView("rejected", account.requirements)
    return PayoutView("incomplete" if account.requirements else "review", account.requirements)
