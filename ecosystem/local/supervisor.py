"""``ecosystem up``: starts every part, watches them, and stops them in order.

Nothing is restarted silently. A part that ends by itself is named at once with its last
lines and ends the whole stack, with exit code 1.
"""

import queue
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from ecosystem.local import parts
from ecosystem.local.aws import AwsFailed, EmbeddedAws, Infrastructure
from ecosystem.local.console import Console, announcement
from ecosystem.local.postgres import EmbeddedPostgres, PostgresFailed
from ecosystem.local.processes import (
    FolderInUse,
    Process,
    ProcessFailed,
    ask_this_machine_directly,
    child_environment,
)
from ecosystem.local.stack import SENDER, Stack, StackError
from ecosystem.settings import Settings

_READY_SECONDS = 90.0
_JOB_SECONDS = 900.0
_STOPPED = 0
_FAILED = 1


class _Abandoned(Exception):
    """A step does not run because the stack is being stopped."""


@dataclass
class _Step:
    """One step of the start: runs in its own thread as soon as those it needs are done."""

    name: str
    run: Callable[[], None]
    needs: tuple[str, ...] = ()
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class _Happened:
    """What the main thread waits for: a finished or failed step, or a signal."""

    kind: str
    text: str = ""


class Supervisor:
    """One run of the whole stack on one data folder."""

    def __init__(self, settings: Settings, *, demo: bool = True) -> None:
        self._settings = settings
        self._demo = demo
        self._stack = Stack(settings)
        self._console = Console(self._stack.folder / "logs")
        self._events: queue.SimpleQueue[_Happened] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._parts: list[Process] = []
        self._jobs: list[Process] = []
        self._postgres: EmbeddedPostgres | None = None
        self._infrastructure: Infrastructure | None = None
        self._threads: list[threading.Thread] = []

    def run(self) -> int:
        """Start, watch until told to stop or until something fails, stop.

        Returns:
            The exit code: 0 after a stop that was asked for, 1 after a failure.
        Raises:
            StackError: the stack could not begin: the folder or a port is in use.
        """
        ask_this_machine_directly()
        self._stack.open()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        code = _FAILED
        try:
            for note in self._stack.notes:
                self._console.say(note)
            self._console.say(f"Starting on {self._stack.folder}")
            steps = self._steps()
            self._begin(steps)
            code = self._watch(steps)
        finally:
            self._stop()
            if code != _STOPPED:
                self._stack.settled = False
            self._stack.close()
            self._console.say("Stopped." if code == _STOPPED else "Stopped after a failure.")
            self._console.close()
        return code

    # --- the order of the start ---------------------------------------------------------

    def _steps(self) -> dict[str, _Step]:
        web_needs = ["build", "database", "aws"]
        steps = [
            _Step("build", lambda: self._job("build", "build")),
            _Step("postgres", self._start_postgres),
            _Step("aws", self._start_aws),
            _Step("stripe", lambda: self._serve(parts.stripe(self._stack))),
            _Step("mail", lambda: self._serve(parts.mail(self._stack))),
            _Step("database", self._upgrade, ("postgres",)),
            _Step("supabase_auth", self._start_supabase_auth, ("database",)),
        ]
        if self._demo and not self._stack.settled:
            needs = ("database", "aws", "supabase_auth", "stripe")
            steps.append(_Step("demo data", self._seed, needs))
            if not self._stack.seeded:
                # The first time nobody should see the shop half filled. Later it is a
                # quick check, and runs beside the start of the web app.
                web_needs.append("demo data")
        steps.append(_Step("web", self._start_web, tuple(web_needs)))
        if self._stack.worker_apart:
            steps.append(_Step("worker", self._start_worker, ("web",)))
        return {step.name: step for step in steps}

    def _begin(self, steps: dict[str, _Step]) -> None:
        for step in steps.values():
            thread = threading.Thread(
                target=self._perform, args=(step, steps), name=step.name, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _perform(self, step: _Step, steps: dict[str, _Step]) -> None:
        try:
            for need in step.needs:
                while not steps[need].done.wait(0.2):
                    if self._stopping.is_set():
                        return
            step.run()
        except _Abandoned:
            return
        except (ProcessFailed, PostgresFailed, AwsFailed, FolderInUse, StackError) as error:
            self._events.put(_Happened("failed", str(error)))
        except Exception as error:  # noqa: BLE001 - any failure must end the stack by name
            self._events.put(_Happened("failed", f"{step.name}: {error!r}"))
        else:
            step.done.set()
            self._events.put(_Happened("done", step.name))

    # --- watching -----------------------------------------------------------------------

    def _watch(self, steps: dict[str, _Step]) -> int:
        waiting = set(steps)
        while True:
            try:
                event = self._events.get(timeout=0.15)
            except queue.Empty:
                event = None
            if event is not None and event.kind == "signal":
                return _STOPPED
            if event is not None and event.kind == "failed":
                self._console.say(f"\nThe stack cannot go on: {event.text}\n")
                return _FAILED
            if event is not None and event.kind == "done":
                waiting.discard(event.text)
                self._console.say(f"{event.text} is ready ({self._console.seconds:.1f} s)")
                if not waiting:
                    self._announce()
            ended = self._ended_part()
            if ended is not None:
                self._console.say(f"\nThe stack cannot go on: {ended.failure()}\n")
                return _FAILED

    def _ended_part(self) -> Process | None:
        with self._guard:
            running = list(self._parts)
        return next((part for part in running if part.exit_code is not None), None)

    def _announce(self) -> None:
        self._stack.mark_running(self._values())
        self._console.say(
            announcement(
                origin=self._stack.origin,
                mail=self._stack.mail_url,
                folder=self._stack.folder,
                demo=self._demo,
                seconds=self._console.seconds,
            )
        )

    # --- stopping -----------------------------------------------------------------------

    def _on_signal(self, number: int, frame: object) -> None:
        if self._stopping.is_set():
            # Asked twice: no more patience, and no saved state either.
            self._stack.settled = False
            for part in [*self._jobs, *self._parts]:
                part.kill()
            return
        self._events.put(_Happened("signal", signal.Signals(number).name))

    def _stop(self) -> None:
        """Jobs first, then the parts, those that use others before those."""
        self._console.say("Stopping…")
        with self._guard:
            self._stopping.set()
            jobs, running = list(self._jobs), list(self._parts)
        for job in jobs:
            job.stop(immediately=True)
        # The last started goes first: web app, stand-ins, AWS, and Postgres at the end.
        for part in sorted(running, key=lambda part: _STOP_ORDER.index(part.name)):
            part.stop()
        for thread in self._threads:
            thread.join(timeout=30)
        # A part that was just being started when we began to stop.
        with self._guard:
            late = [part for part in self._parts if part not in running]
        for part in late:
            part.stop()
        for part in [*running, *late]:
            if part.too_slow:
                # What it keeps between two starts may not have been written to its end.
                self._console.say(f"{part.name} did not stop in time and was killed")
                self._stack.settled = False
        if self._postgres is not None:
            self._postgres.stop()

    def _admit(self, part: Process) -> None:
        """Take a running process into the list of those to watch, unless we are stopping."""
        with self._guard:
            self._parts.append(part)
            if not self._stopping.is_set():
                return
        raise _Abandoned

    # --- the parts ----------------------------------------------------------------------

    def _start_postgres(self) -> None:
        postgres = EmbeddedPostgres(
            self._stack.folder / "postgres",
            port=self._stack.ports.postgres,
            passwords=self._stack.secrets.postgres,
            on_line=self._console.follow("postgres"),
        )
        self._postgres = postgres
        postgres.start()
        self._admit(postgres.process)

    def _start_aws(self) -> None:
        aws = EmbeddedAws(
            self._stack.folder / "aws",
            port=self._stack.ports.aws,
            on_line=self._console.follow("aws"),
        )
        aws.start()
        self._admit(aws.process)
        self._infrastructure = aws.deploy(
            web_origins=parts.web_origins(self._stack),
            sender=SENDER,
            secrets=parts.vault(self._stack),
        )

    def _serve(self, stand_in: parts.StandIn) -> None:
        """Start one of our stand-ins and wait until it answers."""
        address = f"http://127.0.0.1:{stand_in.port}"
        part = Process(
            stand_in.name,
            [
                *(sys.executable, "-m", f"ecosystem.local.{stand_in.module}"),
                *("--host", "127.0.0.1", "--port", str(stand_in.port)),
                *stand_in.arguments,
            ],
            environment=child_environment({}),
            cwd=parts.ROOT,
            on_line=self._console.follow(stand_in.name),
        )
        part.start()
        self._admit(part)
        part.wait_until(lambda: _answers(f"{address}{stand_in.health}"), _READY_SECONDS)

    def _start_supabase_auth(self) -> None:
        self._serve(parts.supabase_auth(self._stack, self._require_postgres()))

    def _upgrade(self) -> None:
        # The schemas need no AWS: the two longest steps of a start run side by side.
        digest = parts.schema_digest()
        if self._stack.settled and self._stack.schema == digest:
            return
        values = self._stack.values(self._require_postgres(), None)
        self._job("database", "db", "upgrade", values=values)
        self._stack.mark_schema(digest)

    def _seed(self) -> None:
        self._job("demo data", "seed", values=self._values())
        self._stack.mark_seeded()

    def _start_web(self) -> None:
        part = Process(
            "web",
            _command("serve"),
            environment=child_environment(self._values()),
            cwd=parts.ROOT,
            on_line=self._console.follow("web"),
        )
        part.start()
        self._admit(part)
        home = f"http://127.0.0.1:{self._settings.port}/"
        part.wait_until(lambda: _answers(home), _READY_SECONDS)

    def _start_worker(self) -> None:
        part = Process(
            "worker",
            _command("worker"),
            environment=child_environment(self._values()),
            cwd=parts.ROOT,
            on_line=self._console.follow("worker"),
        )
        part.start()
        self._admit(part)

    def _job(self, name: str, *arguments: str, values: dict[str, str] | None = None) -> None:
        """Run one of our own commands to its end.

        Raises:
            ProcessFailed: it ended with an error.
        """
        job = Process(
            name,
            _command(*arguments),
            environment=child_environment(values or {"ECOSYSTEM_ENV": "local"}),
            cwd=parts.ROOT,
            on_line=self._console.follow(name),
        )
        with self._guard:
            if self._stopping.is_set():
                raise _Abandoned
            job.start()
            self._jobs.append(job)
        code = job.wait(_JOB_SECONDS)
        if self._stopping.is_set():
            raise _Abandoned
        if code:
            raise ProcessFailed(job.failure())

    def _values(self) -> dict[str, str]:
        infrastructure = self._infrastructure
        if infrastructure is None:
            raise StackError("AWS was not provisioned")
        return self._stack.values(self._require_postgres(), infrastructure)

    def _require_postgres(self) -> EmbeddedPostgres:
        if self._postgres is None:
            raise StackError("Postgres was not started")
        return self._postgres


_STOP_ORDER = ("web", "worker", "mail", "supabase_auth", "stripe", "aws", "postgres")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ecosystem.cli", *arguments]


def _answers(url: str) -> bool:
    """Whether something answers this address with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
