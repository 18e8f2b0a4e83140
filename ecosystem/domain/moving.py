"""Tables that move from Supabase to RDS, as operations sees and asks for it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

WAITS = "it waits"
"""How a reason begins that is over by itself: a database has much to do."""

SINK = "marketplace"
"""The read model in DynamoDB: followed like a group, but nothing moves there."""

TRAFFIC = timedelta(days=3)
"""For how long everybody should have read and written RDS before the way back is given up: working
days, and the reports and jobs of their nights, show what an hour does not."""

Action = Literal[
    "prepare",
    "copy",
    "verify",
    "run",
    "backup",
    "switch",
    "rollback",
    "retire",
    "give_up",
    "rebuild",
]
JobState = Literal["waiting", "running", "done", "refused", "failed", "cancelled"]

GROUP_ACTIONS: tuple[Action, ...] = (
    *("prepare", "copy", "verify", "run", "backup"),
    *("switch", "rollback", "retire", "give_up"),
)
SINK_ACTIONS: tuple[Action, ...] = ("copy", "verify", "rebuild")
TYPED: frozenset[str] = frozenset(("switch", "rollback", "retire", "give_up", "rebuild"))
"""What is asked for by typing the group's name."""


@dataclass(frozen=True)
class Difference:
    """A row that is not the same on both sides and that nothing explains."""

    id: str
    what: str


@dataclass(frozen=True)
class Verified:
    """What a comparison found.

    Attributes:
        waiting: rows that differed and were still to be carried over.
        differing: rows that differ for good; ``differences`` names the first of them.
        deep: compared by texts instead of hashes.
    """

    at: datetime
    equal: bool
    deep: bool = False
    rows: int = 0
    waiting: int = 0
    differing: int = 0
    seconds: float = 0.0
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class TableState:
    """One table as the worker last saw it.

    Attributes:
        rows_source, rows_target: counted in the database that has authority and in the other one.
        copied: rows that the copy has brought; ``percent`` of the source's, 0 to 100.
        pending: changes that wait to be carried over; the oldest for ``lag_seconds``.
        rate: rows a second of the copy under way, 0 when there is none.
        seconds_left: of that copy, None when it can't be told.
    """

    name: str
    rows_source: int
    rows_target: int
    copied: int
    percent: int
    pending: int
    lag_seconds: float
    rate: float = 0.0
    seconds_left: float | None = None
    verified: Verified | None = None


@dataclass(frozen=True)
class Paused:
    """Somebody has asked for copying and following to rest."""

    at: datetime
    by: str
    why: str = ""


@dataclass(frozen=True)
class Job:
    """What somebody has asked the worker to do.

    Attributes:
        step: what it does now or did last, in words.
        error: why it was refused or failed, in words.
        worker: the process that does it.
    """

    id: UUID
    group: str
    action: Action
    deep: bool
    state: JobState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    step: str = ""
    error: str = ""
    worker: str = ""


@dataclass(frozen=True)
class Switched:
    """A change of authority, and how long writers had to wait for it."""

    at: datetime
    source: str
    target: str
    pause_ms: float | None
    by: str = ""


@dataclass(frozen=True)
class Kept:
    """A backup of a group's tables."""

    at: datetime
    rows: int
    size: int
    checked: bool


@dataclass(frozen=True)
class SignInCounts:
    """Operators' people: who has moved to Cognito, who can do so by herself, and who can't.

    Attributes:
        waiting_for: of those who wait, who has to do something first: ``second_factor`` (set up
            the app anew), ``unconfirmed`` (confirm the address), ``no_password`` (choose one).
        impossible: who needs somebody: ``banned``, ``duplicate_email``, ``no_operator``.
    """

    at: datetime
    moved: int
    waiting: int
    impossible: dict[str, int] = field(default_factory=dict)
    waiting_for: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupState:
    """What is true of one group.

    Attributes:
        authority: ``supabase`` or ``rds``: where it is read and written.
        source, target: which way changes are carried at present.
        keeper: the process that carries it now, empty when nobody does.
        throttled: why copying waits or changes are not followed, in words; empty when neither.
        job: the one that waits or runs.
        last_job: the latest that has ended.
        seen_at: when ``tables`` were looked at; None: never yet.
        worker_at: when a worker gave its last sign of life.
    """

    name: str
    phase: str
    authority: str
    source: str
    target: str
    tables: tuple[TableState, ...]
    seen_at: datetime | None = None
    worker_at: datetime | None = None
    paused: Paused | None = None
    keeper: str = ""
    throttled: str = ""
    job: Job | None = None
    last_job: Job | None = None
    last_switch: Switched | None = None
    last_backup: Kept | None = None
    sign_in: SignInCounts | None = None

    @property
    def pending(self) -> int:
        return sum(table.pending for table in self.tables)

    @property
    def lag_seconds(self) -> float:
        return max((table.lag_seconds for table in self.tables), default=0.0)

    @property
    def unfollowed(self) -> str:
        """Why a copied group's changes can't be carried over, in words; empty: they can."""
        if self.phase not in ("in_sync", "switched") or self.throttled.startswith(WAITS):
            return ""
        return self.throttled

    @property
    def rate(self) -> float:
        return sum(table.rate for table in self.tables)

    @property
    def seconds_left(self) -> float | None:
        left = [table.seconds_left for table in self.tables if table.seconds_left is not None]
        return sum(left) if left else None

    @property
    def verified(self) -> Verified | None:
        """The oldest of its tables' comparisons; None when one has none."""
        found = [table.verified for table in self.tables]
        if not found or None in found:
            return None
        return min((one for one in found if one is not None), key=lambda one: one.at)

    @property
    def differing(self) -> int:
        return sum(table.verified.differing for table in self.tables if table.verified)


@dataclass(frozen=True)
class SinkState:
    """What is true of the read model."""

    phase: str
    pending: int
    lag_seconds: float
    seen_at: datetime | None
    worker_at: datetime | None = None
    verified: Verified | None = None
    job: Job | None = None
    last_job: Job | None = None
    name: str = SINK


@dataclass(frozen=True)
class Overview:
    """``sink`` is None where no read model is set; ``worker_seen_at`` as in the groups."""

    groups: tuple[GroupState, ...]
    sink: SinkState | None
    worker_seen_at: datetime | None


@dataclass(frozen=True)
class Condition:
    """One thing that is required, and whether it is met.

    Attributes:
        words: what is required, without a full stop: it reads the same whether it is met or not.
        now: how it is instead, in words; empty when it is met.
    """

    words: str
    met: bool
    now: str = ""


@dataclass(frozen=True)
class Option:
    """Something that can be asked for.

    Attributes:
        does: what will happen, step by step, in words.
        conditions: what has to be so before; all met: ``allowed``.
        typed: the group's name has to be typed for it.
    """

    action: Action
    does: tuple[str, ...]
    conditions: tuple[Condition, ...]
    typed: bool

    @property
    def allowed(self) -> bool:
        return all(one.met for one in self.conditions)


@dataclass(frozen=True)
class TimelineLine:
    """Something that happened to a group: asked for by ``who``, or done by the worker."""

    id: int
    at: datetime
    group: str
    who: str
    what: str
    data: dict[str, Any]
