"""The shape of what is served: every field Stripe documents, and what can be expanded.

``data/resources.json`` holds the resource schemas (facts of Stripe's OpenAPI description, MIT
licence).
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ecosystem.local.stripe.errors import invalid

Body = dict[str, Any]
Lookup = Callable[[str, str], Body | None]
"""``(id, wanted kind)`` → the kept object."""

_EXPAND_DEPTH = 4


@lru_cache(maxsize=1)
def schemas() -> Body:
    """All resource schemas by name."""
    text = files("ecosystem.local.stripe").joinpath("data", "resources.json").read_text("utf-8")
    return json.loads(text)["schemas"]


@lru_cache(maxsize=64)
def _always_there(kind: str) -> tuple[str, ...]:
    return tuple(
        key for key, value in schemas()[kind]["properties"].items() if value.get("nullable")
    )


def complete(kind: str, given: Mapping[str, Any]) -> Body:
    """A resource with every field that Stripe always sends: what is not given is ``null``."""
    body: Body = {"id": given["id"], "object": kind} if "id" in given else {"object": kind}
    for key in _always_there(kind):
        body[key] = None
    body.update(given)
    return body


def page_of(data: list[Body], url: str, *, more: bool = False) -> Body:
    """A list object."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def expand(body: Body, paths: list[str], lookup: Lookup) -> Body:
    """Replace ids by the objects they stand for.

    Args:
        paths: as in ``expand[]``: ``payment_intent.latest_charge``, in lists ``data.charge``.

    Raises:
        StripeRefusal: 400, for a property that can't be expanded, or deeper than four levels.
    """
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > _EXPAND_DEPTH:
            message = f"You cannot expand more than {_EXPAND_DEPTH} levels of a property."
            raise invalid(message, "expand")
        _expand_in(body, parts, path, lookup)
    return body


def _expand_in(body: Body, parts: list[str], path: str, lookup: Lookup) -> None:
    if body.get("object") == "list" and parts[0] == "data":
        for item in body["data"]:
            _expand_in(item, parts[1:], path, lookup) if parts[1:] else None
        return
    if not parts:
        return
    name, rest = parts[0], parts[1:]
    kinds = _expandable(str(body.get("object", "")), name)
    if not kinds:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    value = body.get(name)
    if isinstance(value, str):
        value = next((found for kind in kinds if (found := lookup(value, kind))), None)
        body[name] = value if value is not None else body[name]
    elif value is None and kinds == ("list",):
        value = lookup(str(body["id"]), f"{body['object']}.{name}")
        body[name] = value
    if rest and isinstance(value, dict):
        _expand_in(value, rest, path, lookup)


@lru_cache(maxsize=512)
def _expandable(kind: str, name: str) -> tuple[str, ...]:
    schema = schemas().get(kind, {}).get("properties", {}).get(name)
    if schema is None:
        return ()
    properties = schema.get("properties", {})
    if properties.get("object", {}).get("enum") == ["list"]:
        return ("list",)
    if not any(item.get("type") == "string" for item in schema.get("anyOf", ())):
        return ()
    return tuple(item["$ref"].rsplit("/", 1)[-1] for item in schema["anyOf"] if "$ref" in item)
