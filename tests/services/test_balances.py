"""Balances: reminded on their days, told when overdue, ended by the operator's terms."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.changes import What, WholeBooking
from ecosystem.domain.errors import Conflict
from ecosystem.services.balances import Balances
from tests.product import GUEST, Product

DUE_DAYS = 30


@dataclass
class Cancelled:
    """In the place of the service that cancels."""

    asked: list[tuple[UUID, What, UUID | None]] = field(default_factory=list)
    refuses: bool = False

    def carry_out_as_system(
        self, booking_id: UUID, what: What, *, reason: str, unpaid: UUID | None = None
    ) -> None:
        assert reason
        if self.refuses:
            raise Conflict("Not now.")
        self.asked.append((booking_id, what, unpaid))


@pytest.fixture
def cancelled() -> Cancelled:
    return Cancelled()


@pytest.fixture
def balances(product: Product, cancelled: Cancelled) -> Balances:
    return Balances(product.database, product.services.payments, cancelled, product.services.clock)


def with_deposit(product: Product, due_in: int, **offer: Any) -> Any:
    """A confirmed booking whose balance is due in so many days."""
    made = product.offer(starts_in=due_in + DUE_DAYS, balance_due_days=DUE_DAYS, **offer)
    booking = product.book(product.hold(made), pay="deposit")
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"
    return booking


def left(product: Product, topic: str) -> list[dict[str, Any]]:
    with product.database.unit(RDS) as session:
        rows = session.execute(
            text("select payload from outbox where topic = :topic order by id"), {"topic": topic}
        )
        return [row.payload for row in rows]


def balance_of(product: Product, booking: Any) -> Any:
    return product.one(
        "select * from payments where booking_id = :id and kind = 'balance'", id=booking.id
    )


def days_pass(product: Product, booking: Any, days: int) -> None:
    """As if the booking had been made so many days earlier: Stripe's clock can't be moved."""
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "update payments set due_on = due_on - :days,"
                " created_at = created_at - make_interval(days => :days) where booking_id = :id"
            ),
            {"days": days, "id": booking.id},
        )


def set_terms(product: Product, booking: Any, overdue: str, days: int) -> None:
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "insert into operator_terms (operator_id, overdue, overdue_days)"
                " select operator_id, :overdue, :days from bookings where id = :id"
            ),
            {"id": booking.id, "overdue": overdue, "days": days},
        )


def test_each_day_reminds_once_and_each_reminder_is_one(
    product: Product, balances: Balances, clock: Any
) -> None:
    booking = with_deposit(product, due_in=20)
    said: list[tuple[int, int]] = []
    for day in range(21):
        for _ in range(2):
            balances.step()
        for payload in left(product, "email.balance_due")[len(said) :]:
            assert payload["booking_id"] == str(booking.id)
            said.append((20 - day, payload["days"]))
        clock.move(days=1)
    assert said == [(14, 14), (7, 7), (2, 2), (0, 0)]
    assert not left(product, "email.balance_overdue")


def test_a_worker_that_was_away_says_the_nearest_only(
    product: Product, balances: Balances, clock: Any
) -> None:
    with_deposit(product, due_in=20)
    clock.move(days=19)
    balances.step()
    assert [payload["days"] for payload in left(product, "email.balance_due")] == [1]
    clock.move(days=1)
    balances.step()
    assert [payload["days"] for payload in left(product, "email.balance_due")] == [1, 0]


def test_who_has_just_booked_is_not_reminded_of_what_was_just_said(
    product: Product, balances: Balances, clock: Any
) -> None:
    with_deposit(product, due_in=10)
    balances.step()
    assert not left(product, "email.balance_due")
    clock.move(days=3)
    balances.step()
    assert [payload["days"] for payload in left(product, "email.balance_due")] == [7]


@pytest.mark.parametrize(
    "sql",
    [
        "update payments set status = 'paid' where kind = 'balance'",
        "update payments set status = 'processing' where kind = 'balance'",
        "update payments set closed_at = now() where kind = 'balance'",
        "update bookings set status = 'cancelled'",
    ],
    ids=["paid", "processing", "closed", "cancelled"],
)
def test_what_is_not_asked_for_any_more_is_left_alone(
    product: Product, balances: Balances, cancelled: Cancelled, clock: Any, sql: str
) -> None:
    booking = with_deposit(product, due_in=20)
    set_terms(product, booking, "cancel", 0)
    with product.database.unit(RDS) as session:
        session.execute(text(sql))
    for days in (6, 15, 5, 5):
        clock.move(days=days)
        assert balances.step() == 0
    assert not left(product, "email.balance_due")
    assert not cancelled.asked


def test_overdue_is_said_once_and_the_booking_stays_by_default(
    product: Product, balances: Balances, cancelled: Cancelled, clock: Any
) -> None:
    booking = with_deposit(product, due_in=20)
    clock.move(days=21)
    balances.step()
    for _ in range(5):
        clock.move(days=20)
        assert balances.step() == 0
    [said] = left(product, "email.balance_overdue")
    assert (said["booking_id"], said["cancels_on"]) == (str(booking.id), "")
    assert not cancelled.asked


def test_by_the_operators_terms_it_is_cancelled_after_its_days(
    product: Product, balances: Balances, cancelled: Cancelled, clock: Any
) -> None:
    booking = with_deposit(product, due_in=20)
    set_terms(product, booking, "cancel", 5)
    payment = balance_of(product, booking)
    clock.move(days=21)
    balances.step()
    [said] = left(product, "email.balance_overdue")
    assert date.fromisoformat(said["cancels_on"]) == payment.due_on + timedelta(days=5)
    clock.move(days=4)  # the fifth day after: the last on which it can be paid
    assert balances.step() == 0
    assert not cancelled.asked
    clock.move(days=1)
    cancelled.refuses = True
    assert balances.step() == 0  # somebody else is at it: it has its turn again
    cancelled.refuses = False
    assert balances.step() == 1
    assert cancelled.asked == [(booking.id, WholeBooking(), payment.id)]


def test_nobody_is_cancelled_without_a_days_warning(
    product: Product, balances: Balances, cancelled: Cancelled, clock: Any
) -> None:
    booking = with_deposit(product, due_in=20)
    set_terms(product, booking, "cancel", 0)
    clock.move(days=26)  # the worker was away for weeks
    balances.step()
    balances.step()
    assert not cancelled.asked
    [said] = left(product, "email.balance_overdue")
    assert date.fromisoformat(said["cancels_on"]) > balance_of(product, booking).due_on
    clock.move(hours=25)
    balances.step()
    assert [one[0] for one in cancelled.asked] == [booking.id]


def test_paid_at_stripe_and_not_known_here_is_not_cancelled(
    product: Product, balances: Balances, cancelled: Cancelled, clock: Any
) -> None:
    booking = with_deposit(product, due_in=20)
    set_terms(product, booking, "cancel", 0)
    days_pass(product, booking, 22)
    balances.step()
    product.services.payments.pay_link(balance_of(product, booking).pay_token)
    product.pay(balance_of(product, booking).stripe_session_id)
    clock.move(hours=25)
    balances.step()
    assert not cancelled.asked
    assert balance_of(product, booking).status == "paid"


def test_a_balance_is_paid_by_its_link_whenever(product: Product) -> None:
    """Before its day, after it, and after its page has ended: a click has a page to pay on."""
    booking = with_deposit(product, due_in=20)
    token = balance_of(product, booking).pay_token
    first = product.services.payments.pay_link(token)
    days_pass(product, booking, 40)
    with product.database.unit(RDS) as session:
        session.execute(text("update payments set session_expires_at = now()"))
    second = product.services.payments.pay_link(token)
    assert not first.paid
    assert first.url != second.url
    product.pay(balance_of(product, booking).stripe_session_id)
    product.services.payments.settle(balance_of(product, booking).stripe_session_id)
    assert product.services.payments.pay_link(token).paid
    view = product.services.bookings.get(GUEST, booking.reference)
    assert (view.status, view.due.minor) == ("confirmed", 0)


@pytest.mark.parametrize(("due_in", "deposit"), [(1, True), (0, False), (-5, False)])
def test_a_late_booking_pays_everything_at_once(
    product: Product, due_in: int, deposit: bool
) -> None:
    made = product.offer(starts_in=due_in + DUE_DAYS, balance_due_days=DUE_DAYS)
    assert (product.hold(made).price.deposit is not None) is deposit


def test_the_whole_way_from_reminder_to_the_end(product: Product, clock: Any) -> None:
    """With the services as they are put together: told, warned, cancelled by its policy, given
    back, and the seats on sale again."""
    booking = with_deposit(product, due_in=20, seats=2)
    set_terms(product, booking, "cancel", 0)
    balances = product.services.balances
    days_pass(product, booking, 19)
    balances.step()
    days_pass(product, booking, 3)
    balances.step()
    product.work()
    letters = [mail for mail in product.postbox.sent if booking.reference in mail.text]
    assert len(letters) == 3  # confirmed, due tomorrow, overdue
    assert all("/pay/" in mail.text for mail in letters[1:])
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"
    clock.move(hours=25)
    assert balances.step() == 1
    assert balances.step() == 0
    product.work()
    view = product.services.bookings.get(GUEST, booking.reference)
    assert (view.status, view.due.minor) == ("cancelled", 0)
    change = product.one("select * from booking_changes where booking_id = :id", id=booking.id)
    assert (change.by, change.refund_minor) == ("system", deposit_of(product, booking))
    assert product.one("select state from refunds where booking_id = :id", id=booking.id).state in (
        "pending",
        "succeeded",
    )
    rest = product.one(
        "select sum(amount_minor) as rest from ledger_entries where booking_id = :id", id=booking.id
    )
    assert rest.rest == 0
    product.hold(product.offers[-1])


def deposit_of(product: Product, booking: Any) -> int:
    return product.one(
        "select amount_minor from payments where booking_id = :id and kind = 'deposit'",
        id=booking.id,
    ).amount_minor
