"""A client's row as what a person may write of it."""

from typing import Any

from ecosystem.database.tables import Client
from ecosystem.domain.clients import search_keys

FIELDS = (
    "full_name", "email", "phone", "country", "birth_date", "nationality", "address", "language",
    "preferences", "notes", "tags", "agent_id", "household_id", "consent_at", "consent_source",
)  # fmt: skip
"""What a person may write, as the columns are called."""


def values_of(row: Client) -> dict[str, Any]:
    """What a person may write, as it stands."""
    return {name: getattr(row, name) for name in FIELDS}


def keys(values: dict[str, Any]) -> dict[str, str]:
    """``name_key``, ``phone_key`` and ``words`` of a whole row's values."""
    return search_keys(values["full_name"], values["email"], values["phone"], values["tags"])
