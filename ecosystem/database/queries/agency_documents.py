"""Files of agencies and the links to them. Group: rds.

Everything of an agency is fetched by agency and id together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, tuple_, update

from ecosystem.database.tables import (
    Agency,
    AgencyDocument,
    AuditEntry,
    Booking,
    Client,
    DocumentShare,
)
from ecosystem.database.unit_of_work import RoutedSession

Document = AgencyDocument
Share = DocumentShare
SUBJECT = "agency_document"
"""What the audit log calls them."""


def wanted(
    agency_id: UUID,
    *,
    words: Sequence[str] = (),
    kind: str = "",
    client_id: UUID | None = None,
    booking_id: UUID | None = None,
) -> ColumnElement[bool]:
    """Which files of an agency are asked for: each of the folded words is in the file's name, the
    client's or the booking's reference. A client's are also those of her bookings."""
    conditions: list[Any] = [Document.agency_id == agency_id, Document.state != "uploading"]
    conditions += [
        or_(
            Document.words.contains(word, autoescape=True),  # type: ignore[attr-defined]
            Client.words.contains(word, autoescape=True),  # type: ignore[attr-defined]
            func.lower(Booking.reference).contains(word, autoescape=True),
        )
        for word in words
    ]
    if kind:
        conditions.append(Document.kind == kind)
    if client_id is not None:
        conditions.append(
            or_(
                Document.client_id == client_id,  # type: ignore[arg-type]
                and_(Booking.client_id == client_id, Booking.agency_id == agency_id),  # type: ignore[arg-type]
            )
        )
    if booking_id is not None:
        conditions.append(Document.booking_id == booking_id)
    return and_(*conditions)


def rows(
    session: RoutedSession,
    condition: ColumnElement[bool],
    now: datetime,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 25,
) -> Sequence[Row[Any]]:
    """Files, newest first: ``AgencyDocument of_client client reference shares``; a booking's file is
    of the client it was booked for."""
    statement = (
        _with_names(now)
        .where(condition)
        .order_by(Document.created_at.desc(), Document.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(Document.created_at, Document.id) < after)  # type: ignore[arg-type]
    return session.execute(statement).all()


def one(
    session: RoutedSession, agency_id: UUID, document_id: UUID, now: datetime
) -> Row[Any] | None:
    """A file with its names, as in :func:`rows`; also one that is being sent."""
    return session.execute(
        _with_names(now)
        .where(Document.id == document_id, Document.agency_id == agency_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _with_names(now: datetime) -> Any:
    shares = (
        select(func.count())
        .select_from(Share)
        .where(Share.document_id == Document.id, Share.revoked_at.is_(None), Share.expires_at > now)  # type: ignore[union-attr,arg-type]
        .correlate(Document)
        .scalar_subquery()
    )
    return (
        select(
            Document,
            Client.id.label("of_client"),  # type: ignore[attr-defined]
            Client.full_name.label("client"),  # type: ignore[attr-defined]
            Booking.reference.label("reference"),  # type: ignore[attr-defined]
            shares.label("shares"),
        )
        .join(Booking, Booking.id == Document.booking_id, isouter=True)  # type: ignore[arg-type]
        .join(
            Client,
            Client.id == func.coalesce(Document.client_id, Booking.client_id),  # type: ignore[arg-type]
            isouter=True,
        )
    )


def row(
    session: RoutedSession, agency_id: UUID, document_id: UUID, *, lock: bool = False
) -> AgencyDocument | None:
    """The bare row of a file."""
    statement = select(Document).where(Document.id == document_id, Document.agency_id == agency_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def of_id(session: RoutedSession, document_id: UUID) -> AgencyDocument | None:
    """A file whoever it belongs to: for what the product does by itself, and for links."""
    return session.execute(select(Document).where(Document.id == document_id)).scalar_one_or_none()


def lock_agency(session: RoutedSession, agency_id: UUID) -> None:
    """Let one file of an agency begin at a time, to the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(agency_id), 26))))


def unfinished(session: RoutedSession, agency_id: UUID, since: datetime) -> int:
    """How many files of an agency are on their way since then."""
    return session.execute(
        select(func.count())
        .select_from(Document)
        .where(
            Document.agency_id == agency_id,
            Document.state == "uploading",
            Document.created_at > since,
        )
    ).scalar_one()


def move(
    session: RoutedSession, document_id: UUID, *, before: str, to: str, **values: Any
) -> AgencyDocument | None:
    """Change the state of a file that is in ``before``; nothing if it is not any more."""
    return session.scalars(
        update(Document)
        .where(Document.id == document_id, Document.state == before)  # type: ignore[arg-type]
        .values(state=to, **values)
        .returning(Document),
        execution_options={"populate_existing": True},
    ).first()


def change(session: RoutedSession, document_id: UUID, **values: Any) -> None:
    """Write columns."""
    session.execute(update(Document).where(Document.id == document_id).values(**values))  # type: ignore[arg-type]


def take_waiting(
    session: RoutedSession, now: datetime, before: datetime, limit: int
) -> list[AgencyDocument]:
    """Files whose scan nobody has looked after since ``before``: from ``now`` on the caller
    does."""
    waiting = (
        select(Document.id)
        .where(Document.state == "scanning", Document.looked_at < before)  # type: ignore[arg-type]
        .order_by(Document.looked_at)  # type: ignore[arg-type]
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(
        session.scalars(
            update(Document)
            .where(Document.id.in_(waiting))  # type: ignore[attr-defined]
            .values(looked_at=now)
            .returning(Document),
            execution_options={"populate_existing": True},
        )
    )


def remove(session: RoutedSession, ids: Iterable[UUID]) -> None:
    """Forget files, with the links to them."""
    session.execute(delete(Document).where(Document.id.in_(list(ids))))  # type: ignore[attr-defined]


def take_unused(session: RoutedSession, state: str, before: datetime, limit: int) -> list[Row[Any]]:
    """Forget files that have been in this state since before; their ``agency_id secret``."""
    unused = (
        select(Document.id)
        .where(Document.state == state, Document.looked_at < before)  # type: ignore[arg-type]
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(
        session.execute(
            delete(Document)
            .where(Document.id.in_(unused))  # type: ignore[attr-defined]
            .returning(Document.agency_id, Document.secret)  # type: ignore[call-overload]
        ).all()
    )


def of_client(session: RoutedSession, client: Client) -> list[AgencyDocument]:
    """The files kept of a client and of her bookings, newest first."""
    booked = select(Booking.id).where(
        Booking.client_id == client.id, Booking.agency_id == client.agency_id
    )
    return list(
        session.scalars(
            select(Document)
            .where(
                Document.agency_id == client.agency_id,
                Document.state == "clean",
                or_(Document.client_id == client.id, Document.booking_id.in_(booked)),  # type: ignore[union-attr,arg-type]
            )
            .order_by(Document.created_at.desc(), Document.id)  # type: ignore[attr-defined]
        )
    )


def forget_clients(session: RoutedSession, client_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Forget the files of clients and of their bookings; their ``agency_id secret``."""
    booked = select(Booking.id).where(Booking.client_id.in_(client_ids))  # type: ignore[union-attr]
    return list(
        session.execute(
            delete(Document)
            .where(or_(Document.client_id.in_(client_ids), Document.booking_id.in_(booked)))  # type: ignore[union-attr]
            .returning(Document.agency_id, Document.secret)  # type: ignore[call-overload]
        ).all()
    )


# --- links --------------------------------------------------------------------------------


def shares(session: RoutedSession, document_id: UUID) -> list[DocumentShare]:
    """The links to a file, the newest first."""
    return list(
        session.scalars(
            select(Share)
            .where(Share.document_id == document_id)
            .order_by(Share.created_at.desc(), Share.id.desc())  # type: ignore[attr-defined]
        )
    )


def share(
    session: RoutedSession, agency_id: UUID, document_id: UUID, share_id: UUID
) -> DocumentShare | None:
    """A link of the agency's."""
    return session.execute(
        select(Share)
        .where(Share.id == share_id, Share.document_id == document_id, Share.agency_id == agency_id)
        .with_for_update()
    ).scalar_one_or_none()


def share_by_token(
    session: RoutedSession, token_hash: str, *, lock: bool = False
) -> Row[Any] | None:
    """A link with its file and agency: ``DocumentShare AgencyDocument agency``."""
    statement = (
        select(Share, Document, Agency.name.label("agency"))  # type: ignore[attr-defined]
        .join(Document, Document.id == Share.document_id)  # type: ignore[arg-type]
        .join(Agency, Agency.id == Share.agency_id)  # type: ignore[arg-type]
        .where(Share.token_hash == token_hash)
    )
    if lock:
        statement = statement.with_for_update(of=Share)
    return session.execute(statement.execution_options(populate_existing=True)).one_or_none()


def history(session: RoutedSession, document_id: UUID, limit: int) -> list[AuditEntry]:
    """What was done with a file, the last first."""
    return list(
        session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_type == SUBJECT, AuditEntry.subject_id == str(document_id))
            .order_by(AuditEntry.id.desc())  # type: ignore[union-attr]
            .limit(limit)
        )
    )
