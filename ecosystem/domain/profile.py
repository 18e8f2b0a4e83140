"""An operator's profile, as its own people see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class OperatorProfile:
    """``description`` is Markdown; ``languages`` are ISO 639 codes; ``updated_at`` names this
    state of it: whoever changes it says which one she saw."""

    id: UUID
    slug: str
    name: str
    description: str
    country: str
    city: str
    contact_email: str
    contact_phone: str
    website: str
    languages: tuple[str, ...]
    verified: bool
    updated_at: datetime
