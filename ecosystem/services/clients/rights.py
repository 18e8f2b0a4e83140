"""What a client may ask of an agency: everything kept of her, and to be erased.

Erasing follows GDPR article 17; what article 17(3) lets an agency keep, because the law asks
for it or a claim may have to be answered, is kept and said.
"""

from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_documents, audit, client_erasing, client_merges
from ecosystem.database.queries import clients as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import Erasure, Kept
from ecosystem.domain.errors import Conflict
from ecosystem.services.agency_documents.forgetting import forget_files
from ecosystem.services.agency_sales import client_total
from ecosystem.services.clients.desk import deciding, own_client
from ecosystem.services.clients.record import values_of
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

ERASED_NAME = "Erased client"
EVERYTHING = 10_000
REMOVED = (
    "Name, contact, address, dates, preferences, notes, tags and consent",
    "Identity documents with their numbers",
    "Files kept of the client and of the trips, with every link to them",
    "Proposals that no booking came of, and what was written beneath the others",
    "The telephone number and the travellers' dates of birth of trips that are over",
)


class ClientRights:
    """Only the caller's own agency."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def export(self, actor: Actor, client_id: UUID) -> dict[str, Any]:
        """Everything kept of a client, as JSON, numbers of documents too. Written down as a look
        at them. Raises ``NotFound``, ``Forbidden``."""
        agency_id, now = deciding(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            client = own_client(session, agency_id, client_id, merged=True)
            household = queries.household_name(session, client.household_id)
            documents = queries.documents(session, client)
            answer: dict[str, Any] = {
                "exported_at": now.isoformat(),
                "client": _plain(values_of(client))
                | {"id": str(client.id), "household": household},
                "documents": [
                    {
                        "kind": row.kind,
                        "number": (self._sealer.unseal(row.number_sealed, now) or ["", ""])[1],
                        "country": row.country,
                        "issued_on": _text(row.issued_on),
                        "expires_on": _text(row.expires_on),
                    }
                    for row in documents
                ],
                "files": [
                    {
                        "id": str(row.id),
                        "name": row.name,
                        "kind": row.kind,
                        "type": row.content_type,
                        "bytes": row.bytes,
                        "sent_at": row.created_at.isoformat(),
                    }
                    for row in agency_documents.of_client(session, client)
                ],
                "notes": [
                    {"at": row.created_at.isoformat(), "by": row.author_name, "body": row.body}
                    for row in queries.notes(session, client, EVERYTHING)
                ],
                "bookings": [
                    {
                        "reference": row.reference,
                        "trip": row.snapshot["package"]["title"],
                        "starts_on": row.starts_on.isoformat(),
                        "ends_on": row.ends_on.isoformat(),
                        "status": row.status,
                        # What an agency is charged is not its client's to read.
                        "total": {"amount": client_total(row).minor, "currency": row.currency},
                        "lead": {
                            "name": row.lead_name,
                            "email": row.lead_email,
                            "phone": row.lead_phone,
                        },
                        "travellers": row.travellers,
                    }
                    for row in queries.bookings(session, client, EVERYTHING)
                ],
                "proposals": [
                    {
                        "at": row.created_at.isoformat(),
                        "number": row.number,
                        "title": row.title,
                        "status": row.status,
                        "accepted_name": row.accepted_name,
                    }
                    for row in queries.quotes(session, client, EVERYTHING)
                ],
                "emails": [
                    {
                        "at": row.sent_at.isoformat(),
                        "to": row.recipient,
                        "subject": row.subject,
                        "booking": row.reference,
                    }
                    for row in queries.emails(session, client, EVERYTHING)
                ],
            }
            audit.record(session, actor, "client.exported", "client", client.id)
        return answer

    def erase(self, actor: Actor, client_id: UUID) -> Erasure:
        """Forget a client, and everybody who was merged into her.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``client_travels``: a trip of hers is not over, or waits for its payment.
            Forbidden: an assistant.
        """
        agency_id, now = deciding(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            client = own_client(session, agency_id, client_id, lock=True)
            ids = client_merges.family(session, client.id)
            booked = client_erasing.booked(session, ids)
            ahead = [row for row in booked if _open(row, now.date())]
            if ahead:
                raise Conflict(
                    f"{client.full_name} has a booking that is not over: {ahead[0].reference}."
                    " What the trip needs can't be erased before it has ended or is cancelled.",
                    code="client_travels",
                )
            client_merges.forget(session, ids)
            forget_files(session, agency_documents.forget_clients(session, ids))
            households = client_erasing.anonymise(session, ids, ERASED_NAME, now)
            client_erasing.thin_bookings(session, [row.id for row in booked], now)
            for household_id in households:
                client_merges.remove_empty_household(session, household_id)
            audit.record(session, actor, "client.erased", "client", client.id, bookings=len(booked))
        return Erasure(REMOVED, _kept(len(booked)))


def _open(row: Any, today: date) -> bool:
    return row.status == "pending_payment" or (row.status == "confirmed" and row.ends_on >= today)


def _kept(bookings: int) -> tuple[Kept, ...]:
    log = Kept(
        "The audit log's lines, which name no client, only that one was kept and erased",
        "To show that the request was carried out.",
    )
    if not bookings:
        return (log,)
    return (
        Kept(
            f"{bookings} {'booking' if bookings == 1 else 'bookings'} with names, e-mail address"
            " and amounts, and the e-mails sent about them",
            "Tax law asks for invoices for years, and a refund or a disputed payment has to be"
            " answered.",
        ),
        log,
    )


def _text(value: Any) -> Any:
    return value.isoformat() if value is not None else None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | list | int | None) else str(value)
        for name, value in values.items()
    }
