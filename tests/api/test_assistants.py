"""What an agency earns is never told to its assistants: by no endpoint and by no page.

The control is a colleague who may know it: the same sweep finds it for her.
"""

import json
import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ecosystem.api import create_api
from ecosystem.database.placement import RDS
from ecosystem.database.tables import TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.pages import PAGES
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.state import formats
from tests.product import Product
from tests.services.test_desks import agent, sell
from tests.state.test_desk_pages import page

PRICE = "1337.31"
"""So that what comes of it is no other number."""
QUIET = ("/api/openapi.json", "/api/docs", "/metrics", "/api/health", "/api/ready")


@pytest.fixture
def sold(product: Product) -> tuple[Actor, str]:
    """An owner of an agency and the reference of what it sold."""
    owner = replace(agent(product), agency_role="owner", email="ann@maple.example")
    with product.database.unit(RDS) as session:
        session.add(
            TravelAgent(
                id=owner.user_id,
                agency_id=owner.agency_id,
                email=owner.email,
                full_name="Ann Maple",
                role="owner",
            )
        )
    return owner, sell(product, product.offer(price=PRICE), owner)


def answers(product: Product, http: httpx.Client, owner: Actor, reference: str, role: str) -> str:
    """All that is read with a key in this role, one endpoint after the other."""
    form = ApiKeyForm(name="Sweep", role=role)
    key = product.services.api_keys.make(owner, form)[1]
    made = product.offers[0]
    known = {
        "reference": reference,
        "package_id": str(made.package_id),
        "id_or_slug": made.slug,
        "slug": made.slug,
        "month": str(product.clock.now().date())[:7],
    }
    text = ""
    paths = create_api().openapi()["paths"]
    for path in [path for path, verbs in paths.items() if "get" in verbs and path not in QUIET]:
        names = re.findall(r"\{(\w+)\}", path)
        address = path.format(**{name: known.get(name, str(uuid4())) for name in names})
        answer = http.get(address, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code < 500, (path, answer.text)
        if answer.is_success and not answer.headers["content-type"].startswith("application/pdf"):
            text += f"\n{path}\n{answer.text}"
    return text


@pytest.mark.parametrize("role", ["assistant", "agent"], ids=["assistant", "control: agent"])
def test_no_endpoint_tells_it(
    product: Product, http: httpx.Client, sold: tuple[Actor, str], role: str
) -> None:
    owner, reference = sold
    earned = product.services.bookings.get(owner, reference).commission
    assert earned is not None
    text = answers(product, http, owner, reference, role)
    assert reference in text
    told = bool(re.search(rf"(?<!\d){earned.minor}(?!\d)", text))
    named = "commission" in text.lower() or "agency_payable" in text
    assert (told, named) == ((True, True) if role == "agent" else (False, False))


@pytest.mark.anyio
@pytest.mark.parametrize("role", ["assistant", "agent"], ids=["assistant", "control: agent"])
async def test_no_page_tells_it(
    product: Product, http: httpx.Client, sold: tuple[Actor, str], role: str, anyio_backend: Any
) -> None:
    owner, reference = sold
    earned = product.services.bookings.get(owner, reference).commission
    assert earned is not None
    actor: Any = replace(owner, agency_role=role)
    text = ""
    for one in (one for one in PAGES if one.route.startswith(("/agent", "/trips/"))):
        loads = one.on_load if isinstance(one.on_load, list) else [one.on_load]
        for handler in loads:
            path = one.route.replace("[reference]", reference).replace("[id]", str(uuid4()))
            state = page(product, actor, handler.state, path)
            done = handler.fn(state)
            if hasattr(done, "__anext__"):
                _ = [step async for step in done]
            else:
                await done
            text += json.dumps(state.dict(), default=str, ensure_ascii=False)
    assert reference in text
    assert (formats.money(earned) in text) == (role == "agent")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
