"""The audit log: who did what to what."""

from ecosystem.database.placement import RDS
from ecosystem.database.queries import operations
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.domain.operations import AuditLine
from ecosystem.domain.views import Page
from ecosystem.services.ops_desk import only_ops


class Trail:
    """For operations only. Nothing of it can be changed, here or anywhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(
        self, actor: Actor, *, words: str = "", cursor: str = "", limit: int = 50
    ) -> Page[AuditLine]:
        """The log, latest first. ``words``: part of an action, a whole subject or address.

        Raises:
            Forbidden: not somebody of operations.
            Invalid: a cursor that is not one of ours.
        """
        only_ops(actor)
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise Invalid.one("cursor", "This cursor is not from one of our lists.")
        before = int(cursor) if cursor else None
        with self._database.unit(RDS) as session:
            found = operations.audit_lines(session, words.strip(), before, limit + 1)
        lines = tuple(AuditLine(**row._mapping) for row in found[:limit])
        return Page(lines, str(lines[-1].id) if len(found) > limit else None)
