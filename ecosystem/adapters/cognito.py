"""Amazon Cognito: sign-up, SRP sign-in, second factor, groups, tokens.

The password never leaves this process: SRP (RFC 5054 as Cognito speaks it, through
pycognito) proves it. What differs between AWS and the embedded stack is the endpoint alone.

Which error means what: docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import boto3
import pycognito
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pycognito.exceptions import (
    ForceChangePasswordException,
    SoftwareTokenMFAChallengeException,
    TokenVerificationException,
)

from ecosystem.adapters.bearer_tokens import KeySet, verified_claims
from ecosystem.domain.errors import (
    EcosystemError,
    Invalid,
    SignInRequired,
    TooManyRequests,
    Unavailable,
)
from ecosystem.services.ports import Identity, SecondFactorNeeded, SignedIn, Tokens

CONNECT_SECONDS = 3
READ_SECONDS = 8
RETRY_AFTER_SECONDS = 60
LOCAL_KEY = "test"
"""Both halves of the embedded stack's AWS key; a person's real one never goes there."""

_SLOW_DOWN = {
    "TooManyRequestsException",
    "LimitExceededException",
    "TooManyFailedAttemptsException",
    "ThrottlingException",
}

Answer = TypeVar("Answer")


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
        arguments = {
            "ClientId": self._client_id,
            "Username": email,
            "Password": password,
            "UserAttributes": [
                {"Name": "email", "Value": email},
                {"Name": "name", "Value": name},
            ],
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
        self._call(
            self._client.admin_delete_user, UserPoolId=self._pool_id, Username=user["Username"]
        )
        return True

    def confirm(self, email: str, code: str) -> str:
        """Confirm the address with the mailed code; returns the ``sub``.

        Raises:
            Invalid: ``wrong_code`` or ``expired_code``; also for an address that is unknown
                or confirmed already.
        """
        email = email.lower()
        self._call(
            self._client.confirm_sign_up,
            _CODE,
            ClientId=self._client_id,
            Username=email,
            ConfirmationCode=code.strip(),
        )
        user = self._user(email)
        if user is None:
            raise _wrong_code()
        return _attributes(user)["sub"]

    def resend_code(self, email: str) -> None:
        """Mail the code again; silent when there is nothing to confirm."""
        self._silently(
            self._client.resend_confirmation_code,
            ClientId=self._client_id,
            Username=email.lower(),
        )

    # --- sign-in ----------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> SignedIn | SecondFactorNeeded:
        """SRP. Raises ``Invalid``: ``invalid_credentials``, ``email_not_confirmed`` or
        ``password_reset_required``."""
        email = email.lower()
        if not password:
            raise _wrong_credentials()
        try:
            flow = self._flow(email)
            _mapped(_SIGN_IN, lambda: flow.authenticate(password))
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
            raise _reset_required() from error
        except (TokenVerificationException, NotImplementedError, KeyError) as error:
            # A challenge we never configure, or tokens that the pool's keys didn't sign.
            raise Unavailable("Sign-in does not answer as it should. Try again later.") from error
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
                "NotAuthorizedException": _expired_challenge,
                "InvalidParameterException": _expired_challenge,
                "CodeMismatchException": _wrong_app_code,
                "ExpiredCodeException": _wrong_app_code,
            },
            ClientId=self._client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=str(challenge.state["session"]),
            ChallengeResponses={
                "USERNAME": str(challenge.state["username"]),
                "SOFTWARE_TOKEN_MFA_CODE": code.strip(),
            },
        )
        return self._signed_in(answer["AuthenticationResult"], assurance="aal2")

    def refresh(self, email: str, refresh_token: str) -> Tokens:
        """New access and id tokens. Raises ``SignInRequired`` when it was revoked."""
        answer = self._call(
            self._client.initiate_auth,
            {"NotAuthorizedException": _signed_out},
            ClientId=self._client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
        result = answer["AuthenticationResult"]
        return _tokens({"RefreshToken": refresh_token, **result})

    def sign_out(self, tokens_refresh: str, access: str = "") -> None:
        """Revoke the refresh token and every access token that came from it."""
        self._silently(self._client.revoke_token, ClientId=self._client_id, Token=tokens_refresh)

    # --- password ---------------------------------------------------------------------

    def forgot_password(self, email: str) -> None:
        """Have a reset code mailed; silent about whether the address exists."""
        self._silently(
            self._client.forgot_password, ClientId=self._client_id, Username=email.lower()
        )

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Raises ``Invalid``: ``wrong_code``, ``expired_code``, ``weak_password``."""
        self._call(
            self._client.confirm_forgot_password,
            _CODE,
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
            {"NotAuthorizedException": _signed_out},
            AccessToken=access,
        )
        return str(answer["SecretCode"]), {}

    def finish_second_factor(self, access: str, state: dict[str, Any], code: str) -> None:
        """Prove the secret with a code; from then on sign-in asks for one.

        Raises ``Invalid``: ``wrong_code``."""
        answer = self._call(
            self._client.verify_software_token,
            {
                "NotAuthorizedException": _signed_out,
                "EnableSoftwareTokenMFAException": _wrong_app_code,
                "CodeMismatchException": _wrong_app_code,
                "InvalidParameterException": _wrong_app_code,
            },
            AccessToken=access,
            UserCode=code.strip(),
        )
        if answer.get("Status") != "SUCCESS":
            raise _wrong_app_code()
        self._call(
            self._client.set_user_mfa_preference,
            AccessToken=access,
            SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
        )

    # --- tokens and groups ------------------------------------------------------------

    def verify_token(self, token: str) -> Identity:
        """An access or id token of this pool and this app client.

        An access token carries no e-mail address: ``find`` knows it.

        Raises:
            SignInRequired: anything else.
        """
        return self._identity(token)

    def find(self, username: str) -> Identity | None:
        """The confirmed, enabled account with this e-mail address or ``sub``."""
        user = self._user(username)
        if user is None or not user.get("Enabled", True) or user["UserStatus"] == "UNCONFIRMED":
            return None
        attributes = _attributes(user)
        pages = self._client.get_paginator("admin_list_groups_for_user")
        groups = _mapped(
            {},
            lambda: [
                group["GroupName"]
                for page in pages.paginate(UserPoolId=self._pool_id, Username=user["Username"])
                for group in page["Groups"]
            ],
        )
        return Identity(
            subject=attributes["sub"],
            # Missing means that nobody doubts it: the pool keeps the proved address until a
            # new one is proved (AttributesRequireVerificationBeforeUpdate).
            email=_verified_email({"email_verified": "true", **attributes}),
            name=attributes.get("name", ""),
            groups=tuple(groups),
        )

    def add_to_group(self, email: str, group: str) -> None:
        """Make the person a member; nothing happens if she is one."""
        self._call(
            self._client.admin_add_user_to_group,
            UserPoolId=self._pool_id,
            Username=email.lower(),
            GroupName=group,
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

    def _flow(self, email: str) -> "_Pool":
        return _Pool(self, self._client, email)

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
            raise SignInRequired("This token is not valid. Sign in again.", code="invalid_token")
        groups = claims.get("cognito:groups") or ()
        return Identity(
            subject=str(claims["sub"]),
            email=_verified_email(claims) if token_use == "id" else "",
            name=str(claims.get("name") or ""),
            groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
            assurance=assurance,
        )

    def _signed_in(self, result: Mapping[str, Any], assurance: str = "aal1") -> SignedIn:
        tokens = _tokens(result)
        self._identity(tokens.access, use="access")
        return SignedIn(self._identity(tokens.id, assurance, use="id"), tokens)

    def _user(self, username: str) -> dict[str, Any] | None:
        try:
            return self._call(
                self._client.admin_get_user,
                {"UserNotFoundException": _nobody},
                UserPoolId=self._pool_id,
                Username=username.lower(),
            )
        except _Nobody:
            return None

    def _call(
        self,
        operation: Callable[..., Any],
        meanings: "Meanings | None" = None,
        /,
        **arguments: Any,
    ) -> Any:
        return _mapped(meanings or {}, lambda: operation(**arguments))

    def _silently(self, operation: Callable[..., Any], **arguments: Any) -> None:
        """For what must look the same whether or not the account exists."""
        try:
            self._call(operation, **arguments)
        except (Invalid, SignInRequired):
            return


class _Pool(pycognito.Cognito):
    """pycognito's flow for one person, on our client, issuer and keys.

    It would derive the issuer from the endpoint; tokens name the real one everywhere.
    """

    def __init__(self, owner: Cognito, client: Any, username: str) -> None:
        self._owner = owner
        super().__init__(
            owner._pool_id,
            owner._client_id,
            user_pool_region=owner._region,
            username=username,
            session=_Made(client),
        )

    @property
    def user_pool_url(self) -> str:
        return self._owner.issuer

    def verify_token(self, token: str, id_name: str, token_use: str) -> None:
        self._owner._identity(token, use=token_use)
        setattr(self, id_name, token)


class _Made:
    """Hands pycognito the client that exists: making one costs 50 ms."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _name: str, **_options: Any) -> Any:
        return self._client


# --- what Cognito's refusals mean ------------------------------------------------------


class _Nobody(Exception):
    """There is no such account. Never leaves this module."""


Meanings = Mapping[str, Callable[[], Exception]]


def _mapped(meanings: Meanings, call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ClientError as error:
        name = str(error.response.get("Error", {}).get("Code", ""))
        meaning = meanings.get(name) or _ALWAYS.get(name)
        if meaning is not None:
            raise meaning() from error
        if name in _SLOW_DOWN:
            raise TooManyRequests(
                "Too many attempts. Wait a minute, then try again.",
                retry_after=RETRY_AFTER_SECONDS,
            ) from error
        raise _unavailable() from error
    except (BotoCoreError, OSError) as error:
        raise _unavailable() from error


def _unavailable() -> EcosystemError:
    return Unavailable("Sign-in does not answer. Nothing was changed; try again in a moment.")


def _wrong_credentials() -> Exception:
    return Invalid.one(
        "password", "E-mail address and password don't match.", code="invalid_credentials"
    )


def _unconfirmed() -> Exception:
    return Invalid.one(
        "email",
        "This address is not confirmed yet. Enter the code we mailed to it.",
        code="email_not_confirmed",
    )


def _reset_required() -> Exception:
    return Invalid.one(
        "password", "Choose a new password before you sign in.", code="password_reset_required"
    )


def _wrong_code() -> Exception:
    return Invalid.one(
        "code", "That code is wrong. Use the latest one we mailed.", code="wrong_code"
    )


def _expired_code() -> Exception:
    return Invalid.one("code", "That code has expired. Ask for a new one.", code="expired_code")


def _wrong_app_code() -> Exception:
    return Invalid.one(
        "code", "That code is wrong. Enter the one your app shows now.", code="wrong_code"
    )


def _expired_challenge() -> Exception:
    return Invalid.one(
        "code", "That took too long. Sign in again with your password.", code="expired_code"
    )


def _signed_out() -> Exception:
    return SignInRequired("Your sign-in has ended. Sign in again.")


def _nobody() -> Exception:
    return _Nobody()


_ALWAYS: Meanings = {
    "NotAuthorizedException": _wrong_credentials,
    "UserNotFoundException": _wrong_credentials,
    "UserNotConfirmedException": _unconfirmed,
    "PasswordResetRequiredException": _reset_required,
    "CodeMismatchException": _wrong_code,
    "ExpiredCodeException": _expired_code,
    "UsernameExistsException": lambda: Invalid.one(
        "email", "There is an account with this address already.", code="email_taken"
    ),
    "AliasExistsException": lambda: Invalid.one(
        "email", "There is an account with this address already.", code="email_taken"
    ),
    "InvalidPasswordException": lambda: Invalid.one(
        "password",
        "Use at least 10 characters, with a capital letter, a small one and a number.",
        code="weak_password",
    ),
    "InvalidParameterException": lambda: Invalid.one(
        "email", "This is not an e-mail address we can write to.", code="invalid"
    ),
}
_SIGN_IN: Meanings = {"InvalidParameterException": _wrong_credentials}
_CODE: Meanings = {
    "NotAuthorizedException": _wrong_code,
    "UserNotFoundException": _wrong_code,
    "UserNotConfirmedException": _wrong_code,
    "InvalidParameterException": _wrong_code,
}


def _tokens(result: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=str(result["AccessToken"]),
        id=str(result["IdToken"]),
        refresh=str(result.get("RefreshToken") or ""),
        expires_in=int(result.get("ExpiresIn") or 3600),
    )


def _attributes(user: Mapping[str, Any]) -> dict[str, str]:
    return {item["Name"]: item.get("Value", "") for item in user["UserAttributes"]}


def _verified_email(claims: Mapping[str, Any]) -> str:
    """The address in lower case, or nothing: an unproved address identifies nobody."""
    if str(claims.get("email_verified", "")).lower() != "true":
        return ""
    return str(claims.get("email") or "").lower()
