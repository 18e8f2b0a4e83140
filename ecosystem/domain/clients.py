"""An agency's clients as its people see them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from ecosystem.domain.folding import folded

DocumentKind = Literal["passport", "id_card", "visa", "other"]
Happened = Literal["booking", "quote", "note", "document", "email", "merge", "client"]
Alike = Literal["email", "phone", "name"]
Fitness = Literal["", "none", "fits", "short", "expires"]

SHORTEST_SHOWN = 8
"""Characters of a document's number of which some are shown."""
VALID_AFTER = timedelta(days=183)
"""Many countries want a passport that is good for six months after the stay."""


@dataclass(frozen=True)
class ClientLine:
    """A client in a list. ``next_trip``: when she travels next; ``passport``: whether the one
    that lasts longest is good for it."""

    id: UUID
    name: str
    email: str
    phone: str
    country: str
    tags: tuple[str, ...]
    household: str
    agent: str
    next_trip: date | None
    passport: Fitness
    updated_at: datetime


@dataclass(frozen=True)
class ClientPage:
    """Some clients in the order of their names. ``next`` is where the list goes on."""

    items: tuple[ClientLine, ...]
    next: str | None
    total: int


@dataclass(frozen=True)
class IdentityView:
    """A document, masked: of its number only the last characters are shown. ``fit``: for the
    client's next trip."""

    id: UUID
    kind: DocumentKind
    last_four: str
    country: str
    issued_on: date | None
    expires_on: date | None
    fit: Fitness


@dataclass(frozen=True)
class Relative:
    """Somebody of the same household."""

    id: UUID
    name: str
    birth_date: date | None


@dataclass(frozen=True)
class Duplicate:
    """Two clients who may be one person. ``alike`` is what they have in common."""

    first: "Twin"
    second: "Twin"
    alike: Alike


@dataclass(frozen=True)
class Twin:
    """One side of a possible duplicate."""

    id: UUID
    name: str
    email: str
    phone: str
    birth_date: date | None
    bookings: int


@dataclass(frozen=True)
class Merged:
    """A client who was merged into another, and whether that can be taken back."""

    id: UUID
    name: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ClientView:
    """Everything known of a client but the numbers of documents."""

    id: UUID
    name: str
    email: str
    phone: str
    country: str
    birth_date: date | None
    nationality: str
    address: str
    language: str
    preferences: str
    notes: str
    tags: tuple[str, ...]
    agent_id: UUID | None
    agent: str
    household: str
    relatives: tuple[Relative, ...]
    documents: tuple[IdentityView, ...]
    merged: tuple[Merged, ...]
    duplicates: tuple[Duplicate, ...]
    consent_at: datetime | None
    consent_source: str
    next_trip: date | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class TimelineItem:
    """Something that happened. ``reference`` leads to a booking; ``id`` is that of the note,
    proposal or merge."""

    at: datetime
    kind: Happened
    title: str
    detail: str = ""
    reference: str = ""
    id: UUID | None = None


@dataclass(frozen=True)
class Kept:
    """What stays of an erased client, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Erasure:
    """What an erasure removed, and what has to be kept."""

    removed: tuple[str, ...]
    kept: tuple[Kept, ...]


def fitness(expires_on: date | None, last_day: date | None, today: date) -> Fitness:
    """Whether a document that ends on ``expires_on`` is good for a trip until ``last_day``.

    Without a trip it is measured by today. ``expires``: not valid on the last day; ``short``:
    valid, but for less than six months after it; empty when it has no end.
    """
    if expires_on is None:
        return ""
    until = last_day or today
    if expires_on < until:
        return "expires"
    return "short" if expires_on < until + VALID_AFTER else "fits"


def phone_key(phone: str) -> str:
    """The digits, so that ``+49 30 231`` and ``0049 (30) 231`` are the same number."""
    return re.sub(r"\D", "", phone).removeprefix("00")


def search_keys(name: str, email: str, phone: str, tags: Sequence[str]) -> dict[str, str]:
    """What clients are sorted by, compared and searched by: the columns of that name."""
    name_key, digits = folded(name), phone_key(phone)
    words = (name_key, email, digits, *map(folded, tags))
    return {"name_key": name_key, "phone_key": digits, "words": " ".join(filter(None, words))}


def last_four(number: str) -> str:
    """What is shown of a document's number; nothing of one whose end is most of it."""
    return number[-4:] if len(number) >= SHORTEST_SHOWN else ""
