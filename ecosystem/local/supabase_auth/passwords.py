"""Hashing and checking passwords as GoTrue stores them."""

import re
import secrets

import bcrypt

from ecosystem.local.supabase_auth.errors import AuthError, validation_failed, weak_password

BCRYPT_LIMIT = 72
"""bcrypt reads no further than this many bytes; GoTrue refuses to set a longer password."""

_BCRYPT_HASH = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")
_ARGON2_HASH = re.compile(r"\$argon2(?:i|d|id)\$v=\d+\$m=\d+,t=\d+,p=\d+[^$]*\$[^$]+\$[^$]+")


class Passwords:
    """Hashes with bcrypt; checks bcrypt and argon2. Slow on purpose: call it in a thread."""

    def __init__(self, cost: int, minimum: int) -> None:
        self._cost = cost
        self._minimum = minimum
        self._nobody = self.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """A new bcrypt hash. The password must have passed ``check_rules``."""
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(self._cost)).decode()

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one.

        Without a stored hash the same work is done for nothing, so that the time of an
        answer does not tell whether an account exists.
        """
        if stored and stored.startswith("$argon2"):
            # Rare, and 3 MB: loaded for the first such hash.
            import argon2

            try:
                return argon2.PasswordHasher().verify(stored, password)
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False
        usable = bool(stored and _BCRYPT_HASH.fullmatch(stored))
        # Like GoTrue's bcrypt: what lies beyond the limit does not count in a comparison.
        candidate = password.encode()[:BCRYPT_LIMIT]
        against = stored if usable and stored else self._nobody
        return bcrypt.checkpw(candidate, against.encode()) and usable

    def check_rules(self, password: object) -> str:
        """The password, if it may be set.

        Raises:
            AuthError: 422 ``weak_password`` when too short, 422 ``validation_failed``
                beyond bcrypt's limit, 400 when it is no text.
        """
        if not isinstance(password, str):
            raise validation_failed("Password must be a string")
        if len(password.encode()) > BCRYPT_LIMIT:
            raise validation_failed(
                f"Password cannot be longer than {BCRYPT_LIMIT} characters", 422
            )
        if len(password) < self._minimum:
            raise weak_password(self._minimum)
        return password

    @staticmethod
    def check_hash(stored: object) -> str:
        """A hash that came from elsewhere, if it can be checked later.

        Raises:
            AuthError: 400 ``validation_failed`` for anything but bcrypt or argon2.
        """
        if isinstance(stored, str) and (
            _BCRYPT_HASH.fullmatch(stored) or _ARGON2_HASH.fullmatch(stored)
        ):
            return stored
        raise AuthError(400, "validation_failed", "password_hash is neither bcrypt nor argon2")
