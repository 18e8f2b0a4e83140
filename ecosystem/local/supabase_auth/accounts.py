"""Many confirmed people at once, for demo data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from ecosystem.local.supabase_auth.users import NIL, normal_email

BATCH = 500


@dataclass(frozen=True)
class NewUser:
    """A person to exist with a confirmed address.

    Attributes:
        id: their UUID, the same on every run.
        password_hash: bcrypt (or argon2), in its usual text form.
    """

    id: UUID
    email: str
    password_hash: str
    user_metadata: dict[str, Any] = field(default_factory=dict)
    app_metadata: dict[str, Any] = field(default_factory=dict)


def insert_users(connection: Connection[Any], users: Iterable[NewUser]) -> int:
    """Insert people straight into ``auth.users`` and ``auth.identities``.

    Safe to repeat: whoever exists already, by id or by address, is left as they are. Runs
    in the caller's transaction; connection and tables belong to the Supabase database.

    Returns:
        How many people are new.

    Raises:
        AuthError: an address is malformed.
    """
    everyone = list(users)
    return sum(
        _insert_batch(connection, everyone[at : at + BATCH])
        for at in range(0, len(everyone), BATCH)
    )


def _insert_batch(connection: Connection[Any], users: list[NewUser]) -> int:
    people = {user.id: (user, normal_email(user.email)) for user in users}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into auth.users (
                instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
                raw_app_meta_data, raw_user_meta_data, is_super_admin,
                confirmation_token, recovery_token, email_change_token_new, email_change,
                created_at, updated_at)
            select %(nil)s, id, 'authenticated', 'authenticated', email, hash, now(),
                   app, data, false, '', '', '', '', now(), now()
              from unnest(%(ids)s::uuid[], %(emails)s::text[], %(hashes)s::text[],
                          %(apps)s::jsonb[], %(datas)s::jsonb[])
                   as given (id, email, hash, app, data)
            on conflict do nothing
            """,
            {
                "nil": NIL,
                "ids": list(people),
                "emails": [email for _, email in people.values()],
                "hashes": [user.password_hash for user, _ in people.values()],
                "apps": [
                    Jsonb({"provider": "email", "providers": ["email"], **user.app_metadata})
                    for user, _ in people.values()
                ],
                "datas": [
                    Jsonb({**user.user_metadata, **_identity(user.id, email)})
                    for user, email in people.values()
                ],
            },
        )
        added = cursor.rowcount
        # Only for people with this id and address: who was skipped above keeps theirs.
        cursor.execute(
            """
            insert into auth.identities (
                provider_id, user_id, identity_data, provider,
                last_sign_in_at, created_at, updated_at)
            select given.id::text, given.id, given.data, 'email', null, now(), now()
              from unnest(%(ids)s::uuid[], %(emails)s::text[], %(datas)s::jsonb[])
                   as given (id, email, data)
              join auth.users u on u.id = given.id and u.email = given.email
            on conflict do nothing
            """,
            {
                "ids": list(people),
                "emails": [email for _, email in people.values()],
                "datas": [Jsonb(_identity(user.id, email)) for user, email in people.values()],
            },
        )
    return added


def _identity(user_id: UUID, email: str) -> dict[str, Any]:
    return {
        "sub": str(user_id),
        "email": email,
        "email_verified": True,
        "phone_verified": False,
    }
