"""What Cognito answers and what its refusals mean.

Which error means what: docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from ecosystem.adapters.refusals import (
    email_taken,
    expired_code,
    reset_required,
    slow_down,
    unavailable,
    unconfirmed,
    unusable_email,
    weak_password,
    wrong_code,
    wrong_credentials,
)
from ecosystem.services.ports import Tokens

_SLOW_DOWN = {
    "TooManyRequestsException",
    "LimitExceededException",
    "TooManyFailedAttemptsException",
    "ThrottlingException",
}

Answer = TypeVar("Answer")


NEW_APP = "app:"
"""Stands before the hexadecimal Supabase id of somebody who is setting up her new authenticator
app: the account is not hers to sign in to before she has."""


class Nobody(Exception):
    """There is no such account. Never leaves this package."""


Meanings = Mapping[str, Callable[[], Exception]]
"""Cognito's name of an error → what we raise instead."""


def mapped(meanings: Meanings, call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ClientError as error:
        name = str(error.response.get("Error", {}).get("Code", ""))
        meaning = meanings.get(name) or _ALWAYS.get(name)
        if meaning is not None:
            raise meaning() from error
        if name in _SLOW_DOWN:
            raise slow_down() from error
        raise unavailable() from error
    except (BotoCoreError, OSError) as error:
        raise unavailable() from error


_ALWAYS: Meanings = {
    "NotAuthorizedException": wrong_credentials,
    "UserNotFoundException": wrong_credentials,
    "UserNotConfirmedException": unconfirmed,
    "PasswordResetRequiredException": reset_required,
    "CodeMismatchException": wrong_code,
    "ExpiredCodeException": expired_code,
    "UsernameExistsException": email_taken,
    "AliasExistsException": email_taken,
    "InvalidPasswordException": weak_password,
    "InvalidParameterException": unusable_email,
}
SIGN_IN: Meanings = {"InvalidParameterException": wrong_credentials}
CODE: Meanings = {
    "NotAuthorizedException": wrong_code,
    "UserNotFoundException": wrong_code,
    "UserNotConfirmedException": wrong_code,
    "InvalidParameterException": wrong_code,
}


def tokens(result: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=str(result["AccessToken"]),
        id=str(result["IdToken"]),
        refresh=str(result.get("RefreshToken") or ""),
        expires_in=int(result.get("ExpiresIn") or 3600),
    )


def attributes(user: Mapping[str, Any]) -> dict[str, str]:
    return {item["Name"]: item.get("Value", "") for item in user["UserAttributes"]}


def former_id(kept: str) -> str:
    """The Supabase id in ``custom:supabase_id``, whether she has set up her new app or not."""
    return str(UUID(kept.removeprefix(NEW_APP))) if kept.startswith(NEW_APP) else kept


def verified_email(claims: Mapping[str, Any]) -> str:
    """The address in lower case, or nothing: an unproved address identifies nobody."""
    if str(claims.get("email_verified", "")).lower() != "true":
        return ""
    return str(claims.get("email") or "").lower()
