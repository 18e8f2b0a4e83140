"""Signed-in browsers: a random cookie here, its SHA-256 in the database.

Sessions are looked up on every event and request, so each process remembers one for two
seconds. What is ended in a process is over there at once, elsewhere within that time.
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from cachetools import TTLCache

from ecosystem.database.placement import RDS
from ecosystem.database.queries import sessions as queries
from ecosystem.database.tables import Session
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor, AgencyRole, OperatorRole, Role, Source
from ecosystem.domain.errors import SignInRequired
from ecosystem.domain.ids import secret_token
from ecosystem.domain.language import _
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

IDLE = timedelta(hours=12)
"""A browser that nobody used for this long is signed out."""
ABSOLUTE = timedelta(days=30)
"""After this long everyone signs in anew, however busy the browser was."""
REMEMBERED = timedelta(seconds=2)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_COOKIE = 128
MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Ended:
    """A session that has just ended; ``refresh_token`` is what the provider may revoke."""

    source: str
    user_id: UUID
    email: str
    refresh_token: str


class Sessions:
    """Create, find, rotate and end sessions. One per process; safe between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secret: str,
        *,
        idle: timedelta = IDLE,
        absolute: timedelta = ABSOLUTE,
    ) -> None:
        """``secret`` is SESSION_SECRET. ``idle`` and ``absolute`` end a session."""
        self._database = database
        self._clock = clock
        self._idle = idle
        self._absolute = absolute
        self._secret = secret
        self._sealer = self.sealer("refresh-token")
        self._lock = threading.Lock()

        def seconds() -> float:
            return clock.now().timestamp()

        self._known: TTLCache[bytes, Actor | None] = TTLCache(
            MOST_REMEMBERED, REMEMBERED.total_seconds(), timer=seconds
        )
        # A look-up that began before the end of a session must not bring it back.
        self._over: TTLCache[bytes, bool] = TTLCache(MOST_REMEMBERED, 60, timer=seconds)

    def sealer(self, purpose: str) -> Sealer:
        """A sealer under SESSION_SECRET with a key of its own for ``purpose``."""
        return Sealer(self._secret, purpose)

    def create(self, actor: Actor, refresh_token: str = "", *, instead_of: str = "") -> str:
        """Sign ``actor`` in; returns the new cookie's value.

        With ``enrol_first`` the session keeps for which agency she will work, and is for none
        until ``enrolled``.

        ``instead_of`` is the cookie the browser had: that session ends in the same
        transaction, so an id that was planted before sign-in is worth nothing after it.
        """
        if actor.user_id is None:
            raise SignInRequired(_("A guest has no session."))
        cookie = secret_token()
        now = self._clock.now()
        old = _hash(instead_of) if instead_of else None
        with self._database.unit(RDS) as session:
            if old is not None:
                queries.end(session, old, now)
            queries.add(
                session,
                Session(
                    id_hash=_hash(cookie),
                    user_id=actor.user_id,
                    source=actor.source,
                    role=actor.role,
                    email=actor.email,
                    name=actor.name,
                    agency_id=actor.agency_id,
                    agency_role=actor.agency_role,
                    enrol_first=actor.enrol_first,
                    operator_id=actor.operator_id,
                    operator_role=actor.operator_role,
                    refresh_token=self._sealed(refresh_token),
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + self._absolute,
                ),
            )
        if old is not None:
            self._forget([old])
        return cookie

    def find(self, cookie: str) -> Actor | None:
        """Who is signed in with this cookie; ``None`` for nobody. At most one query in two
        seconds per session.

        Raises:
            Unavailable: the database does not answer.
        """
        known, actor = self.peek(cookie)
        if known:
            return actor
        key = _hash(cookie)
        actor = self._load(key)
        with self._lock:
            if key in self._over:
                return None
            self._known[key] = actor
        return actor

    def peek(self, cookie: str) -> tuple[bool, Actor | None]:
        """What this process remembers: whether it knows, and who. Never asks the database."""
        if not cookie or len(cookie) > LONGEST_COOKIE:
            return True, None
        key = _hash(cookie)
        with self._lock:
            if key in self._over:
                return True, None
            return key in self._known, self._known.get(key)

    def end(self, cookie: str) -> Ended | None:
        """Sign this browser out, in this process at once."""
        if not cookie or len(cookie) > LONGEST_COOKIE:
            return None
        key = _hash(cookie)
        with self._database.unit(RDS) as session:
            row = queries.end(session, key, self._clock.now())
        self._forget([key])
        return self._ended(row) if row is not None else None

    def end_all(self, user_id: UUID) -> list[Ended]:
        """Sign a person out of every browser."""
        with self._database.unit(RDS) as session:
            rows = queries.end_all(session, self._clock.now(), user_id=user_id)
        return self.over(rows)

    def end_all_of_email(self, email: str) -> list[Ended]:
        """The same for whoever signs in with this address."""
        with self._database.unit(RDS) as session:
            rows = queries.end_all(session, self._clock.now(), email=email)
        return self.over(rows)

    def enrolled(self, user_id: UUID) -> None:
        """A person has set up a second factor: her open sessions wait for it no longer."""
        with self._database.unit(RDS) as session:
            keys = queries.set_enrolled(session, user_id)
        self.look_again(keys)

    def look_again(self, keys: list[bytes]) -> None:
        """These sessions were changed in the database: what is remembered of them is old."""
        with self._lock:
            for key in keys:
                self._known.pop(key, None)

    def over(self, rows: list[Session]) -> list[Ended]:
        """These sessions were ended in the database, which closes them here at once."""
        self._forget([row.id_hash for row in rows])
        return [self._ended(row) for row in rows]

    def refresh_token(self, cookie: str) -> tuple[Actor, str]:
        """Who is signed in, and her provider's refresh token.

        Raises:
            SignInRequired: nobody is.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = queries.find_live(session, _hash(cookie), now, now - self._idle)
        if row is None or row.refresh_token is None:
            raise SignInRequired(_("Your sign-in has ended. Sign in again."))
        return _actor(row), self._unsealed(row.refresh_token)

    def keep_refresh_token(self, cookie: str, refresh_token: str) -> None:
        """Replace it by the one that the provider gave for it."""
        sealed = self._sealed(refresh_token)
        if sealed is not None:
            with self._database.unit(RDS) as session:
                queries.set_refresh_token(session, _hash(cookie), sealed)

    def remove_old(self) -> int:
        """Delete sessions that have been over for a day; how many."""
        with self._database.unit(RDS) as session:
            return queries.remove_old(session, self._clock.now() - timedelta(days=1))

    # --- inside -----------------------------------------------------------------------

    def _load(self, key: bytes) -> Actor | None:
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = queries.find_live(session, key, now, now - self._idle)
            if row is None:
                return None
            if row.last_seen_at < now - SEEN_EVERY:
                queries.touch(session, key, now, now - SEEN_EVERY)
            return _actor(row)

    def _forget(self, keys: list[bytes]) -> None:
        with self._lock:
            for key in keys:
                self._over[key] = True
                self._known.pop(key, None)

    def _sealed(self, refresh_token: str) -> bytes | None:
        if not refresh_token:
            return None
        return self._sealer.seal(refresh_token, self._clock.now()).encode()

    def _unsealed(self, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        value: Any = self._sealer.unseal(sealed.decode(), self._clock.now())
        return value if isinstance(value, str) else ""

    def _ended(self, row: Session) -> Ended:
        return Ended(row.source, row.user_id, row.email, self._unsealed(row.refresh_token))


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


def _actor(row: Session) -> Actor:
    return Actor(
        role=cast(Role, row.role),
        source=cast(Source, row.source),
        user_id=row.user_id,
        email=row.email,
        name=row.name,
        agency_id=None if row.enrol_first else row.agency_id,
        agency_role="" if row.enrol_first else cast(AgencyRole, row.agency_role),
        operator_id=row.operator_id,
        operator_role=cast(OperatorRole, row.operator_role),
        enrol_first=row.enrol_first,
    )
