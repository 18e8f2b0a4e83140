"""Everything random in the demo data, made from names: the same on every machine.

``random.Random`` seeded with text, and BLAKE2 for identifiers, give the same answers on
every platform and Python version.
"""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime
from random import Random
from uuid import UUID

_SEED = "ecosystem-demo-1"
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def chance(*name: object) -> Random:
    """A source of choices that belongs to ``name`` alone."""
    return Random(f"{_SEED}:{':'.join(map(str, name))}")


def _bits(name: tuple[object, ...], size: int) -> bytes:
    text = f"{_SEED}:{':'.join(map(str, name))}"
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def plain_id(*name: object) -> UUID:
    """An id in the form of a random UUID (version 4), as the operators' database makes."""
    value = int.from_bytes(_bits(name, 16))
    value = value & ~(0xF << 76) | 0x4 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)


def timed_id(at: datetime, *name: object) -> UUID:
    """An id in the form of a UUIDv7 (RFC 9562 §5.7) made at ``at``."""
    value = int.from_bytes(_bits(name, 10))
    value &= ~(0xF << 76)
    value = value & ~(0b11 << 62) | 0b10 << 62 | 0x7 << 76
    return UUID(int=int(at.timestamp() * 1000) << 80 | value)


def token(*name: object) -> str:
    """256 bits, URL-safe, in the form of ``domain.ids.secret_token``."""
    return urlsafe_b64encode(_bits(("token", *name), 32)).rstrip(b"=").decode()


def short(*name: object) -> str:
    """24 letters and digits, as at the end of a Stripe id."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    value = int.from_bytes(_bits(("short", *name), 20))
    return "".join(letters[value // 62**place % 62] for place in range(24))


def reference(*name: object) -> str:
    """A booking reference in the form of ``domain.ids.booking_reference``."""
    value = int.from_bytes(_bits(("reference", *name), 12))
    size = len(_REFERENCE_ALPHABET)
    return "TRV-" + "".join(_REFERENCE_ALPHABET[value // size**place % size] for place in range(8))
