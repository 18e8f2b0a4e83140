"""Keeping files: sending, finding, taking out, putting right, forgetting; who did it."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_documents as queries
from ecosystem.database.queries import audit, bookings
from ecosystem.database.tables import AgencyDocument
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_documents import (
    KINDS,
    LARGEST_BYTES,
    AccessLine,
    DocumentUpload,
    DocumentView,
    StoredDocument,
    document_key,
    name_with_ending,
    upload_key,
)
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.folding import folded
from ecosystem.domain.ids import uuid7
from ecosystem.domain.views import Page
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_documents.checking import Checking
from ecosystem.services.agency_documents.forgetting import forget_files
from ecosystem.services.agency_documents.forms import DocumentChange, UploadStart
from ecosystem.services.agency_documents.sniffing import refused, too_large
from ecosystem.services.clients.desk import own_client
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.ports import Clock, Files

FORM_LASTS = timedelta(hours=1)
MOST_UNFINISHED = 50
MOST_WORDS = 8
MOST_LINES = 100
PIECE = 1024 * 1024
UPLOADED_AS = "application/octet-stream"
"""What a form says of every file: what it is, is found out afterwards."""


class AgencyDocuments:
    """Only the caller's own agency, in any role; somebody else's file does not exist."""

    def __init__(self, database: Database, files: Files, checking: Checking, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._checking = checking
        self._clock = clock

    # --- what there is ------------------------------------------------------------------

    def find(
        self,
        actor: Actor,
        *,
        words: str = "",
        kind: str = "",
        client_id: UUID | None = None,
        booking: str = "",
        cursor: str = "",
        limit: int = 25,
    ) -> Page[DocumentView]:
        """Files, newest first. ``words`` are looked for in names, clients and references;
        ``booking`` is a reference; a client's files are also those of her bookings.

        Raises:
            Invalid: no such kind, or the cursor is none of ours.
            NotFound: no such client or booking of the agency's.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        if kind and kind not in KINDS:
            raise Invalid.one("kind", "There is no such kind of document.")
        after = decode_cursor(cursor)
        with self._database.unit(RDS) as session:
            if client_id is not None:
                client_id = own_client(session, agency_id, client_id, merged=True).id
            condition = queries.wanted(
                agency_id,
                words=folded(words[:200]).split()[:MOST_WORDS],
                kind=kind,
                client_id=client_id,
                booking_id=_booking(session, actor, booking) if booking else None,
            )
            found = queries.rows(session, condition, now, after=after, limit=limit + 1)
        shown = found[:limit]
        following = (
            encode_cursor(shown[-1][0].created_at, shown[-1][0].id) if len(found) > limit else None
        )
        return Page(tuple(_view(row) for row in shown), following)

    def get(self, actor: Actor, document_id: UUID) -> DocumentView:
        """A file. Raises ``NotFound``."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            return self._view(session, agency_id, document_id)

    def history(self, actor: Actor, document_id: UUID) -> tuple[AccessLine, ...]:
        """What was done with a file and by whom, the last first, at most a hundred lines."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            own_document(session, agency_id, document_id)
            return tuple(
                AccessLine(
                    row.at,
                    row.action.partition(".")[2],
                    row.actor_email,
                    str(row.data.get("recipient") or row.data.get("why") or ""),
                )
                for row in queries.history(session, document_id, MOST_LINES)
            )

    # --- sending one --------------------------------------------------------------------

    def start(self, actor: Actor, form: UploadStart) -> DocumentUpload:
        """Make room for one file and say where the browser posts it, within the hour.

        Raises:
            Invalid: ``bad_document``: it is empty or too large.
            NotFound: the client or booking is none of the agency's.
            Conflict: ``too_many_documents``: too many are on their way.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        if form.size == 0:
            raise refused("It is empty.")
        if form.size > LARGEST_BYTES:
            raise too_large(form.size)
        with self._database.unit(RDS) as session:
            client = form.client_id and own_client(session, agency_id, form.client_id, merged=True)
            booking_id = _booking(session, actor, form.booking) if form.booking else None
            queries.lock_agency(session, agency_id)
            if queries.unfinished(session, agency_id, now - FORM_LASTS) >= MOST_UNFINISHED:
                raise Conflict(
                    f"{MOST_UNFINISHED} files are being sent already. Wait until some have"
                    " arrived.",
                    code="too_many_documents",
                )
            row = AgencyDocument(
                id=uuid7(),
                agency_id=agency_id,
                client_id=client.id if client else None,
                booking_id=booking_id,
                kind=form.kind,
                name=form.file_name,
                words=folded(form.file_name),
                secret=secrets.token_urlsafe(32),
                uploaded_by=actor.user_id,
                uploaded_by_name=actor.name or actor.email,
                created_at=now,
                looked_at=now,
            )
            session.add(row)
            document_id, key = row.id, upload_key(agency_id, row.secret)
        target = self._files.presigned_post(key, UPLOADED_AS, LARGEST_BYTES, FORM_LASTS)
        return DocumentUpload(document_id, target.url, target.fields)

    def finish(self, actor: Actor, document_id: UUID) -> DocumentView:
        """Have a file that was sent looked at. Can be repeated; the answer's ``state`` says what
        came of it: ``clean``, ``refused`` with its ``problem``, or ``scanning`` still.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``not_uploaded``: the file has not arrived.
            Unavailable: nothing is lost; finish again.
        """
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            row = own_document(session, agency_id, document_id)
        if row.state == "uploading":
            there = self._files.head(upload_key(agency_id, row.secret))
            if there is None:
                raise Conflict("The file did not arrive. Send it again.", code="not_uploaded")
            self._checking.begin(actor, row, there.size)
        return self.get(actor, document_id)

    # --- taking out, putting right, forgetting ------------------------------------------

    def take(self, actor: Actor, document_id: UUID) -> StoredDocument:
        """A file to be handed out; that it was is written down before.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``not_clean``: it is still being looked at, or was refused.
        """
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            row = own_document(session, agency_id, document_id)
            if row.state != "clean":
                raise Conflict(
                    "This file is still being checked. Try again in a moment."
                    if row.state == "scanning"
                    else "This file was not kept. Send it again.",
                    code="not_clean",
                )
            audit.record(session, actor, "document.taken", queries.SUBJECT, row.id)
            return stored(row)

    def read(self, document: StoredDocument) -> Iterator[bytes]:
        """Its bytes, piece by piece. Raises ``NotFound`` if it was forgotten meanwhile."""
        for start in range(0, document.bytes, PIECE):
            yield self._files.read_range(document.key, start, PIECE)

    def change(self, actor: Actor, document_id: UUID, form: DocumentChange) -> DocumentView:
        """Another name, kind, client or booking. Raises ``NotFound``."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            row = own_document(session, agency_id, document_id, lock=True)
            values = _changes(session, actor, agency_id, row, form)
            if values:
                queries.change(session, row.id, **values)
                audit.record(
                    session, actor, "document.changed", queries.SUBJECT, row.id,
                    fields=sorted(set(values) - {"words"}),
                )  # fmt: skip
            return self._view(session, agency_id, document_id)

    def remove(self, actor: Actor, document_id: UUID) -> None:
        """Forget a file for good, with every link to it. Raises ``NotFound``."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            row = own_document(session, agency_id, document_id, lock=True)
            queries.remove(session, [row.id])
            audit.record(session, actor, "document.removed", queries.SUBJECT, row.id, kind=row.kind)
            forget_files(session, [row])

    def _view(self, session: RoutedSession, agency_id: UUID, document_id: UUID) -> DocumentView:
        row = queries.one(session, agency_id, document_id, self._clock.now())
        if row is None:
            raise _missing()
        return _view(row)


def stored(row: AgencyDocument) -> StoredDocument:
    """Where a clean file lies, and as what it goes out."""
    return StoredDocument(
        name_with_ending(row.name, row.content_type),
        row.content_type,
        row.bytes,
        document_key(row.agency_id, row.secret),
    )


def own_document(
    session: RoutedSession, agency_id: UUID, document_id: UUID, *, lock: bool = False
) -> AgencyDocument:
    """A file of the agency. Raises ``NotFound``."""
    row = queries.row(session, agency_id, document_id, lock=lock)
    if row is None:
        raise _missing()
    return row


def _booking(session: RoutedSession, actor: Actor, reference: str) -> UUID:
    """The agency's booking of this reference. Raises ``NotFound``."""
    found = bookings.by_reference(session, reference.upper(), bookings.visible_to(actor))
    if found is None:
        raise NotFound("Your agency has no booking with this reference.", code="booking_not_found")
    return found.id


def _changes(
    session: RoutedSession,
    actor: Actor,
    agency_id: UUID,
    row: AgencyDocument,
    form: DocumentChange,
) -> dict[str, Any]:
    """What a form changes, as columns."""
    said, values = form.model_fields_set, dict[str, Any]()
    if "name" in said and form.name:
        values |= {"name": form.name, "words": folded(form.name)}
    if form.kind is not None:
        values["kind"] = form.kind
    if "client_id" in said:
        one = form.client_id and own_client(session, agency_id, form.client_id, merged=True)
        values["client_id"] = one.id if one else None
    if "booking" in said:
        values["booking_id"] = _booking(session, actor, form.booking) if form.booking else None
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _view(row: Any) -> DocumentView:
    document: AgencyDocument = row[0]
    return DocumentView(
        id=document.id,
        name=document.name,
        kind=document.kind,
        state=document.state,
        problem=document.problem,
        content_type=document.content_type,
        bytes=document.bytes,
        client_id=row.of_client,
        client=row.client or "",
        booking=row.reference or "",
        uploaded_by=document.uploaded_by_name,
        created_at=document.created_at,
        shares=row.shares,
    )


def _missing() -> NotFound:
    return NotFound("This document does not exist.", code="document_not_found")
