"""Contracts between operators and agencies. Group: rds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select, text, update

from ecosystem.database.tables import Agency, AgencyContract
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.agency_terms import AgencyModel, AgencyTerms, by_package
from ecosystem.domain.contracts import NEEDS_VERIFICATION
from ecosystem.domain.money import Money


def terms(
    session: RoutedSession,
    *,
    operator_id: UUID,
    agency_id: UUID,
    day: date,
    package_percent: Decimal,
) -> AgencyTerms:
    """How an agency earns on an operator's trip that it sells on ``day``.

    What the package says, ``package_percent``, where no contract holds, and also where one holds
    that only a verified agency may use, and the agency is not verified (any more).
    """
    return terms_of_many(session, agency_id, day, {operator_id: (operator_id, package_percent)})[
        operator_id
    ]


def terms_of_many(
    session: RoutedSession,
    agency_id: UUID,
    day: date,
    packages: Mapping[UUID, tuple[UUID, Decimal]],
) -> dict[UUID, AgencyTerms]:
    """``terms`` of many packages at once, in one query: by each one's operator and percentage."""
    operators = {operator_id for operator_id, _ in packages.values()}
    held: dict[UUID, AgencyTerms] = {}
    verified = False
    if operators:
        rows = session.execute(
            select(AgencyContract, Agency.verification)  # type: ignore[call-overload]
            .join(Agency, Agency.id == AgencyContract.agency_id)  # type: ignore[arg-type]
            .where(
                AgencyContract.agency_id == agency_id,
                AgencyContract.operator_id.in_(operators),  # type: ignore[attr-defined]
                holds(day),
            )
            .order_by(AgencyContract.answered_at, AgencyContract.id)
        )
        for contract, verification in rows:
            held[contract.operator_id] = of(contract)
            verified = verification == "verified"
    return {
        key: agreed
        if (agreed := held.get(operator_id))
        and (verified or agreed.model not in NEEDS_VERIFICATION)
        else by_package(percent)
        for key, (operator_id, percent) in packages.items()
    }


def of(contract: AgencyContract) -> AgencyTerms:
    """What a contract says."""
    credit = contract.credit_minor
    return AgencyTerms(
        cast(AgencyModel, contract.model),
        contract.percent,
        contract.days,
        None if credit is None else Money(credit, contract.currency),
        contract.id,
    )


def holds(day: date) -> ColumnElement[bool]:
    """Contracts in force on a day: one that was ended holds until its last day."""
    table = AgencyContract
    return (
        table.state.in_(("active", "ended"))  # type: ignore[attr-defined]
        & (table.starts_on <= day)  # type: ignore[operator]
        & or_(table.ends_on.is_(None), table.ends_on >= day)  # type: ignore[union-attr,operator]
    )


def lock(session: RoutedSession, operator_id: UUID, agency_id: UUID) -> None:
    """Let only one change what a pair has agreed on at a time."""
    pair = f"{operator_id}{agency_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(pair, 12))))


def contract(session: RoutedSession, contract_id: UUID, **owner: UUID) -> AgencyContract | None:
    """A contract of its ``operator_id`` or ``agency_id``; nobody else's exists."""
    return session.scalars(
        select(AgencyContract)
        .where(AgencyContract.id == contract_id)
        .filter_by(**owner)
        .execution_options(populate_existing=True)
    ).first()


def listed(session: RoutedSession, limit: int, **owner: UUID) -> Sequence[AgencyContract]:
    """Contracts of an ``operator_id`` and/or ``agency_id``, newest offer first."""
    return session.scalars(
        select(AgencyContract)
        .filter_by(**owner)
        .order_by(AgencyContract.offered_at.desc(), AgencyContract.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    ).all()


def add(session: RoutedSession, row: AgencyContract) -> None:
    """Keep a new offer."""
    session.add(row)
    session.flush()


def change(session: RoutedSession, contract_id: UUID, **values: Any) -> None:
    """Write columns of a contract."""
    session.execute(
        update(AgencyContract)
        .where(AgencyContract.id == contract_id)  # type: ignore[arg-type]
        .values(**values, version=AgencyContract.version + 1)
    )


def parties(session: RoutedSession, agency_ids: Iterable[UUID]) -> dict[UUID, Agency]:
    """Agencies by their ids."""
    rows = session.scalars(select(Agency).where(Agency.id.in_(set(agency_ids))))  # type: ignore[attr-defined]
    return {row.id: row for row in rows}


def sold_by(
    session: RoutedSession, operator_id: UUID, agency_id: UUID | None = None
) -> Sequence[Row[Any]]:
    """What agencies sold of an operator's trips: ``agency_id currency bookings minor last``.

    Confirmed bookings that were not cancelled, a row for each agency and currency.
    """
    return session.execute(_SOLD_BY, {"operator": operator_id, "agency": agency_id}).all()


_SOLD_BY = text("""
    select agency_id, currency, count(*)::int as bookings, sum(total_minor)::bigint as minor,
           max(confirmed_at) as last
    from bookings
    where operator_id = :operator and status in ('confirmed', 'completed')
      and agency_id is not null
      and (cast(:agency as uuid) is null or agency_id = :agency)
    group by agency_id, currency
    order by agency_id, minor desc, currency
""")
