"""The party of a trip's page in its address, so that it is still there when the page is loaded anew."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.domain.views import PackageView

MOST = 99


def count(text: str, most: int, least: int = 0) -> int | None:
    """A number of people from an address, within bounds; None for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        return None
    return min(max(int(text), least), most)


def people(ask: Mapping[str, str], package: PackageView) -> tuple[int, int]:
    """Adults and children; ``travellers`` of a search are adults, and two if nothing is said."""
    most = package.max_travellers
    adults = count(ask.get("adults", "") or ask.get("travellers", ""), most, least=1)
    return adults or min(2, most), count(ask.get("children", ""), most) or 0


def ages(ask: Mapping[str, str]) -> list[str]:
    """The children's ages, empty where they were not told; junk is not told."""
    told = ask.get("ages", "").split(".") if ask.get("ages") else []
    return [age if is_age(age) else "" for age in told[:MOST]]


def extras(ask: Mapping[str, str], package: PackageView) -> list[str]:
    """The chosen extras that this trip has, by id."""
    wanted = ask.get("extras", "").split(".")
    return [str(addon.id) for addon in package.addons if str(addon.id) in wanted]


def is_age(age: object) -> bool:
    """Whether it is the age of a child, or empty: not told."""
    text = str(age)
    return age == "" or (
        text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= OLDEST_CHILD
    )


def address(
    path: str,
    departure: str,
    adults: int,
    children: int,
    child_ages: Sequence[str],
    addon_ids: Sequence[str],
) -> str:
    """The address that brings back what is chosen on ``path``."""
    asked = {
        "departure": departure,
        "adults": str(adults),
        "children": str(children or ""),
        "ages": ".".join(child_ages),
        "extras": ".".join(addon_ids),
    }
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"
