"""The SQL of one call of the product, taken down while it runs, and sent again bare.

The baseline can therefore not drift from the product: it is what the product sent, in the
same transactions, without the product around it.
"""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, event

from ecosystem.database.engines import Address

Statement = tuple[str, Any]
"""SQL as psycopg is given it, and its parameters (a mapping, a sequence or None)."""
Transaction = list[Statement]
T = TypeVar("T")


class Recorder:
    """Connections of ``engine`` that are made from now on take down what is sent."""

    def __init__(self, engine: Engine) -> None:
        self.transactions: list[Transaction] = []
        self._current: Transaction = []
        self._on = False
        recorder = self

        class Cursor(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
                recorder._take_down(query, params)
                return super().execute(query, params, **more)

        @event.listens_for(engine, "connect")
        def _(connection: Any, _: Any) -> None:
            connection.cursor_factory = Cursor

        # A unit of work borrows a connection for one transaction.
        @event.listens_for(engine, "checkin")
        def _(*_: Any) -> None:
            recorder._close()

    def _take_down(self, query: Any, params: Any) -> None:
        if self._on:
            self._current.append((str(query), params))

    def _close(self) -> None:
        if self._current:
            self.transactions.append(self._current)
            self._current = []

    @contextmanager
    def recording(self) -> Iterator[list[Transaction]]:
        """Take down what happens inside; the list is complete at its end."""
        self.transactions, self._current, self._on = [], [], True
        try:
            yield self.transactions
        finally:
            self._on = False
            self._close()


@dataclass(frozen=True)
class Call:
    """All transactions of one call of the product, in their order.

    ``ids`` and ``texts`` (references, tokens, ids of vendors) are made anew each time it is
    sent, inside other texts too (``booking:…:sold``) if there are any of the latter.
    """

    transactions: Sequence[Transaction]
    ids: Sequence[UUID] = ()
    texts: Sequence[str] = ()

    def ready(self) -> list[Transaction]:
        """What to send now."""
        chosen: dict[Any, Any] = {old: uuid4() for old in self.ids}
        if self.texts:
            chosen |= {str(old): str(new) for old, new in chosen.items()}
            chosen |= {old: f"{old[:4]}{uuid4().hex[:20]}" for old in self.texts}
        inside = self._inside if self.texts else None
        return [
            [(sql, _replaced(given, chosen, inside)) for sql, given in one]
            for one in self.transactions
        ]

    @cached_property
    def _inside(self) -> re.Pattern[str]:
        longest = sorted((*map(str, self.ids), *self.texts), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest)))


class SqlLoad:
    """Recorded calls over ``clients`` connections, a thread each.

    A piece of work is one of ``calls``. ``pipelined`` sends each transaction in one go, commit
    included.
    """

    def __init__(
        self, address: Address, calls: Sequence[Call], clients: int, pipelined: bool = False
    ) -> None:
        self._calls = calls
        self._pipelined = pipelined
        self._connections = [psycopg.connect(address.libpq) for _ in range(clients)]
        for one in self._connections:
            one.execute("set timezone = 'UTC'")
            one.commit()

    def run(self, seconds: float) -> list[float]:
        """Let every connection work until the end."""
        end = time.perf_counter() + seconds
        results: list[list[float]] = [[] for _ in self._connections]
        errors: list[Exception] = []

        def work(number: int) -> None:
            dice = random.Random(number)
            try:
                while time.perf_counter() < end:
                    results[number].append(self._once(self._connections[number], dice))
            except Exception as error:  # noqa: BLE001 - raised again in the main thread
                errors.append(error)

        _in_threads(work, len(self._connections))
        if errors:
            raise errors[0]
        return [one for result in results for one in result]

    def _once(self, connection: psycopg.Connection[Any], dice: random.Random) -> float:
        ready = dice.choice(self._calls).ready()
        began = time.perf_counter()
        for transaction in ready:
            if self._pipelined:
                with connection.pipeline():
                    cursors = [
                        connection.execute(sql.encode(), given) for sql, given in transaction
                    ]
                    connection.commit()
                for cursor in cursors:
                    _fetch(cursor)
            else:
                for sql, given in transaction:
                    _fetch(connection.execute(sql.encode(), given))
                connection.commit()
        return time.perf_counter() - began

    def close(self) -> None:
        for one in self._connections:
            one.close()


def _fetch(cursor: psycopg.Cursor[Any]) -> None:
    if cursor.description is not None:
        cursor.fetchall()


def _replaced(given: Any, chosen: Mapping[Any, Any], inside: re.Pattern[str] | None) -> Any:
    if isinstance(given, Mapping):
        return {name: _one(value, chosen, inside) for name, value in given.items()}
    if given is None:
        return None
    return [_one(value, chosen, inside) for value in given]


def _one(value: Any, chosen: Mapping[Any, Any], inside: re.Pattern[str] | None) -> Any:
    if isinstance(value, UUID):
        return chosen.get(value, value)
    if isinstance(value, list):
        return [_one(part, chosen, inside) for part in value]
    if inside is not None and isinstance(value, str):
        return inside.sub(lambda found: chosen[found[0]], value)
    return value


def _in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
