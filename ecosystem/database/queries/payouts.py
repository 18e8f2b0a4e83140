"""Connected accounts of operators and agencies. Group: rds."""

from uuid import UUID

from sqlalchemy import select, update

from ecosystem.database.tables import PayoutAccount
from ecosystem.database.unit_of_work import RoutedSession


def account_of(session: RoutedSession, party: str, party_id: UUID) -> PayoutAccount | None:
    """``party`` is ``operator`` or ``agency``."""
    return session.execute(
        select(PayoutAccount).where(
            PayoutAccount.party == party, PayoutAccount.party_id == party_id
        )
    ).scalar_one_or_none()


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
