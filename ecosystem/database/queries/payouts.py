"""Connected accounts of operators and agencies. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import PayoutAccount
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7


def account_of(session: RoutedSession, party: str, party_id: UUID) -> PayoutAccount | None:
    """``party`` is ``operator`` or ``agency``."""
    return session.execute(
        select(PayoutAccount)
        .where(PayoutAccount.party == party, PayoutAccount.party_id == party_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def states(session: RoutedSession, party: str, party_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The known state of each party's account; those that have none are left out."""
    rows = session.execute(
        select(PayoutAccount.party_id, PayoutAccount.state).where(
            PayoutAccount.party == party,
            PayoutAccount.party_id.in_(party_ids),  # type: ignore[attr-defined]
        )
    )
    return {row.party_id: row.state for row in rows}


def by_stripe_id(session: RoutedSession, stripe_account_id: str) -> PayoutAccount | None:
    """One of ours, or None."""
    return session.execute(
        select(PayoutAccount)
        .where(PayoutAccount.stripe_account_id == stripe_account_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def want_account(session: RoutedSession, party: str, party_id: UUID) -> PayoutAccount:
    """The party's account row, made without a Stripe id if there is none yet."""
    session.execute(
        insert(PayoutAccount)
        .values(id=uuid7(), party=party, party_id=party_id)
        .on_conflict_do_nothing(constraint="payout_accounts_party_key")
    )
    return session.execute(
        select(PayoutAccount).where(
            PayoutAccount.party == party, PayoutAccount.party_id == party_id
        )
    ).scalar_one()


def want_another(session: RoutedSession, row: PayoutAccount) -> bool:
    """Let a new account take the place of one that is gone; False if somebody else did."""
    changed = session.execute(
        update(PayoutAccount)
        .where(PayoutAccount.id == row.id, PayoutAccount.version == row.version)  # type: ignore[arg-type]
        .values(
            stripe_account_id=None,
            transfers_active=False,
            state="incomplete",
            attempt=PayoutAccount.attempt + 1,
            version=PayoutAccount.version + 1,
        )
        .returning(PayoutAccount.id)
    )
    return changed.one_or_none() is not None


def account_made(session: RoutedSession, row_id: UUID, stripe_account_id: str) -> bool:
    """Remember the Stripe id of a wanted account; False if it was known already."""
    return (
        session.execute(
            update(PayoutAccount)
            .where(PayoutAccount.id == row_id, PayoutAccount.stripe_account_id.is_(None))  # type: ignore[union-attr]
            .values(stripe_account_id=stripe_account_id)
            .returning(PayoutAccount.id)
        ).one_or_none()
        is not None
    )


def add(session: RoutedSession, account: PayoutAccount) -> None:
    session.add(account)


def seen(session: RoutedSession, row: PayoutAccount, state: str, now: datetime) -> bool:
    """Remember what Stripe says of an account whose ``row`` was read before it was asked.

    False: somebody else has changed the row since; what Stripe said may be older than that.
    """
    changed = row.state != state or row.transfers_active != (state == "active")
    values: dict[str, Any] = {"checked_at": now}
    if changed:
        values |= {
            "state": state,
            "transfers_active": state == "active",
            "version": row.version + 1,
            "updated_at": now,
        }
    return (
        session.execute(
            update(PayoutAccount)
            .where(PayoutAccount.id == row.id, PayoutAccount.version == row.version)  # type: ignore[arg-type]
            .values(**values)
            .returning(PayoutAccount.id)
        ).one_or_none()
        is not None
    )


_TAKE_QUIET = text(
    """
    update payout_accounts set checked_at = :now
    where id in (
      select id from payout_accounts
      where stripe_account_id is not null and state <> 'gone'
        and checked_at < case when state = 'active' then cast(:active_before as timestamptz)
                              else cast(:others_before as timestamptz) end
      order by checked_at limit :limit for update skip locked
    )
    returning stripe_account_id
    """
)


def take_quiet(
    session: RoutedSession,
    now: datetime,
    active_before: datetime,
    others_before: datetime,
    limit: int,
) -> list[str]:
    """Stripe ids of accounts nobody has asked about for long, marked as asked now."""
    rows = session.execute(
        _TAKE_QUIET,
        {
            "now": now,
            "active_before": active_before,
            "others_before": others_before,
            "limit": limit,
        },
    )
    return [row.stripe_account_id for row in rows]
