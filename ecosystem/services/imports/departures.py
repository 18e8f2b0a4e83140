"""Departures out of a file: one record, one start date of a package."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGES
from ecosystem.database.queries import package_content as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import OwnDeparture
from ecosystem.domain.drafts import words_of_amount
from ecosystem.domain.errors import EcosystemError, FieldError, Invalid, NotFound, Unavailable
from ecosystem.services.departures import Departures
from ecosystem.services.departures.forms import DepartureChange, DepartureForm, Selection
from ecosystem.services.forms import parse
from ecosystem.services.imports.judging import Subject, Verdict, as_day, wrong
from ecosystem.services.imports.package_cells import Row
from ecosystem.services.operator_access import operator_of
from ecosystem.services.places import Places

COLUMNS = ("package", "starts_on", "capacity", "price", "status")


class DepartureJudge:
    """Matches by package (its slug or id) and the day it starts on."""

    def __init__(self, database: Database, departures: Departures, places: Places) -> None:
        self._database = database
        self._departures = departures
        self._places = places

    def judge(self, actor: Actor, subject: Subject) -> Verdict:
        try:
            package_id, wanted, status = self._read(actor, subject)
            known = self._known(actor, package_id, wanted)
            if known is None:
                self._departures.plan(actor, package_id, wanted.as_rule())
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
        package_id, wanted, status = self._read(actor, subject)
        known = self._known(actor, package_id, wanted)
        if known is None:
            self._departures.create(actor, package_id, wanted.as_rule())
            known = self._known(actor, package_id, wanted)
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

    def _read(self, actor: Actor, subject: Subject) -> tuple[UUID, DepartureForm, str]:
        unknown = [name for name in subject.values if name not in COLUMNS]
        if unknown:
            raise Invalid.one(str(unknown[0])[:60], "This field is not known here.")
        package_id, currency = self._package(actor, str(subject.values.get("package") or ""))
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
        return package_id, parse(DepartureForm, sent), status

    def _package(self, actor: Actor, written: str) -> tuple[UUID, str]:
        operator_id = operator_of(actor)
        slug = written.strip()
        if not slug:
            raise Invalid.one("package", "This is missing.")
        with self._database.unit(PACKAGES) as session:
            package_id = queries.by_slugs(session, operator_id, [slug]).get(slug)
        try:
            facts = self._departures.package(actor, package_id or UUID(slug))
        except (ValueError, NotFound):
            raise Invalid.one("package", "You have no package with this slug.") from None
        return facts.id, facts.price.currency

    def _known(self, actor: Actor, package_id: UUID, wanted: DepartureForm) -> OwnDeparture | None:
        day = wanted.starts_on
        found = self._departures.between(actor, day, day, package_id)
        return found[0] if found else None


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
