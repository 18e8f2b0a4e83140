"""Groups of the live stack that change databases while people use it."""

import fcntl
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psycopg

from ecosystem.database.placement import MOVING
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import Refused
from ecosystem.settings import Settings
from ecosystem.wiring import vendors
from tests.live import ECOSYSTEM, Live

PATIENCE_SECONDS = 60
"""So long is a step tried again that was refused, as on a machine that is busy with other tests."""


@contextmanager
def moving_alone(run_folder: Path) -> Iterator[None]:
    """Only one test of a run moves groups of the live stack at a time."""
    with (run_folder / "moving.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def percentile(values: Sequence[int], percent: int) -> int:
    """The nearest-rank percentile, rounded to the longer one."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


class ByHand:
    """Somebody who types ``ecosystem migrate …``."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def do(self, action: str, group: str) -> None:
        done = subprocess.run(
            [ECOSYSTEM, "migrate", action, group],
            env=self._live.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Refused(done.stderr.strip() or done.stdout.strip())


class InProcess:
    """The same without a new process for each step, which would take most of the time."""

    def __init__(self, live: Live) -> None:
        self._moves = engine(live)

    def do(self, action: str, group: str) -> None:
        getattr(self._moves, action)(group)


def engine(live: Live) -> Moves:
    """What moves the groups of this stack."""
    settings = Settings.model_validate({key.lower(): live.settings[key] for key in live.settings})
    return vendors.moves(settings, lambda _line: None)


class Journey(threading.Thread):
    """Each group moves, moves back and moves again, ``rounds`` times; all are back in the end.

    ``where`` says what goes on now, ``pauses`` how long nobody could write at each change, in
    milliseconds, ``refused`` what was tried again, and ``problem`` why it did not get to its end.
    """

    def __init__(self, live: Live, hands: ByHand | InProcess, *, rounds: int, stay: float) -> None:
        """``stay``: seconds for which a group stays where it has arrived."""
        super().__init__(name="journey", daemon=True)
        self._moves = engine(live)
        self._hands = hands
        self._rounds = rounds
        self._stay = stay
        self.where = "not begun"
        self.pauses: list[tuple[str, int]] = []
        self.refused: list[str] = []
        self.problem = ""
        self.all_moved = threading.Event()
        """All groups are in RDS; they begin to go back when ``seen`` is set."""
        self.seen = threading.Event()

    def run(self) -> None:
        try:
            for number in range(self._rounds):
                for group in MOVING:
                    if not number:
                        for action in ("prepare", "copy", "verify"):
                            self._do(action, group)
                    for action in ("switch", "rollback", "switch"):
                        self._do(action, group)
                        time.sleep(self._stay)
                self.all_moved.set()
                self.seen.wait(120)
                self._go_home()
        except Exception as error:  # noqa: BLE001 - the test shows it
            self.problem = f"{self.where}: {error!r}"
        finally:
            self.all_moved.set()
            self._home_at_last()

    def _go_home(self) -> None:
        for group in reversed(MOVING):
            self._do("rollback", group)

    def _home_at_last(self) -> None:
        """Whatever happened: the next test finds every group in Supabase."""
        for one in self._moves.groups():
            if one.authority == "rds":
                self._moves.rollback(one.group)

    def _do(self, action: str, group: str) -> None:
        self.where = f"{action} {group}"
        self._patiently(lambda: self._hands.do(action, group))
        if action in ("switch", "rollback"):
            now = next(one for one in self._moves.groups() if one.group == group)
            self.pauses.append((self.where, now.pause_ms or 0))

    def _patiently(self, work: Callable[[], None]) -> None:
        """A refusal changes nothing and says why; a person reads it and tries again for a while."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return work()
            except (Refused, psycopg.Error) as why:
                self.refused.append(f"{self.where}: {why}")
                if time.monotonic() > until:
                    raise
                time.sleep(1)

    def said(self) -> str:
        """The pauses, for who reads the test's output."""
        each = [ms for _, ms in self.pauses] or [0]
        return (
            f"{len(self.pauses)} changes of authority: pause median {median(each):.0f} ms,"
            f" p99 {percentile(each, 99)} ms, longest {max(each)} ms; {json.dumps(self.pauses)};"
            f" refused: {self.refused}"
        )
