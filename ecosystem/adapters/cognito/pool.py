"""Amazon Cognito: sign-up, SRP sign-in, second factor, groups, tokens.

The password never leaves this process: SRP (RFC 5054 as Cognito speaks it, through
pycognito) proves it. What differs between AWS and the embedded stack is the endpoint alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import boto3
from botocore.config import Config
from pycognito.exceptions import (
    ForceChangePasswordException,
    SoftwareTokenMFAChallengeException,
    TokenVerificationException,
)

from ecosystem.adapters.bearer_tokens import KeySet, verified_claims
from ecosystem.adapters.cognito.answers import (
    CODE,
    NEW_APP,
    SIGN_IN,
    Meanings,
    Nobody,
    attributes,
    former_id,
    mapped,
    tokens,
    verified_email,
)
from ecosystem.adapters.cognito.srp import Flow
from ecosystem.adapters.refusals import (
    expired_challenge,
    reset_required,
    signed_out,
    unavailable,
    wrong_app_code,
    wrong_code,
    wrong_credentials,
)
from ecosystem.domain.errors import Invalid, SignInRequired
from ecosystem.domain.language import _
from ecosystem.services.ports import Identity, SecondFactorNeeded, SignedIn, Tokens

CONNECT_SECONDS = 3
READ_SECONDS = 8
LOCAL_KEY = "test"
"""Both halves of the embedded stack's AWS key; a person's real one never goes there."""


class Cognito:
    """One user pool through one app client. Implements ``IdentityProvider`` and
    ``CognitoGroups``. Safe to share between threads."""

    def __init__(self, region: str, pool_id: str, client_id: str, endpoint_url: str = "") -> None:
        """``endpoint_url`` is for the embedded stack; empty means AWS itself."""
        self._region = region
        self._pool_id = pool_id
        self._client_id = client_id
        self.issuer = f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"
        published = f"{endpoint_url.rstrip('/')}/{pool_id}" if endpoint_url else self.issuer
        self._keys = KeySet(f"{published}/.well-known/jwks.json")
        local_key = (
            {"aws_access_key_id": LOCAL_KEY, "aws_secret_access_key": LOCAL_KEY}
            if endpoint_url
            else {}
        )
        self._client: Any = boto3.Session(region_name=region, **local_key).client(
            "cognito-idp",
            endpoint_url=endpoint_url or None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"max_attempts": 2, "mode": "standard"},
                max_pool_connections=20,
            ),
        )

    # --- sign-up ----------------------------------------------------------------------

    def sign_up(self, email: str, password: str, name: str) -> str:
        """Make an unconfirmed account and have a code mailed; returns the ``sub``.

        An unconfirmed account with this address is replaced: whoever asked first has not
        proved that the mailbox is hers, and her password must not survive.

        Raises:
            Invalid: ``email_taken`` (confirmed account), ``weak_password``, ``email``.
        """
        email = email.lower()
        known = [{"Name": "email", "Value": email}, {"Name": "name", "Value": name}]
        arguments = {
            "ClientId": self._client_id,
            "Username": email,
            "Password": password,
            "UserAttributes": known,
        }
        try:
            return str(self._call(self._client.sign_up, **arguments)["UserSub"])
        except Invalid as error:
            if error.code != "email_taken" or not self._remove_unconfirmed(email):
                raise
        return str(self._call(self._client.sign_up, **arguments)["UserSub"])

    def _remove_unconfirmed(self, email: str) -> bool:
        user = self._user(email)
        if user is None or user["UserStatus"] != "UNCONFIRMED":
            return False
        self.remove(user["Username"])
        return True

    def remove(self, username: str) -> None:
        """Delete an account that nobody has signed in to."""
        self._call(self._client.admin_delete_user, UserPoolId=self._pool_id, Username=username)

    def confirm(self, email: str, code: str) -> str:
        """Confirm the address with the mailed code; returns the ``sub``.

        Raises:
            Invalid: ``wrong_code`` or ``expired_code``; also for an address that is unknown
                or confirmed already.
        """
        email = email.lower()
        self._call(
            self._client.confirm_sign_up,
            CODE,
            ClientId=self._client_id,
            Username=email,
            ConfirmationCode=code.strip(),
        )
        user = self._user(email)
        if user is None:
            raise wrong_code()
        return attributes(user)["sub"]

    def resend_code(self, email: str) -> None:
        """Mail the code again; silent when there is nothing to confirm."""
        self._silently(
            self._client.resend_confirmation_code, ClientId=self._client_id, Username=email.lower()
        )

    # --- sign-in ----------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> SignedIn | SecondFactorNeeded:
        """SRP. Raises ``Invalid``: ``invalid_credentials``, ``email_not_confirmed`` or
        ``password_reset_required``."""
        email = email.lower()
        if not password:
            raise wrong_credentials()
        try:
            flow = Flow(self, self._client, email)
            mapped(SIGN_IN, lambda: flow.authenticate(password))
        except SoftwareTokenMFAChallengeException as challenge:
            tokens = cast(Mapping[str, Any], challenge.get_tokens())
            parameters = tokens.get("ChallengeParameters", {})
            return SecondFactorNeeded(
                email=email,
                state={
                    "session": tokens["Session"],
                    "username": parameters.get("USER_ID_FOR_SRP") or email,
                },
            )
        except ForceChangePasswordException as error:
            raise reset_required() from error
        except (TokenVerificationException, NotImplementedError, KeyError) as error:
            # A challenge we never configure, or tokens that the pool's keys didn't sign.
            raise unavailable() from error
        return self._signed_in(
            {
                "AccessToken": flow.access_token,
                "IdToken": flow.id_token,
                "RefreshToken": flow.refresh_token,
            }
        )

    def answer_second_factor(self, challenge: SecondFactorNeeded, code: str) -> SignedIn:
        """The code of the authenticator app. Raises ``Invalid``: ``wrong_code``,
        ``expired_code`` (sign in again)."""
        answer = self._call(
            self._client.respond_to_auth_challenge,
            {
                "NotAuthorizedException": expired_challenge,
                "InvalidParameterException": expired_challenge,
                "CodeMismatchException": wrong_app_code,
                "ExpiredCodeException": wrong_app_code,
            },
            ClientId=self._client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=str(challenge.state["session"]),
            ChallengeResponses={
                "USERNAME": str(challenge.state["username"]),
                "SOFTWARE_TOKEN_MFA_CODE": code.strip(),
            },
        )
        entered = self._signed_in(answer["AuthenticationResult"], assurance="aal2")
        if not entered.identity.supabase_id.startswith(NEW_APP):
            return entered
        # Her new app and her password are there; only the last step of her move was not done.
        whole = former_id(entered.identity.supabase_id)
        self.keep_former_id(challenge.email, whole)
        return replace(entered, identity=replace(entered.identity, supabase_id=whole))

    def refresh(self, email: str, refresh_token: str) -> Tokens:
        """New access and id tokens. Raises ``SignInRequired`` when it was revoked."""
        answer = self._call(
            self._client.initiate_auth,
            {"NotAuthorizedException": signed_out},
            ClientId=self._client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
        result = answer["AuthenticationResult"]
        return tokens({"RefreshToken": refresh_token, **result})

    def sign_out(self, tokens_refresh: str, access: str = "") -> None:
        """Revoke the refresh token and every access token that came from it."""
        self._silently(self._client.revoke_token, ClientId=self._client_id, Token=tokens_refresh)

    # --- password ---------------------------------------------------------------------

    def forgot_password(self, email: str) -> None:
        """Have a reset code mailed; silent about whether the address exists."""
        forgot = self._client.forgot_password
        self._silently(forgot, ClientId=self._client_id, Username=email.lower())

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Raises ``Invalid``: ``wrong_code``, ``expired_code``, ``weak_password``."""
        self._call(
            self._client.confirm_forgot_password,
            CODE,
            ClientId=self._client_id,
            Username=email.lower(),
            ConfirmationCode=code.strip(),
            Password=password,
        )

    # --- second factor ----------------------------------------------------------------

    def start_second_factor(self, access: str) -> tuple[str, dict[str, Any]]:
        """A new TOTP secret (base32) for the person who holds this access token."""
        answer = self._call(
            self._client.associate_software_token,
            {"NotAuthorizedException": signed_out},
            AccessToken=access,
        )
        return str(answer["SecretCode"]), {}

    def finish_second_factor(self, access: str, state: dict[str, Any], code: str) -> None:
        """Prove the secret with a code; from then on sign-in asks for one.

        Raises ``Invalid``: ``wrong_code``."""
        answer = self._call(
            self._client.verify_software_token,
            {
                "NotAuthorizedException": signed_out,
                "EnableSoftwareTokenMFAException": wrong_app_code,
                "CodeMismatchException": wrong_app_code,
                "InvalidParameterException": wrong_app_code,
            },
            AccessToken=access,
            UserCode=code.strip(),
        )
        if answer.get("Status") != "SUCCESS":
            raise wrong_app_code()
        self._call(
            self._client.set_user_mfa_preference,
            AccessToken=access,
            SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
        )

    def has_second_factor(self, email: str, subject: str) -> bool:
        """Whether sign-in asks the account of this address for a code; ``subject`` is not used."""
        user = self._user(email)
        return user is not None and "SOFTWARE_TOKEN_MFA" in user.get("UserMFASettingList", ())

    # --- tokens and groups ------------------------------------------------------------

    def verify_token(self, token: str) -> Identity:
        """An access or id token of this pool and this app client.

        An access token carries no e-mail address: ``find`` knows it.

        Raises:
            SignInRequired: anything else.
        """
        return self._identity(token)

    def find(self, username: str) -> Identity | None:
        """The confirmed, enabled account with this e-mail address or ``sub``.

        Somebody whose move from Supabase was begun and not finished is not here yet.
        """
        user = self._user(username)
        if user is None or not user.get("Enabled", True) or user["UserStatus"] == "UNCONFIRMED":
            return None
        known = attributes(user)
        former = known.get("custom:supabase_id", "")
        if former.startswith(NEW_APP) or (former and user["UserStatus"] == "FORCE_CHANGE_PASSWORD"):
            return None
        pages = self._client.get_paginator("admin_list_groups_for_user")
        groups = mapped(
            {},
            lambda: [
                group["GroupName"]
                for page in pages.paginate(UserPoolId=self._pool_id, Username=user["Username"])
                for group in page["Groups"]
            ],
        )
        return Identity(
            subject=known["sub"],
            # Missing means that nobody doubts it: the pool keeps the proved address until a
            # new one is proved (AttributesRequireVerificationBeforeUpdate).
            email=verified_email({"email_verified": "true", **known}),
            name=known.get("name", ""),
            groups=tuple(groups),
            supabase_id=known.get("custom:supabase_id", ""),
        )

    def add_to_group(self, email: str, group: str) -> None:
        """Make the person a member; nothing happens if she is one."""
        self._call(
            self._client.admin_add_user_to_group,
            UserPoolId=self._pool_id,
            Username=email.lower(),
            GroupName=group,
        )

    def keep_former_id(self, email: str, supabase_id: str) -> None:
        """The account is hers who had this id at Supabase."""
        self._call(
            self._client.admin_update_user_attributes,
            UserPoolId=self._pool_id,
            Username=email.lower(),
            UserAttributes=[{"Name": "custom:supabase_id", "Value": supabase_id}],
        )

    def ping(self) -> None:
        """Raises ``Unavailable`` when the pool does not answer."""
        self._call(
            self._client.describe_user_pool_client,
            UserPoolId=self._pool_id,
            ClientId=self._client_id,
        )

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    # --- inside -----------------------------------------------------------------------

    def _identity(self, token: str, assurance: str = "aal1", use: str | None = None) -> Identity:
        claims = verified_claims(
            token, self._keys, issuer=self.issuer, algorithms=("RS256",), audience=None
        )
        token_use = claims.get("token_use")
        holder = claims.get("client_id") if token_use == "access" else claims.get("aud")
        if (
            token_use not in ("access", "id")
            or (use is not None and token_use != use)
            or holder != self._client_id
        ):
            raise SignInRequired(_("This token is not valid. Sign in again."), code="invalid_token")
        groups = claims.get("cognito:groups") or ()
        return Identity(
            subject=str(claims["sub"]),
            email=verified_email(claims) if token_use == "id" else "",
            name=str(claims.get("name") or ""),
            groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
            assurance=assurance,
            supabase_id=str(claims.get("custom:supabase_id") or ""),
        )

    def _signed_in(self, result: Mapping[str, Any], assurance: str = "aal1") -> SignedIn:
        made = tokens(result)
        self._identity(made.access, use="access")
        return SignedIn(self._identity(made.id, assurance, use="id"), made)

    def _user(self, username: str) -> dict[str, Any] | None:
        try:
            return self._call(
                self._client.admin_get_user,
                {"UserNotFoundException": Nobody},
                UserPoolId=self._pool_id,
                Username=username.lower(),
            )
        except Nobody:
            return None

    def _call(
        self, operation: Callable[..., Any], meanings: Meanings | None = None, /, **arguments: Any
    ) -> Any:
        return mapped(meanings or {}, lambda: operation(**arguments))

    def _silently(self, operation: Callable[..., Any], **arguments: Any) -> None:
        """For what must look the same whether or not the account exists."""
        try:
            self._call(operation, **arguments)
        except (Invalid, SignInRequired):
            return
