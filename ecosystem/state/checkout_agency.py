"""What an agency earns on the trip it is about to book, in the words of the checkout."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ecosystem.domain import formats
from ecosystem.domain.split import PLATFORM_PERCENT, split
from ecosystem.domain.views import HoldView


@dataclass(frozen=True)
class AgencyDeal:
    """``model`` is empty for everybody but an agent who may know it.

    ``says`` is one sentence; ``net`` what the agency buys for, ``pays`` what the client pays here,
    ``earns`` the agency's part; ``markup`` the percentage that was chosen, empty without one.
    """

    model: str = ""
    says: str = ""
    net: str = ""
    pays: str = ""
    earns: str = ""
    markup: str = ""
    by: str = ""
    problem: str = ""


def deal(hold: HoldView, now: datetime) -> AgencyDeal:
    """How the agency earns on what is held."""
    sale, total = hold.sale, hold.price.total
    if sale is None:
        return AgencyDeal()
    by = ""
    if sale.on_account:
        public = hold.public_total
        net, pays, earns = total, public, public - total
        due = min(now.date() + timedelta(days=sale.days), hold.starts_on)
        by = formats.full_day(due)
    else:
        net, pays = sale.net(total), total
        earns = split(total, sale.commission_percent, by_agency=True).agency
    return AgencyDeal(
        model=sale.model,
        says=_says(sale.model, sale.days),
        net=formats.money(net),
        pays=formats.money(pays),
        earns=formats.money(earns),
        markup=percent_text(sale.markup_percent),
        by=by,
    )


def percent_text(percent: Decimal | None) -> str:
    """``12.5``; empty for None."""
    return "" if percent is None else f"{percent.normalize():f}"


def _says(model: str, days: int) -> str:
    match model:
        case "net":
            return (
                "You buy at the net price and set what your client pays. Above the public price"
                f" the marketplace's {percent_text(PLATFORM_PERCENT)} % comes out of your part."
            )
        case "agency_collects":
            return (
                "You collect from your client. The seats are confirmed at once, and your agency"
                " owes the net price."
            )
        case "operator_pays_later":
            when = f"{days} days" if days != 1 else "one day"
            return f"Your commission is paid {when} after the trip ends."
        case _:
            return "Your commission is sent by itself when the operator is paid."
