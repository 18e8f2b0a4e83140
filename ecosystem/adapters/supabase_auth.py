"""Supabase Auth (GoTrue) through its official client, on the server's side.

One short-lived client per call, because the official one keeps the session of a single
person; all of them share one HTTP connection pool.

Which error means what: supabase.com/docs/guides/auth/debugging/error-codes
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from cachetools import TTLCache
from httpx import Client, HTTPError, Timeout
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import (
    AuthApiError,
    AuthError,
)
from supabase_auth.types import Session, User

from ecosystem.adapters.bearer_tokens import KeySet, verified_claims
from ecosystem.adapters.refusals import (
    email_taken,
    expired_challenge,
    signed_out,
    unavailable,
    wrong_code,
    wrong_credentials,
)
from ecosystem.adapters.supabase_answers import meaning
from ecosystem.domain.errors import (
    Invalid,
    SignInRequired,
    TooManyRequests,
)
from ecosystem.services.ports import Identity, SecondFactorNeeded, SignedIn, Tokens

AUDIENCE = "authenticated"
CALL_SECONDS = 8.0
CONNECT_SECONDS = 3.0
PERSON_SECONDS = 30.0
"""How long a bearer of a token is believed without asking whether she is blocked by now."""


class SupabaseAuth:
    """The people of one Supabase project. Implements ``IdentityProvider``. Thread-safe."""

    def __init__(self, url: str, anon_key: str, service_role_key: str) -> None:
        """``url`` is the project's address, without ``/auth/v1``."""
        self.issuer = f"{url.rstrip('/')}/auth/v1"
        self._anon_key = anon_key
        self._service_role_key = service_role_key
        self._keys = KeySet(f"{self.issuer}/.well-known/jwks.json")
        self._http = Client(timeout=Timeout(CALL_SECONDS, connect=CONNECT_SECONDS))
        self._standing: TTLCache[tuple[str, str], bool] = TTLCache(
            maxsize=10_000, ttl=PERSON_SECONDS
        )
        self._lock = threading.Lock()

    # --- sign-up ----------------------------------------------------------------------

    def sign_up(self, email: str, password: str, name: str) -> str:
        """Make an unconfirmed account and have a code mailed; returns the user's id.

        An unconfirmed account with this address gets the new password: whoever asked first
        has not proved that the mailbox is hers.

        Raises:
            Invalid: ``email_taken`` (confirmed account), ``weak_password``, ``email``.
        """
        asked_at = datetime.now(UTC)
        with self._client() as client:
            user = client.sign_up(
                {
                    "email": email.lower(),
                    "password": password,
                    "options": {"data": {"full_name": name}},
                }
            ).user
            # For a confirmed address GoTrue answers with a user who does not exist.
            if user is None or not user.identities:
                raise email_taken()
            if user.created_at < asked_at - timedelta(seconds=30):
                with self._client(self._service_role_key) as ours:
                    ours.admin.update_user_by_id(
                        user.id, {"password": password, "user_metadata": {"full_name": name}}
                    )
            return user.id

    def confirm(self, email: str, code: str) -> str:
        """Confirm the address with the mailed code; returns the user's id.

        Raises:
            Invalid: ``wrong_code``; GoTrue does not tell a wrong code from an old one.
        """
        with self._client(code_field=True) as client:
            answer = client.verify_otp(
                {"type": "signup", "email": email.lower(), "token": code.strip()}
            )
            if answer.user is None:
                raise wrong_code()
            if answer.session is not None:
                # Confirming is not signing in: the session that came along ends here.
                client.admin.sign_out(answer.session.access_token, "local")
            return answer.user.id

    def resend_code(self, email: str) -> None:
        """Mail the code again; silent when there is nothing to confirm."""
        with self._silently() as client:
            client.resend({"type": "signup", "email": email.lower()})

    # --- sign-in ----------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> SignedIn | SecondFactorNeeded:
        """Raises ``Invalid``: ``invalid_credentials`` or ``email_not_confirmed``."""
        if not email or not password:
            raise wrong_credentials()
        with self._client() as client:
            session = client.sign_in_with_password(
                {"email": email.lower(), "password": password}
            ).session
            if session is None:
                raise wrong_credentials()
            factor = _verified_factor(session.user)
            if factor is None:
                return self._signed_in(session)
            return SecondFactorNeeded(
                email=email.lower(),
                state={
                    "access": session.access_token,
                    "refresh": session.refresh_token,
                    "factor": factor,
                },
            )

    def answer_second_factor(self, challenge: SecondFactorNeeded, code: str) -> SignedIn:
        """The code of the authenticator app. Raises ``Invalid``: ``wrong_code``,
        ``expired_code`` (sign in again)."""
        state = challenge.state
        try:
            with self._client(code_field=True) as client:
                client.set_session(str(state["access"]), str(state["refresh"]))
                client.mfa.challenge_and_verify(
                    {"factor_id": str(state["factor"]), "code": code.strip()}
                )
                session = client.get_session()
                if session is None:
                    raise expired_challenge()
                return self._signed_in(session)
        except SignInRequired as error:
            raise expired_challenge() from error

    def refresh(self, email: str, refresh_token: str) -> Tokens:
        """New tokens; the refresh token is a new one as well and the old one is spent.

        Raises:
            SignInRequired: it was revoked or used before.
        """
        with self._client() as client:
            session = client.refresh_session(refresh_token).session
            if session is None:
                raise signed_out()
            return _tokens(session)

    def sign_out(self, tokens_refresh: str, access: str = "") -> None:
        """End this session at Supabase."""
        with self._silently() as client:
            if not access:
                session = client.refresh_session(tokens_refresh).session
                access = session.access_token if session else ""
            if access:
                client.admin.sign_out(access, "local")

    # --- password ---------------------------------------------------------------------

    def forgot_password(self, email: str) -> None:
        """Have a reset code mailed; silent about whether the address exists."""
        with self._silently() as client:
            client.reset_password_for_email(email.lower())

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password and end every session of the person.

        Raises:
            Invalid: ``wrong_code``, ``weak_password``.
        """
        with self._client(code_field=True) as client:
            answer = client.verify_otp(
                {"type": "recovery", "email": email.lower(), "token": code.strip()}
            )
            if answer.session is None:
                raise wrong_code()
            access = answer.session.access_token
            try:
                client.update_user({"password": password})
            except AuthApiError as error:
                # The old password again is what the person wants, and it is set.
                if error.code != "same_password":
                    raise
            client.admin.sign_out(access, "global")

    def set_password(self, subject: str, password: str) -> None:
        """Set the password of a person who proved herself elsewhere; silent if she is gone.

        Raises:
            Invalid: ``weak_password``.
        """
        try:
            with self._client(self._service_role_key) as ours:
                ours.admin.update_user_by_id(subject, {"password": password})
        except SignInRequired:
            # What Supabase says of an id that it does not know.
            return

    # --- second factor ----------------------------------------------------------------

    def start_second_factor(self, access: str) -> tuple[str, dict[str, Any]]:
        """A new TOTP secret (base32); enrolments that were never finished are dropped."""
        with self._client() as client:
            client.set_session(access, "")
            for factor in client.mfa.list_factors().all:
                if factor.status != "verified":
                    client.mfa.unenroll({"factor_id": factor.id})
            enrolled = client.mfa.enroll(
                {
                    "factor_type": "totp",
                    "friendly_name": f"Authenticator {uuid4().hex[:8]}",
                    "issuer": "Ecosystem",
                }
            )
            if enrolled.totp is None:
                raise unavailable()
            return enrolled.totp.secret, {"factor": enrolled.id}

    def finish_second_factor(self, access: str, state: dict[str, Any], code: str) -> None:
        """Prove the secret with a code; from then on sign-in asks for one.

        Raises ``Invalid``: ``wrong_code``."""
        with self._client(code_field=True) as client:
            client.set_session(access, "")
            client.mfa.challenge_and_verify(
                {"factor_id": str(state["factor"]), "code": code.strip()}
            )

    def has_second_factor(self, email: str, subject: str) -> bool:
        """Whether sign-in asks the user with this id for a code; ``email`` is not used."""
        try:
            with self._client(self._service_role_key) as ours:
                return _verified_factor(ours.admin.get_user_by_id(subject).user) is not None
        except SignInRequired:
            return False

    # --- tokens -----------------------------------------------------------------------

    def verify_token(self, token: str) -> Identity:
        """An access token of this project.

        A token with a password alone (``aal1``) is not enough for a person who has a second
        factor, and a blocked or deleted person's token ends within half a minute.

        Raises:
            SignInRequired: anything else than a good token.
            Unavailable: Supabase does not answer.
        """
        identity = self._identity(token)
        key = (identity.subject, identity.assurance)
        with self._lock:
            known = self._standing.get(key)
        if known is None:
            known = self._stands(identity)
            with self._lock:
                self._standing[key] = known
        if not known:
            raise SignInRequired(
                "This token is not enough to sign in. Sign in again.", code="invalid_token"
            )
        return identity

    def ping(self) -> None:
        """Raises ``Unavailable`` when Supabase Auth does not answer."""
        try:
            answer = self._http.get(f"{self.issuer}/health", headers={"apikey": self._anon_key})
            answer.raise_for_status()
        except HTTPError as error:
            raise unavailable() from error

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    # --- inside -----------------------------------------------------------------------

    def _identity(self, token: str) -> Identity:
        claims = verified_claims(
            token,
            self._keys,
            issuer=self.issuer,
            algorithms=("ES256", "RS256"),
            audience=AUDIENCE,
        )
        if claims.get("role") != AUDIENCE or claims.get("is_anonymous"):
            raise SignInRequired("This token is not a person's.", code="invalid_token")
        metadata = claims.get("user_metadata")
        name = metadata.get("full_name") if isinstance(metadata, dict) else ""
        return Identity(
            subject=str(claims["sub"]),
            email=str(claims.get("email") or "").lower(),
            name=name if isinstance(name, str) else "",
            assurance="aal2" if claims.get("aal") == "aal2" else "aal1",
        )

    def _stands(self, identity: Identity) -> bool:
        try:
            with self._client(self._service_role_key) as ours:
                user = ours.admin.get_user_by_id(identity.subject).user
        except SignInRequired:
            return False
        banned_until = getattr(user, "banned_until", None)
        if banned_until is not None and _instant(banned_until) > datetime.now(UTC):
            return False
        return identity.assurance == "aal2" or _verified_factor(user) is None

    def _signed_in(self, session: Session) -> SignedIn:
        return SignedIn(self._identity(session.access_token), _tokens(session))

    @contextmanager
    def _client(self, key: str = "", *, code_field: bool = False) -> Iterator[SyncGoTrueClient]:
        """A client for one call, whose errors come out as ours.

        ``code_field``: the call carries a code that the person typed.
        """
        key = key or self._anon_key
        client = SyncGoTrueClient(
            url=self.issuer,
            headers={"apikey": key, "Authorization": f"Bearer {key}"},
            auto_refresh_token=False,
            persist_session=False,
            http_client=cast(Any, self._http),
        )
        try:
            yield client
        except AuthError as error:
            raise meaning(error, code_field) from error
        except HTTPError as error:
            raise unavailable() from error

    @contextmanager
    def _silently(self) -> Iterator[SyncGoTrueClient]:
        """For what must look the same whether or not the account exists.

        Supabase's limit on mail counts per existing account, so it would tell as well.
        """
        try:
            with self._client() as client:
                yield client
        except (Invalid, SignInRequired, TooManyRequests):
            return


def _verified_factor(user: User) -> str | None:
    for factor in user.factors or []:
        if factor.factor_type == "totp" and factor.status == "verified":
            return factor.id
    return None


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _tokens(session: Session) -> Tokens:
    return Tokens(
        access=session.access_token,
        id=session.access_token,
        refresh=session.refresh_token,
        expires_in=session.expires_in,
    )
