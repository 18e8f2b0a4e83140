"""What the package editor's handlers share: loading, saving, and what is shown after it."""

import secrets
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.drafts import (
    Content,
    PackageDraft,
    VersionView,
    content_of,
    differences,
)
from ecosystem.domain.errors import Conflict, EcosystemError, FieldError, Invalid
from ecosystem.services.forms import parse
from ecosystem.services.package_editor.forms import DraftForm
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.state.package_view import PriceLine, price_lines, route_map
from ecosystem.state.provider.package import views
from ecosystem.state.provider.package.sheet import (
    Clash,
    Sheet,
    apart,
    change_lines,
    clash,
    family_price,
    onto,
    wrong_parts,
)
from ecosystem.state.provider.package.typed import Reading
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

IN_CURRENCY = {"price", "single_supplement", "occupancy_prices", "addons"}
VIEWER = (
    "You can see this package, but not change it. Ask an owner of the team to make you an editor."
)


class EditorDesk(rx.State, mixin=True):
    """``phase`` is loading, shown, missing or failed.

    ``load`` names one filling of the fields: while it stays, what is on screen stays. ``done``
    counts what was saved or refused since then; ``outcome`` is how the last of it went: saved,
    same, refused, clash, failed. ``acked`` is the last batch of typed words that was dealt with,
    ``unsaved`` the parts that could not be saved. ``settled``: this load follows a decision about
    unsaved words, so none of those are offered again.
    """

    phase: str = "loading"
    problem: str = ""
    package_id: str = ""
    load: str = ""
    version: int = 0
    acked: int = 0
    done: int = 0
    outcome: str = ""
    message: str = ""
    unsaved: str = ""
    settled: bool = False
    locked: str = ""

    head: views.Head = views.Head()
    currencies: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    errors: dict[str, str] = {}
    checks: list[views.Check] = []
    wanting: list[str] = []
    highlights: list[views.Line] = []
    tags: list[views.Line] = []
    exclusions: list[views.Line] = []
    stays: list[views.StayRow] = []
    addons: list[views.AddonRow] = []
    child_bands: list[views.BandRow] = []
    policy: list[views.TierRow] = []

    without_price: str = ""
    nights_words: str = ""
    map_svg: str = ""
    policy_lines: list[str] = []
    payment_words: str = ""
    child_age: int = 8
    family_lines: list[PriceLine] = []
    family_total: str = ""
    clash: Clash = Clash()
    departures: list[views.DepartureLine] = []
    departures_note: str = ""
    bookable: bool = True

    _sheet: Sheet | None = None
    _before: Sheet | None = None

    def _lay_out(self, draft: PackageDraft, *, settled: bool) -> None:
        """Fill the fields from what is stored."""
        self._sheet, self._before = Sheet(draft), None
        self.load = secrets.token_hex(4)
        self.package_id, self.phase = str(draft.id), "shown"
        self.acked, self.outcome, self.message, self.unsaved = 0, "", "", ""
        self.settled, self.clash, self.errors = settled, Clash(), {}
        self._show_fields()
        self._show_results()

    def _show_fields(self) -> None:
        """Send what is typed: fields that are drawn anew begin with it."""
        sheet = self._sheet
        if sheet is None:
            return
        self.fields = dict(sheet.typed.scalars)
        codes = dict.fromkeys((*SHOWN, sheet.typed.currency))
        self.currencies = [{"value": code, "label": code} for code in codes]
        for name in views.ROWS:
            self._show_list(name)

    def _show_list(self, name: str) -> None:
        sheet = self._sheet
        if sheet is not None:
            setattr(self, name, [views.ROWS[name](row) for row in sheet.typed.lists[name]])

    def _show_results(self) -> None:
        """What follows from the fields: the head, what is missing, prices, the policy in words."""
        sheet = self._sheet
        if sheet is None:
            return
        content = sheet.whole(sheet.reading())
        self.version, self.head = sheet.draft.version, views.head_of(sheet.draft)
        self.errors = dict(sheet.errors)
        self.checks = views.checks_of(sheet.draft)
        self.wanting = views.missing_in(sheet.draft, sheet.errors)
        self.without_price = views.without_price_words(sheet.draft)
        self.nights_words = views.nights_words(content)
        self.policy_lines = views.policy_words(content)
        self.payment_words = views.payment_words(content)
        self._show_family(content)

    def _show_family(self, content: Content) -> None:
        try:
            found = family_price(content, self.child_age, services().clock.now().date())
        except Invalid:
            found = None
        self.family_lines = price_lines(found) if found else []
        self.family_total = formats.money(found.total) if found else ""

    async def _show_map(self) -> None:
        sheet = self._sheet
        if sheet is not None:
            self.map_svg = await call(route_map, views.stays_in(sheet.draft))

    async def _load(self, package_id: UUID, *, settled: bool) -> None:
        """Read what is stored now and fill the fields. Raises ``NotFound``, ``Unavailable``."""
        actor = await current_actor(self)
        draft = await call(services().editor.open, actor, package_id)
        self.locked = VIEWER if actor.operator_role == "viewer" else ""
        self._lay_out(draft, settled=settled)
        await self._show_map()
        await self._show_departures(package_id)
        package = await call(services().desk.package, actor, package_id)
        self.bookable = package.bookable

    async def _show_departures(self, package_id: UUID) -> None:
        rows = await call(services().catalogue.departures, package_id)
        self.departures, self.departures_note = views.departures_of(rows)

    async def _save(self) -> EventSpec | None:
        """Save what was changed; parts that are wrong stay unsaved and say so at their fields."""
        sheet = self._sheet
        if sheet is None:
            return None
        self.done += 1
        reading = sheet.reading()
        try:
            if self.clash.shown:
                await self._show_clash(sheet if self._before is None else self._before)
                return None
            self.outcome = await self._write(sheet, reading)
            self.message = ""
        except Conflict:
            return await self._beside_theirs(sheet)
        except EcosystemError as error:
            self.outcome, self.message = "failed", error.detail
        self.unsaved = " ".join(sorted(wrong_parts(sheet.errors)))
        self._show_results()
        return None

    async def _beside_theirs(self, sheet: Sheet) -> EventSpec | None:
        """After somebody else has saved: both stand where they touch nothing of each other."""
        acked = self.acked
        try:
            theirs = await call(services().editor.open, await current_actor(self), sheet.draft.id)
            if not apart(sheet, theirs):
                await self._show_clash(sheet)
                return None
            there = change_lines(differences(sheet.base, content_of(theirs)))
            await self._put_onto(theirs, sheet, settled=False)
        except Conflict:
            await self._show_clash(sheet)
            return None
        except EcosystemError as error:
            self.outcome, self.message = "failed", error.detail
            return None
        self.acked, self.outcome = acked, "saved"
        changed = ", ".join(line.label for line in there)
        return toast(f"Saved. Changed elsewhere meanwhile, and shown here now: {changed}", "plain")

    async def _write(self, sheet: Sheet, reading: Reading) -> str:
        """Write the changed parts; once more without those that the service refuses."""
        stops = [(stay.city, stay.latitude) for stay in sheet.draft.stays]
        sheet.errors, wrote = dict(reading.errors), False
        changes = sheet.changes(reading)
        for _ in range(2):
            if not changes:
                break
            try:
                sheet.stored(await self._send(sheet, changes), reading)
                wrote = True
                break
            except (Invalid, Conflict) as error:
                refused = _fields_of(error)
                if not refused:
                    raise
                sheet.errors = sheet.refused(reading, refused)
                without = wrong_parts(sheet.errors)
                if "currency" in {item.field for item in refused}:
                    # They were meant in that currency, and mean another sum in this one.
                    without |= IN_CURRENCY
                changes = sheet.changes(reading, without=without)
        if stops != [(stay.city, stay.latitude) for stay in sheet.draft.stays]:
            await self._show_map()
        if sheet.errors:
            return "partly" if wrote else "refused"
        return "saved" if wrote else "same"

    async def _send(self, sheet: Sheet, changes: Content) -> PackageDraft:
        form = parse(DraftForm, {**changes, "version": sheet.draft.version})
        actor = await current_actor(self)
        return await call(services().editor.save, actor, sheet.draft.id, form)

    async def _show_clash(self, sheet: Sheet) -> None:
        """Say who was first and what both changed. Nothing is written until one has decided."""
        actor = await current_actor(self)
        theirs = await call(services().editor.open, actor, sheet.draft.id)
        newer = await self._newer(sheet.draft)
        self.clash, self.outcome = clash(sheet, theirs, newer, actor.user_id), "clash"

    async def _newer(self, draft: PackageDraft) -> list[VersionView]:
        actor = await current_actor(self)
        history = await call(services().editor.history, actor, draft.id)
        return [version for version in history if version.version > draft.version]

    async def _mine_onto_theirs(self) -> None:
        """Save the fields changed here onto what is stored now, and show the result."""
        sheet = self._sheet if self._before is None else self._before
        if sheet is None:
            return
        theirs = await call(services().editor.open, await current_actor(self), sheet.draft.id)
        await self._put_onto(theirs, sheet, settled=True)

    async def _put_onto(self, theirs: PackageDraft, sheet: Sheet, *, settled: bool) -> None:
        actor = await current_actor(self)
        mine, draft = sheet.changes(sheet.reading()), theirs
        if mine:
            form = parse(DraftForm, {**onto(theirs, mine), "version": theirs.version})
            draft = await call(services().editor.save, actor, theirs.id, form)
        self._lay_out(draft, settled=settled)
        await self._show_map()


def _fields_of(error: Invalid | Conflict) -> tuple[FieldError, ...]:
    """At which fields a refusal stands; none if it is about the whole package."""
    if isinstance(error, Invalid):
        return error.fields
    return (FieldError("slug", error.detail),) if error.code == "slug_taken" else ()
