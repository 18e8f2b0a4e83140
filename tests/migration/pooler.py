"""A transaction pooler such as stands before Supabase: each transaction gets another connection.

It speaks PostgreSQL's own protocol. A client is let in without a password; its messages go to one
of a few connections of the server until that says that no transaction is open any more. What a
session keeps (prepared statements, settings, locks) stays at the server's connection and meets
the next client there, as with a real one.
"""

import os
import random
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg

from ecosystem.database.engines import Address

_ASKS_FOR_TLS = (80877103, 80877104)
_HEAD = 5
"""Bytes before a message's own: its type and its length."""


class _Messages:
    """Cuts a stream into messages; only the beginning of each is kept."""

    def __init__(self) -> None:
        self._begun = b""
        self._missing = 0

    def read(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Type and first byte of each message that is complete as far as that."""
        at = 0
        while at < len(data):
            if self._missing:
                skipped = min(self._missing, len(data) - at)
                self._missing -= skipped
                at += skipped
                continue
            wanted = _HEAD + 1 - len(self._begun)
            self._begun += data[at : at + wanted]
            at += wanted
            if len(self._begun) < _HEAD:
                return
            length = struct.unpack("!I", self._begun[1:_HEAD])[0]
            if length == 4:
                # Nothing in it: what we hold beyond its head is the next one's.
                at = min(at, len(data)) - (len(self._begun) - _HEAD)
                found = self._begun[:1], b""
            elif len(self._begun) == _HEAD:
                return
            else:
                found = self._begun[:1], self._begun[_HEAD:]
                self._missing = length - 5
            self._begun = b""
            yield found


class Pooler:
    """Listens on a free port of this machine.

    Args:
        server: where transactions go.
        connections: how many there are to it.
    """

    def __init__(self, server: Address, connections: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = replace(server, port=self._listening.getsockname()[1], password="")
        # The driver has signed in; from here on we use its wire.
        self._kept: list[psycopg.Connection[Any]] = [
            psycopg.connect(server.libpq, autocommit=True) for _ in range(connections)
        ]
        self._free = [socket.socket(fileno=os.dup(one.fileno())) for one in self._kept]
        self._freed = threading.Condition()
        self._dice = random.Random(1)
        self.transactions = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()
        for one in self._kept:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self._greet(client)
            while self._transaction(client):
                pass

    def _greet(self, client: socket.socket) -> None:
        while True:
            (length,) = struct.unpack("!I", client.recv(4, socket.MSG_WAITALL))
            body = client.recv(length - 4, socket.MSG_WAITALL)
            if struct.unpack("!I", body[:4])[0] not in _ASKS_FOR_TLS:
                break
            client.sendall(b"N")
        told = {
            "server_version": "18.0",
            "client_encoding": "UTF8",
            "standard_conforming_strings": "on",
            "integer_datetimes": "on",
            "DateStyle": "ISO, MDY",
            "TimeZone": "UTC",
        }
        answer = _message(b"R", struct.pack("!I", 0))
        for name, value in told.items():
            answer += _message(b"S", f"{name}\0{value}\0".encode())
        client.sendall(answer + _message(b"K", bytes(8)) + _message(b"Z", b"I"))

    def _transaction(self, client: socket.socket) -> bool:
        """Everything from a client's first message to the end of its transaction; False: it left."""
        data = client.recv(65536)
        if not data or data[:1] == b"X":
            return False
        server = self._take()
        open_ = False
        try:
            open_ = self._carry(client, server, data)
        finally:
            if open_:
                # The client died in the middle: as for a real server, so does its transaction.
                server.sendall(_message(b"Q", b"rollback\0"))
                answers = _Messages()
                told = server.recv(65536)
                while told and b"Z" not in {kind for kind, _ in answers.read(told)}:
                    told = server.recv(65536)
            self._give(server)
        return not open_

    def _carry(self, client: socket.socket, server: socket.socket, data: bytes) -> bool:
        """Pass on both ways; returns whether a transaction is still open as the client leaves."""
        asks, answers = _Messages(), _Messages()
        waited, extended = 0, False
        while True:
            for kind, _ in asks.read(data):
                if kind in (b"Q", b"S"):
                    waited, extended = waited + 1, kind == b"S"
            server.sendall(data)
            data = b""
            while not data:
                ready, _, _ = select.select([client, server], [], [])
                if server in ready:
                    told = server.recv(65536)
                    if not told:
                        raise OSError("the server has gone")
                    idle = False
                    for kind, first in answers.read(told):
                        if kind == b"G" and extended:
                            # What asked for the copy is swallowed by it.
                            waited -= 1
                        if kind == b"Z":
                            waited -= 1
                            idle = first == b"I" and waited == 0
                    client.sendall(told)
                    if idle:
                        return False
                elif client in ready:
                    data = client.recv(65536)
                    if not data or data[:1] == b"X":
                        return True

    def _take(self) -> socket.socket:
        with self._freed:
            self._freed.wait_for(lambda: self._free)
            self.transactions += 1
            return self._free.pop(self._dice.randrange(len(self._free)))

    def _give(self, server: socket.socket) -> None:
        with self._freed:
            self._free.append(server)
            self._freed.notify()


@contextmanager
def pooler(server: Address, connections: int = 4) -> Iterator[Pooler]:
    """A pooler for as long as the block runs."""
    running = Pooler(server, connections)
    try:
        yield running
    finally:
        running.close()


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
