"""The operators of the demo data and the person behind each."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from uuid import UUID

from ecosystem.local.demo_data.places import Place, find
from ecosystem.local.demo_data.seeded import chance, plain_id, short

VIA_APPIA = "via-appia-journeys"
WITHOUT_PAYOUTS = frozenset({"kalmar-sund-travel", "suomi-slow"})
"""Not onboarded to payouts: their trips are listed, and not bookable yet."""

NEWCOMER = "kalmar-sund-travel"


@dataclass(frozen=True)
class DemoOperator:
    """``sells`` are ISO country codes; ``weight`` is its share of the packages."""

    id: UUID
    user_id: UUID
    slug: str
    name: str
    home: Place
    currency: str
    email: str
    person: str
    languages: tuple[str, ...]
    sells: frozenset[str]
    weight: int
    description: str
    stripe_account_id: str
    days_here: int

    @property
    def transfers_active(self) -> bool:
        return self.slug not in WITHOUT_PAYOUTS

    def joined(self, anchor: datetime) -> datetime:
        """When the operator came to the marketplace."""
        return anchor - timedelta(days=self.days_here, hours=4)


def slug_of(text: str) -> str:
    """Lower case ASCII words joined by hyphens."""
    for letter, plain in (("ø", "o"), ("Ø", "O"), ("ł", "l"), ("ß", "ss"), ("æ", "ae"), ("đ", "d")):
        text = text.replace(letter, plain)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")


@cache
def operators() -> tuple[DemoOperator, ...]:
    """Everybody in ``operators.txt``, in that order."""
    text = resources.files("ecosystem.local.demo_data").joinpath("operators.txt").read_text("utf-8")
    found: list[DemoOperator] = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name, home, currency, email, person, languages, sells, weight, about = (
            part.strip() for part in line.split("|")
        )
        slug = slug_of(name)
        country, _, city = home.partition(" ")
        pick = chance("operator", slug)
        found.append(
            DemoOperator(
                id=plain_id("operator", slug),
                user_id=plain_id("user", slug),
                slug=slug,
                name=name,
                home=find(country, city, _SHOWN.get(city, "")),
                currency=currency,
                email=email or f"{slug_of(person.split()[0])}@{slug}.example",
                person=person,
                languages=tuple(languages.split(",")),
                sells=frozenset(sells.split()),
                weight=int(weight),
                description=_describe(slug, about),
                stripe_account_id=f"acct_{short('account', slug)[:16]}",
                days_here=20 if slug == NEWCOMER else pick.randint(760, 1400),
            )
        )
    return tuple(found)


_SHOWN = {"Sevilla": "Seville", "Luzern": "Lucerne", "Braşov": "Brașov", "Montréal": "Montreal",
          "Reykjavík": "Reykjavik"}  # fmt: skip

_HABITS = (
    "Groups have at most sixteen people.",
    "Every hotel has been slept in by one of us.",
    "We answer the telephone ourselves.",
    "Guides are paid by the day, never by the shop.",
    "Most guests come back, usually with friends.",
    "We plan in pencil and book in ink.",
)


def _describe(slug: str, about: str) -> str:
    pick = chance("operator-habits", slug)
    return " ".join([about, *pick.sample(_HABITS, 2)])
