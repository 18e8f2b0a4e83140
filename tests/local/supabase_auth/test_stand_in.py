"""What is the stand-in's own: start and stop, options, e-mail by SES, schema, demo people."""

from __future__ import annotations

import json
import stat
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import bcrypt
import psycopg
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError
from supabase_auth.types import SignInWithEmailAndPasswordCredentials

from ecosystem.domain.qr_code import matrix, svg
from ecosystem.local.supabase_auth.accounts import NewUser, insert_users
from ecosystem.local.supabase_auth.passwords import Passwords
from ecosystem.local.supabase_auth.schema import apply_schema, ensure_schema
from ecosystem.local.supabase_auth.signing import KEY_FILE

if TYPE_CHECKING:
    from tests.local.supabase_auth.conftest import Person, Project

PASSWORD = "Right-Pass-2026!"
Variant = Callable[..., "Project"]

SES_ANSWER = (
    b'<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult>'
    b"<MessageId>1</MessageId></SendEmailResult><ResponseMetadata><RequestId>1</RequestId>"
    b"</ResponseMetadata></SendEmailResponse>"
)


@pytest.fixture
def ses() -> Iterator[tuple[str, list[dict[str, str]], list[int]]]:
    """An SES endpoint: its address, what it was asked to send, what it answers next."""
    sent: list[dict[str, str]] = []
    statuses = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            status = statuses[0]
            if status == 200:
                sent.append({key: values[0] for key, values in parse_qs(raw).items()})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(SES_ANSWER if status == 200 else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sent, statuses
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_mail_goes_out_by_ses_and_a_failure_is_told(
    variant: Variant,
    fresh_email: Callable[[], str],
    ses: tuple[str, list[dict[str, str]], list[int]],
) -> None:
    endpoint, sent, statuses = ses
    project = variant(
        mail_endpoint=endpoint,
        mail_sender="hello@ecosystem.example",
        mail_interval_seconds=60,
    )
    client, email = project.client(), fresh_email()

    statuses[0] = 400
    with pytest.raises(AuthApiError) as caught:
        client.sign_up({"email": email, "password": PASSWORD})
    assert (caught.value.status, caught.value.code) == (500, "unexpected_failure")

    statuses[0] = 200
    client.sign_up({"email": email, "password": PASSWORD})
    (message,) = sent
    assert message["Action"] == "SendEmail"
    assert message["Source"] == "hello@ecosystem.example"
    assert message["Destination.ToAddresses.member.1"] == email
    link = str(project.last_mail(email)["link"])
    assert link in message["Message.Body.Text.Data"]
    assert link.replace("&", "&amp;") in message["Message.Body.Html.Data"]

    # The address has had its mail for this minute; others, and other mails, have not.
    for known_or_not in (email, fresh_email()):
        client.reset_password_for_email(known_or_not)
        with pytest.raises(AuthApiError) as caught:
            client.reset_password_for_email(known_or_not)
        assert (caught.value.status, caught.value.code) == (429, "over_email_send_rate_limit")


def test_a_restart_keeps_the_key_and_the_sessions(
    variant: Variant, tmp_path: Path, fresh_email: Callable[[], str]
) -> None:
    first = variant()
    key = tmp_path / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    email = fresh_email()
    first.client(service=True).admin.create_user(
        {"email": email, "password": PASSWORD, "email_confirm": True}
    )
    session = first.client().sign_in_with_password({"email": email, "password": PASSWORD}).session
    assert session is not None
    before = key.read_bytes()

    second = variant(external_url=first.url)
    assert key.read_bytes() == before
    again = second.client()
    assert again.get_user(session.access_token) is not None
    assert again.refresh_session(session.refresh_token).session


def test_a_lost_answer_can_be_asked_for_again_in_the_grace_period(
    variant: Variant, fresh_email: Callable[[], str]
) -> None:
    project = variant(autoconfirm=True, reuse_seconds=30)
    email = fresh_email()
    session = project.client().sign_up({"email": email, "password": PASSWORD}).session
    assert session is not None
    swapped = [project.client().refresh_session(session.refresh_token).session for _ in range(2)]
    assert len({one.refresh_token for one in swapped if one}) == 1
    with pytest.raises(AuthApiError) as caught:
        project.client().sign_up({"email": email, "password": PASSWORD})
    assert caught.value.code == "user_already_exists"


def test_links_and_tokens_age(variant: Variant, fresh_email: Callable[[], str]) -> None:
    project = variant(otp_seconds=0, access_seconds=1)
    admin, client, email = project.client(service=True), project.client(), fresh_email()
    admin.admin.create_user({"email": email, "password": PASSWORD, "email_confirm": True})
    made = admin.admin.generate_link({"type": "recovery", "email": email}).properties
    with pytest.raises(AuthApiError) as caught:
        client.verify_otp({"token_hash": made.hashed_token, "type": "recovery"})
    assert caught.value.code == "otp_expired"
    session = client.sign_in_with_password({"email": email, "password": PASSWORD}).session
    assert session is not None
    time.sleep(1.1)
    with pytest.raises(AuthApiError) as caught:
        project.client().get_user(session.access_token)
    assert (caught.value.status, caught.value.code) == (403, "bad_jwt")


def test_older_clients_get_the_older_form_of_errors(stand_in: Project) -> None:
    answer = stand_in.http.post(
        f"{stand_in.auth_url}/token?grant_type=password",
        json={"email": "nobody@mail.test", "password": PASSWORD},
        headers=stand_in.headers(),
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 400,
        "error_code": "invalid_credentials",
        "msg": "Invalid login credentials",
    }


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b'"text"', b'{"email": "a\\u0000@b.test", "password": "x"}', b"\xff"]
)
def test_bodies_that_are_no_objects_are_refused(stand_in: Project, raw: bytes) -> None:
    answer = stand_in.http.post(
        f"{stand_in.auth_url}/signup", content=raw, headers=stand_in.headers()
    )
    assert (answer.status_code, answer.json()["error_code"]) == (400, "bad_json")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/signup", {"email": 5, "password": PASSWORD}),
        ("POST", "/signup", {"email": "a@b.test", "password": 12345678}),
        ("POST", "/signup", {"email": "a@b.test", "password": PASSWORD, "data": []}),
        ("POST", "/token?grant_type=password", {"email": ["a"], "password": {}}),
        ("POST", "/token?grant_type=refresh_token", {"refresh_token": {"a": 1}}),
        ("POST", "/token?grant_type=none", {}),
        ("POST", "/verify", {"type": "recovery", "token_hash": 5}),
        ("POST", "/verify", {"type": "sms", "token_hash": "x"}),
        ("POST", "/recover", {"email": {}}),
        ("GET", "/admin/users?page=x", None),
        ("GET", "/admin/users?page=0", None),
        ("GET", "/admin/users/no-uuid", None),
        ("POST", "/admin/users", {"email": "a@b.test", "id": "no-uuid"}),
        ("GET", "/nowhere", None),
        ("DELETE", "/signup", None),
    ],
)
def test_malformed_requests_are_the_callers_fault(
    stand_in: Project, method: str, path: str, body: object
) -> None:
    answer = stand_in.http.request(
        method, f"{stand_in.auth_url}{path}", json=body, headers=stand_in.headers(service=True)
    )
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error_code"]


def test_many_people_sign_in_at_once(stand_in: Project, person: Person) -> None:
    def sign_in(_: int) -> bool:
        client = stand_in.client()
        credentials: SignInWithEmailAndPasswordCredentials = {
            "email": person.email,
            "password": person.password,
        }
        return client.sign_in_with_password(credentials).session is not None

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(sign_in, range(48)))


def test_a_check_takes_as_long_for_nobody() -> None:
    passwords = Passwords(cost=6, minimum=8)
    stored = passwords.hash(PASSWORD)

    def median(against: str | None) -> float:
        times: list[float] = []
        for _ in range(7):
            begin = time.thread_time()
            assert not passwords.matches("Wrong-Pass-2026!", against)
            times.append(time.thread_time() - begin)
        return statistics.median(times)

    known = median(stored)
    for nobody in (None, "", "$2a$broken"):
        assert median(nobody) == pytest.approx(known, rel=0.5)


# --- the schema -----------------------------------------------------------------------------


def test_the_schema_can_be_applied_again(stand_in: Project) -> None:
    with psycopg.connect(stand_in.database_url, autocommit=True) as connection:
        apply_schema(connection)
        assert ensure_schema(connection) is False
        rows = connection.execute(
            "select rolname, rolcanlogin, rolbypassrls from pg_roles"
            " where rolname in ('anon', 'authenticated', 'service_role') order by rolname"
        ).fetchall()
    assert rows == [
        ("anon", False, False),
        ("authenticated", False, False),
        ("service_role", False, True),
    ]


def test_policies_see_who_asks_and_nobody_sees_passwords(stand_in: Project) -> None:
    someone = str(uuid.uuid4())
    claims = json.dumps({"sub": someone, "role": "authenticated", "email": "a@b.test"})
    question = "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'sub'"
    with psycopg.connect(stand_in.database_url) as connection:
        connection.execute("set local role authenticated")
        assert connection.execute(question).fetchone() == (None, None, None, None)
        connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        assert connection.execute(question).fetchone() == (
            someone,
            "authenticated",
            "a@b.test",
            someone,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select encrypted_password from auth.users")


# --- demo people ----------------------------------------------------------------------------


def test_many_people_are_inserted_once(
    stand_in: Project, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    people = [
        NewUser(uuid.uuid4(), fresh_email().title(), hashed, {"full_name": f"Person {number}"})
        for number in range(501)
    ]
    with psycopg.connect(stand_in.database_url) as connection:
        assert insert_users(connection, people) == 501
        assert insert_users(connection, people) == 0
        taken = NewUser(uuid.uuid4(), people[0].email, hashed)
        assert insert_users(connection, [taken]) == 0
    answer = anyone.sign_in_with_password({"email": people[7].email, "password": PASSWORD})
    assert answer.user is not None
    assert answer.user.id == str(people[7].id)
    assert answer.user.user_metadata["full_name"] == "Person 7"
    assert [one.provider for one in answer.user.identities or []] == ["email"]


# --- the QR code ----------------------------------------------------------------------------


def test_a_qr_code_has_the_fixed_patterns_and_grows_with_its_text() -> None:
    for length, side in ((17, 21), (18, 25), (150, 45), (200, 53), (858, 97)):
        modules = matrix(b"x" * length)
        assert (len(modules), {len(row) for row in modules}) == (side, {side})
        finder = [[max(abs(y - 3), abs(x - 3)) != 2 for x in range(7)] for y in range(7)]
        corners = [
            [row[:7] for row in modules[:7]],
            [row[-7:] for row in modules[:7]],
            [row[:7] for row in modules[-7:]],
        ]
        assert corners == [finder] * 3
    assert svg("otpauth://totp/x").startswith("<svg ")
    with pytest.raises(ValueError, match="do not fit"):
        matrix(b"x" * 859)
