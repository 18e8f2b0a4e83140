"""The conversation about the booking whose reference ends the page's address."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.conversations import Conversation, MessageView
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _, ngettext
from ecosystem.services.conversations import MessageForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.session import current_actor
from ecosystem.wiring import services


@dataclass(frozen=True)
class MessageLine:
    """A message in words. ``note``: when it was written, and whether it was read."""

    id: str = ""
    mine: bool = False
    author: str = ""
    body: str = ""
    note: str = ""


class ConversationState(rx.State):
    """``ready`` once it may be shown; ``sent`` counts, so that the field empties."""

    ready: bool = False
    messages: list[MessageLine] = []
    earlier: str = ""
    other: str = ""
    can_write: bool = False
    error: str = ""
    sent: int = 0

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> None:
        """Load it; what the other side wrote counts as read."""
        self.reset()
        await self._load()

    @rx.event
    @allow("*", unasked=True)
    async def refresh(self) -> None:
        """Look for new messages, now and then while the page is open."""
        if self.ready:
            await self._load()

    @rx.event
    @allow("*", limit="message")
    async def send(self, form: dict[str, Any]) -> EventSpec | None:
        """Write to the other side."""
        self.error = ""
        try:
            typed = form.get("body", "") if isinstance(form, dict) else ""
            message = parse(MessageForm, {"body": typed})
            actor, (reference, key) = await current_actor(self), _address(self)
            await call(services().conversations.send, actor, reference, message, key=key)
        except EcosystemError as error:
            self.error = field_errors(error).get("body", "")
            return None if self.error else failed(error)
        self.sent += 1
        await self._load()
        return None

    async def _load(self) -> None:
        reference, key = _address(self)
        try:
            actor = await current_actor(self)
            found = await call(services().conversations.open, actor, reference, key=key)
        except EcosystemError:
            # The page around it says what is wrong; what is shown stays as it was.
            return
        self._show(found)

    def _show(self, found: Conversation) -> None:
        show_changed(
            self,
            messages=[message_line(one, found.timezone) for one in found.messages],
            other=found.other,
            can_write=found.can_write,
            earlier=_earlier(found.earlier),
            ready=True,
        )


def _earlier(count: int) -> str:
    """How many messages are not shown; empty for none."""
    if not count:
        return ""
    return ngettext(
        "{count} earlier message is not shown",
        "{count} earlier messages are not shown",
        count,
    ).format(count=formats.number(count))


def _address(state: rx.State) -> tuple[str, str]:
    """The booking's reference and the key of the trip's link, as the address has them."""
    return last_part(state).upper(), query(state).get("key", "")[:200]


def message_line(message: MessageView, timezone: str) -> MessageLine:
    at = formats.moment(message.at, timezone)
    read = _("{time} · read").format(time=at)
    return MessageLine(
        id=str(message.id),
        mine=message.mine,
        author=_("You") if message.mine else message.author,
        body=message.body,
        note=read if message.mine and message.read else at,
    )
