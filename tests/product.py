"""The services over real databases and the Stripe stand-in, without a web server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ecosystem.adapters import stripe_connect
from ecosystem.adapters.stripe_connect import StripeConnect
from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.database.tables import (
    Departure,
    Operator,
    Package,
    PackageAddon,
    PackageCity,
    PayoutAccount,
    User,
)
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import BookingForm
from ecosystem.services.ports import Email
from ecosystem.settings import Settings
from ecosystem.wiring import Services, build
from tests.local.stripe.under_test import KEY, SECRETS, Endpoint, StandIn
from tests.memory_files import MemoryFiles
from tests.stripe_requests import Recording

ROME = ZoneInfo("Europe/Rome")
"""Where the trips of ``offer`` start."""

GUEST = Actor(role="guest", source="guest", guest_key="g" * 64)


class Postbox:
    """A ``Mail`` port that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Email] = []

    def send(self, email: Email) -> None:
        self.sent.append(email)

    def ping(self) -> None:
        """Always there."""


class Unused:
    """A vendor that the test has no use for."""

    def ping(self) -> None:
        """Always there."""


@dataclass
class Offer:
    """A published package with one operator, one departure and two add-ons."""

    operator_id: UUID
    package_id: UUID
    departure_id: UUID
    slug: str
    required_addon: UUID
    optional_addon: UUID


@dataclass
class Product:
    services: Services
    database: Database
    stripe: StandIn
    postbox: Postbox
    files: MemoryFiles
    clock: Any
    offers: list[Offer] = field(default_factory=list)

    def restarted(self, **parts: Any) -> "Product":
        """The product put together anew over the same databases, as after a restart.

        ``parts`` stand in for those of ``wiring.build``: ``database stripe mail clock``.
        """
        return Product(
            _assembled(self, **parts),
            self.database,
            self.stripe,
            self.postbox,
            self.files,
            parts.get("clock", self.clock),
            self.offers,
        )

    def vendor(self) -> StripeConnect:
        """The adapter that talks to the stand-in."""
        return StripeConnect(
            KEY,
            webhook_secret=SECRETS["/hook"],
            connect_webhook_secret=SECRETS["/connect"],
            api_base=self.stripe.base,
        )

    def offer(
        self,
        *,
        seats: int = 10,
        price: str = "1340.00",
        payable: bool = True,
        starts_in: int = 120,
        **package: Any,
    ) -> Offer:
        """Put a package on sale."""
        made = offer(
            self.database, seats=seats, price=price, payable=payable, starts_in=starts_in, **package
        )
        self.offers.append(made)
        return made

    def hold(self, made: Offer, *, adults: int = 2, actor: Actor = GUEST, **more: Any) -> Any:
        return self.services.holds.place(actor, made.departure_id, adults=adults, **more)

    def book(self, hold: Any, *, actor: Actor = GUEST, pay: str = "full") -> Any:
        form = BookingForm.model_validate(
            {
                "hold_id": hold.id,
                "lead": {"name": "Maja Lindqvist", "email": "maja@example.com"},
                "travellers": [{"name": "Maja Lindqvist"}],
                "pay": pay,
            }
        )
        return self.services.bookings.create(actor, form)

    def pay(self, session_id: str, card: str = "4242 4242 4242 4242") -> None:
        self.stripe.control(f"sessions/{session_id}/pay", {"card": card})

    def session_of(self, booking: Any) -> str:
        row = self.one(
            "select stripe_session_id from payments where booking_id = :id"
            " and stripe_session_id is not null order by created_at limit 1",
            id=booking.id,
        )
        return row.stripe_session_id

    def one(self, sql: str, **values: Any) -> Any:
        with self.database.unit(RDS) as session:
            return session.execute(text(sql), values).one()

    def change(self, sql: str, **values: Any) -> None:
        with self.database.unit(RDS) as session:
            session.execute(text(sql), values)

    def work(self) -> None:
        """Let inbox and outbox run dry."""
        while self.services.inbox.step() + self.services.outbox.step():
            pass


def offer(
    database: Database,
    *,
    seats: int = 10,
    price: str = "1340.00",
    payable: bool = True,
    starts_in: int = 120,
    **package: Any,
) -> Offer:
    user_id, operator_id, package_id, departure_id = (uuid7() for _ in range(4))
    required, optional = uuid7(), uuid7()
    name = operator_id.hex[-12:]
    slug = f"rome-florence-{name}"
    currency = package.pop("currency", "EUR")
    with database.engines["supabase"].begin() as connection:
        connection.execute(
            text("insert into auth.users (id, email) values (:id, :email)"),
            {"id": user_id, "email": f"{name}@example.com"},
        )
    with database.unit(ACCOUNTS) as session:
        session.add(User(id=user_id, email=f"{name}@example.com", full_name="Gaia Rossi"))
        session.flush()
        session.add(
            Operator(
                id=operator_id,
                user_id=user_id,
                slug=f"via-appia-{name}",
                name="Via Appia Journeys",
                country="IT",
                city="Rome",
                contact_email=f"{name}@example.com",
                verified_at=datetime(2025, 1, 1, tzinfo=UTC),
            )
        )
    with database.unit(PACKAGES) as session:
        values: dict[str, Any] = {
            "title": "Rome, Florence & Venice by rail",
            "status": "published",
            "nights": 8,
            "tags": ["rail"],
            "cancellation_policy": [
                {"days_before": 30, "refund_percent": 100},
                {"days_before": 14, "refund_percent": 50},
            ],
            "deposit_percent": 25,
        }
        session.add(
            Package(
                id=package_id,
                operator_id=operator_id,
                slug=slug,
                currency=currency,
                base_price=Decimal(price),
                **(values | package),
            )
        )
        session.flush()
        for position, (city, latitude, longitude, nights) in enumerate(
            (("Rome", 41.9, 12.5, 5), ("Florence", 43.8, 11.3, 3)), start=1
        ):
            session.add(
                PackageCity(
                    package_id=package_id,
                    position=position,
                    city=city,
                    country="IT",
                    latitude=latitude,
                    longitude=longitude,
                    timezone=ROME.key,
                    nights=nights,
                    hotel_name="Casa del Lungarno",
                    hotel_stars=4,
                )
            )
    with database.unit(PACKAGE_EXTRAS) as session:
        session.add(
            PackageAddon(
                id=required,
                package_id=package_id,
                name="City tax",
                position=1,
                price=Decimal(12),
                required=True,
            )
        )
        session.add(
            PackageAddon(
                id=optional,
                package_id=package_id,
                name="Uffizi with a guide",
                position=2,
                price=Decimal(48),
            )
        )
    with database.unit(RDS) as session:
        # Days are counted where the trip starts: in Rome it is tomorrow an hour or two early.
        start = datetime.now(ROME).date() + timedelta(days=starts_in)
        session.add(
            Departure(
                id=departure_id,
                package_id=package_id,
                operator_id=operator_id,
                starts_on=start,
                ends_on=start + timedelta(days=8),
                timezone=ROME.key,
                capacity=seats,
                currency=currency,
            )
        )
        if payable:
            session.add(
                PayoutAccount(
                    party="operator",
                    party_id=operator_id,
                    stripe_account_id=f"acct_{name}",
                    transfers_active=True,
                    state="active",
                )
            )
    return Offer(operator_id, package_id, departure_id, slug, required, optional)


@pytest.fixture(scope="session")
def stripe_endpoint() -> Iterator[Endpoint]:
    with Endpoint() as running:
        yield running


@pytest.fixture(scope="session")
def stripe_server(
    tmp_path_factory: pytest.TempPathFactory, stripe_endpoint: Endpoint
) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("product-stripe") / "state", stripe_endpoint) as running:
        yield running


def _assembled(made: Product, **parts: Any) -> Services:
    given: dict[str, Any] = {
        "database": made.database,
        "clock": made.clock,
        "mail": made.postbox,
        "cognito": Unused(),
        "supabase": Unused(),
        "files": made.files,
        "read_model": Unused(),
    }
    settings = Settings(
        public_url="http://localhost:3999",
        session_secret=SecretStr("s" * 40),
        stripe_secret_key=SecretStr(KEY),
        stripe_api_base=made.stripe.base,
        stripe_webhook_secret=SecretStr(SECRETS["/hook"]),
        stripe_connect_webhook_secret=SecretStr(SECRETS["/connect"]),
    )
    return build(settings, **(given | parts))


@pytest.fixture
def product(
    database: Database, clock: Any, stripe_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Product]:
    """The services of the product, on databases of their own."""
    monkeypatch.setattr(stripe_connect, "StripeHttp", Recording)
    Recording.wrong.clear()
    stripe_server.control("faults", {"mode": "none", "api": []})
    nothing: Any = None
    bare = Product(nothing, database, stripe_server, Postbox(), MemoryFiles(), clock)
    yield bare.restarted()
    stripe_server.control("faults", {"mode": "none", "api": []})
    assert Recording.wrong == [], "a request to Stripe does not conform to its description"
