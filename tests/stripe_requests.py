"""Every request that the product sends to Stripe, held against Stripe's own description.

``stripe_requests.json`` has, for each operation that we use and each parameter that we send, its
type as Stripe's OpenAPI description gives it (``string 200``: at most so many characters; a list
of words: one of them). What is not in there we do not send: a new parameter is looked up first.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ecosystem.adapters.stripe_http import StripeHttp

MONEY_MOVES = (
    "POST /v1/checkout/sessions",
    "POST /v1/refunds",
    "POST /v1/transfers",
    "POST /v1/transfers/{id}/reversals",
)
LONGEST_KEY = 255


class Recording(StripeHttp):
    """The SDK's way to Stripe, noting what goes out and what is wrong with it."""

    seen: list[str] = []
    wrong: list[str] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        body = post_data if isinstance(post_data, str) else ""
        operation, problems = examine(method.upper(), url, body, dict(headers or {}))
        self.seen.append(operation)
        self.wrong.extend(f"{operation}: {problem}" for problem in problems)
        return super().request(method, url, headers, post_data)


@cache
def described() -> dict[str, Any]:
    """Operations and the parameters that we send, by ``METHOD /template``."""
    return json.loads(Path(__file__).with_suffix(".json").read_text())


def examine(method: str, url: str, body: str, headers: dict[str, str]) -> tuple[str, list[str]]:
    """The operation of a request, and everything about it that Stripe does not describe."""
    parts = urlsplit(url)
    operation = _operation(method, parts.path)
    if operation is None:
        return f"{method} {parts.path}", ["not described"]
    known = described()[operation]
    sent = [
        (_named(name), name, value)
        for name, value in parse_qsl(body or parts.query, keep_blank_values=True)
    ]
    problems = []
    for plain, name, value in sent:
        kind = _kind(plain, known["params"])
        if kind is None:
            problems.append(f"{name} is not described")
        elif not _fits(value, kind):
            problems.append(f"{name}={value!r} is not {kind}")
    names = {plain for plain, _, _ in sent}
    for needed in known["required"]:
        parent = needed.rpartition(".")[0]
        there = not parent or any(name.startswith(parent) for name in names)
        if there and needed not in names:
            problems.append(f"{needed} is missing")
    key = headers.get("Idempotency-Key", "")
    if operation in MONEY_MOVES and (":" not in key or len(key) > LONGEST_KEY):
        problems.append(f"its idempotency key is not made of our ids: {key!r}")
    return operation, problems


def _operation(method: str, path: str) -> str | None:
    found = [
        operation
        for operation in described()
        if re.fullmatch(
            f"{method} " + re.sub(r"{\w+}", "[^/ ]+", operation.split()[1]), f"{method} {path}"
        )
        and operation.startswith(f"{method} ")
    ]
    return found[0] if found else None


def _named(name: str) -> str:
    """``line_items[0][price_data][currency]`` as ``line_items[].price_data.currency``."""
    return re.sub(r"\[(\w+)\]", r".\1", re.sub(r"\[\d*\]", "[]", name))


def _kind(plain: str, params: dict[str, Any]) -> Any:
    if plain in params:
        return params[plain]
    parent, _, _ = plain.rpartition(".")
    if params.get(parent) == "map":
        return "string 500"
    if plain.endswith("[]") and params.get(plain[:-2]) == "list":
        return "string"
    return None


def _fits(value: str, kind: Any) -> bool:
    if isinstance(kind, list):
        return value in kind
    name, _, longest = kind.partition(" ")
    if name == "integer":
        return re.fullmatch(r"-?\d{1,15}", value) is not None
    if name == "boolean":
        return value in ("true", "false")
    if name == "currency":
        return re.fullmatch("[a-z]{3}", value) is not None
    return bool(value) and (not longest or len(value) <= int(longest))
