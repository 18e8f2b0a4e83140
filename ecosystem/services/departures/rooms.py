"""A departure's own price beside its package's prices by room."""

from ecosystem.database.tables import Package
from ecosystem.domain.drafts import words_of_amount
from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money
from ecosystem.domain.rooms import least_own_price
from ecosystem.services.rates import occupancy


def sells_every_room(package: Package, price: int) -> None:
    """Raises ``Invalid`` when some room would cost nothing or less at ``price`` per adult:
    prices by room move by as much as it differs from the package's."""
    base = Money.from_decimal(package.base_price, package.currency).minor
    rooms = occupancy(package.occupancy_prices, package.currency)
    least = least_own_price(base, (each.minor for each in rooms.values()))
    if price < least:
        raise Invalid.one(
            "price",
            "Prices by room move by the same difference: at this price a room of"
            f" {package.title} would cost nothing. It has to be at least"
            f" {words_of_amount(least, package.currency)}.",
        )
