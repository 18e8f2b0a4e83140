"""What moving people from Supabase Auth to Cognito needs of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

AccountState = Literal["confirmed", "unconfirmed", "started", "disabled"]
"""``started``: made by us, its password not set yet; nobody can sign in to it."""


@dataclass(frozen=True)
class Account:
    """An account of Cognito. ``supabase_id`` is the user id it came with, empty for others."""

    subject: str
    email: str
    state: AccountState
    supabase_id: str = ""

    @property
    def moved(self) -> bool:
        """Whether this is where the person signs in now."""
        return bool(self.supabase_id) and self.state in ("confirmed", "disabled")


class CognitoAccounts(Protocol):
    """Accounts that our server makes."""

    def holder(self, email: str) -> Account | None:
        """Whose this address is, in whatever state the account is."""
        ...

    def take_in(self, email: str, name: str, password: str, supabase_id: str) -> None:
        """Make a confirmed provider with this password, or finish one that was begun.

        Nothing is mailed. An unconfirmed account with this address is replaced. May be
        repeated, at the same time too.

        Raises:
            Invalid: ``email_taken``: the address is somebody else's; ``weak_password``.
        """
        ...

    def everyone(self) -> Iterator[Account]:
        """All accounts of the pool, page by page."""
        ...


class FormerHome(Protocol):
    """Supabase Auth, while people move away from it."""

    def sign_out(self, tokens_refresh: str, access: str = "") -> None: ...

    def set_password(self, subject: str, password: str) -> None:
        """Set the password of a person who proved herself at Cognito; silent if she is gone."""
        ...
