"""The endpoints that people's own clients call, second factors aside."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from psycopg.types.json import Jsonb

from ecosystem.local.supabase_auth import one_time, users
from ecosystem.local.supabase_auth.calls import Call, Parts, Reply
from ecosystem.local.supabase_auth.errors import (
    AuthError,
    invalid_credentials,
    otp_expired,
    user_banned,
    validation_failed,
)
from ecosystem.local.supabase_auth.mail import Message
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row


def sign_up(parts: Parts, call: Call) -> Reply:
    """``POST /signup``: a new person, who has to confirm their address.

    A taken and confirmed address gets the same kind of answer, about nobody, with no
    identities; the same work is done for it, so that the time tells nothing either.
    """
    if call.text("phone"):
        raise AuthError(400, "phone_provider_disabled", "Phone signups are disabled")
    if not call.text("email") and not call.text("password"):
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    if not call.body.get("password"):
        raise validation_failed("Signup requires a valid password")
    password = parts.passwords.check_rules(call.body["password"])
    email = users.normal_email(call.body.get("email"))
    data = users.metadata(call.body.get("data"), "data")
    encrypted = parts.passwords.hash(password)
    if parts.configuration.autoconfirm:
        return _sign_up_at_once(parts, call, email, encrypted, data)
    parts.mailer.limit.take("signup", email)
    message: Message | None = None
    with parts.database.transaction() as connection:
        user = users.insert(
            connection, email=email, encrypted_password=encrypted, user_metadata=data
        ) or users.find_by_email(connection, email, lock=True)
        if user is None or user["email_confirmed_at"] is not None:
            return Reply(users.decoy_json(email, data))
        code = one_time.create(connection, user, one_time.CONFIRMATION, email)
        message = parts.mailer.write(connection, "signup", email, code)
        shown = users.as_json(connection, users.find(connection, str(user["id"])))
    parts.mailer.send(message)
    return Reply(shown)


def _sign_up_at_once(
    parts: Parts, call: Call, email: str, encrypted: str, data: dict[str, Any]
) -> Reply:
    with parts.database.transaction() as connection:
        user = users.insert(
            connection,
            email=email,
            encrypted_password=encrypted,
            user_metadata=data,
            confirmed=True,
        )
        if user is None:
            raise AuthError(422, "user_already_exists", "User already registered")
        return Reply(_new_session(parts, call, connection, user, "password"))


def _new_session(
    parts: Parts, call: Call, connection: DatabaseConnection, user: Row, method: str
) -> dict[str, Any]:
    return parts.sessions.start(
        connection, user, method, client_ip=call.client_ip, user_agent=call.user_agent
    )


def token(parts: Parts, call: Call) -> Reply:
    """``POST /token?grant_type=password|refresh_token``."""
    grant = call.query.get("grant_type", "")
    if grant == "password":
        return _sign_in(parts, call)
    if grant == "refresh_token":
        if not call.body.get("refresh_token"):
            raise validation_failed("refresh_token required")
        with parts.database.transaction() as connection:
            outcome = parts.sessions.refresh(connection, call.body["refresh_token"])
        if isinstance(outcome, AuthError):
            raise outcome
        return Reply(outcome)
    raise AuthError(400, "invalid_request", "unsupported_grant_type")


def _sign_in(parts: Parts, call: Call) -> Reply:
    email = call.text("email").strip().lower()
    password = call.text("password")
    if not email:
        raise validation_failed("missing email or phone")
    with parts.database.transaction() as connection:
        user = users.find_by_email(connection, email)
    # No transaction is open while bcrypt works: its tenth of a second would hold a
    # connection for nothing.
    if not parts.passwords.matches(password, user["encrypted_password"] if user else None):
        raise invalid_credentials()
    assert user is not None, "nobody has no password that matches"
    with parts.database.transaction() as connection:
        current = users.find_by_email(connection, email, lock=True)
        if current is None or current["encrypted_password"] != user["encrypted_password"]:
            raise invalid_credentials()
        if users.banned(current):
            raise user_banned()
        if current["email_confirmed_at"] is None:
            raise AuthError(400, "email_not_confirmed", "Email not confirmed")
        return Reply(_new_session(parts, call, connection, current, "password"))


def show_user(parts: Parts, call: Call) -> Reply:
    """``GET /user``."""
    with parts.database.transaction() as connection:
        user, _ = parts.sessions.authenticate(connection, call.bearer)
        return Reply(users.as_json(connection, user))


def update_user(parts: Parts, call: Call) -> Reply:
    """``PUT /user``: own password, metadata, address (after its confirmation).

    A new password ends the person's other sessions.
    """
    with parts.database.transaction() as connection:
        user, session = parts.sessions.authenticate(connection, call.bearer)
    password = call.body.get("password")
    email = users.normal_email(call.body["email"]) if call.body.get("email") else ""
    if email == user["email"]:
        email = ""
    if call.body.get("app_metadata") is not None:
        raise AuthError(403, "not_admin", "Updating app_metadata requires admin privileges")
    data = users.metadata(call.body.get("data"), "data")
    encrypted: str | None = None
    if password is not None:
        password = parts.passwords.check_rules(password)
        if parts.passwords.matches(password, user["encrypted_password"]):
            raise AuthError(
                422,
                "same_password",
                "New password should be different from the old password.",
            )
        encrypted = parts.passwords.hash(password)
    message: Message | None = None
    with parts.database.transaction() as connection:
        user, session = parts.sessions.authenticate(connection, call.bearer, lock=True)
        if (encrypted or email) and session["aal"] == "aal1" and _has_factor(connection, user):
            raise AuthError(
                401,
                "insufficient_aal",
                "AAL2 session is required to update email or password when MFA is enabled.",
            )
        if encrypted:
            set_password(connection, user, encrypted)
            parts.sessions.end(connection, session, "others")
        if data:
            connection.execute(
                "update auth.users set raw_user_meta_data = %s, updated_at = now() where id = %s",
                (Jsonb(users.merged(user["raw_user_meta_data"], data)), user["id"]),
            )
        if email:
            message = _ask_for_new_email(parts, connection, user, email)
        shown = users.as_json(connection, users.find(connection, str(user["id"])))
    parts.mailer.send(message)
    return Reply(shown)


def _has_factor(connection: DatabaseConnection, user: Row) -> bool:
    return (
        connection.execute(
            "select 1 from auth.mfa_factors where user_id = %s and status = 'verified' limit 1",
            (user["id"],),
        ).fetchone()
        is not None
    )


def set_password(connection: DatabaseConnection, user: Row, encrypted: str) -> None:
    """Store a new hash; links for a forgotten password are void from now on."""
    connection.execute(
        "update auth.users set encrypted_password = %s, recovery_token = '', updated_at = now()"
        " where id = %s",
        (encrypted, user["id"]),
    )
    connection.execute(
        "delete from auth.one_time_tokens where user_id = %s and token_type = 'recovery_token'",
        (user["id"],),
    )


def _ask_for_new_email(
    parts: Parts, connection: DatabaseConnection, user: Row, email: str
) -> Message:
    if users.find_by_email(connection, email) is not None:
        raise email_exists()
    parts.mailer.limit.take("email_change", email)
    connection.execute("update auth.users set email_change = %s where id = %s", (email, user["id"]))
    code = one_time.create(connection, user, one_time.EMAIL_CHANGE, email)
    return parts.mailer.write(connection, "email_change", email, code)


def email_exists() -> AuthError:
    """Another person has the wanted address."""
    return AuthError(
        422, "email_exists", "A user with this email address has already been registered"
    )


def sign_out(parts: Parts, call: Call) -> Reply:
    """``POST /logout?scope=global|local|others``."""
    scope = call.query.get("scope") or "global"
    if scope not in ("global", "local", "others"):
        raise validation_failed(f"Unsupported logout scope {scope!r}")
    with parts.database.transaction() as connection:
        _, session = parts.sessions.authenticate(connection, call.bearer, lock=True)
        parts.sessions.end(connection, session, scope)
    return Reply(status=204)


def recover(parts: Parts, call: Call) -> Reply:
    """``POST /recover``: a link for a new password; the same answer whoever asks."""
    if not call.body.get("email"):
        raise validation_failed("Password recovery requires an email")
    return _mail_to(parts, users.normal_email(call.body["email"]), "recovery")


def resend(parts: Parts, call: Call) -> Reply:
    """``POST /resend``: the confirmation of a sign-up or of a new address once more."""
    kind = call.text("type")
    if kind not in ("signup", "email_change"):
        raise validation_failed("Missing or unsupported resend type")
    if not call.body.get("email"):
        raise validation_failed("Type provided requires an email address")
    return _mail_to(parts, users.normal_email(call.body["email"]), kind)


def _mail_to(parts: Parts, email: str, kind: str) -> Reply:
    parts.mailer.limit.take(kind, email)
    message: Message | None = None
    with parts.database.transaction() as connection:
        user = users.find_by_email(connection, email, lock=True)
        recipient = email
        wanted = user is not None
        if user is not None and kind == "signup":
            wanted = user["email_confirmed_at"] is None
        elif user is not None and kind == "email_change":
            recipient = user["email_change"] or ""
            wanted = bool(recipient)
        if user is not None and wanted:
            code = one_time.create(connection, user, one_time.KINDS[kind][0], recipient)
            message = parts.mailer.write(connection, kind, recipient, code)
    parts.mailer.send(message)
    return Reply({})


def verify(parts: Parts, call: Call) -> Reply:
    """``POST /verify``: redeem the code or the link of an e-mail for a session."""
    kind = call.text("type")
    if not kind:
        raise validation_failed("Verify requires a verification type")
    token_hash = call.text("token_hash")
    if not token_hash:
        if not call.text("token"):
            raise validation_failed("Verify requires a token or a token hash")
        email = users.normal_email(call.body.get("email"))
        token_hash = one_time.digest(email, call.text("token").replace("-", ""))
    elif call.text("token") or call.text("email"):
        raise validation_failed("Only the token_hash and type should be provided")
    return Reply(_redeem(parts, call, kind, token_hash))


def follow_link(parts: Parts, call: Call) -> Reply:
    """``GET /verify``: the same for a browser, which is sent on with the tokens.

    They travel in the fragment, which no server sees. Only addresses of the site itself
    are accepted as a destination, else tokens could be sent to a stranger.
    """
    target = _allowed_redirect(parts, call.query.get("redirect_to", ""))
    kind = call.query.get("type", "")
    try:
        token_hash = call.query.get("token") or call.query.get("token_hash") or ""
        session = _redeem(parts, call, kind, token_hash)
    except AuthError as error:
        fragment = urlencode(
            {
                "error": "access_denied" if error.status in (401, 403) else "server_error",
                "error_code": error.code,
                "error_description": error.message,
            }
        )
    else:
        fragment = urlencode(
            {
                **{key: value for key, value in session.items() if key != "user"},
                "type": kind,
            }
        )
    return Reply(status=303, headers={"Location": f"{target}#{fragment}"})


def _allowed_redirect(parts: Parts, wanted: str) -> str:
    site = urlsplit(parts.configuration.site_url)
    target = urlsplit(wanted)
    same = (target.scheme, target.netloc) == (site.scheme, site.netloc)
    return target._replace(fragment="").geturl() if same else parts.configuration.site_url


def _redeem(parts: Parts, call: Call, kind: str, token_hash: str) -> dict[str, Any]:
    life = parts.configuration.otp_seconds
    with parts.database.transaction() as connection:
        user, redeemed = one_time.redeem(connection, kind, token_hash, life)
        if users.banned(user):
            raise user_banned(403)
        if redeemed is one_time.EMAIL_CHANGE:
            new_email = user["email_change"]
            taken = users.find_by_email(connection, new_email) if new_email else None
            if not new_email or taken is not None:
                raise otp_expired()
            users.set_email(connection, user, new_email, verified=True)
            connection.execute(
                "update auth.users set email_change = '' where id = %s", (user["id"],)
            )
        else:
            # Whoever redeems any link has shown that they read the mail.
            users.confirm(connection, user)
        current = users.find(connection, str(user["id"]))
        return _new_session(parts, call, connection, current, "otp")
