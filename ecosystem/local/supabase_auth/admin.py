"""The endpoints that need the service key."""

import hmac
import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from psycopg import sql
from psycopg.types.json import Jsonb

from ecosystem.local.supabase_auth import one_time, users
from ecosystem.local.supabase_auth.calls import Call, Operation, Parts, Reply
from ecosystem.local.supabase_auth.errors import AuthError, validation_failed
from ecosystem.local.supabase_auth.people import email_exists, set_password
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST_BAN = timedelta(hours=2_562_047)
"""What a Go duration can hold, about 292 years."""


def for_service_only(operation: Operation) -> Operation:
    """Guard an operation: the bearer must be the service key.

    Raises:
        AuthError: 401 ``no_authorization`` without a bearer, 403 ``not_admin`` for
            anybody else's token, 403 ``bad_jwt`` for what is no token.
    """

    def guarded(parts: Parts, call: Call) -> Reply:
        configuration = parts.configuration
        # The gateway turns a lone apikey into the bearer that belongs to it.
        bearer = call.bearer or call.apikey
        if not bearer:
            raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
        if not same_key(bearer, configuration.service_role_key):
            if not same_key(bearer, configuration.anon_key):
                parts.signer.read(bearer)
            raise AuthError(403, "not_admin", "User not allowed")
        return operation(parts, call)

    return guarded


def same_key(given: str, expected: str) -> bool:
    """Compare two keys in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def ban_until(duration: object) -> datetime | None:
    """When a ban of a Go duration (``24h``, ``1h30m``) ends; ``none`` lifts it.

    Raises:
        AuthError: 400 ``validation_failed``.
    """
    if duration == "none":
        return None
    if not isinstance(duration, str) or not _DURATION.fullmatch(duration):
        raise validation_failed("invalid format for ban duration")
    seconds = sum(
        float(amount) * _UNIT_SECONDS[unit] for amount, unit in _DURATION_PART.findall(duration)
    )
    if seconds > LONGEST_BAN.total_seconds():
        raise validation_failed("invalid format for ban duration: out of range")
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _positive(call: Call, name: str, default: int) -> int:
    raw = call.query.get(name) or str(default)
    if not raw.isascii() or not raw.isdigit() or int(raw) < 1:
        raise validation_failed(f"Bad Pagination Parameters: {name} must be a positive number")
    return int(raw)


def list_users(parts: Parts, call: Call) -> Reply:
    """``GET /admin/users?page&per_page&filter``: newest first, 50 a page."""
    page = _positive(call, "page", 1)
    per_page = min(_positive(call, "per_page", 50), 1000)
    wanted = call.query.get("filter", "").lower()
    with parts.database.transaction() as connection:
        counted = connection.execute(
            "select count(*) as people from auth.users where strpos(lower(email), %s) > 0"
            " or %s = ''",
            (wanted, wanted),
        ).fetchone()
        rows = connection.execute(
            "select * from auth.users where strpos(lower(email), %s) > 0 or %s = ''"
            " order by created_at desc, id limit %s offset %s",
            (wanted, wanted, per_page, (page - 1) * per_page),
        ).fetchall()
        shown = users.as_json_list(connection, rows)
    total = int(counted["people"]) if counted else 0
    last = max(1, -(-total // per_page))
    links = [f'<{parts.configuration.issuer}/admin/users?page={last}>; rel="last"']
    if page < last:
        links.insert(0, f'<{parts.configuration.issuer}/admin/users?page={page + 1}>; rel="next"')
    return Reply(
        {"users": shown, "aud": "authenticated"},
        headers={"X-Total-Count": str(total), "Link": ", ".join(links)},
    )


def get_user(parts: Parts, call: Call) -> Reply:
    """``GET /admin/users/{id}``."""
    with parts.database.transaction() as connection:
        user = users.find(connection, call.path["user_id"])
        return Reply(users.as_json(connection, user))


def _wanted_hash(parts: Parts, call: Call) -> str | None:
    password, stored = call.body.get("password"), call.body.get("password_hash")
    if password and stored:
        raise validation_failed("Only a password or a password hash should be provided")
    if stored:
        return parts.passwords.check_hash(stored)
    if password:
        return parts.passwords.hash(parts.passwords.check_rules(password))
    return None


def create_user(parts: Parts, call: Call) -> Reply:
    """``POST /admin/users``: no e-mail is sent; ``email_confirm`` confirms the address.

    Without a password or a hash of one, nobody can sign in by password.
    """
    if not call.body.get("email"):
        raise validation_failed("Cannot create a user without either an email or phone")
    email = users.normal_email(call.body["email"])
    encrypted = _wanted_hash(parts, call)
    until = ban_until(call.body["ban_duration"]) if call.body.get("ban_duration") else None
    with parts.database.transaction() as connection:
        user = users.insert(
            connection,
            email=email,
            encrypted_password=encrypted or parts.passwords.hash(secrets.token_urlsafe(32)),
            user_metadata=users.metadata(call.body.get("user_metadata"), "user_metadata"),
            app_metadata=users.metadata(call.body.get("app_metadata"), "app_metadata"),
            user_id=_given_id(call),
            role=call.text("role") or "authenticated",
            confirmed=bool(call.body.get("email_confirm")),
            banned_until=until,
        )
        if user is None:
            raise email_exists()
        return Reply(users.as_json(connection, user))


def _given_id(call: Call) -> uuid.UUID | None:
    given = call.body.get("id")
    if not given:
        return None
    try:
        wanted = uuid.UUID(str(given))
    except ValueError as error:
        raise validation_failed("ID must conform to the uuid v4 format") from error
    if wanted == users.NIL:
        raise validation_failed("ID cannot be a nil uuid")
    return wanted


def update_user(parts: Parts, call: Call) -> Reply:
    """``PUT /admin/users/{id}``: a new password ends every session of the person."""
    email = users.normal_email(call.body["email"]) if call.body.get("email") else ""
    encrypted = _wanted_hash(parts, call)
    with parts.database.transaction() as connection:
        user = users.find(connection, call.path["user_id"], lock=True)
        if email and email != user["email"]:
            if users.find_by_email(connection, email) is not None:
                raise email_exists()
            confirmed = user["email_confirmed_at"] is not None
            users.set_email(connection, user, email, verified=confirmed)
        current = users.find(connection, call.path["user_id"])
        if call.body.get("email_confirm"):
            users.confirm(connection, current)
            current = users.find(connection, call.path["user_id"])
        if encrypted:
            set_password(connection, user, encrypted)
            parts.sessions.end_all(connection, user["id"])
        _set_fields(connection, current, call)
        current = users.find(connection, call.path["user_id"])
        return Reply(users.as_json(connection, current))


def _set_fields(connection: DatabaseConnection, user: Row, call: Call) -> None:
    changes: dict[str, Any] = {}
    if call.body.get("ban_duration"):
        changes["banned_until"] = ban_until(call.body["ban_duration"])
    if call.text("role"):
        changes["role"] = call.text("role")
    for name, column in (
        ("user_metadata", "raw_user_meta_data"),
        ("app_metadata", "raw_app_meta_data"),
    ):
        given = users.metadata(call.body.get(name), name)
        if given:
            changes[column] = Jsonb(users.merged(user[column], given))
    for column, value in changes.items():
        connection.execute(
            sql.SQL("update auth.users set {} = %s, updated_at = now() where id = %s").format(
                sql.Identifier(column)
            ),
            (value, user["id"]),
        )


def delete_user(parts: Parts, call: Call) -> Reply:
    """``DELETE /admin/users/{id}``; ``should_soft_delete`` keeps an anonymous row."""
    with parts.database.transaction() as connection:
        user = users.find(connection, call.path["user_id"], lock=True)
        if not call.body.get("should_soft_delete"):
            connection.execute("delete from auth.users where id = %s", (user["id"],))
        elif user["deleted_at"] is None:
            users.soft_delete(connection, user)
    return Reply({})


def generate_link(parts: Parts, call: Call) -> Reply:
    """``POST /admin/generate_link``: what an e-mail would carry, without sending it.

    A ``signup`` link creates the person.
    """
    kind = call.text("type")
    email = users.normal_email(call.body.get("email"))
    encrypted = _wanted_hash(parts, call) if kind == "signup" else None
    if kind == "signup" and encrypted is None:
        raise validation_failed("Signup requires a valid password")
    if kind not in ("signup", "recovery", "magiclink", "email_change_new"):
        raise validation_failed(f"Invalid email action link type requested: {kind}")
    verification = "email_change" if kind == "email_change_new" else kind
    with parts.database.transaction() as connection:
        user = users.find_by_email(connection, email, lock=True)
        recipient = email
        if kind == "signup":
            if user is not None and user["email_confirmed_at"] is not None:
                raise email_exists()
            user = user or users.insert(
                connection,
                email=email,
                encrypted_password=encrypted or "",
                user_metadata=users.metadata(call.body.get("data"), "data"),
            )
        elif kind == "email_change_new" and user is not None:
            recipient = users.normal_email(call.body.get("new_email"))
            connection.execute(
                "update auth.users set email_change = %s where id = %s",
                (recipient, user["id"]),
            )
        if user is None:
            raise AuthError(404, "user_not_found", "User with this email not found")
        code = one_time.create(connection, user, one_time.KINDS[verification][0], recipient)
        current = users.find(connection, str(user["id"]))
        shown = users.as_json(connection, current)
    redirect_to = call.query.get("redirect_to") or parts.configuration.site_url
    query = urlencode({"token": code.token_hash, "type": verification, "redirect_to": redirect_to})
    return Reply(
        {
            **shown,
            "action_link": f"{parts.configuration.issuer}/verify?{query}",
            "email_otp": code.code,
            "hashed_token": code.token_hash,
            "verification_type": kind,
            "redirect_to": redirect_to,
        }
    )
