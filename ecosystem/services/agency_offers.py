"""What an agency earns on a trip that it has not sold yet.

By now every agency sells every package by the same model: the operator's commission on the
public price. Other agreements come in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import agencies, catalogue
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.domain.views import PackageCard
from ecosystem.services.agency_access import agency_of


@dataclass(frozen=True)
class Offer:
    """Of the lowest price a traveller: the agency's ``commission``, ``percent`` of it, and
    ``net``, what is left; None for an agency that is not verified."""

    commission: Money
    percent: Decimal
    net: Money | None


class AgencyOffers:
    """Of the caller's own agency."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            percents = {row.id: Decimal(row.commission_percent) for row in rows}
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_id)
        verified = agency is not None and agency.verification == "verified"
        return {
            card.id: _offer(card.price_from, percents[card.id], verified=verified)
            for card in cards
            if card.id in percents
        }


def _offer(price: Money, percent: Decimal, *, verified: bool) -> Offer:
    commission = split(price, percent, by_agency=True).agency
    return Offer(commission, percent, price - commission if verified else None)
