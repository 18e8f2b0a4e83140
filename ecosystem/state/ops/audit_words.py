"""Entries of the audit log in words: amounts with their currency, names as people say them."""

from collections.abc import Iterator
from typing import Any

from ecosystem.domain.money import Money
from ecosystem.domain.operations import AuditLine
from ecosystem.services.moving.words import told as told_of_moving
from ecosystem.state import formats
from ecosystem.state.ops.adjustments import NAMES
from ecosystem.state.ops.migration.buttons import without_marks

MOVING = "migration."
LONGEST = 300
_ARROW = " → "
_AMOUNTS = frozenset(("amount", "before", "after", "refund", "to_pay"))
"""In minor units, as everything whose name ends with ``_minor``."""
_INNER = frozenset(("adjustment_id", "change", "share"))
"""Ids that lead nowhere: programs read them over the API."""
_LEDGER = frozenset(("debit", "credit"))
_CODES = frozenset(("kind", "state", "status", "model", "fields", "old", "new"))
"""What is one of our own short names, and no word that somebody typed."""


def what_was_done(line: AuditLine) -> str:
    """``Booking: date change asked``."""
    if line.action.startswith(MOVING):
        return without_marks(told_of_moving(line.action, line.data))
    subject, _, what = line.action.partition(".")
    return f"{_name(subject).capitalize()}: {_name(what)}"


def details(line: AuditLine) -> str:
    """What else is known of it; shortened."""
    if line.action.startswith(MOVING):
        # The sentence above says all of it.
        return ""
    data = dict(line.data)
    currency = str(data.pop("currency", "") or line.currency)
    told = "; ".join((*_changes(data, currency), *_facts(data, currency)))
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 2]} …"


def _changes(data: dict[str, Any], currency: str) -> Iterator[str]:
    """Takes ``old`` and ``new`` out of ``data`` where they stand side by side."""
    if not {"old", "new"} <= data.keys():
        return
    old, new = data["old"], data["new"]
    if isinstance(old, list) or isinstance(new, list):
        return
    del data["old"], data["new"]
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield _value("old", old, currency) + _ARROW + _value("new", new, currency)
        return
    for key in (*new, *(key for key in old if key not in new)):
        was = f"{_value(key, old[key], currency)}{_ARROW}" if key in old else ""
        yield f"{_name(key)}: {was}{_value(key, new.get(key), currency)}"


def _facts(data: dict[str, Any], currency: str) -> Iterator[str]:
    for key, value in data.items():
        if key not in _INNER:
            yield f"{_name(key)}: {_value(key, value, currency)}"


def _name(key: str) -> str:
    return key.removesuffix("_minor").removesuffix("_id").replace("_", " ")


def _value(key: str, value: Any, currency: str) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(
            f"{_name(name)} {_value(name, one, currency)}" for name, one in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_value(key, one, currency) for one in value) or "–"
    if isinstance(value, int) and (key in _AMOUNTS or key.endswith("_minor")):
        return _amount(value, currency)
    if key in _LEDGER:
        return NAMES.get(str(value), str(value))
    return str(value).replace("_", " ") if key in _CODES else str(value)


def _amount(minor: int, currency: str) -> str:
    if not currency:
        # Older entries about departures: of which currency only the departure knows.
        return f"{formats.number(minor)} (in the smallest unit)"
    return formats.money(Money(minor, currency))
