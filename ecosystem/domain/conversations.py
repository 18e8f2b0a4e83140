"""Messages between the buyer of a booking and its operator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Side = Literal["buyer", "operator"]


@dataclass(frozen=True)
class MessageView:
    """``mine``: the reader's own side wrote it. ``read``: the other side has seen it."""

    id: UUID
    mine: bool
    author: str
    body: str
    at: datetime
    read: bool


@dataclass(frozen=True)
class Conversation:
    """The latest messages of a booking, oldest first.

    ``earlier`` counts those before them, ``unread`` those the reader had not seen until now.
    ``other`` is who reads what one writes; ``timezone`` the trip's.
    """

    reference: str
    messages: tuple[MessageView, ...]
    earlier: int
    unread: int
    can_write: bool
    other: str
    timezone: str
