"""Groups that move as the console shows them: their Vars, and how those are filled."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowLine:
    """A row that differs for good, and how."""

    id: str = ""
    what: str = ""


@dataclass(frozen=True)
class FoundLine:
    """The differing rows of a table; ``more`` says that there are others. Its words stay while it
    closes."""

    open: bool = False
    key: str = ""
    title: str = ""
    note: str = ""
    more: str = ""
    rows: list[RowLine] = field(default_factory=list)


@dataclass(frozen=True)
class TableLine:
    """A table of a group. ``begun``: its changes are logged, so that there is something to tell
    besides its rows; ``copies``: its rows are, or were. ``waiting`` is what still has to be carried over, ``check`` what the last comparison
    found; ``differing`` says that there are rows to look at."""

    name: str = ""
    written: str = ""
    begun: bool = False
    copies: bool = False
    rows_supabase: str = ""
    rows_rds: str = ""
    percent: int = 0
    copied: str = ""
    waiting: str = ""
    age: str = ""
    check: str = ""
    check_tone: str = "plain"
    checked: str = ""
    differing: bool = False


@dataclass(frozen=True)
class PhaseLine:
    """A phase on the way: ``past``, ``current`` or ``coming``."""

    label: str = ""
    state: str = "coming"


@dataclass(frozen=True)
class ConditionLine:
    """What a step needs, whether that is met, and ``now``: how it is instead."""

    words: str = ""
    ok: bool = False
    now: str = ""


@dataclass(frozen=True)
class OptionLine:
    """The button of a step; ``kind`` is its look. It opens the question also while something
    is missing, which then says what."""

    action: str = ""
    label: str = ""
    kind: str = "plain"


@dataclass(frozen=True)
class NumberLine:
    """A figure at a group's foot: how far behind, its last backup, the last pause."""

    label: str = ""
    value: str = ""
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class GroupLine:
    """All that a group's card shows.

    Attributes:
        moves: whether it changes hands one day; the read model only follows.
        moved: whether it has: RDS is written.
        summary: how far behind and how fast, beside its name.
        now, next, back: what is true, what the next step does, how to go back.
        missing: all that the next step still needs; ``held``: what else is to be known of it.
        paused: who paused it, in words; empty when nobody did.
        job: what is under way; ``job_note``: who asked and when; ``job_runs``: it has begun.
        announced: the same without figures and times, for who has the page read out: those
            change every other second.
        trouble: what went wrong last; ``differing``: whose rows belong to it and can be looked at.
        step: the next step; ``undo``: the one back; ``options``: what else can be asked for.
    """

    name: str = ""
    phase: str = ""
    tone: str = "plain"
    moves: bool = False
    moved: bool = False
    summary: str = ""
    now: str = ""
    next_title: str = ""
    next: str = ""
    back: str = ""
    missing: list[ConditionLine] = field(default_factory=list)
    held: str = ""
    paused: str = ""
    can_pause: bool = False
    job: str = ""
    job_note: str = ""
    job_id: str = ""
    job_runs: bool = False
    announced: str = ""
    trouble_title: str = ""
    trouble: str = ""
    differing: str = ""
    phases: list[PhaseLine] = field(default_factory=list)
    tables: list[TableLine] = field(default_factory=list)
    step: OptionLine = field(default_factory=OptionLine)
    undo: OptionLine = field(default_factory=OptionLine)
    options: list[OptionLine] = field(default_factory=list)
    numbers: list[NumberLine] = field(default_factory=list)


@dataclass(frozen=True)
class AskedStep:
    """The step in the dialog: what it does, what it needs, how to come back; ``not_yet`` says how
    much is missing. Its words stay while it closes."""

    open: bool = False
    group: str = ""
    action: str = ""
    title: str = ""
    does: list[str] = field(default_factory=list)
    conditions: list[ConditionLine] = field(default_factory=list)
    back: str = ""
    confirm: str = ""
    typed: bool = False
    deep: bool = False
    reason: bool = False
    danger: bool = False
    allowed: bool = False
    not_yet: str = ""


@dataclass(frozen=True)
class EventLine:
    """What somebody did, or what happened, on the timeline."""

    id: str = ""
    at: str = ""
    group: str = ""
    what: str = ""
    who: str = ""


@dataclass(frozen=True)
class ChoiceLine:
    """A group that the timeline can be narrowed to; an empty ``name`` is all of them."""

    name: str = ""
    label: str = ""
