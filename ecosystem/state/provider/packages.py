"""An operator's own packages: filtered, searched, sorted, paged; a new one begins here."""

from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.drafts import PackageDraft
from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.services.own_packages import PackageRow, PackageRows, Sort, Wanted
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/packages"
PAGE_SIZE = 25
MOST_PAGES = 4000
FEW_SEATS = 4
TONES = {"draft": "warn", "published": "good", "archived": "plain"}
FILTERS: tuple[tuple[Wanted, str], ...] = (
    ("", "All"),
    ("published", "Published"),
    ("draft", "Drafts"),
    ("archived", "Archived"),
)


@dataclass(frozen=True)
class PackageLine:
    """A package in the operator's table, formatted. ``can_archive``: it is not archived yet."""

    key: str = ""
    href: str = ""
    title: str = ""
    facts: str = ""
    status: str = ""
    tone: str = "plain"
    price: str = ""
    departs: str = ""
    seats: str = ""
    missing: str = ""
    changed: str = ""
    can_archive: bool = True


@dataclass(frozen=True)
class FilterLine:
    """A filter with how many packages it shows."""

    label: str = ""
    count: str = ""
    href: str = ""
    on: bool = False


class ProviderPackagesState(rx.State):
    """``phase`` is loading, shown or failed. What is asked for stands in the address."""

    phase: str = "loading"
    problem: str = ""
    rows: list[PackageLine] = []
    filters: list[FilterLine] = []
    words: str = ""
    status: str = ""
    sort: str = "changed"
    any_at_all: bool = True
    may_edit: bool = True
    position: str = ""
    previous_href: str = ""
    following_href: str = ""
    by_title: str = ""
    by_price: str = ""
    by_change: str = ""

    title_error: str = ""
    currency_error: str = ""
    currency: str = "EUR"
    creating: bool = False

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the page that the address names."""
        self.reset()
        asked = query(self)
        self.words = search_words(asked.get("q", ""))
        self.status = wanted_status(asked.get("status", ""))
        self.sort = wanted_sort(asked.get("sort", ""))
        await self._load(page_number(asked.get("page", "")))

    async def _load(self, page: int) -> None:
        before = (page - 1) * PAGE_SIZE
        try:
            actor = await current_actor(self)
            found = await call(
                services().own_packages.page,
                actor,
                words=self.words,
                status=wanted_status(self.status),
                sort=wanted_sort(self.sort),
                limit=PAGE_SIZE,
                offset=before,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.may_edit = actor.operator_role != "viewer"
        self._show(found, page, before)
        self.phase = "shown"

    def _show(self, found: PackageRows, page: int, before: int) -> None:
        self.rows = [package_line(row) for row in found.rows]
        self.any_at_all = bool(self.words) or found.counts[""] > 0
        if found.rows:
            self.currency = found.rows[0].price.currency
        self.filters = [
            FilterLine(
                label,
                formats.number(found.counts.get(status, 0)),
                self._address(status=status),
                status == self.status,
            )
            for status, label in FILTERS
        ]
        self.position = formats.range_of(before, len(found.rows), found.total)
        self.previous_href = self._address(page=page - 1) if page > 1 else ""
        more = bool(found.rows) and before + len(found.rows) < found.total
        self.following_href = self._address(page=page + 1) if more else ""
        self.by_title, self.by_price = self._address(sort="title"), self._address(sort="price")
        self.by_change = self._address(sort="changed")

    def _address(self, **other: Any) -> str:
        now = {"words": self.words, "status": self.status, "sort": self.sort}
        return address_of(**{**now, **other})

    @rx.event
    @allow("provider")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by title or city: a new address, which loads the list anew."""
        data = form if isinstance(form, dict) else {}
        return rx.redirect(self._address(words=search_words(data.get("q", ""))))

    @rx.event
    @allow("provider")
    async def create(self, form: dict[str, Any]) -> EventSpec | None:
        """Begin a new package and open it."""
        self.title_error = self.currency_error = ""
        data = form if isinstance(form, dict) else {}
        title, currency = str(data.get("title", ""))[:500], str(data.get("currency", ""))[:10]
        try:
            made = await call(services().editor.create, await current_actor(self), title, currency)
        except Invalid as error:
            wrong = field_errors(error)
            self.title_error, self.currency_error = (
                wrong.get("title", ""),
                wrong.get("currency", ""),
            )
            return None if wrong else failed(error, PATH)
        except EcosystemError as error:
            return failed(error, PATH)
        self.creating = False
        return rx.redirect(f"{PATH}/{made.id}")

    @rx.event
    @allow("provider")
    async def begin(self) -> None:
        """Ask what a new package is called."""
        self.title_error = self.currency_error = ""
        self.creating = True

    @rx.event
    @allow("provider")
    async def leave(self) -> None:
        """Close that question."""
        self.creating = False

    @rx.event
    @allow("provider")
    async def duplicate(self, key: str) -> EventSpec | None:
        """Make a copy of a package as a draft and open it."""
        try:
            actor = await current_actor(self)
            made = await call(services().editor.duplicate, actor, UUID(str(key)))
        except ValueError:
            return None
        except EcosystemError as error:
            return failed(error, PATH)
        return rx.redirect(f"{PATH}/{made.id}")

    @rx.event
    @allow("provider")
    async def archive(self, key: str) -> EventSpec | None:
        """Take a package off the market."""
        return await self._move(key, "archived")

    @rx.event
    @allow("provider")
    async def undo(self, key: str, status: str) -> EventSpec | None:
        """Make an archived package again what it was."""
        return await self._move(key, status)

    async def _move(self, key: Any, status: Any) -> EventSpec | None:
        editor = services().editor
        acts = {
            "archived": editor.archive,
            "published": editor.publish,
            "draft": editor.back_to_draft,
        }
        if not isinstance(status, str) or status not in acts:
            return None
        try:
            actor, package_id = await current_actor(self), UUID(str(key))
            draft: PackageDraft = await call(editor.open, actor, package_id)
            await call(acts[status], actor, package_id, draft.version)
        except ValueError:
            return None
        except EcosystemError as error:
            return failed(error, PATH)
        await self._load(page_number(query(self).get("page", "")))
        if status != "archived":
            return toast(f"{draft.title} is {status} again.", "done")
        undo = ProviderPackagesState.undo(str(key), draft.status)
        return toast(f"{draft.title} is archived. Its bookings stay.", "done", undo=undo)


def page_number(text: str) -> int:
    """The page an address names, 1 for anything that is none."""
    if text.isascii() and text.isdigit() and len(text) < 6:
        return min(max(int(text), 1), MOST_PAGES)
    return 1


def wanted_status(text: str) -> Wanted:
    """The status an address asks for, empty for anything that is none."""
    return next((status for status in get_args(Wanted) if status == text), "")


def wanted_sort(text: str) -> Sort:
    """The order an address asks for, by the latest change unless it names another."""
    return next((sort for sort in get_args(Sort) if sort == text), "changed")


def address_of(words: str = "", page: int = 1, status: str = "", sort: str = "changed") -> str:
    """The address of a page of the list."""
    given = {
        "q": words,
        "status": status,
        "sort": "" if sort == "changed" else sort,
        "page": str(page) if page > 1 else "",
    }
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{asked}" if asked else PATH


def package_line(row: PackageRow) -> PackageLine:
    """A package in words."""
    left = row.seats_left
    departs = formats.day(row.next_departure) if row.next_departure else "None ahead"
    missing = "" if row.status == "archived" or not row.missing else f"{row.missing} missing"
    return PackageLine(
        key=str(row.id),
        href=f"{PATH}/{row.id}",
        title=row.title,
        facts=" · ".join(p for p in (formats.nights(row.nights), row.cities) if p)
        if row.nights
        else "No city yet",
        status=row.status,
        tone=TONES[row.status],
        price=formats.money(row.price) if row.price.minor else "No price yet",
        departs=departs,
        seats=""
        if row.next_departure is None
        else ("1 seat left" if left == 1 else f"{left} seats left"),
        missing=missing,
        changed=f"{formats.moment(row.updated_at)} UTC",
        can_archive=row.status != "archived",
    )
