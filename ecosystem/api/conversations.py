"""Messages about a booking, for its buyer and its operator."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.conversations import MessageView
from ecosystem.services.conversations import MessageForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/bookings", tags=["messages"])

Key = Annotated[str, Query(max_length=100)]


def _shape(message: MessageView) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "mine": message.mine,
        "author": message.author,
        "body": message.body,
        "at": shapes.instant(message.at),
        "read": message.read,
    }


@router.get("/{reference}/messages", dependencies=[Depends(limited("reference"))])
def messages(caller: Caller, reference: str, key: Key = "") -> dict[str, Any]:
    """The latest 200, oldest first; what the other side wrote counts as read then."""
    found = services().conversations.open(caller, reference, key=key)
    return {"items": [_shape(message) for message in found.messages], "next": None}


@router.post("/{reference}/messages", status_code=201, dependencies=[Depends(limited("message"))])
def write(caller: Caller, reference: str, form: MessageForm, key: Key = "") -> dict[str, Any]:
    """Write to the other side; it is told by e-mail. ``key`` is the one in mailed links."""
    return _shape(services().conversations.send(caller, reference, form, key=key))
