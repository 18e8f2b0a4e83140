"""Anything may happen to bookings in any order: what must be true stays true.

Buyers, an agency, operations, banks, Stripe and the worker act as hypothesis likes; webhooks come
late, twice, shuffled or not at all; processes die in the middle. Afterwards the product is left
alone until nothing is under way, and its books are compared with Stripe's.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import NewDate, OneAddon, OneTraveller, WholeBooking
from ecosystem.domain.errors import EcosystemError
from tests.faults.failpoints import Failpoints, Killed
from tests.faults.flows import NOT_ABOUT_MONEY, OPS, alive, another_date, sold_by_an_agency, world
from tests.local.stripe.under_test import KEY
from tests.money_facts import always_true, true_at_rest
from tests.product import GUEST, Product

SEATS = 5


class Fuse(Failpoints):
    """A process that dies at the n-th point it comes to."""

    def __init__(self, points: int) -> None:
        super().__init__()
        self._left = points

    def reach(self, name: str) -> None:
        super().reach(name)
        self._left -= 1
        if self._left == 0:
            self.dead = True
            raise Killed(name)


class Life(RuleBasedStateMachine):
    """``product`` is set by the test; every example has a package of its own."""

    product: ClassVar[Product]

    @initialize(
        starts_in=st.sampled_from([10, 20, 120]), other_price=st.sampled_from([90000, 150000])
    )
    def on_sale(self, starts_in: int, other_price: int) -> None:
        self.world = world(self.product)
        sold_by_an_agency(self.world, starts_in, seats=SEATS)
        self.agent = self.world.buyer
        another_date(other_price)(self.world)
        self.operator = Actor(
            role="provider",
            source="supabase",
            user_id=self.world.offer.operator_id,
            operator_id=self.world.offer.operator_id,
            operator_role="owner",
        )

    # What people do ---------------------------------------------------------------

    @rule(by_agent=st.booleans(), adults=st.integers(1, 3), deposit=st.booleans())
    def books(self, by_agent: bool, adults: int, deposit: bool) -> None:
        actor = self.agent if by_agent else GUEST
        extra = frozenset([self.world.offer.optional_addon])

        def act() -> None:
            hold = self.now.hold(self.world.offer, adults=adults, actor=actor, addon_ids=extra)
            pay = "deposit" if deposit and hold.price.deposit else "full"
            self.now.book(hold, actor=actor, pay=pay)

        self._try(act)

    @precondition(lambda self: self._bookings())
    @rule(at=st.integers(0, 9))
    def opens_the_payment_page(self, at: int) -> None:
        open_ = self._rows(
            "select pay_token from payments where booking_id = :id"
            " and status in ('due', 'failed') order by created_at",
            id=self._one(at).id,
        )
        for payment in open_[:1]:
            self._try(self.services.payments.pay_link, payment.pay_token)

    @precondition(lambda self: self._bookings())
    @rule(at=st.integers(0, 9), declined=st.sampled_from([False, False, False, True]))
    def pays(self, at: int, declined: bool) -> None:
        pages = self._rows(
            "select stripe_session_id as page from payments where booking_id = :id"
            " and stripe_session_id is not null and status in ('due', 'failed') order by created_at",
            id=self._one(at).id,
        )
        card = "4000000000000002" if declined else "4242424242424242"
        for row in pages[:1]:
            # A page that has ended meanwhile refuses.
            self._at_stripe(f"sessions/{row.page}/pay", {"card": card})

    @precondition(lambda self: self._bookings())
    @rule(at=st.integers(0, 9))
    def comes_back(self, at: int) -> None:
        booking = self._one(at)
        self._try(self.services.bookings.refresh, GUEST, booking.reference, key=booking.view_key)

    @precondition(lambda self: self._bookings())
    @rule(
        at=st.integers(0, 9),
        what=st.sampled_from(["whole", "traveller", "add-on", "date", "date", "back"]),
        who=st.sampled_from(["buyer", "buyer", "operator", "ops"]),
    )
    def changes(self, at: int, what: str, who: str) -> None:
        booking = self._one(at)
        offer = self.world.offer
        wanted: Any = {
            "whole": WholeBooking(),
            "traveller": OneTraveller(1),
            "add-on": OneAddon(offer.optional_addon),
            "date": NewDate(self.world.more["other date"]),
            "back": NewDate(offer.departure_id),
        }[what]
        actor: Actor = {"buyer": GUEST, "operator": self.operator, "ops": OPS}[who]
        key = booking.view_key
        self._try(self.services.changes.carry_out, actor, booking.reference, wanted, key=key)

    @precondition(lambda self: self._bookings())
    @rule(at=st.integers(0, 9))
    def gives_up_the_other_date(self, at: int) -> None:
        booking = self._one(at)
        for change in self._rows(
            "select id from booking_changes where booking_id = :id and state = 'waiting'",
            id=booking.id,
        ):
            key = booking.view_key
            self._try(self.services.changes.drop, GUEST, booking.reference, change.id, key=key)

    @rule(by_hand=st.booleans())
    def operations_look_at_failed_refunds(self, by_hand: bool) -> None:
        for refund in self._rows(
            "select r.id from refunds r join bookings b on b.id = r.booking_id"
            " where b.package_id = :package and r.state = 'failed'",
            package=self.world.offer.package_id,
        ):
            if by_hand:
                self._try(self.services.refunds.by_hand, OPS, refund.id, "By transfer.")
            else:
                self._try(self.services.refunds.retry, OPS, refund.id)

    # What happens elsewhere -------------------------------------------------------

    @rule()
    def a_refund_comes_back(self) -> None:
        for refund in self._rows(
            "select r.stripe_refund_id as id from refunds r join bookings b on b.id = r.booking_id"
            " where b.package_id = :package and r.state = 'succeeded' limit 1",
            package=self.world.offer.package_id,
        ):
            self._at_stripe(f"refunds/{refund.id}/fail", {})

    @precondition(lambda self: self._bookings())
    @rule(at=st.integers(0, 9))
    def a_bank_takes_a_payment_back(self, at: int) -> None:
        for charge in self._rows(
            "select stripe_charge as id from payments where booking_id = :id"
            " and stripe_charge is not null and refunded_minor = 0 limit 1",
            id=self._one(at).id,
        ):
            self._at_stripe(f"charges/{charge.id}/dispute", {})

    @rule(won=st.booleans())
    def a_bank_decides(self, won: bool) -> None:
        for dispute in self._rows(
            "select stripe_dispute_id as id from disputes d join bookings b on b.id = d.booking_id"
            " where b.package_id = :package and d.closed_at is null limit 1",
            package=self.world.offer.package_id,
        ):
            self._at_stripe(f"disputes/{dispute.id}", {"verdict": "won" if won else "lost"})

    # What the product does by itself ----------------------------------------------

    @rule(seed=st.integers(0, 10_000), share=st.sampled_from([0.3, 0.7, 1.0]))
    def webhooks_come(self, seed: int, share: float) -> None:
        chance = random.Random(seed)
        events = self.world.events()
        for event in chance.choices(events, k=int(len(events) * share)):
            self._try(self.services.inbox.keep, event)
        self._try(self.services.inbox.step)

    @rule()
    def the_worker_does_a_round(self) -> None:
        for duty in self.services.worker._duties:
            if duty.name not in NOT_ABOUT_MONEY:
                self._try(duty.step)

    @rule(minutes=st.sampled_from([1, 4, 40]))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.move(minutes=minutes)

    @rule(points=st.integers(1, 12))
    def the_process_will_die(self, points: int) -> None:
        self.world.product = alive(self.world, Fuse(points))

    @invariant()
    def the_books_are_sound(self) -> None:
        if hasattr(self, "world"):
            always_true(self.product)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.product = alive(self.world, Failpoints())
        for _ in range(2):
            self.world.clock.move(minutes=45)
            self.world.reconcile()
        self._at_rest()

    def _at_rest(self) -> None:
        ids = [row.id for row in self._bookings()]
        true_at_rest(self.product, ids)
        assert self._rows("select topic, last_error from outbox where done_at is null") == []
        assert self._rows("select type, last_error from inbox where processed_at is null") == []
        for row in self._rows(_OWED, package=self.world.offer.package_id):
            assert row.receivable == row.asked, f"the buyer owes something else: {row}"
        for booking in self._bookings():
            sent = {m.id for m in self.product.postbox.sent if str(booking.id) in m.id}
            confirmed = [one for one in sent if one.endswith(".confirmed")]
            assert len(confirmed) == (booking.confirmed_at is not None), sent

    # Short ways -------------------------------------------------------------------

    @property
    def now(self) -> Product:
        return self.world.product

    @property
    def services(self) -> Any:
        return self.world.product.services

    def _try(self, act: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """A refusal is an answer; after a death somebody starts the process again."""
        try:
            with suppress(EcosystemError):
                act(*args, **kwargs)
        except Killed:
            self.world.product = alive(self.world, Failpoints())

    def _at_stripe(self, path: str, body: dict[str, Any]) -> None:
        answer = self.product.stripe.http.post(
            f"/_control/{path}", json=body, headers={"Authorization": f"Bearer {KEY}"}
        )
        assert answer.status_code in (200, 400, 402), answer.text

    def _bookings(self) -> list[Any]:
        if not hasattr(self, "world"):
            return []
        return self._rows(
            "select * from bookings where package_id = :package order by created_at",
            package=self.world.offer.package_id,
        )

    def _one(self, at: int) -> Any:
        found = self._bookings()
        return found[at % len(found)]

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        with self.product.database.unit(RDS) as session:
            return list(session.execute(text(sql), values))


_OWED = """
    select b.reference, b.status, coalesce(e.rest, 0) as receivable, coalesce(p.open, 0) as asked
    from bookings b
    left join lateral (
        select sum(amount_minor) as rest from ledger_entries e
        where e.booking_id = b.id and e.account = 'buyer_receivable'
    ) e on true
    left join lateral (
        select sum(amount_minor) as open from payments p
        where p.booking_id = b.id and p.status in ('due', 'failed', 'processing')
          and p.closed_at is null and p.kind <> 'change'
    ) p on true
    where b.package_id = :package and b.confirmed_at is not null
"""


@pytest.mark.timeout(3600)
def test_whatever_happens_the_books_are_right(product: Product, soak: bool) -> None:
    Life.product = product
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=150 if soak else 5,
            stateful_step_count=60 if soak else 25,
            deadline=None,
            derandomize=not soak,
            database=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink] if soak else [Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
