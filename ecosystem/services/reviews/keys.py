"""The key in the invitation to review a trip that an agency has sold.

An agency has its client's links: it pays by them, and sends them on. This key goes to the client
by e-mail alone, so that nobody reviews her own sale.
"""

import base64
import hashlib
import hmac
from uuid import UUID


class ReviewKeys:
    """Made from the secret of sessions: nothing is kept, and who has only the booking's other
    links can't make one."""

    def __init__(self, secret: str) -> None:
        """Raises ``ValueError`` for an empty secret: anybody could make its keys."""
        if not secret:
            raise ValueError("SESSION_SECRET is empty")
        self._secret = secret.encode()

    def of(self, booking_id: UUID) -> str:
        """43 characters that can stand in an address."""
        said = f"ecosystem/review/{booking_id}".encode()
        made = hmac.new(self._secret, said, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def fits(self, booking_id: UUID, key: str) -> bool:
        """Whether this is the booking's key."""
        return hmac.compare_digest(self.of(booking_id).encode(), key.encode())
