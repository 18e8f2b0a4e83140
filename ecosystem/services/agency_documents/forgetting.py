"""Having files of rows that are no more erased, after the commit that removed the rows."""

from collections.abc import Iterable
from typing import Any

from ecosystem.database.queries import messages
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.agency_documents import document_keys
from ecosystem.services.ports import Files

ERASE = "files.erase"
"""The outbox's topic."""


def forget_files(session: RoutedSession, gone: Iterable[Any], *, but: Iterable[str] = ()) -> None:
    """Leave the erasing of rows' files in the outbox, wherever they may lie; ``but`` these keys.

    ``gone``: rows, or what is left of them: ``agency_id secret``.
    """
    kept = set(but)
    for row in gone:
        keys = [key for key in document_keys(row.agency_id, row.secret) if key not in kept]
        messages.send(session, ERASE, {"keys": keys})


def eraser(files: Files) -> Any:
    """What carries out ``files.erase``: every version of each key, repeatably."""

    def erase(payload: dict[str, Any]) -> None:
        for key in payload["keys"]:
            files.erase(key)

    return erase
