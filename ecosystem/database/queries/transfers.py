"""Transfers to the parties of a booking, and what came back of them. Group: rds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Row, bindparam, delete, func, select, text, update

from ecosystem.database.tables import Payment, Transfer, TransferReversal
from ecosystem.database.unit_of_work import RoutedSession


@dataclass(frozen=True)
class Parts:
    """What a booking's price is and how it is divided, from the ledger alone, minor units.

    ``operator`` and ``agency`` are the parts before anything was sent; ``operator_owed`` and
    ``agency_owed`` what the ledger still owes them (negative: they owe us).
    """

    total: int
    operator: int
    agency: int
    operator_owed: int
    agency_owed: int


_PARTS = text(
    """
    select
      coalesce(sum(amount_minor) filter (where account = 'buyer_receivable'
        and (cause like 'booking:%' or cause like 'change:%' or cause like 'adjustment:%')), 0)
      + coalesce(sum(amount_minor) filter (where account = 'disputes'
        and cause like 'dispute:%lost'), 0) as total,
      -coalesce(sum(amount_minor) filter (where account = 'operator_payable'
        and cause not like 'transfer:%' and cause not like 'reversal:%'), 0) as operator,
      -coalesce(sum(amount_minor) filter (where account = 'agency_payable'
        and cause not like 'transfer:%' and cause not like 'reversal:%'), 0) as agency,
      -coalesce(sum(amount_minor) filter (where account = 'operator_payable'), 0) as operator_owed,
      -coalesce(sum(amount_minor) filter (where account = 'agency_payable'), 0) as agency_owed
    from ledger_entries where booking_id = :booking
    """
)


def parts(session: RoutedSession, booking_id: UUID) -> Parts:
    """Call with the booking locked."""
    row = session.execute(_PARTS, {"booking": booking_id}).one()
    return Parts(**{name: int(value) for name, value in row._mapping.items()})


def get(session: RoutedSession, transfer_id: UUID, *, lock: bool = False) -> Transfer | None:
    """One transfer as it is now. Lock its booking before its own row."""
    statement = select(Transfer).where(Transfer.id == transfer_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def by_stripe_id(session: RoutedSession, stripe_transfer_id: str) -> Transfer | None:
    return session.execute(
        select(Transfer).where(Transfer.stripe_transfer_id == stripe_transfer_id)
    ).scalar_one_or_none()


def of_booking(session: RoutedSession, booking_id: UUID) -> list[Transfer]:
    """Newest first, as they are now. Call with the booking locked."""
    return list(
        session.execute(
            select(Transfer)
            .where(Transfer.booking_id == booking_id)
            .order_by(Transfer.created_at.desc(), Transfer.id.desc())  # type: ignore[attr-defined]
            .execution_options(populate_existing=True)
        ).scalars()
    )


def change(session: RoutedSession, transfer_id: UUID, **values: Any) -> None:
    session.execute(update(Transfer).where(Transfer.id == transfer_id).values(**values))


def came_back(session: RoutedSession, transfer_id: UUID, amount_minor: int, now: datetime) -> None:
    """Part of a transfer is back."""
    session.execute(
        update(Transfer)
        .where(Transfer.id == transfer_id)
        .values(reversed_minor=Transfer.reversed_minor + amount_minor, updated_at=now)
    )


_DUE = """(
  coalesce(t.pay_after, 'departure') = 'confirmation'
  or (cast(:now as timestamptz) at time zone b.timezone)::date
     >= b.starts_on + coalesce(t.pay_after_days, 1)
)"""
"""Whether the shares of a booking may leave, by its operator's terms, in the departure's zone."""


def due(session: RoutedSession, booking_id: UUID, now: datetime) -> bool:
    """Whether the shares of a booking may leave."""
    statement = text(
        f"select {_DUE} from bookings b"
        " left join operator_terms t on t.operator_id = b.operator_id where b.id = :id"
    )
    return session.execute(statement, {"id": booking_id, "now": now}).scalar_one()


def unplanned(session: RoutedSession, now: datetime, limit: int) -> list[UUID]:
    """Bookings with a payment whose shares are due and not worked out yet."""
    rows = session.execute(
        text(
            f"""
            select p.booking_id from payments p
              join bookings b on b.id = p.booking_id
              left join operator_terms t on t.operator_id = b.operator_id
            where p.transfers_planned_at is null
              and p.status in ('paid', 'partially_refunded')
              and b.status in ('confirmed', 'completed', 'cancelled')
              and {_DUE}
            group by p.booking_id order by min(p.paid_at) limit :limit
            """
        ),
        {"now": now, "limit": limit},
    )
    return [row.booking_id for row in rows]


def planned(session: RoutedSession, booking_id: UUID, now: datetime) -> None:
    """Mark the payments of a booking that are here as divided."""
    session.execute(
        update(Payment)
        .where(
            Payment.booking_id == booking_id,
            Payment.transfers_planned_at.is_(None),  # type: ignore[union-attr]
            Payment.status.in_(("paid", "partially_refunded")),  # type: ignore[attr-defined]
        )
        .values(transfers_planned_at=now)
    )


def plan_again(session: RoutedSession, booking_id: UUID) -> None:
    """Let what is owed of a booking's payments be worked out anew."""
    session.execute(
        update(Payment).where(Payment.booking_id == booking_id).values(transfers_planned_at=None)
    )


_UNSENT = text(
    """
    select t.id from transfers t
    left join payout_accounts a on a.party = t.party and a.party_id = t.party_id
    where t.state = 'wanted' and t.updated_at < cast(:now as timestamptz) - :first
      and (t.due_at is null or t.due_at <= cast(:now as timestamptz))
      and (t.failure is null or a.transfers_active and (
        t.failure = 'account_not_active' or a.updated_at > t.updated_at
        or t.updated_at < cast(:now as timestamptz)
          - least(:first * power(2, least(t.attempt, 20)), :longest)))
    order by t.updated_at limit :limit
    """
).bindparams(bindparam("first", type_=Interval), bindparam("longest", type_=Interval))


def unsent(
    session: RoutedSession, now: datetime, first: timedelta, longest: timedelta, limit: int
) -> list[UUID]:
    """Shares that can leave now: their accounts receive, or nobody has looked yet.

    Each is left alone for ``first`` after somebody had it. One that was refused although its
    account receives is tried again after twice that, then twice as long each time up to
    ``longest``, and at once when its account stands otherwise than it did.
    """
    values = {"now": now, "first": first, "longest": longest, "limit": limit}
    return [row.id for row in session.execute(_UNSENT, values)]


def open_rows(session: RoutedSession, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Shares that are due and have not left, with their bookings' references, refused ones
    first."""
    return session.execute(
        text(
            "select t.id, b.reference, t.party, t.party_id, t.currency, t.amount_minor, t.state,"
            " coalesce(t.failure, '') as failure, t.updated_at as since"
            " from transfers t join bookings b on b.id = t.booking_id"
            " where t.state in ('wanted', 'failed') and (t.due_at is null or t.due_at <= :now)"
            " order by t.state <> 'failed', t.updated_at limit :limit"
        ),
        {"limit": limit, "now": now},
    ).all()


# What comes back ---------------------------------------------------------------


def reversal(
    session: RoutedSession, reversal_id: UUID, *, lock: bool = False
) -> TransferReversal | None:
    """One reversal as it is now. Lock its booking before its own row."""
    statement = select(TransferReversal).where(TransferReversal.id == reversal_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def reversals_of(session: RoutedSession, transfer_id: UUID) -> list[TransferReversal]:
    return list(
        session.execute(
            select(TransferReversal)
            .where(TransferReversal.transfer_id == transfer_id)
            .execution_options(populate_existing=True)
        ).scalars()
    )


def asked_back(session: RoutedSession, booking_id: UUID) -> dict[UUID, int]:
    """By transfer: what should come back of it and has not yet."""
    rows = session.execute(
        select(TransferReversal.transfer_id, func.sum(TransferReversal.amount_minor).label("asked"))
        .where(
            TransferReversal.booking_id == booking_id,
            TransferReversal.state.in_(("wanted", "failed")),  # type: ignore[attr-defined]
        )
        .group_by(TransferReversal.transfer_id)  # type: ignore[arg-type]
    )
    return {row.transfer_id: int(row.asked) for row in rows}


def change_reversal(session: RoutedSession, reversal_id: UUID, **values: Any) -> None:
    session.execute(
        update(TransferReversal).where(TransferReversal.id == reversal_id).values(**values)
    )


def forget_reversal(session: RoutedSession, reversal_id: UUID) -> None:
    """Take a refused reversal away; call with its booking and its own row locked."""
    session.execute(delete(TransferReversal).where(TransferReversal.id == reversal_id))  # type: ignore[arg-type]


def undone(
    session: RoutedSession, wanted_before: datetime, failed_before: datetime, limit: int
) -> list[UUID]:
    """Reversals to carry out: forgotten by a crash, or refused and worth another try."""
    rows = session.execute(
        text(
            "select id from transfer_reversals where (state = 'wanted' and updated_at < :wanted)"
            " or (state = 'failed' and updated_at < :failed) order by updated_at limit :limit"
        ),
        {"wanted": wanted_before, "failed": failed_before, "limit": limit},
    )
    return [row.id for row in rows]


def open_reversals(session: RoutedSession, limit: int) -> Sequence[Row[Any]]:
    """Reversals that have not come back, with party and reference, refused ones first."""
    return session.execute(
        text(
            "select v.id, b.reference, t.party, t.party_id, v.currency, v.amount_minor, v.reason,"
            " v.state, coalesce(v.failure, '') as failure, v.updated_at as since"
            " from transfer_reversals v join transfers t on t.id = v.transfer_id"
            " join bookings b on b.id = v.booking_id"
            " where v.state in ('wanted', 'failed')"
            " order by v.state <> 'failed', v.updated_at limit :limit"
        ),
        {"limit": limit},
    ).all()
