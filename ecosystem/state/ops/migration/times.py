"""Ages, durations and sizes, short enough for a table."""

from datetime import datetime

from ecosystem.state import formats
from ecosystem.state.sums import counted


def ago(at: datetime, now: datetime) -> str:
    """``just now``, ``40 s ago``, ``3 min ago``; a day and time when it is longer ago."""
    seconds = (now - at).total_seconds()
    if seconds < 2:
        return "just now"
    if seconds < 24 * 3600:
        return f"{lasting(seconds)} ago"
    return f"on {formats.moment(at)} UTC"


def lasting(seconds: float) -> str:
    """``0.4 s``, ``40 s``, ``3 min``, ``5 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def size(count: int) -> str:
    """``812 bytes``, ``4.1 MB``."""
    if count < 1000:
        return counted(count, "byte", "bytes")
    for unit in ("kB", "MB"):
        count_in = count / (1000 if unit == "kB" else 1_000_000)
        if count_in < 1000:
            return f"{count_in:.1f} {unit}"
    return f"{count / 1_000_000_000:.1f} GB"
