"""Agencies and their people. Group: rds."""

from uuid import UUID

from sqlalchemy import select

from ecosystem.database.tables import Agency, TravelAgent
from ecosystem.database.unit_of_work import RoutedSession


def agency(session: RoutedSession, agency_id: UUID) -> Agency | None:
    return session.get(Agency, agency_id)


def people(session: RoutedSession, agency_id: UUID) -> list[TravelAgent]:
    """The active people of an agency, by name."""
    return list(
        session.execute(
            select(TravelAgent)
            .where(TravelAgent.agency_id == agency_id, TravelAgent.disabled_at.is_(None))  # type: ignore[union-attr]
            .order_by(TravelAgent.full_name, TravelAgent.id)
        ).scalars()
    )
