"""Changing a package whose parts lie in two move groups, so that a crash loses nothing.

1. the change is written down in RDS, ``intended``, with everything the package will be
2. the package and its stays are changed, if they are still what was read
3. the add-ons and exclusions are changed
4. the change is ``done``, and audited

An advisory lock of the package in RDS is held from before 1 to after 4, so one change at a time
happens, and whoever comes next finds either a finished package or one whose saver has died:
died before 2, the change is forgotten; after it, it is finished. docs/algorithms/package-saving.md
walks through it.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.database.queries import audit, departures
from ecosystem.database.queries import package_content as queries
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.tables import PackageVersion
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import Content, changed_fields
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.services.operator_access import editing
from ecosystem.services.package_editor import removing
from ecosystem.services.package_editor import stored as stores
from ecosystem.services.package_editor.conflicts import (
    OUTSIDE,
    Make,
    about_slug,
    edited_elsewhere,
    same_again,
    slug_taken,
)
from ecosystem.services.package_editor.stored import Stored
from ecosystem.services.package_turns import PackageTurns
from ecosystem.services.ports import Clock

log = logging.getLogger(__name__)

TRIES = 6
"""Looks at a package that another system keeps changing before we give up for now."""
ABANDONED = timedelta(seconds=30)
"""A change takes milliseconds. One that is still open after this was left by a crash."""


class _Moved(Exception):
    """Somebody wrote between reading and writing. What was begun did not happen."""


class Saving:
    """One change of one package at a time, whole or not at all."""

    def __init__(self, database: Database, clock: Clock, saved: Callable[[UUID], None]) -> None:
        self._database = database
        self._clock = clock
        self._saved = saved
        self._alone = PackageTurns(database).alone

    def settled(self, operator_id: UUID, package_id: UUID) -> Stored:
        """The package with nothing half done and every change from outside in its history.

        Raises:
            NotFound: not one of the operator's packages.
            Unavailable: somebody is changing it at this moment.
        """
        known, last = self._look(operator_id, package_id)
        if _in_order(known, last):
            return known
        with self._alone(package_id) as lock:
            return self._settle(lock, operator_id, package_id)

    def settled_of(self, operator_id: UUID, ids: Sequence[UUID]) -> list[Stored]:
        """Those of ``ids`` that are the operator's, as :meth:`settled`, in few queries.

        Raises:
            Unavailable: somebody is changing one of them at this moment.
        """
        found = stores.read_many(self._database, operator_id, ids)
        with self._database.unit(RDS) as session:
            lasts = versions.latest_of(session, [known.id for known in found])
            # Without a lock: what has happened since the look has a version of its own, or is
            # noticed because it is not this content.
            versions.see_first(
                session, [self._seen(known, None) for known in found if known.id not in lasts]
            )
        settled = []
        for known in found:
            if known.id in lasts and not _in_order(known, lasts[known.id]):
                with suppress(NotFound):
                    settled.append(self.settled(operator_id, known.id))
            else:
                settled.append(known)
        return settled

    def write(
        self, actor: Actor, package_id: UUID, version: int, action: str, make: Make
    ) -> Stored:
        """Make a package what ``make`` answers for what it is.

        Sent again after its answer was lost, a change is found done and is not a conflict.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``, with ``version`` ``who`` ``changed``.
            Invalid: what ``make`` raises.
            Unavailable: nothing was changed, or it is finished by whoever comes next.
        """
        operator_id = editing(actor)
        with self._alone(package_id) as lock:
            while True:
                known = self._settle(lock, operator_id, package_id)
                if known.version != version:
                    if same_again(self._database, actor, known, version, make):
                        return known
                    raise edited_elsewhere(self._database, known, version)
                content = make(known)
                if not changed_fields(known.content, content):
                    return known
                try:
                    return self._change(lock, actor, known, content, action)
                except _Moved:
                    # Settling finds out what it was, and the version tells it from then on.
                    continue

    def add(self, actor: Actor, package_id: UUID, content: Content, action: str) -> Stored:
        """A new draft. Raises ``Conflict`` (``slug_taken``)."""
        operator_id = editing(actor)
        with self._alone(package_id) as lock:
            with self._database.unit(RDS) as session:
                given = (1, action, tuple(content), content)
                self._intend(session, actor, operator_id, package_id, *given)
            values = stores.package_columns(content, tuple(content))
            try:
                with self._database.unit(PACKAGES) as session:
                    queries.add(session, values | {"id": package_id, "operator_id": operator_id})
                    queries.put_stays(session, package_id, stores.stay_columns(content))
                    versions.still_there(lock)
            except IntegrityError as error:
                if not about_slug(error):
                    raise
                with self._database.unit(RDS) as session:
                    versions.drop_begun(session, package_id)
                raise slug_taken() from None
            self._write_extras(lock, package_id, None, content)
            self._done(actor, package_id, 1, action, None, content)
            return stores.read(self._database, operator_id, package_id)

    def remove(self, actor: Actor, package_id: UUID, may: Callable[[Stored], None]) -> None:
        """Remove a draft with everything that belongs to it. ``may`` raises what is against it.

        Raises:
            Conflict: ``was_sold``, or ``edited_elsewhere``.
        """
        operator_id = editing(actor)
        with self._alone(package_id) as lock:
            known = self._settle(lock, operator_id, package_id)
            may(known)
            with self._database.unit(RDS) as session:
                closed = removing.close(session, package_id, self._clock.now())
                content = removing.noted(known.content, closed)
                number = known.version + 1
                self._intend(
                    session, actor, operator_id, package_id, number, "deleted", (), content
                )
            with self._database.unit(PACKAGES) as session:
                gone = queries.remove(session, operator_id, package_id, known.version)
                versions.still_there(lock)
            if not gone:
                self._forget(package_id, content)
                raise edited_elsewhere(self._database, known, known.version)
            self._clear(package_id)
            old = {"title": known.content["title"], "slug": known.content["slug"]}
            with self._database.unit(RDS) as session:
                audit.record(session, actor, "package.deleted", "package", package_id, old=old)

    def repair(self) -> int:
        """Finish or forget what crashes left open; returns how many packages were looked at."""
        with self._database.unit(RDS) as session:
            left = versions.begun_before(session, self._clock.now() - ABANDONED, 20)
        for row in left:
            try:
                self._repair(row.operator_id, row.package_id)
            except Exception:
                # It stays open and is tried again; the packages behind it must not wait for it.
                log.exception("package %s: what was left open can't be finished", row.package_id)
        return len(left)

    def _repair(self, operator_id: UUID, package_id: UUID) -> None:
        with self._alone(package_id) as lock:
            try:
                self._settle(lock, operator_id, package_id)
            except NotFound:
                self._clear(package_id)

    def _look(self, operator_id: UUID, package_id: UUID) -> tuple[Stored, PackageVersion | None]:
        known = stores.read(self._database, operator_id, package_id)
        with self._database.unit(RDS) as session:
            return known, versions.latest(session, package_id)

    def _settle(self, lock: RoutedSession, operator_id: UUID, package_id: UUID) -> Stored:
        for _ in range(TRIES):
            known, last = self._look(operator_id, package_id)
            if _in_order(known, last):
                return known
            if last is not None and last.state == "intended":
                self._finish_or_forget(lock, known, last)
            else:
                self._note_outside(known, last)
        raise Unavailable(
            "Another system is changing this package at this moment. Nothing was changed; try again.",
            code="busy",
        )

    def _finish_or_forget(self, lock: RoutedSession, known: Stored, begun: PackageVersion) -> None:
        """What a crash left open: past step 2 the rest is done, before it nothing has happened."""
        if begun.version != known.version or begun.action == "deleted":
            self._forget(known.id, begun.content)
            return
        with self._database.unit(RDS) as session:
            base = versions.before(session, known.id, begun.version)
        self._write_extras(lock, known.id, None if base is None else base.content, begun.content)
        with self._database.unit(RDS) as session:
            departures.follow_stays(session, known.id, begun.content["stays"], self._clock.now())
            versions.finish(session, known.id, begun.version)

    def _note_outside(self, known: Stored, last: PackageVersion | None) -> None:
        """Put what somebody else wrote into the history, with a version of its own."""
        if last is not None and last.version >= known.version:
            with self._database.unit(PACKAGES) as session:
                queries.change(
                    session,
                    known.operator_id,
                    known.id,
                    version=known.version,
                    updated_at=known.updated_at,
                    to_version=last.version + 1,
                    values={},
                )
            return  # and the next look finds a version that has no history yet
        with self._database.unit(RDS) as session:
            versions.put(session, self._seen(known, last))

    def _seen(self, known: Stored, last: PackageVersion | None) -> dict[str, Any]:
        """The version of what somebody else wrote."""
        return {
            "package_id": known.id,
            "version": known.version,
            "operator_id": known.operator_id,
            "at": self._clock.now(),
            "actor_id": None,
            "actor_name": OUTSIDE,
            "action": "first_seen" if last is None else "outside",
            "state": "done",
            "changed": [] if last is None else changed_fields(last.content, known.content),
            "content": known.content,
        }

    def _change(
        self, lock: RoutedSession, actor: Actor, known: Stored, content: Content, action: str
    ) -> Stored:
        number, changed = known.version + 1, changed_fields(known.content, content)
        with self._database.unit(RDS) as session:
            given = (number, action, changed, content)
            self._intend(session, actor, known.operator_id, known.id, *given)
        self._write_package(lock, known, content, changed)
        self._write_extras(lock, known.id, known.content, content)
        self._done(actor, known.id, number, action, known.content, content)
        return stores.read(self._database, known.operator_id, known.id)

    def _intend(
        self,
        session: RoutedSession,
        actor: Actor,
        operator_id: UUID,
        package_id: UUID,
        number: int,
        action: str,
        changed: tuple[str, ...],
        content: Content,
    ) -> None:
        versions.put(
            session,
            {
                "package_id": package_id,
                "version": number,
                "operator_id": operator_id,
                "at": self._clock.now(),
                "actor_id": actor.user_id,
                "actor_name": actor.name or actor.email,
                "action": action,
                "state": "intended",
                "changed": list(changed),
                "content": content,
            },
        )

    def _write_package(
        self, lock: RoutedSession, known: Stored, content: Content, changed: tuple[str, ...]
    ) -> None:
        """Step 2. Raises ``_Moved`` when the package or its stays are not what was read."""
        affected = changed
        if "currency" in changed:
            affected = tuple(dict.fromkeys((*changed, *stores.AMOUNTS)))
        values: dict[str, Any] = stores.package_columns(content, affected)
        if values.get("status") == "published" and known.published_at is None:
            values["published_at"] = self._clock.now()
        try:
            with self._database.unit(PACKAGES) as session:
                written = queries.change(
                    session,
                    known.operator_id,
                    known.id,
                    version=known.version,
                    updated_at=known.updated_at,
                    to_version=known.version + 1,
                    values=values,
                )
                if written is None:
                    raise _Moved
                if "stays" in changed:
                    there = queries.stays(session, known.id, lock=True)
                    if stores.stay_rows(there) != known.content["stays"]:
                        raise _Moved
                    queries.put_stays(session, known.id, stores.stay_columns(content))
                versions.still_there(lock)
        except IntegrityError as error:
            if about_slug(error):
                raise slug_taken() from None
            # A stay came in between at the same place.
            raise _Moved from None

    def _write_extras(
        self, lock: RoutedSession, package_id: UUID, was: Content | None, content: Content
    ) -> None:
        """Step 3; doing it again changes nothing."""
        addons = stores.extra_columns("addons", was, content)
        exclusions = stores.extra_columns("exclusions", was, content)
        if not any(addons + exclusions):
            return
        with self._database.unit(PACKAGE_EXTRAS) as session:
            queries.put_addons(session, package_id, *addons)
            queries.put_exclusions(session, package_id, *exclusions)
            # Whoever lost the lock may not write over what its next holder has written.
            versions.still_there(lock)

    def _done(
        self,
        actor: Actor,
        package_id: UUID,
        number: int,
        action: str,
        was: Content | None,
        now: Content,
    ) -> None:
        names = changed_fields(was or {}, now)
        with self._database.unit(RDS) as session:
            versions.finish(session, package_id, number)
            if was and "stays" in names:
                departures.follow_stays(session, package_id, now["stays"], self._clock.now())
            audit.record(
                session,
                actor,
                f"package.{action}",
                "package",
                package_id,
                old={name: was[name] for name in names} if was else {},
                new={name: now[name] for name in names},
            )
        self._saved(package_id)

    def _forget(self, package_id: UUID, begun: Content) -> None:
        """What was written down and never happened; departures it closed are open again."""
        with self._database.unit(RDS) as session:
            removing.reopen(session, package_id, begun, self._clock.now())
            versions.drop_begun(session, package_id)

    def _clear(self, package_id: UUID) -> None:
        """What the other groups have of a package that is no more."""
        with self._database.unit(PACKAGE_EXTRAS) as session:
            queries.clear_extras(session, package_id)
        with self._database.unit(RDS) as session:
            removing.finish(session, package_id, self._clock.now())


def _in_order(known: Stored, last: PackageVersion | None) -> bool:
    return (
        last is not None
        and last.state == "done"
        and last.version == known.version
        and last.content == known.content
    )
