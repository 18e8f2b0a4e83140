"""Agencies' clients as rows: their details, households, notes and passports."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from ecosystem.domain.clients import last_four, search_keys
from ecosystem.domain.folding import folded
from ecosystem.local.demo_data.people import MAPLE, DemoAgency, DemoClient, joined_marketplace
from ecosystem.local.demo_data.rows import Row, Rows
from ecosystem.local.demo_data.seeded import chance, plain_id

Seal = Callable[[Any, datetime], str]
"""Seals the number of a document, as the product does."""

EVERY_FIFTH = 5
TAGS = (
    "VIP", "Honeymoon", "Rail", "Families", "Diving", "Wine", "Hiking", "Corporate", "Museums",
    "Winter sun",
)  # fmt: skip
PREFERENCES = (
    "Aisle seat, front of the coach.",
    "Vegetarian; no nuts.",
    "Ground floor or a lift: steps are hard for her.",
    "Quiet rooms, away from the street.",
    "Twin beds.",
    "Late check-out where it can be had.",
)
NOTES = (
    "Called about next spring: somewhere warm, ten days, no long flights.",
    "Liked the guide in Florence very much and asked for the same again.",
    "Would rather pay in two parts.",
    "Birthday falls into the trip; the hotel was told.",
    "Sends her sister along to us: expect a call.",
    "Asked for printed papers by post.",
)
SOURCES = ("on paper at the first visit", "by e-mail", "at the travel fair", "on the telephone")
_LANGUAGES = {
    "SE": "sv", "DE": "de", "AT": "de", "CH": "de", "FR": "fr", "PT": "pt", "ES": "es", "IT": "it",
    "NL": "nl", "DK": "da", "FI": "fi", "NO": "no", "PL": "pl", "JP": "ja",
}  # fmt: skip
_ELSEWHERE = ("GB", "IE", "DE", "FR", "IN", "PL", "US", "ZA")


@dataclass(frozen=True)
class _Details:
    """What is drawn for one client."""

    born: date
    nationality: str
    tags: list[str]
    preferences: str
    consent: str
    note: str
    passport: str
    expires_on: date
    since: datetime


def client_rows(
    agencies: Iterable[DemoAgency], anchor: datetime, seal: Seal | None = None
) -> Iterator[Rows]:
    """``households``, ``clients``, ``client_notes`` and ``identity_documents``; the last only
    where numbers can be sealed."""
    households: list[Row] = []
    clients: list[Row] = []
    notes: list[Row] = []
    documents: list[Row] = []
    for agency in agencies:
        homes = _households(agency)
        households += [
            (home, agency.id, name, folded(name), agency.joined(anchor))
            for name, home in {name: home for home, name in homes.values()}.items()
        ]
        for number, client in enumerate(agency.clients):
            said = _details(client, anchor)
            phone = _phone(agency, number)
            agent = chance("looks-after", client.id).choice(agency.agents[:2])
            keys = search_keys(client.name, client.email, phone, said.tags)
            home = homes.get(number)
            clients.append(
                (
                    client.id, agency.id, client.name, client.email, phone, client.country,
                    said.born, said.nationality, _LANGUAGES.get(client.country, "en"),
                    said.preferences, said.tags, agent.id, home[0] if home else None,
                    said.since if said.consent else None, said.consent, keys["name_key"],
                    keys["phone_key"], keys["words"], said.since, said.since,
                )
            )  # fmt: skip
            if said.note:
                at = said.since + timedelta(days=chance("note", client.id).randint(20, 380))
                notes.append(
                    (plain_id("note", client.id), client.id, agency.id, said.note, agent.id,
                     agent.name, at)
                )  # fmt: skip
            if said.passport and seal is not None:
                documents.append(_document(agency.id, client, said, seal, anchor))
    yield Rows("households", "id agency_id name name_key created_at", households)
    yield Rows(
        "clients",
        "id agency_id full_name email phone country birth_date nationality language preferences"
        " tags agent_id household_id consent_at consent_source name_key phone_key words"
        " created_at updated_at",
        clients,
    )
    yield Rows(
        "client_notes", "id client_id agency_id body author_id author_name created_at", notes
    )
    if documents:
        yield Rows(
            "identity_documents",
            "id client_id agency_id kind number_sealed last_four country issued_on expires_on"
            " created_at updated_at",
            documents,
        )


def _details(client: DemoClient, anchor: datetime) -> _Details:
    pick = chance("client-details", client.id)
    day = anchor.date()
    born = day - timedelta(days=pick.randint(23 * 365, 79 * 365))
    elsewhere = pick.random() < 0.12
    return _Details(
        born=born,
        nationality=pick.choice(_ELSEWHERE) if elsewhere else client.country,
        tags=sorted(pick.sample(TAGS, pick.choice((0, 0, 1, 1, 2)))),
        preferences=pick.choice(PREFERENCES) if pick.random() < 0.4 else "",
        consent=pick.choice(SOURCES) if pick.random() < 0.8 else "",
        note=pick.choice(NOTES) if pick.random() < 0.3 else "",
        passport=_passport(pick) if pick.random() < 0.45 else "",
        expires_on=day + timedelta(days=pick.randint(-40, 9 * 365)),
        since=joined_marketplace(anchor, client.id),
    )


def _passport(pick: Random) -> str:
    letters = "".join(pick.choice("ACEFGHJKLMNPRTVWXYZ") for _ in range(2))
    return f"{letters}{pick.randint(0, 9_999_999):07d}"


def _households(agency: DemoAgency) -> dict[int, tuple[UUID, str]]:
    """Two neighbours of each five live together, by the numbers of the clients."""
    homes: dict[int, tuple[UUID, str]] = {}
    taken: set[str] = set()
    for number in range(0, len(agency.clients) - 1, EVERY_FIFTH):
        pair = agency.clients[number : number + 2]
        families = dict.fromkeys(one.name.split(" ", 1)[-1] for one in pair)
        name = " & ".join(families)
        if folded(name) in taken:
            name = f"{name} ({pair[0].name.split(' ', 1)[0]})"
        taken.add(folded(name))
        home = (plain_id("household", pair[0].id), name)
        homes[number] = homes[number + 1] = home
    return homes


def _phone(agency: DemoAgency, number: int) -> str:
    """One in Maple Travel's list was entered twice under two names."""
    if agency.slug == MAPLE and number == 33:
        return next(one.phone for one in agency.clients[7:] if one.phone)
    return agency.clients[number].phone


def _document(
    agency_id: UUID, client: DemoClient, said: _Details, seal: Seal, anchor: datetime
) -> Row:
    document_id = plain_id("passport", client.id)
    return (
        document_id, client.id, agency_id, "passport",
        seal([str(document_id), said.passport], anchor), last_four(said.passport),
        said.nationality, said.expires_on - timedelta(days=3652), said.expires_on, said.since,
        said.since,
    )  # fmt: skip
