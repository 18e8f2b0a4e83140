"""An agent's first page: this month, what waits for somebody, the latest bookings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import reflex as rx

from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import (
    WITHOUT_PASSPORT_DAYS,
    AgencyToday,
    Balance,
    PassportNeeded,
    QuoteNews,
    Unnamed,
    WaitingPayment,
)
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.money import Money
from ecosystem.services.agency_looks import Look
from ecosystem.state import formats
from ecosystem.state.agent.bookings import PATH as BOOKINGS
from ecosystem.state.booking_lines import BookingLine, booking_line
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.month_bars import sales_bars
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted, figure_of
from ecosystem.wiring import services

LATEST = 6
SHORT_MINUTES = 15
UNNAMED_LATE, UNNAMED_SOON = 7, 21
"""Days before a departure from which names that are missing are urgent, or soon will be."""


@dataclass(frozen=True)
class TodayFigures:
    """The number strip, formatted."""

    sold: str = ""
    sold_note: str = ""
    commission: str = ""
    commission_note: str = ""
    travelling: str = ""
    travelling_note: str = ""
    leaving: str = ""
    leaving_note: str = ""
    drafts: str = ""
    with_clients: str = ""
    accepted: str = ""
    ended: str = ""


class AgentTodayState(rx.State):
    """``phase`` is loading, shown or failed; ``waiting`` counts the lines of ``needs``."""

    phase: str = "loading"
    problem: str = ""
    greeting: str = ""
    date: str = ""
    figures: TodayFigures = TodayFigures()
    needs: list[dict[str, str]] = []
    waiting: str = ""
    months: list[dict[str, str | int | bool]] = []
    months_note: str = ""
    latest: list[BookingLine] = []
    latest_total: str = ""

    _seen: str = ""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the day."""
        self.reset()
        try:
            actor = await current_actor(self)
            look = await call(services().agency_desk.look, actor)
            await self._show(actor, look)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("agent", unasked=True)
    async def again(self) -> None:
        """Look anew, now and then: what clients do shows without a reload. What was seen before
        is not drawn again, and nothing of it is sent."""
        if self.phase != "shown":
            return
        desk = services().agency_desk
        try:
            actor = await current_actor(self)
            look = desk.seen(actor) or await call(desk.again, actor)
            if seen(look) != self._seen:
                await self._show(actor, look)
        except EcosystemError:
            return  # what is shown stays; the next look may succeed

    async def _show(self, actor: Actor, look: Look) -> None:
        page = await call(services().bookings.rows, actor, limit=LATEST, with_total=True)
        today, now = look.today, datetime.now(UTC)
        self.greeting = greeting(actor.name)
        self.date = formats.weekday(today.today)
        self.figures = today_figures(today)
        self.needs = [
            *(waiting_line(item, now) for item in today.waiting),
            *(quote_news_line(item, now) for item in today.quotes),
            *(balance_line(item, now) for item in today.balances),
            *(unnamed_line(item, now) for item in today.unnamed),
            *(passport_line(item) for item in today.passports),
            *([without_passport_line(today.without_passport)] if today.without_passport else []),
        ]
        self.waiting = str(len(self.needs)) if self.needs else ""
        self.months = sales_bars(today.months)
        self.months_note = f"In {today.months[0].total.currency}" if today.months else ""
        self.latest = [booking_line(row, BOOKINGS) for row in page.items]
        self.latest_total = formats.number(page.total or 0)
        self.phase, self._seen = "shown", seen(look)


def seen(look: Look) -> str:
    """What a page that shows a look need not draw again: with holds each minute changes words."""
    minute = datetime.now(UTC).strftime("%H:%M") if look.today.waiting else ""
    return f"{look.version} {minute}"


def greeting(name: str) -> str:
    """``Hello, Ann``: by the name people are called, whatever the hour at the server."""
    first = name.split(" ")[0] if name else ""
    return f"Hello, {first}" if first else "Hello"


def today_figures(today: AgencyToday) -> TodayFigures:
    sold, other_sold = figure_of([entry.total for entry in today.sold if entry.bookings])
    share, other_share = figure_of([entry.share for entry in today.sold if entry.share is not None])
    bookings = sum(entry.bookings for entry in today.sold)
    travel = today.travel
    return TodayFigures(
        sold=sold,
        sold_note=_joined(
            other_sold or counted(bookings, "booking", "bookings"),
            against([e.total for e in today.sold], [e.total for e in today.sold_before]),
        ),
        commission=share,
        commission_note=_joined(
            other_share or "on what was sold",
            against(
                [e.share for e in today.sold if e.share],
                [e.share for e in today.sold_before if e.share],
            ),
        ),
        travelling=formats.number(travel.now_people),
        travelling_note=counted(travel.now_bookings, "booking", "bookings") + " under way",
        leaving=formats.number(travel.soon_people),
        leaving_note=counted(travel.soon_bookings, "booking", "bookings") + " in the next 7 days",
        drafts=formats.number(today.pipeline.drafts),
        with_clients=formats.number(today.pipeline.waiting),
        accepted=formats.number(today.pipeline.accepted),
        ended=formats.number(today.pipeline.ended),
    )


def waiting_line(item: WaitingPayment, now: datetime) -> dict[str, str]:
    """A held booking: until when its seats are kept."""
    minutes = max(0, int((item.held_until - now).total_seconds() // 60))
    today = item.held_until.date() == now.date()
    until = formats.clock_time(item.held_until) if today else formats.moment(item.held_until)
    return {
        "badge": f"Hold ends {until_words(minutes)}",
        "tone": "bad" if minutes < SHORT_MINUTES else "warn",
        "text": f"{item.title} · {formats.people(item.travellers)} for {item.lead_name}"
        f" · seats are held until {until} UTC",
        "action": "Open booking",
        "href": f"{BOOKINGS}/{item.reference}",
    }


def quote_news_line(item: QuoteNews, now: datetime) -> dict[str, str]:
    """A proposal that was accepted, asked about or opened, or that ends soon."""
    days = (item.valid_until - now.date()).days
    if item.unread:
        badge, tone = counted(item.unread, "new question", "new questions"), "warn"
    elif item.status == "accepted":
        badge, tone = ("Accepted, not paid", "warn") if item.unpaid else ("Accepted", "good")
    elif days <= 3:
        badge, tone = (
            ("Ends today" if days <= 0 else f"Ends in {counted(days, 'day', 'days')}"),
            "warn",
        )
    else:
        badge, tone = "Opened", "brand"
    return {
        "badge": badge,
        "tone": tone,
        "text": f"{item.number} · {item.title} for {item.client_name}",
        "action": "Open proposal",
        "href": f"/agent/quotes/{item.id}",
    }


def passport_line(item: PassportNeeded) -> dict[str, str]:
    """A passport that is too short for a trip."""
    return {
        "badge": f"Passport ends {formats.day(item.until)}",
        "tone": "bad" if item.until < item.ends_on else "warn",
        "text": f"{item.client_name} leaves on {formats.day(item.starts_on)} · {item.title}",
        "action": "Open client",
        "href": f"/agent/clients/{item.client_id}",
    }


def without_passport_line(count: int) -> dict[str, str]:
    """How many leave soon without a passport on file."""
    who = counted(count, "client leaves", "clients leave")
    return {
        "badge": "No passport on file",
        "tone": "plain",
        "text": f"{who} within {WITHOUT_PASSPORT_DAYS} days and has none here"
        if count == 1
        else f"{who} within {WITHOUT_PASSPORT_DAYS} days and have none here",
        "action": "Open clients",
        "href": "/agent/clients",
    }


def against(now: Sequence[Money], before: Sequence[Money]) -> str:
    """``+12 % on last month``: of the first currency, up to the same moment; empty without one."""
    if not now:
        return ""
    last = next((sum_.minor for sum_ in before if sum_.currency == now[0].currency), 0)
    if last <= 0:
        return ""
    return f"{round((now[0].minor - last) * 100 / last):+d}\u00a0% on last month"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def until_words(minutes: int) -> str:
    """``in 12 min``, ``in 5 hours``, ``in 3 days``."""
    if minutes < 1:
        return "now"
    if minutes < 120:
        return f"in {minutes} min"
    return f"in {minutes // 60} hours" if minutes < 48 * 60 else f"in {minutes // 1440} days"


def unnamed_line(item: Unnamed, now: datetime) -> dict[str, str]:
    """A booking whose operator does not know yet who travels."""
    days = (item.starts_on - now.date()).days
    return {
        "badge": counted(item.missing, "detail missing", "details missing"),
        "tone": "bad" if days <= UNNAMED_LATE else "warn" if days <= UNNAMED_SOON else "plain",
        "text": f"{item.reference} · names or dates of birth for {item.lead_name}, {item.title},"
        f" leaving on {formats.day(item.starts_on)}",
        "action": "Name travellers",
        "href": f"{BOOKINGS}/{item.reference}",
    }


def balance_line(item: Balance, now: datetime) -> dict[str, str]:
    """A balance: red once its day has passed, amber within three days."""
    days = (item.due_on - now.date()).days
    what = "What you owe is" if item.owed else "Balance"
    if days < 0:
        badge, tone = f"{what} overdue by {counted(-days, 'day', 'days')}", "bad"
    elif days == 0:
        badge, tone = f"{what} due today", "warn"
    else:
        badge = f"{what} due in {counted(days, 'day', 'days')}"
        tone = "warn" if days <= 3 else "plain"
    return {
        "badge": badge,
        "tone": tone,
        "text": f"{item.reference} · {formats.money(item.amount)} by {formats.day(item.due_on)}"
        f" · {item.lead_name}, {item.title}",
        "action": "Open booking",
        "href": f"{BOOKINGS}/{item.reference}",
    }
