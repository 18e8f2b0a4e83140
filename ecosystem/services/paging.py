"""Opaque cursors: where a list goes on."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import _


def encode_cursor(at: datetime, key: UUID) -> str:
    """A cursor for lists ordered by time and id, newest first."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{key}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, UUID] | None:
    """The place a cursor names; None for the first page.

    Raises:
        Invalid: it is not one of ours.
    """
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _separator, key = text.partition("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(key)
    except (ValueError, binascii.Error, UnicodeError):
        raise Invalid.one("cursor", _("This cursor is not from one of our lists.")) from None
