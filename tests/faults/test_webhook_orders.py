"""Webhooks in any order, once, three times, all at once: the same end, each e-mail once."""

import itertools
import math
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.ports import StripeEvent
from tests.faults.flows import FLOWS, Flow, World, webhooks, world
from tests.money_facts import Facts, facts, true_at_rest
from tests.product import Product

Order = Callable[[list[StripeEvent]], list[StripeEvent]]
SHORT, LONG = 1, 24


def orders(batch: int, soak: bool) -> Iterator[Order]:
    """All orders of the largest batch, or as many of them as the form allows; newest first is
    always one of them."""
    yield lambda events: events[::-1]
    most = LONG if soak else SHORT
    if math.factorial(batch) <= most:
        for order in itertools.permutations(range(batch)):
            yield lambda events, order=order: [events[at] for at in order if at < len(events)]
    else:
        for seed in range(most - 1):
            yield lambda events, seed=seed: random.Random(seed).sample(events, len(events))


def once(made: World, events: list[StripeEvent]) -> None:
    for event in events:
        made.services.inbox.keep(event)
        made.services.inbox.step()


def three_times(made: World, events: list[StripeEvent]) -> None:
    for event in events * 3:
        made.services.inbox.keep(event)
        made.services.inbox.step()


def at_once(made: World, events: list[StripeEvent]) -> None:
    """Three workers get everything, and the buyer comes back from paying, all at one moment."""
    together = threading.Barrier(4)
    broken: list[BaseException] = []

    def bring() -> None:
        together.wait()
        try:
            once(made, events)
        except EcosystemError as error:
            broken.append(error)

    def settle() -> None:
        together.wait()
        made.services.payments.settle_open(made.booking_id)

    threads = [threading.Thread(target=act) for act in (bring, bring, bring, settle)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken


def played(
    product: Product,
    flow: Flow,
    order: Order,
    bring: Callable[[World, list[StripeEvent]], None],
) -> tuple[Facts, int, World]:
    """A flow whose webhooks come at the end of each stage; the size of the largest batch."""
    made = world(product)
    brought: set[str] = set()
    largest = 0

    def bring_all() -> None:
        nonlocal largest
        for _ in range(10):
            batch = [event for event in made.events() if event.id not in brought]
            if not batch:
                break
            brought.update(event.id for event in batch)
            largest = max(largest, len(batch))
            bring(made, order(batch))
            made.work()

    for step in (*flow.before, *flow.steps):
        if step is not webhooks:
            step(made)
        elif flow.waits:
            bring_all()
    bring_all()
    made.reconcile()
    bring(made, order(made.events()))
    made.work()
    ids = [mail.id for mail in product.postbox.sent]
    assert len(ids) == len(set(ids)), "an e-mail went out twice"
    return facts(product, made.booking_id), largest, made


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", sorted(FLOWS))
def test_the_order_and_number_of_webhooks_change_nothing(
    product: Product, name: str, soak: bool
) -> None:
    flow = FLOWS[name]
    expected, largest, made = played(product, flow, lambda events: events, once)
    bookings = [made.booking_id]
    # In the short form every other flow is told three times, the others all at once.
    short = (three_times, at_once)[list(FLOWS).index(name) % 2]
    for order in orders(largest, soak):
        for bring in (once, three_times, at_once) if soak else (short,):
            became, _, made = played(product, flow, order, bring)
            assert became == expected, bring.__name__
            bookings.append(made.booking_id)
    true_at_rest(product, bookings)
