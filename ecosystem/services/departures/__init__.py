"""An operator's own departures: the calendar, adding by rule, changing many at once."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import audit, catalogue
from ecosystem.database.queries import departures as queries
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import (
    Created,
    OwnDeparture,
    PackageFacts,
    Plan,
    Refusal,
    RefusalReason,
)
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.services.departures.forms import (
    MOST_AT_ONCE,
    DepartureChange,
    RuleForm,
    Selection,
)
from ecosystem.services.departures.planning import FURTHEST, Trip
from ecosystem.services.departures.rooms import sells_every_room
from ecosystem.services.departures.views import (
    departed,
    no_departure,
    own_departure,
    package_facts,
)
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.package_turns import PackageTurns
from ecosystem.services.ports import Clock

MOST_LISTED = 1000
MOST_SUGGESTED = 20


class Departures:
    """Everything is fetched by operator and id together.

    ``lock`` is off only in the controls of the race suite, which must then go below what
    is sold, and add departures in a currency that their package has left.
    """

    def __init__(self, database: Database, clock: Clock, *, lock: bool = True) -> None:
        self._database = database
        self._clock = clock
        self._lock = lock
        self._turns = PackageTurns(database)

    def between(
        self, actor: Actor, first: date, last: date, package_id: UUID | None = None
    ) -> tuple[OwnDeparture, ...]:
        """The operator's departures that start from ``first`` to ``last``, soonest first.

        At most ``MOST_LISTED``. A package that is not the operator's has none.
        Raises ``Forbidden``.
        """
        operator_id = operator_of(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = queries.between(session, operator_id, first, last, now, MOST_LISTED, package_id)
        return self._views(rows, now)

    def get(self, actor: Actor, departure_id: UUID) -> OwnDeparture:
        """One of the operator's own. Raises ``NotFound``."""
        return self._by_id(operator_of(actor), [departure_id])[0]

    def of_package(self, actor: Actor, package_id: UUID) -> tuple[OwnDeparture, ...]:
        """The departures to come of one of the operator's packages. Raises ``NotFound``."""
        self._trip(operator_of(actor), package_id)
        today = self._clock.now().date()
        return self.between(actor, today, today + FURTHEST, package_id)

    def packages(self, actor: Actor, words: str = "") -> tuple[PackageFacts, ...]:
        """The operator's packages whose title has ``words``, latest change first, at most 20."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            rows, _ = catalogue.packages_of(
                session, operator_id, limit=MOST_SUGGESTED, offset=0, words=words.strip()
            )
        return tuple(package_facts(row) for row in rows)

    def package(self, actor: Actor, package_id: UUID) -> PackageFacts:
        """One of the operator's packages. Raises ``NotFound``."""
        return package_facts(self._trip(operator_of(actor), package_id).package)

    def trips(self, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Trip]:
        """Those of ``ids`` that are the operator's, as far as departures need them."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            rows = [
                package
                for package in catalogue.packages(session, ids)
                if package.operator_id == operator_id
            ]
            zones: dict[UUID, str] = {}
            for city in catalogue.cities(session, [package.id for package in rows]):
                zones.setdefault(city.package_id, city.timezone)
        return {package.id: Trip(package, zones.get(package.id, "")) for package in rows}

    def starting(
        self, actor: Actor, package_ids: Sequence[UUID], days: Sequence[date]
    ) -> dict[tuple[UUID, date], OwnDeparture]:
        """The operator's departures of these packages on these days. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = queries.starting(session, operator_id, package_ids, days, now)
        return {(row.package_id, row.starts_on): row for row in self._views(rows, now)}

    def plan(self, actor: Actor, package_id: UUID, form: RuleForm) -> Plan:
        """What ``create`` would do now. Writes nothing; raises as ``create`` does."""
        trip = self._trip(operator_of(actor), package_id)
        days = trip.days(form, self._clock.now())
        with self._database.unit(RDS) as session:
            existing = queries.starts_among(session, package_id, days)
        known = set(existing)
        price = trip.base_price
        return Plan(
            package_title=trip.package.title,
            nights=trip.package.nights,
            price=price if form.price is None else Money(form.price, price.currency),
            new=tuple(day for day in days if day not in known),
            existing=tuple(existing),
        )

    def create(self, actor: Actor, package_id: UUID, form: RuleForm) -> Created:
        """Add the departures of a rule; days on which there is one already stay as they are.

        All or nothing, and doing it twice changes nothing: package and start are unique.
        They end after the package's nights and are in its first city's zone.

        Raises:
            NotFound: not one of the operator's packages.
            Invalid: no day at all, past days, more than 500, a price at which a room would
                cost nothing, or ``no_city``: a package without a city has no time zone.
            Unavailable: too many packages are being changed.
        """
        operator_id = editing(actor)
        now = self._clock.now()
        # The package must not get another currency or other cities between look and write.
        turn = self._turns.alone(package_id) if self._lock else self._database.unit(RDS)
        with turn as session:
            trip = self._trip(operator_id, package_id)
            days = trip.days(form, now)
            package = trip.package
            rows = [
                {
                    "id": uuid7(),
                    "package_id": package_id,
                    "operator_id": operator_id,
                    "starts_on": day,
                    "ends_on": day + timedelta(days=package.nights),
                    "timezone": trip.timezone,
                    "capacity": form.capacity,
                    "currency": package.currency,
                    "price_minor": form.price,
                }
                for day in days
            ]
            made = queries.add(session, rows)
            found = queries.by_id(session, operator_id, made, now)
            if made:
                audit.record(
                    session,
                    actor,
                    "departures.created",
                    "package",
                    package_id,
                    rule=form.model_dump(mode="json"),
                    starts=[str(row.starts_on) for row in found],
                )
        new = {row.starts_on for row in found}
        return Created(self._views(found, now), tuple(day for day in days if day not in new))

    def change(
        self, actor: Actor, selection: Selection, change: DepartureChange
    ) -> tuple[OwnDeparture, ...]:
        """Change capacity, price or status of many at once: all of them or none.

        Raises:
            NotFound: one of them is not the operator's, or there is none.
            Invalid: nothing to change, a price for departures in several currencies, or one
                at which a room would cost nothing.
            Conflict: ``departures_refused``; ``refusals`` says which of them and why.
        """
        operator_id = editing(actor)
        values = change.values()
        if not values:
            raise Invalid("There is nothing to change: give seats, a price or a status.")
        seats = change.capacity

        def fits(row: Any) -> RefusalReason | None:
            if seats is not None and seats < row.sold + row.held:
                return "below_sold"
            return None

        with self._database.unit(RDS) as session:
            rows = self._locked(session, operator_id, selection)
            if change.price is not None and len({row.currency for row in rows}) > 1:
                raise Invalid.one(
                    "price",
                    "These departures are in several currencies. Set the price for one"
                    " package at a time.",
                )
            if change.price is not None:
                with self._database.unit(PACKAGES) as packages:
                    for package in catalogue.packages(packages, [*{r.package_id for r in rows}]):
                        sells_every_room(package, change.price)
            self._refuse(rows, fits)
            ids = [row.id for row in rows]
            queries.change(session, ids, values, self._clock.now())
            audit.record(
                session,
                actor,
                "departures.changed",
                "operator",
                operator_id,
                new=values,
                old=[
                    {
                        "id": str(row.id),
                        "starts_on": str(row.starts_on),
                        **{name: getattr(row, name) for name in values},
                    }
                    for row in rows
                ],
            )
        return self._by_id(operator_id, ids)

    def remove(self, actor: Actor, selection: Selection) -> int:
        """Delete departures that nobody ever booked or holds: all of them or none; how many.

        Raises:
            NotFound: one of them is not the operator's, or there is none.
            Conflict: ``departures_refused``; ``refusals`` says which of them and why.
        """
        operator_id = editing(actor)
        with self._database.unit(RDS) as session:
            rows = self._locked(session, operator_id, selection)
            ids = [row.id for row in rows]
            booked = queries.booked(session, ids)

            def unused(row: Any) -> RefusalReason | None:
                return "booked" if row.id in booked or row.sold else "held" if row.held else None

            self._refuse(rows, unused)
            queries.remove(session, ids)
            audit.record(
                session,
                actor,
                "departures.deleted",
                "operator",
                operator_id,
                old=[
                    {
                        "id": str(row.id),
                        "package_id": str(row.package_id),
                        "starts_on": str(row.starts_on),
                        "capacity": row.capacity,
                    }
                    for row in rows
                ],
            )
        return len(ids)

    def _locked(
        self, session: RoutedSession, operator_id: UUID, selection: Selection
    ) -> Sequence[Any]:
        """The selected departures with their rows locked, then counted by another statement:
        it sees what a hold that we waited for has committed."""
        ids = list(selection.departure_ids)
        if selection.package_id and selection.first and selection.last:
            today = self._clock.now().date()
            ids = queries.ids_between(
                session,
                operator_id,
                selection.package_id,
                max(selection.first, today),
                selection.last,
                MOST_AT_ONCE + 1,
            )
        if len(ids) > MOST_AT_ONCE:
            raise Invalid(f"Change at most {MOST_AT_ONCE} departures at once.")
        if self._lock and queries.lock(session, operator_id, ids) != len(ids):
            raise no_departure()
        rows = queries.by_id(session, operator_id, ids, self._clock.now())
        if not rows or len(rows) != len(ids):
            raise no_departure()
        return rows

    def _refuse(self, rows: Sequence[Any], why: Callable[[Any], RefusalReason | None]) -> None:
        """Raise ``Conflict`` with all that refuse, if any does."""
        now = self._clock.now()
        refusing: list[tuple[Any, RefusalReason]] = []
        for row in rows:
            reason: RefusalReason | None = "departed" if departed(row, now) else why(row)
            if reason is not None:
                refusing.append((row, reason))
        if not refusing:
            return
        titles = self._titles([row.package_id for row, _ in refusing])
        refusals = [
            Refusal(
                departure_id=row.id,
                package_title=titles[row.package_id][0],
                starts_on=row.starts_on,
                reason=reason,
                sold=row.sold,
                held=row.held,
            )
            for row, reason in refusing
        ]
        first = refusals[0]
        others = f" and {len(refusals) - 1} more" if len(refusals) > 1 else ""
        raise Conflict(
            f"Nothing was changed. {first.starts_on.isoformat()}: {first.sentence}{others}.",
            code="departures_refused",
            refusals=[refusal.as_json() for refusal in refusals],
        )

    def _trip(self, operator_id: UUID, package_id: UUID) -> Trip:
        """One of the operator's packages. Raises ``NotFound``."""
        with self._database.unit(PACKAGES) as session:
            package = catalogue.owned_package(session, operator_id, package_id)
            if package is None:
                raise NotFound("This package does not exist.", code="package_not_found")
            cities = catalogue.cities(session, [package_id])
        return Trip(package, cities[0].timezone if cities else "")

    def _by_id(self, operator_id: UUID, ids: Sequence[UUID]) -> tuple[OwnDeparture, ...]:
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = queries.by_id(session, operator_id, ids, now)
        if len(rows) != len(ids):
            raise no_departure()
        return self._views(rows, now)

    def _titles(self, package_ids: Sequence[UUID]) -> dict[UUID, tuple[str, Money]]:
        """Title and price per adult by package."""
        if not package_ids:
            return {}
        with self._database.unit(PACKAGES) as session:
            found = catalogue.packages(session, sorted(set(package_ids)))
        known = {
            row.id: (row.title, Money.from_decimal(row.base_price, row.currency)) for row in found
        }
        return {
            key: known.get(key, ("A package that was deleted", Money.zero("EUR")))
            for key in package_ids
        }

    def _views(self, rows: Sequence[Any], now: datetime) -> tuple[OwnDeparture, ...]:
        packages = self._titles([row.package_id for row in rows])
        return tuple(own_departure(row, *packages[row.package_id], now) for row in rows)
