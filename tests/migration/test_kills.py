"""`kill -9` in the middle of everything, with writers at full speed who remember what was saved."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database
from tests.migration.books import BOOKS, Book, legacy_door, product_door
from tests.migration.commands import Command
from tests.migration.conftest import FreshPair
from tests.migration.witnesses import Crowd

ROUTE = ("prepare", "copy", "switch", "rollback", "switch")
"""What a group goes through; each is killed several times before it may end."""


@dataclass
class Figures:
    """What many runs came to."""

    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    refused: int = 0
    waited: list[float] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{n} in {what}" for what, n in self.kills.items())
        pauses = sorted(self.pauses)
        return (
            f"{self.runs} runs, {self.kills.total()} kills ({kills}):"
            f" {self.acknowledged:,} transactions acknowledged, {len(self.wrong)} rows lost, ghosts"
            f" or stale; {self.refused:,} writes of the old application refused;"
            f" longest wait of anybody {max(self.waited):.2f} s; pauses {pauses[:1]}…{pauses[-1:]} ms"
        )


class Run:
    """One group on its whole way and back, in a pair of databases of its own."""

    def __init__(
        self,
        addresses: dict[str, Address],
        book: Book,
        seed: int,
        said: Path,
        *,
        rows: int,
        rest: float,
    ) -> None:
        self._addresses, self._book, self._said = addresses, book, said
        self._dice = random.Random(seed)
        self._seed = seed
        self._rest = rest
        self._watch = psycopg.connect(addresses["rds"].libpq, autocommit=True)
        self._watch_supabase = psycopg.connect(addresses["supabase"].libpq, autocommit=True)
        _fill(self._watch_supabase, rows)

    def close(self) -> None:
        self._watch.close()
        self._watch_supabase.close()

    def go(self, figures: Figures, kills: int) -> None:
        """The route, killed up to ``kills`` times at each station."""
        databases = [
            Database(
                rds_engine(self._addresses["rds"], pool_size=3),
                supabase_engine(self._addresses["supabase"], pool_size=3),
            )
            # Two processes of the product, each with a memory of its own of where the group is.
            for _ in range(2)
        ]
        doors = [
            *(product_door(one, self._book.group) for one in databases),
            *(legacy_door(one) for one in databases),
        ]
        crowd = Crowd(self._book, doors, self._seed)
        try:
            with crowd.at_work(self._rest):
                for station in ROUTE:
                    self._killed(station, kills, figures)
                    time.sleep(self._dice.uniform(0.0, 0.2))
            figures.wrong += [
                f"seed {self._seed}, written in RDS: {line}"
                for line in crowd.differences(_reader(self._watch))
            ]
            self._at_rest("rollback")
            figures.wrong += [
                f"seed {self._seed}, back in Supabase: {line}"
                for line in (
                    *crowd.differences(_reader(self._watch_supabase)),
                    *self._unequal(),
                    *(f"told to a user: {line}" for line in crowd.errors),
                )
            ]
        finally:
            for one in databases:
                one.dispose()
        figures.runs += 1
        figures.acknowledged += crowd.acknowledged
        figures.refused += sum(one.moved_away for one in crowd.witnesses)
        figures.waited.append(max(one.slowest for one in crowd.witnesses))
        figures.pauses += [
            row[0]
            for row in self._watch.execute(
                "select (data ->> 'pause_ms')::integer from audit_log where data ? 'pause_ms'"
            )
        ]

    def _killed(self, station: str, kills: int, figures: Figures) -> None:
        for _ in range(kills):
            command = self._command(station)
            double = self._command("copy") if self._dice.random() < 0.2 else None
            lived = self._dice.uniform(0.05, 0.5)
            done = command.ended_within(lived) and command.code == 0
            for one in filter(None, (command, double)):
                if one.kill():
                    figures.kills[one.words[0]] += 1
            if done:
                return
        self._at_rest(station)

    def _at_rest(self, station: str) -> None:
        """Done to its end; what was killed in the pause keeps the gate closed for its time."""
        until = time.monotonic() + 60
        while self._command(station).finish() != 0:
            assert time.monotonic() < until, self._said.read_text()[-2_000:]
            time.sleep(0.3)

    def _command(self, station: str) -> Command:
        return Command((station, self._book.group), self._addresses, self._said)

    def _unequal(self) -> list[str]:
        """Tables that are not the same on both sides."""
        found = []
        for table in self._book.tables:
            # Rows as text, in the order of the keys and with columns by name.
            query = (
                "select md5(string_agg(j::text, ',' order by id)) from"
                f" (select id, to_jsonb(t) as j from {table} t) s"
            )
            sums = {
                side.execute(query).fetchone()  # type: ignore[arg-type]
                for side in (self._watch, self._watch_supabase)
            }
            if len(sums) > 1:
                found.append(f"{table} is not the same on both sides")
        return found


def _reader(side: psycopg.Connection[Any]) -> Callable[..., Any]:
    return lambda statement, *values: side.execute(statement, values)


def _fill(side: psycopg.Connection[Any], rows: int) -> None:
    """Rows that nobody changes, so that copying takes its time."""
    side.execute(
        "insert into multi_city_hotel_package_addons (package_id, name, price)"
        " select gen_random_uuid(), 'Transfer ' || n, mod(n, 90) from generate_series(1, %s) n",
        (rows,),
    )


@pytest.mark.parametrize("group", list(BOOKS))
def test_nothing_is_lost_whenever_a_process_is_killed(
    group: str, pair: Callable[[], FreshPair], tmp_path: Path, soak: bool
) -> None:
    runs, rows, kills = (50, 60_000, 6) if soak else (1, 3_000, 1)
    figures = Figures()
    for seed in range(runs):
        with pair() as addresses:
            run = Run(
                addresses,
                BOOKS[group],
                seed,
                tmp_path / f"said-{seed}",
                rows=rows,
                # The short form leaves the machine to the tests beside it.
                rest=0.0 if soak else 0.005,
            )
            try:
                run.go(figures, kills)
            finally:
                run.close()
        print(f"{group}: {figures}", flush=True)
        assert not figures.wrong, figures
