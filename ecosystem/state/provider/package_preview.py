"""A package as the public would see it: its draft, or an earlier version, for its own team."""

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

import reflex as rx

from ecosystem.domain.drafts import PackageDraft
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.views import AddonView, PackageView
from ecosystem.state import formats
from ecosystem.state.address import LONGEST, query
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.packages import PackageState
from ecosystem.state.provider.package.views import STATUS_WORDS, stays_in
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/provider/packages"


class PackagePreviewState(rx.State):
    """``what`` says which state of the package this is; the trip itself is in ``PackageState``."""

    what: str = ""
    back: str = PATH

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Fill the trip's page from the package that the address names."""
        self.reset()
        public = await self.get_state(PackageState)
        public.reset()
        try:
            package_id = UUID(urlsplit(str(self.router.url)[:LONGEST]).path.split("/")[3])
            await self._fill(public, package_id, query(self).get("version", ""))
            public.phase = "shown"
        except (NotFound, ValueError, IndexError):
            public.phase = "missing"
        except EcosystemError as error:
            public.phase, public.problem = "failed", error.detail

    async def _fill(self, public: PackageState, package_id: UUID, version: str) -> None:
        actor = await current_actor(self)
        view = await call(services().desk.package, actor, package_id)
        self.back = f"{PATH}/{package_id}"
        public._preview = True
        if version.isascii() and version.isdigit() and 0 < len(version) < 8:
            draft = await call(services().editor.version, actor, package_id, int(version))
            self.what = f"The version of {formats.moment(draft.updated_at)} UTC"
            # Dates are sold at today's prices, not at those of that version.
            await public._fill(as_it_was(view, draft), ())
            return
        self.what = STATUS_WORDS[view.status]
        rows = await call(services().catalogue.departures, package_id)
        await public._fill(view, rows)


def as_it_was(now: PackageView, draft: PackageDraft) -> PackageView:
    """The package's page with the content of an earlier version; nothing of it can be booked."""
    return replace(
        now,
        title=draft.title,
        summary=draft.summary,
        description=draft.description,
        stays=stays_in(draft),
        nights=draft.nights,
        base_price=draft.base_price,
        child_discount_percent=draft.child_discount_percent,
        single_supplement=draft.single_supplement,
        deposit_percent=draft.deposit_percent,
        balance_due_days=draft.balance_due_days,
        max_travellers=draft.max_travellers,
        policy=tuple(
            {"days_before": tier.days_before, "refund_percent": tier.refund_percent}
            for tier in draft.policy
        ),
        highlights=draft.highlights,
        tags=draft.tags,
        addons=tuple(
            AddonView(row.id, row.name, row.description, row.price, row.unit, row.required)
            for row in draft.addons
        ),
        exclusions=tuple(line.text for line in draft.exclusions),
        bookable=False,
    )
