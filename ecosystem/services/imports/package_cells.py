"""A package as one row of a spreadsheet, and back. The names of the columns are docs/import.md.

What is written here reads back as the same: a cell says one thing, whatever the reader's locale.
Amounts are in major units, like 1299.50; lists have one entry a line inside their cell.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from ecosystem.domain.drafts import Content
from ecosystem.domain.errors import FieldError
from ecosystem.domain.money import Money, decimals
from ecosystem.services.places import Places

PLAIN = (
    "id", "slug", "status", "title", "summary", "description", "currency", "price",
    "price_1_adult", "price_2_adults", "price_3_adults", "price_4_adults", "single_supplement",
    "child_discount_percent", "child_bands", "commission_percent", "deposit_percent",
    "balance_due_days", "policy", "max_travellers", "tags", "highlights", "exclusions",
)  # fmt: skip
STAY = (
    "city", "country", "nights", "hotel", "stars", "board", "notes", "latitude", "longitude",
    "timezone",
)  # fmt: skip
ADDON = ("addon", "addon_price", "addon_unit", "addon_required", "addon_description")
SIZES = {1: "price_1_adult", 2: "price_2_adults", 3: "price_3_adults", 4: "price_4_adults"}
_NUMBERED = re.compile(rf"({'|'.join((*STAY, *ADDON))})_([1-9][0-9]?)")
_TIER = re.compile(r"([0-9]{1,4}) ?(?:days?)? ?: ?([0-9]{1,4}) ?%?")
_BAND = re.compile(r"([0-9]{1,3}) ?(?:-|–|to) ?([0-9]{1,3}) ?(?:years?)? ?: ?([0-9.,]{1,8}) ?%?")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def header(stays: int, addons: int) -> list[str]:
    """The columns of a file whose longest package has so many stays and add-ons."""
    return [
        *PLAIN,
        *(f"{name}_{number}" for number in range(1, stays + 1) for name in STAY),
        *(f"{name}_{number}" for number in range(1, addons + 1) for name in ADDON),
    ]


def cells(package_id: object, content: Content, columns: Iterable[str]) -> list[object]:
    """The row of a package under ``columns``, before it is neutralised for a spreadsheet."""
    currency = content["currency"]

    def amount(minor: int) -> Decimal:
        return Money(minor, currency).decimal

    values: dict[str, object] = {name: content[name] for name in PLAIN if name in content}
    values |= {
        "id": str(package_id),
        "price": amount(content["price"]) if content["price"] else None,
        "single_supplement": amount(content["single_supplement"]),
        "child_discount_percent": Decimal(content["child_discount_percent"]),
        "commission_percent": Decimal(content["commission_percent"]),
        "child_bands": "\n".join(
            f"{row['from_age']} to {row['to_age']}: {row['discount_percent']}%"
            for row in content["child_bands"]
        ),
        "policy": "\n".join(
            f"{row['days_before']} days: {row['refund_percent']}%" for row in content["policy"]
        ),
        "tags": "\n".join(content["tags"]),
        "highlights": "\n".join(content["highlights"]),
        "exclusions": "\n".join(row["text"] for row in content["exclusions"]),
    }
    for row in content["occupancy_prices"]:
        values[SIZES[row["adults"]]] = amount(row["price"])
    for number, row in enumerate(content["stays"], start=1):
        for name, key in zip(STAY, _STAY_KEYS, strict=True):
            values[f"{name}_{number}"] = row[key]
    for number, row in enumerate(content["addons"], start=1):
        values[f"addon_{number}"] = row["name"]
        values[f"addon_price_{number}"] = amount(row["price"])
        values[f"addon_unit_{number}"] = row["unit"]
        values[f"addon_required_{number}"] = row["required"]
        values[f"addon_description_{number}"] = row["description"]
    return [values.get(name) for name in columns]


_STAY_KEYS = (
    "city", "country", "nights", "hotel_name", "hotel_stars", "board", "notes", "latitude",
    "longitude", "timezone",
)  # fmt: skip


def unknown_columns(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name not in PLAIN and not _NUMBERED.fullmatch(name)]


class Row:
    """One row, turned into what the editor's form takes. ``wrong`` collects what can't be."""

    def __init__(
        self, values: dict[str, str], currency: str, places: Places, *, decimal_comma: bool
    ) -> None:
        self.wrong: list[FieldError] = []
        self._values = values
        self._currency = currency
        self._places = places
        self._comma = decimal_comma

    def given(self) -> dict[str, Any]:
        """Fields of the form for the columns that the file has.

        An empty cell clears a text or a list; a number that a package has to have stays.
        """
        found: dict[str, Any] = {}
        for name in ("slug", "title", "currency"):
            if self._cell(name):
                found[name] = self._cell(name)
        for name in ("summary", "description"):
            if name in self._values:
                found[name] = self._cell(name)
        for name in ("tags", "highlights"):
            if name in self._values:
                found[name] = self._lines(name)
        if "exclusions" in self._values:
            found["exclusions"] = [{"text": line} for line in self._lines("exclusions")]
        for name in ("balance_due_days", "max_travellers"):
            self._put(found, name, self._whole)
        self._put(found, "commission_percent", self._percent)
        self._put(found, "child_discount_percent", self._percent, empty="0")
        self._put(found, "deposit_percent", self._whole, empty=None)
        self._put(found, "price", self._amount)
        self._put(found, "single_supplement", self._amount, empty=0)
        self._put(found, "policy", self._policy, empty=[])
        self._put(found, "child_bands", self._bands, empty=[])
        if any(name in self._values for name in SIZES.values()):
            prices = {size: self._amount(name) for size, name in SIZES.items() if self._cell(name)}
            found["occupancy_prices"] = [
                {"adults": size, "price": price} for size, price in prices.items()
            ]
        for name, first, read in (("stays", "city", self._stay), ("addons", "addon", self._addon)):
            numbers = self._numbers(STAY if first == "city" else ADDON)
            if numbers:
                found[name] = [
                    read(n) for n in numbers if self._has(n, STAY if first == "city" else ADDON)
                ]
        return found

    def departure(self) -> dict[str, Any]:
        """Seats and price of a departure; an empty price: the package's own counts."""
        return {
            "capacity": self._whole("capacity") if self._cell("capacity") else None,
            "price": self._amount("price") if self._cell("price") else None,
        }

    def _put(
        self,
        found: dict[str, Any],
        name: str,
        read: Callable[[str], Any],
        *,
        empty: Any = ...,
    ) -> None:
        if self._cell(name):
            found[name] = read(name)
        elif name in self._values and empty is not ...:
            found[name] = empty

    def _cell(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def _lines(self, name: str) -> list[str]:
        return [line.strip() for line in self._cell(name).splitlines() if line.strip()]

    def _numbers(self, names: tuple[str, ...]) -> list[int]:
        found = {
            int(match[2])
            for column in self._values
            if (match := _NUMBERED.fullmatch(column)) and match[1] in names
        }
        return sorted(found)

    def _has(self, number: int, names: tuple[str, ...]) -> bool:
        return any(self._cell(f"{name}_{number}") for name in names)

    def _refuse(self, name: str, message: str) -> None:
        self.wrong.append(FieldError(name, message))

    def _number(self, name: str, example: str) -> Decimal | None:
        text = self._cell(name)
        if self._comma and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        if _NUMBER.fullmatch(text):
            return Decimal(text)
        self._refuse(name, f"Write a number like {example}, without thousands separators.")
        return None

    def _whole(self, name: str) -> int | None:
        value = self._number(name, "30")
        if value is not None and value != value.to_integral_value():
            self._refuse(name, "Write a whole number.")
            return None
        return None if value is None else int(value)

    def _percent(self, name: str) -> str | None:
        value = self._number(name, "12.5")
        return None if value is None else str(value)

    def _amount(self, name: str) -> int | None:
        digits = decimals(self._currency)
        value = self._number(name, "1299" if digits == 0 else "1299.50")
        if value is None:
            return None
        if value.scaleb(digits) != value.scaleb(digits).to_integral_value():
            places = "no decimal places" if digits == 0 else f"{digits} decimal places"
            self._refuse(name, f"{self._currency} has {places}.")
            return None
        return Money.from_decimal(value, self._currency).minor

    def _policy(self, name: str) -> list[dict[str, int]]:
        return [
            {"days_before": int(match[1]), "refund_percent": int(match[2])}
            for match in self._matches(name, _TIER, "30 days: 100%")
        ]

    def _bands(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "from_age": int(match[1]),
                "to_age": int(match[2]),
                "discount_percent": match[3].replace(",", "."),
            }
            for match in self._matches(name, _BAND, "3 to 11: 50%")
        ]

    def _matches(self, name: str, form: re.Pattern[str], example: str) -> Iterable[re.Match[str]]:
        for line in self._lines(name):
            match = form.fullmatch(line)
            if match is None:
                self._refuse(name, f"Write one line each, like {example}.")
                return
            yield match

    def _stay(self, number: int) -> dict[str, Any]:
        def cell(name: str) -> str:
            return self._cell(f"{name}_{number}")

        stay: dict[str, Any] = {
            "city": cell("city"),
            "country": cell("country"),
            "hotel_name": cell("hotel"),
            "board": cell("board").lower().replace(" ", "_") or "breakfast",
            "notes": self._values.get(f"notes_{number}", ""),
            "nights": self._whole(f"nights_{number}") if cell("nights") else None,
            "hotel_stars": self._whole(f"stars_{number}") if cell("stars") else None,
        }
        if cell("latitude") or cell("longitude") or cell("timezone"):
            for name in ("latitude", "longitude"):
                value = self._number(f"{name}_{number}", "41.8933")
                stay[name] = None if value is None else float(value)
            return stay | {"timezone": cell("timezone")}
        place = self._places.named(stay["city"], stay["country"])
        if place is None:
            self._refuse(
                f"city_{number}",
                f"We don't know {stay['city'][:60] or 'a city without a name'}"
                f" in {stay['country'][:20] or 'no country'}."
                " Check the spelling, or fill in latitude, longitude and timezone.",
            )
            return stay | {"latitude": 0.0, "longitude": 0.0, "timezone": "UTC"}
        return stay | {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "timezone": place.timezone,
        }

    def _addon(self, number: int) -> dict[str, Any]:
        required = self._cell(f"addon_required_{number}").lower()
        if required not in _FLAGS:
            self._refuse(f"addon_required_{number}", "Write yes or no.")
        price = f"addon_price_{number}"
        return {
            "name": self._cell(f"addon_{number}"),
            "description": self._values.get(f"addon_description_{number}", ""),
            "price": self._amount(price) if self._cell(price) else None,
            "unit": self._cell(f"addon_unit_{number}").lower().replace(" ", "_") or "traveller",
            "required": _FLAGS.get(required, False),
        }


def column_of(field: str) -> str:
    """The column in which what the form calls ``field`` stands: ``stays.0.hotel_name``
    is ``hotel_1``."""
    name, *rest = field.split(".")
    if len(rest) == 2 and rest[0].isdigit():
        number = int(rest[0]) + 1
        if name == "stays" and rest[1] in _STAY_KEYS:
            return f"{STAY[_STAY_KEYS.index(rest[1])]}_{number}"
        if name == "addons":
            return f"addon_{number}" if rest[1] == "name" else f"addon_{rest[1]}_{number}"
    return name
