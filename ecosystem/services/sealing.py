"""Values that only we can read again, under keys derived from SESSION_SECRET."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealer:
    """Encrypts and authenticates (Fernet: AES-128-CBC, HMAC-SHA256) for one purpose.

    Each purpose has a key of its own (HKDF, RFC 5869), so that what was sealed for one
    can't be handed in for another.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        """Raises ``ValueError`` for an empty secret: such a seal would protect nothing."""
        if not secret:
            raise ValueError("SESSION_SECRET is empty")
        key = HKDF(
            algorithm=SHA256(), length=32, salt=None, info=f"ecosystem/{purpose}".encode()
        ).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, value: Any, now: datetime) -> str:
        """A URL-safe text with the JSON value and the time in it."""
        plain = json.dumps(value, separators=(",", ":")).encode()
        return self._fernet.encrypt_at_time(plain, int(now.timestamp())).decode()

    def unseal(self, sealed: str, now: datetime, lifetime: timedelta | None = None) -> Any | None:
        """The value, or ``None`` if it isn't ours, was changed, or is older than ``lifetime``."""
        try:
            if lifetime is None:
                plain = self._fernet.decrypt(sealed.encode())
            else:
                plain = self._fernet.decrypt_at_time(
                    sealed.encode(), int(lifetime.total_seconds()), int(now.timestamp())
                )
        except (InvalidToken, ValueError):
            return None
        return json.loads(plain)
