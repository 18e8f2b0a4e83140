"""What an agency earns on a trip that it has not sold yet: by its contract with the operator, or
by the commission the package says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import agencies, agency_contracts, catalogue
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import AgencyModel, AgencyTerms
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.domain.views import PackageCard
from ecosystem.services.agency_access import agency_of
from ecosystem.services.ports import Clock


@dataclass(frozen=True)
class Offer:
    """Of the lowest price a traveller, by the terms of ``model``.

    ``earned`` is the agency's when it sells at this price, ``percent`` of it; ``net`` is what is
    left for the others, None for an agency that is not verified.
    """

    model: AgencyModel
    percent: Decimal
    earned: Money
    net: Money | None


class AgencyOffers:
    """Of the caller's own agency."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, actor: Actor, cards: Sequence[PackageCard]) -> dict[UUID, Offer]:
        """What each trip of a list earns, by the package's id; nothing for assistants.

        Raises:
            Forbidden: no travel agent.
        """
        agency_id = agency_of(actor)
        if not actor.sees_commission or not cards:
            return {}
        with self._database.unit(PACKAGES) as session:
            rows = catalogue.packages(session, [card.id for card in cards])
            asked = {row.id: (row.operator_id, Decimal(row.commission_percent)) for row in rows}
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_id)
            day = self._clock.now().astimezone(UTC).date()
            terms = agency_contracts.terms_of_many(session, agency_id, day, asked)
        verified = agency is not None and agency.verification == "verified"
        return {
            card.id: _offer(card.price_from, terms[card.id], verified=verified)
            for card in cards
            if card.id in terms
        }


def _offer(price: Money, terms: AgencyTerms, *, verified: bool) -> Offer:
    earned = split(price, terms.percent, by_agency=True).agency
    return Offer(terms.model, terms.percent, earned, price - earned if verified else None)
