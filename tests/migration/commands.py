"""`ecosystem migrate …` as processes that can be killed in the middle of anything.

Each is forked from a process that has imported everything, so that what is killed is the work and
not the start of Python.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from ecosystem.database.engines import Address

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["ecosystem.cli", "ecosystem.migration.words", "ecosystem.wiring.vendors"]
)


class Command:
    """One command line that runs.

    Args:
        words: what follows ``ecosystem migrate``.
        addresses: both databases.
        said: the file that gets what it prints.
    """

    def __init__(self, words: Sequence[str], addresses: dict[str, Address], said: Path) -> None:
        self.words = tuple(words)
        self._said = said
        self._process: ForkServerProcess = _context.Process(
            target=_run, args=(self.words, settings_for(addresses), said)
        )
        self._process.start()

    def ended_within(self, seconds: float) -> bool:
        self._process.join(seconds)
        return self._process.exitcode is not None

    def kill(self) -> bool:
        """``kill -9``; False: it had ended by itself."""
        self._process.kill()
        self._process.join()
        return self.code < 0

    def finish(self, seconds: float = 60.0) -> int:
        """The exit code, when it has ended by itself."""
        if not self.ended_within(seconds):
            self.kill()
            raise AssertionError(f"not ended in {seconds:.0f} s: {self._said.read_text()[-2_000:]}")
        return self.code

    @property
    def code(self) -> int:
        assert self._process.exitcode is not None
        return self._process.exitcode


def settings_for(addresses: dict[str, Address]) -> dict[str, str]:
    """The environment in which a command uses these databases."""
    rds = addresses["rds"]
    return {
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": addresses["supabase"].libpq,
    }


def _run(words: Sequence[str], environment: dict[str, str], said: Path) -> None:
    os.environ.update(environment)
    with said.open("a") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    print(f"{time.time():.3f} $ {' '.join(words)}", flush=True)
    from ecosystem.cli import app

    sys.argv = ["ecosystem", "migrate", *words]
    app()
