"""Identifiers made by us, before any vendor is called."""

import os
import secrets
import time
from uuid import UUID

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 O 1 I L U: a reference is read aloud at a hotel desk."""


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | ((random >> 62) & 0xFFF) << 64
    value |= 0b10 << 62 | random & ((1 << 62) - 1)
    return UUID(int=value)


def booking_reference() -> str:
    """``TRV-`` and eight characters from a CSPRNG: 39 bits, short enough to say."""
    return "TRV-" + "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(8))


def secret_token() -> str:
    """256 random bits, URL-safe: session ids, pay links."""
    return secrets.token_urlsafe(32)
