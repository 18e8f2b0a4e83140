"""Files on their way from a browser to the store: what pages that send several have in common.

Each page has its own handlers, which say whom they are for, and its own service; this keeps the
lines that are shown and lets a few be sent at a time. ``pages/components/uploader.py`` sends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import reflex as rx

from ecosystem.domain.errors import EcosystemError, Invalid

AT_ONCE = 3
"""Files that are sent side by side; the others wait."""
MOST_CHOSEN = 100
LONGEST_NAME = 200
_KEY = re.compile(r"[a-z0-9-]{1,40}")
_BROKEN = {
    "lost": "The connection was lost on the way. Nothing was stored.",
    "refused": "The store did not take it. Send it again.",
    "gone": "The page was loaded anew, and the browser has forgotten the file. Choose it again.",
}


@dataclass(frozen=True)
class UploadLine:
    """A file on its way. ``phase``: sending, checking, broken (can be sent again), refused."""

    key: str = ""
    name: str = ""
    percent: int = 0
    phase: str = "sending"
    words: str = ""


@dataclass(frozen=True)
class OnItsWay:
    """What the server knows of such a file. ``form`` is what its service is given; ``id`` what
    the service calls it; ``sent``: it has arrived in the store."""

    form: Any
    attempt: int = 1
    id: UUID | None = None
    sent: bool = False
    job: dict[str, Any] = field(default_factory=dict)


class Sending(rx.State, mixin=True):
    """Vars of such a page. Everything is given keys by a browser: an unknown one does nothing."""

    uploads: list[UploadLine] = []
    jobs: list[dict[str, Any]] = []

    _sending: dict[str, OnItsWay] = {}

    def _choose(self, key: str, name: str, form: Any) -> None:
        """A file to be sent; its service is asked next, then ``_job``."""
        self._sending[key] = OnItsWay(form)
        self.uploads = [*self.uploads, UploadLine(key, name)]

    def _job(self, key: str, made_id: UUID, url: str, fields: dict[str, str]) -> None:
        """Its service said where it goes."""
        way = self._sending[key]
        job = {"id": f"{key}:{way.attempt}", "key": key, "url": url, "fields": fields}
        self._sending[key] = replace(way, id=made_id, job=job)
        self._queue()

    def _progress(self, key: object, percent: object) -> None:
        """Show how much of it was sent."""
        if isinstance(percent, int):
            self._line(key, percent=max(0, min(100, percent)))

    def _broke(self, key: object, why: object) -> None:
        """It did not arrive; it can be sent again."""
        if isinstance(key, str) and key in self._sending and not self._sending[key].sent:
            self._line(key, phase="broken", words=_BROKEN.get(str(why), _BROKEN["lost"]))

    def _arrive(self, key: object) -> UUID | None:
        """It is in the store: its id, to have it looked at."""
        way = self._sending.get(key) if isinstance(key, str) else None
        if way is None or way.id is None:
            return None
        self._sending[str(key)] = replace(way, sent=True)
        self._line(key, percent=100, phase="checking", words="Looking at it")
        return way.id

    def _again(self, key: object) -> OnItsWay | None:
        """Begin anew; one that is in the store already is only looked at again (``sent``)."""
        way = self._sending.get(key) if isinstance(key, str) else None
        if way is not None and not way.sent:
            self._sending[str(key)] = replace(way, attempt=way.attempt + 1)
            self._line(key, percent=0, phase="sending", words="")
        return way

    def _not_kept(self, key: str, error: EcosystemError) -> None:
        """Say what is wrong. With the file it stays wrong; anything else may go better later."""
        if error.code == "not_uploaded" and key in self._sending:
            self._sending[key] = replace(self._sending[key], sent=False)
        phase = "refused" if isinstance(error, Invalid) else "broken"
        self._line(key, phase=phase, words=error.detail)

    def _line(self, key: object, **values: Any) -> None:
        self.uploads = [
            replace(line, **values) if line.key == key else line for line in self.uploads
        ]
        self._queue()

    def _forget(self, key: object) -> None:
        """It is done with."""
        if isinstance(key, str):
            self._sending.pop(key, None)
            self.uploads = [line for line in self.uploads if line.key != key]
            self._queue()

    def _queue(self) -> None:
        """Let the first few files be sent; the list changes only when what is in it does."""
        waiting = [self._sending[line.key].job for line in self.uploads if line.phase == "sending"]
        jobs = [job for job in waiting if job][:AT_ONCE]
        if [job["id"] for job in jobs] != [job["id"] for job in self.jobs]:
            self.jobs = jobs


def chosen(files: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a browser says was chosen, as far as it makes sense: key, name, and what it told."""
    for one in files[:MOST_CHOSEN] if isinstance(files, list) else []:
        if isinstance(one, dict) and _KEY.fullmatch(str(one.get("key", ""))):
            name = "".join(c for c in str(one.get("name", "")) if c.isprintable())
            yield one["key"], name[:LONGEST_NAME] or "File", one
