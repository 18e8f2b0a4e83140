"""Events that happened (https://docs.stripe.com/api/events): kept and listed."""

from ecosystem.local.stripe.errors import invalid, missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.platform import Call, Platform
from ecosystem.local.stripe.storage import Body

_UNDELIVERED = (
    "EXISTS (SELECT 1 FROM deliveries d WHERE d.event=objects.id "
    "AND d.status IN ('waiting', 'failed', 'dropped'))"
)


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/events/{id}``."""
    event = platform.store.get(call.path["id"], "event", call.account)
    if event is None:
        raise missing("event", call.path["id"])
    return event


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/events``; ``type`` may end in ``*``."""
    params = call.params
    wanted = list(params.get("types", []))
    if "type" in params:
        if wanted:
            raise invalid("You may only specify one of these parameters: type, types.", "type")
        wanted = [params["type"]]
    conditions, args = ["1"], []
    if wanted:
        conditions.append(
            "(" + " OR ".join(["json_extract(body, '$.type') GLOB ?"] * len(wanted)) + ")"
        )
        args = wanted
    if "delivery_success" in params:
        conditions.append(_UNDELIVERED if not params["delivery_success"] else f"NOT {_UNDELIVERED}")
    return listing(
        platform,
        call,
        "event",
        "/v1/events",
        filters={},
        where=" AND ".join(conditions),
        args=tuple(args),
    )
