"""Product and baseline in turns, and the row that comes of it.

A machine has noise that lasts for seconds, so the two are measured in short slices that
alternate; the ratio is taken slice by slice and its median printed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.loads import LoadProcess, Sample


@dataclass(frozen=True)
class Plan:
    """``rounds`` slices of ``seconds`` for each side, after ``warm_up`` seconds of each."""

    rounds: int
    seconds: float
    warm_up: float = 0.5


@dataclass(frozen=True)
class Range:
    """A median with the least and the greatest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Range":
        return cls(median(values), min(values), max(values))

    def show(self, digits: int) -> str:
        return f"{self.middle:,.{digits}f} ({self.low:,.{digits}f}–{self.high:,.{digits}f})"


def quantile(values: list[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turns(
    plan: Plan, sides: dict[str, LoadProcess], before: Callable[[], None] = lambda: None
) -> dict[str, list[Sample]]:
    """Measure every side ``plan.rounds`` times, one after the other.

    ``before`` brings the databases back to the same state before each slice.
    """
    for side in sides.values():
        before()
        side.run(plan.warm_up)
    samples: dict[str, list[Sample]] = {name: [] for name in sides}
    for number in range(plan.rounds):
        # Who begins takes turns too: what the first leaves behind is not always the second's.
        order = list(sides.items()) if number % 2 == 0 else list(sides.items())[::-1]
        for name, side in order:
            before()
            samples[name].append(side.run(plan.seconds))
    return samples


def ratios(over: list[float], under: list[float]) -> list[float]:
    """Slice by slice ``over / under``."""
    return [a / b for a, b in zip(over, under, strict=True)]
