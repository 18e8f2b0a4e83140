"""Messages about a booking: its buyer on one side, its operator on the other.

Who is the buyer: whoever sees the booking in full, by account, by browser or by the link of
the e-mail. Who knows only the reference sees no message and can't write.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, messages
from ecosystem.database.queries import conversations as queries
from ecosystem.database.tables import Booking, Message
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.conversations import Conversation, MessageView, Side
from ecosystem.domain.errors import Forbidden, NotFound, TooManyRequests
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _
from ecosystem.services.forms import Form
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.ports import Clock

LONGEST = 2000
SHOWN = 200
MOST_IN_AN_HOUR = 30
BATCH = timedelta(minutes=1)
"""What one side writes within such a slice of time is announced in one e-mail, at its end."""
SETTLED = timedelta(seconds=5)
"""So long after it what was written at the very end of a slice has been committed."""
SAME_AGAIN = timedelta(seconds=15)
"""The same words within this time are the same message, sent twice."""


def plain_text(value: str) -> str:
    """Words with line breaks, nothing that can't be seen; at most two breaks in a row."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c for c in lines if c == "\n" or c.isprintable() or c == "\t")
    body = re.sub(r"\n{3,}", "\n\n", shown).strip()
    if not body:
        raise ValueError(_("Write something first."))
    if len(body) > LONGEST:
        raise ValueError(_("A message can have at most {most} characters.").format(most=LONGEST))
    return body


class MessageForm(Form):
    """Plain text."""

    body: Annotated[str, Field(max_length=20_000), AfterValidator(plain_text)]


class Conversations:
    """Decides who is on which side, and tells the other side by e-mail."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open(self, actor: Actor, reference: str, *, key: str = "") -> Conversation:
        """The conversation of a booking; what the other side wrote counts as read now.

        Operations see it, and leave it unread.

        Raises:
            NotFound: no such booking, somebody else's, or only its reference is known.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking, side = self._side(session, actor, reference, key)
            writes = _may_write(actor, side)
            unread = 0
            if side and writes:
                unread = queries.mark_read(session, booking.id, _other(side), now)
            rows, total = queries.latest(session, booking.id, SHOWN)
            return Conversation(
                reference=booking.reference,
                messages=tuple(_view(row, side) for row in rows),
                earlier=total - len(rows),
                unread=unread,
                can_write=writes,
                other=_reader(booking, side),
                timezone=booking.timezone,
            )

    def send(
        self, actor: Actor, reference: str, form: MessageForm, *, key: str = ""
    ) -> MessageView:
        """Write to the other side. The same words twice in a row are one message.

        Raises:
            NotFound: as for ``open``.
            Forbidden: somebody who may only look.
            TooManyRequests: more than thirty in an hour.
        """
        with self._database.unit(RDS) as session:
            booking, side = self._side(session, actor, reference, key)
            if side == "operator":
                editing(actor)
            if not side:
                raise Forbidden("Operations can read this conversation, not write in it.")
            queries.take_turns(session, booking.id)
            # In its turn: whoever waited for hers finds what was written meanwhile.
            now = self._clock.now()
            since, until = now - timedelta(hours=1), now + SAME_AGAIN
            hour = queries.written(session, booking.id, side, since, until)
            if hour and hour[-1].body == form.body and hour[-1].created_at > now - SAME_AGAIN:
                return _view(hour[-1], side)
            if len(hour) >= MOST_IN_AN_HOUR:
                raise TooManyRequests(
                    _("These are many messages for one hour. Try again later."),
                    retry_after=max(
                        int((hour[0].created_at + timedelta(hours=1) - now).total_seconds()), 1
                    ),
                )
            message = Message(
                id=uuid7(),
                booking_id=booking.id,
                author=side,
                author_id=actor.user_id,
                author_name=_author(actor, booking, side),
                body=form.body,
                created_at=now,
            )
            queries.add(session, message)
            first, last = batch_of(now)
            messages.send(
                session,
                "email.messages",
                {
                    "booking_id": str(booking.id),
                    "author": side,
                    "first": first.isoformat(),
                    "last": last.isoformat(),
                },
                dedupe_key=f"messages:{booking.id}:{side}:{int(first.timestamp())}",
                available_at=last + SETTLED,
            )
            return _view(message, side)

    def unread(self, actor: Actor) -> int:
        """How many of the operator's bookings have messages nobody has read."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            return len(queries.unread_bookings(session, operator_id))

    def _side(
        self, session: RoutedSession, actor: Actor, reference: str, key: str
    ) -> tuple[Booking, Side | None]:
        """The booking and the actor's side; None for operations. Raises ``NotFound``."""
        booking = bookings.by_reference(session, reference[:40].upper())
        if booking is None:
            raise _no_booking()
        mine = bookings.by_reference(session, booking.reference, bookings.visible_to(actor))
        if mine is not None:
            if actor.role == "ops":
                return booking, None
            return booking, "operator" if actor.role == "provider" else "buyer"
        if key and hmac.compare_digest(booking.view_key.encode(), key.encode()):
            return booking, "buyer"
        raise _no_booking()


def batch_of(at: datetime) -> tuple[datetime, datetime]:
    """The slice of time that ``at`` lies in, from its first moment to the next one's."""
    size = int(BATCH.total_seconds())
    first = datetime.fromtimestamp(int(at.timestamp()) // size * size, UTC)
    return first, first + BATCH


def _may_write(actor: Actor, side: Side | None) -> bool:
    if side == "operator":
        return actor.operator_role in ("owner", "editor")
    return side == "buyer"


def _other(side: Side) -> Side:
    return "buyer" if side == "operator" else "operator"


def _reader(booking: Booking, side: Side | None) -> str:
    """Who reads what this side writes."""
    if side == "buyer":
        return str(booking.snapshot["operator"]["name"])
    return booking.lead_name


def _author(actor: Actor, booking: Booking, side: Side) -> str:
    if side == "operator":
        return actor.name or str(booking.snapshot["operator"]["name"])
    return actor.name or booking.lead_name


def _view(row: Message, side: Side | None) -> MessageView:
    return MessageView(
        id=row.id,
        mine=row.author == side,
        author=row.author_name,
        body=row.body,
        at=row.created_at,
        read=row.read_at is not None,
    )


def _no_booking() -> NotFound:
    return NotFound(_("There is no booking with this reference."), code="booking_not_found")
