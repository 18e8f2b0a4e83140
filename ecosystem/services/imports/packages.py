"""Packages out of a file."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import PACKAGES
from ecosystem.database.queries import package_content as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import Content, Status, differences
from ecosystem.domain.errors import Conflict, FieldError, Invalid, NotFound
from ecosystem.services.forms import parse
from ecosystem.services.imports.judging import Subject, Verdict, shortened, wrong
from ecosystem.services.imports.package_cells import Row, column_of
from ecosystem.services.operator_access import operator_of
from ecosystem.services.package_editor import PackageContentForm, PackageEditor
from ecosystem.services.package_editor.slugs import slug_of
from ecosystem.services.package_editor.stored import Stored
from ecosystem.services.places import Places

STATUSES = ("draft", "published", "archived")


@dataclass(frozen=True)
class _There:
    """What the operator has of a batch's packages. ``by_slug``: None is somebody else's."""

    by_slug: Mapping[str, UUID | None]
    by_id: Mapping[UUID, Stored]


class PackageJudge:
    """Matches by ``id``, else by ``slug``, else by the slug that the title makes."""

    def __init__(self, database: Database, editor: PackageEditor, places: Places) -> None:
        self._database = database
        self._editor = editor
        self._places = places

    def looked(self, actor: Actor, subjects: Sequence[Subject]) -> Callable[[Subject], Verdict]:
        there = self._there(actor, subjects)
        return lambda subject: self._judge(there, subject)

    def _judge(self, there: _There, subject: Subject) -> Verdict:
        try:
            known, slug = self._find(there, subject)
            content = self._content(known, subject, slug)
        except Invalid as error:
            if subject.format == "json":
                return wrong(error)
            return wrong(error, {item.field: column_of(item.field) for item in error.fields})
        except Conflict as error:
            return Verdict("wrong", (FieldError("slug", error.detail),))
        if known is None:
            return Verdict("create", package_id=subject.new_id)
        changes = differences(known.content, content)
        return Verdict(
            "change" if changes else "same",
            tuple(
                FieldError(item.label, shortened(f"{item.was} → {item.now}")) for item in changes
            ),
            package_id=known.id,
            version=known.version,
        )

    def carry_out(self, actor: Actor, subject: Subject, checked: Verdict) -> None:
        slug = self._slug(subject)

        def make(known: Stored | None) -> Content:
            return self._content(known, subject, slug)

        assert checked.package_id is not None
        if not checked.version and self._made_already(actor, checked.package_id):
            return
        self._editor.put(actor, checked.package_id, checked.version, make)

    def _made_already(self, actor: Actor, package_id: UUID) -> bool:
        """Killed after it was made and before that was written down."""
        try:
            self._editor.known(actor, package_id)
        except NotFound:
            return False
        return True

    def _there(self, actor: Actor, subjects: Sequence[Subject]) -> _There:
        ids = {known for subject in subjects if (known := _uuid(subject))}
        slugs = {self._slug(subject) for subject in subjects if not _written_id(subject)} - {""}
        with self._database.unit(PACKAGES) as session:
            by_slug = queries.by_slugs(session, operator_of(actor), sorted(slugs))
        ids |= {known for known in by_slug.values() if known}
        return _There(by_slug, self._editor.known_of(actor, sorted(ids)))

    def _find(self, there: _There, subject: Subject) -> tuple[Stored | None, str]:
        slug = self._slug(subject)
        if _written_id(subject):
            known = _uuid(subject)
            if known is None or known not in there.by_id:
                raise Invalid.one("id", "You have no package with this id.")
            return there.by_id[known], slug
        if not slug:
            raise Invalid.one("title", "This is missing.")
        if slug not in there.by_slug:
            return None, slug
        package_id = there.by_slug[slug]
        if package_id is None:
            raise Conflict("This address is in use already. Write another one.", code="slug_taken")
        return there.by_id.get(package_id), slug

    def _slug(self, subject: Subject) -> str:
        slug = str(subject.values.get("slug") or "").strip()
        title = str(subject.values.get("title") or "").strip()
        return slug or (slug_of(title) if title else "")

    def _content(self, known: Stored | None, subject: Subject, slug: str) -> Content:
        given, failures = self._given(known, subject)
        status = self._status(subject, failures)
        try:
            form = parse(PackageContentForm, given)
        except Invalid as error:
            # A cell that can't be read is told as that, not as a value that is missing.
            told = {item.field for item in failures}
            named = subject.format == "csv"
            failures += [
                item
                for item in error.fields
                if (column_of(item.field) if named else item.field) not in told
            ]
            raise Invalid(error.detail, fields=tuple(failures)) from None
        if failures:
            raise Invalid("Some cells can't be read.", fields=tuple(failures))
        return self._editor.wanted(known, form, slug, status)

    def _given(
        self, known: Stored | None, subject: Subject
    ) -> tuple[dict[str, Any], list[FieldError]]:
        values = {name: value for name, value in subject.values.items() if value is not None}
        if subject.format == "json":
            return {
                name: value
                for name, value in subject.values.items()
                if name not in ("id", "status", "version", "departures")
            }, []
        there = "EUR" if known is None else known.content["currency"]
        row = Row(
            {name: str(value) for name, value in values.items()},
            str(values.get("currency") or "").strip().upper() or there,
            self._places,
            decimal_comma=subject.decimal_comma,
        )
        return row.given(), row.wrong

    def _status(self, subject: Subject, failures: list[FieldError]) -> Status | None:
        status = str(subject.values.get("status") or "").strip().lower()
        if status and status not in STATUSES:
            failures.append(FieldError("status", "Choose one of: draft, published, archived."))
            return None
        return cast(Status, status) if status else None


def _written_id(subject: Subject) -> str:
    return str(subject.values.get("id") or "").strip()


def _uuid(subject: Subject) -> UUID | None:
    with suppress(ValueError):
        return UUID(_written_id(subject))
    return None
