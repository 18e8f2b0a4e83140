"""The demo data: the same everywhere, adds up, and is taken by the real schemas."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from pydantic import SecretStr

from ecosystem.database.engines import Address
from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger_checks, transfers
from ecosystem.domain.price import Price
from ecosystem.domain.reviews import LONGEST, REVEALED_AFTER, SHORTEST
from ecosystem.local.console import DEMO_ACCOUNTS
from ecosystem.local.demo_data import SeedFailed, rows, seed, seeding
from ecosystem.local.demo_data.accounts import PASSWORD, cognito_people, store_subjects
from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.client_rows import client_rows
from ecosystem.local.demo_data.departures import DemoDeparture, departures, showcase
from ecosystem.local.demo_data.loading import LoadFailed
from ecosystem.local.demo_data.money_trail import payments, postings
from ecosystem.local.demo_data.operators import VIA_APPIA, operators
from ecosystem.local.demo_data.packages import DemoPackage, packages
from ecosystem.local.demo_data.payouts import payouts
from ecosystem.local.demo_data.payouts import postings as payout_postings
from ecosystem.local.demo_data.people import CLIENTS, agencies, customers
from ecosystem.local.demo_data.places import routes
from ecosystem.local.demo_data.reviews import ratings, reviews
from ecosystem.local.demo_data.sale_rows import sale_rows, terms_rows
from ecosystem.local.demo_data.sales import bookings
from ecosystem.local.demo_data.stripe_history import history
from ecosystem.local.stripe.money import processing_fee
from ecosystem.settings import Settings
from ecosystem.wiring.vendors import connect
from tests.moved import leave_supabase

DAY = date(2026, 11, 22)
ANCHOR = datetime(2026, 11, 22, tzinfo=UTC)
FEW = 100
SMALL = 60

KNOWN = "b4c5b6a6a05da339"
"""Of the first packages, departures and bookings around DAY. It changes when their making does;
then this line is changed too, knowingly."""


@pytest.fixture(scope="module")
def catalogue() -> list[DemoPackage]:
    return list(packages(FEW))


@pytest.fixture(scope="module")
def offered(catalogue: list[DemoPackage]) -> list[DemoDeparture]:
    return [departure for package in catalogue for departure in departures(package, ANCHOR)]


@pytest.fixture(scope="module")
def sold(offered: list[DemoDeparture]) -> list[DemoBooking]:
    return list(bookings(offered, ANCHOR))


def fingerprint(tables: Iterable[rows.Rows]) -> str:
    """A hash over every value of every row."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update(table.table.encode())
        for row in table.rows:
            values = (getattr(value, "obj", value) for value in row)
            digest.update(repr([str(value) for value in values]).encode())
    return digest.hexdigest()[:16]


def test_the_same_on_every_machine(
    catalogue: list[DemoPackage], offered: list[DemoDeparture], sold: list[DemoBooking]
) -> None:
    said = reviews(sold, ANCHOR)
    tables = [
        *rows.operator_rows(operators(), ANCHOR, ratings(said)),
        *rows.package_rows(catalogue, ANCHOR, ratings(said)),
        *rows.people_rows(agencies(), customers(), {}, ANCHOR),
        *client_rows(agencies(), ANCHOR, lambda number, _at: str(number)),
        rows.payout_rows(operators(), agencies(), ANCHOR),
        rows.departure_rows(offered),
        terms_rows(operators(), ANCHOR),
        *sale_rows(sold, ANCHOR),
        rows.review_rows(said),
    ]
    assert fingerprint(tables) == KNOWN


def test_what_a_package_says_does_not_depend_on_the_day(catalogue: list[DemoPackage]) -> None:
    again = next(iter(packages(FEW)))
    assert again == catalogue[0]
    later = departures(again, ANCHOR + timedelta(days=31))
    assert later
    assert later != departures(again, ANCHOR)


def test_real_cities_in_real_zones() -> None:
    everywhere = {stop for route in routes() for stop in route.stops}
    assert len(routes()) >= 150
    for place in everywhere:
        ZoneInfo(place.timezone)
        assert -60 < place.latitude < 72
        assert place.population >= 5000


def test_two_thousand_titles_read_as_if_written_by_people() -> None:
    every = list(packages(2000))
    published = [package for package in every if package.status == "published"]
    assert len(published) == 2000
    assert len({package.title for package in every}) == len(every)
    assert len({package.slug for package in every}) == len(every)
    assert max(len(package.title) for package in every) <= 100
    assert not [p.title for p in every if re.search(r"\d(?!\d? nights)", p.title)]
    starts = Counter(" ".join(package.title.split()[:2]) for package in every)
    assert starts.most_common(1)[0][1] < 160
    by_operator = Counter(package.operator.slug for package in published)
    assert by_operator[VIA_APPIA] == 38
    assert len(by_operator) >= 40
    assert all(4 <= package.nights <= 16 for package in every)
    assert all(package.nights == sum(stop.nights for stop in package.stops) for package in every)
    assert {addon.unit for package in every for addon in package.addons} == {
        "booking", "traveller", "night", "traveller_night",
    }  # fmt: skip
    assert {"EUR", "USD", "GBP", "SEK", "CHF", "JPY", "KWD"} == {p.currency for p in every}


def test_the_showcase(offered: list[DemoDeparture], sold: list[DemoBooking]) -> None:
    rome = [d for d in offered if d.package.slug == "rome-florence-venice-by-rail"]
    assert rome[0].package.title == "Rome, Florence & Venice by rail"
    assert rome[0].package.operator.slug == VIA_APPIA
    assert rome[0].package.nights == 8
    assert rome[0].package.base_price == Decimal(1290)
    assert "Uffizi with a guide" in {addon.name for addon in rome[0].package.addons}
    left = _seats_left(offered, sold)
    shown = {wanted.starts_on: wanted.left for wanted in showcase(ANCHOR)}
    assert date(2027, 5, 14) in shown
    assert {d.starts_on: left[d.id] for d in rome if d.starts_on in shown} == shown
    assert sorted(shown.values()) == [0, 3, 12, 16]


def test_no_departure_is_sold_beyond_its_seats(
    offered: list[DemoDeparture], sold: list[DemoBooking]
) -> None:
    left = _seats_left(offered, sold)
    assert min(left.values()) == 0
    assert {departure.status for departure in offered} == {"open", "closed"}


def test_bookings_tell_a_plausible_story(sold: list[DemoBooking]) -> None:
    assert len(sold) == 1500
    assert len({one.reference for one in sold}) == len(sold)
    shares = Counter(one.status for one in sold)
    assert set(shares) == {"confirmed", "completed", "cancelled", "expired", "pending_payment"}
    assert shares["completed"] > 300
    assert shares["confirmed"] > 500
    by_agency = [one for one in sold if one.buyer.agency]
    assert 0.4 < len(by_agency) / len(sold) < 0.65
    maple = [one for one in by_agency if one.buyer.agency == agencies()[0]]
    soon = DAY + timedelta(days=21)
    assert len([one for one in maple if DAY < one.departure.starts_on <= soon]) >= 5
    mine = [one for one in sold if one.buyer.email == "customer@demo.example"]
    assert sorted(one.status for one in mine) == [
        "cancelled", "completed", "confirmed", "confirmed",
    ]  # fmt: skip
    for one in sold:
        assert one.created_at < ANCHOR
        assert one.confirmed_at is None or one.created_at < one.confirmed_at < ANCHOR
        assert one.closed_at is None or one.closed_at <= ANCHOR + timedelta(hours=2)
        assert len(one.travellers) == one.party.seats <= one.package.max_travellers
        assert {traveller["kind"] for traveller in one.travellers} <= {"adult", "child"}
        assert Price.from_json(one.price.as_json()) == one.price
        assert sum(line.amount.minor for line in one.price.lines) == one.price.total.minor


def test_every_posting_and_every_booking_sums_to_zero(sold: list[DemoBooking]) -> None:
    for one in sold:
        asked = payments(one, ANCHOR)
        sums: dict[str, int] = defaultdict(int)
        sent = payouts(one, asked, ANCHOR)
        for posted in (*postings(one, asked), *payout_postings(sent)):
            assert posted.at < ANCHOR + timedelta(minutes=1)
            assert sum(entry.amount.minor for entry in posted.posting.entries) == 0
            assert {e.amount.currency for e in posted.posting.entries} == {one.package.currency}
            for entry in posted.posting.entries:
                sums[entry.account] += entry.amount.minor
        assert sum(sums.values()) == 0
        open_money = sum(p.amount.minor for p in asked if p.status == "due")
        if one.status in ("confirmed", "completed"):
            assert sum(p.amount.minor for p in asked) == one.price.total.minor
            assert sums["buyer_receivable"] == open_money
        if one.status == "cancelled":
            assert sums["buyer_receivable"] == 0
            assert sums["refunds"] == 0
        assert all(sums[party] <= 0 for party in ("operator_payable", "agency_payable") if sums)
        if one.status == "completed":
            assert sums["operator_payable"] == sums["agency_payable"] == 0
            assert {sent.planned_at(p) is None for p in asked} == {False}
        if one.status in ("expired", "pending_payment"):
            assert not sums


def test_stripe_knows_every_paid_payment(sold: list[DemoBooking]) -> None:
    fixtures = history(operators(), agencies(), sold, ANCHOR)
    paid = [p for one in sold for p in payments(one, ANCHOR) if p.paid_at]
    assert {p.stripe("cs_test") for p in paid} == {p.session_id for p in fixtures.payments}
    assert sum(p.refund is not None for p in paid) == len(fixtures.refunds) > 0
    sent = [t for one in sold for t in payouts(one, payments(one, ANCHOR), ANCHOR).transfers]
    assert len(sent) == len(fixtures.transfers) > 300
    assert sum(one.back is not None for one in sent) == len(fixtures.reversals) > 0
    assert {one.party for one in sent} == {"operator", "agency"}
    active = {account.id for account in fixtures.accounts if account.active}
    own = {one.stripe_account_id: one for one in operators()}
    assert sum(not one.transfers_active for one in own.values()) == 2
    assert active >= {key for key, one in own.items() if one.transfers_active}


def test_accounts_of_the_contract() -> None:
    groups = {person.email: set(person.groups) for person in cognito_people()}
    assert groups == {
        "agent@demo.example": {"agents"},
        "owner@demo.example": {"agents", "owners"},
        "assistant@demo.example": {"agents"},
        "rival@demo.example": {"agents", "owners"},
        "customer@demo.example": {"customers"},
        "ops@demo.example": {"ops"},
        "controller@demo.example": {"ops"},
    }
    emails = {one.email for one in operators()}
    assert {"operator@demo.example", "newoperator@demo.example"} < emails
    assert len(emails) == len(operators()) >= 40
    assert {address for address, _ in DEMO_ACCOUNTS} == {
        *groups, "operator@demo.example", "newoperator@demo.example",
    }  # fmt: skip
    assert len(agencies()) == 25
    assert sum(len(agency.clients) for agency in agencies()) == CLIENTS
    assert PASSWORD == "Demo-Pass-2026!"


def test_the_books_say_what_stripe_has(sold: list[DemoBooking]) -> None:
    books: dict[str, int] = defaultdict(int)
    for one in sold:
        asked = payments(one, ANCHOR)
        for posted in (
            *postings(one, asked),
            *payout_postings(payouts(one, asked, ANCHOR)),
        ):
            for entry in posted.posting.entries:
                if entry.account == "platform_cash":
                    books[entry.amount.currency] += entry.amount.minor
    there: dict[str, int] = defaultdict(int)
    fixtures = history(operators(), agencies(), sold, ANCHOR)
    currency = {p.charge_id: p.currency.upper() for p in fixtures.payments}
    paid_to = {t.id: t.currency.upper() for t in fixtures.transfers}
    for payment in fixtures.payments:
        there[payment.currency.upper()] += payment.amount - processing_fee(payment.amount)
    for refund in fixtures.refunds:
        there[currency[refund.charge_id]] -= refund.amount
    for transfer in fixtures.transfers:
        there[transfer.currency.upper()] -= transfer.amount
    for reversal in fixtures.reversals:
        there[paid_to[reversal.transfer_id]] += reversal.amount
    assert books == there
    assert len(books) >= 5


# In the databases -------------------------------------------------------------


@pytest.fixture
def settings(addresses: dict[str, Address]) -> Settings:
    """The settings of a stack that has the two databases and nothing else."""
    rds = addresses["rds"]
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        aws_rds_host=rds.host,
        aws_rds_port=rds.port,
        aws_rds_database=rds.database,
        aws_rds_user=rds.user,
        aws_rds_password=SecretStr(rds.password),
        supabase_db_url=SecretStr(addresses["supabase"].libpq),
    )


def number(address: Address, query: str) -> int:
    with psycopg.connect(address.libpq) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])


def test_both_databases_take_it_once(settings: Settings, addresses: dict[str, Address]) -> None:
    rds, supabase = addresses["rds"], addresses["supabase"]
    report = seed(settings, SMALL, DAY)
    assert report.tables["multi_city_hotel_packages"] == SMALL + 1
    assert report.tables["bookings"] == 320
    assert report.tables["agency_contracts"] == 2
    assert not seed(settings, SMALL, DAY).new
    assert number(supabase, "select count(*) from auth.users") == len(operators())
    assert number(
        supabase,
        "select count(*) from migration_changes"
        " where consumer = 'search' and tbl = 'multi_city_hotel_packages'",
    ) == SMALL + 1  # fmt: skip
    database = connect(settings)
    try:
        with database.unit(RDS) as session:
            for find in (
                ledger_checks.bookings,
                ledger_checks.paid,
                ledger_checks.refunds,
                ledger_checks.transfers,
                ledger_checks.payables,
            ):
                assert find(session) == []
            # Shares that fall due east of here as the anchor's day begins are the product's work.
            before = ANCHOR - timedelta(hours=14)
            assert transfers.unplanned(session, before, 100) == []
    finally:
        database.dispose()
    unbalanced = "select count(*) from (select 1 from ledger_entries group by {} having sum(amount_minor) <> 0)"
    assert number(rds, unbalanced.format("posting_id, currency")) == 0
    assert number(rds, unbalanced.format("booking_id, currency")) == 0
    assert number(
        rds,
        "select count(*) from (select 1 from departures d join seat_claims c"
        " on c.departure_id = d.id and c.state <> 'released'"
        " group by d.id having sum(c.seats) > d.capacity)",
    ) == 0  # fmt: skip
    # A user pool made anew changes the subjects of the demo people, once.
    subjects = {person.email: f"sub-{person.email}" for person in cognito_people()}
    with psycopg.connect(rds.libpq) as connection:
        assert store_subjects(connection, subjects) == 5
        assert store_subjects(connection, subjects) == 0
    # Once its tables have moved as well, a further start finds everything in place.
    leave_supabase(addresses)
    assert not seed(settings, SMALL, DAY).new


def test_a_run_killed_between_the_databases_is_finished(
    settings: Settings, addresses: dict[str, Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise OSError("the Stripe stand-in does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(seeding, "post", down)
        with pytest.raises(SeedFailed, match="Stripe"):
            seed(settings, SMALL, DAY)
    assert number(addresses["supabase"], "select count(*) from operators") == len(operators())
    assert number(addresses["rds"], "select count(*) from agencies") == 0
    # Asked for another number, it goes by what the operators' database has.
    report = seed(settings, 90, DAY + timedelta(days=1))
    assert set(report.tables) & {"bookings", "operators"} == {"bookings"}
    assert number(addresses["rds"], "select count(distinct package_id) from departures") == SMALL
    assert not seed(settings, SMALL, DAY).new


def test_a_refused_row_leaves_nothing(settings: Settings, addresses: dict[str, Address]) -> None:
    with psycopg.connect(addresses["supabase"].libpq) as connection:
        connection.execute("alter table multi_city_hotel_package_cities add check (city <> 'Rome')")
    with pytest.raises(LoadFailed, match="check constraint"):
        seed(settings, SMALL, DAY)
    nothing(addresses)


def nothing(addresses: dict[str, Address]) -> None:
    for address, table in ((addresses["supabase"], "operators"), (addresses["rds"], "agencies")):
        assert number(address, f"select count(*) from {table}") == 0
    assert number(addresses["supabase"], "select count(*) from auth.users") == 0


def test_an_empty_stack_whose_tables_have_moved_takes_nothing(
    settings: Settings, addresses: dict[str, Address]
) -> None:
    leave_supabase(addresses)
    with pytest.raises(SeedFailed, match=r"packages.* have moved to RDS"):
        seed(settings, SMALL, DAY)
    nothing(addresses)


def _seats_left(offered: list[DemoDeparture], sold: list[DemoBooking]) -> dict[object, int]:
    left: dict[object, int] = {departure.id: departure.capacity for departure in offered}
    for one in sold:
        if one.claim_state != "released":
            left[one.departure.id] -= one.party.seats
    return left


def test_ratings_are_those_of_the_reviews_and_reviews_those_of_completed_trips(
    sold: list[DemoBooking],
) -> None:
    said = reviews(sold, ANCHOR)
    assert len(said) > 100
    seen: set[tuple[object, str]] = set()
    for one in said:
        booking = one.booking
        assert booking.status == "completed"
        assert booking.closed_at is not None
        assert booking.closed_at < one.created_at < ANCHOR
        assert (booking.id, one.author) not in seen
        seen.add((booking.id, one.author))
        assert one.revealed_at is None or one.created_at <= one.revealed_at < ANCHOR
        assert (one.reply is None) == (one.replied_at is None)
        assert SHORTEST <= len(one.body) <= LONGEST
        other = [two for two in said if two.booking is booking and two is not one]
        assert all(two.revealed_at == one.revealed_at for two in other)
        if not other and one.revealed_at is not None:
            assert one.revealed_at == one.created_at + REVEALED_AFTER
    rated = ratings(said)
    for package_id, (rating, count) in rated.packages.items():
        given = [
            one.rating
            for one in said
            if one.booking.package.id == package_id
            and one.author == "traveller"
            and one.revealed_at
        ]
        assert len(given) == count
        assert rating is not None
        assert abs(rating - Decimal(sum(given)) / count) <= Decimal("0.05")
