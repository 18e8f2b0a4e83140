"""What ``ecosystem up`` says: the parts' logs, what happened, and where everything is."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

_COLOURS = {
    "postgres": 34,
    "aws": 33,
    "supabase_auth": 32,
    "stripe": 35,
    "mail": 36,
    "build": 90,
    "database": 34,
    "demo data": 90,
    "web": 96,
    "worker": 36,
}
_WIDTH = max(len(name) for name in _COLOURS)

DEMO_PASSWORD = "Demo-Pass-2026!"
DEMO_ACCOUNTS = (
    ("customer@demo.example", "customer"),
    ("agent@demo.example", "travel agent"),
    ("owner@demo.example", "owner of the same agency"),
    ("assistant@demo.example", "works there too, sees no commission"),
    ("rival@demo.example", "agent of another agency"),
    ("operator@demo.example", "operator with packages, payouts on"),
    ("newoperator@demo.example", "operator without payouts yet"),
    ("ops@demo.example", "runs the marketplace"),
    ("controller@demo.example", "runs it too: some things take two"),
)


class Console:
    """Writes to the terminal, from any thread, and to a log file for each part.

    A terminal that has gone away is no reason to fail: then only the files are written. Nor is
    a full disk: a part whose output nobody reads any more would hang or die.
    """

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._files: dict[str, IO[str]] = {}
        self._lock = threading.Lock()
        self._colour = sys.stdout.isatty()
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long this console has been open."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        with self._lock:
            self._print(text)

    def follow(self, part: str) -> Callable[[str], None]:
        """What a part's process calls with each line of its output."""
        code = _COLOURS.get(part, 90)
        prefix = f"{part:<{_WIDTH}} | "
        if self._colour:
            prefix = f"\033[{code}m{prefix}\033[0m"

        def on_line(line: str) -> None:
            with self._lock:
                with contextlib.suppress(OSError):
                    self._keep(part, line)
                self._print(prefix + line)

        return on_line

    def close(self) -> None:
        """Close the log files."""
        with self._lock:
            for file in self._files.values():
                with contextlib.suppress(OSError):
                    file.close()
            self._files.clear()

    def _keep(self, part: str, line: str) -> None:
        if part not in self._files:
            path = self._logs / f"{part.replace(' ', '_')}.log"
            self._files[part] = path.open("w", encoding="utf-8")
        self._files[part].write(f"{line}\n")
        self._files[part].flush()

    def _print(self, text: str) -> None:
        # Not every terminal has every letter.
        encoding = sys.stdout.encoding or "utf-8"
        shown = text.encode(encoding, "replace").decode(encoding)
        try:
            sys.stdout.write(f"{shown}\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            # The terminal was closed, or the reader of our pipe has ended.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def announcement(*, origin: str, mail: str, folder: Path, demo: bool, seconds: float) -> str:
    """The last thing said at the start: addresses and demo accounts."""
    lines = [
        "",
        f"Ecosystem is ready after {seconds:.1f} s",
        "",
        f"  {'The product':<14}{origin}",
        f"  {'REST API':<14}{origin}/api/docs",
        f"  {'E-mails':<14}{mail}",
        f"  {'Data and logs':<14}{folder}",
    ]
    if demo:
        lines += ["", f"  Demo accounts, password {DEMO_PASSWORD}"]
        lines += [f"    {address:<27}{what}" for address, what in DEMO_ACCOUNTS]
        lines += ["", "  Test card 4242 4242 4242 4242, any later date, any CVC"]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])
