"""The names of our cookies, and what a guest's cookie stands for."""

import hashlib

SESSION = "eco_session"
GUEST = "eco_guest"
CHALLENGE = "eco_challenge"
SECURE_PREFIX = "__Host-"
"""A browser takes such a cookie only over TLS, for this host alone, with path ``/``."""


def cookie_name(name: str, *, secure: bool) -> str:
    """``eco_session`` locally, ``__Host-eco_session`` in production."""
    return f"{SECURE_PREFIX}{name}" if secure else name


def guest_key(cookie: str) -> str:
    """The key under which a guest's holds are kept: SHA-256 in hex, empty without a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


def read_cookie(header: str, name: str) -> str:
    """One cookie out of a ``Cookie`` header; the first if it is there twice, else empty."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value.strip().strip('"')
    return ""
