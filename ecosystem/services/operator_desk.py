"""An operator's own packages at a glance. Editing is ``package_editor``."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ecosystem.database.placement import PACKAGES
from ecosystem.database.queries import catalogue
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money, decimals
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.operator_access import operator_of
from ecosystem.services.package_editor.forms import HIGHEST_PRICE
from ecosystem.services.package_editor.stored import no_package
from ecosystem.services.ports import Clock

_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,6}))?")


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
                raise no_package()
        return self._catalogue.package(package_id, drafts=True)

    def departures(self, actor: Actor, package_id: UUID) -> tuple[DepartureView, ...]:
        """The departures to come of one of the operator's own packages. Raises ``NotFound``."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            if catalogue.owned_package(session, operator_id, package_id) is None:
                raise no_package()
        return self._catalogue.departures(package_id)


def typed_price(typed: str, currency: str) -> int:
    """Minor units of a price as people type it in major units: ``1,299.50`` is 129950 cents.

    A comma separates thousands, a point decimals; more decimals than the currency has,
    and anything that could be read in two ways, is refused.

    Raises:
        Invalid: on ``price``, with how to write it.
    """
    digits = decimals(currency)
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
