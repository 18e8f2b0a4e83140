"""Webhooks: signed, after the fact, repeated, and as unreliable as a test wants them."""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any, Self

import pytest
import stripe

from ecosystem.local.stripe import background
from ecosystem.local.stripe.app import STATE_FILE
from ecosystem.local.stripe.config import StandInConfig
from ecosystem.local.stripe.delivery import Courier, signature
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.storage import Store
from tests.local.stripe.under_test import KEY, Endpoint, Received, StandIn


def completed(session: Any) -> Any:
    def fits(item: Received) -> bool:
        return item.type == "checkout.session.completed" and item.subject == session.id

    return fits


def pay(stand_in: StandIn) -> Any:
    session = stand_in.session()
    stand_in.control(f"sessions/{session.id}/pay", {})
    return session


def test_webhooks_are_signed_as_stripe_signs(stand_in: StandIn) -> None:
    received = stand_in.endpoint.wait(completed(pay(stand_in)))[0]
    assert (received.path, received.verified) == ("/hook", True)
    assert "account" not in received.event
    assert received.event["data"]["object"]["payment_status"] == "paid"


def test_the_signature_is_the_one_the_official_library_makes() -> None:
    payload = '{"id":"evt_1","name":"Übersee"}'
    ours = signature(payload.encode(), "whsec_x", 1_700_000_000)
    theirs = stripe.WebhookSignature.generate_signature_header(payload, "whsec_x", 1_700_000_000)
    assert ours == theirs
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(payload, ours, "whsec_x", tolerance=300)


def test_events_are_kept_and_listed(stand_in: StandIn) -> None:
    session = pay(stand_in)
    received = stand_in.endpoint.wait(completed(session))[0]
    events = stand_in.stripe.v1.events
    kept = events.retrieve(received.event["id"])
    assert kept.data.object["id"] == session.id
    listed = events.list({"type": "checkout.session.completed", "limit": 1})
    assert listed.data[0].id == kept.id
    families = events.list({"types": ["checkout.session.*", "charge.succeeded"], "limit": 20})
    assert {item.type.split(".")[0] for item in families.data} <= {"checkout", "charge"}
    deadline = time.monotonic() + 20
    while events.retrieve(kept.id).pending_webhooks:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_state_is_there_when_the_webhook_comes(stand_in: StandIn) -> None:
    received = stand_in.endpoint.wait(completed(pay(stand_in)))[0]
    session = received.event["data"]["object"]
    fresh = stand_in.stripe.v1.checkout.sessions.retrieve(session["id"])
    assert fresh.payment_status == "paid"


def test_refused_webhooks_come_again(stand_in: StandIn) -> None:
    stand_in.control("faults", {"mode": "drop"})
    session = stand_in.session()
    stand_in.control(f"sessions/{session.id}/pay", {})
    event = stand_in.stripe.v1.events.list({"type": "checkout.session.completed", "limit": 1}).data
    stand_in.endpoint.statuses.extend([500, 302])
    stand_in.control(f"redeliver/{event[0].id}")
    stand_in.endpoint.wait(completed(session))
    deliveries = stand_in.control("deliveries", method="GET")["deliveries"]
    attempts = [item["attempt"] for item in deliveries if item["event"] == event[0].id]
    assert max(attempts) >= 2


def test_dropped_webhooks_stay_listed(stand_in: StandIn) -> None:
    stand_in.control("faults", {"mode": "drop", "types": ["checkout.session.*"]})
    session = pay(stand_in)
    stand_in.endpoint.wait(
        lambda item: item.type == "charge.succeeded" and item.event["created"] >= session.created
    )
    time.sleep(0.1)
    assert not [item for item in stand_in.endpoint.received if completed(session)(item)]
    undelivered = stand_in.stripe.v1.events.list({"delivery_success": False, "limit": 100})
    subjects = [item.data.object["id"] for item in undelivered.data]
    assert session.id in subjects


@pytest.mark.parametrize("mode", ["duplicate", "concurrent"])
def test_events_can_come_more_than_once(stand_in: StandIn, mode: str) -> None:
    endpoint = stand_in.endpoint
    types = ["checkout.session.completed"]
    stand_in.control("faults", {"mode": mode, "copies": 3, "times": 1, "types": types})
    endpoint.hold_until, endpoint.most_at_once = 3 if mode == "concurrent" else 0, 0
    session = stand_in.session()
    stand_in.control(f"sessions/{session.id}/pay", {})
    found = endpoint.wait(completed(session), 3)
    assert len({item.event["id"] for item in found}) == 1
    if mode == "concurrent":
        assert endpoint.most_at_once >= 3


def test_events_can_be_late(stand_in: StandIn) -> None:
    types = ["checkout.session.completed"]
    stand_in.control("faults", {"mode": "delay", "seconds": 0.6, "types": types})
    started = time.monotonic()
    received = stand_in.endpoint.wait(completed(pay(stand_in)))[0]
    assert received.at - started >= 0.5


def test_events_can_come_newest_first(stand_in: StandIn) -> None:
    stand_in.control("faults", {"mode": "reorder", "seconds": 0.4})
    session = stand_in.session()
    stand_in.control(f"sessions/{session.id}/pay", {})
    done = stand_in.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    ours = {session.id, done.payment_intent.id, done.payment_intent.latest_charge}  # type: ignore[union-attr]
    found = stand_in.endpoint.wait(lambda item: item.subject in ours, 4)
    assert [item.type for item in found] == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]


def test_state_and_undelivered_webhooks_survive_a_restart(tmp_path: Any) -> None:
    with Endpoint() as endpoint, StandIn(tmp_path / "state", endpoint) as stand_in:
        endpoint.statuses.extend([503] * 200)
        session = pay(stand_in)
        deadline = time.monotonic() + 20
        while len(endpoint.statuses) > 196:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert stand_in.stop() == 0
        endpoint.statuses.clear()
        stand_in.start()
        endpoint.wait(completed(session))
        assert stand_in.stripe.v1.checkout.sessions.retrieve(session.id).status == "complete"


class Port(Endpoint):
    """A port of our own that speaks no HTTP: it refuses, or listens and never says a word."""

    def __init__(self, *, listens: bool) -> None:
        super().__init__()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        if listens:
            self._socket.listen()

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"


def test_an_unreachable_endpoint_does_not_stop_the_rest(tmp_path: Any) -> None:
    with Port(listens=False) as endpoint, StandIn(tmp_path / "state", endpoint) as stand_in:
        session = pay(stand_in)
        assert stand_in.stripe.v1.checkout.sessions.retrieve(session.id).status == "complete"
        deliveries = stand_in.control("deliveries", method="GET")["deliveries"]
        assert deliveries
        assert {item["status"] for item in deliveries} == {"waiting"}


def test_an_endpoint_that_never_answers_does_not_hold_up_the_stop(tmp_path: Any) -> None:
    with Port(listens=True) as endpoint, StandIn(tmp_path / "state", endpoint) as stand_in:
        pay(stand_in)
        time.sleep(0.3)
        stand_in.http.close()
        assert stand_in.stop() == 0


def test_a_stop_that_comes_with_a_wake_up_is_not_missed(tmp_path: Path) -> None:
    config = StandInConfig(data_dir=tmp_path, secret_key=KEY, public_url="http://pay.example")

    async def stop_while_waking() -> set[asyncio.Task[None]]:
        store = Store(tmp_path / STATE_FILE)
        woken = asyncio.Event()
        platform = Platform(config, store, woken.set)
        courier = Courier(platform)
        work = asyncio.create_task(background.run(platform, courier, woken))
        await asyncio.sleep(0.05)
        platform.wake()
        await asyncio.sleep(0)
        work.cancel()
        _, still_running = await asyncio.wait({work}, timeout=20)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await courier.close()
        store.close()
        return still_running

    assert asyncio.run(stop_while_waking()) == set()


def test_what_can_not_be_worked_on_stops_nobodys_webhooks(tmp_path: Path) -> None:
    config = StandInConfig(data_dir=tmp_path, secret_key=KEY, public_url="http://pay.example")
    looked: list[str] = []

    class Counting(Courier):
        def start_due(self) -> None:
            looked.append("at what is due")

    async def work_for_a_moment() -> None:
        store = Store(tmp_path / STATE_FILE)
        # As an older version of this stand-in might have left one.
        store.add({"id": "cs_old", "object": "checkout.session", "status": "open", "expires_at": 1})
        woken = asyncio.Event()
        platform = Platform(config, store, woken.set)
        courier = Counting(platform)
        work = asyncio.create_task(background.run(platform, courier, woken))
        await asyncio.sleep(0.05)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await courier.close()
        store.close()

    asyncio.run(work_for_a_moment())
    assert looked
