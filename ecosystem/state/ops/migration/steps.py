"""What stands beside each step of moving a group: its name, and how one comes back from it.

The words promise what ``ecosystem/migration`` keeps: change them with it. What a step does, and
what has to be true before it, comes from whoever carries it out (``services/moving``).
"""

from dataclasses import dataclass

SYSTEMS = {"supabase": "Supabase", "rds": "RDS"}

PHASES = {
    "planned": ("planned", "plain"),
    "capturing": ("changes logged", "brand"),
    "copying": ("copying", "brand"),
    "in_sync": ("in sync", "good"),
    "switched": ("switched", "good"),
    "retired": ("retired", "good"),
}
"""For each phase, in order: its name, and its badge's tone."""


@dataclass(frozen=True)
class Step:
    """One thing that can be asked for.

    Attributes:
        label: what its button says; it always opens a question.
        title: of that question.
        confirm: what the button says that really does it.
        back: how one comes back from it.
        doing: what it is called while it goes on.
        danger: whether it closes a way back.
    """

    label: str
    title: str
    confirm: str
    back: str
    doing: str
    danger: bool = False


_STAYS = "Nothing has to be undone: nobody reads RDS. It can stay like this for any time."
_UNCHANGED = "Nothing is changed by it."

STEPS: dict[str, Step] = {
    "prepare": Step("Prepare…", "Prepare {group}", "Prepare", _STAYS, "Preparing"),
    "run": Step(
        "Prepare, copy and check…",
        "Prepare, copy and check {group}",
        "Begin",
        f"{_STAYS} Pause stops it at any time.",
        "Preparing, copying and checking",
    ),
    "copy": Step(
        "Copy…",
        "Copy {group} to RDS",
        "Copy",
        "Nobody reads RDS yet. Pause stops it at any time; it goes on where it was.",
        "Copying",
    ),
    "verify": Step("Compare…", "Compare both sides of {group}", "Compare", _UNCHANGED, "Comparing"),
    "backup": Step("Back up…", "Back up {group}", "Back up", _UNCHANGED, "Backing up"),
    "switch": Step(
        "Switch to RDS…",
        "Switch {group} to RDS",
        "Switch to RDS",
        "What fails before the pause is over opens Supabase again by itself and says why. "
        "Afterwards “Roll back” takes along everything written since.",
        "Switching to RDS",
    ),
    "rollback": Step(
        "Roll back to Supabase…",
        "Roll {group} back to Supabase",
        "Roll back to Supabase",
        "What fails before the pause is over opens RDS again by itself and says why. "
        "Afterwards it can be switched to RDS again.",
        "Rolling back to Supabase",
    ),
    "retire": Step(
        "Retire Supabase…",
        "Retire Supabase for {group}",
        "Retire Supabase",
        "None by a button: this closes the way back. What is left is the backup, which is kept "
        "for 30 days.",
        "Retiring Supabase",
        danger=True,
    ),
    "give_up": Step(
        "Give up…",
        "Give {group} up",
        "Give up",
        "It can be prepared and copied again at any time, from the beginning.",
        "Giving up",
    ),
    "rebuild": Step(
        "Build anew…",
        "Build {group} anew",
        "Build anew",
        "None is needed: until it is built the databases answer, and both are left alone.",
        "Building anew",
    ),
}

PAUSE = Step("Pause…", "Pause {group}", "Pause", "“Resume” goes on where it was.", "Pausing")
"""Not carried out by anybody: who copies looks whether it is wished."""

SINK_STEPS: dict[str, Step] = {
    "copy": Step(
        "Build…",
        "Build {group}",
        "Build",
        "None is needed: until it is built the databases answer.",
        "Building",
    ),
    "verify": Step(
        "Compare…", "Compare {group} with the databases", "Compare", _UNCHANGED, "Comparing"
    ),
}
"""Where the read model's steps are other ones than a group's."""


@dataclass(frozen=True)
class Standing:
    """A phase: what is true in it, what the next step is, and how to go back.

    Attributes:
        undo: the step back; empty when there is none to ask for.
        carried, waits: what is true besides while somebody carries the group, and while nobody
            does.
        action: the next step's; empty when there is none to ask for.
        others: what else may be asked for.
    """

    now: str
    next_title: str
    next: str
    back: str
    carried: str = ""
    waits: str = ""
    action: str = ""
    undo: str = ""
    others: tuple[str, ...] = ()


STANDINGS: dict[str, Standing] = {
    "planned": Standing(
        now="Everyone reads and writes Supabase. RDS has nothing of it.",
        next_title="prepare",
        next="Supabase begins to log which rows change. Nothing is copied, and writers wait a "
        "second at most.",
        back="There is nothing to go back from.",
        action="prepare",
        others=("run",),
    ),
    "capturing": Standing(
        now="Everyone reads and writes Supabase, which logs every change. RDS has nothing of it.",
        next_title="copy",
        next="Rows are copied to RDS while everyone writes, and changes follow, until both sides "
        "are in step.",
        back="Nobody reads RDS. “Give up” leaves everything as it was before.",
        action="copy",
        undo="give_up",
    ),
    "copying": Standing(
        now="Everyone reads and writes Supabase. RDS has a part of it, which nobody reads.",
        waits="Nobody copies at this moment.",
        next_title="copy to the end",
        next="Rows are copied while everyone writes. After a stop of any kind it goes on where it "
        "was.",
        back="Nobody reads RDS. “Pause” stops it at any time; “Give up” leaves everything as it was "
        "before.",
        action="copy",
        undo="give_up",
    ),
    "in_sync": Standing(
        now="Everyone reads and writes Supabase. RDS has all of it, and nobody reads it there.",
        carried="Every change is carried over.",
        waits="Changes are logged and wait: nobody carries them over at this moment.",
        next_title="switch to RDS",
        next="A backup, a full comparison while everyone writes, then a short pause; after it "
        "everyone reads and writes RDS.",
        back="Nobody reads RDS yet. A switch that fails opens Supabase again by itself. “Give up” "
        "leaves everything as it was before.",
        action="switch",
        undo="give_up",
        others=("verify", "backup"),
    ),
    "switched": Standing(
        now="Everyone reads and writes RDS; direct writes to Supabase are refused.",
        carried="Supabase gets every change, so that the way back stays open.",
        waits="Changes are logged and wait: nobody carries them to Supabase at this moment.",
        next_title="retire Supabase",
        next="Supabase stops following, and the way back closes. Leave days of traffic before it.",
        back="“Roll back” makes Supabase the one that is written again. Nothing written since the "
        "switch is lost.",
        action="retire",
        undo="rollback",
        others=("verify", "backup"),
    ),
    "retired": Standing(
        now="Everyone reads and writes RDS. Supabase has what was there when it was retired; "
        "direct writes to it are refused.",
        next_title="nothing",
        next="This group has moved for good.",
        back="No button leads back. A backup can be restored while it is kept: 30 days.",
        others=("backup",),
    ),
}

SINK_STANDINGS: dict[str, Standing] = {
    "planned": Standing(
        now="Nothing is in DynamoDB yet. The databases answer the storefront.",
        next_title="build",
        next="Everything the storefront lists is written there, and changes follow.",
        back="There is nothing to go back from.",
        action="copy",
    ),
    "copying": Standing(
        now="A part of it is in DynamoDB. Until it is whole the databases answer the storefront.",
        next_title="build to the end",
        next="The worker goes on by itself, also after a stop.",
        back="There is nothing to go back from.",
        action="copy",
    ),
    "in_sync": Standing(
        now="DynamoDB has all of it and follows every change in both databases, wherever the "
        "groups are.",
        next_title="compare",
        next="Every item is compared with the databases. Nobody waits for it.",
        back="Pages read the databases instead with MARKETPLACE_READS=postgres. All of it can be "
        "built anew at any time.",
        action="verify",
        others=("rebuild",),
    ),
    "unavailable": Standing(
        now="DynamoDB does not answer. The databases answer the storefront; changes are logged "
        "and wait.",
        next_title="wait",
        next="It goes on by itself once DynamoDB answers.",
        back="Nothing has to be undone.",
    ),
}
