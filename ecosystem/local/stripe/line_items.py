"""What a Checkout Session sells: prices given in line, checked and added up."""

from typing import Any

from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing, required
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.money import MAXIMUM_AMOUNT, THREE_DECIMAL, WHOLE_ONLY, minimum, words
from ecosystem.local.stripe.platform import new_id
from ecosystem.local.stripe.storage import Body

MAX_LINES = 100


def read(params: Body) -> tuple[list[Body], str, int]:
    """The lines of a new session in the shape they are served, their currency and total.

    Raises:
        StripeRefusal: 400: no lines, a line without price or quantity, mixed currencies, or a
            total below the currency's minimum or above Stripe's maximum.
    """
    given = params.get("line_items")
    if not given:
        raise required("line_items")
    if len(given) > MAX_LINES:
        raise invalid(f"You can have at most {MAX_LINES} line items.", "line_items")
    items = [_line(line, f"line_items[{at}]") for at, line in enumerate(given)]
    currency = str(items[0]["currency"])
    if any(item["currency"] != currency for item in items):
        message = "All prices in a Checkout Session must use the same currency."
        raise invalid(message, "line_items")
    if params.get("currency", currency) != currency:
        raise invalid("The currency of the prices differs from the session's.", "currency")
    total = sum(int(item["amount_total"]) for item in items)
    if 0 < total < minimum(currency):
        message = (
            "The Checkout Session's total amount due must add up to at least "
            f"{words(minimum(currency), currency)} {currency}"
        )
        raise invalid(message, "line_items", "amount_too_small")
    if total > MAXIMUM_AMOUNT:
        message = (
            "The Checkout Session's total amount due must be no more than "
            f"{words(MAXIMUM_AMOUNT, currency)}"
        )
        raise invalid(message, "line_items", "amount_too_large")
    if currency in THREE_DECIMAL and total % 10:
        message = f"Amounts in {currency.upper()} must be rounded to the nearest ten."
        raise invalid(message, "line_items")
    if currency in WHOLE_ONLY and total % 100:
        message = f"Amounts in {currency.upper()} must be evenly divisible by 100."
        raise invalid(message, "line_items")
    return items, currency, total


def _line(line: Body, at: str) -> Body:
    if "price" in line:
        raise missing("price", str(line["price"]), param=f"{at}[price]", status=400)
    price: Any = line.get("price_data")
    if price is None:
        raise required(f"{at}[price_data]")
    if "product" in price:
        product = str(price["product"])
        raise missing("product", product, param=f"{at}[price_data][product]", status=400)
    if "product_data" not in price:
        raise required(f"{at}[price_data][product_data]")
    if "recurring" in price:
        message = "You cannot use recurring prices in `payment` mode."
        raise invalid(message, f"{at}[price_data][recurring]")
    unit = _unit_amount(price, at)
    if "quantity" not in line:
        raise required(f"{at}[quantity]")
    quantity = int(line["quantity"])
    if quantity < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, f"{at}[quantity]", "parameter_invalid_integer")
    product_data: Body = price["product_data"]
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": price["currency"],
        "description": product_data["name"],
        "metadata": merge({}, line.get("metadata"), param=f"{at}[metadata]"),
        "price": _price(price, unit),
        "quantity": quantity,
        "details": product_data.get("description", ""),
    }


def _unit_amount(price: Body, at: str) -> int:
    amount = price.get("unit_amount")
    if amount is None and "unit_amount_decimal" in price:
        text = str(price["unit_amount_decimal"])
        if not text.isdigit():
            message = "The stand-in takes whole minor units in unit_amount_decimal."
            raise invalid(message, f"{at}[price_data][unit_amount_decimal]")
        amount = int(text)
    if amount is None:
        raise required(f"{at}[price_data][unit_amount]")
    if amount < 0:
        raise StripeRefusal(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param=f"{at}[price_data][unit_amount]",
        )
    return int(amount)


def _price(price: Body, unit: int) -> Body:
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "currency": price["currency"],
        "livemode": False,
        "metadata": {},
        "product": new_id("prod", 14),
        "recurring": None,
        "tax_behavior": price.get("tax_behavior", "unspecified"),
        "type": "one_time",
        "unit_amount": unit,
        "unit_amount_decimal": str(unit),
    }
