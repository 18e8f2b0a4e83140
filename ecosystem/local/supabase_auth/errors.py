"""Refusals, with GoTrue's status and code for each."""

from collections.abc import Mapping
from typing import Any


class AuthError(Exception):
    """An answer other than success.

    Attributes:
        status: HTTP status.
        code: one of the documented codes (https://supabase.com/docs/guides/auth/debugging/error-codes).
        message: for people.
        details: more members of the JSON answer.
    """

    def __init__(
        self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = dict(details or {})


def validation_failed(message: str, status: int = 400) -> AuthError:
    """A request that lacks something or has it in a wrong form."""
    return AuthError(status, "validation_failed", message)


def invalid_credentials() -> AuthError:
    """Wrong password, unknown person, no password: one answer, so that none can be told."""
    return AuthError(400, "invalid_credentials", "Invalid login credentials")


def user_not_found(status: int = 404) -> AuthError:
    """Nobody has this id."""
    return AuthError(status, "user_not_found", "User not found")


def user_banned(status: int = 400) -> AuthError:
    """The account is blocked for now."""
    return AuthError(status, "user_banned", "User is banned")


def weak_password(minimum: int) -> AuthError:
    """Too short; the client raises ``AuthWeakPasswordError`` with the reasons."""
    return AuthError(
        422,
        "weak_password",
        f"Password should be at least {minimum} characters.",
        {"weak_password": {"reasons": ["length"]}},
    )


def otp_expired(message: str = "Token has expired or is invalid") -> AuthError:
    """A code or link that never existed, was used or is too old: not told apart."""
    return AuthError(403, "otp_expired", message)
