"""A client's side of a proposal: reading it, asking about it, declining it.

Whoever has the address is the client: its token is 256 random bits, and is the only key.
"""

from datetime import timedelta

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, messages
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Quote, QuoteComment
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Conflict, Gone, NotFound, TooManyRequests
from ecosystem.domain.language import _
from ecosystem.domain.quotes import Content, Offer, QuoteStatus
from ecosystem.services.quotes.base import Base, comments_of, without_cost
from ecosystem.services.quotes.forms import CommentForm, DeclineForm

LONGEST_TOKEN = 100
MOST_IN_AN_HOUR = 30
DECLINED = "email.quote_declined"
ASKED = "email.quote_asked"


class ClientSide(Base):
    """A token that leads nowhere, and one of a draft, look the same."""

    def open(self, actor: Actor, token: str) -> Offer:
        """The proposal, noted as opened unless its own agency looks. Raises ``NotFound``."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._by_token(session, token, lock=True)
            if actor.agency_id != quote.agency_id:
                values = {"last_opened_at": now, "opened_count": quote.opened_count + 1}
                if quote.first_opened_at is None:
                    values["first_opened_at"] = now
                if quote.status == "sent":
                    values |= {"status": "opened", "updated_at": now}
                queries.change(session, quote.id, **values)
                quote = self._by_token(session, token)
            return self._offer(session, quote)

    def show(self, token: str) -> Offer:
        """The proposal, without a note that it was opened. Raises ``NotFound``."""
        with self._database.unit(RDS) as session:
            return self._offer(session, self._by_token(session, token))

    def decline(self, token: str, form: DeclineForm) -> Offer:
        """Say no; said again it stays so.

        Raises:
            NotFound: no such proposal.
            Conflict: ``already_accepted``.
            Gone: ``quote_ended``: withdrawn, or its last day has passed.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._by_token(session, token, lock=True)
            state = self._state(session, quote)
            if state == "accepted":
                raise Conflict(
                    _("This proposal was accepted. Cancel its bookings on their own pages."),
                    code="already_accepted",
                )
            if state in ("withdrawn", "expired"):
                raise Gone(self._ended(state), code="quote_ended")
            if state != "declined":
                queries.change(
                    session, quote.id, status="declined", closed_reason=form.reason, updated_at=now
                )
                audit.record(session, GUEST, "quote.declined", "quote", quote.number)
                messages.send(
                    session,
                    DECLINED,
                    {"quote_id": str(quote.id)},
                    dedupe_key=f"{quote.id}:declined:{quote.sent_number}",
                )
            return self._offer(session, self._by_token(session, token))

    def ask(self, token: str, form: CommentForm) -> Offer:
        """Write beneath the proposal; its agent gets an e-mail.

        Raises:
            NotFound: no such proposal.
            TooManyRequests: more than thirty in an hour.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quote = self._by_token(session, token, lock=True)
            written = queries.comments_since(
                session, quote.id, now - timedelta(hours=1), by_client=True
            )
            if written >= MOST_IN_AN_HOUR:
                raise TooManyRequests(
                    _("That is a lot at once. Write again in an hour, or call your agent."),
                    retry_after=3600,
                )
            name = form.name or queries.people(session, quote).client_name
            row = QuoteComment(quote_id=quote.id, by_client=True, name=name, body=form.body, at=now)
            queries.add_comment(session, row)
            messages.send(
                session,
                ASKED,
                {"quote_id": str(quote.id), "comment_id": str(row.id)},
                dedupe_key=f"{row.id}:comment",
            )
            return self._offer(session, quote)

    def _by_token(self, session: RoutedSession, token: str, *, lock: bool = False) -> Quote:
        quote = None
        if token and len(token) <= LONGEST_TOKEN:
            quote = queries.by_token(session, token, lock=lock)
        if quote is None:
            raise no_quote()
        return quote

    def _offer(self, session: RoutedSession, quote: Quote) -> Offer:
        """A quote for its client: nothing of cost or commission is in it."""
        row = queries.version(session, quote.id, quote.sent_number)
        assert row is not None  # sent_number counts the versions
        who = queries.people(session, quote)
        state = self._state(session, quote)
        can = state in ("sent", "opened")
        return Offer(
            number=quote.number,
            title=quote.title,
            status=state,
            sent_version=quote.sent_number,
            sent_at=row.sent_at,
            valid_until=row.valid_until,
            language=quote.language,
            pay="full" if quote.pay == "full" else "deposit",
            content=without_cost(Content.model_validate(row.content)),
            client_name=who.client_name,
            agent_name=who.agent_name,
            agent_email=who.agent_email,
            agency_name=who.agency_name,
            can_accept=can,
            why_not="" if can or state == "accepted" else self._ended(state),
            accepted_option=quote.accepted_option if state == "accepted" else "",
            accepted_name=quote.accepted_name if state == "accepted" else "",
            accepted_at=quote.accepted_at if state == "accepted" else None,
            comments=comments_of(session, quote.id, client_reads=True),
            bookings=self._bookings(session, quote),
            accent=who.accent,
            logo=who.logo,
        )

    def _ended(self, state: QuoteStatus) -> str:
        match state:
            case "withdrawn":
                return _("Your agent has withdrawn this proposal. Write to ask for another.")
            case "declined":
                return _(
                    "You have declined this proposal. Write to your agent if you change your mind."
                )
            case _:
                return _(
                    "This proposal was valid for a while that is over. Write to ask for it anew."
                )


def no_quote() -> NotFound:
    """What is said of an address that leads nowhere."""
    return NotFound(
        _("This proposal does not exist. Check the address in the e-mail."), code="quote_not_found"
    )
