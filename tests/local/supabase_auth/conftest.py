"""The project that the contract suite talks to: the stand-in, or a real Supabase Auth.

With ``SUPABASE_AUTH_TEST_URL`` (the project's address, as ``https://….supabase.co``) and
``SUPABASE_AUTH_TEST_SERVICE_KEY`` the same tests run against that project. It must ask for
confirmation by e-mail, allow TOTP and be used for nothing else. Its e-mails can't be read:
tests that need one are skipped there, and links come from the admin API everywhere.
"""

import asyncio
import secrets
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic_settings import BaseSettings
from supabase_auth import SyncGoTrueClient
from supabase_auth.types import User

from ecosystem.local.postgres import SUPABASE_DATABASE, SUPABASE_ROLE, EmbeddedPostgres
from ecosystem.local.processes import child_environment, free_port
from ecosystem.local.supabase_auth.__main__ import server_on
from ecosystem.local.supabase_auth.configuration import Configuration

PASSWORD = "Right-Pass-2026!"
SITE_URL = "http://localhost:3999"


class RealProject(BaseSettings):
    """Where a real project is, if the contract is to be checked against one."""

    supabase_auth_test_url: str = ""
    supabase_auth_test_anon_key: str = ""
    supabase_auth_test_service_key: str = ""


@dataclass
class Project:
    """A running Supabase Auth."""

    url: str
    anon_key: str
    service_key: str
    database_url: str = ""
    site_url: str = SITE_URL
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    @property
    def real(self) -> bool:
        """Whether this is Supabase's own service."""
        return not self.database_url

    @property
    def auth_url(self) -> str:
        """The base address of the API."""
        return f"{self.url}/auth/v1"

    def headers(self, *, service: bool = False, bearer: str = "") -> dict[str, str]:
        """As the official client sends them."""
        key = self.service_key if service else self.anon_key
        return {"apikey": key, "Authorization": f"Bearer {bearer or key}"}

    def client(self, *, service: bool = False) -> SyncGoTrueClient:
        """A client of its own, with no session."""
        return SyncGoTrueClient(
            url=self.auth_url,
            headers=self.headers(service=service),
            auto_refresh_token=False,
            http_client=self.http,
        )

    def rows(self, statement: str, *values: object) -> list[dict[str, object]]:
        """Look into the database of the stand-in."""
        with (
            psycopg.connect(self.database_url) as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(statement.encode(), values).fetchall()

    def last_mail(self, recipient: str) -> dict[str, object]:
        """The newest e-mail to an address."""
        found = self.rows(
            "select * from auth.local_outbox where recipient = %s order by id desc limit 1",
            recipient,
        )
        assert found, f"no e-mail to {recipient}"
        return found[0]


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The Supabase database of an embedded Postgres, empty."""
    postgres = EmbeddedPostgres.temporary()
    try:
        postgres.start()
        yield postgres.url(SUPABASE_DATABASE, SUPABASE_ROLE)
    finally:
        postgres.destroy()


ANON_KEY = "anon-key-of-the-tests"
SERVICE_KEY = "service-key-of-the-tests"


@pytest.fixture(scope="session")
def process(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The stand-in as the supervisor starts and stops it."""
    port = free_port()
    folder = tmp_path_factory.mktemp("supabase-auth")
    log = folder / "stand-in.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "ecosystem.local.supabase_auth"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--database-url", database_url, "--data-dir", str(folder)),
                *("--anon-key", ANON_KEY, "--service-role-key", SERVICE_KEY),
                *("--site-url", SITE_URL, "--mail-endpoint", "", "--mail-sender", "a@b.example"),
                *("--bcrypt-cost", "4", "--mail-interval-seconds", "0"),
            ],
            env=child_environment({}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Project(f"http://127.0.0.1:{port}", ANON_KEY, SERVICE_KEY, database_url)
    try:
        _wait_for(running, lambda: process.poll() is None, log.read_text)
        yield running
    finally:
        running.http.close()
        process.terminate()
        status = process.wait(10)
    assert status == 0, log.read_text()


def _wait_for(project: Project, alive: Callable[[], bool], explain: Callable[[], str]) -> None:
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up and alive():
        try:
            if project.http.get(f"{project.auth_url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    pytest.fail(f"the stand-in did not start: {explain()}")


@pytest.fixture
def variant(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Stand-ins with other options, served by threads of the tests: that starts faster."""
    with ExitStack() as stack:

        def serve(**options: Any) -> Project:
            port = free_port()
            configuration = Configuration(
                **{
                    "database_url": database_url,
                    "data_dir": tmp_path,
                    "anon_key": ANON_KEY,
                    "service_role_key": SERVICE_KEY,
                    "site_url": SITE_URL,
                    "external_url": f"http://127.0.0.1:{port}",
                    "bcrypt_cost": 4,
                    **options,
                }
            )
            return stack.enter_context(_served(configuration, port))

        yield serve


@contextmanager
def _served(configuration: Configuration, port: int) -> Iterator[Project]:
    server = server_on("127.0.0.1", port, configuration)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    running = Project(url, ANON_KEY, SERVICE_KEY, configuration.database_url)
    try:
        _wait_for(running, thread.is_alive, lambda: "its thread ended")
        yield running
    finally:
        running.http.close()
        loop.call_soon_threadsafe(server.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Iterator[Project]:
    """What the contract is checked against."""
    given = RealProject()
    if given.supabase_auth_test_url and given.supabase_auth_test_service_key:
        url = given.supabase_auth_test_url.rstrip("/").removesuffix("/auth/v1")
        service_key = given.supabase_auth_test_service_key
        real = Project(url, given.supabase_auth_test_anon_key or service_key, service_key)
        yield real
        real.http.close()
        return
    yield request.getfixturevalue("process")


@pytest.fixture
def stand_in(project: Project) -> Project:
    """The same, for what only the stand-in shows: its e-mails and its database."""
    if project.real:
        pytest.skip("a real project's e-mails and database can't be read")
    return project


@pytest.fixture
def admin(project: Project) -> SyncGoTrueClient:
    """A client with the service key."""
    return project.client(service=True)


@pytest.fixture
def anyone(project: Project) -> SyncGoTrueClient:
    """A client that nobody has signed in with."""
    return project.client()


@pytest.fixture
def fresh_email() -> Callable[[], str]:
    """Addresses that nobody has used."""
    return _fresh_email


def _fresh_email() -> str:
    return f"someone-{uuid.uuid4().hex[:12]}@mail-{secrets.token_hex(3)}.test"


@dataclass(frozen=True)
class Person:
    """Somebody with a confirmed address and a password."""

    id: str
    email: str
    password: str
    user: User


@pytest.fixture
def person(admin: SyncGoTrueClient) -> Person:
    """A confirmed person."""
    email = _fresh_email()
    user = admin.admin.create_user(
        {
            "email": email,
            "password": PASSWORD,
            "email_confirm": True,
            "user_metadata": {"full_name": "Someone New"},
        }
    ).user
    return Person(user.id, email, PASSWORD, user)


@pytest.fixture
def signed_in(project: Project, person: Person) -> SyncGoTrueClient:
    """A client with a session of that person."""
    client = project.client()
    client.sign_in_with_password({"email": person.email, "password": person.password})
    return client
