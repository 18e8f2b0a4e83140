"""Moving tables, for the people who decide each step: what is true now, live, and asking for more.

What can be asked for and what has to be true before is decided by ``services().moving``; this page
only says it, and says it again every other second.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.moving import (
    Action,
    GroupState,
    Option,
    Overview,
    SinkState,
    TableState,
    TimelineLine,
)
from ecosystem.services.moving.options import group_options, sink_options
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.ops.migration.buttons import words_for
from ecosystem.state.ops.migration.lines import (
    AskedStep,
    ChoiceLine,
    EventLine,
    FoundLine,
    GroupLine,
)
from ecosystem.state.ops.migration.questions import asked_pause, asked_step, found_line
from ecosystem.state.ops.migration.words import (
    event_line,
    group_line,
    leading,
    sink_line,
    worker_words,
)
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/migration"
EVERY_SECONDS = 2
EVENTS = 15
MOST_EVENTS = 100
LONGEST_WHY = 200
ASKED = "Asked for. The worker begins in the next seconds; this page shows how it goes."


@dataclass(frozen=True)
class Look:
    """All that the page shows, asked for at once."""

    overview: Overview
    options: dict[str, dict[str, Option]]
    events: tuple[TimelineLine, ...]
    more: bool
    now: datetime


class OpsMigrationState(rx.State):
    """``phase`` is loading, shown or failed; ``stale`` says that ``groups`` are not of now."""

    phase: str = "loading"
    problem: str = ""
    stale: bool = False
    looked: str = ""
    worker: str = ""
    worker_tone: str = "plain"
    worker_trouble: str = ""
    groups: list[GroupLine] = []
    asked: AskedStep = AskedStep()
    typed_error: str = ""
    refused: str = ""
    drawn: int = 0
    found: FoundLine = FoundLine()
    events: list[EventLine] = []
    more_events: bool = False
    timeline_group: str = ""
    timeline_choices: list[ChoiceLine] = []

    _groups: dict[str, GroupState | SinkState] = {}
    _options: dict[str, dict[str, Option]] = {}
    _limit: int = EVENTS
    _looking: bool = False
    _loads: int = 0

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load everything."""
        loads = self._loads
        self.reset()
        self._loads = loads
        await self._load()

    @rx.event(background=True)
    @allow("ops", unasked=True)
    async def look(self) -> None:
        """Look again, one look at a time. One that was overtaken by what somebody did on the page
        shows nothing: it may be older."""
        async with self:
            if self._looking:
                return
            self._looking, before = True, self._loads
            narrowed, limit = self.timeline_group, self._limit
        seen: Look | None = None
        problem = ""
        try:
            async with self:
                actor = await current_actor(self)
            seen = await call(gather, actor, narrowed, limit)
        except EcosystemError as error:
            problem = error.detail
        finally:
            async with self:
                self._looking = False
                if before == self._loads and seen is not None:
                    self._show(seen)
                elif before == self._loads and problem:
                    self._lose(problem)

    @rx.event
    @allow("ops")
    async def choose(self, group: str, action: str) -> None:
        """Open the question before a step."""
        self.typed_error, self.refused = "", ""
        self.drawn += 1
        self.asked = self._question(group, action)

    @rx.event
    @allow("ops")
    async def close(self) -> None:
        """Leave everything as it is."""
        self._shut()

    @rx.event
    @allow("ops")
    async def ask(self, form: dict[str, Any]) -> EventSpec | None:
        """Ask for the step in the dialog."""
        one, data = self.asked, form if isinstance(form, dict) else {}
        if not one.open:
            return None
        try:
            await self._send(one, data, await current_actor(self))
        except EcosystemError as error:
            self.typed_error = field_errors(error).get("typed_name", "")
            said = words_for(self._groups[one.group]) if one.group in self._groups else str
            self.refused = "" if self.typed_error else said(error.detail)
            return None
        self._shut()
        await self._load()
        done = "Paused. Changes go on being logged and wait." if one.action == "pause" else ASKED
        return toast(done, "done")

    @rx.event
    @allow("ops")
    async def resume(self, group: str) -> EventSpec | None:
        """Let a group go on that was paused."""
        if not isinstance(group, str) or group not in self._groups:
            return None
        return await self._act(services().moving.resume, group, done="It goes on where it was.")

    @rx.event
    @allow("ops")
    async def cancel(self, job_id: str) -> EventSpec | None:
        """Call off a step, or stop one at its next piece."""
        try:
            key = UUID(str(job_id))
        except ValueError:
            return None
        return await self._act(
            services().moving.cancel,
            key,
            done="Asked to stop. It ends at once, or after the piece it is at.",
        )

    @rx.event
    @allow("ops")
    async def differences(self, group: str, table: str) -> None:
        """Open the rows of a table, or the items of the read model, that differ."""
        one = self._groups.get(group) if isinstance(group, str) else None
        known: tuple[TableState | SinkState, ...] = (
            one.tables if isinstance(one, GroupState) else () if one is None else (one,)
        )
        shown = next((each for each in known if each.name == table), None)
        self.found = found_line(shown, services().clock.now()) if shown else FoundLine()

    @rx.event
    @allow("ops")
    async def close_found(self) -> None:
        """Close the rows that differ."""
        self.found = replace(self.found, open=False)

    @rx.event
    @allow("ops")
    async def narrow(self, group: str) -> None:
        """Show the timeline of one group, or of all."""
        self.timeline_group = group if isinstance(group, str) and group in self._groups else ""
        self._limit = EVENTS
        await self._load()

    @rx.event
    @allow("ops")
    async def older(self) -> None:
        """Show more of the timeline."""
        self._limit = min(self._limit * 2, MOST_EVENTS)
        await self._load()

    def _shut(self) -> None:
        """Close the question; what it says is seen until it has faded."""
        self.asked, self.typed_error, self.refused = replace(self.asked, open=False), "", ""

    def _question(self, group: str, action: str) -> AskedStep:
        one = self._groups.get(group) if isinstance(group, str) else None
        if one is None:
            return AskedStep()
        if action == "pause" and isinstance(one, GroupState):
            return asked_pause(group)
        option = self._options[group].get(action) if isinstance(action, str) else None
        return asked_step(group, option, one) if option else AskedStep()

    async def _send(self, one: AskedStep, data: dict[str, Any], actor: Actor) -> None:
        if one.action == "pause":
            why = "".join(sign for sign in str(data.get("why", "")) if sign.isprintable())
            await call(services().moving.pause, actor, one.group, why=why[:LONGEST_WHY])
            return
        action: Action = next(known for known in get_args(Action) if known == one.action)
        typed = data.get("typed", "")
        await call(
            services().moving.ask,
            actor,
            one.group,
            action,
            typed_name=typed[:100] if isinstance(typed, str) else "",
            deep=bool(data.get("deep")),
        )

    async def _act(self, act: Any, subject: Any, *, done: str) -> EventSpec:
        try:
            await call(act, await current_actor(self), subject)
        except EcosystemError as error:
            return failed(error, PATH)
        await self._load()
        return toast(done, "done")

    async def _load(self) -> None:
        self._loads += 1
        try:
            self._show(
                await call(gather, await current_actor(self), self.timeline_group, self._limit)
            )
        except EcosystemError as error:
            self._lose(error.detail)

    def _lose(self, problem: str) -> None:
        """Say that nothing is known of now; what was seen before stays on screen, as old."""
        self.problem = problem
        if self.phase == "shown":
            self.stale = True
        else:
            self.phase = "failed"

    def _show(self, seen: Look) -> None:
        now, overview = seen.now, seen.overview
        lines = [group_line(one, seen.options[one.name], now) for one in overview.groups]
        if overview.sink is not None:
            lines.append(sink_line(overview.sink, seen.options[overview.sink.name], now))
        self.groups = leading(lines, seen.options)
        self._groups = {one.name: one for one in (*overview.groups, *_sinks(overview))}
        self._options = seen.options
        self.worker, self.worker_tone, self.worker_trouble = worker_words(
            overview.worker_seen_at, now
        )
        self.events = [event_line(one) for one in seen.events]
        self.more_events = seen.more and self._limit < MOST_EVENTS
        self.timeline_choices = [
            ChoiceLine("", "All"),
            *(ChoiceLine(name, name) for name in self._groups),
        ]
        if self.asked.open:
            # What has to be true may have become so, or not so, while somebody reads it.
            again = self._question(self.asked.group, self.asked.action)
            self.asked = again if again.open else replace(self.asked, allowed=False)
        self.looked = f"{now:%H:%M:%S} UTC"
        self.phase, self.problem, self.stale = "shown", "", False


def gather(actor: Actor, narrowed: str, limit: int) -> Look:
    """Ask for everything the page shows.

    Args:
        narrowed: the group whose timeline is shown; empty: of all.
        limit: how many of its entries.

    Raises:
        Forbidden: not somebody of operations.
        Unavailable: our database does not answer.
    """
    moving = services().moving
    overview = moving.overview(actor)
    page = moving.timeline(actor, narrowed, limit=limit)
    now = services().clock.now()
    # Of the same moment as what is shown: what can be asked for never contradicts it.
    options = {one.name: group_options(one, now) for one in overview.groups}
    options |= {one.name: sink_options(one, now) for one in _sinks(overview)}
    return Look(
        overview=overview,
        options={name: {one.action: one for one in found} for name, found in options.items()},
        events=tuple(page.items),
        more=bool(page.next),
        now=now,
    )


def _sinks(overview: Overview) -> tuple[SinkState, ...]:
    return () if overview.sink is None else (overview.sink,)
