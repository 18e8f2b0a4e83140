"""The e-mail that says somebody has written, once for what came together."""

from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import bookings, catalogue, conversations
from ecosystem.database.tables import Booking, Message
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.language import ENGLISH, _, ngettext, speaking
from ecosystem.services.emails.sending import buyer_address
from ecosystem.services.payments.base import trip_url
from ecosystem.services.ports import Email, Mail

LONGEST_QUOTE = 600


class MessageEmails:
    """The handler of ``email.messages``. ``origin`` is the product's address."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def messages(self, payload: dict[str, Any]) -> None:
        """Tell the other side of what one side wrote in a slice of time, unless it has read it.

        The same message of the outbox gives the same e-mail id, so a second delivery of it
        sends nothing new.
        """
        booking_id, author = UUID(payload["booking_id"]), payload["author"]
        first, last = (datetime.fromisoformat(payload[name]) for name in ("first", "last"))
        with self._database.unit(RDS) as session:
            booking = bookings.get(session, booking_id)
            assert booking is not None  # bookings are never deleted
            written = conversations.written(session, booking_id, author, first, last)
            new = [message for message in written if message.read_at is None]
            buyer = buyer_address(session, booking)
        if not new:
            return
        if author == "operator":
            address, code = buyer, booking.language
            link = (
                trip_url(self._origin, booking)
                if booking.agency_id is None
                else f"{self._origin}/trips/{booking.reference}"
            )
        else:
            address, code = self._operator(booking), ENGLISH.code
            link = f"{self._origin}/provider/bookings/{booking.reference}"
        with speaking(code):
            self._mail.send(
                _letter(f"messages:{author}:{payload['first']}", booking, new, address, link)
            )

    def _operator(self, booking: Booking) -> str:
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=booking.operator_id)
        assert operator is not None  # operators are never deleted
        return operator.contact_email


def _letter(kind: str, booking: Booking, new: list[Message], address: str, link: str) -> Email:
    author = new[-1].author_name
    title = str(booking.snapshot["package"]["title"])
    subject = ngettext(
        "{author} wrote to you about {reference}",
        "{author} wrote {count} messages about {reference}",
        len(new),
    ).format(author=author, count=len(new), reference=booking.reference)
    first = _("{author} wrote about “{title}”, booking {reference}:").format(
        author=author, title=title, reference=booking.reference
    )
    answer = _("Read and answer")
    quotes = [_quote(message.body) for message in new]
    text = "\n\n".join([first, *quotes, f"{answer}: {link}"])
    shown = "".join(
        "<blockquote style='margin:12px 0;padding:8px 14px;border-inline-start:3px solid #0F5B5A;"
        f"white-space:pre-line'>{escape(quote)}</blockquote>"
        for quote in quotes
    )
    html = (
        "<div style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;max-width:560px;"
        "margin:0 auto;padding:24px'>"
        "<p style='font:28px Georgia,serif;margin:0 0 16px'>Ecosystem</p>"
        f"<p>{escape(first)}</p>{shown}"
        f"<p><a href='{escape(link)}' style='display:inline-block;background:#0F5B5A;"
        "color:#fff;padding:10px 18px;border-radius:10px;text-decoration:none'>"
        f"{escape(answer)}</a></p></div>"
    )
    return Email(f"{booking.id}.{kind}", address, subject, text + "\n", html)


def _quote(body: str) -> str:
    return body if len(body) <= LONGEST_QUOTE else body[: LONGEST_QUOTE - 1].rstrip() + "…"
