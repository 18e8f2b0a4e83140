"""Events over one websocket, framed by hand: what a browser's socket.io client sends.

Engine.IO 4 packets: ``40`` joins a namespace, ``42`` is an event, ``2``/``3`` are heartbeats.
"""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse

from bench.loads import BenchFailed

NAMESPACE = "/_event"
ANSWER = f"42{NAMESPACE},"
ROOT = "reflex___state____state"


class EventLoad:
    """One page at ``path`` that sends ``name`` again and again, each after the last's answer.

    ``first`` are events that open the page; an event is a name and its payload. An answer
    that does not change the field ``changed`` is a failure. ``cookie`` is who asks.
    """

    def __init__(
        self, url: str, path: str, first: list[tuple[str, dict[str, Any]]],
        name: str, payloads: list[dict[str, Any]], changed: str, cookie: str = "",
    ) -> None:  # fmt: skip
        self._url = url
        self._path = path
        self._name = name
        self._payloads = payloads
        self._changed = changed
        self._headers = {"Cookie": cookie} if cookie else {}
        self._loop = asyncio.new_event_loop()
        self._session: ClientSession | None = None
        self._socket = self._loop.run_until_complete(self._connect(first))

    def run(self, seconds: float) -> list[float]:
        return self._loop.run_until_complete(self._run(seconds))

    async def _run(self, seconds: float) -> list[float]:
        latencies: list[float] = []
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            payload = self._payloads[len(latencies) % len(self._payloads)]
            await self._event(self._name, payload, self._changed)
            latencies.append(time.perf_counter() - began)
        return latencies

    async def _connect(self, first: list[tuple[str, dict[str, Any]]]) -> ClientWebSocketResponse:
        self._session = ClientSession()
        socket = await self._session.ws_connect(
            f"{self._url}{NAMESPACE}/?EIO=4&transport=websocket&token={uuid4()}",
            max_msg_size=0,
            headers=self._headers,
        )
        self._socket = socket
        await socket.receive_str()
        await socket.send_str(f"40{NAMESPACE},")
        while not (text := await socket.receive_str()).startswith(f"40{NAMESPACE}"):
            if text.startswith("44"):
                raise BenchFailed(f"the socket was refused: {text[:300]}")
        await self._event(f"{ROOT}.hydrate", {})
        for name, payload in first:
            await self._event(name, payload)
        return socket

    async def _event(self, name: str, payload: dict[str, Any], changed: str = "") -> None:
        router = {"pathname": self._path, "query": {}, "asPath": self._path}
        body = {"name": name, "payload": payload, "router_data": router}
        await self._socket.send_str(f"{ANSWER}{json.dumps(['event', body])}")
        while True:
            text = await self._socket.receive_str()
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith(ANSWER):
                if '"final":false' in text.replace(" ", ""):
                    continue
                if changed not in text:
                    raise BenchFailed(f"{name} did not change {changed}: {text[:500]}")
                return

    def close(self) -> None:
        self._loop.run_until_complete(self._leave())
        self._loop.close()

    async def _leave(self) -> None:
        await self._socket.close()
        if self._session is not None:
            await self._session.close()
