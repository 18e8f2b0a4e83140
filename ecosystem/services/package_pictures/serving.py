"""Handing pictures out: to everybody once their package is public, before that to its operator."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cachetools import LRUCache, TTLCache

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import catalogue, pictures
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import NotFound
from ecosystem.domain.pictures import PICTURE_WIDTHS, rendition_key
from ecosystem.services.ports import Clock, Files

KEPT_BYTES = 48 * 1024 * 1024
"""Pictures that this process remembers, all in all: some 600 of the middle size."""
REMEMBERED = timedelta(seconds=30)
"""For so long a picture is handed out after its package was taken off."""


@dataclass(frozen=True)
class PictureAccess:
    """``public``: whether every cache on the way may keep it."""

    public: bool


class PictureFiles:
    """One per process; safe between threads."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._lock = threading.Lock()
        self._kept: LRUCache[str, bytes] = LRUCache(KEPT_BYTES, getsizeof=len)
        self._public: TTLCache[UUID, bool] = TTLCache(
            20_000, REMEMBERED.total_seconds(), timer=lambda: clock.now().timestamp()
        )

    def access(self, actor: Actor, picture_id: UUID) -> PictureAccess:
        """Whether this caller may see a picture. Raises ``NotFound``: no, or there is none."""
        with self._lock:
            if picture_id in self._public:
                return PictureAccess(public=True)
        with self._database.unit(RDS) as session:
            row = pictures.ready(session, picture_id)
        if row is not None:
            with self._database.unit(PACKAGES) as session:
                package = catalogue.package(session, package_id=row.package_id)
            if package is not None and package.status == "published":
                with self._lock:
                    self._public[picture_id] = True
                return PictureAccess(public=True)
            if actor.role == "provider" and actor.operator_id == row.operator_id:
                return PictureAccess(public=False)
        raise NotFound("This picture does not exist.", code="picture_not_found")

    def read(self, picture_id: UUID, width: int) -> bytes:
        """The WebP of one size; whether it may be seen was asked before.

        Raises:
            NotFound: no such size, or its file is gone.
            Unavailable: the store does not answer.
        """
        if width not in PICTURE_WIDTHS:
            raise NotFound("There is no picture of this size.", code="picture_not_found")
        key = rendition_key(picture_id, width)
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            return known
        content = self._files.get(key)
        if len(content) <= KEPT_BYTES:
            with self._lock:
                self._kept[key] = content
        return content
