"""What is told of a trip an agency is charged another price for: the public price, to the cent.

Twelve and a half per cent off leave halves of cents, so that working back from what is charged is
off for most of these prices: 1,341.00 is charged at 1,173.38, which comes back as 1,341.01.
"""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ecosystem.database.queries.commissions import Wanted
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import NewDate, OneAddon, OneTraveller, WholeBooking
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.reports import Asked
from ecosystem.state.checkout_agency import deal
from tests.agencies.agreed import agency, contract, verify
from tests.agencies.test_selling import assistant, pay_account
from tests.bookings.sold import onboarded
from tests.bookings.test_changes import another_date, operator
from tests.product import GUEST, Offer, Product
from tests.quotes.conftest import make_agent, token_of, trip, word

PRICES = {"EUR": "1341.00", "JPY": "134105"}


def agreed(
    product: Product, currency: str = "EUR", model: str = "agency_collects", **package: Any
) -> tuple[Actor, Offer]:
    """An agency of a contract of 12.5 % and a trip of whose price it leaves half a cent."""
    actor = agency(product)
    offer = product.offer(price=PRICES[currency], currency=currency, **package)
    onboarded(product, offer)
    assert actor.agency_id is not None
    contract(product, offer.operator_id, actor.agency_id, model, "12.50", currency=currency)
    return actor, offer


def public(product: Product, offer: Offer, adults: int = 2, *addons: Any) -> Price:
    """What everybody pays who sees the trip, in full."""
    found = product.services.catalogue.price(
        offer.package_id, offer.departure_id, adults, 0, frozenset(addons)
    )
    return replace(found, deposit=None, balance_due_on=None)


def from_before(product: Product) -> None:
    """Let what is held and booked be of before the public price was kept with it."""
    for table in ("seat_claims", "bookings"):
        product.change(f"update {table} set price = price - 'public' - 'public_price'")


def told(product: Product, booking: Any, actor: Actor) -> Price:
    """The booking's price as the actor is told it: the same wherever that is."""
    view = product.services.bookings.get(actor, booking.reference)
    [row] = product.services.bookings.rows(actor, words=booking.reference).items
    assert view.total == view.price.total == row.total == row.paid
    assert sum(line.amount.minor for line in view.price.lines) == view.total.minor
    return view.price


def of_agency(product: Product, actor: Actor) -> tuple[Money, Money]:
    """What the agency sold for, and what it keeps of that: by its lists, sums and files alike."""
    services = product.services
    [line] = services.reports.of(actor, Asked()).sums
    assert line.sold is not None
    assert line.commission is not None
    kept = line.commission
    page = services.commissions.rows(actor, with_sums=True)
    [one], [whole] = page.items, page.sums
    assert (one.outside, whole.outside) == (kept, kept)
    [row] = services.bookings.rows(actor).items
    view = services.bookings.get(actor, row.reference)
    assert (row.commission, view.commission) == (kept, kept)
    assert row.total + kept == line.sold
    [written] = csv.DictReader(
        io.StringIO(services.commissions.csv(actor, Wanted()).decode("utf-8-sig"))
    )
    assert written["kept"] == str(kept.decimal)
    return line.sold, kept


@pytest.mark.parametrize("currency", PRICES)
@pytest.mark.parametrize("adults", [1, 2, 3])
def test_an_assistant_is_told_what_everybody_pays(
    product: Product, currency: str, adults: int
) -> None:
    actor, offer = agreed(product, currency)
    helper, holds = assistant(actor), product.services.holds
    asked = public(product, offer, adults)
    hold = product.hold(offer, actor=helper, adults=adults, expected=asked.total)
    assert hold.price == asked
    assert holds.get(helper, hold.id).price == asked
    more = holds.set_addons(helper, hold.id, frozenset([offer.optional_addon]))
    asked = public(product, offer, adults, offer.optional_addon)
    assert more.price == asked
    extra = next(one for one in more.addons if one.id == offer.optional_addon)
    assert extra.price == Money(4800 if currency == "EUR" else 48, currency)
    charged = holds.get(actor, hold.id)
    assert charged.price.total < asked.total
    assert charged.public_total == asked.total
    booking = product.book(more, actor=helper)
    assert (booking.total, booking.price) == (asked.total, asked)
    assert told(product, booking, helper) == asked
    assert of_agency(product, actor) == (asked.total, asked.total - charged.price.total)
    sold = product.services.reports.of(helper, Asked()).sums[0].sold
    assert sold == asked.total
    pay_account(product, booking)
    assert told(product, booking, helper) == asked


@pytest.mark.parametrize("currency", PRICES)
def test_the_counter_tells_the_agent_what_the_client_pays(product: Product, currency: str) -> None:
    actor, offer = agreed(product, currency)
    hold = product.hold(offer, actor=actor)
    shown, asked = deal(hold, product.services.clock.now()), public(product, offer).total
    assert shown.net == formats.money(hold.price.total)
    assert shown.pays == formats.money(asked)
    assert shown.earns == formats.money(asked - hold.price.total)


@pytest.mark.parametrize("currency", PRICES)
def test_what_is_charged_is_what_it_was(product: Product, currency: str) -> None:
    actor, offer = agreed(product, currency)
    hold = product.hold(offer, actor=actor)
    unit = {"EUR": 117_338 + 1_050, "JPY": 117_342 + 11}[currency]
    assert hold.price.total.minor == 2 * unit
    booking = product.book(hold, actor=actor)
    changes, row = product.services.changes, None
    done = changes.carry_out(actor, booking.reference, OneTraveller(2))
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert done.preview.after.minor == row.total_minor == unit
    moved = another_date(product, offer, days=7, minor=100_009)
    done = changes.carry_out(actor, booking.reference, NewDate(moved))
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    tax = {"EUR": 1_050, "JPY": 11}[currency]
    assert done.preview.after.minor == row.total_minor == 87_508 + tax
    [payment] = product.services.bookings.get(actor, booking.reference).payments
    assert payment.amount.minor == row.total_minor


@pytest.mark.parametrize("currency", PRICES)
def test_a_changed_booking_is_told_at_its_public_price(product: Product, currency: str) -> None:
    actor, offer = agreed(product, currency)
    helper, changes = assistant(actor), product.services.changes
    hold = product.hold(offer, actor=actor, adults=3, addon_ids=frozenset([offer.optional_addon]))
    booking = product.book(hold, actor=actor)
    assert told(product, booking, helper) == public(product, offer, 3, offer.optional_addon)
    changes.carry_out(actor, booking.reference, OneTraveller(3))
    assert told(product, booking, helper) == public(product, offer, 2, offer.optional_addon)
    changes.carry_out(actor, booking.reference, OneAddon(offer.optional_addon))
    assert told(product, booking, helper) == public(product, offer, 2)
    pay_account(product, booking)
    for days, minor in ((7, 134_309), (14, 120_001)):  # dearer, then cheaper again
        date = another_date(product, offer, days=days, minor=minor)
        changes.carry_out(actor, booking.reference, NewDate(date))
        asked = public(product, replace(offer, departure_id=date), 2)
        assert told(product, booking, helper) == asked
        assert of_agency(product, actor)[0] == asked.total
    changes.carry_out(actor, booking.reference, WholeBooking())
    assert told(product, booking, helper) == asked
    assert product.services.commissions.rows(actor).items[0].outside == Money(0, currency)


def test_what_a_policy_keeps_is_told_as_a_part_of_the_public_price(product: Product) -> None:
    actor, offer = agreed(product, starts_in=20)  # half comes back
    helper, changes = assistant(actor), product.services.changes
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    done = changes.carry_out(actor, booking.reference, OneTraveller(2))
    assert done.preview.after.minor == 177_582
    seen = told(product, booking, helper)
    assert [(line.code.partition(":")[0], line.amount.minor) for line in seen.lines] == [
        ("adult", 134_100),
        ("addon", 1_200),
        ("kept", 67_650),
    ]
    date = another_date(product, offer, days=7, minor=150_003)
    changes.carry_out(operator(offer), booking.reference, NewDate(date))
    assert told(product, booking, helper).total == seen.total, "the operator asks for no more"


@pytest.mark.parametrize("percent", ["0", "7.77", "25"])
def test_a_marked_up_price_keeps_the_public_one_beside_it(product: Product, percent: str) -> None:
    actor, offer = agreed(product, model="net")
    holds, asked = product.services.holds, public(product, offer)
    hold = product.hold(offer, actor=actor)
    assert hold.public_total == asked.total
    marked = holds.set_markup(actor, hold.id, Decimal(percent))
    assert marked.public_total == asked.total != marked.price.total
    assert "deposit" in holds.set_markup(actor, hold.id, None).price.as_json()
    marked = holds.set_markup(actor, hold.id, Decimal(percent))
    more = holds.set_addons(actor, hold.id, frozenset([offer.optional_addon]))
    asked = public(product, offer, 2, offer.optional_addon)
    assert more.public_total == asked.total
    # Who pays here is told what that is: client and assistant pay the agency's price.
    helper = assistant(actor)
    assert holds.get(helper, hold.id).price == more.price
    booking = product.book(more, actor=actor)
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    product.services.changes.carry_out(actor, booking.reference, OneTraveller(2))
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    asked = public(product, offer, 1, offer.optional_addon)
    assert Price.from_json(row.price["public_price"]) == asked
    assert row.public_minor == asked.total.minor
    view = product.services.bookings.get(helper, booking.reference)
    [listed] = product.services.bookings.rows(helper).items
    assert view.total == listed.total == Money(row.total_minor, "EUR")
    [sums] = product.services.reports.of(helper, Asked()).sums
    assert sums.sold == Money(row.total_minor, "EUR"), "what the client pays"


def test_what_is_charged_publicly_keeps_nothing_beside_it(product: Product) -> None:
    actor, offer = agreed(product, model="commission")
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert row.public_minor is None
    assert not row.price.keys() & {"public", "public_price"}


@pytest.mark.parametrize("currency", PRICES)
def test_a_client_reads_in_her_proposal_what_she_agreed_to(product: Product, currency: str) -> None:
    agent, offer = (
        make_agent(product),
        product.offer(price=PRICES[currency], currency=currency, deposit_percent=None),
    )
    agency_id = agent.actor.agency_id
    assert agency_id is not None
    verify(product, agency_id)
    contract(product, offer.operator_id, agency_id, "agency_collects", "12.50", currency=currency)
    sent = agent.send([trip(offer)])
    quotes, asked = product.services.quotes, public(product, offer)
    seen = quotes.open(GUEST, token_of(sent))
    assert seen.content.options[0].agreed == (asked.total,)
    [booking] = quotes.accept(token_of(sent), word(seen)).bookings
    assert booking.total == asked.total
    assert told(product, booking, assistant(agent.actor)) == asked
    assert of_agency(product, agent.actor)[0] == asked.total
    product.services.changes.carry_out(agent.actor, booking.reference, OneTraveller(2))
    [booking] = quotes.open(GUEST, token_of(sent)).bookings
    assert booking.total == public(product, offer, 1).total
    [kept] = product.services.client_rights.export(agent.actor, agent.client_id)["bookings"]
    assert kept["total"] == {"amount": booking.total.minor, "currency": currency}
    key = product.one("select view_key from bookings where reference = :r", r=booking.reference)
    page = product.services.bookings.get(GUEST, booking.reference, key=key.view_key)
    assert (page.total.minor, page.price.lines, page.billed_by_agency) == (0, (), True)


def test_what_is_from_before_is_worked_out_back(product: Product) -> None:
    actor, offer = agreed(product)
    helper, holds = assistant(actor), product.services.holds
    asked = public(product, offer, 2, offer.optional_addon).total.minor
    hold = product.hold(offer, actor=helper)
    from_before(product)
    off = holds.get(helper, hold.id).price
    assert off.total.minor == 2 * 135_301
    assert off.total.minor != public(product, offer).total.minor
    more = holds.set_addons(helper, hold.id, frozenset([offer.optional_addon]))
    assert more.price.total.minor == off.total.minor + 9_600
    charged = holds.get(actor, hold.id).price.total
    from_before(product)
    booking = product.book(holds.get(helper, hold.id), actor=helper)
    from_before(product)
    view = product.services.bookings.get(helper, booking.reference)
    [row] = product.services.bookings.rows(helper).items
    for one in (view.total, row.total, of_agency(product, actor)[0]):
        assert one.minor == pytest.approx(asked, abs=2)
    assert sum(line.amount.minor for line in view.price.lines) == view.total.minor
    # What another date costs is known again; that a trip was charged less is not changed by it.
    date = another_date(product, offer, days=7)
    done = product.services.changes.carry_out(actor, booking.reference, NewDate(date))
    assert done.preview.after == charged
    assert told(product, booking, helper).total.minor == asked


def test_the_release_before_writes_no_public_price(product: Product) -> None:
    """While two releases run, what one of before changes is told as it was by that."""
    actor, offer = agreed(product)
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert row.public_minor == 2 * 135_300
    product.change("update bookings set total_minor = 700, price = price - 'public_price'")
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert row.public_minor == 800
