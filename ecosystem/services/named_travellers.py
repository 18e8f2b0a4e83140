"""Who travels on a booking, as the seats were priced."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ecosystem.database.tables import SeatClaim
from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import ngettext
from ecosystem.services.forms import Traveller


def named_travellers(travellers: Sequence[Traveller], claim: SeatClaim) -> list[dict[str, Any]]:
    """The travellers as a booking keeps them, each an adult or a child of the party held.

    Whoever does not say which is an adult while the party has adults left, then a child.

    Raises:
        Invalid: more adults or more children than the seats were priced for.
    """
    said = Counter(traveller.kind for traveller in travellers)
    if said["adult"] > claim.adults:
        text = ngettext(
            "This reservation is for {count} adult, not more.",
            "This reservation is for {count} adults, not more.",
            claim.adults,
        )
        raise Invalid.one("travellers", text.format(count=claim.adults))
    if said["child"] > claim.children:
        text = ngettext(
            "This reservation is for {count} child, not more.",
            "This reservation is for {count} children, not more.",
            claim.children,
        )
        raise Invalid.one("travellers", text.format(count=claim.children))
    adults_left = claim.adults - said["adult"]
    named: list[dict[str, Any]] = []
    for traveller in travellers:
        kind = traveller.kind
        if kind is None:
            kind = "adult" if adults_left > 0 else "child"
            adults_left -= 1
        named.append({"name": traveller.name, "kind": kind})
    return named
