"""An agency as its own people and operations see it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Verification = Literal["none", "asked", "verified", "refused"]
LEAST_CONTRAST = 4.5
"""Of words on a background, by WCAG 2.2, 1.4.3."""
_COLOUR = re.compile("#[0-9A-F]{6}")


@dataclass(frozen=True)
class Registration:
    """What an agency says of itself so that operations can look it up."""

    company: str = ""
    number: str = ""
    registry: str = ""
    tax_number: str = ""


@dataclass(frozen=True)
class AgencyProfile:
    """``accent`` is a colour like ``#0F5B5A``, empty for ours. ``logo`` names its picture."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    address: str
    contact_email: str
    contact_phone: str
    website: str
    accent: str
    logo: UUID | None
    verification: Verification
    verification_note: str
    verification_asked_at: datetime | None
    registration: Registration
    updated_at: datetime


def contrast(colour: str) -> float:
    """How white stands on a colour, 1 to 21 (WCAG 2.2, relative luminance of sRGB).

    Raises:
        ValueError: no colour like ``#0F5B5A``.
    """
    if not _COLOUR.fullmatch(colour):
        raise ValueError("Write a colour like #0F5B5A.")

    def linear(at: int) -> float:
        part = int(colour[at : at + 2], 16) / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    luminance = 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5)
    return 1.05 / (luminance + 0.05)
