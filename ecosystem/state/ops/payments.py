"""Money that needs somebody: what is stuck, failed, disputed, owed; and whether the books agree."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.ledger_checks import Check
from ecosystem.services.operations.stuck import SHOWN as STUCK_SHOWN
from ecosystem.services.refunds import SHOWN as REFUNDS_SHOWN
from ecosystem.services.transfers.tending import SHOWN as TRANSFERS_SHOWN
from ecosystem.state import formats
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.ops.money_lines import (
    CheckLine,
    DisputeRow,
    MoneyLine,
    check_line,
    dispute_row,
    payment_line,
    refund_line,
    reversal_line,
    transfer_line,
    unrecovered_line,
)
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/payments"
LONGEST_NOTE = 500
DISPUTES_SHOWN = 100


class OpsPaymentsState(rx.State):
    """``phase`` is loading, shown or failed; ``checks_phase`` so for the checks, which take
    longer. ``settling`` is the refund that somebody has carried out by hand; ``cut`` says that a
    list goes on."""

    phase: str = "loading"
    problem: str = ""
    checks_phase: str = "loading"
    checks_problem: str = ""
    checks: list[CheckLine] = []
    payments: list[MoneyLine] = []
    refunds: list[MoneyLine] = []
    transfers: list[MoneyLine] = []
    owing: list[MoneyLine] = []
    disputes: list[DisputeRow] = []
    open_disputes: str = ""
    failed_count: str = ""
    refunds_moving: str = ""
    transfers_moving: str = ""
    stuck_count: str = ""
    checked: str = ""
    cut: str = ""
    settling: MoneyLine = MoneyLine()
    note_error: str = ""

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load what waits, and what the last check of the books found."""
        self.reset()
        await self._load()
        if self.phase == "shown":
            await self._checks(services().ledger_checks.latest)

    @rx.event
    @allow("ops")
    async def check(self) -> None:
        """Compare the ledger with our rows and with Stripe's balance now."""
        await self._checks(services().ledger_checks.run)

    async def _checks(self, find: Callable[[Actor], tuple[Check, ...]]) -> None:
        self.checks_problem = ""
        try:
            found = await call(find, await current_actor(self))
        except EcosystemError as error:
            self.checks_phase, self.checks_problem = "failed", error.detail
            return
        self.checks = [check_line(one) for one in found]
        times = [one.at for one in found if one.at is not None]
        self.checked = f"Checked {formats.moment(min(times))} UTC" if times else ""
        self.checks_phase = "shown"

    @rx.event
    @allow("ops")
    async def ask(self, key: str) -> EventSpec | None:
        """Ask Stripe how a payment stands."""
        return await self._act(services().stuck.ask, key, done="Stripe was asked.")

    @rx.event
    @allow("ops")
    async def retry(self, what: str, key: str) -> EventSpec | None:
        """Try a failed refund, transfer or reversal again."""
        acts = {
            "refund": services().refunds.retry,
            "transfer": services().transfers.retry,
            "reversal": services().transfers.retry_reversal,
        }
        if not isinstance(what, str) or what not in acts:
            return None
        done = f"The {what} is tried again in the next seconds."
        return await self._act(acts[what], key, done=done)

    @rx.event
    @allow("ops")
    async def ask_by_hand(self, key: str) -> None:
        """Ask how a refund reached the buyer otherwise."""
        self.note_error = ""
        self.settling = next((row for row in self.refunds if row.id == key), MoneyLine())

    @rx.event
    @allow("ops")
    async def keep(self) -> None:
        """Leave the refund as it is."""
        self.settling, self.note_error = MoneyLine(), ""

    @rx.event
    @allow("ops")
    async def by_hand(self, form: dict[str, Any]) -> EventSpec | None:
        """Record that a failed refund reached the buyer another way."""
        data = form if isinstance(form, dict) else {}
        note = str(data.get("note", ""))[: LONGEST_NOTE + 1]
        try:
            actor = await current_actor(self)
            await call(services().refunds.by_hand, actor, UUID(self.settling.id), note)
        except ValueError:
            return None
        except EcosystemError as error:
            self.note_error = field_errors(error).get("note", "") or error.detail
            return None
        self.settling = MoneyLine()
        await self._load()
        return toast("Recorded. The ledger says that the buyer has it.", "done")

    async def _act(self, act: Any, key: str, *, done: str) -> EventSpec | None:
        try:
            await call(act, await current_actor(self), UUID(str(key)))
        except ValueError:
            return None
        except EcosystemError as error:
            await self._load()
            return failed(error, PATH)
        await self._load()
        return toast(done, "done")

    async def _load(self) -> None:
        """Show it, or say why that failed: whatever was done before is done."""
        try:
            await self._gather(await current_actor(self))
            self.phase, self.problem = "shown", ""
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _gather(self, actor: Actor) -> None:
        known, now = services(), services().clock.now()
        stuck = await call(known.stuck.payments, actor)
        self.payments = [payment_line(one) for one in stuck]
        promised = await call(known.refunds.open, actor)
        self.refunds, self.refunds_moving = troubled([refund_line(one) for one in promised])
        unsent, back = await call(known.transfers.open, actor)
        self.transfers, self.transfers_moving = troubled(
            [*(transfer_line(one) for one in unsent), *(reversal_line(one) for one in back)]
        )
        found = await call(known.disputes.rows, actor, limit=DISPUTES_SHOWN)
        self.disputes = [dispute_row(line, now) for line in found]
        owing = await call(known.stuck.unrecovered, actor)
        self.owing = [unrecovered_line(one) for one in owing]
        self.cut = cut(
            ("disputes", found, DISPUTES_SHOWN),
            ("refunds", promised, REFUNDS_SHOWN),
            ("transfers", unsent, TRANSFERS_SHOWN),
            ("transfers that come back", back, TRANSFERS_SHOWN),
            ("stuck payments", stuck, STUCK_SHOWN),
            ("parties that owe", owing, STUCK_SHOWN),
        )
        failures = [row for row in (*self.refunds, *self.transfers) if row.state == "failed"]
        self.open_disputes = formats.number(sum(line.open for line in found))
        self.failed_count = formats.number(len(failures))
        self.stuck_count = formats.number(len(self.payments))


def cut(*lists: tuple[str, Sequence[Any], int]) -> str:
    """That there may be more of some: the name of each list, its rows, and how many it can have."""
    full = [name for name, rows, most in lists if len(rows) >= most]
    if not full:
        return ""
    return f"There may be more {' and '.join(full)} than are listed and counted here."


def troubled(lines: list[MoneyLine]) -> tuple[list[MoneyLine], str]:
    """What something is wrong with, and in words how many are only on their way."""
    wrong = [line for line in lines if line.state == "failed" or line.failure]
    moving = len(lines) - len(wrong)
    if not moving:
        return wrong, ""
    return wrong, f"{counted(moving, 'more is', 'more are')} on the way without trouble."
