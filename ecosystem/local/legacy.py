"""The legacy application, in small: it edits operators' packages directly in Supabase.

It knows nothing of this product: no placement, no gate, no second database. What it stands for is
a running system that nobody of ours can change, so what a move does to it has to be bearable as
it is: while a table is handed over its write is refused for a moment and succeeds when it is
tried again; once a table has moved every write is refused, in words that say where it went.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from threading import Event
from typing import Any, Final, LiteralString, NoReturn

import psycopg

MOVED: Final = "MG001"
"""SQLSTATE of a write to a table that has another home now."""

_PATIENCE: Final = 6.0
"""Seconds in which a refused write is tried again: longer than a hand-over may take."""
_AGAIN: Final = 0.05
_AWAY: Final = 0.5
"""Seconds before a database that went away is looked for again."""

Connection = psycopg.Connection[tuple[Any, ...]]
Edit = tuple[str, str]
"""What was edited, of a kind that is refused together, and what it is now in words."""

_SOME_PACKAGE: Final[LiteralString] = (
    "select id, title from public.multi_city_hotel_packages where id >= %s order by id limit 1"
)
_MARK: Final = "Legacy desk"


def work(
    url: str,
    pause: float,
    seconds: float | None,
    say: Callable[[str], None],
    fail: Callable[[str], NoReturn],
) -> None:
    """The command: edit until Ctrl-C, a stop signal or the end of the time, then sum up."""
    stop = Event()

    def end_soon(number: int, _frame: object) -> None:
        stop.set()
        # Who asks again does not wait for a change that waits for somebody's lock.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_soon)
    end = time.monotonic() + seconds if seconds is not None else float("inf")
    desk = LegacyApplication(url, say=say)
    say("editing packages in Supabase as the old application does; Ctrl-C ends it")
    try:
        desk.work(lambda: stop.is_set() or time.monotonic() >= end, pause)
    except psycopg.OperationalError as error:
        fail(f"Supabase's database can't be reached: {error}")
    except LookupError:
        fail("there is no package to edit: run `ecosystem seed` first")
    say(desk.summary())


class LegacyApplication:
    """Somebody at the old desk, who saves one change after the other.

    Args:
        url: of the Supabase database, as libpq reads it.
        seed: of what is edited; None is another each time.
        say: told a line about each change, and about each refusal that is new.

    Attributes:
        saved, refused: how many changes were acknowledged and how many were not, by their kind.
        moved: what the database said about each kind that it refuses now.
    """

    def __init__(
        self, url: str, *, seed: int | None = None, say: Callable[[str], None] = lambda _line: None
    ) -> None:
        self._url = url
        self._dice = random.Random(seed)
        self._say = say
        self._connection: Connection | None = None
        self._edits = {
            "price": self._price,
            "hotel notes": self._notes,
            "extra": self._extra,
            "extra taken off": self._no_extra,
            "exclusion": self._exclusion,
            "package with extras": self._whole,
            "operator's phone": self._phone,
        }
        self.saved: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.moved: dict[str, str] = {}

    def work(self, stopped: Callable[[], bool], pause: float) -> None:
        """Edit until ``stopped`` says so, with ``pause`` seconds between two changes.

        Raises:
            psycopg.OperationalError: the database can't be reached at the start.
            LookupError: there is no package.
        """
        try:
            self._connect()
            while not stopped():
                self.edit()
                _rest(stopped, pause)
        finally:
            self.close()

    def edit(self) -> bool:
        """One change, each a transaction; whether it was saved."""
        kind = self._dice.choice(list(self._edits))
        until = time.monotonic() + (0 if kind in self.moved else _PATIENCE)
        while True:
            try:
                told = self._one(kind)
            except psycopg.Error as error:
                if error.sqlstate != MOVED:
                    self._lost(error)
                    return False
                if time.monotonic() < until:
                    time.sleep(_AGAIN)
                    continue
                self._told_that_it_moved(kind, error)
                return False
            self._is_back(kind)
            if told:
                self.saved[kind] += 1
                self._say(f"saved: {told}")
            return bool(told)

    def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def summary(self) -> str:
        """What was saved and what was not, in a line."""
        parts = [f"{sum(self.saved.values()):,} changes saved"]
        if self.refused:
            parts.append(f"{sum(self.refused.values()):,} refused ({', '.join(self.refused)})")
        return ", ".join(parts)

    # --- what is edited -----------------------------------------------------------------

    def _price(self, connection: Connection) -> str:
        key, title = self._package(connection)
        row = connection.execute(
            "update public.multi_city_hotel_packages"
            " set base_price = case when mod(base_price, 2) < 1"
            " then base_price + 1 else base_price - 1 end where id = %s returning base_price",
            (key,),
        ).fetchone()
        return f"{title} costs {row[0]:,}" if row else ""

    def _notes(self, connection: Connection) -> str:
        key, title = self._package(connection)
        done = connection.execute(
            "update public.multi_city_hotel_package_cities set notes = %s where package_id = %s",
            (f"Late arrival until {self._dice.randint(18, 23)}:00", key),
        )
        return f"notes of the hotels of {title}" if done.rowcount else ""

    def _extra(self, connection: Connection) -> str:
        key, title = self._package(connection)
        name = f"{_MARK}: transfer {self._dice.randint(1, 9)}"
        connection.execute(
            "insert into public.multi_city_hotel_package_addons"
            " (package_id, position, name, price) values (%s, 90, %s, %s)",
            (key, name, self._dice.randint(20, 60)),
        )
        return f"{title} offers {name}"

    def _no_extra(self, connection: Connection) -> str:
        done = connection.execute(
            "delete from public.multi_city_hotel_package_addons where id in"
            " (select id from public.multi_city_hotel_package_addons"
            " where name like %s order by created_at limit 2 for update skip locked)",
            (f"{_MARK}%",),
        )
        return f"{done.rowcount} extras of this desk are off sale" if done.rowcount else ""

    def _exclusion(self, connection: Connection) -> str:
        key, title = self._package(connection)
        done = connection.execute(
            "update public.multi_city_hotel_package_exclusions set position = position"
            " where package_id = %s",
            (key,),
        )
        return f"exclusions of {title}" if done.rowcount else ""

    def _whole(self, connection: Connection) -> str:
        """A package and its extras in one transaction: all of it or nothing, as ever."""
        key, title = self._package(connection)
        connection.execute(
            "update public.multi_city_hotel_packages set highlights = highlights where id = %s",
            (key,),
        )
        connection.execute(
            "update public.multi_city_hotel_package_addons set position = position"
            " where package_id = %s",
            (key,),
        )
        return f"{title} with its extras"

    def _phone(self, connection: Connection) -> str:
        row = connection.execute(
            "update public.operators set contact_phone = contact_phone where id ="
            " (select id from public.operators where id >= %s order by id limit 1)"
            " returning name",
            (self._somewhere(),),
        ).fetchone()
        return f"telephone of {row[0]}" if row else ""

    # --- the inside ---------------------------------------------------------------------

    def _one(self, kind: str) -> str:
        connection = self._connect()
        with connection.transaction():
            return self._edits[kind](connection)

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=5,
                application_name="legacy application",
            )
        return self._connection

    def _somewhere(self) -> str:
        return f"{self._dice.getrandbits(128):032x}"

    def _package(self, connection: Connection) -> tuple[Any, str]:
        for start in (self._somewhere(), "0" * 32):
            if row := connection.execute(_SOME_PACKAGE, (start,)).fetchone():
                return row[0], row[1]
        raise LookupError("there is no package")

    def _told_that_it_moved(self, kind: str, error: psycopg.Error) -> None:
        self.refused[kind] += 1
        words = ". ".join(
            part for part in (error.diag.message_primary, error.diag.message_hint) if part
        )
        if self.moved.get(kind) != words:
            self.moved[kind] = words
            self._say(f"refused: {kind}: {words}")

    def _is_back(self, kind: str) -> None:
        if self.moved.pop(kind, None):
            self._say(f"{kind} can be edited here again")

    def _lost(self, error: psycopg.Error) -> None:
        """Anything else that a database may say: the person tries something else."""
        said = str(error).splitlines() or [type(error).__name__]
        self._say(f"not saved: {said[0]}")
        if isinstance(error, psycopg.OperationalError):
            gone = self._connection is None or self._connection.closed
            time.sleep(_AWAY if gone else _AGAIN)


def _rest(stopped: Callable[[], bool], seconds: float) -> None:
    """Until the time is over, or nobody wants to go on."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not stopped():
        time.sleep(min(left, _AGAIN))
