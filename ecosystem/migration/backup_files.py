"""The files of a backup: written with checksums, read back with them.

backups/ID/before.sql       types and tables
backups/ID/TABLE-0001.gz    rows as ``COPY`` writes them; parts may be put together
backups/ID/after.sql        keys, checks, indexes, positions of sequences
backups/ID/rules.sql        triggers, policies, grants, keys to tables outside
backups/ID/manifest.json    written last: every file's checksum, every table's rows and hash
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.migration.answers import in_words
from ecosystem.migration.plan import Connection, Refused
from ecosystem.services.ports import Files

MANIFEST = "manifest.json"
_ID = re.compile(r"[a-z0-9_]{1,80}-(rds|supabase)-\d{8}t\d{6}z-[0-9a-f]{6}")


class BackupFiles:
    """The part of the bucket in which backups lie."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def write(self, backup: str, name: str, content: bytes, content_type: str) -> dict[str, Any]:
        """Store a file; returns what the manifest says of it."""
        self._files.put(_key(backup, name), content, content_type)
        return {"name": name, "sha256": sha256(content), "bytes": len(content)}

    def manifest(self, backup: str, expected: str = "") -> dict[str, Any]:
        """What belongs to a backup. ``expected`` is the manifest's own checksum, where known.

        Raises:
            NotFound: there is no such backup.
            Refused: that can't be its name, somebody changed the manifest, or it is none.
        """
        if not _ID.fullmatch(backup):
            raise Refused(f"{backup!r} is no name of a backup")
        content = self._files.get(_key(backup, MANIFEST))
        if expected and sha256(content) != expected:
            raise Refused(f"the manifest of {backup} is not what was written: its checksum differs")
        manifest = _read(content)
        if manifest is None:
            raise Refused(f"what lies there as the manifest of {backup} is none: it can't be read")
        return manifest

    def read(self, backup: str, file: dict[str, Any]) -> bytes:
        """One file. Raises ``Refused`` when it is not what was written."""
        content = self._files.get(_key(backup, file["name"]))
        if sha256(content) != file["sha256"]:
            raise Refused(
                f"{file['name']} of {backup} is not what was written: its checksum differs"
            )
        return content

    def is_there(self, backup: str) -> bool:
        """Whether its manifest lies there: it is written last and removed last."""
        return self._files.head(_key(backup, MANIFEST)) is not None

    def remove(self, backup: str) -> None:
        """Remove all of it with every version that was ever there; silent when it has gone."""
        try:
            written = [file["name"] for file in listed(self.manifest(backup))]
        except NotFound:
            return
        except Refused:
            # What it named is left to the bucket's lifecycle; nothing waits for somebody to look.
            written = []
        for name in [*written, MANIFEST]:
            self._files.erase(_key(backup, name))


@contextmanager
def explained() -> Iterator[None]:
    """Say in words what went wrong with files or databases. Raises ``Refused``."""
    try:
        yield
    except NotFound as error:
        raise Refused("there is no such backup, or a file of it is missing") from error
    except Unavailable as error:
        raise Refused(f"backups can't be kept or read now: {error.detail}") from error
    except zlib.error as error:
        raise Refused(f"rows of the backup can't be unpacked: {error}") from error
    except psycopg.OperationalError as error:
        raise Refused(in_words(error)) from error
    except psycopg.Error as error:
        raise Refused(f"a database refused: {str(error).strip()}") from error


_STATED: Final = {
    "id": str,
    "group": str,
    "tables": list,
    "before": dict,
    "after": dict,
    "rules": dict,
}
_STATED_OF_TABLE: Final = {
    "name": str,
    "all": list,
    "written": list,
    "rows": int,
    "hash": str,
    "parts": list,
}
_STATED_OF_FILE: Final = {"name": str, "sha256": str}


def _read(content: bytes) -> dict[str, Any] | None:
    """A manifest; None when this is none. Who wrote it may not be known."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not _states(found, _STATED):
        return None
    sound = all(_states(one, _STATED_OF_TABLE) for one in found["tables"])
    return found if sound and all(_states(one, _STATED_OF_FILE) for one in listed(found)) else None


def _states(found: Any, fields: Mapping[str, type]) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(name), kind) for name, kind in fields.items()
    )


def listed(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every file that a manifest names."""
    yield from (manifest[name] for name in ("before", "after", "rules"))
    for table in manifest["tables"]:
        yield from table["parts"]


def parts(blocks: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """Compressed parts of whole rows, each of ``limit`` bytes of text or a little more.

    Put one after the other they are one gzip file.
    """
    packer, size = zlib.compressobj(wbits=31), 0
    packed: list[bytes] = []
    for block in blocks:
        packed.append(packer.compress(block))
        size += len(block)
        # A raw newline only ever ends a row.
        if size >= limit and block.endswith(b"\n"):
            yield b"".join([*packed, packer.flush()])
            packer, size, packed = zlib.compressobj(wbits=31), 0, []
    if size:
        yield b"".join([*packed, packer.flush()])


def total(side: Connection, table: str, columns: Sequence[str]) -> tuple[int, str]:
    """Rows, and a sum over the text of every value, which does not ask for an order."""
    row = side.execute(
        sql.SQL(
            "select count(*), coalesce(sum(hashtextextended(row({})::text, 0)::numeric), 0)::text"
            " from {}"
        ).format(names(columns), sql.Identifier("public", table))
    ).fetchone()
    return (row[0], row[1]) if row else (0, "0")


def names(columns: Sequence[str]) -> sql.Composable:
    """``"a", "b"``."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def sha256(content: bytes) -> str:
    """As ``sha256sum`` prints it."""
    return hashlib.sha256(content).hexdigest()


def _key(backup: str, name: str) -> str:
    return f"backups/{backup}/{name}"
