"""A proposal's parts as they are kept: every trip with its price and its words of this moment."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import seats
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.agency_terms import Sale
from ecosystem.domain.errors import Conflict, FieldError, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.quotes import (
    Content,
    FreeItem,
    Option,
    ShownLine,
    ShownTrip,
    TripItem,
)
from ecosystem.domain.split import split
from ecosystem.domain.views import PackageView
from ecosystem.services.agency_sales import sale_of
from ecosystem.services.catalogue import Catalogue, price_party
from ecosystem.services.ports import Clock
from ecosystem.services.quotes.forms import FreeItemForm, OptionForm, TripItemForm


class Contents:
    """Reads packages, departures and prices; writes nothing."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    def of(self, agency_id: UUID, cover: str, options: Sequence[OptionForm]) -> Content:
        """What an agent wrote, priced as of now on her agency's terms.

        Raises:
            Invalid: ``fields`` name the items that can't be offered, as ``options.0.items.1``:
                no such departure, a party that does not fit, a date that can't be priced, a
                mark-up where the agency has no net price.
        """
        problems: list[FieldError] = []
        made: list[Option] = []
        known: dict[UUID, PackageView] = {}
        for place, option in enumerate(options):
            items: list[TripItem | FreeItem] = []
            for row, item in enumerate(option.items):
                if isinstance(item, FreeItemForm):
                    items.append(_free(item))
                    continue
                try:
                    items.append(self._trip(agency_id, item, known))
                except (Conflict, Invalid, NotFound) as error:
                    problems.append(FieldError(f"options.{place}.items.{row}", error.detail))
            made.append(
                Option(
                    id=option.id or uuid7().hex,
                    title=option.title,
                    note=option.note,
                    items=tuple(items),
                )
            )
        if problems:
            raise Invalid(problems[0].message, code="item_not_offered", fields=tuple(problems))
        return Content(cover=cover, options=tuple(made))

    def again(self, agency_id: UUID, content: Content) -> Content:
        """The same content, every trip priced and described anew. Raises as ``of``."""
        return self.of(agency_id, content.cover, [form_of(option) for option in content.options])

    def sale(
        self,
        agency_id: UUID,
        package: PackageView,
        markup_percent: Decimal | None,
        *,
        lenient: bool,
    ) -> Sale:
        """On which terms the agency sells a package now. ``lenient``: a mark-up for which there is
        no net price any more is left out.

        Raises:
            Invalid: ``markup_percent``: the agency buys this trip at no net price.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            try:
                return sale_of(session, agency_id, package, now, markup_percent)
            except Invalid:
                if not lenient:
                    raise
                return sale_of(session, agency_id, package, now)

    def _trip(
        self, agency_id: UUID, form: TripItemForm, known: dict[UUID, PackageView]
    ) -> TripItem:
        with self._database.unit(RDS) as session:
            departure = seats.departure(session, form.departure_id)
        if departure is None:
            raise NotFound(_("This departure does not exist."), code="departure_not_found")
        package = known.get(departure.package_id)
        if package is None:
            package = known[departure.package_id] = self._catalogue.package(departure.package_id)
        sale = self.sale(agency_id, package, form.markup_percent, lenient=False)
        price = price_party(
            self._catalogue.rates(package.id),
            departure,
            form.adults,
            form.children,
            form.addon_ids,
            self._clock,
            child_ages=form.child_ages,
            factor=sale.shown_factor,
        ).charged.price
        return TripItem(
            id=form.id or uuid7().hex,
            departure_id=form.departure_id,
            adults=form.adults,
            children=form.children,
            child_ages=form.child_ages,
            addon_ids=tuple(sorted(price.addon_ids)),
            markup_percent=sale.markup_percent,
            note=form.note,
            shown=shown(package, departure, price, sale),
        )


def shown(package: PackageView, departure: Any, price: Price, sale: Sale) -> ShownTrip:
    """What a proposal says of a trip at this price. ``departure`` is its row."""
    first = package.stays[0] if package.stays else None
    net = price.total.times((1 - sale.percent / 100) / sale.shown_factor)
    commission = split(price.total, sale.commission_percent, by_agency=True).agency
    if sale.on_account:
        commission = price.total - net
    return ShownTrip(
        package_id=package.id,
        slug=package.slug,
        title=package.title,
        summary=package.summary,
        operator=package.operator.name,
        starts_on=departure.starts_on,
        ends_on=departure.ends_on,
        timezone=departure.timezone,
        nights=package.nights,
        country=first.country if first else "",
        latitude=first.latitude if first else None,
        stays=package.stays,
        included=package.highlights,
        excluded=package.exclusions,
        policy=package.policy,
        currency=price.total.currency,
        lines=tuple(
            ShownLine(
                code=line.code, label=line.label, quantity=line.quantity, amount=line.amount.minor
            )
            for line in price.lines
        ),
        total=price.total.minor,
        deposit=None if price.deposit is None else price.deposit.minor,
        balance_due_on=price.balance_due_on,
        commission=commission.minor,
        model=sale.model,
        net=net.minor,
        billed_by_agency=sale.on_account,
    )


def _free(form: FreeItemForm) -> FreeItem:
    each: Money = form.each.money
    return FreeItem(
        id=form.id or uuid7().hex,
        title=form.title,
        text=form.text,
        quantity=form.quantity,
        each=each.minor,
        currency=each.currency,
    )


def form_of(option: Option) -> OptionForm:
    """An option as it would be sent to be written again."""
    return OptionForm.model_validate(
        {
            "id": option.id,
            "title": option.title,
            "note": option.note,
            "items": [
                {
                    "kind": "trip",
                    "id": item.id,
                    "departure_id": item.departure_id,
                    "adults": item.adults,
                    "children": item.children,
                    "child_ages": item.child_ages,
                    "addon_ids": frozenset(item.addon_ids),
                    "markup_percent": item.markup_percent,
                    "note": item.note,
                }
                if isinstance(item, TripItem)
                else {
                    "kind": "free",
                    "id": item.id,
                    "title": item.title,
                    "text": item.text,
                    "quantity": item.quantity,
                    "each": {"amount": item.each, "currency": item.currency},
                }
                for item in option.items
            ],
        }
    )
