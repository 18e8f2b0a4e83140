"""What a package becomes by what was typed, and what it lacks to be sold. Pure."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ecosystem.domain.drafts import Content
from ecosystem.domain.errors import FieldError, Invalid
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import decimals, exponent, step

ROWS = ("stays", "addons", "exclusions")
"""Lists whose rows have an id."""


def blank(title: str, slug: str, currency: str) -> Content:
    """A new draft."""
    return {
        "status": "draft",
        "slug": slug,
        "title": title,
        "summary": "",
        "description": "",
        "currency": currency,
        "price": 0,
        "child_discount_percent": "0",
        "child_bands": [],
        "occupancy_prices": [],
        "single_supplement": 0,
        "commission_percent": "10",
        "deposit_percent": None,
        "balance_due_days": 30,
        "policy": [],
        "max_travellers": 8,
        "tags": [],
        "highlights": [],
        "stays": [],
        "addons": [],
        "exclusions": [],
    }


def merged(
    content: Content,
    given: Content,
    *,
    slug_fixed: bool = False,
    currency_fixed: Callable[[], bool] = lambda: False,
) -> Content:
    """The content with what was given in it; rows without an id get one.

    In another currency, amounts that were not given keep their figure: EUR 1,299 is JPY 1,299.

    Raises:
        Invalid: a row's id is not one of the package's, an amount has more decimal places than
            the database holds, or the address or the currency can't change any more.
    """
    wrong: list[FieldError] = []
    now = {**content, **given}
    if slug_fixed and now["slug"] != content["slug"]:
        wrong.append(
            FieldError(
                "slug", "This address has been public: it stays, so that links keep working."
            )
        )
    if now["currency"] != content["currency"]:
        if currency_fixed():
            text = "There are departures in {}: the currency stays. Duplicate the package instead."
            wrong.append(FieldError("currency", text.format(content["currency"])))
        now |= _converted(content, given, now["currency"])
    for name in ROWS:
        if name in given:
            now[name] = list(_identified(name, given[name], content[name], wrong))
    for field, amount in _amounts(now):
        if amount % step(now["currency"]):
            places = min(2, decimals(now["currency"]))
            text = "The price has at most {} decimal places." if places else "Write whole {}."
            wrong.append(FieldError(field, text.format(places or now["currency"])))
    if wrong:
        raise Invalid("Some of what was entered is not right.", fields=tuple(wrong))
    return now


def adopted(given: Content, content: Content) -> Content:
    """``given`` with the ids of the rows that are meant: those of the same city or name.

    In their order: a city that is visited twice is two rows.
    """
    result = dict(given)
    for name, key in (("stays", "city"), ("addons", "name"), ("exclusions", "text")):
        if name not in given:
            continue
        taken = {row["id"] for row in given[name]}
        free = [row for row in content[name] if row["id"] not in taken]
        rows = []
        for row in given[name]:
            same = next((old for old in free if row["id"] is None and old[key] == row[key]), None)
            if same is not None:
                free.remove(same)
            rows.append(row if same is None else {**row, "id": same["id"]})
        result[name] = rows
    return result


def _identified(
    name: str, rows: list[Any], there: list[Any], wrong: list[FieldError]
) -> Iterator[dict[str, Any]]:
    known = {row["id"] for row in there}
    for position, row in enumerate(rows):
        if row["id"] is not None and row["id"] not in known:
            wrong.append(
                FieldError(
                    f"{name}.{position}.id", "This package has no such row. Leave the id out."
                )
            )
        yield {**row, "id": row["id"] or str(uuid7())}


def _amounts(content: Content) -> Iterator[tuple[str, int]]:
    for name in ("price", "single_supplement"):
        yield name, content[name]
    for name in ("occupancy_prices", "addons"):
        for position, row in enumerate(content[name]):
            yield f"{name}.{position}.price", row["price"]


def _converted(content: Content, given: Content, currency: str) -> Content:
    factor = Decimal(10) ** (exponent(currency) - exponent(content["currency"]))
    unit = 10 ** (exponent(currency) - decimals(currency))

    def same_figure(minor: int) -> int:
        return int((minor * factor / unit).to_integral_value(ROUND_HALF_UP)) * unit

    changed: Content = {
        name: same_figure(content[name])
        for name in ("price", "single_supplement")
        if name not in given
    }
    for name in ("occupancy_prices", "addons"):
        if name not in given:
            changed[name] = [{**row, "price": same_figure(row["price"])} for row in content[name]]
    return changed


def lacks_of(content: Content) -> tuple[FieldError, ...]:
    """What the package itself lacks before it can be sold; empty when it is complete."""
    lacks: list[FieldError] = []
    if not content["stays"]:
        lacks.append(FieldError("cities", "It has no city yet."))
    if content["price"] <= 0:
        lacks.append(FieldError("price", "It has no price per adult yet."))
    if not content["policy"]:
        lacks.append(FieldError("policy", "It has no cancellation policy yet."))
    return tuple(lacks)


NO_DEPARTURE = FieldError("departures", "It has no open departure with free seats.")


def copied(content: Content, slug: str) -> Content:
    """A draft with the same content: rows of its own, another title and address."""
    title = f"Copy of {content['title']}"
    return {
        **content,
        **{name: [{**row, "id": str(uuid7())} for row in content[name]] for name in ROWS},
        "status": "draft",
        "title": title if len(title) <= 120 else content["title"],
        "slug": slug,
    }
