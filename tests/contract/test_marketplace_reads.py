"""Operators by slug, trips and bookings say the same from the databases and from DynamoDB, and
the read model follows the databases whatever happens in between."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ecosystem import settings
from ecosystem.adapters.dynamodb import DynamoDb
from ecosystem.cli import app
from ecosystem.database.engines import Address
from ecosystem.database.queries import changes
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.local.aws import REGION, EmbeddedAws
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.marketplace import (
    DatabaseReads,
    ModelReads,
    ReadModelCheck,
    ReadModelKeeping,
    Reads,
    keeping,
)
from ecosystem.services.ports.read_model import Item, Scanned
from ecosystem.wiring import build
from tests.product import GUEST, Offer, Product, Unused

pytestmark = pytest.mark.xdist_group("aws")

KEYS = ("pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(tmp_path_factory.mktemp("read-model-aws"), persist=False) as running:
        yield running


@pytest.fixture
def table(aws: EmbeddedAws) -> str:
    """An empty table, with the keys and indexes of the template."""
    name = f"marketplace-{uuid7().hex[-12:]}"

    def keys(prefix: str) -> list[dict[str, str]]:
        kinds = ((f"{prefix}pk", "HASH"), (f"{prefix}sk", "RANGE"))
        return [{"AttributeName": key, "KeyType": kind} for key, kind in kinds]

    aws.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
        KeySchema=keys(""),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": keys(index), "Projection": {"ProjectionType": "ALL"}}
            for index in ("gsi1", "gsi2")
        ],
    )
    return name


@pytest.fixture
def model(aws: EmbeddedAws, table: str) -> DynamoDb:
    return DynamoDb(REGION, table, aws.endpoint)


@pytest.fixture
def keeper(product: Product, model: DynamoDb) -> ReadModelKeeping:
    return ReadModelKeeping(product.database, model, product.clock)


@pytest.fixture
def check(product: Product, model: DynamoDb) -> ReadModelCheck:
    return ReadModelCheck(product.database, model, product.clock, sleep=lambda _: None)


def keep(keeper: ReadModelKeeping) -> None:
    """Until nothing waits."""
    while keeper.step():
        pass


def told(check: ReadModelCheck) -> list[str]:
    return [str(one) for one in check.verify().differences]


def sql(product: Product, statement: str, *, name: str = "supabase", **values: Any) -> None:
    """As the legacy application writes: not through our services."""
    with product.database.engines[name].begin() as connection:
        connection.execute(text(statement), values)


def customer() -> Actor:
    return Actor(role="customer", source="cognito", user_id=uuid7())


# The contract -----------------------------------------------------------------


class Scene:
    """Two operators, a customer with three trips, another with one, a guest with one."""

    def __init__(self, product: Product) -> None:
        self.soon, self.late = product.offer(starts_in=60), product.offer(starts_in=200)
        self.maja, self.nils = customer(), customer()
        made = product.book(product.hold(self.late, adults=1, actor=self.maja), actor=self.maja)
        again = partial(_again, product, made.id, self.soon)
        self.trips = [made.id, again(), again()]
        self.other = again(customer_id=self.nils.user_id)
        self.guests = again(customer_id=None, guest_key=GUEST.guest_key)
        product.change(
            "update payments set status = 'paid' where booking_id = :id", id=self.trips[1]
        )


_COPY = """
    with the as (
      select b.claim_id, jsonb_build_object(
        'starts_on', d.starts_on, 'ends_on', d.ends_on, 'created_at', clock_timestamp()) as dates
      from bookings b, departures d where b.id = cast(:of as uuid) and d.id = cast(:at as uuid)
    ),
    claim as (
      insert into seat_claims
      select (jsonb_populate_record(c, cast(:claim as jsonb))).*
      from seat_claims c join the on c.id = the.claim_id
    ),
    booking as (
      insert into bookings
      select (jsonb_populate_record(b, the.dates || cast(:booking as jsonb))).*
      from bookings b join the using (claim_id)
    )
    insert into payments
    select (jsonb_populate_record(p, cast(:payment as jsonb))).*
    from payments p where p.booking_id = cast(:of as uuid)
"""


def _again(product: Product, of: UUID, offer: Offer, **more: Any) -> UUID:
    """A booking as another one is, of another departure and with other columns."""
    made, claim = uuid7(), uuid7()
    booking = {
        "id": made,
        "reference": f"TRV-{made.hex[-8:].upper()}",
        "claim_id": claim,
        "departure_id": offer.departure_id,
        "operator_id": offer.operator_id,
    }
    payment = {"id": uuid7(), "booking_id": made, "pay_token": made, "stripe_session_id": None}
    parts = {
        "claim": {"id": claim, "departure_id": offer.departure_id},
        "booking": booking | more,
        "payment": payment,
    }
    written = {name: json.dumps(part, default=str) for name, part in parts.items()}
    product.change(_COPY, of=str(of), at=str(offer.departure_id), **written)
    return made


def ids(rows: Sequence[tuple[UUID, Any]]) -> list[UUID]:
    return [booking_id for booking_id, _row in rows]


def test_both_implementations_keep_the_contract(
    product: Product, model: DynamoDb, keeper: ReadModelKeeping
) -> None:
    scene = Scene(product)
    keep(keeper)
    databases = DatabaseReads(product.database)
    for reads in (databases, ModelReads(model)):
        _keeps_the_contract(reads, scene, product.services.catalogue, databases)


def _keeps_the_contract(reads: Reads, scene: Scene, catalogue: Catalogue, truth: Reads) -> None:
    maja, operator = scene.maja.user_id, scene.soon.operator_id

    known = catalogue.own_operator(operator)
    assert reads.operator(known.slug) == known
    assert reads.operator("nobody") is None
    assert reads.operator(scene.soon.slug) is None, "a package's slug is no operator's"

    all_of_maja = reads.trips(maja, "", limit=10)
    assert ids(all_of_maja) == scene.trips[::-1], "newest first"
    assert all_of_maja == truth.trips(maja, "", limit=10)
    assert [row.paid.minor > 0 for _id, row in all_of_maja] == [False, True, False]
    first = reads.trips(maja, "", limit=2)
    place = (first[-1][1].created_at, first[-1][0])
    assert first + reads.trips(maja, "", limit=2, before=place) == all_of_maja

    assert ids(reads.trips(None, GUEST.guest_key, limit=10)) == [scene.guests]
    both = reads.trips(maja, GUEST.guest_key, limit=10)
    assert ids(both) == [scene.guests, *scene.trips[::-1]], "of both, still newest first"
    assert reads.trips(None, "", limit=10) == []
    assert reads.trips(uuid7(), "", limit=10) == []

    departing = reads.bookings(operator, limit=10)
    assert departing == truth.bookings(operator, limit=10)
    assert set(ids(departing)) == {*scene.trips[1:], scene.other, scene.guests}
    parts, before = [], None
    while some := reads.bookings(operator, limit=2, before=before):
        parts += some
        before = (some[-1][1].starts_on, some[-1][0])
    assert parts == departing
    assert reads.bookings(uuid7(), limit=10) == []


# Following the databases ------------------------------------------------------


def test_it_follows_what_anybody_writes(
    product: Product, model: DynamoDb, keeper: ReadModelKeeping, check: ReadModelCheck
) -> None:
    scene = Scene(product)
    agency, trip = uuid7(), scene.trips[0]
    product.change(
        "insert into agencies (id, name, slug, country, currency)"
        " values (:id, 'Old', 'old', 'IT', 'EUR')",
        id=agency,
    )
    product.change("update bookings set agency_id = :a where id = :id", a=agency, id=trip)
    keep(keeper)
    assert told(check) == []
    reads, package = ModelReads(model), f"PACKAGE#{scene.soon.package_id}"

    sql(
        product,
        "update operators set slug = 'another-name', name = 'New' where id = :id",
        id=scene.soon.operator_id,
    )
    product.change("update agencies set name = 'Renamed' where id = :id", id=agency)
    product.change("update payments set status = 'paid' where booking_id = :id", id=trip)
    sql(
        product,
        "update multi_city_hotel_packages set status = 'archived' where id = :id",
        id=scene.soon.package_id,
    )
    assert model.get([package])[package].values is not None
    keep(keeper)

    renamed = reads.operator("another-name")
    assert renamed is not None
    assert renamed.name == "New"
    (row,) = [row for one, row in reads.trips(scene.maja.user_id, "", limit=9) if one == trip]
    assert (row.agency_name, row.paid) == ("Renamed", row.total)
    assert model.get([package])[package].values is None, "not offered any more"
    assert told(check) == []
    assert check.backlog().rows == 0


class Faulty:
    """The table, and what happens around its writes."""

    def __init__(self, model: DynamoDb) -> None:
        self._model = model
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def put(self, items: Sequence[Item]) -> set[str]:
        self.before()
        refused = self._model.put(items)
        self.after()
        return refused

    def get(self, keys: Any) -> dict[str, Item]:
        return self._model.get(keys)

    def find(self, *a: Any, **k: Any) -> list[Item]:
        return self._model.find(*a, **k)

    def scan(self, after: str = "", limit: int = 500) -> Scanned:
        return self._model.scan(after, limit)

    def ping(self) -> None:
        self._model.ping()


class Killed(Exception):
    pass


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_around_a_write_loses_nothing(
    when: str, product: Product, model: DynamoDb, check: ReadModelCheck
) -> None:
    faulty = Faulty(model)
    keeper = ReadModelKeeping(product.database, faulty, product.clock)
    offer = product.offer()
    keep(keeper)
    sql(product, "update operators set name = 'New' where id = :id", id=offer.operator_id)

    def die() -> None:
        raise Killed

    setattr(faulty, when, die)
    with pytest.raises(Killed):
        keeper.step()
    assert check.backlog().rows > 0
    keep(ReadModelKeeping(product.database, model, product.clock))
    assert told(check) == []
    assert check.backlog().rows == 0


class Careless(DynamoDb):
    """The control: writes over whatever is there."""

    def _action(self, item: Item) -> dict[str, Any]:
        action = super()._action(item)
        return {"TableName": action["TableName"], "Item": action["Item"]}


@pytest.mark.parametrize("careless", [False, True])
def test_a_slow_writer_never_puts_an_older_state_over_a_newer_one(
    careless: bool,
    product: Product,
    model: DynamoDb,
    table: str,
    aws: EmbeddedAws,
    check: ReadModelCheck,
) -> None:
    offer = product.offer()
    fast = ReadModelKeeping(product.database, model, product.clock)
    keep(fast)
    slow_table = Faulty(Careless(REGION, table, aws.endpoint) if careless else model)
    slow = ReadModelKeeping(product.database, slow_table, product.clock)
    assert slow.built()

    def overtaken() -> None:
        slow_table.before = lambda: None
        sql(product, "update operators set name = 'Second' where id = :id", id=offer.operator_id)
        keep(fast)

    slow_table.before = overtaken
    sql(product, "update operators set name = 'First' where id = :id", id=offer.operator_id)
    slow.step()
    slow.step()
    assert told(check) == ([f"PROVIDER#{offer.operator_id}: name"] if careless else [])


def test_a_change_in_the_batch_of_a_refused_writer_is_not_forgotten(
    product: Product, model: DynamoDb, check: ReadModelCheck
) -> None:
    """Refused again and again: the log keeps its rows until the item is written."""
    offer = product.offer()
    keeper = ReadModelKeeping(product.database, model, product.clock)
    keep(keeper)

    class Refusing(Faulty):
        def put(self, items: Sequence[Item]) -> set[str]:
            return {item.key for item in items}

    sql(product, "update operators set name = 'New' where id = :id", id=offer.operator_id)
    refused = ReadModelKeeping(product.database, Refusing(model), product.clock)
    assert refused.step() == 0
    assert check.backlog().rows > 0
    keep(keeper)
    assert told(check) == []


# Building ---------------------------------------------------------------------


def test_it_is_built_from_nothing_and_goes_on_after_a_kill(
    product: Product, model: DynamoDb, check: ReadModelCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    scene = Scene(product)
    for name in ("rds", "supabase"):
        sql(product, "delete from migration_changes where consumer = 'marketplace'", name=name)
    ghost = f"BOOKING#{uuid7()}"
    model.put([Item(ghost, 1, {"reference": "TRV-GHOST"}, gsi2=("PROVIDER#x", "2026"))])
    product.change("select setval('read_model_version', 50)")

    first = ReadModelKeeping(product.database, model, product.clock)
    assert first.progress() == "planned"
    for _step in range(3):
        first.step()
    assert first.progress() == "copying"
    assert not first.built()
    second = ReadModelKeeping(product.database, model, product.clock)
    keep(second)
    assert second.progress() == "in_sync"
    assert told(check) == []
    assert model.get([ghost])[ghost].values is None
    assert len(ModelReads(model).bookings(scene.soon.operator_id, limit=9)) == 4


def test_it_is_built_anew_after_damage_and_after_the_database_was_restored(
    product: Product, model: DynamoDb, keeper: ReadModelKeeping, check: ReadModelCheck
) -> None:
    offer = product.offer()
    keep(keeper)
    key = f"PROVIDER#{offer.operator_id}"
    item = model.get([key])[key]
    # Written after the state that the database was restored to: its numbers are lower now.
    model.put([Item(key, 5_000, {"name": "wrong"}, item.gsi1), Item("MARKETPLACE", 6_000, {})])
    model.put([Item(f"PACKAGE#{uuid7()}", 7_000, {"slug": "gone"})])
    assert len(told(check)) == 2
    keeper.rebuild()
    assert keeper.progress() == "copying"
    keep(keeper)
    assert told(check) == []


# Verifying --------------------------------------------------------------------


def test_verification_says_what_differs(
    product: Product, model: DynamoDb, keeper: ReadModelKeeping, check: ReadModelCheck
) -> None:
    scene = Scene(product)
    keep(keeper)
    assert check.verify().checked == {"PROVIDER": 2, "PACKAGE": 2, "BOOKING": 5}
    trip, missing, extra = f"BOOKING#{scene.other}", f"PACKAGE#{scene.late.package_id}", uuid7()
    kept = model.get([trip])[trip]
    assert kept.values is not None
    wrong = kept.values | {"lead_name": "Somebody Else"}
    model.put([Item(trip, kept.version + 1000, wrong, kept.gsi1, kept.gsi2)])
    model.put([Item(missing, kept.version + 1000, None)])
    model.put([Item(f"PROVIDER#{extra}", 1, {"name": "Nobody"})])
    assert told(check) == sorted(
        [f"{trip}: lead_name", f"{missing}: missing", f"PROVIDER#{extra}: not in the databases"]
    )


@pytest.mark.parametrize("looks_at_the_log", [True, False])
def test_what_waits_in_a_log_is_not_a_difference(
    looks_at_the_log: bool,
    product: Product,
    keeper: ReadModelKeeping,
    check: ReadModelCheck,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = product.offer()
    keep(keeper)
    sql(product, "update operators set name = 'New' where id = :id", id=offer.operator_id)
    if not looks_at_the_log:
        monkeypatch.setattr(changes, "waiting", lambda *_: set())
    expected = [] if looks_at_the_log else [f"PROVIDER#{offer.operator_id}: name"]
    assert told(check) == expected


# Serving ----------------------------------------------------------------------


class Silent(Faulty):
    """A table that answers until it is told not to, and how often it was asked."""

    asked = 0
    silent = False

    def find(self, *a: Any, **k: Any) -> list[Item]:
        self.asked += 1
        if self.silent:
            raise Unavailable("The read model does not answer.", code="unavailable")
        return super().find(*a, **k)


def test_nobody_notices_a_read_model_that_is_not_built_or_does_not_answer(
    product: Product, model: DynamoDb
) -> None:
    table = Silent(model)
    scene = Scene(product)
    services = build(
        product.services.settings.model_copy(update={"marketplace_reads": "dynamodb"}),
        database=product.database,
        clock=product.clock,
        read_model=table,
        mail=product.postbox,
        files=product.files,
        cognito=Unused(),
        supabase=Unused(),
    )
    market, keeper = services.marketplace, services.read_model
    rows = market.trips(scene.maja, limit=2)
    assert (len(rows.items), table.asked) == (2, 0), "not built: the databases answer"
    keep(keeper)
    assert market.trips(scene.maja, limit=2) == rows
    assert table.asked == 1
    table.silent = True
    assert market.trips(scene.maja, limit=2) == rows
    assert market.trips(scene.maja, limit=2) == rows
    assert table.asked == 2, "left alone for a while"
    table.silent = False
    product.clock.move(seconds=31)
    rest = market.trips(scene.maja, cursor=rows.next or "", limit=2)
    assert (len(rest.items), rest.next, table.asked) == (1, None, 3)


def test_many_items_are_written_read_and_found(model: DynamoDb) -> None:
    made = [
        Item(f"BOOKING#{n:04}", 5, {"n": n}, gsi2=("PROVIDER#x", f"{n:04}")) for n in range(230)
    ]
    assert model.put(made) == set()
    older = [Item(made[n].key, 4 if n % 2 else 6, {"n": -n}) for n in range(120)]
    assert model.put(older) == {item.key for item in older if item.version == 4}
    assert model.put([Item(made[0].key, 6, {})]) == {made[0].key}, "not over the same version"
    found = model.get([item.key for item in made])
    assert len(found) == 230
    assert (found["BOOKING#0001"].values, found["BOOKING#0002"].values) == ({"n": 1}, {"n": -2})
    places = [item.gsi2[1] for item in model.find("gsi2", "PROVIDER#x") if item.gsi2]
    assert places == sorted(places, reverse=True)
    assert len(places) == 170, "every second of the first 120 has left the index"
    assert [i.key for i in model.find("gsi2", "PROVIDER#x", before="0004", limit=2)] == [
        "BOOKING#0003",
        "BOOKING#0001",
    ]


# The command ------------------------------------------------------------------


def test_the_command_builds_verifies_and_says_what_is_true(
    product: Product, aws: EmbeddedAws, table: str, model: DynamoDb, addresses: dict[str, Address]
) -> None:
    rds = addresses["rds"]
    environment = {
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": addresses["supabase"].libpq,
        "DYNAMODB_TABLE_NAME": table,
    }

    def told(*words: str) -> tuple[int, str]:
        settings.load.cache_clear()
        done = CliRunner().invoke(app, ["migrate", *words], env=environment, catch_exceptions=False)
        settings.load.cache_clear()
        return done.exit_code, done.output

    offer = product.offer()
    code, said = told("verify", "marketplace")
    assert (code, "not built yet" in said) == (1, True)
    assert told("copy", "marketplace") == (0, "marketplace: in_sync\n")
    compared = "marketplace: compared 1 provider, 1 package, 0 booking\n"
    assert told("verify", "marketplace") == (0, compared)
    assert told("verify", "marketplace", "--deep") == (
        0,
        f"marketplace: every value is compared, with --deep or without\n{compared}",
    )
    key = f"PROVIDER#{offer.operator_id}"
    model.put([Item(key, 1_000, {"name": "wrong"})])
    code, said = told("verify", "marketplace")
    assert code == 1
    assert key in said
    # What was found is kept for the console.
    kept = "select verified from migration_pace where move_group = 'marketplace'"
    assert product.one(kept).verified["differences"][0]["id"] == key
    assert told("copy", "marketplace", "--anew")[0] == 0
    assert told("verify", "marketplace")[0] == 0
    sql(product, "update operators set name = 'New' where id = :id", id=offer.operator_id)
    code, said = told("status", "--json")
    assert code == 0
    (found,) = json.loads(said)["sinks"]
    assert found.pop("lag_seconds") > 0
    assert found == {"sink": "marketplace", "phase": "in_sync", "pending_changes": 1}
    assert told("prepare", "marketplace")[0] == 2, "there is nothing to prepare"
    assert told("copy", "packages", "--anew")[0] == 2
