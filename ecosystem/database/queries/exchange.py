"""The day's exchange rates. Group: rds."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import ExchangeRate
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.currencies import DayRates


def last_fetch(session: RoutedSession) -> datetime | None:
    """When rates last came in, whatever day they were of."""
    return session.execute(select(func.max(ExchangeRate.fetched_at))).scalar_one()


def latest(session: RoutedSession) -> DayRates | None:
    """The rates of the newest day; None before any came in."""
    day: date | None = session.execute(select(func.max(ExchangeRate.day))).scalar_one()
    if day is None:
        return None
    rows = session.execute(
        select(ExchangeRate.currency, ExchangeRate.per_euro).where(ExchangeRate.day == day)  # type: ignore[call-overload]
    ).all()
    return DayRates(day, {row.currency: Decimal(row.per_euro) for row in rows})


def put(session: RoutedSession, rates: DayRates, now: datetime) -> None:
    """Keep a day's rates; ones that were there are corrected, as the bank may do."""
    statement = insert(ExchangeRate).values(
        [
            {"day": rates.day, "currency": currency, "per_euro": rate, "fetched_at": now}
            for currency, rate in sorted(rates.per_euro.items())
        ]
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "currency"],
            set_={
                "per_euro": statement.excluded.per_euro,
                "fetched_at": statement.excluded.fetched_at,
            },
        )
    )
