"""Clients' passports, cards and visas: sealed, shown masked, and every look written down."""

from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit
from ecosystem.database.queries import clients as queries
from ecosystem.database.tables import IdentityDocument
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import IdentityView, last_four
from ecosystem.domain.errors import Conflict, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.services.agency_access import agency_of
from ecosystem.services.clients.desk import identity_view, own_client
from ecosystem.services.clients.forms import DocumentForm
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

SEALED_FOR = "identity-documents"
MOST_DOCUMENTS = 20


class IdentityDocuments:
    """Only of the caller's own agency's clients."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def add(self, actor: Actor, client_id: UUID, form: DocumentForm) -> IdentityView:
        """Keep a document.

        Raises:
            NotFound: no client of the agency's.
            Conflict: ``too_many_documents``.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            client = own_client(session, agency_id, client_id, lock=True)
            if len(queries.documents(session, client)) >= MOST_DOCUMENTS:
                raise Conflict(
                    f"A client can have {MOST_DOCUMENTS} documents. Remove one first.",
                    code="too_many_documents",
                )
            document_id = uuid7()
            row = IdentityDocument(
                id=document_id,
                client_id=client_id,
                agency_id=agency_id,
                kind=form.kind,
                number_sealed=self._sealer.seal([str(document_id), form.number], now),
                last_four=last_four(form.number),
                country=form.country or None,
                issued_on=form.issued_on,
                expires_on=form.expires_on,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            audit.record(
                session, actor, "client.document_added", "identity_document", document_id,
                client=str(client_id), kind=form.kind,
            )  # fmt: skip
            return identity_view(row, None, now.date())

    def remove(self, actor: Actor, client_id: UUID, document_id: UUID) -> None:
        """Forget a document. Raises ``NotFound``."""
        with self._database.unit(RDS) as session:
            row = self._own(session, agency_of(actor), client_id, document_id)
            session.delete(row)
            audit.record(
                session, actor, "client.document_removed", "identity_document", document_id,
                client=str(client_id), kind=row.kind,
            )  # fmt: skip

    def reveal(self, actor: Actor, client_id: UUID, document_id: UUID) -> str:
        """The whole number. Who looked is in the audit log before it is given out.

        Raises:
            NotFound: none of the agency's.
            Unavailable: ``sealed_elsewhere``: it was sealed under another SESSION_SECRET.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = self._own(session, agency_of(actor), client_id, document_id)
            audit.record(
                session, actor, "client.document_shown", "identity_document", document_id,
                client=str(client_id), kind=row.kind,
            )  # fmt: skip
        opened = self._sealer.unseal(row.number_sealed, now)
        if not isinstance(opened, list) or opened[0] != str(row.id):
            raise Unavailable(
                "This number can't be read any more. Ask the client for it and enter it anew.",
                code="sealed_elsewhere",
            )
        return str(opened[1])

    def _own(
        self, session: RoutedSession, agency_id: UUID, client_id: UUID, document_id: UUID
    ) -> IdentityDocument:
        own_client(session, agency_id, client_id)
        row = queries.document(session, agency_id, client_id, document_id)
        if row is None:
            raise NotFound("This document does not exist.", code="document_not_found")
        return row
