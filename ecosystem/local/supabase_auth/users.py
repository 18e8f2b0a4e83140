"""Rows of ``auth.users`` with their identities, and the JSON that GoTrue shows of them."""

import base64
import hashlib
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from ecosystem.local.supabase_auth.errors import user_not_found, validation_failed
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row

_EMAIL = re.compile(r"[^@\s<>(),;:\\\"\[\]]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
NIL = uuid.UUID(int=0)


def instant(value: datetime | None) -> str | None:
    """RFC 3339 in UTC, as GoTrue writes times."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def normal_email(value: object) -> str:
    """The address in lower case: GoTrue knows no other.

    Raises:
        AuthError: 400 ``validation_failed``.
    """
    email = value.strip().lower() if isinstance(value, str) else ""
    if len(email) > 255 or not _EMAIL.fullmatch(email):
        raise validation_failed("Unable to validate email address: invalid format")
    return email


def metadata(value: object, name: str) -> dict[str, Any]:
    """An object of free-form data; nothing given means an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise validation_failed(f"{name} must be an object")
    return value


def merged(stored: dict[str, Any] | None, changes: dict[str, Any]) -> dict[str, Any]:
    """GoTrue's rule for metadata: keys replace keys, a null removes one."""
    result = {**(stored or {}), **changes}
    return {key: value for key, value in result.items() if value is not None}


def find_by_email(connection: DatabaseConnection, email: str, *, lock: bool = False) -> Row | None:
    """The person with this (normalised) address."""
    return connection.execute(
        "select * from auth.users where email = %s and not is_sso_user and deleted_at is null"
        + (" for update" if lock else ""),
        (email,),
    ).fetchone()


def find(connection: DatabaseConnection, user_id: str, *, lock: bool = False) -> Row:
    """The person with this id.

    Raises:
        AuthError: 404 ``user_not_found``, or ``validation_failed`` for what is no UUID.
    """
    try:
        wanted = uuid.UUID(user_id)
    except ValueError as error:
        raise validation_failed("user_id must be an UUID", 404) from error
    row = connection.execute(
        "select * from auth.users where id = %s" + (" for update" if lock else ""), (wanted,)
    ).fetchone()
    if row is None:
        raise user_not_found()
    return row


def banned(user: Row) -> bool:
    """Whether the account is blocked now."""
    until = user["banned_until"]
    return until is not None and until > datetime.now(UTC)


def insert(
    connection: DatabaseConnection,
    *,
    email: str,
    encrypted_password: str,
    user_metadata: dict[str, Any],
    app_metadata: dict[str, Any] | None = None,
    user_id: uuid.UUID | None = None,
    role: str = "authenticated",
    confirmed: bool = False,
    banned_until: datetime | None = None,
) -> Row | None:
    """Add a person with an e-mail identity.

    Returns:
        The new row, or None when the address or the id is taken (also by a request that
        runs at the same moment).
    """
    user_id = user_id or uuid.uuid4()
    row = connection.execute(
        """
        insert into auth.users (
            instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
            raw_app_meta_data, raw_user_meta_data, is_super_admin, banned_until,
            confirmation_token, recovery_token, email_change_token_new, email_change,
            created_at, updated_at)
        values (%(nil)s, %(id)s, 'authenticated', %(role)s, %(email)s, %(hash)s,
                case when %(confirmed)s then now() end,
                %(app)s, %(user)s, false, %(banned)s, '', '', '', '', now(), now())
        on conflict do nothing
        returning *
        """,
        {
            "nil": NIL,
            "id": user_id,
            "role": role,
            "email": email,
            "hash": encrypted_password,
            "confirmed": confirmed,
            "app": Jsonb({"provider": "email", "providers": ["email"], **(app_metadata or {})}),
            "user": Jsonb(
                {
                    **user_metadata,
                    "sub": str(user_id),
                    "email": email,
                    "email_verified": confirmed,
                    "phone_verified": False,
                }
            ),
            "banned": banned_until,
        },
    ).fetchone()
    if row is not None:
        put_identity(connection, user_id, email, verified=confirmed, data=user_metadata)
    return row


def put_identity(
    connection: DatabaseConnection,
    user_id: uuid.UUID,
    email: str,
    *,
    verified: bool,
    data: dict[str, Any] | None = None,
) -> None:
    """Add the e-mail identity of a person, or set its address."""
    identity = {
        **(data or {}),
        "sub": str(user_id),
        "email": email,
        "email_verified": verified,
        "phone_verified": False,
    }
    connection.execute(
        """
        insert into auth.identities (
            provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
        values (%(id)s::text, (%(id)s::text)::uuid, %(data)s, 'email', now(), now(), now())
        on conflict (provider_id, provider) do update
            set identity_data = auth.identities.identity_data || excluded.identity_data,
                updated_at = now()
        """,
        {"id": str(user_id), "data": Jsonb(identity)},
    )


def confirm(connection: DatabaseConnection, user: Row) -> None:
    """Note that the person reads mail at their address."""
    connection.execute(
        """
        update auth.users
           set email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now(),
               raw_user_meta_data = coalesce(raw_user_meta_data, '{}')
                                    || '{"email_verified": true}'
         where id = %s
        """,
        (user["id"],),
    )
    put_identity(connection, user["id"], user["email"], verified=True)


def set_email(connection: DatabaseConnection, user: Row, email: str, *, verified: bool) -> None:
    """Replace the address everywhere it is kept. The caller has checked that it is free."""
    connection.execute(
        """
        update auth.users
           set email = %(email)s::text, updated_at = now(),
               raw_user_meta_data = coalesce(raw_user_meta_data, '{}')
                                    || jsonb_build_object('email', %(email)s::text)
         where id = %(id)s
        """,
        {"email": email, "id": user["id"]},
    )
    put_identity(connection, user["id"], email, verified=verified)


def soft_delete(connection: DatabaseConnection, user: Row) -> None:
    """Keep the row, make the person unrecognisable and end every way to sign in.

    The address becomes a digest, as GoTrue does it: the same person may sign up anew.
    """
    user_id = str(user["id"])

    def digest(value: str) -> str:
        hashed = hashlib.sha256(f"{user_id}{value}".encode()).digest()
        return base64.urlsafe_b64encode(hashed).decode().rstrip("=")

    connection.execute(
        """
        update auth.users
           set email = %s, encrypted_password = '', confirmation_token = '', recovery_token = '',
               email_change = '', email_change_token_new = '', raw_user_meta_data = '{}',
               raw_app_meta_data = '{}', deleted_at = now(), updated_at = now()
         where id = %s
        """,
        (digest(user["email"] or ""), user["id"]),
    )
    connection.execute(
        "update auth.identities set provider_id = %s, identity_data = '{}', updated_at = now()"
        " where user_id = %s",
        (digest(user_id), user["id"]),
    )
    for table in ("mfa_factors", "sessions", "one_time_tokens"):
        connection.execute(f"delete from auth.{table} where user_id = %s", (user["id"],))


def as_json(connection: DatabaseConnection, user: Row) -> dict[str, Any]:
    """One person as the API shows them."""
    return as_json_list(connection, [user])[0]


def as_json_list(connection: DatabaseConnection, found: list[Row]) -> list[dict[str, Any]]:
    """Many people as the API shows them, with two more queries for all of them."""
    ids = [user["id"] for user in found]
    identities: dict[uuid.UUID, list[dict[str, Any]]] = {user_id: [] for user_id in ids}
    for row in connection.execute(
        "select * from auth.identities where user_id = any(%s) order by created_at, id", (ids,)
    ):
        identities[row["user_id"]].append(_identity_json(row))
    factors: dict[uuid.UUID, list[dict[str, Any]]] = {user_id: [] for user_id in ids}
    for row in connection.execute(
        "select * from auth.mfa_factors where user_id = any(%s) order by created_at, id", (ids,)
    ):
        factors[row["user_id"]].append(factor_json(row))
    return [_user_json(user, identities[user["id"]], factors[user["id"]]) for user in found]


def factor_json(row: Row) -> dict[str, Any]:
    """A second factor without its secret."""
    return {
        "id": str(row["id"]),
        "friendly_name": row["friendly_name"] or "",
        "factor_type": row["factor_type"],
        "status": row["status"],
        "created_at": instant(row["created_at"]),
        "updated_at": instant(row["updated_at"]),
    }


def decoy_json(email: str, user_metadata: dict[str, Any]) -> dict[str, Any]:
    """What a sign-up with a taken address gets: a person who does not exist."""
    now = datetime.now(UTC)
    nobody = {
        "id": uuid.uuid4(),
        "email": email,
        "role": "",
        "phone": None,
        "confirmation_sent_at": now,
        "created_at": now,
        "updated_at": now,
        "raw_app_meta_data": {"provider": "email", "providers": ["email"]},
        "raw_user_meta_data": user_metadata,
        "is_anonymous": False,
    }
    return _user_json(nobody, [], [])


_OPTIONAL_TIMES = (
    "email_confirmed_at",
    "confirmation_sent_at",
    "confirmed_at",
    "recovery_sent_at",
    "email_change_sent_at",
    "invited_at",
    "last_sign_in_at",
    "banned_until",
    "deleted_at",
)


def _user_json(
    user: Row, identities: list[dict[str, Any]], factors: list[dict[str, Any]]
) -> dict[str, Any]:
    shown = {
        "id": str(user["id"]),
        "aud": "authenticated",
        "role": user["role"] or "",
        "email": user["email"] or "",
        "phone": user["phone"] or "",
        "app_metadata": user["raw_app_meta_data"] or {},
        "user_metadata": user["raw_user_meta_data"] or {},
        "identities": identities,
        "created_at": instant(user["created_at"]),
        "updated_at": instant(user["updated_at"]),
        "is_anonymous": user["is_anonymous"],
    }
    for name in _OPTIONAL_TIMES:
        if user.get(name) is not None:
            shown[name] = instant(user[name])
    if user.get("email_change"):
        shown["new_email"] = user["email_change"]
    if factors:
        shown["factors"] = factors
    return shown


def _identity_json(row: Row) -> dict[str, Any]:
    return {
        "identity_id": str(row["id"]),
        "id": row["provider_id"],
        "user_id": str(row["user_id"]),
        "identity_data": row["identity_data"],
        "provider": row["provider"],
        "last_sign_in_at": instant(row["last_sign_in_at"]),
        "created_at": instant(row["created_at"]),
        "updated_at": instant(row["updated_at"]),
        "email": row["email"],
    }
