"""Sign-up, confirmation, sign-in, refresh, sign-out: the contract of Supabase Auth."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError
from supabase_auth.types import SignInWithEmailAndPasswordCredentials

if TYPE_CHECKING:
    from tests.local.supabase_auth.conftest import Person, Project

CLAIMS = {
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "email",
    "phone",
    "app_metadata",
    "user_metadata",
    "role",
    "aal",
    "amr",
    "session_id",
    "is_anonymous",
}


def refused(status: int, code: str, act: Callable[[], object]) -> AuthApiError:
    """The refusal of a call, which must have this status and code."""
    with pytest.raises(AuthApiError) as caught:
        act()
    assert (caught.value.status, caught.value.code) == (status, code), caught.value.message
    return caught.value


# --- signing up -----------------------------------------------------------------------------


def test_a_new_person_must_confirm_before_signing_in(
    stand_in: Project, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email, password = fresh_email(), "Right-Pass-2026!"
    answer = anyone.sign_up(
        {
            "email": email.upper(),
            "password": password,
            "options": {"data": {"full_name": "Ada"}},
        }
    )
    assert answer.session is None
    assert answer.user is not None
    assert answer.user.email == email
    assert answer.user.user_metadata["full_name"] == "Ada"
    assert answer.user.email_confirmed_at is None
    assert answer.user.confirmation_sent_at is not None
    assert [identity.provider for identity in answer.user.identities or []] == ["email"]

    credentials: SignInWithEmailAndPasswordCredentials = {"email": email, "password": password}
    refused(400, "email_not_confirmed", lambda: anyone.sign_in_with_password(credentials))

    mail = stand_in.last_mail(email)
    link = str(mail["link"])
    assert link.startswith(f"{stand_in.site_url}/confirm?token_hash=")
    assert link.endswith("&type=signup&provider=supabase")
    assert link in str(mail["body_text"])
    token_hash = link.partition("token_hash=")[2].partition("&")[0]
    confirmed = anyone.verify_otp({"token_hash": token_hash, "type": "signup"})
    assert confirmed.session is not None
    assert confirmed.user is not None
    assert confirmed.user.email_confirmed_at is not None
    assert anyone.sign_in_with_password(credentials).session is not None


def test_the_code_in_the_mail_confirms_too(
    stand_in: Project, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()
    anyone.sign_up({"email": email, "password": "Right-Pass-2026!"})
    text = str(stand_in.last_mail(email)["body_text"])
    code = text.partition("this code: ")[2][:6]
    assert code.isdigit()
    wrong = "000000" if code != "000000" else "000001"
    for kind in ("signup", "email"):
        refused(
            403,
            "otp_expired",
            lambda kind=kind: anyone.verify_otp({"email": email, "token": wrong, "type": kind}),
        )
    assert anyone.verify_otp({"email": email, "token": code, "type": "email"}).session
    refused(
        403,
        "otp_expired",
        lambda: anyone.verify_otp({"email": email, "token": code, "type": "email"}),
    )


def test_a_taken_address_looks_like_a_new_one(
    project: Project, anyone: SyncGoTrueClient, person: Person
) -> None:
    answer = anyone.sign_up({"email": person.email.title(), "password": "Other-Pass-2026!"})
    assert answer.session is None
    assert answer.user is not None
    assert answer.user.identities == []
    assert answer.user.id != person.id
    assert answer.user.email_confirmed_at is None
    assert (
        project.client()
        .sign_in_with_password({"email": person.email, "password": person.password})
        .session
    )


def test_an_unconfirmed_address_gets_another_mail_and_keeps_its_password(
    stand_in: Project, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()
    first = anyone.sign_up({"email": email, "password": "First-Pass-2026!"}).user
    old_link = str(stand_in.last_mail(email)["link"])
    second = anyone.sign_up({"email": email, "password": "Second-Pass-2026!"}).user
    assert first is not None
    assert second is not None
    assert first.id == second.id
    new_link = str(stand_in.last_mail(email)["link"])
    old_hash, new_hash = (
        link.partition("token_hash=")[2].partition("&")[0] for link in (old_link, new_link)
    )
    refused(
        403,
        "otp_expired",
        lambda: anyone.verify_otp({"token_hash": old_hash, "type": "signup"}),
    )
    anyone.verify_otp({"token_hash": new_hash, "type": "signup"})
    assert anyone.sign_in_with_password({"email": email, "password": "First-Pass-2026!"}).user


def test_a_confirmation_can_be_sent_again(
    stand_in: Project, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()
    anyone.sign_up({"email": email, "password": "Right-Pass-2026!"})
    first = stand_in.last_mail(email)
    anyone.resend({"type": "signup", "email": email})
    assert stand_in.last_mail(email)["id"] != first["id"]
    anyone.resend({"type": "signup", "email": fresh_email()})


def test_two_sign_ups_at_once_make_one_person(
    stand_in: Project, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()

    def sign_up(_: int) -> str:
        client = stand_in.client()
        user = client.sign_up({"email": email, "password": "Right-Pass-2026!"}).user
        assert user is not None
        return user.id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(sign_up, range(4)))
    rows = stand_in.rows("select id::text from auth.users where email = %s", email)
    assert {row["id"] for row in rows} == ids
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("password", "status", "code"),
    [("short", 422, "weak_password"), ("x" * 73, 422, "validation_failed")],
)
def test_passwords_have_8_characters_and_at_most_72_bytes(
    anyone: SyncGoTrueClient,
    fresh_email: Callable[[], str],
    password: str,
    status: int,
    code: str,
) -> None:
    with pytest.raises((AuthApiError, AuthWeakPasswordError)) as caught:
        anyone.sign_up({"email": fresh_email(), "password": password})
    assert (caught.value.status, caught.value.code) == (status, code)
    if isinstance(caught.value, AuthWeakPasswordError):
        assert "length" in caught.value.reasons


@pytest.mark.parametrize("email", ["no-at-sign", "two@@signs.test", "a b@c.test", "a@b"])
def test_malformed_addresses_are_refused(anyone: SyncGoTrueClient, email: str) -> None:
    refused(
        400,
        "validation_failed",
        lambda: anyone.sign_up({"email": email, "password": "Right-Pass-2026!"}),
    )


def test_nobody_signs_up_without_a_name(anyone: SyncGoTrueClient) -> None:
    refused(422, "anonymous_provider_disabled", anyone.sign_in_anonymously)


# --- signing in -----------------------------------------------------------------------------


def test_a_session_has_what_clients_rely_on(
    project: Project, anyone: SyncGoTrueClient, person: Person
) -> None:
    answer = anyone.sign_in_with_password({"email": person.email, "password": person.password})
    session = answer.session
    assert session is not None
    assert session.token_type == "bearer"
    assert session.expires_at == pytest.approx(time.time() + session.expires_in, abs=5)
    assert session.user.id == person.id
    assert session.user.last_sign_in_at is not None

    verified = anyone.get_claims(session.access_token)
    assert verified is not None
    claims: dict[str, Any] = dict(verified["claims"])
    assert set(claims) >= CLAIMS
    assert claims["iss"] == project.auth_url
    assert claims["sub"] == person.id
    assert claims["aud"] == "authenticated"
    assert claims["role"] == "authenticated"
    assert claims["email"] == person.email
    assert claims["aal"] == "aal1"
    assert claims["is_anonymous"] is False
    assert claims["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert claims["user_metadata"]["full_name"] == "Someone New"
    assert [entry["method"] for entry in claims["amr"]] == ["password"]


def test_tokens_verify_by_the_published_key_alone(
    stand_in: Project, signed_in: SyncGoTrueClient
) -> None:
    session = signed_in.get_session()
    assert session is not None
    header = jwt.get_unverified_header(session.access_token)
    assert header["alg"] == "ES256"
    keys = jwt.PyJWKClient(f"{stand_in.auth_url}/.well-known/jwks.json")
    key = keys.get_signing_key_from_jwt(session.access_token)
    assert key.key_id == header["kid"]
    claims = jwt.decode(
        session.access_token,
        key,
        algorithms=["ES256"],
        audience="authenticated",
        issuer=stand_in.auth_url,
    )
    assert claims["session_id"]
    published = stand_in.http.get(f"{stand_in.auth_url}/.well-known/jwks.json").json()["keys"]
    assert all("d" not in one for one in published), "the private part stays private"


def test_addresses_are_the_same_in_any_case(anyone: SyncGoTrueClient, person: Person) -> None:
    answer = anyone.sign_in_with_password(
        {"email": person.email.upper(), "password": person.password}
    )
    assert answer.user is not None
    assert answer.user.id == person.id


def test_an_unknown_person_and_a_wrong_password_look_the_same(
    anyone: SyncGoTrueClient, person: Person, fresh_email: Callable[[], str]
) -> None:
    messages = {
        refused(
            400,
            "invalid_credentials",
            lambda email=email: anyone.sign_in_with_password(
                {"email": email, "password": "Wrong-Pass-2026!"}
            ),
        ).message
        for email in (person.email, fresh_email())
    }
    assert len(messages) == 1


def test_a_password_counts_to_its_72nd_byte(
    admin: SyncGoTrueClient, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email, longest = fresh_email(), "ä" * 36
    admin.admin.create_user({"email": email, "password": longest, "email_confirm": True})
    assert anyone.sign_in_with_password({"email": email, "password": longest}).session
    refused(
        400,
        "invalid_credentials",
        lambda: anyone.sign_in_with_password({"email": email, "password": longest[:-1] + "b"}),
    )


# --- refreshing -----------------------------------------------------------------------------


def test_a_refresh_gives_new_tokens_of_the_same_session(
    anyone: SyncGoTrueClient, signed_in: SyncGoTrueClient
) -> None:
    old = signed_in.get_session()
    new = signed_in.refresh_session().session
    assert old is not None
    assert new is not None
    assert new.refresh_token != old.refresh_token
    before, after = (
        jwt.decode(one.access_token, options={"verify_signature": False}) for one in (old, new)
    )
    assert before["session_id"] == after["session_id"]
    assert anyone.get_user(new.access_token) is not None


def test_a_reused_refresh_token_revokes_its_family(
    project: Project, signed_in: SyncGoTrueClient
) -> None:
    first = signed_in.get_session()
    assert first is not None
    signed_in.refresh_session()
    newest = signed_in.refresh_session().session
    assert newest is not None
    if project.real:
        time.sleep(11)  # Supabase tolerates a reuse for ten seconds.
    thief = project.client()
    for token in (first.refresh_token, newest.refresh_token):
        refused(
            400,
            "refresh_token_already_used",
            lambda token=token: thief.refresh_session(token),
        )


def test_of_two_swaps_at_once_only_one_succeeds(
    stand_in: Project, signed_in: SyncGoTrueClient
) -> None:
    session = signed_in.get_session()
    assert session is not None

    def swap(_: int) -> bool:
        try:
            stand_in.client().refresh_session(session.refresh_token)
        except AuthApiError as error:
            assert error.code == "refresh_token_already_used"
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(swap, range(4))) == [False, False, False, True]


def test_an_unknown_refresh_token_is_told_apart(anyone: SyncGoTrueClient) -> None:
    refused(400, "refresh_token_not_found", lambda: anyone.refresh_session("never-issued-token"))


# --- the bearer -----------------------------------------------------------------------------


def test_a_token_that_is_not_ours_is_refused(
    anyone: SyncGoTrueClient, signed_in: SyncGoTrueClient
) -> None:
    session = signed_in.get_session()
    assert session is not None
    header, payload, signature = session.access_token.split(".")
    forged = ".".join((header, payload, signature[::-1]))
    for token in (forged, "not-a-token"):
        refused(403, "bad_jwt", lambda token=token: anyone.get_user(token))
    claims = jwt.decode(session.access_token, options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    refused(403, "bad_jwt", lambda: anyone.get_user(unsigned))


def test_without_a_bearer_there_is_nobody(project: Project) -> None:
    answer = project.http.get(
        f"{project.auth_url}/user",
        headers={"apikey": project.anon_key, "X-Supabase-Api-Version": "2024-01-01"},
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "no_authorization"
    assert answer.headers["X-Supabase-Api-Version"] == "2024-01-01"


# --- signing out ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "here", "elsewhere"),
    [("local", False, True), ("others", True, False), ("global", False, False)],
)
def test_signing_out_ends_the_sessions_of_its_scope(
    project: Project, person: Person, scope: str, here: bool, elsewhere: bool
) -> None:
    tokens: list[str] = []
    for _ in range(2):
        client = project.client()
        session = client.sign_in_with_password(
            {"email": person.email, "password": person.password}
        ).session
        assert session is not None
        tokens.append(session.access_token)
    answer = project.http.post(
        f"{project.auth_url}/logout",
        params={"scope": scope},
        headers=project.headers(bearer=tokens[0]),
    )
    assert answer.status_code == 204
    for token, alive in zip(tokens, (here, elsewhere), strict=True):
        if alive:
            assert project.client().get_user(token) is not None
        else:
            refused(
                403,
                "session_not_found",
                lambda token=token: project.client().get_user(token),
            )


def test_a_signed_out_session_can_not_be_refreshed(
    project: Project, signed_in: SyncGoTrueClient
) -> None:
    session = signed_in.get_session()
    assert session is not None
    signed_in.sign_out()
    refused(
        400,
        "refresh_token_not_found",
        lambda: project.client().refresh_session(session.refresh_token),
    )


# --- the gateway ----------------------------------------------------------------------------


def test_every_call_needs_a_key_of_the_project(project: Project) -> None:
    url = f"{project.auth_url}/token?grant_type=password"
    body = {"email": "nobody@mail.test", "password": "Right-Pass-2026!"}
    without = project.http.post(url, json=body)
    assert without.status_code == 401
    assert without.json()["message"] == "No API key found in request"
    wrong = project.http.post(url, json=body, headers={"apikey": "no-key-of-this-project"})
    assert wrong.status_code == 401
    assert wrong.json()["message"] == "Invalid API key"


def test_keys_are_published_without_a_key(project: Project) -> None:
    assert project.http.get(f"{project.auth_url}/.well-known/jwks.json").status_code == 200
