"""Programs bring the tokens that the vendors' own clients give them."""

from typing import Any

import boto3
import httpx
import pytest
from pycognito.aws_srp import AWSSRP
from supabase_auth import SyncGoTrueClient

from tests.browser.visitor import PASSWORD
from tests.live import Live


def me(live: Live, token: str) -> dict[str, Any]:
    answer = httpx.get(
        f"{live.url}/api/me", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("email", "role"),
    [("agent@demo.example", "agent"), ("customer@demo.example", "customer")],
)
def test_cognito_tokens_of_a_real_srp_sign_in_are_known(live: Live, email: str, role: str) -> None:
    given = live.settings
    cognito = boto3.client(
        "cognito-idp",
        region_name=given["AWS_REGION"],
        endpoint_url=given["AWS_ENDPOINT_URL"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    srp = AWSSRP(
        username=email,
        password=PASSWORD,
        pool_id=given["AWS_COGNITO_USER_POOL_ID"],
        client_id=given["AWS_COGNITO_CLIENT_ID"],
        client=cognito,
    )
    tokens = srp.authenticate_user()["AuthenticationResult"]
    for name in ("AccessToken", "IdToken"):
        found = me(live, tokens[name])
        assert (found["source"], found["role"], found["email"]) == ("cognito", role, email)
    cognito.close()


def test_a_supabase_token_of_the_official_client_is_known(live: Live) -> None:
    given = live.settings
    client = SyncGoTrueClient(
        url=f"{given['SUPABASE_URL']}/auth/v1",
        headers={"apikey": given["SUPABASE_ANON_KEY"]},
        auto_refresh_token=False,
        persist_session=False,
    )
    email = "operator@demo.example"
    session = client.sign_in_with_password({"email": email, "password": PASSWORD}).session
    assert session is not None
    found = me(live, session.access_token)
    assert (found["source"], found["role"], found["email"]) == ("supabase", "provider", email)
    assert found["operator_id"]
    client.close()


def test_a_token_that_was_changed_is_refused(live: Live) -> None:
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."}
    answer = httpx.get(f"{live.url}/api/me", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
