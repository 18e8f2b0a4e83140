"""Departures out of a file: one record, one start date of a package."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGES
from ecosystem.database.queries import package_content as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import OwnDeparture
from ecosystem.domain.drafts import words_of_amount
from ecosystem.domain.errors import EcosystemError, FieldError, Invalid, Unavailable
from ecosystem.services.departures import Departures
from ecosystem.services.departures.forms import DepartureChange, DepartureForm, Selection
from ecosystem.services.departures.planning import Trip
from ecosystem.services.forms import parse
from ecosystem.services.imports.judging import Subject, Verdict, as_day, wrong
from ecosystem.services.imports.package_cells import Row
from ecosystem.services.operator_access import operator_of
from ecosystem.services.places import Places
from ecosystem.services.ports import Clock

COLUMNS = ("package", "starts_on", "capacity", "price", "status")


@dataclass(frozen=True)
class _There:
    """What the operator has of a batch's departures. ``by_slug``: None is somebody else's."""

    by_slug: Mapping[str, UUID | None]
    trips: Mapping[UUID, Trip]
    departures: Mapping[tuple[UUID, date], OwnDeparture]

    def trip(self, written: str) -> Trip:
        """The package that a cell names. Raises ``Invalid``."""
        if not written:
            raise Invalid.one("package", "This is missing.")
        package_id = self.by_slug.get(written) or _uuid(written)
        if package_id is None or package_id not in self.trips:
            raise Invalid.one("package", "You have no package with this slug.")
        return self.trips[package_id]


class DepartureJudge:
    """Matches by package (its slug or id) and the day it starts on."""

    def __init__(
        self, database: Database, departures: Departures, places: Places, clock: Clock
    ) -> None:
        self._database = database
        self._departures = departures
        self._places = places
        self._clock = clock

    def looked(self, actor: Actor, subjects: Sequence[Subject]) -> Callable[[Subject], Verdict]:
        there = self._there(actor, subjects)
        return lambda subject: self._judge(there, subject)

    def _judge(self, there: _There, subject: Subject) -> Verdict:
        try:
            trip, wanted, status = self._read(there, subject)
            package_id = trip.package.id
            known = there.departures.get((package_id, wanted.starts_on))
            if known is None:
                trip.days(wanted.as_rule(), self._clock.now())
                return Verdict("create", package_id=package_id)
        except Invalid as error:
            return wrong(error, {"first": "starts_on", "last": "starts_on"})
        except Unavailable:
            raise
        except EcosystemError as error:
            return Verdict("wrong", (FieldError("", error.detail),))
        changes = _changes(known, wanted, status)
        taken = known.sold + known.held
        if changes and known.departed:
            return Verdict("wrong", (FieldError("starts_on", "It has departed: it stays."),))
        if wanted.capacity < taken:
            return Verdict("wrong", (FieldError("capacity", f"{taken} seats are taken already."),))
        return Verdict("change" if changes else "same", tuple(changes), package_id=package_id)

    def carry_out(self, actor: Actor, subject: Subject, checked: Verdict) -> None:
        there = self._there(actor, [subject])
        trip, wanted, status = self._read(there, subject)
        which = (trip.package.id, wanted.starts_on)
        known = there.departures.get(which)
        if known is None:
            self._departures.create(actor, trip.package.id, wanted.as_rule())
            known = self._departures.starting(actor, which[:1], which[1:]).get(which)
        if known is None or not _changes(known, wanted, status):
            return
        change: dict[str, Any] = {
            "capacity": wanted.capacity, "price": wanted.price, "status": status
        }  # fmt: skip
        self._departures.change(
            actor,
            Selection(departure_ids=frozenset([known.id])),
            DepartureChange.model_validate(change),
        )

    def _there(self, actor: Actor, subjects: Sequence[Subject]) -> _There:
        written = sorted({_written(subject) for subject in subjects} - {""})
        with self._database.unit(PACKAGES) as session:
            by_slug = queries.by_slugs(session, operator_of(actor), written)
        ids = {known for known in by_slug.values() if known}
        ids |= {known for name in written if (known := _uuid(name))}
        days = {day for subject in subjects if (day := as_day(subject.values.get("starts_on", "")))}
        trips = self._departures.trips(actor, sorted(ids))
        departures = self._departures.starting(actor, list(trips), sorted(days))
        return _There(by_slug, trips, departures)

    def _read(self, there: _There, subject: Subject) -> tuple[Trip, DepartureForm, str]:
        unknown = [name for name in subject.values if name not in COLUMNS]
        if unknown:
            raise Invalid.one(str(unknown[0])[:60], "This field is not known here.")
        trip = there.trip(_written(subject))
        currency = trip.package.currency
        values: dict[str, Any] = dict(subject.values)
        failures: list[FieldError] = []
        if subject.format == "csv":
            cells = {name: str(value) for name, value in values.items()}
            row = Row(cells, currency, self._places, decimal_comma=subject.decimal_comma)
            values = {**values, **row.departure()}
            failures = row.wrong
        day = as_day(values.get("starts_on", ""))
        if day is None:
            failures.append(FieldError("starts_on", "Write a day like 2027-05-28."))
        status = str(values.get("status") or "open").strip().lower()
        if status not in ("open", "closed"):
            failures.append(FieldError("status", "Choose one of: open, closed."))
        if failures:
            raise Invalid("Some cells can't be read.", fields=tuple(failures))
        sent = {"starts_on": day, "capacity": values.get("capacity"), "price": values.get("price")}
        return trip, parse(DepartureForm, sent), status


def _written(subject: Subject) -> str:
    return str(subject.values.get("package") or "").strip()


def _uuid(written: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(written)
    return None


def _changes(known: OwnDeparture, wanted: DepartureForm, status: str) -> list[FieldError]:
    found: list[FieldError] = []
    if known.capacity != wanted.capacity:
        found.append(FieldError("Seats", f"{known.capacity} → {wanted.capacity}"))
    was = known.price.minor if known.own_price else None
    if was != wanted.price:
        currency = known.price.currency
        now = "the package's" if wanted.price is None else words_of_amount(wanted.price, currency)
        old = "the package's" if was is None else words_of_amount(was, currency)
        found.append(FieldError("Price per adult", f"{old} → {now}"))
    is_now = "closed" if known.closed else "open"
    if is_now != status:
        found.append(FieldError("Status", f"{is_now} → {status}"))
    return found
