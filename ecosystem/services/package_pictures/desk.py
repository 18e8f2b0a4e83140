"""An operator's pictures of a package: sent to S3 by the browser, looked at here, then shown.

    start   a row ``uploading`` and a form that lets the browser post one file to S3
    finish  the file is read, decoded and encoded anew in three sizes; only then ``ready``

What is shown are our own encodings under keys of their own, so a file that is posted again
with the same form changes nothing. A process that dies between any two lines leaves at most
files that nobody is shown; ``tidy`` and the bucket's own rule for ``uploads/`` remove them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import Field

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import audit, catalogue, messages, pictures
from ecosystem.database.tables import PackagePicture
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.pictures import (
    LONGEST_ALT,
    MOST_PICTURES,
    PICTURE_WIDTHS,
    PictureView,
    UploadStart,
    rendition_key,
)
from ecosystem.services.forms import Form
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.package_pictures.looking import (
    LARGEST_BYTES,
    TYPES,
    WEBP,
    Looked,
    look_at,
    megabytes,
    refused,
)
from ecosystem.services.ports import Clock, Files

FORM_LASTS = timedelta(hours=1)
KEPT = timedelta(days=1)
"""How long what was never finished, refused or taken off is kept."""
UNDO = timedelta(hours=1)
AT_ONCE = 50
DELETE = "files.delete"


class PictureStart(Form):
    """What a browser knows of a file that somebody chose. ``size`` is in bytes."""

    file_name: str = Field(max_length=300)
    content_type: str = Field(max_length=100)
    size: int = Field(ge=0, le=10**12, strict=True)


class PackagePictures:
    """Everything is fetched by operator and id together: somebody else's does not exist."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    # --- what there is ------------------------------------------------------------------

    def of(self, package_id: UUID) -> tuple[PictureView, ...]:
        """The pictures of a package in their order, for whoever may see the package."""
        with self._database.unit(RDS) as session:
            return tuple(_view(row) for row in pictures.of_package(session, package_id))

    def own(self, actor: Actor, package_id: UUID) -> tuple[PictureView, ...]:
        """The same for the operator's desk. Raises ``NotFound``."""
        self._own_package(operator_of(actor), package_id)
        return self.of(package_id)

    # --- sending one --------------------------------------------------------------------

    def start(self, actor: Actor, package_id: UUID, form: PictureStart) -> UploadStart:
        """Make room for one picture and say where the browser posts it, within the hour.

        Raises:
            NotFound: not one of the operator's packages.
            Invalid: ``bad_picture``: too large, or of a type that is never a picture here.
            Conflict: ``too_many_pictures``.
        """
        operator_id = editing(actor)
        if form.content_type not in TYPES:
            raise refused("It is not a JPEG, PNG or WebP picture. Export it as one of these first.")
        if not 0 < form.size <= LARGEST_BYTES:
            raise refused(
                f"It has {megabytes(form.size)}. A picture can have at most 10 MB."
                if form.size
                else "It is empty."
            )
        self._own_package(operator_id, package_id)
        picture = PackagePicture(
            id=uuid7(),
            package_id=package_id,
            operator_id=operator_id,
            position=0,
            key="",
            content_type=form.content_type,
            bytes=form.size,
            uploaded_by=actor.user_id,
        )
        picture.key = f"uploads/{operator_id}/{picture.id}"
        self._make_room(picture)
        target = self._files.presigned_post(
            picture.key, form.content_type, LARGEST_BYTES, FORM_LASTS
        )
        return UploadStart(picture.id, target.url, target.fields)

    def finish(self, actor: Actor, picture_id: UUID) -> PictureView:
        """Look at what arrived, and show it if it is a picture. Can be repeated.

        Raises:
            NotFound: not one of the operator's pictures.
            Conflict: ``not_uploaded``: the file has not arrived.
            Invalid: ``bad_picture``, with what is wrong with it.
            Unavailable: nothing is lost; finish again.
        """
        operator_id = editing(actor)
        with self._database.unit(RDS) as session:
            row = pictures.owned(session, operator_id, picture_id)
        if row is None or row.state == "removed":
            raise _no_picture()
        if row.state == "ready":
            return _view(row)
        if row.state == "refused":
            raise refused(row.problem)
        try:
            looked = look_at(self._arrived(row))
        except Invalid as error:
            self._refuse(row, error.detail)
            raise
        for width, content in looked.renditions.items():
            self._files.put(rendition_key(row.id, width), content, WEBP)
        return self._show(actor, row, looked)

    def _arrived(self, row: PackagePicture) -> bytes:
        there = self._files.head(row.key)
        if there is None:
            raise Conflict("The file did not arrive. Send it again.", code="not_uploaded")
        if there.size > LARGEST_BYTES:
            # The form refuses it before; a store that did not would make us read it.
            raise refused(f"It has {megabytes(there.size)}. A picture can have at most 10 MB.")
        return self._files.get(row.key)

    def _refuse(self, row: PackagePicture, why: str) -> None:
        with self._database.unit(RDS) as session:
            now = self._clock.now()
            if pictures.move(session, row.id, now, before="uploading", to="refused", problem=why):
                messages.send(session, DELETE, {"keys": [row.key]})

    def _show(self, actor: Actor, row: PackagePicture, looked: Looked) -> PictureView:
        with self._database.unit(RDS) as session:
            shown = pictures.move(
                session,
                row.id,
                self._clock.now(),
                before="uploading",
                to="ready",
                width=looked.width,
                height=looked.height,
            )
            if shown is not None:
                messages.send(session, DELETE, {"keys": [row.key]})
                _audit(session, actor, "added", shown)
            else:
                shown = pictures.ready(session, row.id)
            if shown is None:
                # Given up in between: what was just stored belongs to nobody.
                messages.send(session, DELETE, {"keys": _keys(row.id)})
        if shown is None:
            raise _no_picture()
        return _view(shown)

    # --- words, order, taking off --------------------------------------------------------

    def describe(self, actor: Actor, picture_id: UUID, alt: str) -> PictureView:
        """Write what is to be seen, on one line. Raises ``NotFound`` and ``Invalid``."""
        words = " ".join(alt.split())
        if len(words) > LONGEST_ALT:
            raise Invalid.one("alt", f"This can have at most {LONGEST_ALT} characters.")
        if not words.isprintable():
            raise Invalid.one("alt", "This contains characters that can't be shown.")
        with self._database.unit(RDS) as session:
            row = self._shown(session, editing(actor), picture_id)
            if row.alt != words:
                pictures.describe(session, row.id, words)
                _audit(session, actor, "described", row, alt=words)
        return PictureView(row.id, words, row.width or 0, row.height or 0)

    def arrange(
        self, actor: Actor, package_id: UUID, order: Sequence[UUID]
    ) -> tuple[PictureView, ...]:
        """Put the pictures of a package into this order; the first becomes its cover.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``: these are not the pictures it has now.
        """
        self._own_package(editing(actor), package_id)
        with self._database.unit(RDS) as session:
            pictures.lock_package(session, package_id)
            rows = {row.id: row for row in pictures.of_package(session, package_id)}
            if len(order) != len(rows) or set(order) != set(rows):
                raise Conflict(
                    "The pictures were changed in another window. They are shown as they are now.",
                    code="edited_elsewhere",
                )
            if list(rows) != list(order):
                for position, picture_id in enumerate(order, start=1):
                    pictures.place(session, picture_id, position)
                _audit(session, actor, "arranged", rows[order[0]], order=[str(i) for i in order])
        return tuple(_view(rows[picture_id]) for picture_id in order)

    def remove(self, actor: Actor, picture_id: UUID) -> None:
        """Take a picture off at once; ``restore`` brings it back for an hour."""
        with self._database.unit(RDS) as session:
            row = self._shown(session, editing(actor), picture_id)
            pictures.move(session, row.id, self._clock.now(), before="ready", to="removed")
            _audit(session, actor, "removed", row)

    def restore(self, actor: Actor, picture_id: UUID) -> PictureView:
        """Put a picture back where it was.

        Raises:
            NotFound: not one of the operator's, taken off more than an hour ago, or of a
                package that is no more.
            Conflict: ``too_many_pictures``.
        """
        operator_id, now = editing(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            row = pictures.owned(session, operator_id, picture_id)
        if row is None:
            raise _no_picture()
        self._own_package(operator_id, row.package_id)
        with self._database.unit(RDS) as session:
            row = pictures.owned(session, operator_id, picture_id)
            if row is None or row.state not in ("removed", "ready"):
                raise _no_picture()
            if row.state == "removed":
                if row.changed_at < now - UNDO:
                    raise _no_picture()
                pictures.lock_package(session, row.package_id)
                self._check_room(session, row.package_id)
                pictures.move(session, row.id, now, before="removed", to="ready")
                _audit(session, actor, "restored", row)
        return _view(row)

    def copy(self, actor: Actor, source: UUID, target: UUID) -> int:
        """Give a package the pictures of another one of the same operator; how many.

        Raises:
            NotFound: one of them is not the operator's.
            Conflict: ``too_many_pictures``.
        """
        operator_id = editing(actor)
        for package_id in (source, target):
            self._own_package(operator_id, package_id)
        with self._database.unit(RDS) as session:
            rows = pictures.of_package(session, source)
        for row in rows:
            made = PackagePicture(
                **row.model_dump(include={"operator_id", "alt", "content_type", "bytes"}),
                id=uuid7(),
                package_id=target,
                position=0,
                key="",
                uploaded_by=actor.user_id,
            )
            made.key = f"uploads/{operator_id}/{made.id}"
            self._make_room(made)
            for old, new in zip(_keys(row.id), _keys(made.id), strict=True):
                self._files.copy(old, new)
            self._show(actor, made, Looked(row.width or 0, row.height or 0, {}))
        return len(rows)

    # --- housekeeping ---------------------------------------------------------------------

    def tidy(self) -> int:
        """Forget what was never finished, was refused or was taken off a day ago; how many."""
        with self._database.unit(RDS) as session:
            gone = pictures.take_unused(session, self._clock.now() - KEPT, AT_ONCE)
            for row in gone:
                messages.send(session, DELETE, {"keys": [row.key, *_keys(row.id)]})
        return len(gone)

    def delete_files(self, payload: dict[str, Any]) -> None:
        """The outbox's ``files.delete``: remove files from the store, repeatably."""
        for key in payload["keys"]:
            self._files.delete(key)

    # --- inside ---------------------------------------------------------------------------

    def _own_package(self, operator_id: UUID, package_id: UUID) -> None:
        with self._database.unit(PACKAGES) as session:
            if catalogue.owned_package(session, operator_id, package_id) is None:
                raise NotFound("This package does not exist.", code="package_not_found")

    def _make_room(self, picture: PackagePicture) -> None:
        with self._database.unit(RDS) as session:
            pictures.lock_package(session, picture.package_id)
            self._check_room(session, picture.package_id)
            picture.position = pictures.next_position(session, picture.package_id)
            pictures.add(session, picture)

    def _check_room(self, session: RoutedSession, package_id: UUID) -> None:
        since = self._clock.now() - FORM_LASTS
        if pictures.places_taken(session, package_id, since) >= MOST_PICTURES:
            raise Conflict(
                f"A package can have {MOST_PICTURES} pictures. Take one off first.",
                code="too_many_pictures",
            )

    def _shown(self, session: RoutedSession, operator_id: UUID, picture_id: UUID) -> PackagePicture:
        row = pictures.owned(session, operator_id, picture_id)
        if row is None or row.state != "ready":
            raise _no_picture()
        return row


def _keys(picture_id: UUID) -> list[str]:
    return [rendition_key(picture_id, width) for width in PICTURE_WIDTHS]


def _view(row: PackagePicture) -> PictureView:
    return PictureView(row.id, row.alt, row.width or 0, row.height or 0)


def _audit(
    session: RoutedSession, actor: Actor, what: str, row: PackagePicture, **data: Any
) -> None:
    audit.record(
        session, actor, f"picture.{what}", "package", row.package_id, picture=str(row.id), **data
    )


def _no_picture() -> NotFound:
    return NotFound("This picture does not exist.", code="picture_not_found")
