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

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import IntegrityError

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.database.queries import audit, departures
from ecosystem.database.queries import package_content as queries
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.tables import PackageVersion
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import Content, changed_fields
from ecosystem.domain.errors import Conflict, EcosystemError, NotFound, Unavailable
from ecosystem.services.operator_access import editing
from ecosystem.services.package_editor import stored as stores
from ecosystem.services.package_editor.stored import Stored
from ecosystem.services.ports import Clock

OUTSIDE = "outside this desk"
AT_ONCE = 3
"""Changes under way in one process: each keeps a connection for its lock, and more must be left
than those, or all would wait for each other."""
PATIENCE = 5.0
"""Seconds to wait for a place among those."""
TRIES = 6
"""Looks at a package that another system keeps changing before we give up for now."""
ABANDONED = timedelta(seconds=30)
"""A change takes milliseconds. One that is still open after this was left by a crash."""

Make = Callable[[Stored], Content]


class _Moved(Exception):
    """Somebody wrote between reading and writing. What was begun did not happen."""


class Saving:
    """One change of one package at a time, whole or not at all."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._places = threading.BoundedSemaphore(AT_ONCE)

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
                    if self._same_again(actor, known, version, make):
                        return known
                    raise self._conflict(known, version)
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
            self._intend(actor, operator_id, package_id, 1, action, tuple(content), content)
            values = stores.package_columns(content, tuple(content))
            try:
                with self._database.unit(PACKAGES) as session:
                    queries.add(session, values | {"id": package_id, "operator_id": operator_id})
                    queries.put_stays(session, package_id, stores.stay_columns(content))
                    versions.still_there(lock)
            except IntegrityError as error:
                if not _about_slug(error):
                    raise
                with self._database.unit(RDS) as session:
                    versions.drop_begun(session, package_id)
                raise slug_taken() from None
            self._write_extras(lock, package_id, None, content)
            self._done(actor, package_id, 1, action, None, content)
            return stores.read(self._database, operator_id, package_id)

    def remove(self, actor: Actor, package_id: UUID, may: Callable[[Stored], None]) -> None:
        """Remove a draft with everything that belongs to it. ``may`` raises what is against it."""
        operator_id = editing(actor)
        with self._alone(package_id) as lock:
            known = self._settle(lock, operator_id, package_id)
            may(known)
            number = known.version + 1
            self._intend(actor, operator_id, package_id, number, "deleted", (), known.content)
            with self._database.unit(PACKAGES) as session:
                if not queries.remove(session, operator_id, package_id, known.version):
                    raise self._conflict(known, known.version)
                versions.still_there(lock)
            self._clear_extras(package_id)
            with self._database.unit(RDS) as session:
                self._clear(session, package_id)
                old = {"title": known.content["title"], "slug": known.content["slug"]}
                audit.record(session, actor, "package.deleted", "package", package_id, old=old)

    def repair(self) -> int:
        """Finish or forget what crashes left open; returns how many packages were looked at."""
        with self._database.unit(RDS) as session:
            left = versions.begun_before(session, self._clock.now() - ABANDONED, 20)
        for row in left:
            with self._alone(row.package_id) as lock:
                try:
                    self._settle(lock, row.operator_id, row.package_id)
                except NotFound:
                    self._clear_extras(row.package_id)
                    with self._database.unit(RDS) as session:
                        self._clear(session, row.package_id)
        return len(left)

    @contextmanager
    def _alone(self, package_id: UUID) -> Iterator[RoutedSession]:
        if not self._places.acquire(timeout=PATIENCE):
            raise Unavailable(
                "Too many packages are being saved at this moment. Nothing was changed; try again.",
                code="busy",
            )
        try:
            with self._database.unit(RDS) as lock:
                versions.lock(lock, package_id)
                yield lock
        finally:
            self._places.release()

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
            with self._database.unit(RDS) as session:
                versions.drop_begun(session, known.id)
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
            versions.put(
                session,
                {
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
                },
            )

    def _change(
        self, lock: RoutedSession, actor: Actor, known: Stored, content: Content, action: str
    ) -> Stored:
        number, changed = known.version + 1, changed_fields(known.content, content)
        self._intend(actor, known.operator_id, known.id, number, action, changed, content)
        self._write_package(lock, known, content, changed)
        self._write_extras(lock, known.id, known.content, content)
        self._done(actor, known.id, number, action, known.content, content)
        return stores.read(self._database, known.operator_id, known.id)

    def _intend(
        self,
        actor: Actor,
        operator_id: UUID,
        package_id: UUID,
        number: int,
        action: str,
        changed: tuple[str, ...],
        content: Content,
    ) -> None:
        with self._database.unit(RDS) as session:
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
            if _about_slug(error):
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

    def _clear_extras(self, package_id: UUID) -> None:
        with self._database.unit(PACKAGE_EXTRAS) as session:
            queries.clear_extras(session, package_id)

    def _clear(self, session: RoutedSession, package_id: UUID) -> None:
        """What RDS has of a package that is no more. It never sold a seat."""
        queries.remove_departures(session, package_id)
        versions.drop_all(session, package_id)

    def _same_again(self, actor: Actor, known: Stored, version: int, make: Make) -> bool:
        """Whether the one change since ``version`` is this very one, by the same person."""
        if known.version != version + 1 or actor.user_id is None:
            return False
        with self._database.unit(RDS) as session:
            last = versions.one(session, known.id, known.version)
            base = versions.one(session, known.id, version)
        if last is None or base is None or last.actor_id != actor.user_id:
            return False
        before = Stored(
            known.id, known.operator_id, base.content, version, known.updated_at, known.published_at
        )
        try:
            return _without_ids(make(before)) == _without_ids(known.content)
        except EcosystemError:
            return False

    def _conflict(self, known: Stored, version: int) -> Conflict:
        with self._database.unit(RDS) as session:
            rows = versions.since(session, known.id, version)
        changed = dict.fromkeys(name for row in rows for name in row.changed)
        who = ", ".join(dict.fromkeys(row.actor_name for row in rows if row.actor_name))
        somebody = who if who and who != OUTSIDE else "Somebody else"
        return Conflict(
            f"{somebody} has changed this package since you opened it."
            " Nothing was overwritten: reload to see their version, then save yours.",
            code="edited_elsewhere",
            version=known.version,
            who=who,
            changed=list(changed),
        )


def slug_taken() -> Conflict:
    return Conflict(
        "This address is in use already. Choose another one.",
        code="slug_taken",
    )


def _about_slug(error: IntegrityError) -> bool:
    return isinstance(error.orig, psycopg.Error) and "slug" in (
        error.orig.diag.constraint_name or ""
    )


def _in_order(known: Stored, last: PackageVersion | None) -> bool:
    return (
        last is not None
        and last.state == "done"
        and last.version == known.version
        and last.content == known.content
    )


def _without_ids(content: Content) -> Content:
    return {
        name: [{k: v for k, v in row.items() if k != "id"} for row in value]
        if name in ("stays", "addons", "exclusions")
        else value
        for name, value in content.items()
    }
