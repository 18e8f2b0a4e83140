"""Codes and links in e-mails: made, kept as a digest, redeemed once."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass

from psycopg import sql

from ecosystem.local.supabase_auth.errors import otp_expired, validation_failed
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row


@dataclass(frozen=True)
class Kind:
    """Where GoTrue keeps a sort of one-time token."""

    token_type: str
    column: str
    sent_at: str


CONFIRMATION = Kind("confirmation_token", "confirmation_token", "confirmation_sent_at")
RECOVERY = Kind("recovery_token", "recovery_token", "recovery_sent_at")
EMAIL_CHANGE = Kind("email_change_token_new", "email_change_token_new", "email_change_sent_at")

KINDS: dict[str, tuple[Kind, ...]] = {
    "signup": (CONFIRMATION,),
    "invite": (CONFIRMATION,),
    "recovery": (RECOVERY,),
    "magiclink": (RECOVERY,),
    "email_change": (EMAIL_CHANGE,),
    "email": (CONFIRMATION, RECOVERY),
}
"""Which tokens each verification type of the API accepts."""


@dataclass(frozen=True)
class OneTime:
    """A fresh code: six digits for people, a digest for links."""

    code: str
    token_hash: str


def digest(email: str, code: str) -> str:
    """GoTrue's ``token_hash``: SHA-224 over address and code, in hex."""
    return hashlib.sha224(f"{email}{code}".encode()).hexdigest()


def create(connection: DatabaseConnection, user: Row, kind: Kind, email: str) -> OneTime:
    """Make a code for ``email``; an older one of the same kind is void from now on."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    token_hash = digest(email, code)
    connection.execute(
        """
        insert into auth.one_time_tokens
            (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
        values (%(id)s, %(user)s, %(type)s, %(hash)s, %(email)s,
                timezone('utc', now()), timezone('utc', now()))
        on conflict (user_id, token_type) do update
            set token_hash = excluded.token_hash, relates_to = excluded.relates_to,
                created_at = excluded.created_at, updated_at = excluded.updated_at
        """,
        {
            "id": uuid.uuid4(),
            "user": user["id"],
            "type": kind.token_type,
            "hash": token_hash,
            "email": email,
        },
    )
    connection.execute(
        sql.SQL(
            "update auth.users set {} = %s, {} = now(), updated_at = now() where id = %s"
        ).format(sql.Identifier(kind.column), sql.Identifier(kind.sent_at)),
        (token_hash, user["id"]),
    )
    return OneTime(code, token_hash)


def redeem(
    connection: DatabaseConnection, verification_type: str, token_hash: str, life_seconds: int
) -> tuple[Row, Kind]:
    """Use up a token.

    Returns:
        The row of the person it was made for (locked), and the kind of token it was.

    Raises:
        AuthError: 403 ``otp_expired`` when unknown, used or old; 400 for another type.
    """
    kinds = KINDS.get(verification_type)
    if kinds is None:
        raise validation_failed("Verify requires a verification type")
    token = connection.execute(
        """
        delete from auth.one_time_tokens
         where token_hash = %s and token_type::text = any(%s)
        returning *, created_at < timezone('utc', now()) - make_interval(secs => %s) as expired
        """,
        (token_hash, [kind.token_type for kind in kinds], life_seconds),
    ).fetchone()
    if token is None or token["expired"]:
        raise otp_expired()
    kind = next(kind for kind in kinds if kind.token_type == token["token_type"])
    user = connection.execute(
        sql.SQL(
            "update auth.users set {} = '', updated_at = now()"
            " where id = %s and deleted_at is null returning *"
        ).format(sql.Identifier(kind.column)),
        (token["user_id"],),
    ).fetchone()
    if user is None:
        raise otp_expired()
    return user, kind
