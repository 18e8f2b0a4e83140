"""What moving people from Supabase Auth to Cognito needs of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from ecosystem.services.ports import SecondFactorNeeded, SignedIn

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

    def begin_app(self, email: str, name: str, supabase_id: str) -> tuple[str, str]:
        """Make the account of somebody who sets up a new authenticator app before she moves.

        Nobody can sign in to it: its password is not known, and it is ``started``. An earlier
        one of hers that was never finished is replaced.

        Returns:
            The app's secret (base32), and the access token that ``finish_app`` wants.

        Raises:
            Invalid: ``email_taken``: the address is somebody else's, or she has moved.
        """
        ...

    def finish_app(
        self, email: str, access: str, code: str, password: str, supabase_id: str
    ) -> None:
        """Prove the app's secret, and let her sign in with this password and the app.

        Raises:
            Invalid: ``wrong_code``; ``weak_password``.
        """
        ...

    def block(self, email: str) -> None:
        """Let nobody in to this account and end its tokens; may be repeated."""
        ...

    def unblock(self, email: str) -> None:
        """Take back what ``block`` did; may be repeated."""
        ...

    def blocked(self) -> Iterator[Account]:
        """The accounts that ``block`` has closed, not those that a person has."""
        ...


class FormerHome(Protocol):
    """Supabase Auth, while people move away from it."""

    def sign_in(self, email: str, password: str) -> "SignedIn | SecondFactorNeeded":
        """Raises ``Invalid``: ``invalid_credentials``."""
        ...

    def sign_out(self, tokens_refresh: str, access: str = "") -> None: ...

    def set_password(self, subject: str, password: str) -> None:
        """Set the password of a person who proved herself at Cognito; silent if she is gone."""
        ...
