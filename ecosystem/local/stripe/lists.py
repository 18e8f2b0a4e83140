"""Lists: filters, newest first, a page at a time (https://docs.stripe.com/api/pagination)."""

from collections.abc import Mapping
from typing import Any

from ecosystem.local.stripe.errors import invalid, missing
from ecosystem.local.stripe.platform import Call, Platform
from ecosystem.local.stripe.resources import page_of
from ecosystem.local.stripe.storage import Body

_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PAGING = {"limit", "starting_after", "ending_before", "expand", "created"}
DEFAULT_LIMIT = 10
MAX_LIMIT = 100


def limit_of(params: Mapping[str, Any]) -> int:
    """The page size that was asked for.

    Raises:
        StripeRefusal: 400, outside 1 to 100.
    """
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if limit < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, "limit", "parameter_invalid_integer")
    if limit > MAX_LIMIT:
        message = f"This value must be less than or equal to {MAX_LIMIT}."
        raise invalid(message, "limit", "parameter_invalid_integer")
    return limit


def listing(
    platform: Platform,
    call: Call,
    kind: str,
    url: str,
    *,
    filters: Mapping[str, Any] | None = None,
    account: str | None = None,
    where: str = "1",
    args: tuple[Any, ...] = (),
) -> Body:
    """One page of the objects of a kind.

    Args:
        filters: field → wanted value; by default the request's own parameters.
        account: whose objects; by default those of the request's account.
        where: a further SQL condition, with ``args``.
    """
    params = call.params
    owner = call.account if account is None else account
    limit = limit_of(params)
    conditions, values = [where], list(args)
    wanted = (
        {key: value for key, value in params.items() if key not in _PAGING}
        if filters is None
        else filters
    )
    for field, value in wanted.items():
        conditions.append(f"json_extract(body, '$.{field}')=?")
        values.append(value)
    created = params.get("created")
    if isinstance(created, int):
        conditions.append("created=?")
        values.append(created)
    elif isinstance(created, dict):
        for bound, value in created.items():
            conditions.append(f"created{_BOUNDS[bound]}?")
            values.append(value)
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise invalid("You cannot use both starting_after and ending_before.", "starting_after")
    cursor = after or before
    if cursor:
        position = platform.store.position(str(cursor), kind, owner)
        if position is None:
            param = "starting_after" if after else "ending_before"
            raise missing(kind, str(cursor), param=param, status=400)
        conditions.append(f"(created, seq){'<' if after else '>'}(?,?)")
        values.extend(position)
    order = "ASC" if before else "DESC"
    found = platform.store.select(
        kind,
        "account=? AND " + " AND ".join(conditions),
        [owner, *values],
        tail=f"ORDER BY created {order}, seq {order} LIMIT {limit + 1}",
    )
    page = found[:limit]
    if before:
        page.reverse()
    return page_of(page, url, more=len(found) > limit)
