"""Accounts of Cognito that our server makes: people who come from Supabase Auth.

The password is set last: until then the account is ``FORCE_CHANGE_PASSWORD`` with a temporary
password that nobody knows, so a process may die between any two calls.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ecosystem.adapters.cognito.answers import mapped
from ecosystem.adapters.cognito.pool import Cognito
from ecosystem.adapters.refusals import email_taken
from ecosystem.domain.errors import Invalid
from ecosystem.services.ports.accounts import Account, AccountState

PROVIDERS = "providers"
PAGE = 60
"""The most that Cognito gives at once."""

_STATES: Mapping[str, AccountState] = {
    "UNCONFIRMED": "unconfirmed",
    "FORCE_CHANGE_PASSWORD": "started",
}


class Accounts:
    """Implements ``CognitoAccounts`` over the pool of ``cognito``. Thread-safe."""

    def __init__(self, cognito: Cognito) -> None:
        self._pool = cognito

    def holder(self, email: str) -> Account | None:
        """Whose this address is, in whatever state the account is."""
        user = self._pool._user(email)
        return _account(user, user["UserAttributes"]) if user is not None else None

    def take_in(self, email: str, name: str, password: str, supabase_id: str) -> None:
        """Make a confirmed provider with this password, or finish one that was begun.

        Raises:
            Invalid: ``email_taken``: the address is somebody else's; ``weak_password``.
        """
        email = email.lower()
        # Whoever began to sign up with this address has not proved that it is hers.
        self._pool._remove_unconfirmed(email)
        try:
            self._call(
                "admin_create_user",
                Username=email,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                    {"Name": "name", "Value": name},
                    {"Name": "custom:supabase_id", "Value": supabase_id},
                ],
            )
        except Invalid as error:
            if error.code != "email_taken":
                raise
        made = self.holder(email)
        if made is None or made.supabase_id != supabase_id:
            raise email_taken()
        self._pool.add_to_group(email, PROVIDERS)
        if made.state == "started":
            self._call("admin_set_user_password", Username=email, Password=password, Permanent=True)

    def everyone(self) -> Iterator[Account]:
        """All accounts of the pool, page by page."""
        after: dict[str, str] = {}
        while True:
            answer = self._call("list_users", Limit=PAGE, **after)
            for user in answer["Users"]:
                yield _account(user, user["Attributes"])
            if not (token := answer.get("PaginationToken")):
                return
            after = {"PaginationToken": token}

    def _call(self, operation: str, **arguments: Any) -> Any:
        call = getattr(self._pool._client, operation)
        return mapped({}, lambda: call(UserPoolId=self._pool._pool_id, **arguments))


def _account(user: Mapping[str, Any], given: list[dict[str, str]]) -> Account:
    known = {item["Name"]: item.get("Value", "") for item in given}
    state = _STATES.get(user["UserStatus"], "confirmed")
    return Account(
        subject=known["sub"],
        email=known.get("email", "").lower(),
        state=state if user.get("Enabled", True) else "disabled",
        supabase_id=known.get("custom:supabase_id", ""),
    )
