"""The change log in the database that has authority over the operators' tables.

A batch is read, the *current* rows of its keys are applied elsewhere, and then
exactly the rows of that batch are deleted: identities become visible out of
order, so nothing is ever skipped by a cursor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from ecosystem.database.unit_of_work import RoutedSession


def pending(session: RoutedSession | Connection, consumer: str, limit: int) -> list[Row[Any]]:
    """The oldest visible log rows of a consumer: ``seq``, ``tbl``, ``pk``, ``at``."""
    return list(
        session.execute(
            text(
                "select seq, tbl, pk, at from migration_changes where consumer = :consumer"
                " order by seq limit :limit"
            ),
            {"consumer": consumer, "limit": limit},
        ).all()
    )


def waiting(
    session: RoutedSession | Connection, consumer: str, tbl: str, keys: Sequence[UUID]
) -> set[UUID]:
    """Which of these keys of a table a consumer has not dealt with yet."""
    rows = session.execute(
        text(
            "select distinct pk from migration_changes"
            " where consumer = :consumer and tbl = :tbl and pk = any(:keys)"
        ),
        {"consumer": consumer, "tbl": tbl, "keys": list(keys)},
    )
    return {row.pk for row in rows}


def backlog(session: RoutedSession | Connection, consumer: str) -> tuple[int, datetime | None]:
    """How many log rows wait for a consumer, and when the oldest was written."""
    row = session.execute(
        text(
            "select count(*) as n, min(at) as at from migration_changes where consumer = :consumer"
        ),
        {"consumer": consumer},
    ).one()
    return row.n, row.at


def forget(session: RoutedSession | Connection, seqs: Sequence[int]) -> None:
    """Delete exactly the log rows that have been dealt with."""
    session.execute(
        text("delete from migration_changes where seq = any(:seqs)"), {"seqs": list(seqs)}
    )


def packages_of_cities(session: RoutedSession, city_ids: Sequence[UUID]) -> set[UUID]:
    """Which packages these stays belong to now."""
    rows = session.execute(
        text(
            "select distinct package_id from multi_city_hotel_package_cities where id = any(:ids)"
        ),
        {"ids": list(city_ids)},
    )
    return {row.package_id for row in rows}


def packages_of_operators(session: RoutedSession, operator_ids: Sequence[UUID]) -> set[UUID]:
    rows = session.execute(
        text("select id from multi_city_hotel_packages where operator_id = any(:ids)"),
        {"ids": list(operator_ids)},
    )
    return {row.id for row in rows}
