"""A payment that the buyer's bank takes back: opened, answered, won, lost; any order, any number."""

import itertools
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger as ledger_queries
from ecosystem.database.tables import Transfer
from ecosystem.domain import ledger
from ecosystem.domain.changes import WholeBooking
from ecosystem.domain.disputes import lost_parts, taken_back
from ecosystem.domain.errors import (
    Conflict,
    EcosystemError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.services.disputes.evidence import _PRIVATE
from tests.bookings.sold import Sold, sell
from tests.operations.test_operations import ANNA
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider


def sold(product: Product, *, actor: Any = GUEST, settle: bool = True) -> Any:
    """A booking that was paid in full; its view before it was paid."""
    booking = product.book(product.hold(product.offer(), actor=actor), actor=actor)
    product.pay(product.session_of(booking))
    if settle:
        product.services.payments.settle(product.session_of(booking))
    return booking


def payment_of(product: Product, booking: Any) -> Any:
    return product.one("select * from payments where booking_id = :id", id=booking.id)


def dispute(product: Product, booking: Any) -> str:
    """The buyer's bank disputes the charge at Stripe; the dispute's id there."""
    page = product.services.payments._stripe.checkout(product.session_of(booking))
    return product.stripe.control(f"charges/{page.charge}/dispute", {})["id"]


def decide(product: Product, stripe_id: str, verdict: str) -> None:
    product.stripe.control(f"disputes/{stripe_id}", {"verdict": verdict})


def transferred(product: Product, booking: Any, minor: int) -> Any:
    """A transfer to the operator that has been sent, with its posting."""
    payment = payment_of(product, booking)
    row = Transfer(
        booking_id=booking.id,
        payment_id=payment.id,
        party="operator",
        party_id=uuid7(),
        stripe_account_id="acct_x",
        source_charge=payment.stripe_charge,
        currency="EUR",
        amount_minor=minor,
        state="sent",
        attempt=1,
        stripe_transfer_id=f"tr_{uuid7().hex}",
    )
    with product.database.unit(RDS) as session:
        session.add(row)
        session.flush()
        posting = ledger.transferred(row.id, "operator", Money(minor, "EUR"))
        ledger_queries.post(session, booking.id, [posting], product.services.clock.now())
    return row.id


def balances(product: Product, booking: Any) -> dict[str, int]:
    with product.database.unit(RDS) as session:
        rows = session.execute(
            text(
                "select account, sum(amount_minor)::bigint as rest from ledger_entries"
                " where booking_id = :id group by account"
            ),
            {"id": booking.id},
        ).all()
    found = {row.account: row.rest for row in rows}
    assert sum(found.values()) == 0
    return found


def row_of(product: Product, stripe_id: str) -> Any:
    return product.one("select * from disputes where stripe_dispute_id = :id", id=stripe_id)


def test_an_opened_dispute_takes_back_what_was_sent_on(product: Product) -> None:
    booking = sold(product)
    transferred(product, booking, 90_000)
    stripe_id = dispute(product, booking)
    for _ in range(3):
        product.services.dispute_watch.look(stripe_id)
    row = row_of(product, stripe_id)
    assert (row.amount_minor, row.status, row.closed_at) == (
        booking.total.minor,
        "needs_response",
        None,
    )
    assert row.fee_minor > 0
    assert row.evidence_due_by is not None
    assert payment_of(product, booking).status == "disputed"
    reversal = product.one("select * from transfer_reversals")
    assert (reversal.amount_minor, reversal.reason, reversal.state) == (90_000, "dispute", "wanted")
    assert product.one("select count(*) as n from outbox where topic = 'reversal.carry_out'").n == 1
    assert balances(product, booking)["disputes"] == booking.total.minor


def test_of_a_disputed_half_half_comes_back_however_often_one_looks(product: Product) -> None:
    booking = sold(product)
    transferred(product, booking, 90_000)
    stripe_id, payment_id = dispute(product, booking), payment_of(product, booking).id
    view = product.services.dispute_watch._stripe.dispute(stripe_id)
    half = Money(view.amount.minor // 2, view.amount.currency)

    def look() -> list[Any]:
        with product.database.unit(RDS) as session:
            product.services.dispute_watch.follow(
                session, payment_id, replace(view, amount=half, taken=half)
            )
            return list(session.execute(text("select * from transfer_reversals")))

    assert [row.amount_minor for row in look()] == [45_000]
    with product.database.unit(RDS) as session:
        session.execute(text("update transfer_reversals set state = 'done'"))
        session.execute(text("update transfers set reversed_minor = 45000"))
    for _ in range(3):
        assert [row.amount_minor for row in look()] == [45_000]


def test_shares_that_were_not_sent_are_not_sent(product: Product) -> None:
    booking = sold(product)
    transferred(product, booking, 90_000)
    with product.database.unit(RDS) as session:
        session.execute(text("update transfers set state = 'wanted', attempt = 0"))
    product.services.dispute_watch.look(dispute(product, booking))
    assert product.one("select state from transfers").state == "dropped"
    assert product.one("select count(*) as n from transfer_reversals").n == 0


def test_a_dispute_that_is_won_leaves_all_as_it_was(product: Product) -> None:
    booking = sold(product)
    before = balances(product, booking)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    decide(product, stripe_id, "won")
    for _ in range(2):
        product.services.dispute_watch.look(stripe_id)
    row, payment = row_of(product, stripe_id), payment_of(product, booking)
    assert (row.status, payment.status, payment.transfers_planned_at) == ("won", "paid", None)
    assert row.closed_at is not None
    after = balances(product, booking)
    fee = row.fee_minor
    assert after["platform_cash"] == before["platform_cash"] - fee
    assert after["processing_fees"] == before["processing_fees"] + fee
    for account in ("operator_payable", "platform_revenue"):
        assert after[account] == before[account]
    assert after["disputes"] == 0


def test_a_dispute_that_is_lost_is_borne_by_every_party(product: Product) -> None:
    ann = agent(product)
    booking = sold(product, actor=ann)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    decide(product, stripe_id, "lost")
    product.services.dispute_watch.look(stripe_id)
    rest = balances(product, booking)
    for account in ("operator_payable", "agency_payable", "platform_revenue", "disputes"):
        assert rest[account] == 0, account
    assert row_of(product, stripe_id).unrecovered_minor == 0
    assert payment_of(product, booking).status == "disputed"


@pytest.mark.parametrize("verdict", ["won", "lost"])
def test_one_that_is_heard_of_at_its_end_ends_the_same(product: Product, verdict: str) -> None:
    ends = []
    for early in (True, False):
        booking = sold(product)
        stripe_id = dispute(product, booking)
        if early:
            product.services.dispute_watch.look(stripe_id)
        decide(product, stripe_id, verdict)
        product.services.dispute_watch.look(stripe_id)
        ends.append((balances(product, booking), payment_of(product, booking).status))
    assert ends[0] == ends[1]


def lost_in_part(product: Product, sold: Sold, minor: int) -> None:
    """The bank took ``minor`` of the booking's one payment back, and keeps it."""
    payment_id = payment_of(product, sold.booking).id
    following = product.services.dispute_watch
    view = following._stripe.dispute(dispute(product, sold.booking))
    amount = Money(minor, view.amount.currency)
    for status in ("needs_response", "lost"):
        with product.database.unit(RDS) as session:
            following.follow(
                session, payment_id, replace(view, status=status, amount=amount, taken=amount)
            )


@pytest.mark.parametrize("sent_before", [False, True])
def test_what_a_lost_dispute_leaves_is_sent_on(product: Product, sent_before: bool) -> None:
    trip = sell(product)
    trip.pay_out_at_once()
    if sent_before:
        trip.due()
    total = trip.booking.total.minor
    lost_in_part(product, trip, total // 4)
    trip.due()
    payment = payment_of(product, trip.booking)
    assert (payment.status, payment.lost_minor) == ("paid", total // 4)
    worth = Money(total - total // 4, "EUR")
    [row] = trip.rows("select commission_percent from bookings where id = :id")
    part = split(worth, row.commission_percent, by_agency=False).operator.minor
    sent = sum(t.amount_minor - t.reversed_minor for t in trip.transfers() if t.state == "sent")
    assert sent == part == trip.at_stripe()
    assert "operator_payable" not in trip.balances()
    product.services.dispute_watch.step()
    trip.due()
    assert trip.at_stripe() == part


def test_a_booking_is_cancelled_after_a_dispute_that_was_lost_in_part(product: Product) -> None:
    trip = sell(product)
    trip.pay_out_at_once()
    trip.due()
    total = trip.booking.total.minor
    lost_in_part(product, trip, total // 4)
    trip.due()
    done = product.services.changes.carry_out(GUEST, trip.booking.reference, WholeBooking())
    product.work()
    assert done.preview.refund.minor == total - total // 4
    lines = {line.code: line.amount.minor for line in done.preview.lines}
    assert (lines["lost"], lines.get("disputed"), lines["kept"]) == (total // 4, None, 0)
    assert payment_of(product, trip.booking).status == "refunded"
    # The stand-in disputes whole charges, so it refuses the refund: it stays owed.
    assert set(trip.balances()) <= {"platform_cash", "processing_fees", "refunds"}
    assert trip.at_stripe() == 0


@pytest.mark.parametrize("verdict", ["won", "lost"])
def test_a_refund_that_crosses_a_dispute_reaches_the_buyer_once(
    product: Product, verdict: str
) -> None:
    """Half was promised back when the bank took all of it: Stripe refuses the refund meanwhile."""
    booking = product.book(product.hold(product.offer(starts_in=20)))
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    done = product.services.changes.carry_out(GUEST, booking.reference, WholeBooking())
    half = done.preview.refund.minor
    assert 0 < half < booking.total.minor
    stripe_id = dispute(product, booking)
    product.work()
    product.services.dispute_watch.look(stripe_id)
    refund = "select state, amount_minor from refunds where booking_id = :id"
    assert product.one(refund, id=booking.id) == ("failed", half)
    decide(product, stripe_id, verdict)
    product.services.dispute_watch.look(stripe_id)
    product.work()
    rest = {account: minor for account, minor in balances(product, booking).items() if minor}
    if verdict == "lost":
        assert product.one(refund, id=booking.id) == ("by_hand", half)
        # The bank gave the buyer everything: nobody keeps a part, nothing more is owed.
        assert set(rest) == {"platform_cash", "processing_fees"}
        assert rest["platform_cash"] == -rest["processing_fees"]
    else:
        # Owed as before: operations try it again.
        assert product.one(refund, id=booking.id) == ("failed", half)
        assert rest["refunds"] == -half
        assert "disputes" not in rest


def test_what_was_paid_out_and_lost_is_reported(product: Product) -> None:
    booking = sold(product)
    transferred(product, booking, 90_000)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    decide(product, stripe_id, "lost")
    product.services.dispute_watch.look(stripe_id)
    assert row_of(product, stripe_id).unrecovered_minor == 90_000
    with product.database.unit(RDS) as session:
        reversal = session.execute(text("select id from transfer_reversals")).one().id
        back = ledger.transfer_reversed(reversal, "operator", Money(90_000, "EUR"))
        ledger_queries.post(session, booking.id, [back], product.services.clock.now())
        session.execute(text("update transfer_reversals set state = 'done'"))
        session.execute(text("update transfers set reversed_minor = amount_minor"))
    product.services.dispute_watch.step()
    assert row_of(product, stripe_id).unrecovered_minor == 0


EVENTS = ("created", "funds_withdrawn", "closed", "funds_reinstated")


@pytest.mark.parametrize("verdict", ["won", "lost"])
def test_any_order_of_events_ends_the_same(product: Product, verdict: str) -> None:
    """Stripe answers what is true now, whatever the event said: three of each, at once."""
    wanted: dict[str, int] | None = None
    for order in itertools.islice(itertools.permutations(EVENTS), 0, 24, 7):
        booking = sold(product)
        stripe_id = dispute(product, booking)
        half = len(order) // 2
        for _event in order[:half]:
            product.services.dispute_watch.look(stripe_id)
        decide(product, stripe_id, verdict)
        threads = [
            threading.Thread(target=_look_until_done, args=(product, stripe_id)) for _ in range(3)
        ]
        _ = [t.start() for t in threads], [t.join() for t in threads]
        end = balances(product, booking)
        wanted = wanted or end
        assert end == wanted, order
        assert row_of(product, stripe_id).status == verdict


def _look_until_done(product: Product, stripe_id: str) -> None:
    for left in reversed(range(5)):
        try:
            product.services.dispute_watch.look(stripe_id)
        except Unavailable:
            if not left:  # a lock that was not free in time is tried again
                raise
        else:
            return


def test_a_dispute_heard_of_before_its_payment(product: Product) -> None:
    booking = sold(product, settle=False)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"
    assert payment_of(product, booking).status == "disputed"
    balances(product, booking)


def test_the_card_that_disputes_comes_through_the_inbox(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    product.pay(product.session_of(booking), "4000 0000 0000 0259")
    product.services.inbox.catch_up(timedelta(minutes=5))
    product.work()
    assert payment_of(product, booking).status == "disputed"
    told = [mail.subject for mail in product.postbox.sent if "disputed" in mail.subject]
    assert len(told) == 1
    rows = product.services.disputes.rows(ANNA, only_open=True)
    assert [row.reference for row in rows] == [booking.reference]


def test_a_dispute_names_the_payment_it_is_about(product: Product) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    view = product.services.payments._stripe.dispute(stripe_id)
    assert view.payment_id == str(payment_of(product, booking).id)
    with pytest.raises(NotFound):
        product.services.dispute_watch.look("du_unknown")


def test_evidence_is_handed_in_once(product: Product) -> None:
    booking = sold(product)
    product.work()
    for _ in range(3):
        product.services.accesses.note(
            GUEST, booking.reference, "page", address="203.0.113.9", browser="Firefox\x00 140"
        )
    product.services.accesses.note(ANNA, booking.reference, "page", address="10.0.0.1", browser="")
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    dispute_id = row_of(product, stripe_id).id
    answering = product.services.disputes
    name, content = answering.pack(ANNA, dispute_id)
    assert (name, content[:5]) == (f"evidence-{booking.reference}.pdf", b"%PDF-")
    detail = answering.get(ANNA, dispute_id)
    assert (detail.accesses, detail.emails, detail.line.open) == (3, 1, True)
    with pytest.raises(Invalid):
        answering.submit(ANNA, dispute_id, "x" * 10_001)
    done = answering.submit(ANNA, dispute_id, "The trip was booked and confirmed.")
    assert (done.line.status, done.line.sent_at is not None) == ("under_review", True)
    with pytest.raises(Conflict):
        answering.submit(ANNA, dispute_id, "Once more")
    sent = product.stripe.stripe.v1.disputes.retrieve(stripe_id)
    assert sent.evidence.customer_name == booking.lead_name
    assert "203.0.113.9" in (sent.evidence.access_activity_log or "")
    assert sent.evidence.uncategorized_file
    assert sent.evidence_details.submission_count == 1


def test_what_opens_a_booking_is_not_in_the_evidence() -> None:
    said = "See https://x.example/trips/TRV-1?key=abc_DEF-1&from=a or https://x.example/pay/tok_1."
    assert _PRIVATE.sub(r"\1…", said) == (
        "See https://x.example/trips/TRV-1?key=…&from=a or https://x.example/pay/…"
    )


def test_evidence_killed_before_it_was_noted_is_seen(product: Product) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    product.services.payments._stripe.submit_evidence(stripe_id, {}, {"customer_name": "Maja"})
    with pytest.raises(Conflict) as refused:
        product.services.disputes.submit(ANNA, row_of(product, stripe_id).id, "")
    assert refused.value.code == "evidence_sent"


def test_of_two_people_at_once_one_hands_evidence_in(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    dispute_id = row_of(product, stripe_id).id
    vendor = product.services.disputes._stripe
    real, second = vendor.upload_evidence, []

    def upload(name: str, content: bytes) -> str:
        """While the first one's file is on its way, the other one presses the button."""
        if not second:
            with pytest.raises(Conflict) as refused:
                second.append("pressed")
                product.services.disputes.submit(ANNA, dispute_id, "Theirs")
            second.append(refused.value.code)
        return real(name, content)

    monkeypatch.setattr(vendor, "upload_evidence", upload)
    product.services.disputes.submit(ANNA, dispute_id, "Ours")
    assert second == ["pressed", "evidence_sent"]
    sent = product.stripe.stripe.v1.disputes.retrieve(stripe_id)
    assert (sent.evidence_details.submission_count, sent.evidence.uncategorized_text) == (1, "Ours")


def test_evidence_that_did_not_get_through_can_be_handed_in_again(product: Product) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    dispute_id = row_of(product, stripe_id).id
    fault = {"method": "POST", "path": "/v1/files", "kind": "500", "times": 9}
    product.stripe.control("faults", {"api": fault})
    with pytest.raises(EcosystemError):
        product.services.disputes.submit(ANNA, dispute_id, "Ours")
    product.stripe.control("faults", {"api": []})
    done = product.services.disputes.submit(ANNA, dispute_id, "Ours")
    assert done.line.sent_at is not None


def test_one_dispute_with_a_bug_keeps_no_other_waiting(
    product: Product, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (dispute(product, booking) for booking in (sold(product), sold(product)))
    for stripe_id in (first, second):
        product.services.dispute_watch.look(stripe_id)
    decide(product, second, "won")
    real = product.services.dispute_watch.look

    def look(stripe_id: str) -> None:
        if stripe_id == first:
            raise RuntimeError("a bug")
        real(stripe_id)

    monkeypatch.setattr(product.services.dispute_watch, "look", look)
    clock.move(hours=2)
    product.services.dispute_watch.step()
    assert row_of(product, second).status == "won"


def test_evidence_that_wins_at_once_closes_the_dispute(product: Product) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    done = product.services.disputes.submit(ANNA, row_of(product, stripe_id).id, "winning_evidence")
    assert done.line.status == "won"
    assert balances(product, booking)["disputes"] == 0


def test_disputes_are_for_operations_alone(product: Product) -> None:
    made = product.offer()
    for actor in (GUEST, agent(product), provider(made.operator_id)):
        for act in (
            lambda who=actor: product.services.disputes.rows(who),
            lambda who=actor: product.services.disputes.get(who, uuid7()),
            lambda who=actor: product.services.disputes.pack(who, uuid7()),
            lambda who=actor: product.services.disputes.submit(who, uuid7(), ""),
        ):
            with pytest.raises(Forbidden):
                act()
    with pytest.raises(NotFound):
        product.services.disputes.get(ANNA, uuid7())


amounts = st.integers(0, 10**9)


@given(left=amounts, disputed=amounts, kept=amounts, unit=st.sampled_from([1, 10]))
def test_never_more_is_taken_back_than_is_there(
    left: int, disputed: int, kept: int, unit: int
) -> None:
    back = taken_back(left, disputed, kept, unit)
    assert 0 <= back <= left
    assert back == left if disputed >= kept else back == left or back % unit == 0


@given(
    worth=amounts,
    lost=st.integers(1, 10**9),
    percent=st.decimals(0, 97, places=2),
    by_agency=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_parts_of_a_loss_sum_to_it(
    worth: int, lost: int, percent: Decimal, by_agency: bool, currency: str
) -> None:
    def parts(minor: int) -> Any:
        return split(Money(minor, currency), percent, by_agency=by_agency)

    found = lost_parts(parts(worth), parts(max(worth - lost, 0)), Money(lost, currency))
    assert found.operator + found.agency + found.platform == Money(lost, currency)
    if lost >= worth:
        assert found.operator == parts(worth).operator
