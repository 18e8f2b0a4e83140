"""How a client is written down: what is sorted by, compared and searched is made here alone."""

import re
from typing import Any

from ecosystem.database.tables import Client
from ecosystem.domain.folding import folded

FIELDS = (
    "full_name", "email", "phone", "country", "birth_date", "nationality", "address", "language",
    "preferences", "notes", "tags", "agent_id", "household_id", "consent_at", "consent_source",
)  # fmt: skip
"""What a person may write, as the columns are called."""


def phone_key(phone: str) -> str:
    """The digits, so that ``+49 30 231`` and ``0049 (30) 231`` are the same number."""
    digits = re.sub(r"\D", "", phone)
    return digits.removeprefix("00")


def keys(values: dict[str, Any]) -> dict[str, str]:
    """``name_key``, ``phone_key`` and ``words`` of a whole row's values."""
    name, phone = folded(values["full_name"]), phone_key(values["phone"])
    tags = [folded(tag) for tag in values["tags"]]
    return {
        "name_key": name,
        "phone_key": phone,
        "words": " ".join(filter(None, (name, values["email"], phone, *tags))),
    }


def values_of(row: Client) -> dict[str, Any]:
    """What a person may write, as it stands."""
    return {name: getattr(row, name) for name in FIELDS}
