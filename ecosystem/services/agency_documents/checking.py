"""Looking at files that were sent: at once when they arrive, and by the worker after that."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_documents as queries
from ecosystem.database.queries import audit
from ecosystem.database.tables import AgencyDocument
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import SYSTEM, Actor
from ecosystem.domain.agency_documents import (
    LARGEST_BYTES,
    document_key,
    quarantine_key,
    upload_key,
)
from ecosystem.domain.errors import EcosystemError, Invalid, NotFound, Unavailable
from ecosystem.services.agency_documents.forgetting import forget_files
from ecosystem.services.agency_documents.sniffing import content_type_of, refused, too_large
from ecosystem.services.ports import Clock, Files, Scanner

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""For so long whoever began to look at a file is thought to be at it."""
ASKED_AGAIN = timedelta(seconds=15)
"""How often a scanner that answers later is."""
LONGEST_SCAN = timedelta(hours=24)
NEVER_SENT = timedelta(hours=3)
"""A form is good for one hour, and what it put into the store falls to the bucket's own rule."""
REFUSED_SHOWN = timedelta(days=7)
AT_ONCE = 10


class Checking:
    """From ``uploading`` by ``scanning`` to ``clean`` or ``refused``."""

    def __init__(self, database: Database, files: Files, scanner: Scanner, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._scanner = scanner
        self._clock = clock

    def begin(self, actor: Actor, row: AgencyDocument, size: int) -> None:
        """Take up a file of ``size`` bytes that has arrived. Whoever comes second does nothing."""
        with self._database.unit(RDS) as session:
            taken = queries.move(
                session, row.id, before="uploading", to="scanning", looked_at=self._clock.now()
            )
            if taken is None:
                return
            audit.record(session, actor, "document.sent", queries.SUBJECT, row.id, kind=row.kind)
        try:
            if size > LARGEST_BYTES:
                # The form refuses it before; a store that did not would make us read it.
                raise too_large(size)
            self._look(taken)
        except Invalid as error:
            self._refuse(taken, error.detail)
        except Unavailable:
            return  # the worker goes on with it

    def step(self) -> int:
        """Go on with files that wait, and forget what nobody finished; how many there were."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            waiting = queries.take_waiting(session, now, now - LEASE, AT_ONCE)
        for row in waiting:
            self._go_on(row, now)
        return len(waiting) + self._tidy(now)

    def _go_on(self, row: AgencyDocument, now: datetime) -> None:
        try:
            if row.created_at < now - LONGEST_SCAN:
                raise refused("It could not be checked for viruses within a day. Send it again.")
            self._look(row)
        except Invalid as error:
            self._refuse(row, error.detail)
        except NotFound:
            self._refuse(row, "The file was lost on the way. Send it again.")
        except Unavailable:
            return  # another time

    def _look(self, row: AgencyDocument) -> None:
        """Raises ``Invalid``: it may not be kept; ``NotFound``; ``Unavailable``."""
        held = quarantine_key(row.agency_id, row.secret)
        if not row.content_type:
            content = self._held(row, held)
            with _read(row):
                found = content_type_of(content)
            with self._database.unit(RDS) as session:
                queries.change(
                    session, row.id,
                    content_type=found, bytes=len(content),
                    sha256=hashlib.sha256(content).hexdigest(),
                )  # fmt: skip
            row.content_type = found
        with _read(row):
            answer = self._scanner.scan(held, row.content_type)
        if answer.state == "refused":
            raise refused(answer.why)
        if answer.state == "clean":
            self._files.copy(held, document_key(row.agency_id, row.secret))
            self._release(row)
        else:
            self._wait(row)

    def _held(self, row: AgencyDocument, held: str) -> bytes:
        """The file from where no form can write; what is posted from now on changes nothing."""
        if self._files.head(held) is None:
            source = upload_key(row.agency_id, row.secret)
            there = self._files.head(source)
            if there is None:
                raise NotFound("There is no such file.", code="file_not_found")
            if there.size > LARGEST_BYTES:
                raise too_large(there.size)
            self._files.copy(source, held)
        return self._files.get(held)

    def _wait(self, row: AgencyDocument) -> None:
        looked_at = self._clock.now() - LEASE + ASKED_AGAIN
        with self._database.unit(RDS) as session:
            queries.change(session, row.id, looked_at=looked_at)

    def _release(self, row: AgencyDocument) -> None:
        with self._database.unit(RDS) as session:
            done = queries.move(session, row.id, before="scanning", to="clean", problem="")
            # Forgotten in between: what was just put there belongs to nobody.
            kept = [document_key(row.agency_id, row.secret)] if done else []
            forget_files(session, [row], but=kept)

    def _refuse(self, row: AgencyDocument, why: str) -> None:
        with self._database.unit(RDS) as session:
            now = self._clock.now()
            if queries.move(
                session, row.id, before="scanning", to="refused", problem=why, looked_at=now
            ):
                audit.record(session, SYSTEM, "document.refused", queries.SUBJECT, row.id, why=why)
            forget_files(session, [row])

    def _tidy(self, now: datetime) -> int:
        with self._database.unit(RDS) as session:
            gone = [
                *queries.take_unused(session, "uploading", now - NEVER_SENT, AT_ONCE),
                *queries.take_unused(session, "refused", now - REFUSED_SHOWN, AT_ONCE),
            ]
            forget_files(session, gone)
        return len(gone)


@contextmanager
def _read(row: AgencyDocument) -> Iterator[None]:
    """What those who read a file stumble over is a reason not to keep it: they would each time, and
    the files behind it would wait."""
    try:
        yield
    except EcosystemError:
        raise
    except Exception as error:
        log.exception("document %s can't be read", row.id)
        raise refused(
            "It is built in a way that can't be checked. Save it as PDF, and send that."
        ) from error
