"""How rows are written, by each kind of writer into each group, and what they have to be then."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import SUPABASE
from ecosystem.database.unit_of_work import Database

ADDONS, EXCLUSIONS = "multi_city_hotel_package_addons", "multi_city_hotel_package_exclusions"
PACKAGES, CITIES = "multi_city_hotel_packages", "multi_city_hotel_package_cities"

Run = Callable[..., Any]
"""Run one statement with ``%s`` values in the transaction; gives a cursor."""
Door = Callable[[], AbstractContextManager[Run]]
"""Each call is one transaction, which commits when its block ends well."""
Rows = dict[tuple[str, UUID], tuple[Any, ...]]


class MovedAway(Exception):
    """The database has refused: the table is written elsewhere."""


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
