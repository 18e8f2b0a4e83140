"""What a person keeps to find again: packages she saved, and those she looked at last.

A guest's are kept under her browser's cookie. Whatever a signed-in person asks of this service
first takes over what the same browser kept before she signed in: nothing is lost, and nothing
stays behind for the next person at that browser.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import saved as queries
from ecosystem.database.queries.search import finding
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.views import PackageCard
from ecosystem.services.cards import card_of
from ecosystem.services.ports import Clock

MOST_SAVED = 200
MOST_SEEN = 12
GUESTS_KEPT = timedelta(days=200)
"""A little longer than a guest's cookie lives."""


class Saved:
    """Everything is kept and found under ``Actor.holder``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, actor: Actor, package_id: UUID, *, at: datetime | None = None) -> None:
        """Keep a package; one that is kept already stays as it is.

        Args:
            at: when it was saved before, to put back what was just removed.

        Raises:
            NotFound: it is not offered.
            Conflict: ``too_many_saved``.
            Invalid: the browser keeps no cookies, so there is nowhere to keep it.
        """
        if not actor.holder:
            raise Invalid(
                _("Your browser keeps no cookies, so trips can't be saved in it. Sign in first.")
            )
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            if not queries.is_offered(session, package_id):
                raise NotFound(_("This trip does not exist or is not offered any more."))
            queries.save(session, actor.holder, package_id, min(at or now, now))
            if queries.count(session, actor.holder) > MOST_SAVED:
                raise Conflict(
                    _("You have saved {count} trips, which is the most. Remove one first.").format(
                        count=MOST_SAVED
                    ),
                    code="too_many_saved",
                )

    def remove(self, actor: Actor, package_id: UUID) -> datetime | None:
        """Forget a saved package; when it had been saved, None if it was not."""
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            return queries.remove(session, actor.holder, package_id)

    def ids(self, actor: Actor) -> list[UUID]:
        """The packages the actor saved, newest first, offered now or not."""
        if not actor.holder:
            return []
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            return queries.saved(session, actor.holder)

    def cards(self, actor: Actor) -> tuple[tuple[PackageCard, ...], int]:
        """The saved packages that are offered now, newest first, and how many others there are."""
        if not actor.holder:
            return (), 0
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            ids = queries.saved(session, actor.holder)
            found = _cards(session, ids, self._clock.now())
        return found, len(ids) - len(found)

    def forget_ended(self, actor: Actor) -> int:
        """Remove what the actor saved and nobody offers any more; how many there were."""
        with self._database.unit(RDS) as session:
            ids = queries.saved(session, actor.holder)
            offered = {card.id for card in _cards(session, ids, self._clock.now())}
            ended = [package_id for package_id in ids if package_id not in offered]
            for package_id in ended:
                queries.remove(session, actor.holder, package_id)
        return len(ended)

    def saw(self, actor: Actor, package_id: UUID) -> None:
        """Remember that the actor looked at a package; nothing for who can't be remembered."""
        if not actor.holder:
            return
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            if queries.is_offered(session, package_id):
                queries.saw(session, actor.holder, package_id, self._clock.now(), MOST_SEEN)

    def seen(self, actor: Actor) -> tuple[PackageCard, ...]:
        """What the actor looked at last and is still offered, newest first."""
        if not actor.holder:
            return ()
        with self._database.unit(RDS) as session:
            _take_over(session, actor)
            ids = queries.seen(session, actor.holder, MOST_SEEN)
            return _cards(session, ids, self._clock.now())

    def tidy(self) -> int:
        """Forget what guests kept whose cookies have ended; how much it was."""
        with self._database.unit(RDS) as session:
            return queries.remove_old_guests(session, self._clock.now() - GUESTS_KEPT)


def _take_over(session: RoutedSession, actor: Actor) -> None:
    """What this browser kept before its person signed in is hers now."""
    if actor.signed_in and actor.guest_key:
        queries.move(session, f"guest:{actor.guest_key}", actor.holder)


def _cards(
    session: RoutedSession, package_ids: Sequence[UUID], now: datetime
) -> tuple[PackageCard, ...]:
    return tuple(card_of(row) for row in finding.cards(session, package_ids, now))
