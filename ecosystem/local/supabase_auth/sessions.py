"""Sessions: issued, refreshed, read from a bearer token, ended."""

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from ecosystem.local.supabase_auth import users
from ecosystem.local.supabase_auth.configuration import Configuration
from ecosystem.local.supabase_auth.errors import AuthError, user_banned, user_not_found
from ecosystem.local.supabase_auth.signing import Signer
from ecosystem.local.supabase_auth.storage import DatabaseConnection, Row


class Sessions:
    """Everything that touches ``auth.sessions`` and ``auth.refresh_tokens``."""

    def __init__(self, configuration: Configuration, signer: Signer) -> None:
        self._configuration = configuration
        self._signer = signer

    def start(
        self,
        connection: DatabaseConnection,
        user: Row,
        method: str,
        *,
        client_ip: str | None = None,
        user_agent: str = "",
    ) -> dict[str, Any]:
        """A new session of a person who has just proved who they are by ``method``."""
        session = connection.execute(
            """
            insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
            values (%s, %s, now(), now(), 'aal1', %s, %s) returning *
            """,
            (uuid.uuid4(), user["id"], user_agent, client_ip),
        ).fetchone()
        assert session is not None, "insert … returning gives a row"
        self.note_method(connection, session["id"], method)
        fresh = connection.execute(
            "update auth.users set last_sign_in_at = now(), updated_at = now()"
            " where id = %s returning *",
            (user["id"],),
        ).fetchone()
        connection.execute(
            "update auth.identities set last_sign_in_at = now() where user_id = %s",
            (user["id"],),
        )
        return self.answer(connection, fresh or user, session, parent=None)

    @staticmethod
    def note_method(connection: DatabaseConnection, session_id: uuid.UUID, method: str) -> None:
        """Record how the session was (again) authenticated: the ``amr`` claim."""
        connection.execute(
            """
            insert into auth.mfa_amr_claims
                (session_id, created_at, updated_at, authentication_method, id)
            values (%s, now(), now(), %s, %s)
            on conflict (session_id, authentication_method) do update set updated_at = now()
            """,
            (session_id, method, uuid.uuid4()),
        )

    def answer(
        self, connection: DatabaseConnection, user: Row, session: Row, *, parent: str | None
    ) -> dict[str, Any]:
        """Tokens for a session, with a new refresh token that replaces every older one."""
        connection.execute(
            "update auth.refresh_tokens set revoked = true, updated_at = now()"
            " where session_id = %s and not revoked",
            (session["id"],),
        )
        token = secrets.token_urlsafe(16)
        connection.execute(
            """
            insert into auth.refresh_tokens (
                instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
            values (%s, %s, %s, false, now(), now(), %s, %s)
            """,
            (users.NIL, token, str(user["id"]), parent, session["id"]),
        )
        return self._with_tokens(connection, user, session, token)

    def _with_tokens(
        self, connection: DatabaseConnection, user: Row, session: Row, refresh_token: str
    ) -> dict[str, Any]:
        now = int(time.time())
        expires_in = self._configuration.access_seconds
        methods = connection.execute(
            "select authentication_method as method, extract(epoch from updated_at)::bigint as at"
            " from auth.mfa_amr_claims where session_id = %s order by updated_at desc",
            (session["id"],),
        ).fetchall()
        access_token = self._signer.sign(
            {
                "sub": str(user["id"]),
                "exp": now + expires_in,
                "iat": now,
                "email": user["email"] or "",
                "phone": user["phone"] or "",
                "app_metadata": user["raw_app_meta_data"] or {},
                "user_metadata": user["raw_user_meta_data"] or {},
                "role": user["role"] or "authenticated",
                "aal": session["aal"],
                "amr": [{"method": row["method"], "timestamp": row["at"]} for row in methods],
                "session_id": str(session["id"]),
                "is_anonymous": user["is_anonymous"],
            }
        )
        return {
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": expires_in,
            "expires_at": now + expires_in,
            "refresh_token": refresh_token,
            "user": users.as_json(connection, user),
        }

    def refresh(
        self, connection: DatabaseConnection, refresh_token: object
    ) -> dict[str, Any] | AuthError:
        """Swap a refresh token for new tokens.

        Returns:
            The tokens, or the refusal. A refusal is returned and not raised because a
            reused token revokes its whole family, and that must be committed.
        """
        not_found = AuthError(
            400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"
        )
        if not isinstance(refresh_token, str) or not refresh_token:
            return not_found
        # The session is locked before the token is judged: two swaps at the same moment
        # queue up here, and the second sees what the first has done.
        session = connection.execute(
            """
            select s.* from auth.sessions s
             where s.id = (select session_id from auth.refresh_tokens where token = %s)
               for update
            """,
            (refresh_token,),
        ).fetchone()
        held = connection.execute(
            "select * from auth.refresh_tokens where token = %s", (refresh_token,)
        ).fetchone()
        if session is None or held is None:
            return not_found
        user = users.find(connection, str(session["user_id"]))
        if users.banned(user):
            return user_banned()
        if held["revoked"]:
            return self._reused(connection, user, session, held)
        connection.execute(
            "update auth.sessions set refreshed_at = timezone('utc', now()), updated_at = now()"
            " where id = %s",
            (session["id"],),
        )
        return self.answer(connection, user, session, parent=refresh_token)

    def _reused(
        self, connection: DatabaseConnection, user: Row, session: Row, held: Row
    ) -> dict[str, Any] | AuthError:
        active = connection.execute(
            "select * from auth.refresh_tokens where session_id = %s and not revoked",
            (session["id"],),
        ).fetchone()
        age = (datetime.now(UTC) - held["updated_at"]).total_seconds()
        if (
            active is not None
            and active["parent"] == held["token"]
            and age < self._configuration.reuse_seconds
        ):
            # A client that lost the answer asks again: it gets the same successor.
            return self._with_tokens(connection, user, session, active["token"])
        connection.execute(
            "update auth.refresh_tokens set revoked = true, updated_at = now()"
            " where session_id = %s and not revoked",
            (session["id"],),
        )
        return AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")

    def authenticate(
        self, connection: DatabaseConnection, bearer: str | None, *, lock: bool = False
    ) -> tuple[Row, Row]:
        """Who calls: the rows of the person (locked on demand) and of the session.

        Raises:
            AuthError: 401 ``no_authorization``; 403 ``bad_jwt``, ``user_not_found``,
                ``user_banned`` or ``session_not_found``.
        """
        if not bearer:
            raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
        claims = self._signer.read(bearer)
        user = connection.execute(
            "select * from auth.users where id = %s and deleted_at is null"
            + (" for update" if lock else ""),
            (claims["sub"],),
        ).fetchone()
        if user is None:
            raise user_not_found(403)
        if users.banned(user):
            raise user_banned(403)
        session = connection.execute(
            "select * from auth.sessions where id = %s and user_id = %s",
            (claims.get("session_id"), user["id"]),
        ).fetchone()
        if session is None:
            raise AuthError(
                403,
                "session_not_found",
                "Session from session_id claim in JWT does not exist",
            )
        return user, session

    @staticmethod
    def end(connection: DatabaseConnection, session: Row, scope: str) -> None:
        """Sign out of ``local`` (this), ``others`` or ``global`` (all) sessions."""
        connection.execute(
            """
            delete from auth.sessions
             where user_id = %(user)s
               and case %(scope)s when 'local' then id = %(id)s
                                  when 'others' then id <> %(id)s
                                  else true end
            """,
            {"user": session["user_id"], "id": session["id"], "scope": scope},
        )

    @staticmethod
    def end_all(connection: DatabaseConnection, user_id: uuid.UUID) -> None:
        """Sign a person out everywhere."""
        connection.execute("delete from auth.sessions where user_id = %s", (user_id,))
