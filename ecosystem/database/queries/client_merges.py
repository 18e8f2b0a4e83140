"""Clients who are, or may be, one person. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update

from ecosystem.database.queries.clients import LIVE
from ecosystem.database.tables import (
    AgencyDocument,
    Booking,
    Client,
    ClientMerge,
    ClientNote,
    Household,
    IdentityDocument,
    Quote,
    QuoteBooking,
    QuoteComment,
)
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.clients import Duplicate, Merged, Twin

CROWD = 10
"""An address or telephone that more clients have than so many is their agency's own, or made up:
it says nothing of who they are, and each of them would be paired with all others."""

_ONE = "select * from clients where agency_id = :agency and merged_into is null" + (
    " and erased_at is null"
)
_DUPLICATES = """
    with live as not materialized ({one}),
    mine as not materialized (select * from live {chosen}),
    offices as (
      select email from clients where agency_id = :agency and email <> '' {hers[0]}
      group by email having count(*) > {crowd}
    ),
    desks as (
      select phone_key from clients where agency_id = :agency and phone_key <> '' {hers[1]}
      group by phone_key having count(*) > {crowd}
    ),
    pairs as (
      select a.id as one, b.id as other, 'email' as alike, 1 as rank
      from mine a join live b on b.email = a.email and b.email <> '' and {order}
      where (a.household_id is null or a.household_id is distinct from b.household_id
             or a.name_key = b.name_key)
        and a.email not in (select email from offices)
      union all
      select a.id, b.id, 'phone', 2
      from mine a join live b on b.phone_key = a.phone_key and b.phone_key <> '' and {order}
      where (a.household_id is null or a.household_id is distinct from b.household_id
             or a.name_key = b.name_key)
        and a.phone_key not in (select phone_key from desks)
      union all
      select a.id, b.id, 'name', 3
      from mine a join live b
        on b.name_key = a.name_key and b.birth_date = a.birth_date and {order}
    ),
    best as (select distinct on (one, other) * from pairs order by one, other, rank)
    select p.alike,
           a.id as a_id, a.full_name as a_name, a.email as a_email, a.phone as a_phone,
           a.birth_date as a_born,
           (select count(*) from bookings k where k.client_id = a.id) as a_bookings,
           b.id as b_id, b.full_name as b_name, b.email as b_email, b.phone as b_phone,
           b.birth_date as b_born,
           (select count(*) from bookings k where k.client_id = b.id) as b_bookings
    from best p join clients a on a.id = p.one join clients b on b.id = p.other
    where (a.birth_date is null or b.birth_date is null or a.birth_date = b.birth_date)
      and not exists (
        select 1 from client_merges m
        where m.undone_at is not null and m.agency_id = :agency
          and ((m.kept_id = a.id and m.merged_id = b.id)
            or (m.kept_id = b.id and m.merged_id = a.id)))
    order by a.name_key, a.id, b.id
    limit :limit
"""
_HERS = ("and email = (select email from mine)", "and phone_key = (select phone_key from mine)")
_ALL = text(
    _DUPLICATES.format(one=_ONE, crowd=CROWD, chosen="", hers=("", ""), order="a.id < b.id")
)
_OF_ONE = text(
    _DUPLICATES.format(
        one=_ONE, crowd=CROWD, chosen="where id = :client", hers=_HERS, order="a.id <> b.id"
    )
)


def duplicates(
    session: RoutedSession, agency_id: UUID, client_id: UUID | None = None, *, limit: int
) -> tuple[Duplicate, ...]:
    """Pairs with the same e-mail, telephone, or name and date of birth; of one client or all.

    Not people of one household who share an address, nor a ``CROWD`` that does, not two whose
    dates of birth differ, and not a pair whose merging was taken back.
    """
    values = {"agency": agency_id, "limit": limit}
    rows = (
        session.execute(_ALL, values)
        if client_id is None
        else session.execute(_OF_ONE, values | {"client": client_id})
    )
    return tuple(
        Duplicate(
            Twin(row.a_id, row.a_name, row.a_email, row.a_phone, row.a_born, row.a_bookings),
            Twin(row.b_id, row.b_name, row.b_email, row.b_phone, row.b_born, row.b_bookings),
            row.alike,
        )
        for row in rows
    )


def add(session: RoutedSession, merge: ClientMerge) -> None:
    session.add(merge)
    session.flush()


def one(session: RoutedSession, agency_id: UUID, merge_id: UUID) -> ClientMerge | None:
    """A merge, locked."""
    return session.execute(
        select(ClientMerge)
        .where(ClientMerge.id == merge_id, ClientMerge.agency_id == agency_id)
        .with_for_update()
    ).scalar_one_or_none()


def of_client(session: RoutedSession, client: Client) -> Sequence[Row[Any]]:
    """What was merged into a client and not taken back: ``id full_name merged_by_name
    merged_at``, newest first."""
    return session.execute(
        select(ClientMerge.id, Client.full_name, ClientMerge.merged_by_name, ClientMerge.merged_at)
        .join(Client, Client.id == ClientMerge.merged_id)  # type: ignore[arg-type]
        .where(ClientMerge.kept_id == client.id, ClientMerge.undone_at.is_(None))  # type: ignore[union-attr]
        .order_by(ClientMerge.merged_at.desc())  # type: ignore[attr-defined]
    ).all()


def merged(session: RoutedSession, client: Client) -> tuple[Merged, ...]:
    """The same as a view."""
    return tuple(
        Merged(row.id, row.full_name, row.merged_by_name, row.merged_at)
        for row in of_client(session, client)
    )


def move(
    session: RoutedSession,
    table: type[AgencyDocument | Booking | ClientNote | IdentityDocument | Quote],
    source: UUID,
    target: UUID,
    ids: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Give what belongs to one client to another: all of it, or these. Returns what moved."""
    condition = [table.client_id == source]
    if ids is not None:
        condition.append(table.id.in_(ids))  # type: ignore[attr-defined]
    return list(
        session.execute(
            update(table)
            .where(*condition)
            .values(client_id=target)
            .returning(table.id)  # type: ignore[arg-type]
            .execution_options(synchronize_session=False)
        ).scalars()
    )


def undone(session: RoutedSession, merge: ClientMerge, now: datetime) -> None:
    merge.undone_at, merge.snapshot = now, {}
    session.flush()


def family(session: RoutedSession, client_id: UUID) -> list[UUID]:
    """The client and everybody who was merged into her, directly or by way of another."""
    found, ring = [client_id], [client_id]
    while ring:
        ring = list(
            session.execute(select(Client.id).where(Client.merged_into.in_(ring))).scalars()  # type: ignore[union-attr]
        )
        found += ring
    return found


def forget(session: RoutedSession, client_ids: Sequence[UUID]) -> None:
    """Remove what is kept beside erased clients: notes, documents, snapshots of merges, what was
    written beneath proposals, and proposals that no booking came of."""
    proposals = select(Quote.id).where(Quote.client_id.in_(client_ids))  # type: ignore[attr-defined]
    session.execute(
        delete(QuoteComment)
        .where(QuoteComment.quote_id.in_(proposals))  # type: ignore[attr-defined]
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Quote)
        .where(
            Quote.client_id.in_(client_ids),  # type: ignore[attr-defined]
            ~select(QuoteBooking.booking_id).where(QuoteBooking.quote_id == Quote.id).exists(),
        )
        .execution_options(synchronize_session=False)
    )
    for table in (ClientNote, IdentityDocument):
        session.execute(
            delete(table)
            .where(table.client_id.in_(client_ids))  # type: ignore[attr-defined]
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(ClientMerge)
        .where(ClientMerge.kept_id.in_(client_ids) | ClientMerge.merged_id.in_(client_ids))  # type: ignore[attr-defined]
        .values(snapshot={})
        .execution_options(synchronize_session=False)
    )


def remove_empty_household(session: RoutedSession, household_id: UUID) -> None:
    """A household in which nobody is left, merged clients included."""
    session.execute(
        delete(Household)
        .where(
            Household.id == household_id,
            ~select(Client.id).where(Client.household_id == Household.id).exists(),
        )
        .execution_options(synchronize_session=False)
    )


__all__ = [
    "LIVE",
    "add",
    "duplicates",
    "family",
    "forget",
    "merged",
    "move",
    "of_client",
    "one",
    "remove_empty_household",
    "undone",
]
