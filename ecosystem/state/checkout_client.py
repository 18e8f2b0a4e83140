"""For whom an agent books at the checkout, and what is filled in by that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import ClientView, Relative
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.services.named_travellers import age_on
from ecosystem.state.agent.clients import client_id
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call
from ecosystem.state.checkout_form import TravellerField
from ecosystem.state.checkout_view import CheckoutPage
from ecosystem.wiring import services

OFFERED = 8


@dataclass(frozen=True)
class ClientChoice:
    """The client chosen; ``drawn`` counts how often the fields were filled in anew."""

    agent: bool = False
    id: str = ""
    name: str = ""
    problem: str = ""
    drawn: int = 0


async def clients_like(actor: Actor, words: Any) -> list[dict[str, str]]:
    """Clients whose name, e-mail or telephone fits what is typed, to choose from."""
    try:
        page = await call(services().clients.find, actor, words=search_words(words), limit=OFFERED)
    except EcosystemError:
        return []  # the field keeps what was typed; the next letter asks again
    return [
        {"value": str(row.id), "label": row.name, "detail": row.email or row.phone}
        for row in page.items
    ]


async def client_chosen(actor: Actor, chosen: Any) -> ClientView:
    """The client a browser chose. Raises ``NotFound``, ``Forbidden``."""
    asked = chosen if isinstance(chosen, UUID) else client_id(chosen)
    return await call(services().clients.get, actor, asked)


def filled_in(page: CheckoutPage, client: ClientView) -> CheckoutPage:
    """The checkout with the client as who books."""
    return replace(
        page,
        name=client.name,
        email=client.email,
        phone=client.phone,
        birth_date=_day(client.birth_date),
    )


def with_relatives(
    fields: Sequence[TravellerField], client: ClientView, starts_on: date
) -> list[TravellerField]:
    """The fields of who comes along, with the household in them: adults as adults."""
    left = list(client.relatives)
    filled: list[TravellerField] = []
    for field in fields:
        other = next((one for one in left if _fits(one, field.kind, starts_on)), None)
        if other is not None:
            left.remove(other)
        filled.append(
            replace(
                field,
                value=other.name if other else "",
                birth_date=_day(other.birth_date) if other else "",
                error="",
                birth_error="",
            )
        )
    return filled


def _fits(one: Relative, kind: str, starts_on: date) -> bool:
    """Somebody without a date of birth is taken for an adult."""
    born = one.birth_date
    child = born is not None and age_on(starts_on, born) <= OLDEST_CHILD
    return child == (kind == "child")


def _day(at: date | None) -> str:
    return at.isoformat() if at else ""
