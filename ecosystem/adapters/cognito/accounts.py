"""Accounts of Cognito that our server makes: people who come from Supabase Auth.

The password is set last: until then the account is ``FORCE_CHANGE_PASSWORD`` with a temporary
password that nobody knows, so a process may die between any two calls.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from ecosystem.adapters.cognito.answers import NEW_APP, former_id, mapped
from ecosystem.adapters.cognito.pool import Cognito
from ecosystem.adapters.refusals import email_taken
from ecosystem.domain.errors import Invalid
from ecosystem.services.ports import SignedIn
from ecosystem.services.ports.accounts import Account, AccountState

PROVIDERS = "providers"
BLOCKED = "blocked_at_supabase"
"""Whom we disabled because Supabase blocks her. An account that somebody disabled by hand is not
in it, and stays disabled."""
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
        self._remove_half_done_app(email, supabase_id)
        made = self._make(email, name, supabase_id, supabase_id)
        if made.state == "started":
            self._set_password(email, password)

    def begin_app(self, email: str, name: str, supabase_id: str) -> tuple[str, str]:
        """Make the account of somebody who sets up a new authenticator app before she moves.

        Raises:
            Invalid: ``email_taken``: the address is somebody else's, or she has moved.
        """
        email = email.lower()
        self._remove_half_done_app(email, supabase_id)
        made = self._make(email, name, supabase_id, NEW_APP + UUID(supabase_id).hex)
        if made.moved:
            raise email_taken()
        unknown = f"aA1{secrets.token_urlsafe(32)}"
        self._set_password(email, unknown)
        entered = self._pool.sign_in(email, unknown)
        if not isinstance(entered, SignedIn):
            raise email_taken()
        secret, _ = self._pool.start_second_factor(entered.tokens.access)
        return secret, entered.tokens.access

    def finish_app(
        self, email: str, access: str, code: str, password: str, supabase_id: str
    ) -> None:
        """Prove the app's secret, and let her sign in with this password and the app.

        It is hers as soon as it has her password: killed after that, her next sign-in does the
        rest. Killed before, she begins again.

        Raises:
            Invalid: ``wrong_code``; ``weak_password``.
        """
        self._pool.finish_second_factor(access, {}, code)
        self._set_password(email, password)
        self._pool.keep_former_id(email, supabase_id)

    def block(self, email: str) -> None:
        """Let nobody in to this account and end its tokens; may be repeated."""
        email = email.lower()
        # Known as ours before it is disabled: killed in between, it is disabled by the next look.
        self._pool.add_to_group(email, BLOCKED)
        self._call("admin_disable_user", Username=email)
        self._call("admin_user_global_sign_out", Username=email)

    def unblock(self, email: str) -> None:
        """Take back what ``block`` did; may be repeated."""
        email = email.lower()
        self._call("admin_enable_user", Username=email)
        self._call("admin_remove_user_from_group", Username=email, GroupName=BLOCKED)

    def blocked(self) -> Iterator[Account]:
        """The accounts that ``block`` has closed, not those that a person has."""
        after: dict[str, str] = {}
        while True:
            answer = self._call("list_users_in_group", GroupName=BLOCKED, Limit=PAGE, **after)
            for user in answer["Users"]:
                yield _account(user, user["Attributes"])
            if not (token := answer.get("NextToken")):
                return
            after = {"NextToken": token}

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

    def _make(self, email: str, name: str, supabase_id: str, kept_as: str) -> Account:
        """The account of this person, a new one unless she has one; a provider."""
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
                    {"Name": "custom:supabase_id", "Value": kept_as},
                ],
            )
        except Invalid as error:
            if error.code != "email_taken":
                raise
        made = self.holder(email)
        if made is None or made.supabase_id != supabase_id:
            raise email_taken()
        self._pool.add_to_group(email, PROVIDERS)
        return made

    def _remove_half_done_app(self, email: str, supabase_id: str) -> None:
        """Nothing of it can be used: the old secret is known to an app, or to nobody."""
        user = self._pool._user(email)
        if user is None:
            return
        known = {item["Name"]: item.get("Value", "") for item in user["UserAttributes"]}
        if known.get("custom:supabase_id") == NEW_APP + UUID(supabase_id).hex:
            self._pool.remove(email)

    def _set_password(self, email: str, password: str) -> None:
        self._call(
            "admin_set_user_password", Username=email.lower(), Password=password, Permanent=True
        )

    def _call(self, operation: str, **arguments: Any) -> Any:
        call = getattr(self._pool._client, operation)
        return mapped({}, lambda: call(UserPoolId=self._pool._pool_id, **arguments))


def _account(user: Mapping[str, Any], given: list[dict[str, str]]) -> Account:
    known = {item["Name"]: item.get("Value", "") for item in given}
    state = _STATES.get(user["UserStatus"], "confirmed")
    supabase_id = known.get("custom:supabase_id", "")
    if supabase_id.startswith(NEW_APP):
        supabase_id, state = former_id(supabase_id), "started"
    elif not user.get("Enabled", True):
        state = "disabled"
    return Account(
        subject=known["sub"],
        email=known.get("email", "").lower(),
        state=state,
        supabase_id=supabase_id,
    )
