"""An operator's own packages: seeing and editing them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import audit, catalogue
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.money import Money
from ecosystem.domain.views import PackageView
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.forms import Form


class PackageForm(Form):
    """What an operator edits. ``price`` is in minor units of the package's currency.

    ``version`` is the one that was on the page: somebody else's change in between
    is never overwritten.
    """

    version: int = Field(ge=1)
    title: str | None = Field(default=None, min_length=4, max_length=120)
    price: int | None = Field(default=None, ge=1, le=10**11, strict=True)


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

    def __init__(self, database: Database, catalogue_service: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue_service

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

    def edit(self, actor: Actor, package_id: UUID, form: PackageForm) -> PackageView:
        """Change title or price.

        Raises:
            NotFound: not one of the operator's packages.
            Conflict: ``edited_elsewhere``, with the ``version`` that stands now.
            Invalid: nothing to change.
        """
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            package = catalogue.owned_package(session, operator_id, package_id)
            if package is None:
                raise _no_package()
            values: dict[str, object] = {}
            if form.title is not None:
                values["title"] = " ".join(form.title.split())
            if form.price is not None:
                amount = Money(form.price, package.currency).decimal
                if amount != round(amount, 2) or amount >= Decimal(10**10):
                    raise Invalid.one("price", "The price has at most two decimal places.")
                values["base_price"] = amount
            if not values:
                raise Invalid("There is nothing to change: send a title or a price.")
            version = catalogue.change_package(
                session, operator_id, package_id, form.version, values
            )
            if version is None:
                raise Conflict(
                    "Somebody else has changed this package since you opened it."
                    " Nothing was overwritten: reload to see their version, then save yours.",
                    code="edited_elsewhere",
                    version=package.version,
                )
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


def operator_of(actor: Actor) -> UUID:
    """The operator the actor works for. Raises ``Forbidden``."""
    if actor.role != "provider" or actor.operator_id is None:
        raise Forbidden("This is for tour operators. Sign in with an operator's account.")
    return actor.operator_id


def _no_package() -> NotFound:
    return NotFound("This package does not exist.", code="package_not_found")
