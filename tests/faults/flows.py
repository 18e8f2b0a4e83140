"""The ways of a booking, step by step, for whoever breaks them off, repeats or reorders them.

A flow is made of steps in the order in which they happen: what a person asks of the product,
what happens at Stripe, what the worker does. A new flow is a few lines here; the suites run it
through every failpoint and every order of its webhooks.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries.messages import LEASE
from ecosystem.database.tables import Agency, Departure, OperatorTerms, PayoutAccount
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import NewDate, OneAddon, OneTraveller, What, WholeBooking
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.ids import uuid7
from ecosystem.services.inbox import RECENT_EVENTS
from ecosystem.services.ports import StripeEvent
from tests.conftest import MovableClock
from tests.faults.failpoints import Failpoints, Killed, MortalDatabase, MortalVendor
from tests.local.stripe.under_test import KEY
from tests.money_facts import Facts, facts
from tests.product import GUEST, Offer, Product

NOT_ABOUT_MONEY = frozenset(
    (
        *("exchange_rates", "pictures", "imports", "search", "open_changes", "payout_accounts"),
        *("old_guests", "old_sessions", "reviews", "missed_events", "ledger_checks"),
        *("old_quotes", "old_answers", "old_imports", "marketplace", "blocks"),
        *("move_package_extras", "move_packages", "move_accounts", "move_marketplace"),
        *("keep_package_extras", "keep_packages", "keep_accounts", "move_looks", "move_alive"),
    )
)
"""Duties of the worker that these flows have no use for."""

OPS = Actor(role="ops", source="cognito", user_id=uuid7(), name="Olivia")
QUICKER = Actor(role="guest", source="guest", guest_key="quicker")


TOLD = (
    "checkout.session.",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.dispute.",
    "refund.updated",
    "refund.failed",
    "transfer.reversed",
    "account.",
    "capability.updated",
    "payout.failed",
)
"""What the endpoints are registered for; Stripe tells them nothing else."""


@dataclass
class World:
    """One run of a flow: the process that is alive, its clock, and what the steps remember."""

    calm: Product
    product: Product
    clock: MovableClock
    last_event: str
    buyer: Actor = GUEST
    made: Offer | None = None
    hold: Any = None
    booking: Any = None
    pages: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def services(self) -> Any:
        """Of the process that is alive now; ``Any``: flows speak to all of them."""
        return self.product.services

    @property
    def offer(self) -> Offer:
        assert self.made is not None
        return self.made

    @property
    def booking_id(self) -> UUID:
        return self.booking.id

    def page(self, kind: str = "") -> str:
        """The last payment page of the booking's payment of this kind."""
        return self.calm.one(
            "select stripe_session_id as page from payments where booking_id = :id"
            " and (:kind = '' or kind = :kind) and stripe_session_id is not null"
            " order by created_at desc limit 1",
            id=self.booking_id,
            kind=kind,
        ).page

    def events(self) -> list[StripeEvent]:
        """What Stripe has told since this run began, oldest first."""
        return stripe_events(self.calm, after=self.last_event)

    def bring_webhooks(self) -> None:
        """What Stripe has told reaches the product."""
        self.services.inbox.catch_up(RECENT_EVENTS)

    def work(self) -> int:
        """The worker runs until it has nothing left to do."""
        done = 0
        for _ in range(40):
            step = sum(
                duty.step()
                for duty in self.services.worker._duties
                if duty.name not in NOT_ABOUT_MONEY and duty.greedy
            )
            if not step:
                return done
            done += step
        raise AssertionError("the worker never came to rest")

    def reconcile(self) -> None:
        """The rounds of a worker in which it also looks for what nobody reported."""
        for _ in range(2):
            self.clock.move(minutes=2, seconds=30)
            self.bring_webhooks()
            for duty in self.services.worker._duties:
                if duty.name not in NOT_ABOUT_MONEY and not duty.greedy:
                    duty.step()
            self.work()


Step = Callable[[World], None]


@dataclass(frozen=True)
class Flow:
    """``before`` happens in peace; each of ``steps`` can be killed and is then done again, as
    a person presses the button again and a worker is started again. In one that ``waits``
    a step needs what the webhooks before it have said."""

    name: str
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    waits: bool = False


def world(calm: Product) -> World:
    """A run over the product's databases, from now on."""
    newest = _listed(calm, limit="1")
    made = World(calm, calm, MovableClock(), newest[0]["id"] if newest else "")
    made.product = alive(made, Failpoints())
    return made


def stripe_events(calm: Product, *, after: str) -> list[StripeEvent]:
    """What Stripe told after an event, oldest first."""
    listed = _listed(calm, limit="100", **({"ending_before": after} if after else {}))
    assert len(listed) < 100
    return [
        StripeEvent(
            one["id"],
            one["type"],
            one.get("account"),
            datetime.fromtimestamp(one["created"], UTC),
            one["data"]["object"],
        )
        for one in reversed(listed)
        if one["type"].startswith(TOLD)
    ]


def _listed(calm: Product, **query: str) -> list[dict[str, Any]]:
    key = {"Authorization": f"Bearer {KEY}"}
    return calm.stripe.http.get("/v1/events", params=query, headers=key).json()["data"]


def alive(made: World, points: Failpoints) -> Product:
    """A process that passes these points."""
    real = made.calm.vendor()
    stripe: Any = MortalVendor(
        real,
        points,
        "stripe",
        local=frozenset(["verify_event"]),
        instead={"events_since": lambda _since: made.events()},
    )
    mail: Any = MortalVendor(made.calm.postbox, points, "mail")
    database: Any = MortalDatabase(made.calm.database, points)
    return made.calm.restarted(database=database, stripe=stripe, mail=mail, clock=made.clock)


def run(calm: Product, flow: Flow, kill_at: str = "") -> tuple[Facts, list[str], World]:
    """Run a flow, killed once at a point; what became of it, and the points it passed.

    The killed process is started again, and what was asked of it is asked again. Then life goes
    on long enough for its worker to come to what the dead one had taken: a letter to operations
    that is still on its way when what it tells about is over is rightly left out.
    """
    made = world(calm)
    for step in flow.before:
        step(made)
    points = Failpoints(kill_at)
    made.product = alive(made, points)
    for step in flow.steps:
        try:
            step(made)
        except Killed:
            made.product = alive(made, Failpoints())
            with suppress(EcosystemError):  # it was done already, and says so
                step(made)
            made.clock.move(seconds=LEASE.total_seconds() + 1)
            made.work()
    made.product = alive(made, Failpoints())
    made.reconcile()
    return facts(calm, made.booking_id), points.passed, made


# The steps -----------------------------------------------------------------------


def on_sale(seats: int = 10, **more: Any) -> Step:
    """Nobody is sent anything before departure."""

    def step(made: World) -> None:
        made.made = made.calm.offer(seats=seats, **more)

    return step


def sold_by_an_agency(made: World, starts_in: int = 20, seats: int = 10) -> None:
    """Both parties get their shares as soon as it is paid. So soon before departure half of
    what was paid is given back."""
    offer = made.calm.offer(starts_in=starts_in, seats=seats)
    agency = Agency(slug=offer.slug, name="Maple Travel", country="IE", currency="EUR")
    with made.calm.database.unit(RDS) as session:
        session.add(OperatorTerms(operator_id=offer.operator_id, pay_after="confirmation"))
        session.add(agency)
        session.flush()
        session.execute(
            text("update payout_accounts set stripe_account_id = :account where party_id = :id"),
            {"account": made.calm.stripe.account().id, "id": offer.operator_id},
        )
        session.add(
            PayoutAccount(
                party="agency",
                party_id=agency.id,
                stripe_account_id=made.calm.stripe.account().id,
                transfers_active=True,
            )
        )
    made.made = offer
    made.buyer = Actor(
        role="agent",
        source="cognito",
        user_id=uuid7(),
        agency_id=agency.id,
        agency_role="agent",
        name="Ann",
    )


def another_date(price_minor: int) -> Step:
    """The package has a second departure, at this price for an adult."""

    def step(made: World) -> None:
        offer, later = made.offer, uuid7()
        with made.calm.database.unit(RDS) as session:
            first = session.get_one(Departure, offer.departure_id)
            values = first.model_dump(exclude={"id", "created_at", "updated_at"})
            values |= {"starts_on": first.starts_on + timedelta(days=14)}
            values |= {"ends_on": first.ends_on + timedelta(days=14), "price_minor": price_minor}
            session.add(Departure(id=later, **values))
        made.more["other date"] = later

    return step


def hold(made: World) -> None:
    extra = frozenset([made.offer.optional_addon])
    made.hold = made.product.hold(made.offer, actor=made.buyer, addon_ids=extra)


def book(pay: str = "full") -> Step:
    def step(made: World) -> None:
        made.booking = made.product.book(made.hold, pay=pay, actor=made.buyer)

    return step


def pays(kind: str = "", card: str = "4242 4242 4242 4242") -> Step:
    """At Stripe; what the product knows of it comes later."""

    def step(made: World) -> None:
        if made.more.setdefault(f"paid {kind}", False):
            return
        made.calm.pay(made.page(kind), card)
        made.more[f"paid {kind}"] = True

    return step


def declined(made: World) -> None:
    if "declined" not in made.more:
        made.calm.stripe.http.post(
            f"/c/pay/{made.page()}",
            data={"number": "4000 0000 0000 0002", "expiry": "12 / 34", "cvc": "123"},
        )
        made.more["declined"] = True


def comes_back(made: World) -> None:
    """The return page asks how the payments stand."""
    made.services.bookings.refresh(made.buyer, made.booking.reference)


def opens_balance(made: World) -> None:
    token = made.calm.one(
        "select pay_token from payments where booking_id = :id and kind = 'balance'",
        id=made.booking_id,
    ).pay_token
    made.services.payments.pay_link(token)


def webhooks(made: World) -> None:
    made.bring_webhooks()
    made.work()


def rounds(made: World) -> None:
    """The worker looks around; nothing else happens."""
    made.reconcile()


def too_late_and_gone(made: World) -> None:
    """The hold has ended and somebody else has the seats."""
    if "gone" not in made.more:
        made.clock.move(minutes=40)
        made.more["gone"] = made.product.hold(made.offer, actor=QUICKER)


def pays_in_two_tabs(made: World) -> None:
    """Two pages of one payment are open at Stripe, and both are paid."""
    if "tabs" in made.more:
        return
    first = made.page()
    made.calm.pay(first)
    payment = made.calm.one("select id from payments where booking_id = :id", id=made.booking_id).id
    made.calm.pay(made.more["other page"])
    made.more["tabs"] = (first, payment)


def another_page(made: World) -> None:
    """A second page for the same payment: what a lost answer and a new attempt leave behind."""
    payment = made.calm.one("select * from payments where booking_id = :id", id=made.booking_id)
    page = made.calm.stripe.session(
        payment.amount_minor,
        payment.currency.lower(),
        client_reference_id=str(made.booking_id),
        metadata={"payment_id": str(payment.id), "booking_id": str(made.booking_id)},
        payment_intent_data={
            "transfer_group": str(made.booking_id),
            "metadata": {"payment_id": str(payment.id), "booking_id": str(made.booking_id)},
        },
    )
    made.more["other page"] = page.id


def cancels(what: What, actor: Actor | None = None) -> Step:
    """Cancelled in whole or in part, or moved to another date."""

    def step(made: World) -> None:
        wanted = what
        if isinstance(what, OneAddon):
            wanted = OneAddon(made.offer.optional_addon)
        elif isinstance(what, NewDate):
            wanted = NewDate(made.more["other date"])
        services, reference = made.services, made.booking.reference
        who = actor or made.buyer
        # Pressed once, sent again: a second press with the same revision changes nothing more.
        if "shown" not in made.more:
            made.more["shown"] = services.changes.preview(who, reference, wanted)
        shown = made.more["shown"]
        services.changes.carry_out(
            who,
            reference,
            wanted,
            expected_refund=shown.refund,
            revision=shown.revision,
        )

    return step


def pays_difference(made: World) -> None:
    token = made.calm.one(
        "select pay_token from payments where booking_id = :id and kind = 'change'",
        id=made.booking_id,
    ).pay_token
    made.services.payments.pay_link(token)
    pays("change")(made)


def charge_of(made: World) -> str:
    return made.calm.one(
        "select stripe_charge from payments where booking_id = :id"
        " and stripe_charge is not null order by created_at limit 1",
        id=made.booking_id,
    ).stripe_charge


def disputes(made: World) -> None:
    """The buyer's bank takes the payment back."""
    if "dispute" not in made.more:
        opened = made.calm.stripe.control(f"charges/{charge_of(made)}/dispute", {})
        made.more["dispute"] = opened["id"]


def bank_decides(verdict: str) -> Step:
    def step(made: World) -> None:
        if "verdict" not in made.more:
            made.calm.stripe.control(f"disputes/{made.more['dispute']}", {"verdict": verdict})
            made.more["verdict"] = verdict

    return step


def refund_comes_back(made: World) -> None:
    """The card's bank does not take the refund."""
    if "came back" not in made.more:
        made.more["came back"] = made.calm.one(
            "select id, stripe_refund_id from refunds where booking_id = :id", id=made.booking_id
        )
        made.calm.stripe.control(f"refunds/{made.more['came back'].stripe_refund_id}/fail", {})


def refund_is_tried_again(made: World) -> None:
    made.services.refunds.retry(OPS, made.more["came back"].id)


# The flows -----------------------------------------------------------------------

CONFIRMED = (sold_by_an_agency, hold, book(), pays(), comes_back)
"""Booked and paid, nothing sent on to the parties yet."""

PAID_OUT = (*CONFIRMED, rounds)
"""Both parties have their shares."""

FLOWS: dict[str, Flow] = {
    flow.name: flow
    for flow in (
        Flow("booking", (on_sale(),), (hold, book(), pays(), comes_back, webhooks)),
        Flow(
            "deposit and balance",
            (on_sale(), hold, book("deposit"), pays("deposit"), comes_back),
            (opens_balance, pays("balance"), webhooks),
        ),
        Flow(
            "declined, then paid",
            (on_sale(), hold, book()),
            (
                declined,
                webhooks,
                pays(),
                webhooks,
            ),
        ),
        Flow(
            "paid late, seats gone",
            (on_sale(seats=2), hold, book(), pays(), too_late_and_gone),
            (webhooks,),
        ),
        Flow(
            "paid twice",
            (on_sale(), hold, book(), another_page),
            (pays_in_two_tabs, comes_back, webhooks),
        ),
        Flow("sent on", CONFIRMED, (webhooks, rounds)),
        Flow("cancelled unpaid", (on_sale(), hold, book()), (cancels(WholeBooking()), webhooks)),
        Flow("cancelled", CONFIRMED, (cancels(WholeBooking()), webhooks)),
        Flow("cancelled after sending on", PAID_OUT, (cancels(WholeBooking()), webhooks)),
        Flow("cancelled by us", PAID_OUT, (cancels(WholeBooking(), OPS), webhooks)),
        Flow(
            "cancelled with a balance open",
            (on_sale(), hold, book("deposit"), pays("deposit"), comes_back),
            (cancels(WholeBooking()), webhooks),
        ),
        Flow("one traveller less", PAID_OUT, (cancels(OneTraveller(2)), webhooks)),
        Flow("one add-on less", PAID_OUT, (cancels(OneAddon(UUID(int=0))), webhooks)),
        Flow(
            "cheaper date",
            (*PAID_OUT, another_date(100000)),
            (cancels(NewDate(UUID(int=0))), webhooks),
        ),
        Flow(
            "dearer date",
            (*PAID_OUT, another_date(150000)),
            (cancels(NewDate(UUID(int=0))), pays_difference, webhooks, rounds),
        ),
        Flow(
            "refund fails",
            (*CONFIRMED, cancels(WholeBooking()), rounds),
            (refund_comes_back, webhooks, refund_is_tried_again, webhooks),
            waits=True,
        ),
        Flow("dispute won", PAID_OUT, (disputes, webhooks, bank_decides("won"), webhooks, rounds)),
        Flow("dispute lost", PAID_OUT, (disputes, webhooks, bank_decides("lost"), webhooks)),
    )
}
