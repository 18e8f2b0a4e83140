"""An agency with an agent and a client, and proposals of theirs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.tables import Agency, Client, TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from ecosystem.domain.quotes import Offer as Proposal
from ecosystem.domain.quotes import QuoteView
from ecosystem.services.quotes.forms import AcceptForm, QuoteForm
from tests.product import Offer, Product


@dataclass
class Agent:
    """A person of an agency with one client."""

    product: Product
    actor: Actor
    client_id: UUID

    def write(self, *options: list[dict[str, Any]], **more: Any) -> QuoteView:
        """A draft with these options, each a list of items."""
        form = {
            "title": "A fortnight in Italy",
            "client_id": self.client_id,
            "cover": "Dear Ines,\n\nhere is what we spoke of.",
            "options": [
                {"title": f"Option {letter}", "items": items}
                for letter, items in zip("ABCDEF", options, strict=False)
            ],
            **more,
        }
        return self.product.services.quotes.create(self.actor, QuoteForm.model_validate(form))

    def send(self, *options: list[dict[str, Any]], **more: Any) -> QuoteView:
        return self.product.services.quotes.send(self.actor, self.write(*options, **more).id)


def trip(offer: Offer, adults: int = 2, **more: Any) -> dict[str, Any]:
    return {"kind": "trip", "departure_id": offer.departure_id, "adults": adults, **more}


def free(title: str = "Transfer", each: int = 4500, currency: str = "EUR") -> dict[str, Any]:
    return {
        "kind": "free",
        "title": title,
        "each": {"amount": each, "currency": currency},
        "quantity": 2,
    }


def token_of(quote: QuoteView) -> str:
    return quote.url.rpartition("/")[2]


def word(offer: Proposal, option: int = 0, name: str = "Ines Sand", **more: Any) -> AcceptForm:
    """The client's word for an option as it is shown."""
    chosen = offer.content.options[option]
    return AcceptForm.model_validate(
        {
            "option_id": chosen.id,
            "number": offer.sent_version,
            "name": name,
            "expected": [
                {"amount": total.minor, "currency": total.currency} for total in chosen.agreed
            ],
            **more,
        }
    )


def make_agent(product: Product, name: str = "Wayfarer") -> Agent:
    agency_id, agent_id, client_id = uuid7(), uuid7(), uuid7()
    mark = agency_id.hex[-10:]
    with product.database.unit(RDS) as session:
        session.add(Agency(id=agency_id, slug=mark, name=name, country="SE", currency="EUR"))
        session.flush()
        session.add(
            TravelAgent(
                id=agent_id,
                agency_id=agency_id,
                email=f"{mark}@agency.example",
                full_name="Ada Berg",
            )
        )
        session.flush()
        session.add(
            Client(
                id=client_id,
                agency_id=agency_id,
                full_name="Ines Sand",
                email=f"{mark}@client.example",
            )
        )
    actor = Actor(
        role="agent",
        source="cognito",
        user_id=agent_id,
        email=f"{mark}@agency.example",
        name="Ada Berg",
        agency_id=agency_id,
        agency_role="agent",
    )
    return Agent(product, actor, client_id)


@pytest.fixture
def agent(product: Product) -> Agent:
    return make_agent(product)


@pytest.fixture
def rival(product: Product) -> Agent:
    return make_agent(product, "Rival")
