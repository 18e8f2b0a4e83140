"""An operator's day: takings, who travels, how full it is, and what waits for somebody."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import catalogue, desks, payouts
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import (
    LackingPackage,
    MonthSeats,
    NextDeparture,
    OperatorOverview,
    Travel,
    UnreadBooking,
)
from ecosystem.services.agency_desk import (
    month_start,
    months_back,
    sold_by_currency,
    twelve_months,
)
from ecosystem.services.operator_access import operator_of
from ecosystem.services.operator_bookings import OperatorBookings
from ecosystem.services.ports import Clock

SOON_DAYS = 14
NEXT_DEPARTURES = 8
MONTHS_AHEAD = 6
FEW_SEATS = 3
NEAR = timedelta(days=120)
LINES = 4


class Overview:
    """Only the caller's own operator is ever read."""

    def __init__(self, database: Database, bookings: OperatorBookings, clock: Clock) -> None:
        self._database = database
        self._bookings = bookings
        self._clock = clock

    def of(self, actor: Actor) -> OperatorOverview:
        """The day of the actor's operator. Months are UTC; "soon" is within fourteen days.

        Raises ``Forbidden``.
        """
        operator_id = operator_of(actor)
        now = self._clock.now()
        today = now.date()
        month = month_start(now)
        before = months_back(month, 1)
        ahead = months_back(month, -MONTHS_AHEAD)
        with self._database.unit(RDS) as session:
            sold = desks.sold(session, "operator", operator_id, month, now)
            # As far into last month as this one has come, or the figures can't be compared.
            until = min(before + (now - month), month)
            sold_before = desks.sold(session, "operator", operator_id, before, until)
            travel = desks.travel(session, "operator", operator_id, now, SOON_DAYS)
            months = desks.months(session, "operator", operator_id, months_back(month, 11))
            seats = desks.seats_by_month(session, operator_id, month.date(), ahead.date())
            # Who leaves today has left, as the calendar of departures says too.
            tomorrow = today + timedelta(days=1)
            next_up = desks.next_departures(session, operator_id, tomorrow, NEXT_DEPARTURES)
            full = desks.nearly_full(session, operator_id, today, today + NEAR, FEW_SEATS, LINES)
            on_sale = desks.packages_on_sale(session, operator_id, today)
            account = payouts.account_of(session, "operator", operator_id)
        with self._database.unit(PACKAGES) as session:
            shown = {row.package_id for row in (*next_up, *full)}
            packages = catalogue.packages(session, sorted(shown)) if shown else []
            lacking, lacking_total = catalogue.lacking(session, operator_id, sorted(on_sale), LINES)
        titles = {package.id: package.title for package in packages}
        return OperatorOverview(
            today=today,
            sold=sold_by_currency(sold),
            sold_before=sold_by_currency(sold_before),
            travel=Travel(**travel._mapping),
            months=twelve_months(months, months_back(month, 11)),
            seats=_six_months(seats, month),
            departures=_departures(next_up, titles),
            nearly_full=_departures(full, titles),
            unread=tuple(
                UnreadBooking(one.row.reference, one.row.lead_name, one.row.title, one.unread)
                for one in self._bookings.unread(actor, LINES)
            ),
            lacking=tuple(
                LackingPackage(
                    one.id, one.title, "draft" if one.status == "draft" else "no_departure"
                )
                for one in lacking
            ),
            lacking_total=lacking_total,
            payouts_active=account is not None and account.transfers_active,
        )


def _departures(rows: Iterable[Any], titles: dict[UUID, str]) -> tuple[NextDeparture, ...]:
    return tuple(
        NextDeparture(
            id=row.id,
            package_id=row.package_id,
            title=titles.get(row.package_id, ""),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            capacity=row.capacity,
            sold=row.sold,
            open=row.status == "open",
        )
        for row in rows
    )


def _six_months(rows: Sequence[Any], first: datetime) -> tuple[MonthSeats, ...]:
    """The months from this one on, with zeros where nothing departs; empty if nothing does."""
    known = {row.month: row for row in rows}
    months = [months_back(first, -number).date() for number in range(MONTHS_AHEAD)]
    if not known:
        return ()
    return tuple(
        MonthSeats(month, known[month].capacity, known[month].sold)
        if month in known
        else MonthSeats(month, 0, 0)
        for month in months
    )
