"""Requests that are sent again: the same ``Idempotency-Key`` and body give the same answer."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ecosystem.api.limits import client_address
from ecosystem.domain.actor import Actor
from ecosystem.wiring import services

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="For 24 hours the same key and body give the same answer, and do nothing.",
    ),
]


def once(
    operation: str,
    request: Request,
    caller: Actor,
    key: str | None,
    act: Callable[[], tuple[int, dict[str, Any]]],
    *asked: object,
    link: str | None = None,
) -> JSONResponse:
    """Answer with what ``act`` gives, its status and JSON, or gave to the same request before.

    Args:
        asked: all that makes it this request, beside who asks: what of its address names
            things, and its body.
        link: the secret that opens the thing to whoever has it: an answer is only for who has the
            same. None where there is no such secret.

    Raises:
        Invalid, Conflict: as :meth:`Idempotency.once`.
    """
    # Callers without any identity are told apart by address.
    scope = f"{operation}:{caller.holder or client_address(request)}"
    if link is not None:
        scope += f":{sha256(link.encode()).hexdigest()[:32]}"
    status, answer = services().idempotency.once(scope, key, _same_for_the_same(asked), act)
    return JSONResponse(answer, status)


def _same_for_the_same(asked: tuple[object, ...]) -> bytes:
    """The same bytes in every process: what is in a set comes in another order in each."""

    def plain(value: object) -> object:
        if isinstance(value, BaseModel):
            return value.model_dump()
        return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)

    return json.dumps(asked, default=plain, sort_keys=True).encode()
