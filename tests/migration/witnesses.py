"""People who write at full speed and remember what was acknowledged.

Each has rows of its own, so that it knows to the letter what they have to be, a diary that counts
its acknowledged transactions, and adds to rows that all share. What a database has afterwards is
held against their memory: a row is *lost*, a *ghost* or *stale*, or all is well.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import SUPABASE
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable

ADDONS, EXCLUSIONS = "multi_city_hotel_package_addons", "multi_city_hotel_package_exclusions"
PACKAGES, CITIES = "multi_city_hotel_packages", "multi_city_hotel_package_cities"

Run = Callable[..., Any]
"""Run one statement with ``%s`` values in the transaction; gives a cursor."""
Door = Callable[[], AbstractContextManager[Run]]
"""Each call is one transaction, which commits when its block ends well."""
Rows = dict[tuple[str, UUID], tuple[Any, ...]]


class MovedAway(Exception):
    """The database has refused: the table is written elsewhere."""


class _Regret(Exception):
    """The writer changes its mind: everything is rolled back."""


def product_door(database: Database, group: str) -> Door:
    """The way of the product: a unit of work, wherever the group is now."""

    @contextmanager
    def door() -> Iterator[Run]:
        with database.unit(group) as session:
            connection = session.connection()
            yield lambda statement, *values: connection.exec_driver_sql(statement, values)

    return door


def legacy_door(database: Database) -> Door:
    """The way of the old application: always Supabase, whoever has authority."""
    engine = database.engines[SUPABASE]

    @contextmanager
    def door() -> Iterator[Run]:
        try:
            with engine.begin() as connection:
                yield lambda statement, *values: connection.exec_driver_sql(statement, values)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == "MG001":
                raise MovedAway(str(error.orig)) from error
            raise

    return door


class Book(Protocol):
    """What is written in a group's tables, and what it has to read as."""

    @property
    def group(self) -> str: ...
    @property
    def tables(self) -> tuple[str, ...]: ...

    def begin(self, run: Run, owner: UUID, diary: UUID) -> None: ...
    def turn_page(self, run: Run, diary: UUID) -> int: ...
    def change(self, run: Run, dice: random.Random, owner: UUID, rows: Rows) -> None: ...
    def read(self, run: Run, owner: UUID, diary: UUID) -> Rows: ...
    def value(self, run: Run, key: UUID) -> int: ...


class Extras:
    """Add-ons and exclusions: nothing between them, keys that change."""

    group = "package_extras"
    tables: tuple[str, ...] = (ADDONS, EXCLUSIONS)
    _columns = {ADDONS: ("name", "price"), EXCLUSIONS: ("text", "position")}

    def begin(self, run: Run, owner: UUID, diary: UUID) -> None:
        run(
            f"insert into {ADDONS} (id, package_id, name, price) values (%s, %s, 'diary', 0)",
            diary,
            owner,
        )

    def turn_page(self, run: Run, diary: UUID) -> int:
        row = run(
            f"update {ADDONS} set price = price + 1 where id = %s returning price", diary
        ).fetchone()
        return int(row[0]) if row else -1

    def value(self, run: Run, key: UUID) -> int:
        row = run(f"select price from {ADDONS} where id = %s", key).fetchone()
        return int(row[0]) if row else -1

    def change(self, run: Run, dice: random.Random, owner: UUID, rows: Rows) -> None:
        table = dice.choice(list(self._columns))
        words, number = self._columns[table]
        mine = [key for where, key in rows if where == table]
        value = (f"v{dice.randrange(10**6)}", dice.randrange(1000))
        insert = f"insert into {table} (id, package_id, {words}, {number}) values (%s, %s, %s, %s)"
        what = dice.choice(["add", "change", "drop", "again", "rekey", "all"])
        if what == "add" or not mine:
            if len(mine) < 30:
                key = new_key(dice)
                run(insert, key, owner, *value)
                rows[table, key] = value
            return
        key = dice.choice(mine)
        match what:
            case "change":
                run(f"update {table} set {words} = %s, {number} = %s where id = %s", *value, key)
                rows[table, key] = value
            case "drop":
                run(f"delete from {table} where id = %s", key)
                del rows[table, key]
            case "again":
                run(f"delete from {table} where id = %s", key)
                run(insert, key, owner, *value)
                rows[table, key] = value
            case "rekey":
                other = new_key(dice)
                run(f"update {table} set id = %s where id = %s", other, key)
                rows[table, other] = rows.pop((table, key))
            case _:
                also = "" if table == EXCLUSIONS else " and name <> 'diary'"
                run(
                    f"update {table} set {number} = {number} + 1 where package_id = %s{also}",
                    owner,
                )
                for one in mine:
                    text, count = rows[table, one]
                    rows[table, one] = (text, count + 1)

    def read(self, run: Run, owner: UUID, diary: UUID) -> Rows:
        return {
            (table, row[0]): (row[1], int(row[2]))
            for table, (words, number) in self._columns.items()
            for row in run(
                f"select id, {words}, {number} from {table} where package_id = %s and id <> %s",
                owner,
                diary,
            ).fetchall()
        }


class Packages:
    """Packages and their cities: a key between them, unique slugs and places that are swapped."""

    group = "packages"
    tables: tuple[str, ...] = (PACKAGES, CITIES)

    def begin(self, run: Run, owner: UUID, diary: UUID) -> None:
        self._insert(run, diary, owner, "diary", f"d-{diary}")

    def turn_page(self, run: Run, diary: UUID) -> int:
        row = run(
            f"update {PACKAGES} set version = version + 1 where id = %s returning version", diary
        ).fetchone()
        return int(row[0]) - 1 if row else -1

    def value(self, run: Run, key: UUID) -> int:
        row = run(f"select version from {PACKAGES} where id = %s", key).fetchone()
        return int(row[0]) - 1 if row else -1

    def change(self, run: Run, dice: random.Random, owner: UUID, rows: Rows) -> None:
        mine = [key for table, key in rows if table == PACKAGES]
        what = dice.choice(["add", "retitle", "drop", "slugs", "places", "rekey"])
        if what == "add" or len(mine) < 2:
            if len(mine) < 15:
                self._add(run, dice, owner, rows)
            return
        key, other = dice.sample(mine, 2)
        cities = [(at, row) for at, row in rows.items() if at[0] == CITIES and row[0] == key]
        match what:
            case "retitle":
                title = f"t{dice.randrange(10**6)}"
                run(f"update {PACKAGES} set title = %s where id = %s", title, key)
                rows[PACKAGES, key] = (title, rows[PACKAGES, key][1])
            case "drop":
                run(f"delete from {PACKAGES} where id = %s", key)
                del rows[PACKAGES, key]
                for at, _ in cities:
                    del rows[at]
            case "slugs":
                (a, slug), (b, another) = rows[PACKAGES, key], rows[PACKAGES, other]
                set_slug = f"update {PACKAGES} set slug = %s where id = %s"
                run(set_slug, f"x-{key}", key)
                run(set_slug, slug, other)
                run(set_slug, another, key)
                rows[PACKAGES, key], rows[PACKAGES, other] = (a, another), (b, slug)
            case "places":
                (one, first), (two, second) = cities
                move = f"update {CITIES} set position = %s where id = %s"
                run(move, 99, one[1])
                run(move, first[1], two[1])
                run(move, second[1], one[1])
                rows[one], rows[two] = (key, second[1]), (key, first[1])
            case _:
                at, row = cities[0]
                fresh = new_key(dice)
                run(f"update {CITIES} set id = %s where id = %s", fresh, at[1])
                del rows[at]
                rows[CITIES, fresh] = row

    def _add(self, run: Run, dice: random.Random, owner: UUID, rows: Rows) -> None:
        key = new_key(dice)
        self._insert(run, key, owner, "new", f"s-{key}")
        rows[PACKAGES, key] = ("new", f"s-{key}")
        for place in (1, 2):
            city = new_key(dice)
            run(
                f"insert into {CITIES} (id, package_id, position, city, country, latitude,"
                " longitude, timezone, nights) values (%s, %s, %s, 'X', 'XX', 0, 0, 'UTC', 1)",
                city,
                key,
                place,
            )
            rows[CITIES, city] = (key, place)

    def _insert(self, run: Run, key: UUID, owner: UUID, title: str, slug: str) -> None:
        run(
            f"insert into {PACKAGES} (id, operator_id, title, slug, currency, base_price)"
            " values (%s, %s, %s, %s, 'EUR', 100)",
            key,
            owner,
            title,
            slug,
        )

    def read(self, run: Run, owner: UUID, diary: UUID) -> Rows:
        found: Rows = {
            (PACKAGES, row[0]): (row[1], row[2])
            for row in run(
                f"select id, title, slug from {PACKAGES} where operator_id = %s and id <> %s",
                owner,
                diary,
            ).fetchall()
        }
        keys = [key for _, key in found]
        cities = f"select id, package_id, position from {CITIES} where package_id = any(%s)"
        for row in run(cities, keys).fetchall():
            found[CITIES, row[0]] = (row[1], row[2])
        return found


BOOKS: dict[str, Book] = {"package_extras": Extras(), "packages": Packages()}


def new_key(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


class Witness:
    """One writer and its memory.

    Attributes:
        acknowledged, regretted, moved_away: transactions that were committed, rolled back by the
            writer, refused because the group is elsewhere.
        slowest: seconds of the longest transaction that was acknowledged.
        wrong: what it saw that contradicts its memory.
        errors: what it was told besides; a user would have seen it.
    """

    def __init__(self, door: Door, book: Book, seed: int, shared: Sequence[UUID] = ()) -> None:
        self._door, self._book, self._shared = door, book, shared
        self._dice = random.Random(seed)
        self.owner, self.diary = new_key(self._dice), new_key(self._dice)
        self.rows: Rows = {}
        self.added: Counter[UUID] = Counter()
        self.acknowledged = self.regretted = self.moved_away = 0
        self.slowest = 0.0
        self.wrong: list[str] = []
        self.errors: list[str] = []

    def begin(self) -> None:
        """Open the diary."""
        with self._door() as run:
            self._book.begin(run, self.owner, self.diary)

    def once(self, *, pause: float = 0.0) -> bool:
        """One transaction of some changes; whether it was acknowledged. ``pause``: seconds that it
        stays open at its end."""
        after, added = dict(self.rows), Counter(self.added)
        regret = self._dice.random() < 0.12
        began = time.monotonic()
        try:
            with self._door() as run:
                page = self._book.turn_page(run, self.diary)
                if page != self.acknowledged + 1:
                    self.wrong.append(f"page {page} after {self.acknowledged} were acknowledged")
                for _ in range(self._dice.randint(1, 3)):
                    self._book.change(run, self._dice, self.owner, after)
                if self._shared and self._dice.random() < 0.3:
                    key = self._dice.choice(self._shared)
                    self._book.turn_page(run, key)
                    added[key] += 1
                if pause:
                    time.sleep(pause)
                if regret:
                    raise _Regret
        except _Regret:
            self.regretted += 1
            return False
        except MovedAway:
            self.moved_away += 1
            return False
        except Unavailable as error:
            self.errors.append(error.detail)
            return False
        self.rows, self.added = after, added
        self.acknowledged += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        return True

    def differences(self, run: Run) -> list[str]:
        """What a database has otherwise than was acknowledged: lost, ghost and stale rows."""
        found = self._book.read(run, self.owner, self.diary)
        told = list(self.wrong)
        for where in self.rows.keys() | found.keys():
            if where not in found:
                told.append(f"lost: {where}")
            elif where not in self.rows:
                told.append(f"ghost: {where}")
            elif found[where] != self.rows[where]:
                told.append(f"stale: {where} is {found[where]}, not {self.rows[where]}")
        page = self._book.value(run, self.diary)
        if page != self.acknowledged:
            told.append(f"diary has {page}, {self.acknowledged} were acknowledged")
        return told


class Crowd:
    """Witnesses who write at once, each in a thread, over rows that they share."""

    def __init__(self, book: Book, doors: Sequence[Door], seed: int, shared: int = 3) -> None:
        self._book = book
        dice = random.Random(seed)
        self._shared = [new_key(dice) for _ in range(shared)]
        self.witnesses = [Witness(door, book, dice.getrandbits(32), self._shared) for door in doors]
        with doors[0]() as run:
            for key in self._shared:
                book.begin(run, new_key(dice), key)
        for one in self.witnesses:
            one.begin()

    @contextmanager
    def at_work(self, rest: float = 0.0) -> Iterator[None]:
        """All of them write until the block ends, with ``rest`` seconds between two transactions."""
        stop = threading.Event()
        failures: list[BaseException] = []

        def run(one: Witness, seed: int) -> None:
            dice = random.Random(seed)
            try:
                while not stop.is_set():
                    # Now and then somebody keeps a transaction open.
                    slow = dice.random() < 0.01
                    done = one.once(pause=dice.uniform(0.02, 0.15) if slow else 0.0)
                    time.sleep(rest if done else 0.002)
            except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
                failures.append(error)

        threads = [
            threading.Thread(target=run, args=(one, seed), name=f"witness {seed}")
            for seed, one in enumerate(self.witnesses)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not failures, failures

    def differences(self, run: Run) -> list[str]:
        """Of all of them, and of what they share."""
        told = [line for one in self.witnesses for line in one.differences(run)]
        for key in self._shared:
            expected = sum(one.added[key] for one in self.witnesses)
            if (value := self._book.value(run, key)) != expected:
                told.append(f"shared row has {value}, {expected} were acknowledged")
        return told

    @property
    def acknowledged(self) -> int:
        return sum(one.acknowledged for one in self.witnesses)

    @property
    def errors(self) -> list[str]:
        return [line for one in self.witnesses for line in one.errors]
