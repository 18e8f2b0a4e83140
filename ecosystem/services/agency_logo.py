"""An agency's logo: sent to S3 by the browser, looked at here, shown as our own encoding of it.

    start   a form that lets the browser post one file under a key of its own
    finish  the file is read, decoded and encoded anew; only then it is the agency's logo

What was posted and never finished is removed by the bucket's own rule for ``uploads/``.
"""

import io
import threading
import warnings
from datetime import timedelta
from uuid import UUID

from cachetools import LRUCache
from PIL import Image, UnidentifiedImageError

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, audit, messages
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.pictures import UploadStart
from ecosystem.services.agency_access import agency_of, owning_agency
from ecosystem.services.package_pictures import PictureStart
from ecosystem.services.package_pictures.looking import (
    PASSENGER,
    TYPES,
    kind_of,
    megabytes,
    refused,
)
from ecosystem.services.ports import Files

LARGEST_BYTES = 2 * 1024 * 1024
LONGEST_SIDE = 4000
SHORTEST_WIDTH = 80
SHOWN = (640, 240)
"""Pixels a logo has at most: twice what it is drawn at, for sharp screens and paper."""
FORM_LASTS = timedelta(hours=1)
KEPT_BYTES = 8 * 1024 * 1024
PNG = "image/png"
_ONE_AT_A_TIME = threading.Semaphore(1)


class AgencyLogos:
    """Changed by owners of the agency; shown to everybody, as it stands on what clients get."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files
        self._lock = threading.Lock()
        self._kept: LRUCache[UUID, bytes] = LRUCache(KEPT_BYTES, getsizeof=len)

    def start(self, actor: Actor, form: PictureStart) -> UploadStart:
        """Where the browser posts the file, within the hour.

        Raises:
            Forbidden: not an owner.
            Invalid: ``bad_picture``: too large, or of a type that is never a logo here.
        """
        agency_id = owning_agency(actor)
        if form.content_type not in TYPES:
            raise refused("It is not a PNG, JPEG or WebP picture. Export it as one of these first.")
        _check_bytes(form.size)
        upload_id = uuid7()
        target = self._files.presigned_post(
            _upload_key(agency_id, upload_id), form.content_type, LARGEST_BYTES, FORM_LASTS
        )
        return UploadStart(upload_id, target.url, target.fields)

    def finish(self, actor: Actor, upload_id: UUID) -> UUID:
        """Look at what arrived and make it the logo; its id.

        Raises:
            Forbidden: not an owner.
            Conflict: ``not_uploaded``: the file has not arrived.
            Invalid: ``bad_picture``, with what is wrong with it.
        """
        agency_id = owning_agency(actor)
        key = _upload_key(agency_id, upload_id)
        there = self._files.head(key)
        if there is None:
            raise Conflict("The file did not arrive. Send it again.", code="not_uploaded")
        try:
            _check_bytes(there.size)
            content = looked_at(self._files.get(key))
        except Invalid:
            self._files.delete(key)
            raise
        logo = uuid7()
        self._files.put(_key(logo), content, PNG)
        self._set(actor, agency_id, logo, (key,))
        return logo

    def remove(self, actor: Actor) -> None:
        """Go without a logo. Raises ``Forbidden``."""
        self._set(actor, owning_agency(actor), None, ())

    def own(self, actor: Actor) -> UUID | None:
        """The logo of the caller's agency. Raises ``Forbidden``."""
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_of(actor))
        return agency.logo if agency is not None else None

    def read(self, logo: UUID) -> bytes:
        """The PNG of a logo that an agency has at this moment. Raises ``NotFound``."""
        with self._database.unit(RDS) as session:
            if not agencies.has_logo(session, logo):
                raise NotFound("There is no such logo.", code="picture_not_found")
        with self._lock:
            known = self._kept.get(logo)
        if known is not None:
            return known
        content = self._files.get(_key(logo))
        with self._lock:
            self._kept[logo] = content
        return content

    def _set(self, actor: Actor, agency_id: UUID, logo: UUID | None, gone: tuple[str, ...]) -> None:
        with self._database.unit(RDS) as session:
            row = agencies.locked_agency(session, agency_id)
            assert row is not None  # the actor's own
            before = row.logo
            agencies.set_agency(session, agency_id, logo=logo)
            keys = [*gone, *([_key(before)] if before else [])]
            if keys:
                messages.send(session, "files.delete", {"keys": keys})
            what = "logo.changed" if logo else "logo.removed"
            audit.record(session, actor, what, "agency", agency_id)


def looked_at(content: bytes) -> bytes:
    """The picture as a PNG of ours, at most 640 × 240, see-through where it was.

    Raises:
        Invalid: ``bad_picture``: no picture, too large or too small, or something else is in it.
    """
    kind = kind_of(content[:12])
    if not kind:
        raise refused("It is not a PNG, JPEG or WebP picture, whatever its name says.")
    if PASSENGER.search(content):
        raise refused("There is a web page, a document or an archive inside it.")
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=(kind,)) as opened:
                return _encoded(opened)
    except (
        UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError,
        EOFError,
    ) as error:  # fmt: skip
        # What Pillow raises for bytes that end early or contradict each other.
        raise refused("It is damaged. Save it again, or choose another.") from error


def _encoded(opened: Image.Image) -> bytes:
    width, height = opened.size
    if max(width, height) > LONGEST_SIDE:
        raise refused(f"It has {width} × {height} pixels: {LONGEST_SIDE} a side are enough.")
    if width < SHORTEST_WIDTH:
        raise refused(f"It is {width} pixels wide and would look blurred.")
    picture = opened.convert("RGBA")
    picture.thumbnail(SHOWN, Image.Resampling.LANCZOS)
    # What "convert" keeps beside the pixels: profile, comment, EXIF.
    picture.info = {}
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _check_bytes(size: int) -> None:
    if not 0 < size <= LARGEST_BYTES:
        raise refused(
            f"It has {megabytes(size)}. A logo can have at most 2 MB." if size else "It is empty."
        )


def _upload_key(agency_id: UUID, upload_id: UUID) -> str:
    return f"uploads/logos/{agency_id}/{upload_id}"


def _key(logo: UUID) -> str:
    return f"logos/{logo}.png"
