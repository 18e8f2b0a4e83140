"""Keeping the copy of a group in step, one step at a time."""

import time
from collections.abc import Callable, Sequence

from ecosystem.migration import gates, plan
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import TABLES, Refused
from ecosystem.migration.readiness import shapes_of
from ecosystem.migration.shape import Shape

_LOOK_SECONDS = 5.0


class Following:
    """Carries what changes, in the direction that was right when it began.

    Args:
        carry: makes what carries a table, claimed by us.
    """

    def __init__(self, ends: Ends, row: plan.Group, carry: Callable[[Shape], Carrier]) -> None:
        self._ends = ends
        self._row = row
        self._carriers: Sequence[Carrier] = [carry(shape) for shape in shapes_of(ends, row.name)]
        self._looked = time.monotonic()

    def step(self) -> int:
        """One batch of each table; returns how many rows of the log are done, 0: none waits.

        Raises:
            Refused: authority or columns have changed, or the log is off; ``Fenced`` when another
                process has claimed a table.
        """
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            if plan.group_row(self._ends.rds, self._row.name).epoch != self._row.epoch:
                raise Refused(f"{self._row.name} has changed hands; this one stopped")
            shapes_of(self._ends, self._row.name)
            gates.rest(self._ends.source, self._row.name, TABLES[self._row.name])
            self._looked = time.monotonic()
        return sum(carrier.batch() for carrier in self._carriers)
