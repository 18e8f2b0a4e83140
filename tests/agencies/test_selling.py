"""Selling by the four models: what is charged, who is told what, and where the money goes."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_accounts, agency_contracts
from ecosystem.database.tables import TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import NewDate, OneTraveller, WholeBooking
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Gone, Invalid, NotFound
from ecosystem.domain.money import Money
from ecosystem.domain.rates import Rates
from ecosystem.domain.split import split
from tests.agencies.agreed import agency, contract
from tests.bookings.sold import Sold, onboarded, pay_after
from tests.bookings.test_changes import another_date
from tests.meeting import Meeting
from tests.product import GUEST, Offer, Product


def agreed(
    product: Product, model: str, percent: str = "12.00", *, starts_in: int = 120, **more: Any
) -> tuple[Actor, Offer]:
    """An agency and a trip of an operator with whom it has this contract."""
    actor, offer = agency(product), product.offer(starts_in=starts_in)
    onboarded(product, offer)
    assert actor.agency_id is not None
    contract(product, offer.operator_id, actor.agency_id, model, percent, **more)
    return actor, offer


def assistant(actor: Actor) -> Actor:
    return replace(actor, agency_role="assistant")


def paid(product: Product, offer: Offer, actor: Actor, hold: Any) -> Sold:
    """Book what is held and pay it at Stripe."""
    booking = product.book(hold, actor=actor)
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    product.work()
    return Sold(product, offer, booking)


def pay_account(product: Product, booking: Any) -> None:
    """The agency pays what it owes."""
    row = product.one(
        "select pay_token from payments where booking_id = :id and kind = 'account'", id=booking.id
    )
    product.services.payments.pay_link(row.pay_token)
    session = product.session_of(booking)
    product.pay(session)
    product.services.payments.settle(session)
    product.work()


def owed_to(sold: Sold, party: str) -> int:
    return -sold.balances().get(f"{party}_payable", 0)


def test_a_contract_goes_before_the_package(product: Product) -> None:
    actor, offer = agreed(product, "commission", "17.50")
    sold = paid(product, offer, actor, product.hold(offer, actor=actor))
    total = sold.booking.total
    assert owed_to(sold, "agency") == total.percent(Decimal("17.5")).minor
    assert sum(sold.balances().values()) == 0


def test_a_net_price_is_sold_at_the_agencys_own(product: Product) -> None:
    actor, offer = agreed(product, "net")
    hold = product.hold(offer, actor=actor)
    public = hold.price.total
    marked = product.services.holds.set_markup(actor, hold.id, Decimal(25))
    assert marked.price.total.minor == pytest.approx(public.minor * 1.1, abs=6)
    sold = paid(product, offer, actor, marked)
    total = sold.booking.total
    assert total == marked.price.total
    floor = public.minor * 0.85
    assert owed_to(sold, "operator") == pytest.approx(floor, abs=6)
    assert owed_to(sold, "agency") == pytest.approx(total.minor * 0.97 - floor, abs=6)
    # A smaller party is priced at the agency's price, and everybody's part follows.
    done = product.services.changes.carry_out(actor, sold.booking.reference, OneTraveller(2))
    product.work()
    parts = split(done.preview.after, _kept(product, sold).commission_percent, by_agency=True)
    assert owed_to(sold, "agency") == parts.agency.minor
    assert owed_to(sold, "operator") == parts.operator.minor


def test_a_markup_is_worked_out_from_the_public_price_each_time(product: Product) -> None:
    actor, offer = agreed(product, "net")
    hold = product.hold(offer, actor=actor)
    holds = product.services.holds
    for percent in (Decimal("13.37"), Decimal(40), Decimal(0)):
        holds.set_markup(actor, hold.id, percent)
    again = holds.set_markup(actor, hold.id, None)
    assert again.price == hold.price
    marked = holds.set_markup(actor, hold.id, Decimal(10))
    more = holds.set_addons(actor, hold.id, frozenset([offer.optional_addon]))
    extra = next(a for a in more.addons if a.id == offer.optional_addon)
    assert extra.price == Money(4800, "EUR").times(Decimal("0.88") * Decimal("1.1"))
    assert more.price.total > marked.price.total
    assert holds.set_markup(actor, hold.id, None).addon_ids == more.addon_ids


@pytest.mark.parametrize("model", ["commission", "agency_collects", "operator_pays_later"])
def test_only_a_net_price_is_marked_up(product: Product, model: str) -> None:
    actor, offer = agreed(product, model)
    hold = product.hold(offer, actor=actor)
    with pytest.raises(Invalid):
        product.services.holds.set_markup(actor, hold.id, Decimal(5))


def test_who_may_set_a_markup(product: Product, clock: Any) -> None:
    actor, offer = agreed(product, "net")
    hold, holds = product.hold(offer, actor=actor), product.services.holds
    for other, refused in (
        (agency(product, "Rival Travel"), NotFound),
        (assistant(actor), Forbidden),
        (GUEST, Forbidden),
    ):
        with pytest.raises(refused):
            holds.set_markup(other, hold.id, Decimal(5))
    for percent in (Decimal(-1), Decimal("100.01")):
        with pytest.raises(Invalid):
            holds.set_markup(actor, hold.id, percent)
    product.book(hold, actor=actor)
    with pytest.raises(Conflict, match="already_booked"):
        _coded(lambda: holds.set_markup(actor, hold.id, Decimal(5)))
    late = product.hold(offer, actor=actor)
    clock.move(hours=1)
    with pytest.raises(Gone):
        holds.set_markup(actor, late.id, Decimal(5))


def test_seats_held_at_an_agencys_price_are_not_sold_to_others(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects")
    hold = product.hold(offer, actor=replace(actor, user_id=None))  # no holder: its id is the key
    for other in (GUEST, agency(product, "Rival Travel")):
        with pytest.raises(NotFound):
            product.book(hold, actor=other)


def test_an_agency_that_collects_owes_the_net_price(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects", days=10)
    _works_there(product, actor, "ann@maple.example")
    pay_after(product, offer, "confirmation")
    public = product.hold(offer).price.total
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    product.work()
    sold = Sold(product, offer, booking)
    assert booking.status == "confirmed"
    assert booking.total.minor == pytest.approx(public.minor * 0.88, abs=4)
    assert sold.balances()["buyer_receivable"] == booking.total.minor
    assert "agency_payable" not in sold.balances()
    [payment] = booking.payments
    today = product.services.clock.now().date()
    assert (payment.kind, payment.due_on) == ("account", today + timedelta(days=10))
    sold.due()
    assert sold.transfers() == [], "nothing has been paid"
    pay_account(product, booking)
    sold.due()
    [share] = sold.transfers()
    assert (share.party, share.state) == ("operator", "sent")
    assert sum(sold.balances().values()) == 0
    letters = [mail for mail in product.postbox.sent if booking.reference in mail.text]
    to_client = [mail for mail in letters if mail.to == "maja@example.com"]
    to_agency = [mail.subject for mail in letters if mail.to == "ann@maple.example"]
    assert len(to_agency) == 2
    assert to_agency[0].startswith("Booked for Maja Lindqvist")
    assert to_agency[1].startswith("We received")
    assert [mail.subject[:19] for mail in to_client] == ["Your trip is booked"]
    assert "EUR" not in to_client[0].text
    assert "invoice" not in to_client[0].text
    assert "€" not in to_client[0].text


def test_its_client_and_its_assistants_are_told_no_net_price(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects")
    public = product.hold(offer).price.total
    helper = assistant(actor)
    hold = product.hold(offer, actor=helper)
    assert (hold.price.total, hold.sale) == (public, None)
    assert product.services.holds.get(helper, hold.id).price.total == public
    booking = product.book(hold, actor=helper)
    assert (booking.total, booking.payments, booking.commission) == (public, (), None)
    [row] = product.services.bookings.rows(helper).items
    assert (row.total, row.commission) == (public, None)
    key = product.one("select view_key from bookings where id = :id", id=booking.id).view_key
    bookings, documents = product.services.bookings, product.services.documents
    seen = bookings.get(GUEST, booking.reference, key=key)
    assert (seen.total.minor, seen.price.lines, seen.payments) == (0, (), ())
    assert seen.billed_by_agency
    assert documents.voucher(GUEST, booking.reference, key=key).content[:4] == b"%PDF"
    for who, link in ((GUEST, key), (helper, "")):
        for ask in (documents.invoice, documents.money):
            with pytest.raises(Conflict, match="ask_agency"):
                _coded(lambda who=who, ask=ask, link=link: ask(who, booking.reference, key=link))
    with pytest.raises(Conflict, match="ask_agency"):
        _coded(
            lambda: product.services.changes.preview(
                GUEST, booking.reference, WholeBooking(), key=key
            )
        )
    assert documents.invoice(actor, booking.reference).content[:4] == b"%PDF"
    changes = product.services.changes
    with pytest.raises(Forbidden):
        changes.preview(helper, booking.reference, WholeBooking())
    assert not changes.possible(helper, booking.reference).cancel
    assert changes.possible(actor, booking.reference).cancel
    changes.carry_out(actor, booking.reference, OneTraveller(2))
    assert (
        len(changes.history(actor, booking.reference)),
        changes.history(helper, booking.reference),
    ) == (1, ())


def test_what_is_kept_of_a_cancelled_trip_stays_owed_and_can_be_paid(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects", starts_in=20)  # half comes back
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    product.work()
    done = product.services.changes.carry_out(actor, booking.reference, WholeBooking())
    product.work()
    sold, half = Sold(product, offer, booking), booking.total - booking.total.percent(50)
    assert done.preview.refund.minor == 0
    assert sold.balances()["buyer_receivable"] == half.minor
    assert product.services.bookings.get(actor, booking.reference).due == half
    pay_account(product, booking)
    assert sold.refunds() == []
    assert "buyer_receivable" not in sold.balances()
    assert product.services.bookings.get(actor, booking.reference).status == "cancelled"


def test_the_operator_cancels_and_nothing_is_owed(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects")
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    operator = Actor(
        role="provider", source="supabase", operator_id=offer.operator_id, operator_role="owner"
    )
    product.services.changes.carry_out(operator, booking.reference, WholeBooking())
    product.work()
    assert Sold(product, offer, booking).balances() == {}


def test_no_more_is_owed_than_the_contract_lets(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects", credit_minor=1)
    with pytest.raises(Conflict, match="credit_used"):
        _coded(lambda: product.book(product.hold(offer, actor=actor), actor=actor))
    left = product.services.bookings.rows(actor).items
    assert left == ()


@pytest.mark.parametrize("lock", [True, False], ids=["as it is", "control without the lock"])
def test_two_bookings_at_once_share_one_credit(
    product: Product, monkeypatch: pytest.MonkeyPatch, lock: bool
) -> None:
    actor, offer = agreed(product, "agency_collects", credit_minor=400_000)
    # On two departures: on one of them its own lock would let only one at a time in.
    second = replace(offer, departure_id=another_date(product, offer, days=14))
    holds = [product.hold(one, actor=actor) for one in (offer, second)]
    owed, answers = agency_accounts.owed, list[str]()
    both = Meeting(len(holds), kept_apart=lock)

    def looked_at_by_both(*asked: Any) -> Any:
        found = owed(*asked)
        both.come()
        return found

    monkeypatch.setattr(agency_accounts, "owed", looked_at_by_both)
    if not lock:
        monkeypatch.setattr(agency_contracts, "lock", lambda *_: None)

    def book(hold: Any) -> None:
        try:
            answers.append(product.book(hold, actor=actor).status)
        except EcosystemError as error:
            answers.append(str(error.code))

    threads = [threading.Thread(target=book, args=(hold,)) for hold in holds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["confirmed", "credit_used" if lock else "confirmed"]


def test_a_dearer_date_is_counted_to_the_credit(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects", credit_minor=400_000)
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    dear = another_date(product, offer, days=14, minor=900_000)
    with pytest.raises(Conflict, match="credit_used"):
        _coded(lambda: product.services.changes.carry_out(actor, booking.reference, NewDate(dear)))
    assert Sold(product, offer, booking).balances()["buyer_receivable"] == booking.total.minor
    assert _row(product, booking).departure_id == offer.departure_id
    dearer = another_date(product, offer, days=28, minor=150_000)
    done = product.services.changes.carry_out(actor, booking.reference, NewDate(dearer))
    assert done.state == "done"
    assert Sold(product, offer, booking).balances()["buyer_receivable"] == done.preview.after.minor


def test_once_paid_a_dearer_date_is_owed_too_and_its_client_hears_no_price(
    product: Product,
) -> None:
    actor, offer = agreed(product, "agency_collects", days=10)
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    pay_account(product, booking)
    dear = another_date(product, offer, days=14, minor=300_000)
    done = product.services.changes.carry_out(actor, booking.reference, NewDate(dear))
    product.work()
    more = done.preview.after - booking.total
    assert (done.state, done.preview.to_pay.minor, done.preview.added_to_balance) == (
        "done",
        0,
        more,
    )
    sold = Sold(product, offer, booking)
    assert sold.balances()["buyer_receivable"] == more.minor
    rest = product.one(
        "select kind, pay_token from payments where booking_id = :id and status = 'due'",
        id=booking.id,
    )
    assert rest.kind == "account"
    product.services.payments.pay_link(rest.pay_token)
    page = product.one(
        "select stripe_session_id as id from payments where pay_token = :token",
        token=rest.pay_token,
    )
    product.pay(page.id)
    product.services.payments.settle(page.id)
    product.work()
    assert "buyer_receivable" not in sold.balances()
    to_client = [mail for mail in product.postbox.sent if mail.to == "maja@example.com"]
    assert not any("€" in mail.text or "EUR" in mail.text for mail in to_client)


def test_another_date_puts_off_nothing_that_is_owed(product: Product, clock: Any) -> None:
    actor, offer = agreed(product, "agency_collects", days=3)
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    clock.move(days=5)
    later = another_date(product, offer, days=200)
    product.services.changes.carry_out(actor, booking.reference, NewDate(later))
    [due] = product.services.bookings.get(actor, booking.reference).payments
    assert due.due_on == booking.payments[0].due_on
    with pytest.raises(Conflict, match="account_overdue"):
        _coded(lambda: product.book(product.hold(offer, actor=actor), actor=actor))


def test_seats_held_by_a_contract_are_booked_within_its_credit(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects", credit_minor=1)
    hold = product.hold(offer, actor=actor)
    product.change("update agency_contracts set ends_on = starts_on, state = 'ended'")
    with pytest.raises(Conflict, match="credit_used"):
        _coded(lambda: product.book(hold, actor=actor))


def test_what_is_overdue_stops_more_on_account(product: Product, clock: Any) -> None:
    actor, offer = agreed(product, "agency_collects", days=3)
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    product.work()
    clock.move(days=5)
    product.services.balances.step()
    product.work()
    assert product.services.bookings.get(actor, booking.reference).status == "confirmed"
    assert any("is overdue" in mail.subject for mail in product.postbox.sent)
    with pytest.raises(Conflict, match="account_overdue"):
        _coded(lambda: product.book(product.hold(offer, actor=actor), actor=actor))
    product.change("update payments set status = 'paid' where booking_id = :id", id=booking.id)
    assert product.book(product.hold(offer, actor=actor), actor=actor).status == "confirmed"


def test_a_commission_that_is_paid_later_waits_for_its_day(product: Product, clock: Any) -> None:
    actor, offer = agreed(product, "operator_pays_later", days=14)
    pay_after(product, offer, "confirmation")
    assert actor.agency_id is not None
    _account(product, actor)
    sold = paid(product, offer, actor, product.hold(offer, actor=actor))
    sold.due()
    states = {row.party: (row.state, row.due_at) for row in sold.transfers()}
    assert states["operator"][0] == "sent"
    state, due_at = states["agency"]
    ends_on = sold.booking.ends_on
    assert state == "wanted"
    assert isinstance(due_at, datetime)
    assert due_at.date() == ends_on + timedelta(days=14)
    product.services.transfers.reconcile()
    assert _agency_share(sold).state == "wanted"
    clock.move(days=(ends_on - product.services.clock.now().date()).days + 15)
    product.work()
    product.services.transfers.reconcile()
    assert _agency_share(sold).state == "sent"
    assert owed_to(sold, "agency") == 0


def test_held_before_signing_in_it_is_paid_by_card(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects")
    guest = replace(GUEST, guest_key="h" * 64)
    hold = product.hold(offer, actor=guest)
    booking = product.book(hold, actor=replace(actor, guest_key=guest.guest_key))
    assert (booking.status, booking.total) == ("pending_payment", hold.price.total)
    assert _row(product, booking).agency_model == "commission"


def test_another_date_is_sold_at_the_agencys_price_too(product: Product) -> None:
    actor, offer = agreed(product, "net")
    hold = product.hold(offer, actor=actor)
    marked = product.services.holds.set_markup(actor, hold.id, Decimal(25))
    sold = paid(product, offer, actor, marked)
    cheap = another_date(product, offer, days=14, minor=120_000)
    done = product.services.changes.carry_out(actor, sold.booking.reference, NewDate(cheap))
    tax = Money(1_200, "EUR").times(Decimal("1.1"))
    assert done.preview.after == (Money(132_000, "EUR") + tax) * 2
    rates = Rates.from_json(_row(product, sold.booking).price["rates"])
    assert rates.adult == Money(132_000, "EUR")


def _account(product: Product, actor: Actor) -> None:
    """The agency can be paid."""
    account = f"acct_{actor.agency_id.hex[-12:]}"  # type: ignore[union-attr]
    product.stripe.control(
        "fixtures", {"accounts": [{"id": account, "created": 1_700_000_000, "country": "DE"}]}
    )
    product.change(
        "insert into payout_accounts (id, party, party_id, stripe_account_id, transfers_active)"
        " values (gen_random_uuid(), 'agency', :id, :account, true)",
        id=actor.agency_id,
        account=account,
    )


def _works_there(product: Product, actor: Actor, email: str) -> None:
    assert actor.user_id is not None
    assert actor.agency_id is not None
    with product.database.unit(RDS) as session:
        session.add(
            TravelAgent(
                id=actor.user_id, agency_id=actor.agency_id, email=email, full_name="Ann Ruth"
            )
        )


def _agency_share(sold: Sold) -> Any:
    return next(row for row in sold.transfers() if row.party == "agency")


def _row(product: Product, booking: Any) -> Any:
    return product.one("select * from bookings where id = :id", id=booking.id)


def _kept(product: Product, sold: Sold) -> Any:
    return _row(product, sold.booking)


def _coded(act: Any) -> None:
    """Raise what ``act`` raises with its code as its words."""
    try:
        act()
    except EcosystemError as error:
        raise type(error)(str(error.code)) from error
