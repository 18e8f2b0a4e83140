"""People of Supabase Auth (schema ``auth``, read only), and the operators' users."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text

from ecosystem.database.tables import User
from ecosystem.database.unit_of_work import RoutedSession


class FormerAccount(NamedTuple):
    """``reason`` says why this person does not move by signing in alone; empty when she does."""

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


def blocked(connection: Connection) -> list[UUID]:
    """Who is blocked now, or deleted and still known."""
    return list(
        connection.scalars(
            text(
                "select id from auth.users"
                " where banned_until > now() or deleted_at is not null order by id"
            )
        )
    )


def free(connection: Connection, ids: list[UUID]) -> list[UUID]:
    """Which of these people are known, not deleted and not blocked."""
    return list(
        connection.scalars(
            text(
                "select id from auth.users where id = any(:ids) and deleted_at is null"
                " and coalesce(banned_until <= now(), true)"
            ),
            {"ids": ids},
        )
    )


def emails(session: RoutedSession, ids: list[UUID]) -> dict[UUID, str]:
    """The addresses of those who are people of operators. Group: accounts."""
    rows = session.execute(select(User.id, User.email).where(User.id.in_(ids)))  # type: ignore[attr-defined,call-overload]
    return {row.id: row.email for row in rows}
