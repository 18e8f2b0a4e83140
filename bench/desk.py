"""The agents' desk: an agency of fifty thousand bookings against its own SQL, and two hundred
agents who work at once."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import psycopg
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector

from bench.comparing import Plan, Range, in_turns, quantile, ratios
from bench.event_load import ANSWER, NAMESPACE, ROOT, EventLoad
from bench.loads import BenchFailed, LoadProcess
from bench.recorded import Call, SqlLoad
from bench.report import Line, Row
from bench.world import World, empty_server
from ecosystem.database.engines import Address
from ecosystem.domain.actor import Actor
from ecosystem.domain.reports import Asked
from ecosystem.wiring import Services

DATA = Path(__file__).with_name("desk_data.sql")
BOOKINGS, QUICK_BOOKINGS = 50_000, 5_000
AGENCIES, EACH, AGENTS = 25, 400, 200
EVENTS_A_SECOND = 20
REFRESHED = 5.0
PATIENCE = 30.0
AT_MOST, P99 = 1.5, 0.150
PRODUCT, BARE = "product, event", "its own SQL"
STATES = f"{ROOT}.ecosystem___state___agent___"
TODAY = f"{STATES}today____agent_today_state"
LIST = f"{STATES}bookings____agent_bookings_state"
REPORTS = f"{STATES}reports____agent_reports_state"
CLIENTS = f"{STATES}clients____agent_clients_state"
QUOTES = f"{STATES}quotes____agent_quotes_state"
WORK = (
    ("/agent/bookings", LIST),
    ("/agent/clients", CLIENTS),
    ("/agent/quotes", QUOTES),
    ("/agent", TODAY),
    ("/agent/reports", REPORTS),
)
"""What agents do: they go from page to page."""


@contextmanager
def desks(bookings: int) -> Iterator[World]:
    """Databases with an agency of so many bookings and two hundred agents in small ones."""
    with empty_server() as (server, settings), TemporaryDirectory(prefix="ecosystem-bench-") as at:
        rds = Address.from_url(server.url())
        sql = DATA.read_text()
        for name, value in (
            ("bookings", bookings), ("agencies", AGENCIES), ("each", EACH), ("agents", AGENTS),
        ):  # fmt: skip
            sql = sql.replace(f"{{{name}}}", str(value))
        with psycopg.connect(rds.libpq, autocommit=True) as connection:
            connection.execute(sql.encode())
            connection.execute("vacuum (analyze)")
        yield World(settings, rds, Path(at), [], 0)


def agent(agency: int, person: int = 0) -> Actor:
    """Somebody of an agency of ``desk_data.sql``; the large one is the first."""
    return Actor(
        role="agent",
        source="cognito",
        user_id=UUID(f"00000000-0000-7000-8001-{agency * 1000 + person:012x}"),
        email=f"agent-{agency}-{person}@desk.example",
        name=f"Agent {agency} {person}",
        agency_id=UUID(f"00000000-0000-7000-8000-{agency:012x}"),
        agency_role="agent",
    )


def rows(plan: Plan, bookings: int, names: tuple[str, ...]) -> Iterator[Row]:
    """The benches of ``names``: ``desk_today desk_bookings desk_reports desk``."""
    with desks(bookings) as world:
        for name in names:
            with world.serving() as url:
                if name in PAGES:
                    yield _page(world, url, plan, bookings, *PAGES[name])
                else:
                    yield together(world, url, plan)


def _today(services: Services, actor: Actor) -> None:
    services.agency_desk.look(actor)
    services.bookings.rows(actor, limit=6, with_total=True)


def _bookings(services: Services, actor: Actor) -> None:
    services.bookings.rows(actor, limit=25, with_total=True)


def _reports(services: Services, actor: Actor) -> None:
    services.reports.of(actor, Asked())
    services.reports.saved(actor)


PAGES: dict[str, tuple[str, str, str, Callable[[Services, Actor], Any]]] = {
    "desk_today": ("/agent", f"{TODAY}.open", "greeting", _today),
    "desk_bookings": ("/agent/bookings", f"{LIST}.open", "rows", _bookings),
    "desk_reports": ("/agent/reports", f"{REPORTS}.open", "view", _reports),
}
"""Address, event, what it changes, and what of the services it calls."""


def _page(
    world: World,
    url: str,
    plan: Plan,
    bookings: int,
    path: str,
    name: str,
    changed: str,
    act: Callable[[Services, Actor], Any],
) -> Row:
    """A page that is opened again and again, against the SQL that it takes."""
    actor = agent(0)
    with world.services() as (services, recorder):
        cookie = f"eco_session={services.sessions.create(actor)}"
        act(services, actor)
        with recorder.recording() as transactions:
            act(services, actor)
        calls = [Call(list(transactions))]
    opened: list[tuple[str, dict[str, Any]]] = [(name, {})]
    with (
        LoadProcess(EventLoad, (url, path, opened, name, [{}], changed, cookie)) as product,
        LoadProcess(SqlLoad, (world.rds, calls, 1)) as plain,
    ):
        samples = in_turns(plan, {PRODUCT: product, BARE: plain})
    p50 = {
        side: [quantile(one.latencies, 0.5) * 1000 for one in found]
        for side, found in samples.items()
    }
    statements = sum(len(one) for one in calls[0].transactions)
    return Row(
        f"{path} of an agency with {bookings:,} bookings",
        [Line(f"{side}, p50", Range.of(values), "ms", 2) for side, values in p50.items()],
        Range.of(ratios(p50[PRODUCT], p50[BARE])),
        "product p50 / its own SQL p50",
        at_most=AT_MOST,
        notes=[f"{statements} statements"],
    )


def together(world: World, url: str, plan: Plan) -> Row:
    """Two hundred agents at their desks: all have Today open, which looks anew each five seconds,
    and together they make twenty events a second besides."""
    with world.services() as (services, _):
        cookies = [
            f"eco_session={services.sessions.create(agent(1 + n % AGENCIES, n // AGENCIES))}"
            for n in range(AGENTS)
        ]
    seconds = plan.rounds * plan.seconds
    with LoadProcess(Desks, (url, cookies)) as load:
        load.run(REFRESHED)
        sample = load.run(max(seconds, REFRESHED))
    p99 = quantile(sample.latencies, 0.99)
    return Row(
        f"{AGENTS} agents connected, {EVENTS_A_SECOND} events a second",
        [
            Line("p50", Range.of([quantile(sample.latencies, 0.5) * 1000]), "ms", 1),
            Line("p99", Range.of([p99 * 1000]), "ms", 1),
            Line("slowest", Range.of([max(sample.latencies) * 1000]), "ms", 1),
        ],
        Range.of([p99 / P99]),
        f"p99 / {P99 * 1000:.0f} ms",
        at_most=1.0,
        notes=[
            (
                f"{sample.done} events of people; beside them {AGENTS} pages of Today look anew every"
                f" {REFRESHED:.0f} s; the agents themselves take"
                f" {sample.cpu / sample.seconds:.2f} of a processor"
            )
        ],
    )


class Desks:
    """Agents' sockets in one process. A piece of work is an event of somebody at a time that was
    set beforehand: who waits for an answer keeps nobody else from asking."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._url = url
        self._cookies = cookies
        self._session: ClientSession | None = None
        self._desks: list[Desk] = []

    async def _connect(self, cookies: list[str]) -> None:
        self._session = ClientSession(connector=TCPConnector(limit=0))
        for start in range(0, len(cookies), 10):
            self._desks += await asyncio.gather(
                *(Desk.opened(self._session, self._url, one) for one in cookies[start : start + 10])
            )

    def run(self, seconds: float) -> list[float]:
        """The first time also sit down: everybody opens a socket and her day."""
        if self._session is None:
            self._loop.run_until_complete(self._connect(self._cookies))
        return self._loop.run_until_complete(self._run(seconds))

    async def _run(self, seconds: float) -> list[float]:
        latencies: list[float] = []
        began = time.perf_counter()
        tasks = [
            asyncio.create_task(self._looking(desk, began, number, seconds))
            for number, desk in enumerate(self._desks)
        ]
        for number in range(int(seconds * EVENTS_A_SECOND)):
            await _until(began + number / EVENTS_A_SECOND)
            desk = self._desks[(number * 37) % len(self._desks)]
            path, page = WORK[number % len(WORK)]
            tasks.append(asyncio.create_task(_timed(desk, path, page, latencies)))
        await asyncio.gather(*tasks)
        return latencies

    async def _looking(self, desk: "Desk", began: float, number: int, seconds: float) -> None:
        """Today looks anew: not everybody's at the same moment."""
        at = began + REFRESHED * number / len(self._desks)
        while at < began + seconds:
            await _until(at)
            await desk.tell("/agent", f"{TODAY}.again")
            at += REFRESHED

    def close(self) -> None:
        self._loop.run_until_complete(self._leave())
        self._loop.close()

    async def _leave(self) -> None:
        await asyncio.gather(*(desk.close() for desk in self._desks))
        if self._session is not None:
            await self._session.close()


async def _until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))


async def _timed(desk: "Desk", path: str, page: str, latencies: list[float]) -> None:
    began = time.perf_counter()
    await desk.event(path, f"{page}.open", page)
    latencies.append(time.perf_counter() - began)


class Desk:
    """One agent's page. An event that changes nothing has no answer."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def opened(cls, session: ClientSession, url: str, cookie: str) -> "Desk":
        socket = await session.ws_connect(
            f"{url}{NAMESPACE}/?EIO=4&transport=websocket&token={uuid4()}",
            max_msg_size=0,
            headers={"Cookie": cookie},
        )
        await socket.receive_str()
        await socket.send_str(f"40{NAMESPACE},")
        while not (text := await socket.receive_str()).startswith(f"40{NAMESPACE}"):
            if text.startswith("44"):
                raise BenchFailed(f"the socket was refused: {text[:300]}")
        desk = cls(socket)
        await desk.event("/agent", f"{ROOT}.hydrate", ROOT)
        await desk.event("/agent", f"{TODAY}.open", TODAY)
        return desk

    async def tell(self, path: str, name: str) -> None:
        """Send an event and go on."""
        router = {"pathname": path, "query": {}, "asPath": path}
        body = {"name": name, "payload": {}, "router_data": router}
        await self._socket.send_str(f"{ANSWER}{json.dumps(['event', body])}")

    async def event(self, path: str, name: str, changed: str) -> None:
        """Send an event and wait until the State ``changed`` comes anew."""
        if (before := self._waiting.get(changed)) is not None:
            await before
        answered = self._waiting[changed] = asyncio.get_running_loop().create_future()
        await self.tell(path, name)
        await asyncio.wait_for(answered, PATIENCE)

    async def _read(self) -> None:
        async for message in self._socket:
            text = str(message.data)
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith(ANSWER):
                for name in [name for name in self._waiting if name in text]:
                    self._waiting.pop(name).set_result(None)

    async def close(self) -> None:
        self._reader.cancel()
        await self._socket.close()
