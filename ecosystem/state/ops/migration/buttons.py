"""Which buttons a group has, and the engine's words with them in the place of commands.

Those words are also read on the command line: they name what helps as a command in backticks.
"""

import re
from collections.abc import Callable

from ecosystem.domain.moving import GroupState, SinkState
from ecosystem.state.ops.migration.steps import STANDINGS, STEPS

_QUOTED = re.compile(r"(\brun )?`([^`]*)`")
_MIGRATE = ["ecosystem", "migrate"]
_ACTIONS = {"abandon": "give_up"}
"""Commands that have another name than what they do here."""
_LABELS = {action: step.label for action, step in STEPS.items()} | {"resume": "Resume"}


def others(one: GroupState) -> tuple[str, ...]:
    """What may be asked for besides the next step and the one back."""
    standing = STANDINGS.get(one.phase)
    if standing is None:
        return ()
    again = one.phase in ("copying", "in_sync") and (
        failed_last(one) or one.differing or one.unfollowed
    )
    return (*standing.others, "prepare") if again else standing.others


def failed_last(one: GroupState | SinkState) -> bool:
    """Whether what was asked for last did not come to its end, and nothing has been since."""
    last = one.last_job
    return one.job is None and last is not None and last.state in ("refused", "failed")


def words_for(one: GroupState | SinkState) -> Callable[[str], str]:
    """Says the engine's words about a group with the buttons that stand beside them."""
    offered: set[str] = set()
    if isinstance(one, GroupState) and one.phase in STANDINGS:
        standing = STANDINGS[one.phase]
        offered = {standing.action, standing.undo, *others(one)} - {""}
        offered |= {"resume"} if one.paused else set()

    def put(found: re.Match[str]) -> str:
        run, command = found[1] or "", found[2]
        name, *about = command.split()[2:] or [""]
        action = _ACTIONS.get(name, name)
        if command.split()[:2] == _MIGRATE and action in offered and about in ([], [one.name]):
            return f"{'press ' if run else ''}“{_LABELS[action]}”"
        return f"{run}“{command}”"

    return lambda words: _QUOTED.sub(put, words)


def without_marks(words: str) -> str:
    """Words of what has been, where no button helps: commands in the quotes of a page."""
    return _QUOTED.sub(r"\1“\2”", words)
