"""How results are printed: one block a row, figures as median (least–greatest)."""

import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.comparing import Range


@dataclass(frozen=True)
class Line:
    """One side of a row, in ``unit``."""

    name: str
    value: Range
    unit: str
    digits: int = 0


@dataclass(frozen=True)
class Row:
    """An answer: its figures, the ratio to the baseline, and the aim, if there is one."""

    title: str
    lines: list[Line]
    ratio: Range
    ratio_of: str
    at_least: float | None = None
    at_most: float | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Whether the median ratio reaches the aim."""
        return (self.at_least is None or self.ratio.middle >= self.at_least) and (
            self.at_most is None or self.ratio.middle <= self.at_most
        )

    def __str__(self) -> str:
        wide = max(len(line.name) for line in self.lines)
        parts = [self.title]
        parts += [
            f"  {line.name:<{wide}}  {line.value.show(line.digits)} {line.unit}"
            for line in self.lines
        ]
        aim = ""
        if self.at_least is not None:
            aim = f"; aim at least {self.at_least:g}"
        if self.at_most is not None:
            aim = f"; aim at most {self.at_most:g}"
        if aim:
            aim += ": reached" if self.met else ": NOT reached"
        parts.append(f"  {self.ratio_of} = {self.ratio.show(2)}{aim}")
        parts += [f"  {note}" for note in self.notes]
        return "\n".join(parts)


def machine() -> str:
    """One line about where this ran: figures of two machines do not compare, ratios do."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()},"
        f" fsync {_sync_seconds() * 1000:.2f} ms, load before the start {load:.1f}"
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _sync_seconds() -> float:
    """The median time of writing 8 KB and making it durable, where the database will lie."""
    times: list[float] = []
    with tempfile.TemporaryFile() as file:
        for _ in range(30):
            began = time.perf_counter()
            file.write(b"\0" * 8192)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)
