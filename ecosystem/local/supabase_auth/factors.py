"""Second factors: time-based codes (RFC 6238), enrolled, challenged, verified, removed."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import psycopg

from ecosystem.domain.qr_code import svg
from ecosystem.local.supabase_auth import users
from ecosystem.local.supabase_auth.calls import Call, Parts, Reply
from ecosystem.local.supabase_auth.errors import AuthError, validation_failed
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row

STEP_SECONDS = 30
DIGITS = 6
CHALLENGE_LIFE = timedelta(minutes=5)
MOST_FACTORS = 10


def totp(secret: str, at: float) -> str:
    """The six digits of a base-32 secret at a moment (seconds since 1970), RFC 6238."""
    padded = secret + "=" * (-len(secret) % 8)
    counter = struct.pack(">Q", int(at) // STEP_SECONDS)
    mac = hmac.new(base64.b32decode(padded), counter, hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack_from(">I", mac, offset)[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _right_code(secret: str, code: str) -> bool:
    """One step earlier or later is right too: clocks differ."""
    now = time.time()
    steps = [totp(secret, now + shift * STEP_SECONDS) for shift in (-1, 0, 1)]
    return sum(hmac.compare_digest(step.encode(), code.encode()) for step in steps) > 0


def enrol(parts: Parts, call: Call) -> Reply:
    """``POST /factors``: a new secret, to be proved before it counts."""
    kind = call.text("factor_type")
    if kind in ("phone", "webauthn"):
        raise AuthError(422, f"mfa_{kind}_enroll_not_enabled", f"MFA enroll is disabled for {kind}")
    if kind != "totp":
        raise validation_failed("factor_type needs to be totp, phone, or webauthn")
    name = call.text("friendly_name")
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    with parts.database.transaction() as connection:
        user, session = parts.sessions.authenticate(connection, call.bearer, lock=True)
        held = connection.execute(
            "select * from auth.mfa_factors where user_id = %s", (user["id"],)
        ).fetchall()
        if len(held) >= MOST_FACTORS:
            raise AuthError(
                422,
                "too_many_enrolled_mfa_factors",
                "Maximum number of verified factors reached, unenroll to continue",
            )
        if session["aal"] == "aal1" and any(row["status"] == "verified" for row in held):
            raise AuthError(403, "insufficient_aal", "AAL2 required to enroll a new factor")
        try:
            with connection.transaction():
                row = connection.execute(
                    """
                    insert into auth.mfa_factors (
                        id, user_id, friendly_name, factor_type, status,
                        created_at, updated_at, secret)
                    values (%s, %s, %s, 'totp', 'unverified', now(), now(), %s)
                    returning *
                    """,
                    (uuid.uuid4(), user["id"], name, secret),
                ).fetchone()
        except psycopg.errors.UniqueViolation as error:
            raise AuthError(
                422,
                "mfa_factor_name_conflict",
                f"A factor with the friendly name {name!r} for this user already exists",
            ) from error
    assert row is not None, "insert … returning gives a row"
    issuer = call.text("issuer") or urlsplit(parts.configuration.site_url).netloc
    label = quote(f"{issuer}:{user['email']}")
    uri = f"otpauth://totp/{label}?" + urlencode(
        {
            "algorithm": "SHA1",
            "digits": DIGITS,
            "issuer": issuer,
            "period": STEP_SECONDS,
            "secret": secret,
        }
    )
    return Reply(
        {
            "id": str(row["id"]),
            "type": "totp",
            "friendly_name": name,
            "totp": {"qr_code": svg(uri), "secret": secret, "uri": uri},
        }
    )


def _factor(connection: DatabaseConnection, user: Row, factor_id: str) -> Row:
    try:
        wanted = uuid.UUID(factor_id)
    except ValueError as error:
        raise validation_failed("factor_id must be an UUID", 404) from error
    row = connection.execute(
        "select * from auth.mfa_factors where id = %s and user_id = %s for update",
        (wanted, user["id"]),
    ).fetchone()
    if row is None:
        raise AuthError(404, "mfa_factor_not_found", "Factor not found")
    return row


def challenge(parts: Parts, call: Call) -> Reply:
    """``POST /factors/{id}/challenge``: open for five minutes."""
    with parts.database.transaction() as connection:
        user, _ = parts.sessions.authenticate(connection, call.bearer)
        factor = _factor(connection, user, call.path["factor_id"])
        row = connection.execute(
            "insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)"
            " values (%s, %s, now(), %s) returning *",
            (uuid.uuid4(), factor["id"], call.client_ip or "127.0.0.1"),
        ).fetchone()
        connection.execute(
            "update auth.mfa_factors set last_challenged_at = clock_timestamp() where id = %s",
            (factor["id"],),
        )
    assert row is not None, "insert … returning gives a row"
    expires = row["created_at"] + CHALLENGE_LIFE
    return Reply({"id": str(row["id"]), "type": "totp", "expires_at": int(expires.timestamp())})


def verify(parts: Parts, call: Call) -> Reply:
    """``POST /factors/{id}/verify``: the right code lifts the session to ``aal2``.

    The factor counts from then on: sessions of the person that have not passed it end,
    and what else was enrolled and never proved is dropped.
    """
    with parts.database.transaction() as connection:
        user, session = parts.sessions.authenticate(connection, call.bearer, lock=True)
        factor = _factor(connection, user, call.path["factor_id"])
        opened = _challenge(connection, factor, call.text("challenge_id"))
        if not _right_code(factor["secret"], call.text("code")):
            raise AuthError(422, "mfa_verification_failed", "Invalid TOTP code entered")
        connection.execute("delete from auth.mfa_challenges where id = %s", (opened["id"],))
        connection.execute(
            "update auth.mfa_factors set status = 'verified', updated_at = now() where id = %s",
            (factor["id"],),
        )
        connection.execute(
            "delete from auth.mfa_factors where user_id = %s and status = 'unverified'",
            (user["id"],),
        )
        connection.execute(
            "delete from auth.sessions where user_id = %s and id <> %s and aal = 'aal1'",
            (user["id"], session["id"]),
        )
        lifted = connection.execute(
            "update auth.sessions set aal = 'aal2', factor_id = %s, updated_at = now()"
            " where id = %s returning *",
            (factor["id"], session["id"]),
        ).fetchone()
        parts.sessions.note_method(connection, session["id"], "totp")
        return Reply(parts.sessions.answer(connection, user, lifted or session, parent=None))


def _challenge(connection: DatabaseConnection, factor: Row, challenge_id: str) -> Row:
    unknown = AuthError(
        422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found"
    )
    try:
        wanted = uuid.UUID(challenge_id)
    except ValueError as error:
        raise unknown from error
    row = connection.execute(
        "select * from auth.mfa_challenges where id = %s and factor_id = %s",
        (wanted, factor["id"]),
    ).fetchone()
    if row is None:
        raise unknown
    if row["created_at"] + CHALLENGE_LIFE < datetime.now(UTC):
        raise AuthError(
            422,
            "mfa_challenge_expired",
            "MFA challenge has expired, verify against another challenge or create a new one",
        )
    return row


def remove(parts: Parts, call: Call) -> Reply:
    """``DELETE /factors/{id}``: one that is verified can only be removed at ``aal2``."""
    with parts.database.transaction() as connection:
        user, session = parts.sessions.authenticate(connection, call.bearer, lock=True)
        factor = _factor(connection, user, call.path["factor_id"])
        if factor["status"] == "verified" and session["aal"] == "aal1":
            raise AuthError(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
        delete(connection, factor)
    return Reply({"id": str(factor["id"])})


def delete(connection: DatabaseConnection, factor: Row) -> None:
    """Remove a factor; sessions that were lifted by it fall back to ``aal1``."""
    connection.execute("delete from auth.mfa_factors where id = %s", (factor["id"],))
    fallen = connection.execute(
        "update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now()"
        " where factor_id = %s returning id",
        (factor["id"],),
    ).fetchall()
    connection.execute(
        "delete from auth.mfa_amr_claims"
        " where session_id = any(%s) and authentication_method = 'totp'",
        ([row["id"] for row in fallen],),
    )


def of_user(parts: Parts, call: Call) -> Reply:
    """``GET /admin/users/{id}/factors``."""
    with parts.database.transaction() as connection:
        user = users.find(connection, call.path["user_id"])
        rows = connection.execute(
            "select * from auth.mfa_factors where user_id = %s order by created_at, id",
            (user["id"],),
        ).fetchall()
    return Reply([users.factor_json(row) for row in rows])


def delete_of_user(parts: Parts, call: Call) -> Reply:
    """``DELETE /admin/users/{id}/factors/{id}``: for people who lost their device."""
    with parts.database.transaction() as connection:
        user = users.find(connection, call.path["user_id"])
        factor = _factor(connection, user, call.path["factor_id"])
        delete(connection, factor)
    return Reply(users.factor_json(factor))
