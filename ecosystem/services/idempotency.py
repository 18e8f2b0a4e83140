"""The same ``Idempotency-Key`` and body gives the same answer; another body is refused."""

import hashlib
from collections.abc import Callable
from typing import Any

from ecosystem.database.placement import RDS
from ecosystem.database.queries import idempotency as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Conflict, EcosystemError, Invalid
from ecosystem.services.ports import Clock

LONGEST_KEY = 255
AT_ONCE = 1000


class Idempotency:
    """Answers are kept for 24 hours, per caller and operation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def once(
        self,
        scope: str,
        key: str | None,
        body: bytes,
        act: Callable[[], tuple[int, dict[str, Any]]],
    ) -> tuple[int, dict[str, Any]]:
        """Run ``act`` once per key and give its ``(status, answer)`` again afterwards.

        Only successes are kept: a failed request had no effect and may be repeated.

        Raises:
            Invalid: the key is empty or longer than 255 characters.
            Conflict: the key was used for another body, or its first request is
                still being worked on.
        """
        if key is None:
            return act()
        if not 0 < len(key) <= LONGEST_KEY:
            raise Invalid.one("Idempotency-Key", "A key has 1 to 255 characters.")
        fingerprint = hashlib.sha256(body).hexdigest()
        with self._database.unit(RDS) as session:
            known = queries.begin(session, scope, key, fingerprint, self._clock.now())
        if known is not None:
            if known.fingerprint != fingerprint:
                raise Conflict(
                    "This Idempotency-Key was used for another request. Use a new key.",
                    code="idempotency_key_reused",
                )
            if known.status is None:
                raise Conflict(
                    "The first request with this key is still under way. Try again in a moment.",
                    code="idempotency_in_progress",
                )
            return known.status, known.response
        try:
            status, answer = act()
        except EcosystemError:
            with self._database.unit(RDS) as session:
                queries.forget(session, scope, key)
            raise
        with self._database.unit(RDS) as session:
            queries.finish(session, scope, key, status, answer)
        return status, answer

    def remove_old(self) -> int:
        """Forget answers that are older than that; how many."""
        with self._database.unit(RDS) as session:
            return queries.remove_old(session, self._clock.now(), AT_ONCE)
