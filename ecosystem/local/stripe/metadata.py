"""Metadata of objects, with Stripe's limits (https://docs.stripe.com/metadata)."""

from collections.abc import Mapping
from typing import Any

from ecosystem.local.stripe.errors import invalid

MAX_KEYS = 50
MAX_KEY = 40
MAX_VALUE = 500


def merge(old: Mapping[str, str], given: Any, *, param: str = "metadata") -> dict[str, str]:
    """Metadata after an update: an empty value removes its key, an empty string all of them.

    Args:
        given: what the request says: a mapping, ``""``, or ``None`` for "not mentioned".
        param: where it stands in the request, for the error.

    Raises:
        StripeRefusal: 400, for too many keys or too long keys and values.
    """
    if given is None:
        return dict(old)
    if given == "":
        return {}
    result = dict(old)
    for key, value in given.items():
        if len(key) > MAX_KEY:
            message = (
                f"Metadata keys can be at most {MAX_KEY} characters long; "
                f"'{key}' has {len(key)} characters."
            )
            raise invalid(message, f"{param}[{key}]")
        if len(value) > MAX_VALUE:
            message = (
                f"Metadata values can have up to {MAX_VALUE} characters, but you passed in a "
                f"value that is {len(value)} characters. Invalid value for '{key}'."
            )
            raise invalid(message, f"{param}[{key}]")
        if value == "":
            result.pop(key, None)
        else:
            result[key] = value
    if len(result) > MAX_KEYS:
        message = (
            f"You can specify up to {MAX_KEYS} keys in metadata, but {len(result)} were given."
        )
        raise invalid(message, param)
    return result
