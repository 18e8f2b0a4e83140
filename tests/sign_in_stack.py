"""The stand-ins that signing in needs, for tests: MiniStack's Cognito and Supabase Auth."""

import base64
import hashlib
import hmac
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg.rows import tuple_row

from ecosystem.adapters.cognito import Cognito
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.local.aws import REGION, EmbeddedAws, Infrastructure
from ecosystem.local.processes import child_environment, free_port

ANON_KEY = "anon-key-of-tests"
SERVICE_KEY = "service-key-of-tests"
PASSWORD = "Right-Pass-2026"
COGNITO_CODE = "123456"
COGNITO_RESET_CODE = "654321"


def totp(secret: str, at: float | None = None) -> str:
    """The six digits that an authenticator app shows (RFC 6238, 30 s, SHA-1)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    mac = hmac.new(key, counter, hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack_from(">I", mac, offset)[0] & 0x7FFF_FFFF
    return f"{number % 10**6:06d}"


@dataclass(frozen=True)
class CognitoStandIn:
    """MiniStack with the product's own user pool in it."""

    aws: EmbeddedAws
    made: Infrastructure

    def adapter(self) -> Cognito:
        return Cognito(REGION, self.made.user_pool_id, self.made.client_id, self.aws.endpoint)


@dataclass(frozen=True)
class SupabaseStandIn:
    """Our Supabase Auth over one database."""

    url: str
    database_url: str

    def adapter(self) -> SupabaseAuth:
        return SupabaseAuth(self.url, ANON_KEY, SERVICE_KEY)

    def mailed_code(self, email: str) -> str:
        """The code in the newest e-mail to this address."""
        with psycopg.connect(self.database_url, row_factory=tuple_row) as connection:
            found = connection.execute(
                "select body_text from auth.local_outbox where recipient = %s"
                " order by id desc limit 1",
                (email,),
            ).fetchone()
        assert found, f"no e-mail to {email}"
        words = str(found[0]).replace(".", " ").split()
        return next(word for word in words if len(word) == 6 and word.isdigit())

    def backdate(self, email: str) -> None:
        """Make an account a day older."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(
                "update auth.users set created_at = created_at - interval '1 day' where email = %s",
                (email,),
            )


@contextmanager
def cognito_stand_in(folder: Path) -> Iterator[CognitoStandIn]:
    """MiniStack on a free port, with our template deployed, forgotten at the end."""
    with EmbeddedAws(folder, persist=False) as aws:
        made = aws.deploy(web_origins=["http://localhost:3999"], sender="no-reply@test.example")
        yield CognitoStandIn(aws, made)


@contextmanager
def supabase_stand_in(folder: Path, database_url: str) -> Iterator[SupabaseStandIn]:
    """Supabase Auth on a free port over ``database_url``."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    arguments = {
        "--port": str(port),
        "--database-url": database_url,
        "--data-dir": str(folder),
        "--anon-key": ANON_KEY,
        "--service-role-key": SERVICE_KEY,
        "--site-url": "http://localhost:3999",
        "--mail-interval-seconds": "0",
        "--bcrypt-cost": "4",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "ecosystem.local.supabase_auth",
                *(part for pair in arguments.items() for part in pair),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=child_environment({}),
        )
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    httpx.get(f"{url}/auth/v1/health", timeout=1).raise_for_status()
                    break
                except httpx.HTTPError:
                    assert process.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < deadline, (folder / "log").read_text()
                    time.sleep(0.1)
            yield SupabaseStandIn(url, database_url)
        finally:
            process.terminate()
            process.wait(10)
