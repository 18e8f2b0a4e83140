"""Agencies with their agents and clients, and customers who book for themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from uuid import UUID

from ecosystem.local.demo_data.operators import slug_of
from ecosystem.local.demo_data.seeded import chance, plain_id, timed_id

MAPLE = "maple-travel"
DEMO_CUSTOMER = "customer@demo.example"
NEWCOMERS = ("bahr-travel", "compass-rose-travel")
CLIENTS = 500
CUSTOMERS = 320

_AGENCIES = """
Maple Travel|CA|EUR; Lindqvist & Daughters|SE|SEK; Reisebüro Sommer|DE|EUR; Voyages Moreau|FR|EUR;
Wanderlust & Wren|GB|GBP; Bluebird Travel|US|USD; Agência Horizonte|PT|EUR; Viajes Alborada|ES|EUR;
Agenzia Belvedere|IT|EUR; De Reiswinkel|NL|EUR; Reisestube Huber|AT|EUR; Edelweiss Reisen|CH|CHF;
Rejsestuen|DK|EUR; Matkapiste|FI|EUR; Reiseblikk|NO|EUR; Kompas Podróży|PL|EUR;
Harbour Street Travel|IE|EUR; Southern Sky Travel|AU|USD; Kauri Travel|NZ|USD; Sakura Desk|JP|JPY;
Orchid Travel House|SG|USD; Marigold Holidays|IN|USD; Bahr Travel|KW|KWD; Jacaranda Travel|ZA|EUR;
Compass Rose Travel|US|USD
"""

_NAMES: dict[str, tuple[str, str]] = {
    "english": (
        "Olivia James Amelia George Grace Samuel Ruth Daniel Hannah Peter Nora Simon Chloe Adam",
        "Okafor Bennett Whitfield Marsh Okonkwo Fletcher Sinclair Hughes Doyle Pryce Walsh Osei",
    ),
    "german": (
        "Anna Lukas Greta Felix Johanna Moritz Clara Paul Frieda Jakob Lena Anton",
        "Sommer Vogel Krüger Brandl Weiss Hofer Neumann Albrecht Lorenz Steiner Kessler",
    ),
    "nordic": (
        "Maja Erik Astrid Nils Freja Lars Signe Anders Liv Johan Tuva Mikkel",
        "Lindqvist Berg Dahl Nygård Holm Sørensen Virtanen Hagen Ekström Lund Korhonen",
    ),
    "romance": (
        "Ines Mateo Camille Luca Sofia Hugo Chiara Pablo Elena Rafael Lucie Marco Beatriz Théo",
        "Moreau Rossi García Almeida Fontana Lefèvre Navarro Conti Duarte Marchetti Vidal Girard",
    ),
    "asian": (
        "Ren Mei Arjun Yuna Kenji Priya Hana Rohan Linh Wei Aisha Omar Layla Minh",
        "Tanaka Chen Sharma Kim Iyer Sato Lim Patel Nguyen Rao Al-Sabah Haddad Yamamoto Wong",
    ),
    "slavic": (
        "Zofia Jan Milena Tomasz Petra Marek Ivana Piotr Katarina Ondřej",
        "Nowak Kowalczyk Dvořák Horvat Zielińska Novotný Kováč Marković",
    ),
}
_FAMILY_NAMES_OF = {
    "CA": "english", "GB": "english", "US": "english", "IE": "english", "AU": "english",
    "NZ": "english", "ZA": "english", "SE": "nordic", "DK": "nordic", "FI": "nordic",
    "NO": "nordic", "DE": "german", "AT": "german", "CH": "german", "NL": "german",
    "FR": "romance", "PT": "romance", "ES": "romance", "IT": "romance", "PL": "slavic",
    "JP": "asian", "SG": "asian", "IN": "asian", "KW": "asian",
}  # fmt: skip
_DIALLING = {
    "CA": "+1 613 555 01", "US": "+1 617 555 01", "GB": "+44 1632 9600", "IE": "+353 20 91112",
    "SE": "+46 8 4650 04", "DE": "+49 30 2312 50", "FR": "+33 1 99 00 12",
}  # fmt: skip


@dataclass(frozen=True)
class Agent:
    id: UUID
    email: str
    name: str
    role: str


@dataclass(frozen=True)
class DemoClient:
    id: UUID
    name: str
    email: str
    phone: str
    country: str


@dataclass(frozen=True)
class DemoAgency:
    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    agents: tuple[Agent, ...]
    clients: tuple[DemoClient, ...]

    @property
    def sellers(self) -> tuple[Agent, ...]:
        """Those who have sold trips up to now."""
        return tuple(agent for agent in self.agents if agent.role != "assistant")

    @property
    def asks_verification(self) -> bool:
        """Whether operations have not looked at it yet; the others are verified."""
        return self.slug in NEWCOMERS

    @property
    def registration(self) -> dict[str, str]:
        """What it told operations of itself."""
        number = chance("agency-register", self.slug).randint(10_000, 99_999)
        return {
            "company": self.name,
            "number": f"{self.country} {number}",
            "registry": "Companies register",
            "tax_number": "",
        }

    def joined(self, anchor: datetime) -> datetime:
        """When the agency came to the marketplace."""
        return anchor - timedelta(days=chance("agency-joined", self.slug).randint(700, 1300))


@dataclass(frozen=True)
class DemoCustomer:
    id: UUID
    email: str
    name: str


def person(pick: Random, country: str) -> str:
    """A first and a family name as one meets them in a country, one in six from elsewhere."""
    own = _FAMILY_NAMES_OF.get(country, "english")
    first, family = _NAMES[own if pick.random() < 0.84 else pick.choice(sorted(_NAMES))]
    return f"{pick.choice(first.split())} {pick.choice(family.split())}"


def children_of(pick: Random, name: str, count: int) -> list[str]:
    """Children with the family name of ``name``."""
    firsts = ("Mia", "Leo", "Emma", "Noah", "Ida", "Tom", "Ella", "Max", "Zoe", "Ben", "Lily")
    family = name.split(" ", 1)[-1]
    return [f"{first} {family}" for first in pick.sample(firsts, count)]


def phone(pick: Random, country: str) -> str:
    """A number of a range kept free for fiction where the country has one."""
    return f"{_DIALLING.get(country, '+44 1632 9601')}{pick.randint(0, 99):02d}"


@cache
def agencies() -> tuple[DemoAgency, ...]:
    """25 agencies. Maple Travel has the demo agent, owner and assistant, the second one the rival."""
    found: list[DemoAgency] = []
    emails: set[str] = set()
    listed = [item.strip().split("|") for item in _AGENCIES.split(";")]
    shares = [70] + [18] * (len(listed) - 1)
    shares[-1] += CLIENTS - sum(shares)
    for index, (name, country, currency) in enumerate(listed):
        slug = slug_of(name)
        pick = chance("agency", slug)
        agents: list[Agent] = []
        if slug == MAPLE:
            agents += [
                _agent("agent@demo.example", "Ann Delaney", "agent"),
                _agent("owner@demo.example", "Margaret Osei", "owner"),
            ]
        elif index == 1:
            agents.append(_agent("rival@demo.example", "Viktor Lindqvist", "owner"))
        while len(agents) < (4 if slug == MAPLE else 2 + index % 2):
            agent_name = person(pick, country)
            email = _free(emails, slug_of(agent_name).replace("-", "."), f"{slug}.example")
            agents.append(_agent(email, agent_name, "agent" if agents else "owner"))
        if slug == MAPLE:
            agents.append(_agent("assistant@demo.example", "Theo Marsh", "assistant"))
        clients: list[DemoClient] = []
        for number in range(shares[index]):
            client_name = person(pick, country)
            email = _free(emails, slug_of(client_name).replace("-", "."), "mail.example")
            clients.append(
                DemoClient(
                    plain_id("client", slug, number),
                    client_name,
                    email,
                    phone(pick, country) if pick.random() < 0.7 else "",
                    country,
                )
            )
        found.append(
            DemoAgency(
                plain_id("agency", slug),
                slug,
                name,
                country,
                currency,
                tuple(agents),
                tuple(clients),
            )
        )
    return tuple(found)


@cache
def customers() -> tuple[DemoCustomer, ...]:
    """People with an account of their own; the demo customer is the first."""
    pick = chance("customers")
    taken: set[str] = set()
    found = [DemoCustomer(plain_id("customer", DEMO_CUSTOMER), DEMO_CUSTOMER, "Clara Whitfield")]
    countries = sorted(_FAMILY_NAMES_OF)
    while len(found) < CUSTOMERS:
        name = person(pick, pick.choice(countries))
        email = _free(taken, slug_of(name).replace("-", "."), "post.example")
        found.append(DemoCustomer(plain_id("customer", email), email, name))
    return tuple(found)


def joined_marketplace(anchor: datetime, at: UUID) -> datetime:
    """When an account was made: between 13 and 30 months before the anchor."""
    return anchor - timedelta(days=400 + at.int % 500)


def booking_id(at: datetime, number: int) -> UUID:
    """The id of demo booking ``number``."""
    return timed_id(at, "booking", number)


def _agent(email: str, name: str, role: str) -> Agent:
    return Agent(plain_id("agent", email), email, name, role)


def _free(taken: set[str], local: str, domain: str) -> str:
    email, number = f"{local}@{domain}", 2
    while email in taken:
        email, number = f"{local}{number}@{domain}", number + 1
    taken.add(email)
    return email
