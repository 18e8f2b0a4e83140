"""People of Supabase Auth (schema ``auth``, read only), and the operators' users."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text

from ecosystem.database.tables import User
from ecosystem.database.unit_of_work import RoutedSession


class FormerAccount(NamedTuple):
    """``reason`` says why this person can't move by signing in; empty when she can."""

    id: UUID
    email: str
    reason: str


def everyone(connection: Connection) -> list[FormerAccount]:
    """Everybody who is not deleted; the first reason that keeps her from moving."""
    rows = connection.execute(
        text(
            """
            select u.id, coalesce(lower(u.email), '') as email,
                   case when u.banned_until > now() then 'banned'
                        when u.email_confirmed_at is null then 'unconfirmed'
                        when coalesce(u.encrypted_password, '') = '' then 'no_password'
                        when exists (select from auth.mfa_factors f
                                      where f.user_id = u.id and f.status = 'verified')
                        then 'second_factor'
                        else '' end as reason
              from auth.users u
             where u.deleted_at is null and not u.is_anonymous
            """
        )
    )
    return [FormerAccount(*row) for row in rows]


def user_ids(session: RoutedSession) -> set[UUID]:
    """The ids of all people of operators. Group: accounts."""
    return set(session.scalars(select(User.id)))
