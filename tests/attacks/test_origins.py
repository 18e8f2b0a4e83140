"""What another site can make a browser send with our cookies: nothing that changes anything."""

from typing import Any

import pytest
from fastapi import APIRouter
from httpx import Client

from ecosystem.api.auth import Caller
from tests.memory_sign_in import ORIGIN, PASSWORD, Entrance

router = APIRouter()


@router.api_route("/api/thing", methods=["GET", "POST", "PATCH", "DELETE"])
def thing(caller: Caller) -> dict[str, Any]:
    """Stands for any endpoint."""
    return {"role": caller.role, "guest": bool(caller.guest_key)}


def client_of(entrance: Entrance, **headers: str) -> Client:
    entrance.api.include_router(router)
    return entrance.client(**headers)


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:3999.evil.example"},
    {"origin": "http://localhost:4000"},
    {"origin": "https://localhost:3999"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
]
OWN = [
    {"origin": ORIGIN},
    {"origin": "http://127.0.0.1:3999", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {},
]


@pytest.mark.parametrize("cookie", ["eco_session", "eco_guest"])
def test_a_foreign_page_changes_nothing(entrance: Entrance, cookie: str) -> None:
    value = entrance.enter()[0] if cookie == "eco_session" else "a guest"
    client = client_of(entrance, cookie=f"{cookie}={value}")
    for method in ("POST", "PATCH", "DELETE"):
        for headers in FOREIGN:
            answer = client.request(method, "/api/thing", headers=headers)
            assert answer.status_code == 403, (method, headers)
            assert answer.json()["code"] == "cross_origin"


def test_our_own_pages_and_programs_do(entrance: Entrance) -> None:
    cookie, _ = entrance.enter()
    client = client_of(entrance, cookie=f"eco_session={cookie}; eco_guest=someone")
    for headers in OWN:
        answer = client.post("/api/thing", headers=headers)
        assert answer.json() == {"role": "customer", "guest": True}, headers


def test_reading_is_open_and_a_token_needs_no_origin(entrance: Entrance) -> None:
    cookie, _ = entrance.enter()
    foreign = {"origin": "https://evil.example"}
    client = client_of(entrance, cookie=f"eco_session={cookie}")
    assert client.get("/api/thing", headers=foreign).status_code == 200
    email = entrance.person()
    token = entrance.cognito.sign_in(email, PASSWORD).tokens.access  # type: ignore[union-attr]
    bearer = client_of(entrance, authorization=f"Bearer {token}")
    assert bearer.post("/api/thing", headers=foreign).status_code == 200


def test_another_site_signs_nobody_in_or_out(entrance: Entrance) -> None:
    cookie, _ = entrance.enter()
    client = entrance.client(cookie=f"eco_session={cookie}")
    form = {"email": entrance.person(), "password": PASSWORD}
    for path in ("sign-in", "sign-up", "sign-out", "confirm", "reset-password"):
        answer = client.post(
            f"/api/auth/{path}", data=form, headers={"origin": "https://evil.example"}
        )
        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers
    assert client.get("/api/me").status_code == 200
