"""What identity providers refuse, in the words of our port: the same for all of them."""

from ecosystem.domain.errors import Invalid, SignInRequired, TooManyRequests, Unavailable
from ecosystem.domain.language import _

RETRY_AFTER_SECONDS = 60


def unavailable() -> Unavailable:
    return Unavailable(_("Sign-in does not answer. Nothing was changed; try again in a moment."))


def slow_down() -> TooManyRequests:
    return TooManyRequests(
        _("Too many attempts. Wait a minute, then try again."), retry_after=RETRY_AFTER_SECONDS
    )


def signed_out() -> SignInRequired:
    return SignInRequired(_("Your sign-in has ended. Sign in again."))


def wrong_credentials() -> Invalid:
    return Invalid.one(
        "password", _("E-mail address and password don't match."), code="invalid_credentials"
    )


def unconfirmed() -> Invalid:
    return Invalid.one(
        "email",
        _("This address is not confirmed yet. Enter the code we mailed to it."),
        code="email_not_confirmed",
    )


def reset_required() -> Invalid:
    return Invalid.one(
        "password", _("Choose a new password before you sign in."), code="password_reset_required"
    )


def weak_password() -> Invalid:
    return Invalid.one(
        "password",
        _("Use at least 10 characters, with a capital letter, a small one and a number."),
        code="weak_password",
    )


def email_taken() -> Invalid:
    return Invalid.one(
        "email", _("There is an account with this address already."), code="email_taken"
    )


def unusable_email() -> Invalid:
    return Invalid.one("email", _("This is not an e-mail address we can write to."), code="invalid")


def wrong_code() -> Invalid:
    return Invalid.one(
        "code", _("That code is wrong or has expired. Use the latest one."), code="wrong_code"
    )


def expired_code() -> Invalid:
    return Invalid.one("code", _("That code has expired. Ask for a new one."), code="expired_code")


def wrong_app_code() -> Invalid:
    return Invalid.one(
        "code", _("That code is wrong. Enter the one your app shows now."), code="wrong_code"
    )


def expired_challenge() -> Invalid:
    return Invalid.one(
        "code", _("That took too long. Sign in again with your password."), code="expired_code"
    )
