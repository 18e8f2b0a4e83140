"""Cognito's "migrate user" trigger: operators' people who come to Cognito's own door.

Our server moves people itself (``services/sign_in_moves``); this does the same for clients that
talk to Cognito directly with a password or ask it for a reset code. Supabase Auth vouches for the
person; whoever it does not, or only with an authenticator app as well, is not taken in.

The event has a password in it: nothing here logs, and no error carries a value.

Deployed as one file on Lambda's Python 3.13, with at most five seconds (Cognito waits no longer).
The secret ``ecosystem/supabase`` has ``url``, ``anon_key`` and ``service_role_key``.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import boto3

SECRET = "ecosystem/supabase"
SECONDS = 4.0
"""For all calls of one event."""
_PER_PAGE = 200


class NotMoved(Exception):
    """Cognito answers as for an unknown person."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a ``UserMigration_Authentication`` or ``UserMigration_ForgotPassword`` event.

    Raises:
        NotMoved: the person is not taken in.
    """
    supabase = Supabase(credentials(), time.monotonic() + SECONDS)
    email = str(event["userName"]).strip().lower()
    match event["triggerSource"]:
        case "UserMigration_Authentication":
            user = supabase.proved(email, str(event["request"].get("password") or ""))
        case "UserMigration_ForgotPassword":
            user = supabase.known(email)
        case _:
            raise NotMoved
    if user is None or not may_move(user, email):
        raise NotMoved
    event["response"] = {
        **(event.get("response") or {}),
        "userAttributes": {
            "email": email,
            "email_verified": "true",
            "name": str((user.get("user_metadata") or {}).get("full_name") or ""),
            "custom:supabase_id": str(user["id"]),
        },
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
    }
    return event


def may_move(user: dict[str, Any], email: str) -> bool:
    """Confirmed, not blocked or deleted, signs in with a password, has no authenticator app."""
    banned_until = user.get("banned_until")
    return (
        str(user.get("email") or "").lower() == email
        and bool(user.get("email_confirmed_at"))
        and not user.get("deleted_at")
        and not user.get("is_anonymous")
        and not (banned_until and datetime.fromisoformat(str(banned_until)) > datetime.now(UTC))
        and "email" in ((user.get("app_metadata") or {}).get("providers") or ())
        and not any(factor.get("status") == "verified" for factor in user.get("factors") or ())
    )


class Supabase:
    """The two questions to Supabase Auth, until ``deadline`` (``time.monotonic``)."""

    def __init__(self, keys: dict[str, str], deadline: float) -> None:
        self._keys = keys
        self._deadline = deadline

    def proved(self, email: str, password: str) -> dict[str, Any] | None:
        """The person whose password this is; ``None`` for a wrong one and for nobody."""
        if not email or not password:
            return None
        session = self._ask(
            "/token?grant_type=password", "anon_key", {"email": email, "password": password}
        )
        if session is None:
            return None
        # The question began a session that nobody will use.
        self._ask("/logout?scope=local", "anon_key", {}, bearer=str(session["access_token"]))
        return session["user"]

    def known(self, email: str) -> dict[str, Any] | None:
        """The person with this address. The filter also finds addresses that contain it."""
        query = urllib.parse.urlencode({"filter": email, "per_page": _PER_PAGE})
        answer = self._ask(f"/admin/users?{query}", "service_role_key")
        found = answer["users"] if answer else []
        return next((one for one in found if str(one.get("email") or "").lower() == email), None)

    def _ask(
        self, path: str, key: str, body: dict[str, str] | None = None, bearer: str = ""
    ) -> dict[str, Any] | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise NotMoved
        request = urllib.request.Request(
            f"{self._keys['url'].rstrip('/')}/auth/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "apikey": self._keys[key],
                "Authorization": f"Bearer {bearer or self._keys[key]}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=left) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError:
            return None
        except (OSError, ValueError):
            # No cause: it would have the address in it.
            raise NotMoved from None


@lru_cache(maxsize=1)
def credentials() -> dict[str, str]:
    """Read once for the life of this instance."""
    answer = boto3.client("secretsmanager").get_secret_value(SecretId=SECRET)
    return json.loads(answer["SecretString"])
