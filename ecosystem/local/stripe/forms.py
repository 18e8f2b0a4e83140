"""Form encoding with brackets: ``line_items[0][price_data][currency]=eur`` and back.

Source of the encoding: https://docs.stripe.com/api (request bodies are form-encoded).
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from ecosystem.local.stripe.errors import invalid

MAX_FIELDS = 2000
_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def pairs(text: str) -> list[tuple[str, str]]:
    """The decoded ``key=value`` pairs of a form body or query string, in order.

    Raises:
        StripeRefusal: 400, for more pairs than any request of the API has.
    """
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise invalid(f"Invalid request: more than {MAX_FIELDS} parameters.") from None


def nest(items: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn bracketed keys into nested dicts of strings; ``a[]`` numbers its values itself.

    Raises:
        StripeRefusal: 400, if a key can't be read or is used both as a value and as a group.
    """
    tree: dict[str, Any] = {}
    for key, value in items:
        match = _KEY.match(key)
        if match is None:
            raise invalid(f"Invalid request parameter name: {key}", key)
        parts = [match.group(1), *_PART.findall(match.group(2))]
        place = tree
        for part in parts[:-1]:
            inner = place.setdefault(part or str(len(place)), {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid object: {key}", key)
            place = inner
        last = parts[-1] or str(len(place))
        if isinstance(place.get(last), dict):
            raise invalid(f"Invalid object: {key}", key)
        place[last] = value
    return tree


def name(path: Iterable[str | int]) -> str:
    """``["items", 0, "price"]`` as Stripe writes it: ``items[0][price]``."""
    first, *rest = [str(part) for part in path] or [""]
    return first + "".join(f"[{part}]" for part in rest)
