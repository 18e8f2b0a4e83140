"""E-mails about proposals: to the client in the proposal's language, to the agent in English."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Booking, Payment, Quote, QuoteComment
from ecosystem.domain import formats
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.language import ENGLISH, _, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.paths import logo_path
from ecosystem.domain.quotes import Content, Option
from ecosystem.services.emails.sending import Desk, amount_of, is_open, title_of
from ecosystem.services.emails.writing import OURS, Brand, Letter, as_html, as_text
from ecosystem.services.payments.base import by_agency
from ecosystem.services.ports import Email


@dataclass(frozen=True)
class _Subject:
    """A quote with its people (a row of ``queries.people``), and what its client was sent."""

    quote: Quote
    who: Any
    content: Content
    valid_until: date


class QuoteLetters:
    """Handlers of the ``email.quote_*`` topics."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def sent(self, payload: dict[str, Any]) -> None:
        """To the client: what is offered and where. Nothing for a version that was replaced."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        if quote.status not in ("sent", "opened") or quote.sent_number != payload["number"]:
            return
        with speaking(quote.language):
            again = quote.sent_number > 1
            first = _("{agent} of {agency} has put together a proposal for you.")
            newer = _("{agent} of {agency} has changed the proposal for you.")
            self._send(
                f"{quote.id}.sent.{quote.sent_number}",
                who.client_email,
                who.client_name,
                Letter(
                    _("{title}: a proposal from {agency}").format(
                        title=quote.title, agency=who.agency_name
                    ),
                    [
                        (newer if again else first).format(
                            agent=who.agent_name, agency=who.agency_name
                        ),
                        *[part for part in found.content.cover.split("\n\n") if part],
                        _("Accepting it holds the seats at once. It is valid until {day}.").format(
                            day=formats.weekday(found.valid_until)
                        ),
                    ],
                    [_of(option) for option in found.content.options],
                    (_("Look at the proposal"), self._address(quote)),
                ),
                brand=self._brand(who),
            )

    def ending(self, payload: dict[str, Any]) -> None:
        """To the client, before the last day: nothing once she has decided, or was sent another."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        if quote.status not in ("sent", "opened") or quote.sent_number != payload["number"]:
            return
        with speaking(quote.language):
            day = formats.weekday(found.valid_until)
            self._send(
                f"{quote.id}.ending.{quote.sent_number}",
                who.client_email,
                who.client_name,
                Letter(
                    _("{title}: valid until {day}").format(title=quote.title, day=day),
                    [
                        _(
                            "The proposal of {agency} is valid until {day}. Accepting it holds the"
                            " seats at once; after that day prices and seats may be others."
                        ).format(agency=who.agency_name, day=day)
                    ],
                    [_of(option) for option in found.content.options],
                    (_("Look at the proposal"), self._address(quote)),
                ),
                brand=self._brand(who),
            )

    def accepted(self, payload: dict[str, Any]) -> None:
        """To the client: what is held and where it is paid, or that her agency bills it. To the
        agent: that it happened."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        with self._desk.database.unit(RDS) as session:
            # Of this acceptance: there may have been one before that nobody paid.
            made = [
                b for b in queries.bookings(session, quote.id) if str(b.id) in payload["bookings"]
            ]
            asked = bookings.payments(session, [booking.id for booking in made])
        if all(booking.status == "expired" for booking in made):
            return
        key = f"{quote.id}.accepted.{made[0].id}"
        billed = all(booking.agency_model == ON_ACCOUNT for booking in made)
        with speaking(quote.language):
            held = _("{title}: your seats are held")
            booked = _("{title}: your seats are booked")
            to_pay = _(
                "You have accepted the proposal of {agency}. Your seats are held for a"
                " short while; they are yours when you have paid what is asked for now."
            )
            to_be_billed = _(
                "You have accepted the proposal of {agency}. Your seats are yours; {agency} bills"
                " them to you."
            )
            self._send(
                f"{key}.client",
                who.client_email,
                who.client_name,
                Letter(
                    (booked if billed else held).format(title=quote.title),
                    [(to_be_billed if billed else to_pay).format(agency=who.agency_name)],
                    [line for booking in made for line in self._to_pay(booking, asked)],
                    (_("Look at the proposal"), self._address(quote)),
                ),
                brand=self._brand(who),
            )
        with speaking(ENGLISH.code):
            seats = (
                "Its seats are booked, and your agency owes what it is charged for them."
                if billed
                else "Its seats are held until the payment pages end."
            )
            self._send(
                f"{key}.agent",
                who.agent_email,
                who.agent_name,
                Letter(
                    f"{quote.accepted_name} accepted {quote.number}, {quote.title}",
                    [
                        (
                            f"{quote.accepted_name} has accepted your proposal for"
                            f" {who.client_name}. {seats}"
                        )
                    ],
                    [
                        f"{b.reference}: {title_of(b)}, {formats.days(b.starts_on, b.ends_on)}"
                        for b in made
                    ],
                    ("Open the proposal", self._desk_address(quote)),
                ),
            )

    def declined(self, payload: dict[str, Any]) -> None:
        """To the agent: that the client said no, and why."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        with speaking(ENGLISH.code):
            self._send(
                f"{quote.id}.declined.{quote.sent_number}",
                who.agent_email,
                who.agent_name,
                Letter(
                    f"{who.client_name} declined {quote.number}, {quote.title}",
                    [
                        f"{who.client_name} has declined your proposal.",
                        *([f"“{quote.closed_reason}”"] if quote.closed_reason else []),
                    ],
                    [],
                    ("Open the proposal", self._desk_address(quote)),
                ),
            )

    def asked(self, payload: dict[str, Any]) -> None:
        """To the agent: what the client wrote beneath the proposal."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        comment = self._comment(payload)
        with speaking(ENGLISH.code):
            self._send(
                f"{quote.id}.comment.{comment.id}",
                who.agent_email,
                who.agent_name,
                Letter(
                    f"{comment.name} asks about {quote.number}, {quote.title}",
                    [f"{comment.name} wrote:", comment.body],
                    [],
                    ("Answer", self._desk_address(quote)),
                ),
            )

    def answered(self, payload: dict[str, Any]) -> None:
        """To the client: what the agent wrote beneath the proposal."""
        found = self._load(payload)
        quote, who = found.quote, found.who
        comment = self._comment(payload)
        with speaking(quote.language):
            self._send(
                f"{quote.id}.comment.{comment.id}",
                who.client_email,
                who.client_name,
                Letter(
                    _("{title}: a message from {agent}").format(
                        title=quote.title, agent=comment.name
                    ),
                    [_("{agent} wrote:").format(agent=comment.name), comment.body],
                    [],
                    (_("Look at the proposal"), self._address(quote)),
                ),
                brand=self._brand(who),
            )

    def _load(self, payload: dict[str, Any]) -> _Subject:
        with self._desk.database.unit(RDS) as session:
            quote = queries.get(session, UUID(payload["quote_id"]))
            assert quote is not None  # quotes are never deleted
            version = queries.version(session, quote.id, quote.sent_number)
            assert version is not None  # sent_number counts the versions
            who = queries.people(session, quote)
        content = Content.model_validate(version.content)
        return _Subject(quote, who, content, version.valid_until)

    def _comment(self, payload: dict[str, Any]) -> QuoteComment:
        with self._desk.database.unit(RDS) as session:
            comment = queries.comment(session, UUID(payload["comment_id"]))
        assert comment is not None  # comments are never deleted
        return comment

    def _to_pay(self, booking: Booking, payments: list[Payment]) -> list[str]:
        # What an agency owes that collects itself is neither her client's to pay nor to know.
        own = [
            p for p in payments if p.booking_id == booking.id and is_open(p) and not by_agency(p)
        ]
        what = f"{title_of(booking)}, {formats.days(booking.starts_on, booking.ends_on)}"
        if not own:
            return [what]
        return [
            _("{what}: pay {amount} at {address}").format(
                what=what, amount=amount_of(own[0]), address=self._desk.pay_url(own[0])
            )
        ]

    def _address(self, quote: Quote) -> str:
        return f"{self._desk.origin}/quotes/{quote.token}"

    def _desk_address(self, quote: Quote) -> str:
        return f"{self._desk.origin}/agent/quotes/{quote.id}"

    def _brand(self, who: Any) -> Brand:
        """The agency whose proposal it is: its client knows her, not us."""
        logo = f"{self._desk.origin}{logo_path(who.logo)}" if who.logo else ""
        return Brand(who.agency_name, who.accent, logo)

    def _send(self, key: str, to: str, name: str, letter: Letter, *, brand: Brand = OURS) -> None:
        if not to:
            return  # a client whose address was taken away since
        self._desk.mail.send(
            Email(key, to, letter.subject, as_text(letter, name), as_html(letter, name, brand))
        )


def _of(option: Option) -> str:
    """``Option A: €2,400 + US$300``."""
    sums: list[Money] = [*option.agreed]
    return f"{option.title}: " + " + ".join(formats.money(total) for total in sums)
