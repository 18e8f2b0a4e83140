"""Two clients who are one person become one, and two again if that was wrong."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, client_merges, clients
from ecosystem.database.tables import (
    AgencyDocument,
    Booking,
    ClientMerge,
    ClientNote,
    IdentityDocument,
    Quote,
)
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import Duplicate
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.agency_access import agency_of
from ecosystem.services.clients.desk import deciding, own_client
from ecosystem.services.clients.record import FIELDS, keys, values_of
from ecosystem.services.ports import Clock

MOST_PAIRS = 50
MOVED = {
    "bookings": Booking,
    "quotes": Quote,
    "notes": ClientNote,
    "documents": IdentityDocument,
    "files": AgencyDocument,
}


class ClientMerging:
    """Only the caller's own agency, both clients locked, the lower id first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def duplicates(self, actor: Actor) -> tuple[Duplicate, ...]:
        """Pairs of clients who may be one person, at most fifty."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            return client_merges.duplicates(session, agency_id, limit=MOST_PAIRS)

    def merge(self, actor: Actor, kept_id: UUID, merged_id: UUID) -> UUID:
        """Put ``merged_id`` into ``kept_id``: bookings, proposals, notes, documents, files,
        and each field that the kept one has empty. Returns the id by which it can be undone.

        Raises:
            Invalid: a client with herself.
            NotFound: one of them is none of the agency's, merged or erased.
            Forbidden: an assistant.
        """
        agency_id, now = deciding(actor), self._clock.now()
        if kept_id == merged_id:
            raise Invalid.one("other_id", "Choose another client to merge with.")
        with self._database.unit(RDS) as session:
            both = {
                one: own_client(session, agency_id, one, lock=True)
                for one in sorted((kept_id, merged_id))
            }
            kept, merged = both[kept_id], both[merged_id]
            old, other = values_of(kept), values_of(merged)
            new = combined(old, other)
            snapshot: dict[str, Any] = {
                "filled": {
                    name: [_plain(old[name]), _plain(new[name])]
                    for name in FIELDS
                    if new[name] != old[name]
                }
            }
            for name, table in MOVED.items():
                moved = client_merges.move(session, table, merged_id, kept_id)
                snapshot[name] = [str(one) for one in moved]
            clients.change(session, kept_id, now, **new, **keys(new))
            clients.change(session, merged_id, now, merged_into=kept_id)
            merge = ClientMerge(
                id=uuid7(),
                agency_id=agency_id,
                kept_id=kept_id,
                merged_id=merged_id,
                snapshot=snapshot,
                merged_by=actor.user_id,
                merged_by_name=actor.name or actor.email,
                merged_at=now,
            )
            client_merges.add(session, merge)
            audit.record(session, actor, "client.merged", "client", kept_id, merged=str(merged_id))
            return merge.id

    def undo(self, actor: Actor, merge_id: UUID) -> UUID:
        """Make two clients of one again. What was changed since stays with the kept one.
        Returns the client that is there again.

        Raises:
            NotFound: no such merge.
            Conflict: ``merge_undone``: it was taken back already, or one of them was erased or
                merged into somebody else since.
            Forbidden: an assistant.
        """
        agency_id, now = deciding(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            merge = client_merges.one(session, agency_id, merge_id)
            if merge is None:
                raise NotFound("There is no such merge.", code="merge_not_found")
            rows = {
                one: clients.one(session, agency_id, one, lock=True)
                for one in sorted((merge.kept_id, merge.merged_id))
            }
            kept, merged = rows[merge.kept_id], rows[merge.merged_id]
            if (
                merge.undone_at is not None
                or kept is None
                or merged is None
                or kept.merged_into is not None
                or kept.erased_at is not None
                or merged.erased_at is not None
                or merged.merged_into != kept.id
            ):
                raise Conflict(
                    "This can't be taken back any more: it was already, or one of the two was"
                    " erased or merged again since.",
                    code="merge_undone",
                )
            for name, table in MOVED.items():
                # Merges of before files could be kept moved none.
                ids = [UUID(one) for one in merge.snapshot.get(name, ())]
                client_merges.move(session, table, kept.id, merged.id, ids)
            values = values_of(kept)
            values |= restored(values, merge.snapshot["filled"])
            clients.change(session, kept.id, now, **values, **keys(values))
            clients.change(session, merged.id, now, merged_into=None)
            client_merges.undone(session, merge, now)
            audit.record(
                session, actor, "client.merge_undone", "client", kept.id, merged=str(merged.id)
            )
            return merged.id


def combined(kept: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The kept one's values, each empty one filled from the other; tags of both.

    Consent and how it was given belong together: nobody's is made of two.
    """
    values = {name: kept[name] or other[name] for name in FIELDS}
    if kept["consent_at"]:
        values["consent_source"] = kept["consent_source"]
    elif other["consent_at"]:
        values["consent_source"] = other["consent_source"]
    known = {tag.casefold() for tag in kept["tags"]}
    values["tags"] = kept["tags"] + [tag for tag in other["tags"] if tag.casefold() not in known]
    return values


def restored(now: dict[str, Any], filled: dict[str, list[Any]]) -> dict[str, Any]:
    """What a merge filled in, as it was before; a value that was changed since stays."""
    values: dict[str, Any] = {}
    for name, (before, after) in filled.items():
        if name == "tags":
            added = {tag for tag in after if tag not in before}
            values["tags"] = [tag for tag in now["tags"] if tag not in added]
        elif _plain(now[name]) == after:
            values[name] = _value(name, before)
    return values


def _plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _value(name: str, plain: Any) -> Any:
    """The reverse of :func:`_plain`."""
    if plain is None or plain == "":
        return plain
    if name == "birth_date":
        return date.fromisoformat(plain)
    if name == "consent_at":
        return datetime.fromisoformat(plain)
    return UUID(plain) if name in ("agent_id", "household_id") else plain
