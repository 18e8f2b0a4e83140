"""The product with identity providers of memory: fast, for everything above them.

What the real ones do is the contract suite's business (``tests/contract``).
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from starlette.types import ASGIApp

from ecosystem import wiring
from ecosystem.api import errors, me, sign_in
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid, SignInRequired
from ecosystem.services.ports import Clock, Identity, SecondFactorNeeded, SignedIn, Tokens
from ecosystem.settings import Settings
from ecosystem.wiring import Services

PASSWORD = "Right-Pass-2026"
CODE = "123456"
ORIGIN = "http://localhost:3999"


class MemoryProvider:
    """An ``IdentityProvider`` and ``CognitoGroups`` that forgets. Every code is ``CODE``."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.people: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.revoked: list[str] = []

    def sign_up(self, email: str, password: str, name: str) -> str:
        known = self.people.get(email)
        if known and known["confirmed"]:
            raise Invalid.one("email", "Taken.", code="email_taken")
        self.people[email] = {
            "subject": str(uuid4()),
            "password": password,
            "name": name,
            "confirmed": False,
            "groups": (),
            "factor": False,
        }
        return self.people[email]["subject"]

    def confirm(self, email: str, code: str) -> str:
        self._code(code)
        self.people[email]["confirmed"] = True
        return self.people[email]["subject"]

    def resend_code(self, email: str) -> None: ...

    def sign_in(self, email: str, password: str) -> SignedIn | SecondFactorNeeded:
        person = self.people.get(email)
        if person is None or person["password"] != password:
            raise Invalid.one("password", "They don't match.", code="invalid_credentials")
        if not person["confirmed"]:
            raise Invalid.one("email", "Not confirmed.", code="email_not_confirmed")
        if person["factor"]:
            return SecondFactorNeeded(email, {"email": email})
        return self._signed_in(email)

    def answer_second_factor(self, challenge: SecondFactorNeeded, code: str) -> SignedIn:
        self._code(code)
        return self._signed_in(challenge.state["email"])

    def forgot_password(self, email: str) -> None: ...

    def reset_password(self, email: str, code: str, password: str) -> None:
        self._code(code)
        if email in self.people:
            self.people[email]["password"] = password

    def refresh(self, email: str, refresh_token: str) -> Tokens:
        return self._signed_in(email).tokens

    def sign_out(self, tokens_refresh: str, access: str = "") -> None:
        self.revoked.append(tokens_refresh)

    def start_second_factor(self, access: str) -> tuple[str, dict[str, Any]]:
        return "JBSWY3DPEHPK3PXP", {"email": self.tokens[access]}

    def finish_second_factor(self, access: str, state: dict[str, Any], code: str) -> None:
        self._code(code)
        self.people[state["email"]]["factor"] = True

    def has_second_factor(self, email: str, subject: str) -> bool:
        return self.people[email]["factor"]

    def verify_token(self, token: str) -> Identity:
        if token not in self.tokens:
            raise SignInRequired("Not a token.")
        return self._identity(self.tokens[token])

    def ping(self) -> None: ...

    def find(self, username: str) -> Identity | None:
        for email, person in self.people.items():
            if username in (email, person["subject"]) and person["confirmed"]:
                return self._identity(email)
        return None

    def add_to_group(self, email: str, group: str) -> None:
        person = self.people[email]
        person["groups"] = tuple(sorted({*person["groups"], group}))

    def _code(self, code: str) -> None:
        if code != CODE:
            raise Invalid.one("code", "That code is wrong.", code="wrong_code")

    def _identity(self, email: str) -> Identity:
        person = self.people[email]
        return Identity(person["subject"], email, person["name"], person["groups"])

    def _signed_in(self, email: str) -> SignedIn:
        token = f"{self._source}-{uuid4().hex}"
        self.tokens[token] = email
        return SignedIn(self._identity(email), Tokens(token, token, f"refresh-{token}", 3600))


class RegisteredProvider(MemoryProvider):
    """Supabase: its people are also rows of ``auth.users``, to which ``users`` refers."""

    def __init__(self, source: str, database: Database) -> None:
        super().__init__(source)
        self._database = database

    def sign_up(self, email: str, password: str, name: str) -> str:
        subject = super().sign_up(email, password, name)
        with self._database.engines["supabase"].begin() as connection:
            connection.execute(
                text("insert into auth.users (id, email) values (:id, :email)"),
                {"id": subject, "email": email},
            )
        return subject


class InProcess(httpx.BaseTransport):
    """Hands requests to an ASGI app in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = httpx.ASGITransport(app=app, client=("198.51.100.1", 50_000))
        self._loop = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(
            httpx.Request(
                request.method, request.url, headers=request.headers, content=request.read()
            )
        )
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )

    def close(self) -> None:
        self._loop.close()


class Unused:
    """A vendor that these tests have no use for."""

    def ping(self) -> None: ...


@dataclass
class Entrance:
    """The services, and people made in one call."""

    services: Services
    cognito: MemoryProvider
    supabase: MemoryProvider
    api: FastAPI
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.Client:
        """A browser of its own at the product's address."""
        client = httpx.Client(transport=InProcess(self.api), base_url=ORIGIN, headers=headers)
        self.clients.append(client)
        return client

    def person(self, role: str = "customer") -> str:
        """Somebody who can sign in with ``PASSWORD``; her address."""
        email = f"{role}-{uuid4().hex[:10]}@people.example"
        if role == "ops":
            self.cognito.sign_up(email, PASSWORD, "Olga Ops")
            self.cognito.confirm(email, CODE)
            self.cognito.add_to_group(email, "ops")
            return email
        company = {"organisation": "Nord Reisen", "country": "DE"} if role != "customer" else {}
        self.services.sign_in.sign_up(
            {"role": role, "name": "Ada Lovelace", "email": email, "password": PASSWORD, **company}
        )
        self.services.sign_in.confirm({"email": email, "code": CODE})
        return email

    def enter(self, role: str = "customer") -> tuple[str, Actor]:
        """A signed-in person: cookie and actor."""
        entered = self.services.sign_in.sign_in({"email": self.person(role), "password": PASSWORD})
        return entered.cookie, entered.actor  # type: ignore[union-attr]


@cache
def _door() -> FastAPI:
    """The endpoints of signing in; one for all tests, since its first request makes its routes."""
    api = FastAPI()
    errors.install(api)
    for part in (sign_in, me):
        api.include_router(part.router)
    return api


@pytest.fixture
def entrance(database: Database, clock: Clock) -> Iterator[Entrance]:
    """The product's front door; rate limits off."""
    yield from entrance_with(database, clock, rate_limits="off")


def entrance_with(database: Database, clock: Clock, **more: Any) -> Iterator[Entrance]:
    """The same with other settings; the process's own services are put back at the end."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        port=3999,
        session_secret=SecretStr("a secret of the tests, long enough"),
        aws_region="eu-west-1",
        **more,
    )
    cognito, supabase = MemoryProvider("cognito"), RegisteredProvider("supabase", database)
    unused = Unused()
    built = wiring.build(
        settings,
        database=database,
        clock=clock,
        cognito=cognito,
        supabase=supabase,
        stripe=unused,
        mail=unused,
        files=unused,
        read_model=unused,
    )
    before = list(wiring._installed)
    wiring.install(built)
    made = Entrance(built, cognito, supabase, _door())
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        wiring._installed[:] = before
