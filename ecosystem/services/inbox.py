"""What Stripe tells us: verify, keep once, answer; a worker deals with it afterwards."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.queries import messages
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import N_
from ecosystem.services.disputes import Following
from ecosystem.services.payments import Payments
from ecosystem.services.payouts import Payouts
from ecosystem.services.ports import Clock, StripeEvent
from ecosystem.services.ports import Payments as PaymentsPort
from ecosystem.services.refunds import Refunds
from ecosystem.services.transfers import Transfers

log = logging.getLogger(__name__)

CHECKOUT_EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
ACCOUNT_EVENTS = frozenset(
    {
        "account.updated",
        "capability.updated",
        "account.application.deauthorized",
    }
)
CHARGE_BOOKED = "charge.updated"
PAYMENT_EVENTS = frozenset({"payment_intent.payment_failed", CHARGE_BOOKED})
DISPUTES = "charge.dispute."
REFUND_EVENTS = frozenset({"charge.refunded", "refund.updated", "refund.failed"})
LONGEST_WAIT = timedelta(minutes=15)
AT_ONCE = 20
LEASED_AT_ONCE = 1

RECENT_EVENTS = timedelta(minutes=10)
"""How far back the worker looks for events that never arrived, each minute."""

RECONCILED_EVENTS = timedelta(days=3)
"""How far back ``ecosystem reconcile`` looks, after a longer outage."""


class Inbox:
    """An event only says "look": where order matters the state is fetched again."""

    def __init__(
        self,
        database: Database,
        stripe: PaymentsPort,
        payments: Payments,
        payouts: Payouts,
        disputes: Following,
        refunds: Refunds,
        transfers: Transfers,
        clock: Clock,
    ) -> None:
        self._database = database
        self._stripe = stripe
        self._payments = payments
        self._payouts = payouts
        self._disputes = disputes
        self._refunds = refunds
        self._transfers = transfers
        self._clock = clock

    def receive(self, body: bytes, signature: str, *, connect: bool) -> bool:
        """Keep a signed event; False when it was known already.

        Raises:
            Invalid: the signature is missing, wrong or older than 300 seconds.
            NotFound: no secret is configured, the endpoint is off.
        """
        event = self._stripe.verify_event(body, signature, connect=connect)
        return self.keep(event)

    def keep(self, event: StripeEvent) -> bool:
        """Put an event into the inbox unless its id stands there."""
        source = "stripe_connect" if event.account else "stripe"
        payload = {"account": event.account, "object": event.object}
        kept = self._database.together(messages.receiving(event.id, source, event.type, payload))
        return bool(kept[0])

    def step(self) -> int:
        """Deal with events that are due; returns how many were taken.

        Each is leased when its turn comes, so that no lease runs out behind slow ones, and
        what this thread has not come to is there for another.
        """
        taken = 0
        while taken < AT_ONCE:
            lease = messages.leasing_inbox(self._clock.now(), LEASED_AT_ONCE)
            leased = self._database.together(lease)[0]
            for event in leased:
                self._try(event)
            if not leased:
                break
            taken += len(leased)
        return taken

    def _try(self, event: Any) -> None:
        try:
            self._deal_with(event.id, event.type, event.payload)
        except EcosystemError as error:
            self._later(event.id, event.attempts, error.detail)
        except Exception as error:
            # A bug must not stop the events behind this one; it stays in the
            # inbox with its error, where operations see it.
            log.exception("event %s (%s) failed", event.id, event.type)
            self._later(event.id, event.attempts, f"{type(error).__name__}: {error}")

    def catch_up(self, back: timedelta) -> int:
        """Keep the events of Stripe's own list that never arrived; returns how many."""
        since = self._clock.now() - back
        return sum(self.keep(event) for event in self._stripe.events_since(since))

    def _deal_with(self, event_id: str, kind: str, payload: dict[str, Any]) -> None:
        item = payload["object"]
        if kind in CHECKOUT_EVENTS:
            self._payments.settle(item["id"], event_id=event_id)
        elif kind in PAYMENT_EVENTS:
            self._of_payment(event_id, kind, item)
        elif kind in ACCOUNT_EVENTS:
            account_id = payload["account"] or item.get("account") or item["id"]
            self._payouts.look(account_id, event_id=event_id)
        elif kind == "payout.failed" and payload["account"]:
            self._payouts.payout_failed(payload["account"], item, event_id=event_id)
        elif kind.startswith(DISPUTES):
            self._disputes.look(item["id"], event_id=event_id)
        elif kind in REFUND_EVENTS and item.get("payment_intent"):
            self._refunds.look(item["payment_intent"], event_id=event_id)
        elif kind == "transfer.reversed":
            self._transfers.look(item["id"], event_id=event_id)
        else:
            self._done(event_id)

    def _of_payment(self, event_id: str, kind: str, item: dict[str, Any]) -> None:
        """An intent or a charge, which has the metadata of its intent."""
        payment_id = _uuid((item.get("metadata") or {}).get("payment_id"))
        if payment_id is None:
            self._done(event_id)
        elif kind == CHARGE_BOOKED:
            self._payments.fee_booked(payment_id, event_id=event_id)
        else:
            error = item.get("last_payment_error") or {}
            self._payments.refused(payment_id, _reason(error), event_id=event_id)

    def _done(self, event_id: str) -> None:
        self._database.together(messages.finishing(event_id, self._clock.now()))

    def _later(self, event_id: str, attempts: int, error: str) -> None:
        wait = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
        self._database.together(messages.dealing_later(event_id, self._clock.now() + wait, error))


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


_REASONS = {
    "insufficient_funds": N_("The card has not enough money on it."),
    "expired_card": N_("The card has expired."),
    "incorrect_cvc": N_("The security code is not right."),
    "authentication_required": N_("The bank's confirmation did not succeed."),
    "payment_intent_authentication_failure": N_("The bank's confirmation did not succeed."),
}
_NO_REASON = N_("The bank declined the card without giving a reason.")


def _reason(error: dict[str, Any]) -> str:
    """Why a card was refused, as a sentence in English (https://docs.stripe.com/declines/codes)."""
    code = str(error.get("decline_code") or error.get("code") or "")
    return _REASONS.get(code, _NO_REASON)
