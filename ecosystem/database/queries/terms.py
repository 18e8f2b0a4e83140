"""Terms of operators: how they are paid, what stands on invoices, unpaid balances. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import OperatorTerms
from ecosystem.database.unit_of_work import RoutedSession


def of(session: RoutedSession, operator_id: UUID) -> OperatorTerms:
    """An operator's terms; the defaults, in a row that is not stored, if it has none."""
    return session.get(OperatorTerms, operator_id) or OperatorTerms(operator_id=operator_id)


def of_many(session: RoutedSession, operator_ids: Sequence[UUID]) -> dict[UUID, OperatorTerms]:
    """The terms of several operators, the defaults where there are none."""
    found = {
        row.operator_id: row
        for row in session.execute(
            select(OperatorTerms).where(OperatorTerms.operator_id.in_(operator_ids))  # type: ignore[attr-defined]
        ).scalars()
    }
    return {one: found.get(one) or OperatorTerms(operator_id=one) for one in operator_ids}


def change(
    session: RoutedSession, operator_id: UUID, seen: datetime | None, values: dict[str, Any]
) -> bool:
    """Change the terms that were read with ``seen`` (None: there were none); False: others did."""
    if seen is None:
        made = session.execute(
            insert(OperatorTerms)
            .values(operator_id=operator_id, **values)
            .on_conflict_do_nothing(index_elements=["operator_id"])
            .returning(OperatorTerms.operator_id)
        )
        return made.one_or_none() is not None
    changed = session.execute(
        update(OperatorTerms)
        .where(OperatorTerms.operator_id == operator_id, OperatorTerms.updated_at == seen)  # type: ignore[arg-type]
        .values(**values, updated_at=func.clock_timestamp())
        .returning(OperatorTerms.operator_id)
    )
    return changed.one_or_none() is not None
