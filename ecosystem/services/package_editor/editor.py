"""Operators edit their packages here: the pages, the REST API and files all come this way."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import departures
from ecosystem.database.queries import package_content as queries
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.tables import PackageVersion
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import (
    Content,
    PackageDraft,
    Status,
    VersionView,
    differences,
    draft_of,
)
from ecosystem.domain.errors import Conflict, FieldError, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.rooms import least_own_price
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.forms import parse
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.package_editor import rules
from ecosystem.services.package_editor.conflicts import slug_taken
from ecosystem.services.package_editor.forms import (
    DraftForm,
    NewPackageForm,
    PackageContentForm,
)
from ecosystem.services.package_editor.saving import Saving
from ecosystem.services.package_editor.slugs import free_slug
from ecosystem.services.package_editor.stored import Stored
from ecosystem.services.ports import Clock

ONE_SITTING = timedelta(minutes=15)
"""Saves of one person that follow each other within this are one line of the history."""
HISTORY_READ = 500
TRIES = 3
ACTIONS: dict[Status, str] = {
    "published": "published",
    "archived": "archived",
    "draft": "unpublished",
}


class PackageEditor:
    """Everything is fetched by operator and id together: another's package does not exist.

    All methods raise ``Forbidden`` for people who may not, ``NotFound`` for a package that is
    not theirs, and ``Unavailable`` when a database does not answer. Those that take a
    ``version`` raise ``Conflict`` ``edited_elsewhere`` with ``version`` (that stands now),
    ``who`` and ``changed`` (names of fields) when somebody else has saved since.
    """

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._saving = Saving(database, clock, catalogue.forget)

    def open(self, actor: Actor, package_id: UUID) -> PackageDraft:
        """The package as it stands now, after what a crash left open is finished."""
        return self._view(self._saving.settled(operator_of(actor), package_id))

    def create(self, actor: Actor, title: str, currency: str) -> PackageDraft:
        """A new, empty draft. Raises ``Invalid`` on ``title`` or ``currency``."""
        form = parse(NewPackageForm, {"title": title, "currency": currency})
        return self._view(
            self._add(
                actor,
                form.title,
                "created",
                lambda slug: rules.blank(form.title, slug, form.currency),
            )
        )

    def create_with(
        self, actor: Actor, form: PackageContentForm, action: str = "created"
    ) -> PackageDraft:
        """A new draft with all that ``form`` has; title and currency have to be there.

        Raises:
            Invalid: a value is wrong; nothing was made.
            Conflict: ``slug_taken``, when the form has an address.
        """
        given = form.given()
        needed = {"title": given.get("title"), "currency": given.get("currency")}
        new = parse(NewPackageForm, {name: value for name, value in needed.items() if value})

        def content(slug: str) -> Content:
            return rules.merged(rules.blank(new.title, slug, new.currency), given)

        if "slug" in given:
            editing(actor)
            made = self._saving.add(actor, uuid7(), content(given["slug"]), action)
        else:
            made = self._add(actor, new.title, action, content)
        return self._view(made)

    def duplicate(self, actor: Actor, package_id: UUID) -> PackageDraft:
        """A draft with the same content, an address of its own and no departures."""
        known = self._saving.settled(editing(actor), package_id)
        return self._view(
            self._add(
                actor,
                known.content["title"],
                "duplicated",
                lambda slug: rules.copied(known.content, slug),
            )
        )

    def save(
        self, actor: Actor, package_id: UUID, form: DraftForm, action: str = "edited"
    ) -> PackageDraft:
        """Change what the form has; bookings that were made keep what they were made with.

        A form that changes nothing makes no version. A save that is sent again because its
        answer was lost is recognised.

        Raises:
            Invalid: a value is wrong, or the package is on sale and would lack something
                (``not_ready``).
            Conflict: ``edited_elsewhere``, or ``slug_taken``.
        """
        given = form.given()
        if not given:
            raise Invalid("There is nothing to change: send at least one field.")

        def make(known: Stored) -> Content:
            content = rules.merged(
                known.content,
                given,
                slug_fixed=_was_public(known),
                currency_fixed=lambda: self._has_departures(known.id),
            )
            if content["status"] == "published":
                _complete(
                    rules.lacks_of(content), "This package is on sale and can't be without it."
                )
            return content

        return self._view(self._saving.write(actor, package_id, form.version, action, make))

    def publish(self, actor: Actor, package_id: UUID, version: int) -> PackageDraft:
        """Offer it to the public. Raises ``Invalid`` ``not_ready``; ``fields`` say what lacks."""

        def ready(known: Stored) -> None:
            _complete(self._lacks(known, known.content), "This package can't be published yet.")

        return self._move(actor, package_id, version, "published", ready)

    def archive(self, actor: Actor, package_id: UUID, version: int) -> PackageDraft:
        """Take it off the market. Bookings that were made of it stay as they are."""
        return self._move(actor, package_id, version, "archived")

    def back_to_draft(self, actor: Actor, package_id: UUID, version: int) -> PackageDraft:
        """Take it off the market to work on it. Bookings stay; its address stays too."""
        return self._move(actor, package_id, version, "draft")

    def delete(self, actor: Actor, package_id: UUID) -> None:
        """Remove a draft of which no seat was ever sold or held.

        Raises:
            Conflict: ``not_a_draft`` or ``was_sold``: archive it instead.
        """

        def may(known: Stored) -> None:
            if known.content["status"] != "draft":
                raise Conflict(
                    "Only a draft can be deleted. Archive this package instead.",
                    code="not_a_draft",
                )

        self._saving.remove(actor, package_id, may)

    def history(self, actor: Actor, package_id: UUID) -> tuple[VersionView, ...]:
        """Who changed what and when, the newest first; saves of one sitting are one line."""
        known = self._saving.settled(operator_of(actor), package_id)
        with self._database.unit(RDS) as session:
            rows = versions.history(session, package_id, HISTORY_READ)
        lines: list[VersionView] = []
        position = 0
        while position < len(rows):
            last, first = rows[position], position
            while first + 1 < len(rows) and _one_sitting(rows[first], rows[first + 1]):
                first += 1
            before = rows[first + 1].content if first + 1 < len(rows) else {}
            changes = differences(before, last.content) if before else ()
            if changes or last.action != "edited":
                lines.append(
                    VersionView(
                        version=last.version,
                        at=last.at,
                        who=last.actor_name,
                        action=last.action,
                        changes=changes,
                        current=last.version == known.version,
                        actor_id=last.actor_id,
                    )
                )
            position = first + 1
        return tuple(lines)

    def version(self, actor: Actor, package_id: UUID, number: int) -> PackageDraft:
        """The package as it was in an earlier version. Raises ``NotFound``."""
        self._saving.settled(operator_of(actor), package_id)
        kept = self._kept(package_id, number)
        return draft_of(package_id, kept.content, version=kept.version, updated_at=kept.at)

    def restore(
        self, actor: Actor, package_id: UUID, to_version: int, version: int
    ) -> PackageDraft:
        """Make it what it was in ``to_version``: a new change, so that it can be undone too.

        Whether it is on sale and its address stay as they are now.
        """
        editing(actor)
        self.open(actor, package_id)
        kept = self._kept(package_id, to_version).content

        def make(known: Stored) -> Content:
            now = known.content
            if kept["currency"] != now["currency"] and self._has_departures(known.id):
                raise Invalid.one(
                    "currency",
                    f"It was in {kept['currency']} then, and there are departures in"
                    f" {now['currency']} now.",
                )
            content = {**kept, "status": now["status"], "slug": now["slug"]}
            if content["status"] == "published":
                _complete(
                    rules.lacks_of(content), "This package is on sale and can't be without it."
                )
            return content

        return self._view(self._saving.write(actor, package_id, version, "restored", make))

    def known(self, actor: Actor, package_id: UUID) -> Stored:
        """The package's content and version as they stand, to compare a file with."""
        return self._saving.settled(operator_of(actor), package_id)

    def known_of(self, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Stored]:
        """Those of ``ids`` that are the operator's, as :meth:`known`, in few queries."""
        found = self._saving.settled_of(operator_of(actor), ids)
        return {known.id: known for known in found}

    def wanted(
        self, known: Stored | None, form: PackageContentForm, slug: str, status: Status | None
    ) -> Content:
        """What a row of a file makes of a package, or of nothing. Writes nothing.

        Rows without an id are those of the same city or name that are there already.

        Raises:
            Invalid: a value is wrong, or the package would be on sale and lack something.
        """
        given = form.given()
        if known is None:
            new = parse(NewPackageForm, {k: given[k] for k in ("title", "currency") if k in given})
            content = rules.merged(rules.blank(new.title, slug, new.currency), given)
        else:
            content = rules.merged(
                known.content,
                rules.adopted(given, known.content),
                slug_fixed=_was_public(known),
                currency_fixed=lambda: self._has_departures(known.id),
            )
        content["status"] = status or content["status"]
        if content["status"] == "published" and not (known and content == known.content):
            lacks = rules.lacks_of(content)
            if known is None or known.content["status"] != "published":
                lacks = self._lacks(known, content)
            _complete(lacks, "This package can't be on sale like this.")
        return content

    def put(
        self,
        actor: Actor,
        package_id: UUID,
        version: int,
        make: Callable[[Stored | None], Content],
    ) -> None:
        """Make a package what ``make`` answers, in one change; ``version`` 0 is a new one.

        Raises:
            Conflict: ``edited_elsewhere`` ``slug_taken``.
        """
        if version:
            self._saving.write(actor, package_id, version, "imported", make)
        else:
            self._saving.add(actor, package_id, make(None), "imported")

    def repair(self) -> int:
        """Finish what crashes left open; the worker's. Returns how many were looked at."""
        return self._saving.repair()

    def _add(
        self, actor: Actor, title: str, action: str, content: Callable[[str], Content]
    ) -> Stored:
        """A new draft at the first free address of its title."""
        editing(actor)
        for _ in range(TRIES):
            with self._database.unit(PACKAGES) as session:
                taken = queries.slugs_like(session, free_slug(title, set()))
            try:
                return self._saving.add(actor, uuid7(), content(free_slug(title, taken)), action)
            except Conflict:
                # Somebody took that address at the same moment.
                continue
        raise slug_taken()

    def _move(
        self,
        actor: Actor,
        package_id: UUID,
        version: int,
        status: Status,
        may: Callable[[Stored], None] = lambda _: None,
    ) -> PackageDraft:
        def make(known: Stored) -> Content:
            may(known)
            return {**known.content, "status": status}

        return self._view(self._saving.write(actor, package_id, version, ACTIONS[status], make))

    def _view(self, known: Stored) -> PackageDraft:
        return draft_of(
            known.id,
            known.content,
            version=known.version,
            updated_at=known.updated_at,
            lacks=self._lacks(known, known.content),
            slug_fixed=_was_public(known),
            currency_fixed=self._has_departures(known.id),
            without_price=self._without_price(known),
        )

    def _without_price(self, known: Stored) -> tuple[date, ...]:
        """The days to come on which nobody can book, because some room would cost nothing."""
        rooms = [room["price"] for room in known.content["occupancy_prices"]]
        least = least_own_price(known.content["price"], rooms)
        with self._database.unit(RDS) as session:
            today = self._clock.now().date()
            return tuple(departures.cheaper_than(session, known.id, today, least))

    def _lacks(self, known: Stored | None, content: Content) -> tuple[FieldError, ...]:
        lacks = rules.lacks_of(content)
        if known and any(row.status == "open" for row in self._catalogue.departures(known.id)):
            return lacks
        return (*lacks, rules.NO_DEPARTURE)

    def _has_departures(self, package_id: UUID) -> bool:
        with self._database.unit(RDS) as session:
            return queries.has_departures(session, package_id)

    def _kept(self, package_id: UUID, number: int) -> PackageVersion:
        with self._database.unit(RDS) as session:
            kept = versions.one(session, package_id, number)
        if kept is None:
            raise NotFound("This version does not exist.", code="version_not_found")
        return kept


def _complete(lacks: tuple[FieldError, ...], sentence: str) -> None:
    if lacks:
        raise Invalid(
            f"{sentence} {' '.join(item.message for item in lacks)}", code="not_ready", fields=lacks
        )


def _was_public(known: Stored) -> bool:
    # The operators' own system publishes without noting when.
    return known.published_at is not None or known.content["status"] != "draft"


def _one_sitting(later: PackageVersion, earlier: PackageVersion) -> bool:
    return (
        later.action == earlier.action == "edited"
        and later.actor_id is not None
        and later.actor_id == earlier.actor_id
        and later.at - earlier.at < ONE_SITTING
    )
