"""A cancellation policy in words, with the days of one departure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ecosystem.domain.cancellation import DatedTier
from ecosystem.domain.language import _
from ecosystem.state import formats


@dataclass(frozen=True)
class PolicyLine:
    """``when`` in days, ``back`` how much, ``nothing`` whether it is the sad line."""

    when: str
    back: str
    nothing: bool


def policy_lines(tiers: Sequence[DatedTier], today: date) -> list[PolicyLine]:
    """The tiers that are still to come on ``today``, a day local to the destination."""
    lines: list[PolicyLine] = []
    for tier in tiers:
        if tier.last is not None and tier.last < today:
            continue
        first = tier.first if tier.first and tier.first > today else None
        lines.append(
            PolicyLine(
                _when(first, tier.last), _back(tier.refund_percent), tier.refund_percent == 0
            )
        )
    return lines


def all_back_until(tiers: Sequence[DatedTier], today: date) -> str:
    """The last day on which everything comes back: ``14 April 2027``; empty if it is past."""
    for tier in tiers:
        if tier.refund_percent == 100 and tier.last is not None and tier.last >= today:
            return formats.full_day(tier.last)
    return ""


def _back(percent: int) -> str:
    known = {100: _("everything back"), 50: _("half back"), 0: _("nothing back")}
    if percent in known:
        return known[percent]
    return _("{share} back").format(share=formats.percent(percent))


def _when(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return _("From now on")
    if first is None:
        return _("Until {day}").format(day=formats.full_day(last)) if last else ""
    if last is None:
        return _("From {day}").format(day=formats.full_day(first))
    if first < last:
        return formats.days(first, last)
    return _("On {day}").format(day=formats.full_day(first))
