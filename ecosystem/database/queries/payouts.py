"""Connected accounts of operators and agencies. Group: rds."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import PayoutAccount
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7


def account_of(session: RoutedSession, party: str, party_id: UUID) -> PayoutAccount | None:
    """``party`` is ``operator`` or ``agency``."""
    return session.execute(
        select(PayoutAccount).where(
            PayoutAccount.party == party, PayoutAccount.party_id == party_id
        )
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


def set_transfers_active(
    session: RoutedSession, stripe_account_id: str, active: bool
) -> PayoutAccount | None:
    """Remember what Stripe says of an account; None if it isn't one of ours."""
    return session.execute(
        update(PayoutAccount)
        .where(PayoutAccount.stripe_account_id == stripe_account_id)
        .values(transfers_active=active)
        .returning(PayoutAccount)
    ).scalar_one_or_none()
