"""The sign-in endpoints as a browser's form and as a program meet them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Client, Response

from ecosystem.database.unit_of_work import Database
from ecosystem.domain.paths import HOME, own_path
from ecosystem.services.form_notes import FormNote
from ecosystem.services.ports import Clock
from ecosystem.services.sessions import ABSOLUTE
from tests.memory_sign_in import CODE, ORIGIN, PASSWORD, Entrance, entrance_with

SESSION = "eco_session"


def post(client: Client, path: str, **fields: str) -> Response:
    """Post a form as a browser does from our own page."""
    return client.post(f"/api/auth/{path}", data={"next": "", **fields}, headers={"origin": ORIGIN})


def note_of(entrance: Entrance, answer: Response, page: str) -> FormNote:
    """The note that a redirect back to ``page`` carries."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    assert parts.path == page
    note = entrance.services.sign_in.notes.read(parse_qs(parts.query)["f"][0])
    assert note != FormNote()
    return note


@pytest.mark.parametrize("role", ["customer", "agent", "provider", "ops"])
def test_a_form_signs_in_and_leads_home(entrance: Entrance, role: str) -> None:
    client = entrance.client()
    email = entrance.person(role)
    answer = post(client, "sign-in", email=email, password=PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == HOME[role]  # type: ignore[index]
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{SESSION}=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert f"max-age={int(ABSOLUTE.total_seconds())}" in cookie
    me = client.get("/api/me").json()
    assert (me["role"], me["email"]) == (role, email)
    assert me["source"] == ("supabase" if role == "provider" else "cognito")


def test_a_form_leads_where_one_was_going(entrance: Entrance) -> None:
    email = entrance.person()
    answer = post(
        entrance.client(), "sign-in", email=email, password=PASSWORD, next="/trips/TRV-1?a=b"
    )
    assert answer.headers["location"] == "/trips/TRV-1?a=b"


FOREIGN = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "/api/auth/sign-out",
    "trips",
    "/" + "x" * 600,
]
UNSENDABLE = ["/\ud800", "/trips\u2028", "/\x7f"]


def test_nobody_is_led_to_another_site(entrance: Entrance) -> None:
    assert [own_path(path) for path in FOREIGN] == [""] * len(FOREIGN)
    email = entrance.person()
    for path in FOREIGN:
        answer = post(entrance.client(), "sign-in", email=email, password=PASSWORD, next=path)
        assert answer.headers["location"] == "/trips", path


@pytest.mark.parametrize("path", UNSENDABLE)
def test_half_a_character_leads_nowhere(entrance: Entrance, path: str) -> None:
    assert own_path(path) == ""
    body = json.dumps({"email": entrance.person(), "password": PASSWORD, "next": path})
    answer = entrance.client().post(
        "/api/auth/sign-in",
        content=body,
        headers={"origin": ORIGIN, "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["next"]) == (200, "/trips")


def test_a_wrong_password_comes_back_to_the_field(entrance: Entrance) -> None:
    email = entrance.person()
    answer = post(entrance.client(), "sign-in", email=email, password="Wrong-Pass-1", next="/trips")
    note = note_of(entrance, answer, "/sign-in")
    assert note.code == "invalid_credentials"
    assert set(note.fields) == {"password"}
    assert note.values == {"email": email}
    assert "next=%2Ftrips" in answer.headers["location"]
    assert "Wrong-Pass-1" not in answer.headers["location"]
    assert email not in answer.headers["location"]
    assert "set-cookie" not in answer.headers
    unknown = post(entrance.client(), "sign-in", email="nobody@people.example", password=PASSWORD)
    assert note_of(entrance, unknown, "/sign-in").fields == note.fields


def test_a_note_is_ours_and_ends(entrance: Entrance, clock: Any) -> None:
    answer = post(entrance.client(), "sign-in", email="ada@people.example", password="")
    sealed = parse_qs(urlsplit(answer.headers["location"]).query)["f"][0]
    notes = entrance.services.sign_in.notes
    assert notes.read(sealed).fields["password"]
    for bad in ("", "x", sealed[:-3] + "AAA", sealed * 30, None, {"a": 1}):
        assert notes.read(bad) == FormNote()
    clock.move(minutes=16)
    assert notes.read(sealed) == FormNote()


def test_a_person_signs_up_confirms_and_signs_in(entrance: Entrance) -> None:
    client = entrance.client()
    form = {
        "role": "agent",
        "name": "Ada Lovelace",
        "email": "Ada@People.example",
        "password": PASSWORD,
        "organisation": "Nord Reisen",
        "country": "DE",
    }
    note = note_of(entrance, post(client, "sign-up", **form), "/confirm")
    assert note.values["email"] == "ada@people.example"

    early = post(client, "sign-in", email=form["email"], password=PASSWORD)
    note = note_of(entrance, early, "/confirm")
    assert (note.code, bool(note.problem)) == ("email_not_confirmed", True)

    wrong = post(client, "confirm", email=form["email"], code="000000")
    assert set(note_of(entrance, wrong, "/confirm").fields) == {"code"}
    assert note_of(entrance, post(client, "resend", email=form["email"]), "/confirm").done
    right = post(client, "confirm", email=form["email"], code=f" {CODE[:3]} {CODE[3:]} ")
    assert note_of(entrance, right, "/sign-in").done

    assert post(client, "sign-in", email=form["email"], password=PASSWORD).headers["location"] == (
        "/agent"
    )
    me = client.get("/api/me").json()
    assert me["role"] == "agent"
    assert me["agency_id"]
    assert me["agency_owner"] is True


def test_a_taken_address_gets_the_same_answer(entrance: Entrance) -> None:
    taken, fresh = entrance.person(), "fresh@people.example"
    form = {"role": "customer", "name": "Eve", "password": PASSWORD}
    answers = [post(entrance.client(), "sign-up", email=email, **form) for email in (taken, fresh)]
    first, second = (note_of(entrance, answer, "/confirm") for answer in answers)
    assert (first.code, first.done, first.fields) == (second.code, second.done, second.fields)
    again = entrance.client().post(
        "/api/auth/sign-up", json={**form, "email": taken}, headers={"origin": ORIGIN}
    )
    assert again.status_code == 202


def test_all_wrong_fields_come_back_and_no_password(entrance: Entrance) -> None:
    answer = post(
        entrance.client(),
        "sign-up",
        role="provider",
        name="<b>",
        email="ada@nowhere",
        password="short-secret",
        organisation="",
        country="XX",
    )
    note = note_of(entrance, answer, "/sign-up")
    assert set(note.fields) == {"name", "email", "password", "organisation", "country"}
    assert note.values == {
        "role": "provider",
        "name": "<b>",
        "email": "ada@nowhere",
        "country": "XX",
    }
    assert "short-secret" not in str(note)


def test_a_second_factor_is_asked_for_on_its_own_page(entrance: Entrance) -> None:
    client = entrance.client()
    email = entrance.person()
    entrance.cognito.people[email]["factor"] = True
    answer = post(client, "sign-in", email=email, password=PASSWORD, next="/account")
    assert answer.headers["location"] == "/second-factor?next=%2Faccount"
    assert "eco_challenge=" in answer.headers["set-cookie"]
    assert SESSION not in client.cookies
    wrong = post(client, "second-factor", code="000000", next="/account")
    assert set(note_of(entrance, wrong, "/second-factor").fields) == {"code"}
    right = post(client, "second-factor", code=CODE, next="/account")
    assert right.headers["location"] == "/account"
    assert client.get("/api/me").json()["email"] == email
    over = post(client, "second-factor", code=CODE)
    assert note_of(entrance, over, "/sign-in").problem


def test_a_forgotten_password_is_replaced(entrance: Entrance) -> None:
    client = entrance.client()
    email = entrance.person()
    post(client, "sign-in", email=email, password=PASSWORD)
    for address in (email, "nobody@people.example"):
        asked = post(client, "forgot-password", email=address)
        assert note_of(entrance, asked, "/forgot-password").code == "code_sent"
    weak = post(client, "reset-password", email=email, code=CODE, password="weak")
    assert set(note_of(entrance, weak, "/forgot-password").fields) == {"password"}
    done = post(client, "reset-password", email=email, code=CODE, password="Other-Pass-2027")
    assert note_of(entrance, done, "/sign-in").done
    assert client.get("/api/me").status_code == 401, "every session has ended"
    answer = post(client, "sign-in", email=email, password="Other-Pass-2027")
    assert answer.headers["location"] == "/trips"


def test_signing_out_ends_the_session_and_takes_the_cookie(entrance: Entrance) -> None:
    client = entrance.client()
    post(client, "sign-in", email=entrance.person(), password=PASSWORD)
    stolen = client.cookies[SESSION]
    answer = post(client, "sign-out")
    assert answer.headers["location"] == "/"
    assert SESSION not in client.cookies
    assert entrance.cognito.revoked
    other = entrance.client(cookie=f"{SESSION}={stolen}")
    assert other.get("/api/me").status_code == 401
    assert post(client, "sign-out").status_code == 303


def test_a_program_gets_json(entrance: Entrance) -> None:
    client = entrance.client()
    email = entrance.person()
    bad = client.post("/api/auth/sign-in", json={"email": email, "password": "Wrong-Pass-1"})
    assert bad.status_code == 422
    assert bad.headers["content-type"] == "application/problem+json"
    assert bad.json()["code"] == "invalid_credentials"
    assert bad.json()["errors"][0]["field"] == "password"
    good = client.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
    assert good.status_code == 200
    assert good.json() == {"next": "/trips", "role": "customer", "enrol_first": False}
    extra = {"email": email, "password": PASSWORD, "role": "ops"}
    assert client.post("/api/auth/sign-in", json=extra).status_code == 422
    assert client.post("/api/auth/sign-out", json={}).json()["signed_out"] is True


JUNK = [
    ("application/json", b"{"),
    ("application/json", b"[1]"),
    ("application/json", b'{"email": {"a": 1}, "password": []}'),
    ("application/json", b"\xff\xfe"),
    ("application/json", b"x" * 40_000),
    ("text/plain", b"email=a"),
    ("multipart/form-data; boundary=x", b"--x--"),
    ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(60))),
]


def test_junk_is_refused_in_words(entrance: Entrance) -> None:
    for kind, body in JUNK:
        answer = entrance.client().post(
            "/api/auth/sign-in", content=body, headers={"content-type": kind}
        )
        assert answer.status_code in (400, 413, 415, 422), (kind, body[:40])
        assert answer.json()["detail"]


def test_bearer_tokens_name_their_source(entrance: Entrance) -> None:
    for role, provider in (("customer", entrance.cognito), ("provider", entrance.supabase)):
        email = entrance.person(role)
        token = provider.sign_in(email, PASSWORD).tokens.access  # type: ignore[union-attr]
        me = entrance.client(authorization=f"Bearer {token}").get("/api/me").json()
        assert (me["source"], me["role"]) == (
            "supabase" if role == "provider" else "cognito",
            role,
        )


def test_a_bad_token_is_not_made_good_by_a_cookie(entrance: Entrance) -> None:
    cookie, _ = entrance.enter()
    for header in ("Bearer nonsense", "Bearer", "Basic YTpi", "nonsense", ""):
        client = entrance.client(authorization=header, cookie=f"{SESSION}={cookie}")
        answer = client.get("/api/me")
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"] == "Bearer"


# --- rate limits -----------------------------------------------------------------------


@pytest.fixture
def limited(database: Database, clock: Clock) -> Iterator[Entrance]:
    """The front door with its limits on, behind one proxy."""
    yield from entrance_with(database, clock, trusted_proxy_hops=1)


def test_guessing_passwords_is_slowed_down(limited: Entrance) -> None:
    def attempt(address: str, forged: str = "") -> Response:
        forwarded = f"{forged}, {address}" if forged else address
        return limited.client(**{"x-forwarded-for": forwarded}).post(
            "/api/auth/sign-in", json={"email": "", "password": ""}
        )

    statuses = [attempt("203.0.113.1").status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
    late = attempt("203.0.113.1", forged="198.51.100.7")
    assert late.status_code == 429, "what the client claims to be counts for nothing"
    assert int(late.headers["retry-after"]) >= 1
    assert attempt("203.0.113.2").status_code == 422, "others are not concerned"


def test_a_person_who_is_slowed_down_is_told_on_the_page(limited: Entrance) -> None:
    client = limited.client(**{"x-forwarded-for": "203.0.113.9"})
    answers = [post(client, "sign-in", email="", password="") for _ in range(9)]
    answer = answers[-1]
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert 'http-equiv="refresh" content="0;url=/sign-in?f=' in answer.text


def test_sessions_outlive_the_process_not_their_time(entrance: Entrance, clock: Any) -> None:
    cookie, _ = entrance.enter()
    client = entrance.client(cookie=f"{SESSION}={cookie}")
    assert client.get("/api/me").status_code == 200
    clock.move(seconds=timedelta(hours=13).total_seconds())
    assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize("path", ["sign-in", "sign-up", "sign-out", "reset-password"])
def test_nesting_without_end_is_refused(entrance: Entrance, path: str) -> None:
    answer = entrance.client().post(
        f"/api/auth/{path}",
        content=b"[" * 30_000,
        headers={"origin": ORIGIN, "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")


@pytest.mark.parametrize(
    ("content", "kind", "refusal"),
    [
        (b"{" + b" " * 33_000, "application/json", (413, "too_large")),
        (b"<email/>", "application/xml", (415, "unsupported_content")),
    ],
)
def test_what_is_no_form_has_a_status_of_its_own(
    entrance: Entrance, content: bytes, kind: str, refusal: tuple[int, str]
) -> None:
    answer = entrance.client().post(
        "/api/auth/sign-in", content=content, headers={"origin": ORIGIN, "content-type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == refusal
