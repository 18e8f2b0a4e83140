"""What one record of a file would do, and doing it. The dry run and the run ask the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol
from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import FieldError, Invalid

Outcome = Literal["create", "change", "same", "wrong"]
LONGEST_WORDS = 300
LONGEST_FIELD = 60
MOST_MESSAGES = 20
"""A record of nonsense has something wrong in each of its fields; nobody reads them all."""


@dataclass(frozen=True)
class Verdict:
    """``messages``: the fields that are wrong, or those that change, in words.

    ``package_id`` and ``version`` are what was looked at; version 0 is a package to be made.
    """

    outcome: Outcome
    messages: tuple[FieldError, ...] = ()
    package_id: UUID | None = None
    version: int = 0
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """One record as the file has it. ``new_id``: the id it gets if it makes something new."""

    values: Mapping[str, Any]
    format: str
    decimal_comma: bool
    new_id: UUID


class Judge(Protocol):
    """One for packages, one for departures."""

    def looked(self, actor: Actor, subjects: Sequence[Subject]) -> Callable[[Subject], Verdict]:
        """Read at once what is there of all these records; answers what each would do now.

        Raises ``Unavailable``.
        """
        ...

    def carry_out(self, actor: Actor, subject: Subject, checked: Verdict) -> None:
        """Do it, if it still is what was checked; done already, nothing. Raises
        ``EcosystemError``."""
        ...


def wrong(error: Invalid, rename: Mapping[str, str] | None = None) -> Verdict:
    """What is wrong with a record, by the names that its file has for the fields."""
    fields = error.fields or (FieldError("", error.detail),)
    names = rename or {}
    return Verdict(
        "wrong",
        tuple(FieldError(names.get(item.field, item.field), item.message) for item in fields),
    )


def told(messages: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """What of this a report keeps: the first messages, and how many there are more."""
    kept = [
        FieldError(_cut(item.field, LONGEST_FIELD), shortened(item.message))
        for item in messages[:MOST_MESSAGES]
    ]
    more = len(messages) - len(kept)
    return (*kept, FieldError("", f"… and {more:,} more.")) if more else tuple(kept)


def shortened(text: str) -> str:
    return _cut(text, LONGEST_WORDS)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"


def as_day(value: Any) -> date | None:
    """A day as ISO 8601 has it, and as spreadsheets turn it: 2026-11-22, 22.11.2026 are one."""
    text = str(value).strip()
    try:
        if len(text) == 10 and text[2] == text[5] == ".":
            return date(int(text[6:]), int(text[3:5]), int(text[:2]))
        return date.fromisoformat(text)
    except ValueError:
        return None
