"""Two agencies: one that has something of everything, and a rival who knows all its ids."""

from dataclasses import dataclass

from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.actor import Actor
from ecosystem.services.agency_team import AgencyInvitationForm
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.services.clients.forms import NoteForm
from ecosystem.services.forms import parse
from ecosystem.services.quotes.forms import QuoteForm
from tests.agencies.agreed import contract
from tests.product import Product
from tests.services.test_agency_documents import send
from tests.services.test_clients import add, agent_of, book_for

MARK = "quillfeather"
"""Stands, in any case, in every name of what is the agency's alone."""

NAME, TITLE = "Zedekiah Quillfeather", "Quillfeather goes south"

_OWNED = {
    "agency_documents": ("agency_id", "document_id"),
    "document_shares": ("agency_id", "share_id"),
    "households": ("agency_id", ""),
    "clients": ("agency_id", "client_id"),
    "identity_documents": ("agency_id", ""),
    "client_notes": ("agency_id", "note_id"),
    "client_merges": ("agency_id", "merge_id"),
    "agency_contracts": ("agency_id", "contract_id"),
    "travel_agents": ("agency_id", "user_id"),
    "quotes": ("agency_id", "quote_id"),
    "saved_reports": ("agency_id", "filter_id"),
    "bookings": ("agency_id", ""),
    "team_invitations": ("party_id", "invitation_id"),
    "api_keys": ("party_id", "key_id"),
    "agencies": ("id", "agency_id"),
}
"""By table, the column that names the agency, and the parameter of an address its ids go into."""


@dataclass
class World:
    """``ids`` has the victim's by the name of a parameter; ``actor`` is its owner."""

    product: Product
    actor: Actor
    rival: Actor
    ids: dict[str, str]

    def kept(self) -> str:
        """Everything there is of the victim, as text: as long as it stays, nobody wrote."""
        found: list[str] = []
        with self.product.database.unit(RDS) as session:
            for table, (column, _parameter) in _OWNED.items():
                rows = session.execute(
                    text(
                        f"select (to_jsonb(t) - 'last_used_at')::text as row from {table} t"
                        f" where {column} = :agency order by 1"
                    ),
                    {"agency": self.actor.agency_id},
                )
                found += [f"{table} {row.row}" for row in rows]
            claims = text("select to_jsonb(c)::text as row from seat_claims c where holder = :me")
            rows = session.execute(claims, {"me": self.actor.holder})
            found += [f"seat_claims {row.row}" for row in rows]
        return "\n".join(found)

    def key_of(self, actor: Actor) -> str:
        """A key for programs of somebody's agency."""
        return self.product.services.api_keys.make(actor, ApiKeyForm(name="Sweep", role="agent"))[1]


def make(product: Product) -> World:
    """The two agencies, with everything the first one has."""
    owner = agent_of(product, "Ann Maple", role="owner")
    rival = agent_of(product, "Rita Rival", role="owner")
    services = product.services
    client = add(product, owner, NAME, email="zedekiah@quillfeather.example")
    services.clients.note(owner, client.id, NoteForm(body="A Quillfeather never flies."))
    booking = book_for(product, owner, client.id)
    offer = product.offer()
    hold = product.hold(offer, actor=owner)
    trip = {"kind": "trip", "departure_id": offer.departure_id, "adults": 2}
    wish = {
        "title": TITLE,
        "client_id": client.id,
        "options": [{"title": "By rail", "items": [trip]}],
    }
    services.quotes.send(owner, services.quotes.create(owner, QuoteForm.model_validate(wish)).id)
    send(product, owner, name="quillfeather-visa.txt")
    helper = {"email": "quillfeather.helper@maple.example", "role": "agent"}
    services.agency_team.invite(owner, parse(AgencyInvitationForm, helper))
    assert owner.agency_id is not None
    contract(product, offer.operator_id, owner.agency_id, "commission", "17.00", state="offered")
    world = World(product, owner, rival, {})
    world.key_of(owner)
    world.ids |= {"reference": booking.reference, "hold_id": str(hold.id)}
    with product.database.unit(RDS) as session:
        for table, (column, parameter) in _OWNED.items():
            found = session.execute(
                text(f"select id from {table} where {column} = :agency order by id limit 1"),
                {"agency": owner.agency_id},
            ).scalar()
            if parameter and found is not None:
                world.ids[parameter] = str(found)
    return world
