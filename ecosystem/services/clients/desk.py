"""Keeping clients: finding, adding, changing, what happened with them."""

import base64
import binascii
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, client_merges
from ecosystem.database.queries import clients as queries
from ecosystem.database.tables import Client, ClientNote, IdentityDocument
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import (
    ClientLine,
    ClientPage,
    ClientView,
    IdentityView,
    Relative,
    TimelineItem,
    fitness,
    phone_key,
)
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.folding import folded
from ecosystem.domain.ids import uuid7
from ecosystem.services.agency_access import agency_of
from ecosystem.services.clients.forms import ClientChange, ClientForm, NoteForm
from ecosystem.services.clients.record import keys, values_of
from ecosystem.services.ports import Clock

MOST_WORDS = 8
MOST_NAMES = 500
MOST_RELATIVES = 50
MOST_OF_A_KIND = 100
KINDS = {"passport": "Passport", "id_card": "Identity card", "visa": "Visa", "other": "Document"}


class Clients:
    """Only the caller's own agency; a client who was merged leads to the one who was kept."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(
        self,
        actor: Actor,
        *,
        words: str = "",
        tag: str = "",
        household: str = "",
        agent_id: UUID | None = None,
        cursor: str = "",
        limit: int = 25,
    ) -> ClientPage:
        """Clients by name in whom every word occurs: in name, e-mail, telephone or tags.

        Raises:
            Invalid: the cursor is none of ours.
        """
        agency_id, today = agency_of(actor), self._clock.now().date()
        condition = queries.wanted(
            agency_id,
            words=_words(words),
            tag=tag[:100],
            agent_id=agent_id,
            household=folded(household[:200]),
        )
        with self._database.unit(RDS) as session:
            found = queries.rows(
                session, condition, today=today, after=_place(cursor), limit=limit + 1
            )
            total = queries.count(session, condition)
        more = len(found) > limit
        last: Client | None = found[limit - 1][0] if more else None
        return ClientPage(
            tuple(_line(row, today) for row in found[:limit]),
            _cursor(last.name_key, last.id) if last else None,
            total,
        )

    def choices(self, actor: Actor) -> tuple[list[str], list[str]]:
        """The tags and the households of the agency."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            return (
                queries.tags(session, agency_id, MOST_NAMES),
                queries.households(session, agency_id, MOST_NAMES),
            )

    def get(self, actor: Actor, client_id: UUID) -> ClientView:
        """A client. Raises ``NotFound``: none of the agency's, or erased."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            return self._view(session, own_client(session, agency_id, client_id, merged=True))

    def booked_for(self, actor: Actor, hold_id: UUID) -> UUID | None:
        """The client for whom a hold was booked; none before, or if it is not the agency's."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            return queries.client_of_hold(session, agency_id, hold_id)

    def add(self, actor: Actor, form: ClientForm) -> ClientView:
        """A new client, looked after by whoever adds her unless somebody is named.

        Raises:
            Invalid: the person named is none of the agency's.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            adds = actor.user_id and queries.agent(session, agency_id, actor.user_id)
            values = new_values(agency_id, uuid7(), form, now, adds.id if adds else None)
            values |= _settled(session, agency_id, form)
            queries.add(session, [values])
            audit.record(session, actor, "client.added", "client", values["id"])
            return self._view(session, own_client(session, agency_id, values["id"]))

    def change(self, actor: Actor, client_id: UUID, form: ClientChange) -> ClientView:
        """Change what the form names, unless somebody else has since it was read.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``edited_elsewhere``; nothing was overwritten.
            Invalid: the person named is none of the agency's.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            row = own_client(session, agency_id, client_id, lock=True)
            if row.version != form.version:
                raise Conflict(
                    "Somebody else has changed this client since you opened the page. Nothing"
                    " was overwritten: reload to see their version, then save yours.",
                    code="edited_elsewhere",
                )
            old = values_of(row)
            new = old | given_values(form, old, now) | _settled(session, agency_id, form)
            changed = sorted(name for name in new if new[name] != old[name])
            if changed:
                queries.change(session, row.id, now, **new, **keys(new))
                audit.record(session, actor, "client.changed", "client", row.id, fields=changed)
            return self._view(session, own_client(session, agency_id, row.id))

    def note(self, actor: Actor, client_id: UUID, form: NoteForm) -> UUID:
        """Write something down about a client, with its day. Raises ``NotFound``."""
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            client = own_client(session, agency_id, client_id)
            note = ClientNote(
                id=uuid7(),
                client_id=client.id,
                agency_id=agency_id,
                body=form.body,
                author_id=actor.user_id,
                author_name=actor.name or actor.email,
                created_at=now,
            )
            session.add(note)
            return note.id

    def remove_note(self, actor: Actor, client_id: UUID, note_id: UUID) -> None:
        """Raises ``NotFound``."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            if not queries.remove_note(session, agency_id, client_id, note_id):
                raise NotFound("This note does not exist any more.", code="note_not_found")
            audit.record(session, actor, "client.note_removed", "client", client_id)

    def timeline(self, actor: Actor, client_id: UUID) -> tuple[TimelineItem, ...]:
        """What happened with a client, newest first; of each kind the last hundred."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            client = own_client(session, agency_id, client_id, merged=True)
            items = [TimelineItem(client.created_at, "client", "Became a client")]
            items += [
                TimelineItem(
                    row.created_at,
                    "booking",
                    str(row.snapshot["package"]["title"]),
                    row.status,
                    row.reference,
                )
                for row in queries.bookings(session, client, MOST_OF_A_KIND)
            ]
            items += [
                TimelineItem(row.created_at, "quote", row.title, row.status, id=row.id)
                for row in queries.quotes(session, client, MOST_OF_A_KIND)
            ]
            items += [
                TimelineItem(row.sent_at, "email", row.subject, row.recipient, row.reference)
                for row in queries.emails(session, client, MOST_OF_A_KIND)
            ]
            items += [
                TimelineItem(row.created_at, "note", row.body, row.author_name, id=row.id)
                for row in queries.notes(session, client, MOST_OF_A_KIND)
            ]
            items += [
                TimelineItem(row.created_at, "document", f"{KINDS[row.kind]} added")
                for row in queries.documents(session, client)
            ]
            items += [
                TimelineItem(row.merged_at, "merge", row.full_name, row.merged_by_name, id=row.id)
                for row in client_merges.of_client(session, client)
            ]
        return tuple(sorted(items, key=lambda item: item.at, reverse=True))

    def _view(self, session: RoutedSession, row: Client) -> ClientView:
        today = self._clock.now().date()
        trip = queries.trip_of(session, row, today)
        agent = queries.agent(session, row.agency_id, row.agent_id) if row.agent_id else None
        relatives = (
            queries.of_household(session, row.agency_id, row.household_id, MOST_RELATIVES)
            if row.household_id
            else []
        )
        until = trip.ends_on if trip else None
        return ClientView(
            id=row.id,
            name=row.full_name,
            email=row.email,
            phone=row.phone,
            country=row.country or "",
            birth_date=row.birth_date,
            nationality=row.nationality or "",
            address=row.address,
            language=row.language,
            preferences=row.preferences,
            notes=row.notes,
            tags=tuple(row.tags),
            agent_id=row.agent_id,
            agent=agent.full_name if agent else "",
            household=queries.household_name(session, row.household_id),
            relatives=tuple(
                Relative(other.id, other.full_name, other.birth_date)
                for other in relatives
                if other.id != row.id
            ),
            documents=tuple(
                identity_view(one, until, today) for one in queries.documents(session, row)
            ),
            merged=client_merges.merged(session, row),
            duplicates=client_merges.duplicates(session, row.agency_id, row.id, limit=5),
            consent_at=row.consent_at,
            consent_source=row.consent_source,
            next_trip=trip.starts_on if trip else None,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def own_client(
    session: RoutedSession,
    agency_id: UUID,
    client_id: UUID,
    *,
    lock: bool = False,
    merged: bool = False,
) -> Client:
    """A client of the agency; with ``merged`` the one she was put into.

    Raises:
        NotFound: somebody else's, erased, or merged.
    """
    row = queries.one(session, agency_id, client_id, lock=lock)
    while merged and row is not None and row.merged_into is not None:
        row = queries.one(session, agency_id, row.merged_into, lock=lock)
    if row is None or row.merged_into is not None or row.erased_at is not None:
        raise NotFound("This client does not exist.", code="client_not_found")
    return row


def deciding(actor: Actor) -> UUID:
    """The agency whose clients the actor may erase, merge and take out as files.

    Raises:
        Forbidden: ``assistant``.
    """
    agency_id = agency_of(actor)
    if not actor.sees_commission:
        raise Forbidden(
            "Merging, erasing and files of clients are for agents and owners.", code="assistant"
        )
    return agency_id


def new_values(
    agency_id: UUID, client_id: UUID, form: ClientForm, now: datetime, agent_id: UUID | None
) -> dict[str, Any]:
    """The columns of a new client but her household, which needs the database."""
    start: dict[str, Any] = {"consent_at": None, "agent_id": agent_id, "household_id": None}
    values = start | given_values(form, start, now)
    return {
        "id": client_id,
        "agency_id": agency_id,
        "created_at": now,
        "updated_at": now,
        **values,
        **keys(values),
    }


def given_values(
    form: ClientForm | ClientChange, old: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """What the form says, as columns; a new client gets every one. Households come later."""
    whole = isinstance(form, ClientForm)
    said = form.model_fields_set | (set(type(form).model_fields) if whole else set())
    values: dict[str, Any] = {}
    for name in ("phone", "birth_date", "address", "language", "preferences", "notes"):
        if name in said:
            values[name] = getattr(form, name)
    for name in ("country", "nationality"):
        if name in said:
            values[name] = getattr(form, name) or None
    if "name" in said and form.name:
        values["full_name"] = form.name
    if "email" in said:
        values["email"] = form.email or ""
    if "tags" in said:
        values["tags"] = list(form.tags)
    if "agent_id" in form.model_fields_set:
        values["agent_id"] = form.agent_id
    if "consent" in said:
        values["consent_at"] = (old["consent_at"] or now) if form.consent else None
        values["consent_source"] = form.consent_source if form.consent else ""
    elif "consent_source" in said and old.get("consent_at"):
        values["consent_source"] = form.consent_source
    return values


def _settled(
    session: RoutedSession, agency_id: UUID, form: ClientForm | ClientChange
) -> dict[str, Any]:
    """The columns that need the database: the household of this name, a colleague who exists."""
    values: dict[str, Any] = {}
    if "household" in form.model_fields_set:
        key = folded(form.household)
        values["household_id"] = (
            queries.household(session, agency_id, form.household, key) if key else None
        )
    if form.agent_id is not None and not queries.agent(session, agency_id, form.agent_id):
        raise Invalid.one("agent_id", "This person does not work for your agency.")
    return values


def identity_view(row: IdentityDocument, until: date | None, today: date) -> IdentityView:
    """A document, masked, and whether it is good for a trip until ``until``."""
    return IdentityView(
        row.id,
        row.kind,  # type: ignore[arg-type]
        row.last_four,
        row.country or "",
        row.issued_on,
        row.expires_on,
        fitness(row.expires_on, until, today),
    )


def _line(row: Any, today: date) -> ClientLine:
    client: Client = row[0]
    fit = fitness(row.passport_until, row.next_end, today)
    return ClientLine(
        id=client.id,
        name=client.full_name,
        email=client.email,
        phone=client.phone,
        country=client.country or "",
        tags=tuple(client.tags),
        household=row.household or "",
        agent=row.agent or "",
        next_trip=row.next_start,
        passport=fit,
        updated_at=client.updated_at,
    )


def _words(typed: str) -> list[str]:
    """Words as they are kept; what is written like a number is looked for as its digits."""
    words: list[str] = []
    for word in folded(typed[:200]).split()[:MOST_WORDS]:
        number = phone_key(word)
        words.append(number if number and not any(c.isalpha() for c in word) else word)
    return words


def _cursor(name_key: str, client_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{client_id}|{name_key}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[str, UUID] | None:
    if not cursor:
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        key, _bar, name = plain.partition("|")
        return name, UUID(key)
    except (ValueError, binascii.Error):
        raise Invalid.one("cursor", "This cursor is not from one of our lists.") from None
