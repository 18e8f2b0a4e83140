"""An operator's own packages and sales: seeing, editing, publishing."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import audit, catalogue, desks, payouts
from ecosystem.database.tables import Package
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import NextDeparture, OperatorOverview, Travel
from ecosystem.domain.errors import Conflict, FieldError, Invalid, NotFound
from ecosystem.domain.money import Money, exponent
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.services.agency_desk import month_start, sold_by_currency
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.forms import Form
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.ports import Clock

SOON_DAYS = 14
NEXT_DEPARTURES = 8
HIGHEST_PRICE = 10**11
"""In minor units: what no trip costs, far below what the columns hold."""
_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,6}))?")


def one_line(value: str) -> str:
    """Words on one line: no control characters, single spaces."""
    if any(not (c.isprintable() or c.isspace()) for c in value):
        raise ValueError("This contains characters that can't be shown.")
    return " ".join(value.split())


class PackageForm(Form):
    """What an operator edits. ``price`` is in minor units of the package's currency.

    ``version`` is the one that was on the page: somebody else's change in between
    is never overwritten.
    """

    version: int = Field(ge=1)
    title: Annotated[str, AfterValidator(one_line)] | None = Field(
        default=None, min_length=4, max_length=120
    )
    price: int | None = Field(default=None, ge=1, le=HIGHEST_PRICE, strict=True)


@dataclass(frozen=True)
class OwnPackage:
    """A row of the operator's list. ``status``: draft, published, archived."""

    id: UUID
    slug: str
    title: str
    status: str
    price: Money
    nights: int
    updated_at: datetime


class OperatorDesk:
    """Everything is fetched by operator and id together."""

    def __init__(self, database: Database, catalogue_service: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue_service
        self._clock = clock

    def overview(self, actor: Actor) -> OperatorOverview:
        """What the operator sold this month (UTC), who travels, what departs next.

        "Soon" is within fourteen days. Raises ``Forbidden``.
        """
        operator_id = operator_of(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            sold = desks.sold(session, "operator", operator_id, month_start(now), now)
            travel = desks.travel(session, "operator", operator_id, now, SOON_DAYS)
            next_up = desks.next_departures(session, operator_id, now.date(), NEXT_DEPARTURES)
            account = payouts.account_of(session, "operator", operator_id)
        titles: dict[UUID, str] = {}
        if next_up:
            with self._database.unit(PACKAGES) as session:
                packages = catalogue.packages(session, [row.package_id for row in next_up])
            titles = {package.id: package.title for package in packages}
        return OperatorOverview(
            today=now.date(),
            sold=sold_by_currency(sold),
            travel=Travel(**travel._mapping),
            departures=tuple(
                NextDeparture(
                    package_id=row.package_id,
                    title=titles.get(row.package_id, ""),
                    starts_on=row.starts_on,
                    ends_on=row.ends_on,
                    capacity=row.capacity,
                    sold=row.sold,
                    open=row.status == "open",
                )
                for row in next_up
            ),
            payouts_active=account is not None and account.transfers_active,
        )

    def packages(
        self, actor: Actor, *, limit: int = 25, offset: int = 0, words: str = ""
    ) -> tuple[list[OwnPackage], int]:
        """A page of the operator's packages, newest change first, and how many there are."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            rows, total = catalogue.packages_of(
                session, operator_id, limit=limit, offset=offset, words=words.strip()
            )
        return [
            OwnPackage(
                id=row.id,
                slug=row.slug,
                title=row.title,
                status=row.status,
                price=Money.from_decimal(row.base_price, row.currency),
                nights=row.nights,
                updated_at=row.updated_at,
            )
            for row in rows
        ], total

    def package(self, actor: Actor, package_id: UUID) -> PackageView:
        """One of the operator's own packages in any state. Raises ``NotFound``."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            if catalogue.owned_package(session, operator_id, package_id) is None:
                raise _no_package()
        return self._catalogue.package(package_id, drafts=True)

    def departures(self, actor: Actor, package_id: UUID) -> tuple[DepartureView, ...]:
        """The departures to come of one of the operator's own packages. Raises ``NotFound``."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            if catalogue.owned_package(session, operator_id, package_id) is None:
                raise _no_package()
        return self._catalogue.departures(package_id)

    def publish(self, actor: Actor, package_id: UUID, version: int) -> PackageView:
        """Offer a draft or archived package to the public.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``.
            Invalid: ``not_ready``; ``fields`` name what is missing, see ``missing``.
        """
        lacks = missing(self.package(actor, package_id), self.departures(actor, package_id))
        if lacks:
            raise Invalid(
                "This package can't be published yet. " + " ".join(f.message for f in lacks),
                code="not_ready",
                fields=lacks,
            )
        return self._set_status(actor, package_id, version, "published")

    def archive(self, actor: Actor, package_id: UUID, version: int) -> PackageView:
        """Take a package off the market. Bookings that were made of it stay as they are.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``.
        """
        return self._set_status(actor, package_id, version, "archived")

    def _set_status(self, actor: Actor, package_id: UUID, version: int, status: str) -> PackageView:
        operator_id = editing(actor)
        with self._database.unit(PACKAGES) as session:
            package = catalogue.owned_package(session, operator_id, package_id)
            if package is None:
                raise _no_package()
            old = package.status
            if old != status:
                values: dict[str, Any] = {"status": status}
                if status == "published" and package.published_at is None:
                    values["published_at"] = self._clock.now()
                _write(session, operator_id, package, version, values)
        if old != status:
            with self._database.unit(RDS) as session:
                audit.record(
                    session,
                    actor,
                    f"package.{status}",
                    "package",
                    package_id,
                    old={"status": old},
                    new={"status": status},
                )
        return self._catalogue.package(package_id, drafts=True)

    def edit(self, actor: Actor, package_id: UUID, form: PackageForm) -> PackageView:
        """Change title or price.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``, with the ``version`` that stands now.
            Invalid: nothing to change.
        """
        operator_id = editing(actor)
        with self._database.unit(PACKAGES) as session:
            package = catalogue.owned_package(session, operator_id, package_id)
            if package is None:
                raise _no_package()
            values: dict[str, Any] = {}
            if form.title is not None:
                values["title"] = form.title
            if form.price is not None:
                amount = Money(form.price, package.currency).decimal
                if amount != round(amount, 2) or amount >= Decimal(10**10):
                    raise Invalid.one("price", "The price has at most two decimal places.")
                values["base_price"] = amount
            if not values:
                raise Invalid("There is nothing to change: send a title or a price.")
            _write(session, operator_id, package, form.version, values)
            old = {"title": package.title, "price": str(package.base_price)}
        with self._database.unit(RDS) as session:
            audit.record(
                session,
                actor,
                "package.edited",
                "package",
                package_id,
                old=old,
                new={name: str(value) for name, value in values.items()},
            )
        return self._catalogue.package(package_id, drafts=True)


def missing(package: PackageView, departures: tuple[DepartureView, ...]) -> tuple[FieldError, ...]:
    """What a package lacks before it can be published; empty when it is ready."""
    lacks: list[FieldError] = []
    if not package.stays:
        lacks.append(FieldError("cities", "It has no city yet."))
    if package.base_price.minor <= 0:
        lacks.append(FieldError("price", "It has no price per adult yet."))
    if not package.policy:
        lacks.append(FieldError("policy", "It has no cancellation policy yet."))
    if not any(departure.status == "open" for departure in departures):
        lacks.append(FieldError("departures", "It has no open departure with free seats."))
    return tuple(lacks)


def typed_price(typed: str, currency: str) -> int:
    """Minor units of a price as people type it in major units: ``1,299.50`` is 129950 cents.

    A comma separates thousands, a point decimals; more decimals than the currency has,
    and anything that could be read in two ways, is refused.

    Raises:
        Invalid: on ``price``, with how to write it.
    """
    digits = exponent(currency)
    example = "1299" if digits == 0 else "1299." + "50"[:digits].ljust(digits, "0")
    bare = typed.strip().upper().removeprefix(currency).removesuffix(currency).strip()
    known = _AMOUNT.fullmatch(bare)
    if known is None:
        raise Invalid.one("price", f"Write the price in {currency} like {example}.")
    if len((known[1] or "").rstrip("0")) > digits:
        places = "no decimal places" if digits == 0 else f"{digits} decimal places"
        raise Invalid.one("price", f"{currency} has {places}. Write it like {example}.")
    price = Money.from_decimal(Decimal(known[0].replace(",", "")), currency)
    if price.minor < 1:
        raise Invalid.one("price", "The price has to be more than zero.")
    if price.minor > HIGHEST_PRICE:
        raise Invalid.one("price", f"The price can be at most {_plain(HIGHEST_PRICE, currency)}.")
    return price.minor


def _plain(minor: int, currency: str) -> str:
    return f"{currency} {Money(minor, currency).decimal.to_integral_value():,}"


def _write(
    session: RoutedSession,
    operator_id: UUID,
    package: Package,
    version: int,
    values: dict[str, Any],
) -> None:
    """Write ``values`` if the package still has ``version``. Raises ``Conflict``."""
    if catalogue.change_package(session, operator_id, package.id, version, values) is None:
        raise Conflict(
            "Somebody else has changed this package since you opened it."
            " Nothing was overwritten: reload to see their version, then save yours.",
            code="edited_elsewhere",
            version=package.version,
        )


def _no_package() -> NotFound:
    return NotFound("This package does not exist.", code="package_not_found")
