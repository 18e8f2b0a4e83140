"""Starting, following and ending the programs of the embedded stack.

This is the only place that hands the parent's environment to a child, and so the only
one beside ``ecosystem/settings.py`` that looks at it.
"""

import atexit
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from ecosystem.settings import Settings

TAIL_LINES = 60
"""How many of its last lines a part keeps, to be shown when it fails."""

_FOREIGN_PREFIXES = ("AWS_", "PG", "STRIPE_", "SUPABASE_", "MINISTACK_", "LOCALSTACK_")
"""Variables of the person's own accounts. None may reach a stand-in, or steer a client away
from it: a real AWS profile in the shell must never be used by a local stack."""


class ProcessFailed(Exception):
    """A part did not start or ended by itself. The message names it and shows its last lines."""


class FolderInUse(Exception):
    """Another process holds the lock of this folder."""


def child_environment(values: Mapping[str, str]) -> dict[str, str]:
    """The environment of a part: ours without settings and cloud accounts, then ``values``.

    Args:
        values: settings as ``KEY: value``; they win over everything inherited.
    """
    own = {name.upper() for name in Settings.model_fields}
    inherited = {
        key: value
        for key, value in os.environ.items()
        if key not in own and not key.startswith(_FOREIGN_PREFIXES)
    }
    executables = str(Path(sys.executable).parent)
    inherited["PATH"] = os.pathsep.join((executables, inherited.get("PATH", os.defpath)))
    _bypass_proxies(inherited)
    inherited["PYTHONUNBUFFERED"] = "1"
    return {**inherited, **values}


def ask_this_machine_directly() -> None:
    """From here on this process asks the parts of a stack without the person's proxy."""
    _bypass_proxies(os.environ)


def _bypass_proxies(environment: MutableMapping[str, str]) -> None:
    """What runs on the loopback address is reached without a proxy, which would not find it."""
    given = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    names = [name for name in given.split(",") if name]
    environment["NO_PROXY"] = ",".join(dict.fromkeys([*names, "127.0.0.1", "localhost"]))
    environment["no_proxy"] = environment["NO_PROXY"]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether we could listen on this port. A port in TIME_WAIT counts as free.

    We listen on 127.0.0.1; who is told ``localhost`` may find another program on ::1.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("::1", port))
    except OSError as error:
        # Any other refusal: this machine has no IPv6, and nobody is there.
        return error.errno != errno.EADDRINUSE
    return True


class FolderLock:
    """An advisory lock on a folder, held while this process lives.

    The kernel drops it when the process ends, however it ends, so it is never stale.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            FolderInUse: someone else has it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = self.path.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            raise FolderInUse(f"{self.path.parent} is in use by another process") from None
        self._file = handle

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def held_elsewhere(self) -> bool:
        """Whether another process holds it at this moment."""
        if not self.path.exists():
            return False
        probe = FolderLock(self.path)
        try:
            probe.acquire()
        except FolderInUse:
            return True
        probe.release()
        return False


class _Watcher:
    """The script that ends our children should this process be killed (see ``watcher.py``)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def _note(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [
                        *(sys.executable, "-I", "-S"),
                        *(str(Path(__file__).with_name("watcher.py")), str(os.getpid())),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            pipe = self._process.stdin
            if pipe is not None:
                pipe.write(line.encode())
                pipe.flush()

    def started(self, group: int, number: int) -> None:
        self._note(f"+{group} {number}\n")

    def ended(self, group: int) -> None:
        self._note(f"-{group}\n")

    def close(self) -> None:
        """Let the watcher end: it acts on what was not reported as ended."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                self._process.wait()
                self._process = None


_watcher = _Watcher()
atexit.register(_watcher.close)


class Process:
    """One program of the stack, in its own process group, its output read line by line."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        cwd: Path | None = None,
        user: int | None = None,
        group: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Describe the program; nothing runs before :meth:`start`.

        Args:
            environment: the whole environment, from :func:`child_environment`.
            user, group: numeric ids to run as; only root may set them.
            stop_signal: what asks this program for a clean stop.
            stop_seconds: how long it may take before it is killed.
            on_line: called, from a thread, with each line of output.
        """
        self.name = name
        self.command = [str(part) for part in command]
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._environment = dict(environment)
        self._cwd = cwd
        self._user = user
        self._group = group
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._on_line = on_line
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._reported_end = False
        self.too_slow = False
        """Whether it was asked to stop and did not within its time."""

    def start(self) -> None:
        """Start the program.

        Raises:
            ProcessFailed: it cannot be executed.
        """
        try:
            self._process = subprocess.Popen(
                self.command,
                env=self._environment,
                cwd=self._cwd,
                user=self._user,
                group=self._group,
                extra_groups=[] if self._user is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Its own session: Ctrl-C and a closing terminal reach the parent alone,
                # which then stops the parts in order.
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessFailed(f"{self.name} cannot be started: {error}") from error
        _watcher.started(self._process.pid, int(self._stop_signal))
        self._reader = threading.Thread(target=self._read, name=f"{self.name}-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        with process.stdout as output:
            for raw in output:
                line = raw.decode("utf-8", "replace").rstrip()
                self.tail.append(line)
                if self._on_line is not None:
                    self._on_line(line)

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            ProcessFailed: it was never started.
        """
        if self._process is None:
            raise ProcessFailed(f"{self.name} was not started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs or before its start."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None and not self._reported_end:
            self._end_group()
        return code

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self.exit_code is None

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end; the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after ``seconds``.
        """
        if self._process is None:
            raise ProcessFailed(f"{self.name} was not started")
        code = self._process.wait(seconds)
        if self._reader is not None:
            self._reader.join(timeout=1.0)
        self._end_group()
        return code

    def _end_group(self) -> None:
        """After the leader's end: no child of it may stay behind."""
        if self._process is None or self._reported_end:
            return
        self._reported_end = True
        _signal_group(self._process.pid, signal.SIGKILL)
        _watcher.ended(self._process.pid)

    def stop(self, *, immediately: bool = False) -> None:
        """Ask it to stop, and kill its whole group if it does not within its time."""
        if self._process is None:
            return
        if self._process.poll() is None:
            number = signal.SIGKILL if immediately else self._stop_signal
            # The leader alone: it knows best how to stop the rest of its group.
            self._process.send_signal(number)
            try:
                self._process.wait(self._stop_seconds)
            except subprocess.TimeoutExpired:
                self.too_slow = True
                _signal_group(self._process.pid, signal.SIGKILL)
        self.wait()

    def kill(self) -> None:
        """End its whole group at once, from any thread."""
        if self._process is not None and self._process.poll() is None:
            _signal_group(self._process.pid, signal.SIGKILL)

    def failure(self) -> str:
        """How it ended, with its last lines, for the person who has to mend it."""
        code = self.exit_code
        how = "did not answer"
        if code is not None:
            how = (
                f"was ended by {_signal_name(-code)}"
                if code < 0
                else f"ended with exit code {code}"
            )
        if self._reader is not None and code is not None:
            self._reader.join(timeout=1.0)
        lines = "\n".join(f"    {line}" for line in list(self.tail)[-20:])
        return f"{self.name} {how}" + (f"; its last lines:\n{lines}" if lines else "")

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready()`` is true.

        Raises:
            ProcessFailed: it ended, or was not ready in time.
        """
        deadline = time.monotonic() + seconds
        pause = 0.02
        while not ready():
            if not self.running or time.monotonic() > deadline:
                raise ProcessFailed(self.failure())
            time.sleep(pause)
            pause = min(pause * 1.3, 0.2)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # Already gone; or, on macOS, a group of which only a zombie is left.
        return


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
