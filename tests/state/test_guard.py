"""The guard between the websocket and the handlers, without a server."""

from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.state import State
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from ecosystem.domain.errors import Unavailable
from ecosystem.state.guard import HYDRATE, PAGE_FAILED, Guard, allow
from ecosystem.state.session import SessionState, current_actor
from tests.memory_sign_in import Entrance

pytestmark = pytest.mark.anyio

PREFIX = "reflex___state____state"


class DeskState(rx.State):
    """A page's State, with handlers of every sort."""

    secret: str = ""

    @rx.event
    @allow("agent")
    async def for_agents(self) -> None: ...

    @rx.event(background=True)
    @allow("agent", "ops")
    async def in_background(self) -> None: ...

    @rx.event
    @allow("*")
    async def for_all(self) -> None: ...

    @rx.event
    @allow("signed_in")
    async def for_known(self) -> None: ...

    @rx.event
    @allow("*", limit="sign_in")
    async def seldom(self) -> None: ...

    @rx.event(background=True)
    @allow("ops", unasked=True)
    async def by_itself(self) -> None: ...

    @rx.event
    async def untagged(self) -> None: ...

    def undecorated(self) -> None: ...


class Browser:
    """One client's State and the socket it came by."""

    def __init__(self, cookie: str = "", guest: str = "") -> None:
        self.root: Any = State(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.connect(cookie, guest)

    def connect(self, cookie: str = "", guest: str = "", path: str = "/agent") -> None:
        """Come by a new socket with these cookies."""
        data = {
            "headers": {
                "cookie": f"eco_session={cookie}; eco_guest={guest}",
                "host": "localhost:3999",
                "origin": "http://localhost:3999",
            },
            "ip": "198.51.100.1",
            "pathname": path,
            "asPath": path,
        }
        self.root._update_router_vars(data, self.root.router_data)
        self.root.router_data = data

    async def send(self, name: str, **payload: Any) -> Any:
        """The guard's answer: ``None`` lets the event through."""
        full = name if "." in name else f"{desk()}.{name}"
        event = Event(name=full, payload=payload)
        return await Guard().preprocess(None, self.root, event)  # type: ignore[arg-type]

    async def hydrate(self) -> Any:
        return await self.send(min(HYDRATE))


@pytest.fixture
def anyio_backend() -> str:
    """Reflex runs on asyncio."""
    return "asyncio"


def desk() -> str:
    return DeskState.get_full_name()


def led_to(answer: Any) -> str:
    """Where a refusal leads, or the tone of its message."""
    assert answer is not None, "let through"
    assert not answer.delta
    # Who is led to her own pages is told why; the last event is where.
    event = answer.events[-1]
    return str(event.payload.get("path") or event.payload.get("tone"))


@pytest.mark.parametrize(
    ("role", "passes"),
    [
        ("guest", {"for_all", "seldom"}),
        ("customer", {"for_all", "for_known", "seldom"}),
        ("agent", {"for_all", "for_known", "for_agents", "in_background", "seldom"}),
        ("provider", {"for_all", "for_known", "seldom"}),
        ("ops", {"for_all", "for_known", "in_background", "seldom"}),
    ],
)
async def test_roles(entrance: Entrance, role: str, passes: set[str]) -> None:
    browser = Browser(entrance.enter(role)[0] if role != "guest" else "")
    await browser.hydrate()
    names = ["for_all", "for_known", "for_agents", "in_background", "seldom"]
    passed = {name for name in names if await browser.send(name) is None}
    assert passed == passes


async def test_a_page_that_looks_by_itself_says_itself_that_the_database_is_away(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(entrance.enter("ops")[0])
    await browser.hydrate()

    async def away(_state: Any) -> Any:
        raise Unavailable("Our database does not answer.")

    monkeypatch.setattr("ecosystem.state.guard.who_is", away)
    assert await browser.send("by_itself") is None
    assert led_to(await browser.send("in_background")) == "problem"
    assert led_to(await browser.send("untagged")) == "problem"
    agent = Browser(entrance.enter("agent")[0])
    monkeypatch.undo()
    await agent.hydrate()
    assert await agent.send("by_itself") is not None, "it is for operations"


async def test_what_failed_in_a_browser_is_one_short_line(
    entrance: Entrance, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody may say so: Reflex' own handler would work on this text for minutes, in the loop."""
    browser = Browser()
    await browser.hydrate()
    text = "TypeError: can't access property \"" * 20_000
    answer = await browser.send(PAGE_FAILED, info=f"{text}\nERROR forged", component_stack="")
    assert (answer.delta, answer.events) == ({}, [])
    await browser.send(PAGE_FAILED, info=None)
    await browser.send(PAGE_FAILED, info="TypeError: x\nERROR forged")
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert max(map(len, said)) < 3000
    assert not any("\n" in one for one in said)


async def test_without_a_tag_nothing_runs(entrance: Entrance) -> None:
    browser = Browser(entrance.enter("ops")[0])
    await browser.hydrate()
    for name in (
        "untagged",
        "undecorated",
        "setvar",
        "set_secret",
        "reset",
        "nothing",
        f"{PREFIX}.setvar",
        f"{SessionState.get_full_name()}.setvar",
        f"{SessionState.get_full_name()}._bind",
        "",
        "..",
    ):
        assert led_to(await browser.send(name)) == "problem"


async def test_every_registered_setvar_is_refused(entrance: Entrance) -> None:
    browser = Browser(entrance.enter("ops")[0])
    await browser.hydrate()
    setters = [n for n in RegistrationContext.get().event_handlers if n.endswith(".setvar")]
    assert setters
    for name in setters:
        assert led_to(await browser.send(name)) == "problem"


async def test_refusals_lead_somewhere(entrance: Entrance) -> None:
    guest = Browser()
    await guest.hydrate()
    assert led_to(await guest.send("for_agents")) == "/sign-in?next=/agent"
    customer = Browser(entrance.enter()[0])
    await customer.hydrate()
    assert led_to(await customer.send("for_agents")) == "/trips"


async def test_what_pages_show_of_a_person(entrance: Entrance) -> None:
    cookie, actor = entrance.enter("agent")
    browser = Browser(cookie, guest="a guest before")
    await browser.hydrate()
    shown = await browser.root.get_state(SessionState)
    assert (shown.signed_in, shown.role, shown.name, shown.home) == (
        True,
        "agent",
        "Ada Lovelace",
        "/agent",
    )
    found = await current_actor(shown)
    assert (found.user_id, found.agency_id) == (actor.user_id, actor.agency_id)
    assert len(found.guest_key) == 64
    public = str(shown.dict())
    assert cookie not in public
    assert shown._owner not in public


@pytest.mark.parametrize("other", ["guest", "customer", "agent"])
async def test_a_client_token_is_worth_nothing_to_others(entrance: Entrance, other: str) -> None:
    browser = Browser(entrance.enter("agent")[0])
    await browser.hydrate()
    (await browser.root.get_state(DeskState)).secret = "a client's passport"
    browser.connect(entrance.enter(other)[0] if other != "guest" else "", guest="thief")
    await browser.hydrate()
    assert (await browser.root.get_state(DeskState)).secret == ""
    assert (await browser.root.get_state(SessionState)).role == other


async def test_without_hydrating_a_thief_gets_nothing_either(entrance: Entrance) -> None:
    browser = Browser(entrance.enter("agent")[0])
    await browser.hydrate()
    (await browser.root.get_state(DeskState)).secret = "a client's passport"
    browser.connect(guest="thief", path="/trips")
    assert led_to(await browser.send("for_all")) == "/trips", "the page is loaded anew"
    assert (await browser.root.get_state(DeskState)).secret == ""


async def test_a_sign_out_reaches_an_open_socket_at_once(entrance: Entrance) -> None:
    cookie, _ = entrance.enter("agent")
    browser = Browser(cookie)
    await browser.hydrate()
    assert await browser.send("for_agents") is None
    entrance.services.sign_in.sign_out(cookie)
    assert led_to(await browser.send("for_agents")) == "/agent"
    assert led_to(await browser.send("for_agents")) == "/sign-in?next=/agent"
    assert not (await browser.root.get_state(SessionState)).signed_in


async def test_the_same_browser_keeps_its_state(entrance: Entrance) -> None:
    cookie, _ = entrance.enter("agent")
    browser = Browser(cookie)
    await browser.hydrate()
    (await browser.root.get_state(DeskState)).secret = "typed"
    browser.connect(cookie)
    await browser.hydrate()
    assert (await browser.root.get_state(DeskState)).secret == "typed"


def test_a_tag_names_what_exists() -> None:
    for wrong in ((), ("everyone",), ("agent", "root")):
        with pytest.raises(ValueError, match="not roles"):
            allow(*wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no rate limit"):
        allow("*", limit=uuid4().hex)
