"""Being paid: the connected accounts of operators and agencies at Stripe.

What we know of an account is only what Stripe says when asked. Coming back from
its pages proves nothing, so every look asks again
(https://docs.stripe.com/connect/hosted-onboarding).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, audit, catalogue, messages, payouts
from ecosystem.database.tables import PayoutAccount
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import PayoutParty, PayoutState, PayoutView
from ecosystem.domain.errors import Conflict, Invalid, NotFound, Unavailable
from ecosystem.services.agency_access import earning, owning_agency
from ecosystem.services.one_of_many import apart
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.ports import Clock, ConnectedAccount
from ecosystem.services.ports import Payments as PaymentsPort

REFRESH_PATH = "/api/payouts/refresh"
RETURN_PATHS: dict[PayoutParty, str] = {
    "operator": "/provider/payouts",
    "agency": "/agent/commissions",
}
ACTIVE_QUIET = timedelta(hours=24)
OTHERS_QUIET = timedelta(minutes=30)
"""How long an account goes without a look: events of connected accounts can't be listed
afterwards, so a lost one is made up for by asking."""
AT_ONCE = 10
_LOOKS = 5
_SYSTEM = Actor(role="ops", source="api_key", name="Ecosystem")
"""Who acts when Stripe has told us something."""


@dataclass(frozen=True)
class Party:
    """Who is paid."""

    kind: PayoutParty
    id: UUID


class Payouts:
    """Only the caller's own operator or agency; ``origin`` is where people reach the product."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock, origin: str) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock
        self._origin = origin

    def status(self, actor: Actor) -> PayoutView:
        """Ask Stripe how the account stands now, and remember whether money can be sent.

        Raises:
            Forbidden: neither a tour operator nor a travel agent.
            Unavailable: Stripe does not answer; what was known stays.
        """
        party = _seeing(actor)
        with self._database.unit(RDS) as session:
            row = payouts.account_of(session, party.kind, party.id)
        if row is None or row.stripe_account_id is None:
            return PayoutView("none")
        return self._look(row.stripe_account_id, actor) or PayoutView("none")

    def set_up(self, actor: Actor) -> str:
        """The address of Stripe's form, fresh and good for one visit.

        The account is made at the first call, and another in the place of one that was
        disconnected. That we want one is committed before Stripe is asked, and the
        idempotency key is made from that row: a crash in between, a double press or two
        open tabs end in one account.

        Raises:
            Forbidden: not an owner of a tour operator or a travel agency.
            Invalid: Stripe refuses the country or address, in its words.
            Unavailable: Stripe does not answer; pressing again goes on where it stopped.
        """
        party = _changing(actor)
        for _ in range(2):
            account_id = self._account_id(actor, party)
            try:
                return self._stripe.onboarding_link(
                    account_id,
                    self._origin + REFRESH_PATH,
                    self._origin + RETURN_PATHS[party.kind],
                )
            except NotFound:
                # Disconnected, and nobody has told us yet: the next turn makes another.
                self._look(account_id, actor)
            except Invalid:
                view = self._look(account_id, actor)
                if view is None or view.state != "gone":
                    raise
        raise Unavailable("Stripe does not know the account at the moment. Try again in a minute.")

    def dashboard(self, actor: Actor) -> str:
        """The address of the account's own pages at Stripe, good for one visit.

        Raises:
            Forbidden: not an owner of a tour operator or a travel agency.
            Conflict: ``not_onboarded``: there are no such pages yet, or not any more.
            Unavailable: Stripe does not answer.
        """
        party = _changing(actor)
        with self._database.unit(RDS) as session:
            row = payouts.account_of(session, party.kind, party.id)
        nothing = Conflict(
            "There are no pages at Stripe yet. Finish setting up payouts first.",
            code="not_onboarded",
        )
        if row is None or row.stripe_account_id is None:
            raise nothing
        try:
            return self._stripe.dashboard_link(row.stripe_account_id)
        except (Invalid, NotFound):
            self._look(row.stripe_account_id, actor)
            raise nothing from None

    def look(self, account_id: str, *, event_id: str | None = None) -> None:
        """Ask Stripe how an account stands because an event, or time, says so.

        ``event_id`` is marked as dealt with in the transaction of the effect. An account that
        is not one of ours changes nothing.
        """
        self._look(account_id, _SYSTEM, event_id)

    def payout_failed(self, account_id: str, payout: Mapping[str, Any], *, event_id: str) -> None:
        """The bank of an account sent a payout back: its people are told, once.

        ``payout`` is Stripe's object; what it means for the account, Stripe is asked.
        """
        with self._database.unit(RDS) as session:
            row = payouts.by_stripe_id(session, account_id)
            if row is not None:
                messages.send(
                    session,
                    "email.payout_failed",
                    {
                        "party": row.party,
                        "party_id": str(row.party_id),
                        "payout_id": payout["id"],
                        "amount_minor": payout["amount"],
                        "currency": str(payout["currency"]).upper(),
                        "reason": payout.get("failure_message") or "",
                    },
                    dedupe_key=f"payout:{payout['id']}:failed",
                )
        self.look(account_id, event_id=event_id)

    def look_again(self) -> int:
        """Ask about accounts nobody has asked about for long; returns how many."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quiet = payouts.take_quiet(
                session, now, now - ACTIVE_QUIET, now - OTHERS_QUIET, AT_ONCE
            )
        for account_id in quiet:
            apart(self._look, account_id, account_id, _SYSTEM)
        return len(quiet)

    def _account_id(self, actor: Actor, party: Party) -> str:
        with self._database.unit(RDS) as session:
            row = payouts.want_account(session, party.kind, party.id)
            if row.state == "gone":
                payouts.want_another(session, row)
                session.expire_all()
                row = payouts.want_account(session, party.kind, party.id)
            account_id, row_id, attempt = row.stripe_account_id, row.id, row.attempt
        if account_id is not None:
            return account_id
        email, country = self._about(party)
        # What is asked for is part of the key: Stripe refuses a key with another question.
        asked = sha256(f"{email}\n{country}".encode()).hexdigest()[:16]
        account = self._stripe.create_account(
            f"payout-account:{row_id}:{attempt}:{asked}", email, country
        )
        with self._database.unit(RDS) as session:
            if payouts.account_made(session, row_id, account.id):
                audit.record(
                    session,
                    actor,
                    "payouts.account_made",
                    party.kind,
                    party.id,
                    account=account.id,
                )
            made = payouts.want_account(session, party.kind, party.id).stripe_account_id
        return made or account.id

    def _about(self, party: Party) -> tuple[str, str]:
        """The e-mail address and country a new account begins with."""
        if party.kind == "operator":
            with self._database.unit(ACCOUNTS) as session:
                operator = catalogue.operator(session, operator_id=party.id)
            if operator is None:
                raise NotFound("This operator does not exist.")
            return operator.contact_email, operator.country
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, party.id)
            owners = [one for one in agencies.people(session, party.id) if one.role == "owner"]
        if agency is None or not owners:
            raise NotFound("This agency does not exist.")
        return min(owners, key=lambda one: one.id).email, agency.country

    def _look(
        self, account_id: str, actor: Actor, event_id: str | None = None
    ) -> PayoutView | None:
        """What Stripe says now, remembered; None if the account isn't one of ours.

        The row is read before Stripe is asked and changed only if it is as it was: of two
        looks at once the one that asked first can't overwrite what the other found.
        """
        for _ in range(_LOOKS):
            with self._database.unit(RDS) as session:
                row = payouts.by_stripe_id(session, account_id)
                if row is None:
                    self._finish(session, event_id)
                    return None
            view = self._asked(account_id)
            with self._database.unit(RDS) as session:
                if payouts.seen(session, row, view.state, self._clock.now()):
                    if row.state != view.state:
                        self._tell(session, actor, row, view.state)
                    self._finish(session, event_id)
                    return view
        raise Unavailable("The account changes at the moment. Try again in a minute.")

    def _asked(self, account_id: str) -> PayoutView:
        try:
            return payout_view(self._stripe.account(account_id))
        except NotFound:
            return PayoutView("gone")

    def _tell(
        self, session: RoutedSession, actor: Actor, row: PayoutAccount, state: PayoutState
    ) -> None:
        """Write down that an account stands otherwise, and tell its people what it means."""
        action = {"active": "payouts.activated", "gone": "payouts.disconnected"}.get(state)
        if action is None:
            action = "payouts.stopped" if row.transfers_active else "payouts.changed"
        audit.record(session, actor, action, row.party, row.party_id, old=row.state, new=state)
        if state == "active" or row.transfers_active:
            messages.send(
                session,
                "email.payouts_changed",
                {"party": row.party, "party_id": str(row.party_id), "state": state},
                dedupe_key=f"payout-account:{row.id}:{row.version + 1}",
            )

    def _finish(self, session: RoutedSession, event_id: str | None) -> None:
        if event_id is not None:
            messages.finish_inbox(session, event_id, self._clock.now())


def return_path(actor: Actor) -> str:
    """The page on which the caller sees how it is paid."""
    return RETURN_PATHS["agency" if actor.role == "agent" else "operator"]


def _seeing(actor: Actor) -> Party:
    if actor.role == "agent":
        return Party("agency", earning(actor))
    return Party("operator", operator_of(actor))


def _changing(actor: Actor) -> Party:
    if actor.role != "agent":
        return Party("operator", owning(actor))
    return Party("agency", owning_agency(actor))


def payout_view(account: ConnectedAccount) -> PayoutView:
    """Stripe's account in our states.

    ``disabled_reason`` beginning with ``rejected`` is Stripe's final word
    (https://docs.stripe.com/api/accounts/object, requirements.disabled_reason); without
    anything missing an account that is not active yet is being checked by Stripe.
    """
    state: PayoutState
    if account.transfers_active:
        state = "active"
    elif (account.disabled_reason or "").startswith("rejected"):
        state = "rejected"
    elif not (account.requirements or account.past_due):
        state = "review"
    else:
        state = "restricted" if account.details_submitted else "incomplete"
    return PayoutView(
        state,
        tuple(dict.fromkeys((*account.past_due, *account.requirements))),
        deadline=account.deadline,
        pending=account.pending,
        bank_waits=state == "active" and not account.payouts_active,
        dashboard=account.details_submitted and state != "rejected",
    )
