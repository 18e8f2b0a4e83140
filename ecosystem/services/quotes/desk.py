"""An agent's side of proposals: writing, sending, taking back, answering."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, messages
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Quote, QuoteComment, QuoteVersion
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import secret_token
from ecosystem.domain.language import _, speaking
from ecosystem.domain.quotes import (
    LONGEST_VALID_DAYS,
    MOST_ITEMS,
    Content,
    QuoteRow,
    QuoteView,
)
from ecosystem.domain.views import Page
from ecosystem.services.agency_desk import agency_of
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.quotes.base import Base
from ecosystem.services.quotes.contents import form_of
from ecosystem.services.quotes.forms import (
    CommentForm,
    FreeItemForm,
    QuoteForm,
    TripItemForm,
)
from ecosystem.services.quotes.rules import as_told, complete

VALID_DAYS = 14
"""How long a quote may be accepted unless its agent says otherwise."""

SAME_AGAIN = timedelta(minutes=1)
"""The same proposal within this time is sent once, however often somebody presses."""

SENT = "email.quote_sent"
ANSWERED = "email.quote_answered"


class Desk(Base):
    """Quotes are fetched by agency and id together, and changed under their row's lock."""

    def rows(
        self,
        actor: Actor,
        *,
        cursor: str = "",
        limit: int = 25,
        statuses: Sequence[str] = (),
        words: str = "",
        client_id: UUID | None = None,
    ) -> Page[QuoteRow]:
        """The agency's quotes, the last changed first."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            found = queries.rows(
                session,
                agency_id,
                limit=limit + 1,
                before=decode_cursor(cursor),
                statuses=statuses,
                words=words.strip(),
                client_id=client_id,
            )
            shown = [self._row(session, row) for row in found[:limit]]
        last = found[limit - 1].Quote if len(found) > limit else None
        return Page(shown, encode_cursor(last.updated_at, last.id) if last else None)

    def get(self, actor: Actor, quote_id: UUID) -> QuoteView:
        """One quote; what its client wrote counts as read now.

        Raises:
            NotFound: none of the agency's.
        """
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id)
            queries.change(session, quote.id, agency_read_at=self._clock.now())
            return self._view(session, actor, quote)

    def create(self, actor: Actor, form: QuoteForm) -> QuoteView:
        """Begin a proposal to one of the agency's clients.

        Raises:
            NotFound: no such client of the agency.
            Invalid: an item that can't be offered, or a last day that can't be.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        valid_until = self._valid_until(form.valid_until)
        with speaking(form.language):
            content = self._contents.of(
                agency_id, form.cover, as_told(actor, form.options, Content())
            )
        with self._database.unit(RDS) as session:
            self._client(session, agency_id, form.client_id)
            quote = Quote(
                agency_id=agency_id,
                agent_id=cast(UUID, actor.user_id),
                client_id=form.client_id,
                number=queries.next_number(session, agency_id),
                token=secret_token(),
                title=form.title,
                language=form.language,
                pay=form.pay,
                valid_until=valid_until,
                content=content.model_dump(mode="json"),
                created_at=now,
                updated_at=now,
            )
            queries.add(session, quote)
            _audit(session, actor, "created", quote)
            return self._view(session, actor, quote)

    def edit(self, actor: Actor, quote_id: UUID, form: QuoteForm) -> QuoteView:
        """Write a proposal anew. The client sees it only when it is sent again.

        Raises:
            NotFound: none of the agency's, or no such client.
            Invalid: an item that can't be offered, or a last day that can't be.
            Conflict: ``edited_elsewhere``: not the version that was read;
                ``already_accepted``: its seats are held or sold; ``already_sent``: to another
                client, who has its address.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            before = self._own(session, actor, quote_id)
        valid_until = self._valid_until(form.valid_until, before.valid_until)
        with speaking(form.language):
            kept = Content.model_validate(before.content)
            content = self._contents.of(agency_id, form.cover, as_told(actor, form.options, kept))
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id, lock=True)
            self._open(session, quote)
            if form.version is not None and form.version != quote.version:
                raise Conflict(
                    _("Somebody else has changed this proposal. Load it anew and repeat yours."),
                    code="edited_elsewhere",
                    version=quote.version,
                )
            if quote.sent_number and form.client_id != quote.client_id:
                raise Conflict(
                    "This proposal was sent to its client. Write another one for somebody else.",
                    code="already_sent",
                )
            self._client(session, agency_id, form.client_id)
            queries.change(
                session,
                quote.id,
                title=form.title,
                client_id=form.client_id,
                language=form.language,
                pay=form.pay,
                valid_until=valid_until,
                content=content.model_dump(mode="json"),
                version=quote.version + 1,
                updated_at=now,
            )
            return self._fresh(session, actor, quote)

    def add(
        self, actor: Actor, quote_id: UUID, option_id: str, item: TripItemForm | FreeItemForm
    ) -> QuoteView:
        """Put something into an option of a proposal; into its first for an empty ``option_id``.

        Raises:
            NotFound: none of the agency's, or no such option.
            Invalid: it can't be offered, or the option is full.
            Conflict: ``already_accepted``; ``edited_elsewhere``: it was changed in this second.
        """
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id)
        options = [form_of(option) for option in Content.model_validate(quote.content).options]
        chosen = next((o for o in options if option_id in (o.id, "")), None)
        if chosen is None:
            raise NotFound(_("This option does not exist."), code="option_not_found")
        if len(chosen.items) >= MOST_ITEMS:
            raise Invalid.one(
                "items", _("An option can hold {most} items.").format(most=MOST_ITEMS)
            )
        grown = chosen.model_copy(update={"items": (*chosen.items, item)})
        return self.edit(
            actor,
            quote_id,
            QuoteForm(
                title=quote.title,
                client_id=quote.client_id,
                cover=quote.content.get("cover", ""),
                language="de" if quote.language == "de" else "en",
                pay="full" if quote.pay == "full" else "deposit",
                options=tuple(grown if o is chosen else o for o in options),
                version=quote.version,
            ),
        )

    def send(self, actor: Actor, quote_id: UUID) -> QuoteView:
        """Freeze what is written, with the prices of now, and write to the client.

        A quote that had ended can be sent again, with a new last day.

        Raises:
            NotFound: none of the agency's.
            Invalid: nothing in it, an option without items, an item that can't be offered any
                more, a last day that has passed, a client without an address.
            Conflict: ``already_accepted``.
        """
        with self._database.unit(RDS) as session:
            before = self._own(session, actor, quote_id)
            self._open(session, before)
            who = queries.people(session, before)
        written = Content.model_validate(before.content)
        complete(written, who.client_email)
        self._valid_until(before.valid_until)
        with speaking(before.language):
            content = self._contents.again(before.agency_id, written)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id, lock=True)
            self._open(session, quote)
            if quote.version != before.version:
                raise Conflict(
                    _("Somebody else has changed this proposal. Look at it and send it again."),
                    code="edited_elsewhere",
                )
            document = content.model_dump(mode="json")
            if quote.status in ("sent", "opened") and quote.sent_version == quote.version:
                last = queries.version(session, quote.id, quote.sent_number)
                if last and last.content == document and last.sent_at > now - SAME_AGAIN:
                    return self._view(session, actor, quote)
            number = quote.sent_number + 1
            queries.add_version(
                session,
                QuoteVersion(
                    quote_id=quote.id,
                    number=number,
                    content=document,
                    valid_until=quote.valid_until,
                    sent_by=cast(UUID, actor.user_id),
                    sent_at=now,
                ),
            )
            queries.change(
                session,
                quote.id,
                status="sent",
                content=document,
                sent_number=number,
                sent_version=quote.version,
                sent_at=now,
                closed_reason="",
                accepted_option="",
                accepted_name="",
                accepted_at=None,
                updated_at=now,
            )
            messages.send(
                session,
                SENT,
                {"quote_id": str(quote.id), "number": number},
                dedupe_key=f"{quote.id}:sent:{number}",
            )
            _audit(session, actor, "sent", quote, number=number)
            return self._fresh(session, actor, quote)

    def withdraw(self, actor: Actor, quote_id: UUID, reason: str = "") -> QuoteView:
        """Take a proposal back: its client reads that, and can't accept any more.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``already_accepted``; ``not_sent``: there is nothing to take back.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id, lock=True)
            self._open(session, quote)
            if quote.sent_number == 0:
                raise Conflict(_("This proposal was not sent yet."), code="not_sent")
            queries.change(
                session,
                quote.id,
                status="withdrawn",
                closed_reason=" ".join(reason.split())[:500],
                updated_at=now,
            )
            _audit(session, actor, "withdrawn", quote)
            return self._fresh(session, actor, quote)

    def duplicate(self, actor: Actor, quote_id: UUID) -> QuoteView:
        """A new draft with the same content at the prices of now, for the same client.

        Raises:
            NotFound: none of the agency's.
            Invalid: an item can't be offered any more.
        """
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id)
            agency_id = agency_of(actor)
        with speaking(quote.language):
            content = self._contents.again(agency_id, Content.model_validate(quote.content))
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            copy = Quote(
                agency_id=agency_id,
                agent_id=cast(UUID, actor.user_id),
                client_id=quote.client_id,
                number=queries.next_number(session, agency_id),
                token=secret_token(),
                title=quote.title,
                language=quote.language,
                pay=quote.pay,
                valid_until=self._valid_until(None),
                content=content.model_dump(mode="json"),
                created_at=now,
                updated_at=now,
            )
            queries.add(session, copy)
            _audit(session, actor, "created", copy, of=quote.number)
            return self._view(session, actor, copy)

    def comment(self, actor: Actor, quote_id: UUID, form: CommentForm) -> QuoteView:
        """Answer the client beneath the proposal. Raises ``NotFound``, ``Conflict not_sent``."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._own(session, actor, quote_id, lock=True)
            if quote.sent_number == 0:
                raise Conflict(_("This proposal was not sent yet."), code="not_sent")
            row = QuoteComment(
                quote_id=quote.id, by_client=False, name=actor.name, body=form.body, at=now
            )
            queries.add_comment(session, row)
            queries.change(session, quote.id, agency_read_at=now)
            messages.send(
                session,
                ANSWERED,
                {"quote_id": str(quote.id), "comment_id": str(row.id)},
                dedupe_key=f"{row.id}:comment",
            )
            return self._fresh(session, actor, quote)

    def _fresh(self, session: RoutedSession, actor: Actor, quote: Quote) -> QuoteView:
        found = queries.of_agency(session, quote.agency_id, quote.id)
        assert found is not None  # quotes are never deleted
        return self._view(session, actor, found)

    def _row(self, session: RoutedSession, row: Any) -> QuoteRow:
        quote: Quote = row.Quote
        content = Content.model_validate(quote.content)
        dearest = max(content.options, key=lambda o: sum(m.minor for m in o.agreed), default=None)
        return QuoteRow(
            id=quote.id,
            number=quote.number,
            title=quote.title,
            client_id=quote.client_id,
            client_name=row.client_name,
            agent_name=row.agent_name,
            status=self._state(session, quote),
            valid_until=quote.valid_until,
            worth=dearest.agreed if dearest else (),
            opened_count=quote.opened_count,
            unread=row.unread,
            updated_at=quote.updated_at,
        )

    def _open(self, session: RoutedSession, quote: Quote) -> None:
        """Raise ``already_accepted`` while bookings stand that came of it."""
        if quote.status == "accepted" and self._standing(session, quote):
            raise Conflict(
                _("This proposal was accepted. Its bookings are changed one by one."),
                code="already_accepted",
            )

    def _client(self, session: RoutedSession, agency_id: UUID, client_id: UUID) -> None:
        if bookings.client_of(session, agency_id, client_id) is None:
            raise NotFound(_("This client does not exist."), code="client_not_found")

    def _valid_until(self, wanted: date | None, before: date | None = None) -> date:
        """The last day on which it may be accepted, from today to 90 days ahead."""
        today = self._clock.now().date()
        if wanted is None:
            return before or today + timedelta(days=VALID_DAYS)
        if not self._today() <= wanted <= today + timedelta(days=LONGEST_VALID_DAYS):
            raise Invalid.one(
                "valid_until",
                _("The last day is today or later, at most {days} days ahead.").format(
                    days=LONGEST_VALID_DAYS
                ),
            )
        return wanted


def _audit(session: RoutedSession, actor: Actor, what: str, quote: Quote, **data: Any) -> None:
    audit.record(session, actor, f"quote.{what}", "quote", quote.number, **data)
