"""What one caller who means harm can make grow, repeat or be counted as somebody else."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from ecosystem.api import limits
from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import TooManyRequests
from ecosystem.services import outbox
from ecosystem.services.outbox import Outbox
from ecosystem.services.rate_limits import RULES, RateLimits
from ecosystem.socket_limit import SocketLimit


@pytest.mark.parametrize(
    ("addresses", "one"),
    [
        ([f"2001:db8:1:2:{n:x}::1" for n in range(40)], True),
        ([f"2001:db8:1:{n:x}::1" for n in range(40)], False),
        (["::ffff:192.0.2.7", "192.0.2.7"] * 20, True),
        ([f"192.0.2.{n}" for n in range(40)], False),
        (["not an address"] * 40, True),
    ],
)
def test_one_host_is_one_address(addresses: list[str], one: bool) -> None:
    """An IPv6 host chooses from 2**64 addresses; the control is as many real hosts."""
    buckets = RateLimits(clock=lambda: 0.0)
    most = RULES["sign_in"].address.burst
    refused = 0
    for number, address in enumerate(addresses):
        try:
            buckets.spend("sign_in", browser=str(number), address=address)
        except TooManyRequests:
            refused += 1
    assert refused == (len(addresses) - most if one else 0)


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["203.0.113.66, 198.51.100.1"], "198.51.100.1"),
        (["203.0.113.66", "198.51.100.1"], "198.51.100.1"),
        ([], "192.0.2.1"),
    ],
)
def test_a_client_can_not_write_its_own_address(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], seen: str
) -> None:
    """The proxy's word stands last, whether in the client's line or in one of its own."""
    settings = SimpleNamespace(trusted_proxy_hops=1)
    monkeypatch.setattr(limits, "services", lambda: SimpleNamespace(settings=settings))
    headers = [(b"x-forwarded-for", line.encode()) for line in lines]
    request = Request({"type": "http", "headers": headers, "client": ("192.0.2.1", 1)})
    assert limits.client_address(request) == seen


@pytest.mark.parametrize("at_once", [outbox.LEASED_AT_ONCE, 20], ids=["as it is", "control"])
def test_slow_deliveries_are_not_made_twice(
    database: Database, clock: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Each takes 40 s; the lease of one that waits behind two others would be over."""
    monkeypatch.setattr(outbox, "LEASED_AT_ONCE", at_once)
    with database.unit(RDS) as session:
        for number in range(4):
            messages.send(session, "letter", {"n": number}, available_at=clock.now())
    sent: list[int] = []

    def quickly(payload: dict[str, Any]) -> None:
        sent.append(payload["n"])

    def slowly(payload: dict[str, Any]) -> None:
        sent.append(payload["n"])
        clock.move(seconds=40)
        if len(sent) == 2:
            Outbox(database, {"letter": quickly}, clock).step()

    Outbox(database, {"letter": slowly}, clock).step()
    twice = len(sent) - len(set(sent))
    assert set(sent) == {0, 1, 2, 3}
    if at_once == 1:
        assert twice == 0
    else:
        assert twice > 0, "leased together they must be sent twice, or this proves nothing"


def test_a_lease_outlives_one_delivery() -> None:
    """The slowest call to a vendor: three tries of 13 s (``adapters.aws_client``)."""
    assert timedelta(seconds=3 * 13) < messages.LEASE


@pytest.mark.anyio
@pytest.mark.parametrize("switch", ["on", "off"], ids=["as it is", "control"])
async def test_one_caller_does_not_open_sockets_without_end(
    monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    """Each makes a State of some 30 kB that stays for an hour."""
    settings = SimpleNamespace(trusted_proxy_hops=0, rate_limits=switch, local=True)
    monkeypatch.setattr(limits, "services", lambda: SimpleNamespace(settings=settings))
    monkeypatch.setattr(limits, "PROCESS", RateLimits(clock=lambda: 0.0))
    opened, closed = 0, []

    async def inside(*_: Any) -> None:
        nonlocal opened
        opened += 1

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        closed.append(message["type"])

    for number in range(1000):
        cookie = f"eco_guest={number}".encode()
        scope = {"type": "websocket", "headers": [(b"cookie", cookie)], "client": ("192.0.2.1", 1)}
        await SocketLimit(inside)(scope, receive, send)
    most = RULES["socket"].address.burst if switch == "on" else 1000
    assert (opened, closed) == (most, ["websocket.close"] * (1000 - most))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
