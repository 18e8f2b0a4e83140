"""A raw websocket client against the running product: what a person with a debugger can send."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as Refused

from tests.live import Live

STATE = "reflex___state____state"
HYDRATE = f"{STATE}.hydrate"
SESSION_STATE = f"{STATE}.ecosystem___state___session____session_state"
ACCOUNT_STATE = f"{STATE}.ecosystem___state___account___account____account_state"
TRIPS_STATE = f"{STATE}.ecosystem___state___trips____trips_state"
FORM_STATE = f"{STATE}.ecosystem___state___account___form____account_form_state"
PASSWORD = "Demo-Pass-2026!"
QUIET_SECONDS = 1.5
"""How long nothing has to come for it to count as no answer."""
PATIENCE_SECONDS = 30
"""How long an answer that has to come may take on a machine that is busy."""


class Socket:
    """One client. ``token`` names its State; the cookie is fixed when it connects."""

    def __init__(self, live: Live, cookie: str = "", token: str = "", origin: str = "") -> None:
        self.token = token or str(uuid4())
        self.received: list[Any] = []
        self.client = socketio.Client(
            reconnection=False, websocket_extra_options={"origin": origin or live.url}
        )
        self.client.on("event", self.received.append, namespace="/_event")
        self.client.connect(
            f"{live.url}?token={self.token}",
            headers={"Cookie": cookie} if cookie else {},
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=["/_event"],
            wait_timeout=PATIENCE_SECONDS,
        )

        self._line: Any = self.client.eio.ws

    def close(self) -> None:
        """Hang up, also if the server has done so."""
        self.client.disconnect()
        self._line.shutdown()

    def raw(self, data: Any) -> None:
        """Send anything at all as an event."""
        self.client.emit("event", data, namespace="/_event")

    def tell(self, name: Any, payload: Any = None, path: str = "/", **more: Any) -> None:
        """Send one event and go on."""
        event = {
            "name": name,
            "payload": {} if payload is None else payload,
            "router_data": {"pathname": path, "query": {}, "asPath": path},
            **more,
        }
        self.client.emit("event", event, namespace="/_event")

    def send(self, name: Any, payload: Any = None, path: str = "/") -> list[Any]:
        """Send one event; what came back until it was quiet, if anything."""
        before = len(self.received)
        self.tell(name, payload, path)
        return self.heard(before)

    def ask(self, name: Any, payload: Any = None, path: str = "/") -> list[Any]:
        """Send one event that has to be answered; what came back."""
        before = len(self.received)
        self.tell(name, payload, path)
        answer = self.heard(before, PATIENCE_SECONDS)
        assert answer, f"no answer to {name}"
        return answer

    def heard(self, before: int, patience: float = QUIET_SECONDS) -> list[Any]:
        """What came after the first ``before``, once it is quiet."""
        quiet = time.monotonic() + patience
        end = time.monotonic() + patience + 10
        seen = before
        while time.monotonic() < min(end, quiet):
            if len(self.received) > seen:
                seen = len(self.received)
                quiet = time.monotonic() + 0.4
            time.sleep(0.02)
        return self.received[before:]

    def hydrate(self) -> str:
        """Say hello; everything the server tells of the State, as text."""
        return str(self.ask(HYDRATE))


Connect = Callable[..., Socket]


@pytest.fixture
def connect(live: Live) -> Iterator[Connect]:
    """Sockets that are closed at the end."""
    opened: list[Socket] = []

    def open_one(cookie: str = "", token: str = "", origin: str = "") -> Socket:
        opened.append(Socket(live, cookie, token, origin))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def cookies(live: Live) -> dict[str, str]:
    """A session cookie of each demo person."""
    return {name: signed_in(live, f"{name}@demo.example") for name in ("agent", "customer", "ops")}


def signed_in(live: Live, email: str) -> str:
    answer = httpx.post(
        f"{live.url}/api/auth/sign-in", json={"email": email, "password": PASSWORD}, timeout=20
    )
    assert answer.status_code == 200, answer.text
    return f"eco_session={answer.cookies['eco_session']}"


def healthy(live: Live) -> None:
    """The product still answers."""
    assert httpx.get(f"{live.url}/api/health", timeout=30).status_code == 200


def test_a_signed_in_browser_is_known(connect: Connect, cookies: dict[str, str]) -> None:
    text = connect(cookies["agent"]).hydrate()
    assert "agent@demo.example" in text
    assert cookies["agent"].partition("=")[2] not in text, "no cookie goes back to the page"
    assert "agent@demo.example" not in connect().hydrate()


def test_guests_get_no_further_than_the_door(connect: Connect) -> None:
    guest = connect()
    guest.hydrate()
    for handler in ("start", "finish", "sign_out_everywhere", "open"):
        answer = str(guest.ask(f"{ACCOUNT_STATE}.{handler}", {"form": {}}, "/account"))
        assert "/sign-in" in answer, handler


def test_the_names_used_here_are_right(connect: Connect, cookies: dict[str, str]) -> None:
    """The control: who may, gets through. Otherwise the refusals here would prove nothing."""
    socket = connect(cookies["customer"])
    socket.hydrate()
    assert "otpauth://" in str(socket.ask(f"{ACCOUNT_STATE}.start", path="/account"))
    socket.send(f"{ACCOUNT_STATE}.cancel", path="/account")
    found = socket.ask(f"{TRIPS_STATE}.find", {"form": {"reference": "x"}}, "/trips")
    assert "A reference looks like" in str(found)
    assert "'signed_in_rx_state_': True" in str(socket.ask(f"{TRIPS_STATE}.open", path="/trips"))
    assert socket.ask(f"{FORM_STATE}.open", path="/sign-in?f=x")


def test_names_without_a_tag_run_nothing(connect: Connect, live: Live) -> None:
    socket = connect()
    socket.hydrate()
    names = [
        f"{SESSION_STATE}.setvar",
        f"{SESSION_STATE}.set_role",
        f"{SESSION_STATE}._bind",
        f"{SESSION_STATE}.reset",
        f"{SESSION_STATE}.dict",
        f"{STATE}.setvar",
        f"{STATE}.get_state",
        f"{STATE}.__init__",
        f"{STATE}.nothing.at.all",
        "nothing",
        "",
        "os.system",
    ]
    before = len(socket.received)
    for name in names:
        socket.tell(name, {"var_name": "role", "value": "ops"})
    socket.heard(before)
    text = connect(token=socket.token).hydrate()
    assert "'role_rx_state_': 'ops'" not in text
    healthy(live)


def test_client_storage_can_not_set_our_vars(connect: Connect) -> None:
    socket = connect()
    socket.hydrate()
    name = f"{STATE}.reflex___state____update_vars_internal_state.update_vars_internal"
    forged = {f"{SESSION_STATE}.role": "ops", f"{SESSION_STATE}._owner": "x"}
    socket.send(name, {"vars": forged})
    socket.send(f"{STATE}.hydrate_and_load", {"vars": forged, "hashes": None})
    assert "'role_rx_state_': 'ops'" not in socket.hydrate()


def test_headers_of_an_event_are_not_believed(connect: Connect, cookies: dict[str, str]) -> None:
    guest = connect()
    forged = {
        "pathname": "/account",
        "asPath": "/account",
        "query": {},
        "headers": {"cookie": cookies["ops"]},
        "ip": "127.0.0.1",
    }
    guest.raw({"name": HYDRATE, "payload": {}, "router_data": forged})
    answer = guest.heard(0, PATIENCE_SECONDS)
    assert answer
    assert "ops@demo.example" not in str(answer)


@pytest.mark.parametrize("thief", ["", "customer"])
def test_a_stolen_client_token_shows_nothing(
    connect: Connect, cookies: dict[str, str], thief: str
) -> None:
    owner = connect(cookies["agent"])
    assert "agent@demo.example" in owner.hydrate()
    owner.close()
    time.sleep(0.3)
    other = connect(cookies.get(thief, "eco_guest=thief"), token=owner.token)
    first = str(other.send(f"{TRIPS_STATE}.open", path="/trips"))
    assert "agent@demo.example" not in first
    assert "agent@demo.example" not in other.hydrate()


def test_after_sign_out_an_open_socket_is_a_guest(connect: Connect, live: Live) -> None:
    cookie = signed_in(live, "rival@demo.example")
    socket = connect(cookie)
    assert "rival@demo.example" in socket.hydrate()
    answer = httpx.post(f"{live.url}/api/auth/sign-out", json={}, headers={"Cookie": cookie})
    assert answer.status_code == 200
    socket.send(f"{ACCOUNT_STATE}.open", path="/account")
    refused = str(socket.ask(f"{ACCOUNT_STATE}.start", path="/account"))
    assert "/sign-in" in refused
    assert "secret" not in refused
    assert "rival@demo.example" not in socket.hydrate()


def test_junk_hurts_nobody(connect: Connect, live: Live) -> None:
    junk: list[Any] = [
        None,
        1,
        [],
        "x",
        "{",
        '{"name": "x"}',
        {},
        {"name": None},
        {"name": {"a": 1}, "payload": {}},
        {"name": ["x"], "payload": {}},
        {"name": HYDRATE, "payload": []},
        {"name": HYDRATE, "payload": {"unknown": 1}},
        {"name": HYDRATE, "payload": {}, "router_data": "x"},
        {"name": HYDRATE, "payload": {}, "router_data": {"pathname": {"a": 1}, "query": 7}},
        {"name": f"{FORM_STATE}.open", "payload": {"extra": {"deep": [[[]]]}}},
        {"name": f"{TRIPS_STATE}.find", "payload": {"form": "a string"}},
        {"name": f"{TRIPS_STATE}.find", "payload": {"form": {"reference": {"a": 1}}}},
        {"name": f"{TRIPS_STATE}.find", "payload": {"form": [1, 2, 3]}},
        {"name": f"{TRIPS_STATE}.find", "payload": {"form": {"reference": "\x00" * 100}}},
        {"name": f"{ACCOUNT_STATE}.finish", "payload": {"form": None}},
    ]
    sockets = [connect() for _ in junk]
    for socket, item in zip(sockets, junk, strict=True):
        with suppress(Refused):
            socket.raw(item)
    sockets[-1].heard(0)
    for socket in sockets:
        answer = str(socket.heard(0, 0.1))
        assert "Traceback" not in answer
        assert 'File "' not in answer
    healthy(live)
    assert connect().hydrate()


def test_an_oversized_event_is_cut_off(connect: Connect, live: Live) -> None:
    socket = connect()
    socket.hydrate()
    with suppress(Refused):
        socket.send(f"{TRIPS_STATE}.find", {"form": {"reference": "x" * 5_000_000}})
    healthy(live)
    assert connect().hydrate()


def test_another_sites_page_gets_no_socket(connect: Connect, cookies: dict[str, str]) -> None:
    with pytest.raises(Refused):
        connect(cookies["agent"], origin="https://evil.example")
