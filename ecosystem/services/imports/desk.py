"""Files of packages and departures: sent, looked at without changing anything, then carried out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit
from ecosystem.database.queries import imports as queries
from ecosystem.database.tables import Import
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, FieldError, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import Form
from ecosystem.services.imports.reading import MOST_BYTES, Format, What, too_large
from ecosystem.services.imports.working import ImportWork
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.package_editor.forms import one_line
from ecosystem.services.ports import Clock, Files, UploadForm

UPLOAD_TIME = timedelta(minutes=30)
LISTED = 20
OTHER_WORKER = 0.2
"""Seconds to wait while another worker has the import in hand."""
PAGE = 50
TYPES: dict[Format, str] = {"csv": "text/csv", "json": "application/json"}


class FileForm(Form):
    """What is sent. ``size`` in bytes, as the sender says."""

    what: What = "packages"
    format: Format = "csv"
    file_name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
    size: int = Field(default=1, ge=1, le=10**12, strict=True)


@dataclass(frozen=True)
class ImportView:
    """An import. ``state``: uploaded, checking, checked, running, done, cancelled, failed.

    ``done`` of ``total`` records are behind us in this phase; ``counts`` by outcome: create,
    change, same, wrong, done, failed. ``problem`` says why a file can't be read.
    """

    id: UUID
    what: What
    format: Format
    file_name: str
    state: str
    total: int
    done: int
    counts: dict[str, int]
    problem: str
    who: str
    cancelling: bool
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def to_do(self) -> int:
        """How many records the phase under way has."""
        if self.state != "running":
            return self.total
        return sum(self.counts.get(name, 0) for name in ("create", "change", "done", "failed"))


@dataclass(frozen=True)
class ReportLine:
    """A record. ``messages``: what is wrong or changes, by field."""

    line: int
    subject: str
    outcome: str
    messages: tuple[FieldError, ...]


@dataclass(frozen=True)
class Sending:
    """Where the browser sends the file of an import that begins when it has arrived."""

    import_id: UUID
    form: UploadForm


class Imports:
    """Everything is fetched by operator and id together."""

    def __init__(self, database: Database, files: Files, clock: Clock, work: ImportWork) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._work = work

    def send(self, actor: Actor, form: FileForm) -> Sending:
        """Where to post the file; then call ``arrived`` with the same form.

        Raises:
            Invalid: ``unreadable_file``: it is too large.
        """
        operator_id = editing(actor)
        if form.size > MOST_BYTES[form.format]:
            raise too_large(form.size, form.format)
        import_id = uuid7()
        return Sending(
            import_id,
            self._files.presigned_post(
                _key(operator_id, import_id),
                TYPES[form.format],
                MOST_BYTES[form.format],
                UPLOAD_TIME,
            ),
        )

    def arrived(self, actor: Actor, import_id: UUID, form: FileForm) -> ImportView:
        """The file is there: have it looked at. Asked twice, it is the same import.

        Raises:
            NotFound: no such file has arrived.
        """
        operator_id = editing(actor)
        with self._database.unit(RDS) as session:
            known = queries.own(session, operator_id, import_id)
        if known is None:
            if self._files.head(_key(operator_id, import_id)) is None:
                raise NotFound("This file has not arrived. Send it again.", code="file_not_found")
            self._note(actor, operator_id, import_id, form)
        return self.view(actor, import_id)

    def put(self, actor: Actor, form: FileForm, content: bytes) -> ImportView:
        """Take a file whose bytes are here already.

        Raises:
            Invalid: ``unreadable_file``: it is too large.
        """
        operator_id = editing(actor)
        if len(content) > MOST_BYTES[form.format]:
            raise too_large(len(content), form.format)
        import_id = uuid7()
        self._files.put(_key(operator_id, import_id), content, TYPES[form.format])
        self._note(actor, operator_id, import_id, form)
        return self.view(actor, import_id)

    def view(self, actor: Actor, import_id: UUID) -> ImportView:
        """One of the operator's imports. Raises ``NotFound``."""
        return _view(self._own(operator_of(actor), import_id))

    def earlier(self, actor: Actor) -> tuple[ImportView, ...]:
        """The last imports, the newest first."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            return tuple(map(_view, queries.of_operator(session, operator_id, LISTED)))

    def report(
        self,
        actor: Actor,
        import_id: UUID,
        *,
        outcome: str = "",
        offset: int = 0,
        limit: int = PAGE,
    ) -> tuple[ReportLine, ...]:
        """A page of the records, in the order of the file, of one outcome or all."""
        self._own(operator_of(actor), import_id)
        with self._database.unit(RDS) as session:
            rows = queries.items(
                session, import_id, outcome=outcome, limit=limit, offset=max(0, offset)
            )
        return tuple(
            ReportLine(
                line=row.line,
                subject=row.subject,
                outcome=row.outcome,
                messages=tuple(FieldError(m["field"], m["text"]) for m in row.messages),
            )
            for row in rows
        )

    def run(self, actor: Actor, import_id: UUID) -> ImportView:
        """Carry out what was checked; records that are wrong are left out.

        Raises:
            Conflict: ``import_not_ready``: it was not checked to the end, or runs already.
        """
        work = self._own(editing(actor), import_id)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            values = {"state": "running", "done": 0, "created_by": actor.user_id}
            values |= {"created_by_name": actor.name or actor.email}
            if not queries.move(session, work.id, now, out_of=("checked",), **values):
                raise Conflict(
                    "This import can't be started now: it is not checked yet, or was started.",
                    code="import_not_ready",
                )
            audit.record(session, actor, "import.started", "import", import_id, file=work.file_name)
        return self.view(actor, import_id)

    def cancel(self, actor: Actor, import_id: UUID) -> ImportView:
        """Stop after the package that is being worked on. What is done stays."""
        work = self._own(editing(actor), import_id)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            ended = queries.move(
                session, work.id, now, out_of=("checked",), state="cancelled", finished_at=now
            )
            if not ended:
                queries.move(session, work.id, now, out_of=queries.OPEN, cancel_wanted=True)
        return self.view(actor, import_id)

    def finish(
        self,
        actor: Actor,
        import_id: UUID,
        *,
        until: str,
        tell: Callable[[ImportView], None] = lambda _: None,
    ) -> ImportView:
        """Work here and now until it is ``checked`` or ``done``: for a command that waits.

        ``tell`` hears how far it is, after each batch.
        """
        while True:
            now = self.view(actor, import_id)
            tell(now)
            if now.state in (until, "done", "failed", "cancelled"):
                return now
            if not self._work.step():
                time.sleep(OTHER_WORKER)

    def _note(self, actor: Actor, operator_id: UUID, import_id: UUID, form: FileForm) -> None:
        now = self._clock.now()
        values: dict[str, Any] = {
            "id": import_id,
            "operator_id": operator_id,
            "created_by": actor.user_id,
            "created_by_name": actor.name or actor.email,
            "what": form.what,
            "format": form.format,
            "file_name": form.file_name,
            "key": _key(operator_id, import_id),
            "state": "uploaded",
            "created_at": now,
            "updated_at": now,
        }
        with self._database.unit(RDS) as session:
            queries.add(session, values)

    def _own(self, operator_id: UUID, import_id: UUID) -> Import:
        with self._database.unit(RDS) as session:
            found = queries.own(session, operator_id, import_id)
        if found is None:
            raise NotFound("This import does not exist.", code="import_not_found")
        return found


def _key(operator_id: UUID, import_id: UUID) -> str:
    return f"uploads/imports/{operator_id}/{import_id}"


def _view(row: Import) -> ImportView:
    return ImportView(
        id=row.id,
        what=row.what,  # type: ignore[arg-type]
        format=row.format,  # type: ignore[arg-type]
        file_name=row.file_name,
        state=row.state,
        total=row.total,
        done=row.done,
        counts={name: n for name, n in row.counts.items() if type(n) is int},
        problem=row.problem or "",
        who=row.created_by_name,
        cancelling=row.cancel_wanted and row.finished_at is None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )
