"""What Supabase Auth's refusals mean (supabase.com/docs/guides/auth/debugging/error-codes)."""

from supabase_auth.errors import AuthError, AuthSessionMissingError, AuthWeakPasswordError

from ecosystem.adapters.refusals import (
    email_taken,
    expired_challenge,
    signed_out,
    slow_down,
    unavailable,
    unconfirmed,
    unusable_email,
    weak_password,
    wrong_code,
    wrong_credentials,
)
from ecosystem.domain.errors import EcosystemError

_SLOW_DOWN = {
    "over_email_send_rate_limit",
    "over_request_rate_limit",
    "over_sms_send_rate_limit",
}
_ENDED = {
    "session_not_found",
    "bad_jwt",
    "user_not_found",
    "refresh_token_not_found",
    "refresh_token_already_used",
    "no_authorization",
}


def meaning(error: AuthError, code_field: bool) -> EcosystemError:
    """What we raise for a refusal; ``code_field``: a code was being checked."""
    code = error.code or ""
    if isinstance(error, AuthWeakPasswordError):
        return weak_password()
    if code in _SLOW_DOWN or getattr(error, "status", 0) == 429:
        return slow_down()
    if isinstance(error, AuthSessionMissingError) or code in _ENDED:
        return signed_out()
    if code in ("invalid_credentials", "user_banned"):
        return wrong_credentials()
    if code == "email_not_confirmed":
        return unconfirmed()
    if code in ("user_already_exists", "email_exists"):
        return email_taken()
    if code in ("otp_expired", "mfa_verification_failed", "mfa_verification_rejected"):
        return wrong_code()
    if code in ("mfa_challenge_expired", "mfa_factor_not_found"):
        return expired_challenge()
    if code_field and code == "validation_failed":
        return wrong_code()
    if code in ("validation_failed", "email_address_invalid"):
        return unusable_email()
    return unavailable()
