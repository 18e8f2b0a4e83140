"""What a second factor needs between two requests, which may reach two workers."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from ecosystem.database.placement import RDS
from ecosystem.database.queries import sessions as queries
from ecosystem.database.tables import SignInChallenge
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import _
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

Purpose = Literal["sign-in", "enrol"]

LIFETIME: dict[Purpose, timedelta] = {
    # Less than the five minutes that Cognito waits for a code.
    "sign-in": timedelta(minutes=4),
    "enrol": timedelta(minutes=15),
}
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Challenge:
    """What was kept. ``state`` goes back to the provider unchanged."""

    source: str
    email: str
    state: dict[str, Any] = field(repr=False)


class Challenges:
    """Kept in the database: the key as a hash, the provider's state encrypted."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def keep(self, purpose: Purpose, key: str, challenge: Challenge) -> None:
        """Keep it under ``key``, in the place of an earlier one."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            queries.put_challenge(
                session,
                SignInChallenge(
                    id_hash=_hash(purpose, key),
                    source=challenge.source,
                    email=challenge.email,
                    state=self._sealer.seal(challenge.state, now).encode(),
                    expires_at=now + LIFETIME[purpose],
                ),
            )

    def attempt(self, purpose: Purpose, key: str) -> Challenge:
        """What was kept, with one attempt counted.

        Raises:
            Invalid: ``expired_code``: too late, too many attempts, or never kept.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = queries.attempt_challenge(session, _hash(purpose, key), now, MOST_ATTEMPTS)
        state = self._sealer.unseal(row.state.decode(), now) if row is not None else None
        if row is None or not isinstance(state, dict):
            raise Invalid.one(
                "code",
                _("That took too long, or too many codes. Begin again."),
                code="expired_code",
            )
        return Challenge(row.source, row.email, state)

    def forget(self, purpose: Purpose, key: str) -> None:
        """It was answered: nobody can answer it again."""
        with self._database.unit(RDS) as session:
            queries.remove_challenge(session, _hash(purpose, key))


def _hash(purpose: Purpose, key: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{key}".encode()).digest()
