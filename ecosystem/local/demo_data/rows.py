"""Demo data as rows for ``COPY``: the columns of each table, and one tuple a row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from ecosystem.local.demo_data.departures import DemoDeparture
from ecosystem.local.demo_data.operators import NEWCOMER, DemoOperator
from ecosystem.local.demo_data.packages import DemoPackage
from ecosystem.local.demo_data.payouts import agency_account
from ecosystem.local.demo_data.people import (
    DemoAgency,
    DemoCustomer,
    joined_marketplace,
)
from ecosystem.local.demo_data.reviews import UNRATED, DemoReview, Ratings
from ecosystem.local.demo_data.seeded import plain_id

Row = tuple[Any, ...]
Accounts = dict[str, str]
"""Cognito subject by e-mail address."""


@dataclass(frozen=True)
class Rows:
    """Rows of one table, in the order of ``columns``."""

    table: str
    columns: str
    rows: list[Row]


# The operators' database ----------------------------------------------------


def operator_rows(
    operators: Iterable[DemoOperator], anchor: datetime, rated: Ratings = UNRATED
) -> Iterator[Rows]:
    """``users`` and ``operators``. The sign-in accounts must exist already."""
    people: list[Row] = []
    companies: list[Row] = []
    for one in operators:
        joined = one.joined(anchor)
        people.append((one.user_id, one.email, one.person, "operator", joined, joined))
        companies.append(
            (
                one.id, one.user_id, one.slug, one.name, one.description, one.home.country,
                one.home.city, one.email, f"https://{one.slug}.example", list(one.languages),
                rated.operators.get(one.id), joined, joined, joined,
            )
        )  # fmt: skip
    yield Rows("users", "id email full_name role created_at updated_at", people)
    yield Rows(
        "operators",
        "id user_id slug name description country city contact_email website languages rating"
        " verified_at created_at updated_at",
        companies,
    )


def package_rows(
    packages: Iterable[DemoPackage], anchor: datetime, rated: Ratings = UNRATED
) -> Iterator[Rows]:
    """The four tables of packages."""
    heads: list[Row] = []
    cities: list[Row] = []
    addons: list[Row] = []
    exclusions: list[Row] = []
    for package in packages:
        at = package.published_at(anchor)
        heads.append(
            (
                package.id, package.operator.id, package.slug, package.title, package.summary,
                package.description, package.status, package.currency, package.base_price,
                package.child_discount, package.single_supplement, package.commission,
                package.deposit_percent, package.balance_due_days, Jsonb(package.policy_json),
                package.max_travellers, package.nights, list(package.tags),
                list(package.highlights), *rated.packages.get(package.id, (None, 0)),
                None if package.status == "draft" else at, at, at,
            )
        )  # fmt: skip
        for position, stop in enumerate(package.stops, 1):
            place = stop.place
            cities.append(
                (
                    stop.id, package.id, position, place.city, place.country, place.latitude,
                    place.longitude, place.timezone, stop.nights, stop.hotel, stop.stars,
                    stop.board, at, at,
                )
            )  # fmt: skip
        for position, addon in enumerate(package.addons, 1):
            addons.append(
                (
                    addon.id, package.id, position, addon.name, addon.description, addon.price,
                    addon.unit, addon.required, at, at,
                )
            )  # fmt: skip
        for position, text in enumerate(package.exclusions, 1):
            key = plain_id("exclusion", package.id, position)
            exclusions.append((key, package.id, position, text, at, at))
    yield Rows(
        "multi_city_hotel_packages",
        "id operator_id slug title summary description status currency base_price"
        " child_discount_percent single_supplement commission_percent deposit_percent"
        " balance_due_days cancellation_policy max_travellers nights tags highlights rating"
        " rating_count published_at created_at updated_at",
        heads,
    )
    yield Rows(
        "multi_city_hotel_package_cities",
        "id package_id position city country latitude longitude timezone nights hotel_name"
        " hotel_stars board created_at updated_at",
        cities,
    )
    yield Rows(
        "multi_city_hotel_package_addons",
        "id package_id position name description price unit required created_at updated_at",
        addons,
    )
    yield Rows(
        "multi_city_hotel_package_exclusions",
        "id package_id position text created_at updated_at",
        exclusions,
    )


# RDS ------------------------------------------------------------------------


def people_rows(
    agencies: Iterable[DemoAgency],
    customers: Iterable[DemoCustomer],
    subjects: Accounts,
    anchor: datetime,
) -> Iterator[Rows]:
    """Agencies, their people, customers."""
    houses: list[Row] = []
    agents: list[Row] = []
    for agency in agencies:
        joined = agency.joined(anchor)
        asked = agency.asks_verification
        houses.append(
            (
                agency.id, agency.slug, agency.name, agency.country, agency.currency, joined,
                "asked" if asked else "verified", Jsonb(agency.registration),
                anchor - timedelta(days=2) if asked else joined, None if asked else joined,
            )
        )  # fmt: skip
        for agent in agency.agents:
            subject = subjects.get(agent.email)
            agents.append(
                (agent.id, subject, agency.id, agent.email, agent.name, agent.role, joined)
            )
    yield Rows(
        "agencies",
        "id slug name country currency created_at verification registration"
        " verification_asked_at verified_at",
        houses,
    )
    yield Rows("travel_agents", "id subject agency_id email full_name role created_at", agents)
    yield Rows(
        "customers",
        "id subject email full_name created_at",
        [
            (one.id, subjects.get(one.email), one.email, one.name,
             joined_marketplace(anchor, one.id))
            for one in customers
        ],
    )  # fmt: skip


def payout_rows(
    operators: Iterable[DemoOperator], agencies: Iterable[DemoAgency], anchor: datetime
) -> Rows:
    """Who can be paid out. The newcomer has not begun; one operator has not finished."""
    rows: list[Row] = []
    for one in operators:
        if one.slug != NEWCOMER:
            at = one.joined(anchor)
            rows.append(
                (
                    plain_id("payout", one.id), "operator", one.id, one.stripe_account_id,
                    one.transfers_active, "active" if one.transfers_active else "incomplete",
                    anchor, at, at,
                )
            )  # fmt: skip
    for agency in agencies:
        at = agency.joined(anchor)
        account = agency_account(agency)
        rows.append(
            (
                plain_id("payout", agency.id), "agency", agency.id, account, True, "active",
                anchor, at, at,
            )
        )  # fmt: skip
    return Rows(
        "payout_accounts",
        "id party party_id stripe_account_id transfers_active state checked_at created_at"
        " updated_at",
        rows,
    )


def departure_rows(departures: Iterable[DemoDeparture]) -> Rows:
    """``departures``."""
    return Rows(
        "departures",
        "id package_id operator_id starts_on ends_on timezone capacity currency price_minor status"
        " created_at updated_at",
        [
            (
                one.id, one.package.id, one.package.operator.id, one.starts_on, one.ends_on,
                one.timezone, one.capacity, one.package.currency, one.override, one.status,
                one.created_at, one.created_at,
            )
            for one in departures
        ],
    )  # fmt: skip


def review_rows(reviews: Iterable[DemoReview]) -> Rows:
    """``reviews``."""
    return Rows(
        "reviews",
        "id booking_id package_id operator_id author author_id author_name rating body created_at"
        " revealed_at reply replied_at",
        [
            (
                one.id, one.booking.id, one.booking.package.id, one.booking.package.operator.id,
                one.author, _author_id(one), one.author_name, one.rating, one.body,
                one.created_at, one.revealed_at, one.reply, one.replied_at,
            )
            for one in reviews
        ],
    )  # fmt: skip


def _author_id(review: DemoReview) -> UUID | None:
    if review.author == "operator":
        return review.booking.package.operator.user_id
    customer = review.booking.buyer.customer
    return customer.id if customer else None
