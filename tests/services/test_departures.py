"""An operator's departures: by rule, in bulk, never below what is sold, never somebody else's."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import Rule
from ecosystem.domain.drafts import content_of
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Invalid, NotFound
from ecosystem.services.departures import Departures
from ecosystem.services.departures.forms import (
    BulkChange,
    DepartureChange,
    DepartureForm,
    RuleForm,
    Selection,
)
from ecosystem.services.forms import parse
from ecosystem.services.package_editor.forms import DraftForm
from tests.live import eventually
from tests.product import GUEST, Offer, Product
from tests.services.test_desks import provider, sell


def first_monday(product: Product) -> date:
    """The Monday after next, from which rules in these tests begin."""
    today = product.services.clock.now().date()
    return today + timedelta(days=14 - today.weekday())


def rule(first: date, weeks: int = 4, **more: Any) -> RuleForm:
    return RuleForm.model_validate(
        {
            "weekdays": [5],
            "first": first,
            "last": first + timedelta(weeks=weeks, days=-1),
            "capacity": 16,
            **more,
        }
    )


def only(made: Offer) -> Selection:
    return Selection(departure_ids=frozenset({made.departure_id}))


def capacity(made: Offer, product: Product) -> int:
    return product.one("select capacity from departures where id = :id", id=made.departure_id)[0]


@pytest.mark.parametrize(
    ("weekdays", "every", "exclude", "days"),
    [
        ({5}, 1, (), ("2027-05-07", "2027-05-14", "2027-05-21", "2027-05-28")),
        ({5}, 2, (), ("2027-05-14", "2027-05-28")),
        ({5}, 1, ("2027-05-14",), ("2027-05-07", "2027-05-21", "2027-05-28")),
        ({1, 7}, 2, (), ("2027-05-02", "2027-05-10", "2027-05-16", "2027-05-24", "2027-05-30")),
        ({3}, 26, (), ()),
    ],
    ids=["each Friday", "every second", "but one", "two days of the same weeks", "none"],
)
def test_the_days_of_a_rule(
    weekdays: set[int], every: int, exclude: tuple[str, ...], days: tuple[str, ...]
) -> None:
    made = Rule(
        frozenset(weekdays),
        date(2027, 5, 1),  # a Saturday
        date(2027, 5, 31),
        every,
        frozenset(date.fromisoformat(day) for day in exclude),
    )
    assert tuple(str(day) for day in made.days()) == days


def test_a_rule_is_planned_then_made_and_made_again_without_effect(product: Product) -> None:
    made = product.offer(price="1340.00")
    actor, desk = provider(made.operator_id), product.services.departures
    form = rule(first_monday(product), price=129900)

    plan = desk.plan(actor, made.package_id, form)
    created = desk.create(actor, made.package_id, form)
    again = desk.create(actor, made.package_id, form)

    assert len(plan.new) == 4
    assert plan.existing == ()
    assert tuple(row.starts_on for row in created.departures) == plan.new
    assert all(row.starts_on.isoweekday() == 5 for row in created.departures)
    assert {row.ends_on - row.starts_on for row in created.departures} == {timedelta(days=8)}
    assert {(row.capacity, row.price.minor) for row in created.departures} == {(16, 129900)}
    assert again.departures == ()
    assert again.existing == plan.new
    assert desk.plan(actor, made.package_id, form).new == ()
    zone = product.one(
        "select distinct timezone, currency from departures where package_id = :id",
        id=made.package_id,
    )
    assert tuple(zone) == ("Europe/Rome", "EUR")
    noted = product.one("select data from audit_log where action = 'departures.created'")
    assert len(noted.data["starts"]) == 4


def test_two_people_press_create_at_once_and_each_day_departs_once(product: Product) -> None:
    made = product.offer()
    actor, form = provider(made.operator_id), rule(first_monday(product), weeks=20)
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda _: product.services.departures.create(actor, made.package_id, form), range(6)
            )
        )
    assert sum(len(one.departures) for one in answers) == 20
    count = product.one(
        "select count(*), count(distinct starts_on) from departures where package_id = :id",
        id=made.package_id,
    )
    assert tuple(count) == (21, 21)


def test_a_draft_can_be_prepared_and_a_package_without_city_can_not(product: Product) -> None:
    made = product.offer(status="draft")
    actor, desk = provider(made.operator_id), product.services.departures
    form = rule(first_monday(product))
    assert len(desk.create(actor, made.package_id, form).departures) == 4
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text("delete from multi_city_hotel_package_cities where package_id = :id"),
            {"id": made.package_id},
        )
    with pytest.raises(Invalid) as refused:
        desk.create(actor, made.package_id, form)
    assert refused.value.code == "no_city"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first": "2020-01-01"}, "first"),
        ({"last": "2020-01-01"}, "last"),
        ({"weekdays": list(range(1, 8)), "last": "+600"}, "last"),
        ({"last": "+2000"}, "last"),
        ({"last": "+1"}, "weekdays"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [8]}, "weekdays.0"),
        ({"weekdays": ["5"]}, "weekdays.0"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1001}, "capacity"),
        ({"price": 0}, "price"),
        ({"price": "12"}, "price"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"first": "soon"}, "first"),
        ({"operator_id": "x"}, "operator_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_wrong_rule_is_refused_at_its_field(
    product: Product, change: dict[str, Any], field: str
) -> None:
    made, start = product.offer(), first_monday(product)
    data = rule(start).model_dump(mode="json") | change
    if str(data["last"]).startswith("+"):
        data["last"] = str(start + timedelta(days=int(data["last"])))
    with pytest.raises(Invalid) as refused:
        product.services.departures.create(
            provider(made.operator_id), made.package_id, parse(RuleForm, data)
        )
    assert [item.field for item in refused.value.fields] == [field]
    count = product.one(
        "select count(*) from departures where package_id = :id", id=made.package_id
    )
    assert count[0] == 1


def test_today_is_too_late(product: Product) -> None:
    made = product.offer()
    today = product.services.clock.now().date()
    form = DepartureForm(starts_on=today, capacity=4).as_rule()
    with pytest.raises(Invalid):
        product.services.departures.create(provider(made.operator_id), made.package_id, form)


def test_many_are_changed_at_once(product: Product) -> None:
    made = product.offer(price="1340.00")
    actor, desk = provider(made.operator_id), product.services.departures
    start = first_monday(product)
    rows = desk.create(actor, made.package_id, rule(start)).departures
    span = Selection(package_id=made.package_id, first=start, last=start + timedelta(days=20))

    dearer = desk.change(actor, span, DepartureChange(price=150000, capacity=20))
    closed = desk.change(
        actor,
        Selection(departure_ids=frozenset(row.id for row in rows[:2])),
        DepartureChange(status="closed", price=None),
    )

    assert [(row.price.minor, row.capacity) for row in dearer] == [(150000, 20)] * 3
    assert [(row.closed, row.own_price, row.price.minor) for row in closed] == [
        (True, False, 134000)
    ] * 2
    after = desk.of_package(actor, made.package_id)
    assert [row.own_price for row in after if row.starts_on <= rows[-1].starts_on] == [
        False,
        False,
        True,
        False,
    ]
    noted = product.one(
        "select count(*) from audit_log where action = 'departures.changed'"
        " and actor_id = :id and jsonb_array_length(data -> 'old') in (2, 3)",
        id=actor.user_id,
    )
    assert noted[0] == 2


def test_never_below_what_is_sold_and_held_and_all_or_nothing(product: Product) -> None:
    made = product.offer(seats=10)
    actor, desk = provider(made.operator_id), product.services.departures
    other = desk.create(actor, made.package_id, rule(first_monday(product), weeks=1)).departures[0]
    sell(product, made, GUEST)
    product.hold(made, adults=3)
    both = Selection(departure_ids=frozenset({made.departure_id, other.id}))

    with pytest.raises(Conflict) as refused:
        desk.change(actor, both, DepartureChange(capacity=4))

    assert refused.value.code == "departures_refused"
    told = refused.value.data["refusals"]
    assert [(one["sold"], one["held"], one["reason"]) for one in told] == [(2, 3, "below_sold")]
    assert told[0]["message"] == "2 sold and 3 held: 5 seats are the fewest it can have"
    assert capacity(made, product) == 10
    assert desk.get(actor, other.id).capacity == 16
    assert [row.capacity for row in desk.change(actor, both, DepartureChange(capacity=5))] == [5, 5]


def test_a_hold_that_has_ended_is_in_nobodys_way(product: Product, clock: Any) -> None:
    made = product.offer(seats=10)
    product.hold(made, adults=3)
    clock.move(minutes=40)
    actor, desk = provider(made.operator_id), product.services.departures
    assert desk.change(actor, only(made), DepartureChange(capacity=1))[0].capacity == 1
    assert desk.remove(actor, only(made)) == 1
    assert product.services.catalogue.departures(made.package_id) == ()


def test_what_somebody_booked_or_holds_is_not_deleted(product: Product) -> None:
    sold, held = product.offer(), product.offer()
    sell(product, sold, GUEST)
    product.hold(held)
    for made, reason in ((sold, "booked"), (held, "held")):
        with pytest.raises(Conflict) as refused:
            product.services.departures.remove(provider(made.operator_id), only(made))
        assert [one["reason"] for one in refused.value.data["refusals"]] == [reason]
        assert capacity(made, product) == 10


def test_a_booking_that_came_to_nothing_still_keeps_its_departure(
    product: Product, clock: Any
) -> None:
    made = product.offer()
    product.book(product.hold(made))
    clock.move(minutes=120)
    product.services.payments.reconcile()
    with pytest.raises(Conflict):
        product.services.departures.remove(provider(made.operator_id), only(made))


def test_what_has_departed_stays_as_it_was(product: Product) -> None:
    made = product.offer(starts_in=-3)
    with pytest.raises(Conflict) as refused:
        product.services.departures.change(
            provider(made.operator_id), only(made), DepartureChange(capacity=1)
        )
    assert refused.value.data["refusals"][0]["reason"] == "departed"


def test_another_operators_departures_do_not_exist(product: Product) -> None:
    mine, theirs = product.offer(), product.offer()
    actor, desk = provider(mine.operator_id), product.services.departures
    form = rule(first_monday(product))
    mixed = Selection(departure_ids=frozenset({mine.departure_id, theirs.departure_id}))
    later = product.services.clock.now().date() + timedelta(days=900)
    span = Selection(package_id=theirs.package_id, first=date(2026, 1, 1), last=later)
    attempts = (
        lambda: desk.get(actor, theirs.departure_id),
        lambda: desk.of_package(actor, theirs.package_id),
        lambda: desk.plan(actor, theirs.package_id, form),
        lambda: desk.create(actor, theirs.package_id, form),
        lambda: desk.change(actor, only(theirs), DepartureChange(capacity=1)),
        lambda: desk.change(actor, mixed, DepartureChange(capacity=1)),
        lambda: desk.change(actor, span, DepartureChange(capacity=1)),
        lambda: desk.remove(actor, mixed),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert desk.between(actor, date(2026, 1, 1), later, theirs.package_id) == ()
    assert capacity(theirs, product) == capacity(mine, product) == 10


def test_a_viewer_sees_and_changes_nothing(product: Product) -> None:
    made = product.offer()
    desk = product.services.departures
    viewer = Actor(
        role="provider", source="supabase", operator_id=made.operator_id, operator_role="viewer"
    )
    assert desk.get(viewer, made.departure_id).capacity == 10
    for attempt in (
        lambda: desk.create(viewer, made.package_id, rule(first_monday(product))),
        lambda: desk.change(viewer, only(made), DepartureChange(capacity=1)),
        lambda: desk.remove(viewer, only(made)),
        lambda: desk.get(GUEST, made.departure_id),
    ):
        with pytest.raises(Forbidden):
            attempt()


@pytest.mark.parametrize(
    "select",
    [
        {},
        {"departure_ids": []},
        {"package_id": "01890000-0000-7000-8000-000000000000"},
        {"first": "2027-01-01", "last": "2027-02-01"},
        {
            "departure_ids": ["01890000-0000-7000-8000-000000000000"],
            "first": "2027-01-01",
        },
        {"departure_ids": "all"},
        {"departure_ids": ["01890000-0000-7000-8000-000000000000"] * 2, "operator_id": "x"},
    ],
    ids=["nothing", "no ids", "package alone", "range alone", "both", "words", "unknown"],
)
def test_a_selection_is_named_in_one_way(select: Any) -> None:
    with pytest.raises(Invalid):
        parse(BulkChange, {"select": select, "change": {"capacity": 4}})


GATE = """
    create function at_the_gate() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$;
    create trigger at_the_gate before update on departures
      for each statement execute function at_the_gate();
"""
"""Between counting what is taken and writing, before any row is touched: the moment in which
a hold must not slip in. The change waits there until the test opens."""
AT_THE_GATE = text(
    "select count(*) from pg_locks join pg_database on pg_database.oid = database where"
    " locktype = 'advisory' and objid = 4711 and not granted and datname = current_database()"
)


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_twenty_reserve_while_the_operator_takes_seats_away(product: Product, lock: bool) -> None:
    made = product.offer(seats=20)
    desk = Departures(product.database, product.services.clock, lock=lock)
    with product.database.unit(RDS) as session:
        session.execute(text(GATE))

    def reserve(_: int) -> bool:
        try:
            product.hold(made, adults=1)
        except EcosystemError:
            return False
        return True

    with (
        ThreadPoolExecutor(21) as pool,
        product.database.engines["rds"].connect() as gate,
    ):
        gate.execute(text("select pg_advisory_lock(4711)"))
        shrinking = pool.submit(
            desk.change, provider(made.operator_id), only(made), DepartureChange(capacity=1)
        )
        eventually(lambda: gate.execute(AT_THE_GATE).scalar_one(), "change at the gate", 20)
        reserving = [pool.submit(reserve, number) for number in range(20)]
        # With the lock they wait behind the change, without it they are through before it.
        wait(reserving, timeout=1 if lock else 30)
        gate.execute(text("select pg_advisory_unlock(4711)"))
        held = sum(one.result() for one in reserving)
        refused = isinstance(shrinking.exception(), Conflict)
    seats = capacity(made, product)
    if lock:
        assert held <= seats
        assert seats == (20 if refused else 1)
    else:
        assert held > seats, "without the row lock it must go below what is held, or proves nothing"


def test_departures_to_come_follow_the_cities_of_their_package(product: Product) -> None:
    made, over = product.offer(), product.offer(starts_in=-2)
    actor, editor = provider(made.operator_id), product.services.editor
    reference = sell(product, made, GUEST)
    draft = editor.open(actor, made.package_id)
    stays = [{**stay, "nights": 1} for stay in content_of(draft)["stays"]]

    editor.save(
        actor, made.package_id, parse(DraftForm, {"version": draft.version, "stays": stays})
    )

    row = product.services.departures.get(actor, made.departure_id)
    assert row.ends_on - row.starts_on == timedelta(days=2)
    booked = product.one(
        "select ends_on - starts_on from bookings where reference = :r", r=reference
    )
    assert booked[0] == 8  # what was sold stays as it was sold
    past = product.services.departures.get(provider(over.operator_id), over.departure_id)
    assert past.ends_on - past.starts_on == timedelta(days=8)


def test_a_price_at_which_a_room_would_cost_nothing_is_not_saved(product: Product) -> None:
    made = product.offer(occupancy_prices={"3": "1040.00"})
    actor, desk = provider(made.operator_id), product.services.departures
    first = first_monday(product)
    for refused in (
        lambda: desk.create(actor, made.package_id, rule(first, price=30_000)),
        lambda: desk.plan(actor, made.package_id, rule(first, price=30_000)),
        lambda: desk.change(actor, only(made), DepartureChange(price=30_000)),
    ):
        with pytest.raises(Invalid) as told:
            refused()
        assert [(f.field, "EUR 300.01" in f.message) for f in told.value.fields] == [
            ("price", True)
        ]
    desk.create(actor, made.package_id, rule(first, price=30_001))
    assert desk.change(actor, only(made), DepartureChange(price=30_001))[0].price.minor == 30_001


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_departures_and_another_currency_do_not_cross(product: Product, lock: bool) -> None:
    made = product.offer()
    actor, editor = provider(made.operator_id), product.services.editor
    product.services.departures.remove(actor, only(made))
    desk = Departures(product.database, product.services.clock, lock=lock)
    draft = editor.open(actor, made.package_id)
    form = parse(DraftForm, {"version": draft.version, "currency": "JPY"})
    with product.database.unit(RDS) as session:
        session.execute(text(GATE.replace("before update", "before insert")))
    with (
        ThreadPoolExecutor(2) as pool,
        product.database.engines["rds"].connect() as gate,
    ):
        gate.execute(text("select pg_advisory_lock(4711)"))
        adding = pool.submit(desk.create, actor, made.package_id, rule(first_monday(product)))
        eventually(lambda: gate.execute(AT_THE_GATE).scalar_one(), "departures at the gate", 20)
        saving = pool.submit(editor.save, actor, made.package_id, form)
        wait([saving], timeout=1 if lock else 30)
        gate.execute(text("select pg_advisory_unlock(4711)"))
        adding.result()
        refused = saving.exception()
    kept = product.one("select distinct currency from departures").currency
    now = content_of(editor.open(actor, made.package_id))["currency"]
    assert isinstance(refused, Invalid) is lock
    assert (kept == now) is lock, "without the lock they must cross, or this proves nothing"
