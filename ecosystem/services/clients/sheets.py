"""Clients as a spreadsheet: out, and in again after every row was looked at.

A file is looked at without changing anything; carried out, everything that is right of it is
written in one transaction. Asked twice, the second time changes nothing: a new client's id is
made from the file and the row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, audit
from ecosystem.database.queries import clients as queries
from ecosystem.database.tables import Client
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import phone_key
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.errors import FieldError, Invalid, NotFound
from ecosystem.domain.folding import folded
from ecosystem.domain.ids import uuid7
from ecosystem.services.clients.desk import deciding, given_values, new_values
from ecosystem.services.clients.forms import ClientChange, ClientForm
from ecosystem.services.clients.record import keys, values_of
from ecosystem.services.forms import Form, parse
from ecosystem.services.imports.reading import Record, read, unreadable
from ecosystem.services.package_editor.forms import one_line
from ecosystem.services.ports import Clock, Files, UploadForm

COLUMNS = (
    "id", "name", "email", "phone", "country", "birth_date", "nationality", "address",
    "language", "preferences", "notes", "tags", "household", "agent", "consent", "consent_source",
)  # fmt: skip
MOST_BYTES = 4 * 1024**2
MOST_ROWS = 5_000
UPLOAD_TIME = timedelta(minutes=30)
BATCH = 500
TAG_MARK = ";"

Outcome = Literal["create", "change", "same", "wrong"]


class SheetForm(Form):
    """The file that is sent. ``size`` in bytes, as the sender says."""

    file_name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
    size: int = Field(default=1, ge=1, le=10**12, strict=True)


@dataclass(frozen=True)
class SheetUpload:
    """Where the browser posts the file."""

    id: UUID
    form: UploadForm


@dataclass(frozen=True)
class RowReport:
    """What a row does. ``row`` counts as the spreadsheet does, the heads being row 1."""

    row: int
    name: str
    outcome: Outcome
    client_id: UUID | None
    messages: tuple[FieldError, ...]


@dataclass(frozen=True)
class SheetReport:
    """Every row of a file, in its order. ``done``: it was carried out."""

    rows: tuple[RowReport, ...]
    done: bool

    def count(self, outcome: Outcome) -> int:
        """How many rows have it."""
        return sum(row.outcome == outcome for row in self.rows)


@dataclass(frozen=True)
class _Plan:
    """A row with what would be written: the columns of a new client, or of one that is there."""

    report: RowReport
    values: dict[str, Any]
    household: str | None
    old: Client | None = None


class ClientSheets:
    """Only the caller's own agency; files lie under its id."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def write(self, actor: Actor) -> str:
        """All clients as CSV, which can be edited and sent back. Raises ``Forbidden``."""
        agency_id, now = deciding(actor), self._clock.now()
        lines: list[list[Any]] = []
        after: tuple[str, UUID] | None = None
        condition = queries.wanted(agency_id)
        with self._database.unit(RDS) as session:
            emails = {one.id: one.email for one in agencies.people(session, agency_id)}
            while True:
                found = queries.rows(session, condition, today=now.date(), after=after, limit=BATCH)
                lines += [_cells(row[0], row.household, emails) for row in found]
                if len(found) < BATCH:
                    break
                after = (found[-1][0].name_key, found[-1][0].id)
            audit.record(session, actor, "client.all_exported", "agency", agency_id)
        return rows_to_csv(COLUMNS, lines)

    def send(self, actor: Actor, form: SheetForm) -> SheetUpload:
        """Where to post a file; then have it looked at.

        Raises:
            Invalid: ``unreadable_file``: it is too large.
        """
        agency_id = deciding(actor)
        if form.size > MOST_BYTES:
            raise _too_large()
        sheet_id = uuid7()
        return SheetUpload(
            sheet_id,
            self._files.presigned_post(
                _key(agency_id, sheet_id), "text/csv", MOST_BYTES, UPLOAD_TIME
            ),
        )

    def look(self, actor: Actor, sheet_id: UUID) -> SheetReport:
        """What each row of a file that was sent would do. Changes nothing.

        Raises:
            NotFound: ``file_not_found``: none was sent, or it was carried out already.
            Invalid: ``unreadable_file``.
        """
        agency_id = deciding(actor)
        records = self._records(agency_id, sheet_id)
        with self._database.unit(RDS) as session:
            plans = self._plans(session, actor, agency_id, sheet_id, records)
        return SheetReport(tuple(plan.report for plan in plans), done=False)

    def run(self, actor: Actor, sheet_id: UUID) -> SheetReport:
        """Carry out the rows that are right, all together, and forget the file.

        Raises:
            NotFound: ``file_not_found``.
            Invalid: ``unreadable_file``.
        """
        agency_id, now = deciding(actor), self._clock.now()
        records = self._records(agency_id, sheet_id)
        with self._database.unit(RDS) as session:
            plans = self._plans(session, actor, agency_id, sheet_id, records, lock=True)
            self._write(session, agency_id, plans, now)
            report = SheetReport(tuple(plan.report for plan in plans), done=True)
            audit.record(
                session, actor, "client.imported", "agency", agency_id,
                created=report.count("create"), changed=report.count("change"),
            )  # fmt: skip
        self._files.delete(_key(agency_id, sheet_id))
        return report

    def _records(self, agency_id: UUID, sheet_id: UUID) -> tuple[Record, ...]:
        key = _key(agency_id, sheet_id)
        stored = self._files.head(key)
        if stored is None:
            raise NotFound("This file has not arrived. Send it again.", code="file_not_found")
        if stored.size > MOST_BYTES:
            raise _too_large()
        table = read(self._files.get(key), "clients", "csv")
        if unknown := sorted(set(table.columns) - set(COLUMNS)):
            raise unreadable(
                f"There is no column “{unknown[0][:60]}”. Columns are: {', '.join(COLUMNS)}."
            )
        if not {"id", "name"} & set(table.columns):
            raise unreadable("A column “name” is needed.")
        if len(table.records) > MOST_ROWS:
            raise unreadable(f"There are more than {MOST_ROWS:,} rows. Split the file.")
        return table.records

    def _plans(
        self,
        session: RoutedSession,
        actor: Actor,
        agency_id: UUID,
        sheet_id: UUID,
        records: Iterable[Record],
        *,
        lock: bool = False,
    ) -> list[_Plan]:
        rows = list(records)
        people = {one.email: one.id for one in agencies.people(session, agency_id)}
        known = queries.matching(
            session,
            agency_id,
            ids=[one for one in (_id(_cell(row, "id")) for row in rows) if one],
            names=[folded(_cell(row, "name")) for row in rows],
            emails=[_cell(row, "email").lower() for row in rows if _cell(row, "email")],
            phones=[phone_key(_cell(row, "phone")) for row in rows if _cell(row, "phone")],
            lock=lock,
        )
        adds = actor.user_id if actor.user_id in people.values() else None
        planning = _Planning(known, people, agency_id, sheet_id, adds, self._clock.now())
        names = queries.household_names(session, {c.household_id for c in known})
        return [planning.plan(row.line, row, names) for row in rows]

    def _write(
        self, session: RoutedSession, agency_id: UUID, plans: list[_Plan], now: datetime
    ) -> None:
        homes: dict[str, UUID | None] = {"": None}
        for plan in plans:
            name = plan.household or ""
            if plan.report.outcome in ("create", "change") and folded(name) not in homes:
                homes[folded(name)] = queries.household(session, agency_id, name, folded(name))
        new = [
            plan.values | {"household_id": homes[folded(plan.household or "")]}
            for plan in plans
            if plan.report.outcome == "create"
        ]
        for first in range(0, len(new), BATCH):
            queries.add(session, new[first : first + BATCH])
        for plan in plans:
            if plan.report.outcome == "change" and plan.old is not None:
                values = plan.values
                if plan.household is not None:
                    values = values | {"household_id": homes[folded(plan.household)]}
                queries.change(session, plan.old.id, now, **values, **keys(values))


class _Planning:
    """Row after row; what an earlier row of the file does is known to the later ones."""

    def __init__(
        self,
        known: list[Client],
        people: dict[str, UUID],
        agency_id: UUID,
        sheet_id: UUID,
        actor_id: UUID | None,
        now: datetime,
    ) -> None:
        self._people = people
        self._agency_id, self._sheet_id = agency_id, sheet_id
        self._actor_id, self._now = actor_id, now
        self._by_id = {one.id: one for one in known}
        self._by_name: dict[str, list[Client]] = {}
        self._by_contact: dict[str, Client] = {}
        self._taken: dict[UUID, int] = {}
        self._new: dict[tuple[str, str], int] = {}
        for one in known:
            self._by_name.setdefault(one.name_key, []).append(one)
            for contact in filter(None, (one.email, one.phone_key)):
                self._by_contact.setdefault(contact, one)

    def plan(self, number: int, record: Record, households: dict[UUID, str]) -> _Plan:
        """What a row does."""
        name = _cell(record, "name")
        try:
            client_id = _id(_cell(record, "id"))
            if _cell(record, "id") and client_id not in self._by_id:
                raise Invalid.one("id", "Your agency has no client with this id.")
            data = self._data(record)
            old = self._by_id[client_id] if client_id else self._same_person(data)
            if old is None:
                return self._created(number, data)
            return self._changed(number, data, old, households)
        except Invalid as error:
            wrong = error.fields or (FieldError("", error.detail),)
            return _Plan(RowReport(number, name, "wrong", None, wrong), {}, None)

    def _created(self, number: int, data: dict[str, Any]) -> _Plan:
        form = parse(ClientForm, data)
        new_id = uuid5(self._sheet_id, str(number))
        values = new_values(self._agency_id, new_id, form, self._now, self._actor_id)
        twin = (values["name_key"], values["email"] or values["phone_key"])
        if (before := self._new.setdefault(twin, number)) != number:
            raise Invalid.one("name", f"This is the same person as in row {before}.")
        notes: list[FieldError] = []
        for field, contact in (("email", values["email"]), ("phone", values["phone_key"])):
            if contact and (other := self._by_contact.get(contact)) is not None:
                notes.append(FieldError(field, f"{other.full_name} has the same."))
        report = RowReport(number, form.name, "create", new_id, tuple(notes))
        return _Plan(report, values, form.household)

    def _changed(
        self, number: int, data: dict[str, Any], old: Client, households: dict[UUID, str]
    ) -> _Plan:
        if (before := self._taken.setdefault(old.id, number)) != number:
            raise Invalid.one("name", f"Row {before} is about the same client.")
        form = parse(ClientChange, data | {"version": old.version})
        was = values_of(old)
        values = was | given_values(form, was, self._now)
        changes = [name for name in was if values[name] != was[name]]
        household = form.household if "household" in form.model_fields_set else None
        if household is not None:
            now = households.get(old.household_id, "") if old.household_id else ""
            if folded(household) != folded(now):
                changes.append("household")
        said = tuple(
            FieldError({"full_name": "name", "consent_at": "consent"}.get(one, one), "changes")
            for one in changes
        )
        outcome: Outcome = "change" if changes else "same"
        report = RowReport(number, old.full_name, outcome, old.id, said)
        return _Plan(report, values, household, old)

    def _same_person(self, data: dict[str, Any]) -> Client | None:
        """Somebody of that name with the same e-mail, telephone or date of birth."""
        phone = phone_key(str(data.get("phone", "")))
        for one in self._by_name.get(folded(str(data.get("name", ""))), ()):
            if (
                (one.email and one.email == str(data.get("email", "")).lower())
                or (one.phone_key and one.phone_key == phone)
                or (one.birth_date and one.birth_date.isoformat() == data.get("birth_date"))
            ):
                return one
        return None

    def _data(self, record: Record) -> dict[str, Any]:
        """The cells as a form has them; empty ones change nothing."""
        data: dict[str, Any] = {}
        for name in COLUMNS:
            value = _cell(record, name)
            if not value or name == "id":
                continue
            if name == "tags":
                data["tags"] = [tag for tag in value.split(TAG_MARK) if tag.strip()]
            elif name == "consent":
                data["consent"] = _flag(value)
            elif name == "agent":
                if value.lower() not in self._people:
                    raise Invalid.one("agent", "Nobody of your agency has this e-mail address.")
                data["agent_id"] = self._people[value.lower()]
            else:
                data[name] = value
        return data


def _cells(row: Client, household: str | None, emails: dict[UUID, str]) -> list[Any]:
    return [
        str(row.id), row.full_name, row.email, row.phone, row.country, row.birth_date,
        row.nationality, row.address, row.language, row.preferences, row.notes,
        TAG_MARK.join(row.tags), household or "", emails.get(row.agent_id, "") if row.agent_id
        else "", row.consent_at is not None, row.consent_source,
    ]  # fmt: skip


def _cell(record: Record, name: str) -> str:
    return str(record.values.get(name, "")).strip()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _flag(value: str) -> bool:
    flag = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if value.lower() not in flag:
        raise Invalid.one("consent", "Write true or false.")
    return flag[value.lower()]


def _key(agency_id: UUID, sheet_id: UUID) -> str:
    # What nobody carries out is full of people: the bucket empties ``uploads/`` by itself.
    return f"uploads/clients/{agency_id}/{sheet_id}"


def _too_large() -> Invalid:
    return unreadable(f"At most {MOST_BYTES // 1024**2} MB can be imported at once. Split it.")
