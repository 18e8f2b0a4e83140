"""Proposals as PDF files: for the client by the address she has, for the agency by its id."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Quote
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.language import speaking
from ecosystem.domain.quotes import Content
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_logo import AgencyLogos
from ecosystem.services.documents.desk import PDF, Document
from ecosystem.services.documents.proposal import Sheet, proposal
from ecosystem.services.quotes.base import without_cost
from ecosystem.services.quotes.client_side import LONGEST_TOKEN, no_quote


class QuotePapers:
    """Written anew each time, in the proposal's language. ``origin`` is the product's address."""

    def __init__(self, database: Database, logos: AgencyLogos, origin: str) -> None:
        self._database = database
        self._logos = logos
        self._origin = origin

    def for_client(self, token: str) -> Document:
        """The version that was sent last. Raises ``NotFound``."""
        with self._database.unit(RDS) as session:
            quote = queries.by_token(session, token) if 0 < len(token) <= LONGEST_TOKEN else None
            version = queries.version(session, quote.id, quote.sent_number) if quote else None
            if quote is None or version is None:
                raise no_quote()
            who = queries.people(session, quote)
        sheet = self._sheet(quote, who, Content.model_validate(version.content))
        address = f"{self._origin}/quotes/{quote.token}"
        return self._made(
            quote.language,
            replace(sheet, valid_until=version.valid_until, address=address, made=version.sent_at),
        )

    def for_agent(self, actor: Actor, quote_id: UUID) -> Document:
        """What is being written, as the client would get it. Raises ``NotFound``."""
        with self._database.unit(RDS) as session:
            quote = queries.of_agency(session, agency_of(actor), quote_id)
            if quote is None:
                raise NotFound("This proposal does not exist.", code="quote_not_found")
            who = queries.people(session, quote)
        return self._made(
            quote.language, self._sheet(quote, who, Content.model_validate(quote.content))
        )

    def _sheet(self, quote: Quote, who: Any, content: Content) -> Sheet:
        return Sheet(
            number=quote.number,
            title=quote.title,
            client=who.client_name,
            agent=who.agent_name,
            agent_email=who.agent_email,
            agency=who.agency_name,
            valid_until=quote.valid_until,
            deposit=quote.pay == "deposit",
            content=without_cost(content),
            address="",
            accent=who.accent,
            logo=self._logo(who.logo),
            made=quote.updated_at,
        )

    def _logo(self, logo: UUID | None) -> bytes:
        """The agency's logo; a paper without it is better than none."""
        try:
            return self._logos.read(logo) if logo else b""
        except EcosystemError:
            return b""

    def _made(self, language: str, sheet: Sheet) -> Document:
        with speaking(language):
            return Document(f"{sheet.number}.pdf", PDF, proposal(sheet))
