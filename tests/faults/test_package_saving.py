"""A save reaches two move groups whole: killed anywhere, or with another editor in between."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS, RDS
from ecosystem.database.queries import package_versions
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.drafts import PackageDraft
from ecosystem.domain.errors import EcosystemError, NotFound, Unavailable
from ecosystem.services.package_editor import PackageEditor
from ecosystem.services.package_editor.saving import Saving
from tests.product import Offer, Product
from tests.services.test_package_editor import editor_of, form, rows_of


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A database whose user dies before or after its n-th transaction."""

    def __init__(self, database: Database, at: int) -> None:
        self._database, self._left = database, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    @contextmanager
    def unit(self, group: str) -> Iterator[RoutedSession]:
        self._step()
        with self._database.unit(group) as session:
            yield session
        self._step()


def two_versions(draft: PackageDraft) -> tuple[dict[str, Any], set[tuple[Any, ...]]]:
    """A change of both groups, and what the package may be afterwards: before or after it."""
    stays, addons = rows_of(draft, "stays"), rows_of(draft, "addons")
    change = {
        "title": "Changed",
        "stays": [stays[1], {**stays[0], "id": None, "city": "Naples"}],
        "addons": [{**addons[0], "price": 9900}],
        "exclusions": [{"text": "Flights"}],
    }
    after = ("Changed", ("Florence", "Naples"), (9900,), ("Flights",))
    return change, {seen(draft), after}


def seen(draft: PackageDraft) -> tuple[Any, ...]:
    return (
        draft.title,
        tuple(stay.city for stay in draft.stays),
        tuple(addon.price.minor for addon in draft.addons),
        tuple(line.text for line in draft.exclusions),
    )


def kill_everywhere(product: Product, made: Offer) -> set[tuple[Any, ...]]:
    """Kill a save at every step; what was found afterwards that is neither before nor after."""
    gaia, editor = editor_of(made), product.services.editor
    broken: set[tuple[Any, ...]] = set()
    for at in range(1, 60):
        draft = editor.duplicate(gaia, made.package_id)
        change, whole = two_versions(draft)
        mortal: Any = Mortal(product.database, at)
        dying = PackageEditor(mortal, product.services.catalogue, product.services.clock)
        try:
            dying.save(gaia, draft.id, form(draft, **change))
        except Killed:
            now = editor.open(editor_of(made, "Marco Neri"), draft.id)
            if seen(now) not in whole:
                broken.add(seen(now))
            again = editor.save(gaia, draft.id, form(now, summary="Goes on"))
            assert again.version == now.version + 1
            continue
        assert at > 12
        return broken
    raise AssertionError("the save never ended")


def test_a_save_that_is_killed_is_whole_or_never_was(product: Product, made: Offer) -> None:
    assert kill_everywhere(product, made) == set()
    left = product.one("select count(*) as n from package_versions where state = 'intended'")
    assert left.n == 0


def test_control_without_finishing_it_would_be_half(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(self: Saving, lock: Any, known: Any, begun: Any) -> None:
        with product.database.unit(RDS) as session:
            package_versions.drop_begun(session, known.id)

    monkeypatch.setattr(Saving, "_finish_or_forget", forget)
    assert ("Changed", ("Florence", "Naples"), (1200, 4800), ()) in kill_everywhere(product, made)


def test_the_worker_finishes_what_nobody_opens(product: Product, made: Offer, clock: Any) -> None:
    gaia, editor = editor_of(made), product.services.editor
    drafts = [editor.duplicate(gaia, made.package_id) for _ in range(14)]
    for at, draft in enumerate(drafts, start=3):
        mortal: Any = Mortal(product.database, at)
        dying = PackageEditor(mortal, product.services.catalogue, clock)
        with pytest.raises(Killed):
            dying.save(gaia, draft.id, form(draft, **two_versions(draft)[0]))
    assert editor.repair() == 0
    clock.move(seconds=40)
    assert editor.repair() > 0
    left = product.one("select count(*) as n from package_versions where state = 'intended'")
    assert left.n == 0
    for draft in drafts:
        assert seen(editor.open(gaia, draft.id)) in two_versions(draft)[1]


@pytest.mark.parametrize("what", ["duplicate", "delete"])
def test_making_and_deleting_survive_a_kill(
    product: Product, made: Offer, clock: Any, what: str
) -> None:
    gaia, editor = editor_of(made), product.services.editor
    for at in range(1, 60):
        subject = editor.duplicate(gaia, made.package_id)
        mortal: Any = Mortal(product.database, at)
        dying = PackageEditor(mortal, product.services.catalogue, clock)
        try:
            if what == "delete":
                dying.delete(gaia, subject.id)
            else:
                dying.duplicate(gaia, subject.id)
        except Killed:
            clock.move(seconds=40)
            editor.repair()
            orphans = product.one(
                "select count(*) as n from package_versions where state = 'intended'"
            )
            assert orphans.n == 0
            assert extras_without_package(product) == 0
            try:
                assert len(editor.open(gaia, subject.id).addons) == 2
            except NotFound:
                assert what == "delete"
            continue
        assert at > 5
        return
    raise AssertionError("it never ended")


def extras_without_package(product: Product) -> int:
    with product.database.unit(PACKAGE_EXTRAS) as connection:
        return connection.execute(
            text(
                "select count(*) from multi_city_hotel_package_addons a where not exists"
                " (select 1 from multi_city_hotel_packages p where p.id = a.package_id)"
            )
        ).scalar_one()


def late_extras(product: Product, made: Offer, *, cut: bool) -> tuple[Any, ...]:
    """A stops before its add-ons are written, B saves meanwhile, A goes on; what is there then.

    ``cut``: A loses the connection that holds its lock while it stands still.
    """
    gaia, marco = editor_of(made), editor_of(made, "Marco Neri")
    editor = product.services.editor
    draft = editor.open(gaia, made.package_id)
    stays, addons = rows_of(draft, "stays"), rows_of(draft, "addons")
    waiting, go_on = threading.Event(), threading.Event()

    class Slow(Mortal):
        @contextmanager
        def unit(self, group: str) -> Iterator[RoutedSession]:
            if group == PACKAGE_EXTRAS and threading.current_thread() is thread:
                self._left += 1
                if self._left == 2:  # the first one only reads
                    waiting.set()
                    go_on.wait(60)
            with self._database.unit(group) as session:
                yield session

    slow_database: Any = Slow(product.database, 0)
    slow = PackageEditor(slow_database, product.services.catalogue, product.services.clock)

    def save() -> None:
        with suppress(EcosystemError):
            mine = [{**addons[0], "price": 6600}, addons[1]]
            slow.save(gaia, draft.id, form(draft, title="By A", addons=mine))

    thread = threading.Thread(target=save)
    thread.start()
    assert waiting.wait(60)
    if cut:
        with product.database.engines["rds"].connect() as connection:
            connection.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                    " and database = (select oid from pg_database"
                    " where datname = current_database())"
                )
            )
    with suppress(Unavailable):
        now = editor.open(marco, draft.id)
        kept = [{**addons[0], "price": 7700}, addons[1]]
        editor.save(marco, draft.id, form(now, title="By B", stays=stays[:1], addons=kept))
    go_on.set()
    thread.join()
    return seen(editor.open(marco, draft.id))


BY_A = ("By A", ("Rome", "Florence"), (6600, 4800), ())
BY_B = ("By B", ("Rome",), (7700, 4800), ())


def test_a_second_editor_waits_for_the_first(product: Product, made: Offer) -> None:
    assert late_extras(product, made, cut=False) == BY_A


def test_control_without_the_lock_the_two_would_be_mixed(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_versions, "lock", lambda *_: None)
    assert late_extras(product, made, cut=False) not in (BY_A, BY_B)


def test_who_lost_the_lock_writes_nothing_more(product: Product, made: Offer) -> None:
    assert late_extras(product, made, cut=True) == BY_B


def test_control_who_lost_the_lock_would_write(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_versions, "still_there", lambda _: None)
    assert late_extras(product, made, cut=True) not in (BY_A, BY_B)


def test_many_at_once_never_mix(product: Product, made: Offer) -> None:
    editor = product.services.editor
    draft = editor.open(editor_of(made), made.package_id)
    stays, addons = rows_of(draft, "stays"), rows_of(draft, "addons")
    outcomes: list[str] = []

    def save(number: int) -> None:
        price = 1000 + number
        change = form(
            draft,
            stays=[{**stays[0], "hotel_name": f"Hotel {price}"}],
            addons=[{**addons[0], "price": price}],
        )
        try:
            editor.save(editor_of(made, f"Editor {number}"), made.package_id, change)
            outcomes.append("saved")
        except EcosystemError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = editor.open(editor_of(made), made.package_id)
    assert now.stays[0].hotel_name == f"Hotel {now.addons[0].price.minor}"
    assert outcomes.count("saved") == 1
    assert set(outcomes) <= {"saved", "edited_elsewhere", "busy"}


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()
