"""Finding by a few words at the desks: only what one's own pages show."""

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden
from ecosystem.domain.ids import uuid7
from tests.product import GUEST, Product
from tests.services.test_clients import add, agent_of
from tests.services.test_desks import OPS, provider, sell


def test_everyone_finds_only_what_is_theirs(product: Product) -> None:
    ann, rival = agent_of(product, "Ann Delaney"), agent_of(product, "Rob Rival")
    made, other = product.offer(), product.offer()
    client = add(product, ann, name="Zofia Nowak")
    reference = sell(product, made, ann)
    find = product.services.finder.find

    assert [one.label for one in find(ann, "zofia nowak")] == ["Zofia Nowak"]
    assert [one.key for one in find(ann, "zofia")] == [str(client.id)]
    assert [one.key for one in find(ann, reference)] == [reference]
    assert find(rival, "zofia") == find(rival, reference) == ()
    assert [one.key for one in find(OPS, reference)] == [reference]
    assert [one.key for one in find(provider(made.operator_id), reference)] == [reference]
    assert find(provider(other.operator_id), reference) == ()
    assert find(ann, "") == find(ann, "   ") == ()


def test_nobody_else_finds_anything(product: Product) -> None:
    customer = Actor(role="customer", source="cognito", user_id=uuid7())
    nowhere = Actor(role="agent", source="cognito", user_id=uuid7())
    for actor in (GUEST, customer, nowhere):
        with pytest.raises(Forbidden):
            product.services.finder.find(actor, "zofia")
