"""How the marketplace is: every part it depends on, and the messages that wait."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.desks import FailingMessage
from ecosystem.domain.errors import EcosystemError, Unavailable
from ecosystem.services.health import Finding
from ecosystem.services.ops_desk import Pulse
from ecosystem.state import formats
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

EVERY_SECONDS = 5
WATCH_SECONDS = 15 * 60
SLOW_MS = 500

PARTS = {
    "rds": ("Our database", "AWS RDS", "Nobody can book, pay or sign in."),
    "supabase": (
        "Operators' database",
        "Supabase",
        "Packages can't be opened or edited; search still answers.",
    ),
    "cognito": ("Sign-in", "Amazon Cognito", "Agents, customers and operations can't sign in."),
    "supabase_auth": ("Operators' sign-in", "Supabase Auth", "Operators can't sign in."),
    "stripe": ("Payments", "Stripe", "Nobody can pay; seats stay held, nothing is lost."),
    "email": ("E-mail", "Amazon SES", "E-mails wait in the outbox and are sent later."),
    "files": ("Files", "Amazon S3", "Documents and pictures can't be stored or opened."),
    "read_model": (
        "Storefront's read model",
        "Amazon DynamoDB",
        "The storefront reads from our database instead.",
    ),
}
"""For each probe: what it is, who runs it, and what a failure means for people."""


@dataclass(frozen=True)
class PartLine:
    """A dependency in the table."""

    name: str = ""
    vendor: str = ""
    state: str = ""
    tone: str = "plain"
    latency: str = ""
    meaning: str = ""
    problem: str = ""


@dataclass(frozen=True)
class FailingLine:
    """A message that failed and is tried again."""

    kind: str = ""
    queue: str = ""
    error: str = ""
    attempts: str = ""
    since: str = ""
    next_try: str = ""


class OpsHealthState(rx.State):
    """``phase`` is loading, shown or failed; ``live`` while the page refreshes by itself;
    ``problem`` says why it failed, or why what is shown is old."""

    phase: str = "loading"
    problem: str = ""
    parts: list[PartLine] = []
    verdict: str = ""
    verdict_tone: str = "plain"
    outbox: str = ""
    inbox: str = ""
    failing_count: str = ""
    slowest: str = ""
    slowest_part: str = ""
    failing: list[FailingLine] = []
    checked: str = ""
    live: bool = False

    _watch: int = 0

    @rx.event
    @allow("ops")
    async def open(self) -> EventSpec:
        """Ask every part once, then go on while the page is open."""
        watch = self._watch
        self.reset()
        self._watch = watch
        await self._refresh()
        return OpsHealthState.watch()  # type: ignore[return-value]

    @rx.event
    @allow("ops")
    async def refresh(self) -> EventSpec | None:
        """Ask every part now, and go on by itself if it had stopped."""
        try:
            self._show(await call(services().ops_desk.pulse, await current_actor(self)))
        except EcosystemError as error:
            return failed(error, "/ops")
        return None if self.live else OpsHealthState.watch()  # type: ignore[return-value]

    @rx.event(background=True)
    @allow("ops")
    async def watch(self) -> None:
        """Ask again every few seconds, for a quarter of an hour and one watcher a page."""
        async with self:
            self._watch += 1
            mine, self.live = self._watch, True
        for _ in range(WATCH_SECONDS // EVERY_SECONDS):
            await asyncio.sleep(EVERY_SECONDS)
            if not await self._beat(mine):
                return
        async with self:
            self.live = False

    @rx.event
    @allow("ops")
    async def leave(self) -> None:
        """The page was left: its watcher stops."""
        self._watch += 1
        self.live = False

    async def _beat(self, mine: int) -> bool:
        """One look; False when this watcher is not the page's any more."""
        pulse: Pulse | None = None
        problem = ""
        try:
            async with self:
                if self._watch != mine:
                    return False
                actor = await current_actor(self)
            pulse = await call(services().ops_desk.pulse, actor)
        except EcosystemError as error:
            problem = error.detail
            # A database that is down also can't say who asks; it comes back.
            goes_on = isinstance(error, Unavailable)
        else:
            goes_on = True
        async with self:
            if self._watch != mine:
                return False
            if pulse is not None:
                self._show(pulse)
            else:
                self.problem, self.live = problem, goes_on
                self.verdict, self.verdict_tone = "Not known at this moment", "warn"
        return goes_on

    async def _refresh(self) -> None:
        try:
            self._show(await call(services().ops_desk.pulse, await current_actor(self)))
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    def _show(self, pulse: Pulse) -> None:
        self.parts = [part_line(finding) for finding in pulse.findings]
        self.verdict, self.verdict_tone = verdict(pulse.findings)
        self.slowest, self.slowest_part = slowest(pulse.findings)
        waiting = pulse.backlog or {}
        unknown = pulse.backlog is None
        self.outbox = "–" if unknown else formats.number(waiting["outbox"])
        self.inbox = "–" if unknown else formats.number(waiting["inbox"])
        self.failing_count = "–" if unknown else formats.number(waiting["failing"])
        self.failing = [failing_line(message) for message in pulse.failing or ()]
        self.checked = f"{datetime.now(UTC):%H:%M:%S} UTC"
        self.phase, self.problem = "shown", ""


def verdict(findings: tuple[Finding, ...]) -> tuple[str, str]:
    """One sentence about all parts, and its tone."""
    down = [PARTS[f.name][0] for f in findings if not f.ok and f.needed]
    weak = [PARTS[f.name][0] for f in findings if not f.ok and not f.needed]
    if down:
        return f"Not answering: {', '.join(down + weak)}", "bad"
    if weak:
        return f"Working, without: {', '.join(weak)}", "warn"
    return "Everything answers", "good"


def slowest(findings: tuple[Finding, ...]) -> tuple[str, str]:
    """The longest latency of what answered, and whose it is."""
    answered = [(f.latency_ms, PARTS[f.name][0]) for f in findings if f.latency_ms is not None]
    if not answered:
        return "–", "nothing answers"
    latency, name = max(answered)
    return f"{latency:.0f} ms", name


def part_line(finding: Finding) -> PartLine:
    name, vendor, meaning = PARTS[finding.name]
    slow = finding.latency_ms is not None and finding.latency_ms > SLOW_MS
    state, tone = ("slow", "warn") if slow else ("answers", "good")
    if not finding.ok:
        state, tone = ("down", "bad") if finding.needed else ("down", "warn")
    return PartLine(
        name=name,
        vendor=vendor,
        state=state,
        tone=tone,
        latency="" if finding.latency_ms is None else f"{finding.latency_ms:.0f} ms",
        meaning=meaning,
        problem=finding.problem,
    )


def failing_line(message: FailingMessage) -> FailingLine:
    return FailingLine(
        kind=message.kind,
        queue="going out" if message.queue == "outbox" else "came in",
        error=message.error,
        attempts=formats.number(message.attempts),
        since=f"{formats.moment(message.since)} UTC",
        next_try=f"{formats.moment(message.next_try)} UTC",
    )
