"""What the services need from vendors, in our words.

Each protocol has one adapter per vendor in ``ecosystem/adapters`` and one
contract suite in ``tests/contract`` that runs against every implementation.
All of them are synchronous, raise only errors of ``domain.errors``, and never
log a secret.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from ecosystem.domain.currencies import DayRates
from ecosystem.services.ports.accounts import Account, CognitoAccounts, FormerHome
from ecosystem.services.ports.payments import (
    CheckoutRequest,
    CheckoutSession,
    ConnectedAccount,
    DisputeView,
    Payments,
    RefundResult,
    ReversalView,
    StripeEvent,
    TransferView,
)
from ecosystem.services.ports.read_model import Item, ReadModel, Scanned

__all__ = [
    "Account",
    "CheckoutRequest",
    "CheckoutSession",
    "Clock",
    "CognitoAccounts",
    "CognitoGroups",
    "ConnectedAccount",
    "DisputeView",
    "Email",
    "ExchangeRates",
    "Files",
    "FormerHome",
    "Identity",
    "IdentityProvider",
    "Item",
    "Mail",
    "Payments",
    "ReadModel",
    "RefundResult",
    "ReversalView",
    "ScanAnswer",
    "Scanned",
    "Scanner",
    "SecondFactorNeeded",
    "SignedIn",
    "StoredFile",
    "StripeEvent",
    "Tokens",
    "TransferView",
    "UploadForm",
]


class Clock(Protocol):
    """Where services get the time, so that a test can move it."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


# Sign-in ---------------------------------------------------------------------


@dataclass(frozen=True)
class Identity:
    """A person as an identity provider vouches for her.

    ``groups`` are Cognito groups (server-assigned); empty for Supabase. ``supabase_id`` is the
    user id that somebody of an operator brought to Cognito (server-assigned), else empty.
    ``assurance`` is ``aal1``, or ``aal2`` after a second factor.
    """

    subject: str
    email: str
    name: str = ""
    groups: tuple[str, ...] = ()
    assurance: str = "aal1"
    supabase_id: str = ""


@dataclass(frozen=True)
class Tokens:
    """What a provider issued. ``refresh`` stays on the server."""

    access: str
    id: str
    refresh: str
    expires_in: int


@dataclass(frozen=True)
class SignedIn:
    """Right credentials, nothing more to ask."""

    identity: Identity
    tokens: Tokens


@dataclass(frozen=True)
class SecondFactorNeeded:
    """Right password; the provider wants a code of an authenticator app now.

    ``state`` is opaque and must reach ``answer_second_factor`` unchanged; it is
    kept on the server, never in the browser.
    """

    email: str
    state: dict[str, Any] = field(repr=False, default_factory=dict)


class IdentityProvider(Protocol):
    """Sign-up, sign-in and password of one pool of people (Cognito, Supabase Auth).

    Errors: ``Invalid`` names the field (``email password code``) with codes
    ``invalid_credentials`` ``email_not_confirmed`` ``weak_password``
    ``wrong_code`` ``expired_code`` ``email_taken``; ``TooManyRequests``;
    ``Unavailable``.
    """

    def sign_up(self, email: str, password: str, name: str) -> str:
        """Make an unconfirmed account; the provider mails a code. Returns the subject."""
        ...

    def confirm(self, email: str, code: str) -> str:
        """Confirm the address with the mailed code; returns the subject."""
        ...

    def resend_code(self, email: str) -> None:
        """Mail the confirmation code again. Silent when there is nothing to confirm."""
        ...

    def sign_in(self, email: str, password: str) -> SignedIn | SecondFactorNeeded: ...

    def answer_second_factor(self, challenge: SecondFactorNeeded, code: str) -> SignedIn: ...

    def forgot_password(self, email: str) -> None:
        """Mail a reset code. Silent about whether the address exists."""
        ...

    def reset_password(self, email: str, code: str, password: str) -> None: ...

    def refresh(self, email: str, refresh_token: str) -> Tokens: ...

    def sign_out(self, tokens_refresh: str, access: str = "") -> None:
        """Revoke the refresh token at the provider."""
        ...

    def start_second_factor(self, access: str) -> tuple[str, dict[str, Any]]:
        """Begin TOTP enrolment: the base32 secret to show, and state for the finish."""
        ...

    def finish_second_factor(self, access: str, state: dict[str, Any], code: str) -> None: ...

    def has_second_factor(self, email: str, subject: str) -> bool:
        """Whether sign-in asks this person for a code of an authenticator app."""
        ...

    def verify_token(self, token: str) -> Identity:
        """Check a bearer token: signature by JWKS, issuer, audience or client, expiry,
        ``token_use``. Raises ``SignInRequired`` for anything else."""
        ...

    def ping(self) -> None: ...


class CognitoGroups(Protocol):
    """Server-side knowledge and assignment of roles."""

    def find(self, username: str) -> Identity | None:
        """The confirmed, enabled account with this e-mail address or subject."""
        ...

    def add_to_group(self, email: str, group: str) -> None: ...


# Mail and files --------------------------------------------------------------


@dataclass(frozen=True)
class Attachment:
    """A file that goes along. ``kind`` is its media type, with ``parameters``."""

    name: str
    kind: str
    content: bytes
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Email:
    """``id`` is ours and travels along, so that a double is recognisable."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


class Mail(Protocol):
    def send(self, email: Email) -> None: ...

    def ping(self) -> None: ...


@dataclass(frozen=True)
class UploadForm:
    """Where a browser posts one file as ``multipart/form-data``: ``fields``, then ``file``."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class StoredFile:
    """What lies under a key. ``content_type`` is what its sender said, not what it is."""

    size: int
    content_type: str
    etag: str


class Files(Protocol):
    """Object storage (S3). Keys are ours, never made of what a person typed."""

    def presigned_post(
        self, key: str, content_type: str, max_bytes: int, expires: timedelta
    ) -> UploadForm:
        """A form that lets a browser store 1 to ``max_bytes`` bytes under exactly ``key`` with
        exactly ``content_type``, any number of times until it ``expires``. What was stored
        still has to be looked at: the form proves neither its kind nor that it came."""
        ...

    def put(self, key: str, content: bytes, content_type: str) -> None: ...

    def head(self, key: str) -> StoredFile | None:
        """What lies there, without reading it; ``None`` for nothing."""
        ...

    def get(self, key: str) -> bytes:
        """All of it: ask ``head`` for the size first. Raises ``NotFound``."""
        ...

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """At most ``length`` bytes from ``start``; empty past the end. Raises ``NotFound``."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy within the store. Raises ``NotFound``."""
        ...

    def delete(self, key: str) -> None:
        """Remove it; silent when it is not there. The store may keep what it was for a while."""
        ...

    def erase(self, key: str) -> None:
        """Remove it with every version that was ever there; silent when there is none."""
        ...

    def tags(self, key: str) -> dict[str, str]:
        """What was written on it since it was stored. Raises ``NotFound``."""
        ...

    def ping(self) -> None: ...


@dataclass(frozen=True)
class ScanAnswer:
    """What a scanner says of a file; ``why`` is a sentence for whoever sent a refused one."""

    state: Literal["clean", "refused", "waiting"]
    why: str = ""


class Scanner(Protocol):
    """What looks for harm in files that were sent."""

    def scan(self, key: str, content_type: str) -> ScanAnswer:
        """Look at a file in the store, of the type it was found to be, or ask what came of it.

        ``waiting``: the answer comes later; ask again with the same key. Raises ``NotFound`` and
        ``Unavailable``.
        """
        ...


# Exchange rates --------------------------------------------------------------


class ExchangeRates(Protocol):
    """The day's reference rates of the euro (European Central Bank)."""

    def fetch(self) -> DayRates:
        """The newest rates there are. Raises ``Unavailable``: no answer, or one that can't be
        rates."""
        ...
