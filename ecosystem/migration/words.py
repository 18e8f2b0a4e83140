"""The state of moving tables and the result of a comparison, as lines for a person."""

from collections.abc import Iterator, Sequence

from ecosystem.migration.ends import WORDS
from ecosystem.migration.status import GroupStatus, TableStatus
from ecosystem.migration.verify import Verification


def status_lines(groups: Sequence[GroupStatus], tables: Sequence[TableStatus]) -> Iterator[str]:
    """One paragraph a group."""
    for group in groups:
        rests = ", paused" if group.paused else ""
        yield f"{group.group}: {group.phase.replace('_', ' ')}{rests}, {_written(group)}"
        for one in tables:
            if one.group != group.group:
                continue
            parts = [
                f"{one.rows_source:,} rows in {WORDS[one.source]}",
                f"{one.rows_target:,} in {WORDS[one.target]}",
            ]
            if one.phase not in ("planned", "retired"):
                parts.append(_waiting(one))
                parts.append(_verified(one))
            yield f"  {one.table}: {', '.join(parts)}"


def _written(group: GroupStatus) -> str:
    where = f"written in {WORDS[group.authority]}"
    if group.switched_at is None:
        return where
    since = group.switched_at.isoformat(timespec="seconds")
    return f"{where} since {since} (nobody could write for {group.pause_ms} ms)"


def verification_lines(found: Sequence[Verification]) -> Iterator[str]:
    """What was compared, and each row that differs."""
    for one in found:
        told = "equal" if one.equal else f"{one.differing:,} rows differ"
        waiting = f", {one.waiting:,} still to be carried over" if one.waiting else ""
        yield f"{one.table}: {one.rows:,} rows compared in {one.seconds} s: {told}{waiting}"
        for difference in one.differences:
            yield f"  {difference.id} {difference.what}"


def _waiting(one: TableStatus) -> str:
    if not one.logged:
        return (
            f"{WORDS[one.source]} does NOT log its changes any more"
            f" (`ecosystem migrate prepare {one.group}` does it anew)"
        )
    if not one.pending_changes:
        return "no change waits"
    wait = "1 change waits" if one.pending_changes == 1 else f"{one.pending_changes:,} changes wait"
    return f"{wait}, the oldest for {one.lag_seconds:,.1f} s"


def _verified(one: TableStatus) -> str:
    if one.last_verify is None:
        return "not verified yet"
    if one.last_verify["equal"]:
        return f"equal at {one.last_verify['at']}"
    return f"{one.last_verify['differing']:,} rows differed at {one.last_verify['at']}"
