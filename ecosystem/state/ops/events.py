"""What came in and what goes out, message by message; what is asked for stands in the address."""

import json
from dataclasses import dataclass, replace
from typing import Any, cast, get_args
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.operations import Message, MessageState, Queue
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.provider.packages import page_number
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/events"
PAGE_SIZE = 50
LONGEST_PAYLOAD = 20_000
TONES: dict[str, str] = {"waiting": "plain", "failing": "bad", "done": "good"}


@dataclass(frozen=True)
class EventLine:
    """A message. ``again``: what its button says, empty if there is none; ``payload`` only of the
    one that is open."""

    id: str = ""
    kind: str = ""
    source: str = ""
    state: str = ""
    tone: str = "plain"
    error: str = ""
    attempts: str = ""
    at: str = ""
    then: str = ""
    again: str = ""
    payload: str = ""


class OpsEventsState(rx.State):
    """``phase`` is loading, shown or failed; ``opened`` is the message whose payload is shown."""

    phase: str = "loading"
    problem: str = ""
    rows: list[EventLine] = []
    queue: str = "inbox"
    state: str = ""
    words: str = ""
    previous_href: str = ""
    following_href: str = ""
    opened: EventLine = EventLine()

    _page: int = 1
    _payloads: dict[str, str] = {}

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        asked = query(self)
        self.queue = "outbox" if asked.get("queue") == "outbox" else "inbox"
        self.state = asked["state"] if asked.get("state") in get_args(MessageState) else ""
        self.words = search_words(asked.get("q", ""))
        self._page = min(page_number(asked.get("page", "")), 1000)
        await self._load()

    @rx.event
    @allow("ops")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by words and state: a new address, which loads the list anew."""
        data = form if isinstance(form, dict) else {}
        state = data.get("state", "")
        known = state if isinstance(state, str) and state in get_args(MessageState) else ""
        return rx.redirect(address(self.queue, known, search_words(data.get("q", ""))))

    @rx.event
    @allow("ops")
    async def retry(self, key: str) -> EventSpec:
        """Let a message be dealt with now."""
        queue = cast(Queue, self.queue)
        try:
            await call(services().messages.retry, await current_actor(self), queue, str(key)[:200])
            services().worker.nudge(queue)
            await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast("It is dealt with in the next seconds. Refresh to see how it went.", "done")

    @rx.event
    @allow("ops")
    async def show(self, key: str) -> None:
        """Open the payload of a message of this page."""
        row = next((row for row in self.rows if row.id == key), None)
        self.opened = replace(row, payload=self._payloads[row.id]) if row else EventLine()

    @rx.event
    @allow("ops")
    async def close(self) -> None:
        """Close the payload."""
        self.opened = EventLine()

    async def _load(self) -> None:
        before = (self._page - 1) * PAGE_SIZE
        try:
            found, more = await call(
                services().messages.rows,
                await current_actor(self),
                cast(Queue, self.queue),
                state=self.state,
                words=self.words,
                limit=PAGE_SIZE,
                offset=before,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [event_line(message) for message in found]
        # They are long, and may hold what nobody has asked to see.
        self._payloads = {message.id: payload_text(message) for message in found}
        asked = (self.queue, self.state, self.words)
        self.previous_href = address(*asked, self._page - 1) if self._page > 1 else ""
        self.following_href = address(*asked, self._page + 1) if more else ""
        self.phase = "shown"


def address(queue: str, state: str = "", words: str = "", page: int = 1) -> str:
    """The address of a page of the list."""
    given = {
        "queue": "" if queue == "inbox" else queue,
        "state": state,
        "q": words,
        "page": str(page) if page > 1 else "",
    }
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{asked}" if asked else PATH


def event_line(message: Message) -> EventLine:
    """A message in words."""
    then = ""
    if message.done_at:
        then = f"done {formats.moment(message.done_at)} UTC"
    elif message.attempts:
        then = f"next try {formats.moment(message.next_try)} UTC"
    again = "Try now" if message.state != "done" else ""
    if message.queue == "inbox" and message.state == "done":
        again = "Look again"
    return EventLine(
        id=message.id,
        kind=message.kind,
        source={"stripe": "Stripe", "stripe_connect": "Stripe, connected account"}.get(
            message.source, message.source
        ),
        state=message.state,
        tone=TONES[message.state],
        error=message.error,
        attempts=formats.number(message.attempts),
        at=f"{formats.moment(message.at)} UTC",
        then=then,
        again=again,
    )


def payload_text(message: Message) -> str:
    """What a message holds, for reading; of a very long one the beginning."""
    text = json.dumps(message.payload, indent=2, ensure_ascii=False, default=str)
    return text[:LONGEST_PAYLOAD]
