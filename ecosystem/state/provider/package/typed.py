"""What stands in the fields of the package editor, and the content it means.

Everything typed is text until it is saved. Fields are named ``title``, ``room_2`` or, in a list,
``stays.<row>.nights``; ``row`` is a key of this page alone, and ``#2`` instead of it is the
third row, for words that were kept in a browser while the page was not open.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.drafts import Content, percent
from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.money import Money
from ecosystem.services.operator_desk import typed_price

ROOMS = (1, 2, 3, 4)
WORDS = ("title", "slug", "summary", "description")
AMOUNTS = ("price", "single_supplement")
COUNTS = ("deposit_percent", "balance_due_days", "max_travellers")
PERCENTS = ("child_discount_percent", "commission_percent")
ROOM_FIELDS = tuple(f"room_{adults}" for adults in ROOMS)
SCALARS = (*WORDS, "currency", *AMOUNTS, *COUNTS, *PERCENTS, *ROOM_FIELDS)

LISTS: dict[str, tuple[str, ...]] = {
    "highlights": ("text",),
    "tags": ("text",),
    "stays": ("nights", "hotel_name", "hotel_stars", "board", "notes"),
    "child_bands": ("from_age", "to_age", "discount_percent"),
    "addons": ("name", "description", "price", "unit", "required"),
    "exclusions": ("text",),
    "policy": ("days_before", "refund_percent"),
}
"""The fields one types into, of each list. A stay's city is chosen, not typed."""

MOST_ROWS = {
    "highlights": 50,
    "tags": 20,
    "stays": 30,
    "child_bands": 6,
    "addons": 50,
    "exclusions": 50,
    "policy": 8,
}
NEW_ROWS: dict[str, dict[str, str]] = {
    "stays": {"nights": "2", "board": "breakfast"},
    "addons": {"unit": "traveller"},
}
PLACE = ("city", "country", "latitude", "longitude", "timezone")
LONGEST = 30_000
"""Characters of one field that are looked at; the form itself allows fewer."""

WHOLE = "Enter a whole number."


@dataclass
class Row:
    """A line of a list. ``key`` stays while the page is open; ``values`` are texts.

    ``stored`` is the id it is kept under, empty for one that was not saved yet; ``place`` is
    the chosen city of a stay.
    """

    key: str
    values: dict[str, str]
    stored: str = ""
    place: dict[str, Any] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether nobody has written anything into it: it is not part of the package yet."""
        return not self.place and not any(
            self.values[name].strip() and name not in ("nights", "board", "unit", "required")
            for name in self.values
        )


class Typed:
    """Everything in the fields: ``scalars`` by name, ``lists`` by name in order."""

    def __init__(self, currency: str, scalars: dict[str, str], lists: dict[str, list[Row]]) -> None:
        self.currency = currency
        self.scalars = scalars
        self.lists = lists

    def row(self, name: str, key: str) -> Row | None:
        """The row of a list by its key, or by its place (``#0``)."""
        rows = self.lists.get(name, [])
        if key.startswith("#") and key[1:].isascii() and key[1:].isdigit() and len(key) < 5:
            at = int(key[1:])
            return rows[at] if at < len(rows) else None
        return next((row for row in rows if row.key == key), None)

    def put(self, changes: Mapping[str, str]) -> None:
        """Write what was typed into fields by their names; names that are not there are left."""
        for name, value in changes.items():
            if name in self.scalars:
                self.scalars[name] = value
                continue
            top, _, rest = name.partition(".")
            key, _, part = rest.partition(".")
            row = self.row(top, key)
            if row is not None and part in row.values:
                row.values[part] = value


def changes_from(changes: Any) -> dict[str, str]:
    """Changed fields as they came from a browser: texts by name, nothing else, not endless.

    Raises:
        Invalid: more fields than the editor has, or text far longer than any field takes.
    """
    if not isinstance(changes, dict) or len(changes) > 2000:
        raise Invalid("This is not what the editor sends.")
    found: dict[str, str] = {}
    for name, value in changes.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise Invalid("This is not what the editor sends.")
        if len(value) > LONGEST:
            raise Invalid.one(top_of(name), f"This can have at most {LONGEST:,} characters.")
        found[name] = value
    return found


def top_of(name: str) -> str:
    """The part of the content that a field belongs to: ``stays`` of ``stays.k3.nights``."""
    return "occupancy_prices" if name in ROOM_FIELDS else name.partition(".")[0]


def new_row(name: str, values: Mapping[str, str] | None = None) -> Row:
    """An empty row of a list, or one with ``values``."""
    start = dict.fromkeys(LISTS[name], "") | NEW_ROWS.get(name, {}) | dict(values or {})
    return Row(secrets.token_hex(4), start)


def typed_of(content: Content) -> Typed:
    """The content as one would type it."""
    currency = content["currency"]
    rooms = {f"room_{row['adults']}": row["price"] for row in content["occupancy_prices"]}
    scalars = {name: str(content[name]) for name in (*WORDS, "currency", *PERCENTS)}
    scalars |= {name: "" if content[name] is None else str(content[name]) for name in COUNTS}
    scalars |= {name: amount_words(content[name], currency) for name in AMOUNTS}
    scalars |= {
        name: amount_words(rooms[name], currency) if name in rooms else "" for name in ROOM_FIELDS
    }
    lists = {name: [_row_of(name, item, currency) for item in content[name]] for name in LISTS}
    return Typed(currency, scalars, lists)


def _row_of(name: str, item: Any, currency: str) -> Row:
    if isinstance(item, str):
        return new_row(name, {"text": item})
    values = {part: _text(item[part]) for part in LISTS[name]}
    if "price" in values:
        values["price"] = amount_words(item["price"], currency)
    place = {part: item[part] for part in PLACE} if name == "stays" else {}
    stored = str(item.get("id", ""))
    return Row(stored or secrets.token_hex(4), values, stored, place)


def _text(value: Any) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "true"
        case _:
            return str(value)


def amount_words(minor: int, currency: str) -> str:
    """``1299`` or ``1299.50``: as one would type it; nothing for nothing."""
    amount = Money(minor, currency).decimal
    if not minor:
        return ""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else str(amount)


@dataclass
class Reading:
    """The content that was typed, and what is wrong with it by the name of the field."""

    content: Content
    errors: dict[str, str]
    rows: dict[str, list[Row]]

    def field_of(self, path: str) -> str:
        """The field's name on the page for a path of the form: ``stays.0.nights``."""
        top, *rest = path.split(".")
        if top == "occupancy_prices" and rest:
            found = self.content.get(top, [])
            at = int(rest[0]) if rest[0].isdigit() else 0
            return f"room_{found[at]['adults']}" if at < len(found) else "room_2"
        rows = self.rows.get(top)
        if rows is None or not rest or not rest[0].isdigit() or int(rest[0]) >= len(rows):
            return top
        part = rest[1] if len(rest) > 1 else "text"
        return f"{top}.{rows[int(rest[0])].key}.{part}"


def read(typed: Typed) -> Reading:
    """The content that the fields mean; a field that can't be read leaves its part out."""
    errors: dict[str, str] = {}
    content: Content = {}
    rows = {name: [row for row in typed.lists[name] if not row.blank] for name in LISTS}
    rows["child_bands"].sort(key=lambda row: _number(row.values["from_age"]))
    rows["policy"].sort(key=lambda row: -_number(row.values["days_before"]))
    # Amounts mean what they say in the currency that is chosen beside them.
    currency = typed.scalars["currency"]
    if currency not in (*SHOWN, typed.currency):
        errors["currency"], currency = "Choose one of these currencies.", typed.currency

    def take(name: str, make: Callable[[], Any]) -> None:
        """Put ``name`` into the content unless one of its fields is wrong."""
        before = len(errors)
        value = make()
        if len(errors) == before:
            content[name] = value

    def each(name: str, read_row: Callable[[str, dict[str, str]], Any]) -> list[Any]:
        return [read_row(f"{name}.{row.key}", row.values) for row in rows[name]]

    def whole(at: str, text: str, default: int | None = None) -> int | None:
        return _caught(errors, at, lambda: whole_number(text, default))

    def share(at: str, text: str) -> str:
        return _caught(errors, at, lambda: percentage(text))

    def amount(at: str, text: str) -> int:
        return _caught(errors, at, lambda: amount_of(text, currency))

    scalars = typed.scalars
    for name in WORDS:
        take(name, lambda name=name: scalars[name].strip())
    if "currency" not in errors:
        content["currency"] = currency
    for name in AMOUNTS:
        take(name, lambda name=name: amount(name, scalars[name]))
    for name in PERCENTS:
        take(name, lambda name=name: share(name, scalars[name]))
    take("deposit_percent", lambda: whole("deposit_percent", scalars["deposit_percent"]))
    for name in ("balance_due_days", "max_travellers"):
        take(name, lambda name=name: whole(name, scalars[name] or "?"))
    take(
        "occupancy_prices",
        lambda: [
            {"adults": adults, "price": amount(f"room_{adults}", scalars[f"room_{adults}"])}
            for adults in ROOMS
            if scalars[f"room_{adults}"].strip()
        ],
    )
    for name in ("highlights", "tags"):
        take(name, lambda name=name: each(name, lambda _, values: values["text"].strip()))
    take(
        "stays",
        lambda: [_stay(row, errors, whole) for row in rows["stays"]],
    )
    take(
        "child_bands",
        lambda: each(
            "child_bands",
            lambda at, values: {
                "from_age": whole(f"{at}.from_age", values["from_age"] or "?"),
                "to_age": whole(f"{at}.to_age", values["to_age"] or "?"),
                "discount_percent": share(f"{at}.discount_percent", values["discount_percent"]),
            },
        ),
    )
    take(
        "addons",
        lambda: [
            {
                **_id(row),
                "name": row.values["name"].strip(),
                "description": row.values["description"].strip(),
                "price": amount(f"addons.{row.key}.price", row.values["price"]),
                "unit": row.values["unit"],
                "required": row.values["required"] == "true",
            }
            for row in rows["addons"]
        ],
    )
    take(
        "exclusions",
        lambda: [{**_id(row), "text": row.values["text"].strip()} for row in rows["exclusions"]],
    )
    take(
        "policy",
        lambda: each(
            "policy",
            lambda at, values: {
                "days_before": whole(f"{at}.days_before", values["days_before"] or "?"),
                "refund_percent": whole(f"{at}.refund_percent", values["refund_percent"] or "?"),
            },
        ),
    )
    return Reading(content, errors, rows)


def _stay(row: Row, errors: dict[str, str], whole: Callable[..., Any]) -> dict[str, Any]:
    at = f"stays.{row.key}"
    if not row.place:
        errors[f"{at}.city"] = "Choose a city from the list."
    return {
        **_id(row),
        **row.place,
        "nights": whole(f"{at}.nights", row.values["nights"] or "?"),
        "hotel_name": row.values["hotel_name"].strip(),
        "hotel_stars": whole(f"{at}.hotel_stars", row.values["hotel_stars"]),
        "board": row.values["board"],
        "notes": row.values["notes"].strip(),
    }


def _id(row: Row) -> dict[str, str]:
    return {"id": row.stored} if row.stored else {}


def _caught(errors: dict[str, str], at: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Invalid as error:
        errors[at] = error.fields[0].message if error.fields else error.detail
        return None


def _number(text: str) -> int:
    """For order alone: what is no number comes first."""
    bare = text.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 6 else -1


def whole_number(text: str, default: int | None = None) -> int | None:
    """A whole number as typed; ``default`` for nothing. Raises ``Invalid``."""
    bare = text.strip()
    if not bare:
        return default
    if not (bare.isascii() and bare.isdigit() and len(bare) < 8):
        raise Invalid.one("number", WHOLE)
    return int(bare)


def percentage(text: str) -> str:
    """A percentage as typed, ``12.5`` or ``12,5 %``, as the content writes it. Raises ``Invalid``."""
    bare = text.replace("%", "").replace(",", ".").strip() or "0"
    try:
        value = Decimal(bare)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= 100 or len(bare) > 6:
        raise Invalid.one("percent", "Enter a percentage from 0 to 100, like 12.5.")
    return percent(value)


def amount_of(text: str, currency: str) -> int:
    """Minor units of an amount as typed; nothing is zero. Raises ``Invalid``."""
    if not text.strip(" 0."):
        return 0
    return typed_price(text, currency)


def tops(names: Iterable[str]) -> set[str]:
    """The parts of the content that fields belong to."""
    return {top_of(name) for name in names}


def errors_of(reading: Reading, fields: Iterable[FieldError]) -> dict[str, str]:
    """What the service says is wrong, by the field on the page; the first of each."""
    found: dict[str, str] = {}
    for item in fields:
        found.setdefault(reading.field_of(item.field), item.message)
    return found
