"""Whom Supabase blocks or deletes is kept out of the whole product, moved to Cognito or not.

Until Supabase is retired its console is where operators' people are blocked. A block there closes
the person's account at Cognito and ends her sessions here; when it is lifted, the account is open
again. An account that somebody disabled at Cognito itself is left alone.
"""

import logging
import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import ACCOUNTS, RDS, SUPABASE
from ecosystem.database.queries import audit, former_accounts
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import SYSTEM
from ecosystem.domain.errors import Unavailable
from ecosystem.services.ports import CognitoAccounts
from ecosystem.services.sessions import Sessions

log = logging.getLogger(__name__)

AT_ONCE = 50
"""People whom one step asks Cognito about."""
SURE = 60.0
"""Seconds for which a newly blocked person is looked at again: she may be moving just then."""


class SignInBlocks:
    """A duty of the worker. Any number of workers may do it."""

    def __init__(
        self,
        database: Database,
        accounts: CognitoAccounts,
        sessions: Sessions,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._monotonic = monotonic
        self._seen: dict[UUID, float] = {}

    def step(self) -> int:
        """Close the accounts of people who are newly blocked, open those who no longer are.

        Returns how many accounts were closed or opened.

        Raises:
            Unavailable: one of the systems does not answer; the rest is done next time.
        """
        blocked = set(self._at_supabase(former_accounts.blocked))
        self._seen = {one: since for one, since in self._seen.items() if one in blocked}
        now = self._monotonic()
        waiting = [one for one in blocked if now - self._seen.get(one, now) < SURE][:AT_ONCE]
        with self._database.unit(ACCOUNTS) as session:
            ours = former_accounts.emails(session, waiting)
        done = sum(self._close(one, email) for one, email in ours.items())
        for one in waiting:
            # Who is nobody here has no account of ours, and needs no second look.
            self._seen.setdefault(one, now if one in ours else now - SURE)
        return done + self._open_again()

    def _close(self, user_id: UUID, email: str) -> int:
        holder = self._accounts.holder(email)
        hers = holder is not None and holder.moved and UUID(holder.supabase_id) == user_id
        close = holder is not None and hers and holder.state != "disabled"
        if close:
            self._accounts.block(email)
            self._note("account.blocked", user_id)
        self._sessions.end_all(user_id)
        return int(close)

    def _open_again(self) -> int:
        held = {UUID(one.supabase_id): one.email for one in self._accounts.blocked()}
        if not held:
            return 0
        # Somebody who is gone from Supabase altogether is not let in for it.
        free = self._at_supabase(lambda connection: former_accounts.free(connection, list(held)))
        for user_id in free:
            self._accounts.unblock(held[user_id])
            self._note("account.unblocked", user_id)
        return len(free)

    def _note(self, action: str, user_id: UUID) -> None:
        with self._database.unit(RDS) as session:
            audit.record(session, SYSTEM, action, "user", user_id)
        log.info("%s: user %s, as Supabase says", action, user_id)

    def _at_supabase(self, look: Callable[..., list[UUID]]) -> list[UUID]:
        try:
            with self._database.engines[SUPABASE].connect() as connection:
                return look(connection)
        except DBAPIError as error:
            raise Unavailable("Supabase's database does not show its accounts.") from error
