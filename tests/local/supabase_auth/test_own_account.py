"""A person's own account: recovery, links, password, address, second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError
from supabase_auth.types import MFAVerifyParams, VerifyTokenHashParams

from ecosystem.local.supabase_auth.factors import totp

if TYPE_CHECKING:
    from tests.local.supabase_auth.conftest import Person, Project

NEW_PASSWORD = "Newer-Pass-2026!"


def refused(status: int, code: str, act: Callable[[], object]) -> None:
    """The call must be refused with this status and code."""
    with pytest.raises(AuthApiError) as caught:
        act()
    assert (caught.value.status, caught.value.code) == (status, code), caught.value.message


def claims_of(client: SyncGoTrueClient) -> dict[str, Any]:
    """What the client's access token says."""
    session = client.get_session()
    assert session is not None
    return jwt.decode(session.access_token, options={"verify_signature": False})


# --- recovery and links ---------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_through_the_mailed_link(
    stand_in: Project, anyone: SyncGoTrueClient, person: Person
) -> None:
    anyone.reset_password_for_email(person.email)
    link = urlsplit(str(stand_in.last_mail(person.email)["link"]))
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{stand_in.site_url}/forgot-password"
    query = {key: values[0] for key, values in parse_qs(link.query).items()}
    assert (query["type"], query["provider"]) == ("recovery", "supabase")
    recovered = anyone.verify_otp({"token_hash": query["token_hash"], "type": "recovery"})
    assert recovered.session is not None
    anyone.update_user({"password": NEW_PASSWORD})
    other = stand_in.client()
    assert other.sign_in_with_password({"email": person.email, "password": NEW_PASSWORD}).user
    refused(
        400,
        "invalid_credentials",
        lambda: other.sign_in_with_password({"email": person.email, "password": person.password}),
    )


def test_recovery_answers_the_same_for_unknown_addresses(
    project: Project, person: Person, fresh_email: Callable[[], str]
) -> None:
    answers = [
        project.http.post(
            f"{project.auth_url}/recover", json={"email": email}, headers=project.headers()
        )
        for email in (person.email, fresh_email())
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [{}, {}]


def test_a_generated_link_works_once(
    admin: SyncGoTrueClient, anyone: SyncGoTrueClient, person: Person
) -> None:
    made = admin.admin.generate_link({"type": "recovery", "email": person.email}).properties
    redeem: VerifyTokenHashParams = {"token_hash": made.hashed_token, "type": "recovery"}
    answer = anyone.verify_otp(redeem)
    assert answer.user is not None
    assert answer.user.id == person.id
    refused(403, "otp_expired", lambda: anyone.verify_otp(redeem))


def test_a_generated_code_works_with_the_address_only(
    admin: SyncGoTrueClient,
    anyone: SyncGoTrueClient,
    person: Person,
    fresh_email: Callable[[], str],
) -> None:
    code = admin.admin.generate_link(
        {"type": "recovery", "email": person.email}
    ).properties.email_otp
    refused(
        403,
        "otp_expired",
        lambda: anyone.verify_otp({"email": fresh_email(), "token": code, "type": "recovery"}),
    )
    refused(
        403,
        "otp_expired",
        lambda: anyone.verify_otp({"email": person.email, "token": code, "type": "signup"}),
    )
    assert anyone.verify_otp({"email": person.email, "token": code, "type": "recovery"}).session


def test_a_sign_up_link_makes_the_person_and_confirms_them(
    admin: SyncGoTrueClient, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()
    made = admin.admin.generate_link({"type": "signup", "email": email, "password": NEW_PASSWORD})
    assert made.user.email_confirmed_at is None
    anyone.verify_otp({"token_hash": made.properties.hashed_token, "type": "signup"})
    assert anyone.sign_in_with_password({"email": email, "password": NEW_PASSWORD}).session


def test_a_browser_that_follows_a_link_is_sent_on_with_the_session(
    stand_in: Project, admin: SyncGoTrueClient, anyone: SyncGoTrueClient, person: Person
) -> None:
    made = admin.admin.generate_link(
        {
            "type": "magiclink",
            "email": person.email,
            "options": {"redirect_to": f"{stand_in.site_url}/after?a=1"},
        }
    ).properties
    answer = stand_in.http.get(made.action_link, follow_redirects=False)
    assert answer.status_code == 303
    target, _, fragment = answer.headers["location"].partition("#")
    assert target == f"{stand_in.site_url}/after?a=1"
    tokens = {key: values[0] for key, values in parse_qs(fragment).items()}
    user = anyone.get_user(tokens["access_token"])
    assert user is not None
    assert user.user.id == person.id
    assert anyone.refresh_session(tokens["refresh_token"]).session

    again = stand_in.http.get(made.action_link, follow_redirects=False)
    assert "error_code=otp_expired" in again.headers["location"]
    assert "access_token" not in again.headers["location"]


def test_tokens_are_never_sent_to_another_site(
    stand_in: Project, admin: SyncGoTrueClient, person: Person
) -> None:
    for elsewhere in ("https://evil.test/", f"{stand_in.site_url}.evil.test/", "//evil.test"):
        made = admin.admin.generate_link(
            {
                "type": "magiclink",
                "email": person.email,
                "options": {"redirect_to": elsewhere},
            }
        ).properties
        answer = stand_in.http.get(made.action_link, follow_redirects=False)
        assert answer.headers["location"].startswith(f"{stand_in.site_url}#access_token=")


# --- own data -------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions(
    project: Project, signed_in: SyncGoTrueClient, person: Person
) -> None:
    other = project.client()
    other.sign_in_with_password({"email": person.email, "password": person.password})
    signed_in.update_user({"password": NEW_PASSWORD})
    assert signed_in.get_user() is not None
    refused(403, "session_not_found", other.get_user)


def test_the_same_or_a_weak_password_is_refused(
    signed_in: SyncGoTrueClient, person: Person
) -> None:
    refused(422, "same_password", lambda: signed_in.update_user({"password": person.password}))
    with pytest.raises(Exception, match="at least") as caught:
        signed_in.update_user({"password": "short"})
    assert getattr(caught.value, "code", "") == "weak_password"


def test_own_metadata_is_merged_and_null_removes(signed_in: SyncGoTrueClient) -> None:
    signed_in.update_user({"data": {"phone": "1", "city": "Vienna"}})
    user = signed_in.update_user({"data": {"phone": None}}).user
    assert user.user_metadata["city"] == "Vienna"
    assert user.user_metadata["full_name"] == "Someone New"
    assert "phone" not in user.user_metadata


def test_nobody_changes_their_own_app_metadata(
    project: Project, signed_in: SyncGoTrueClient
) -> None:
    session = signed_in.get_session()
    assert session is not None
    answer = project.http.put(
        f"{project.auth_url}/user",
        json={"app_metadata": {"admin": True}},
        headers=project.headers(bearer=session.access_token)
        | {"X-Supabase-Api-Version": "2024-01-01"},
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_admin"


def test_a_new_address_counts_once_it_is_confirmed(
    stand_in: Project,
    signed_in: SyncGoTrueClient,
    person: Person,
    fresh_email: Callable[[], str],
) -> None:
    wanted = fresh_email()
    user = signed_in.update_user({"email": wanted.upper()}).user
    assert (user.email, user.new_email) == (person.email, wanted)
    link = str(stand_in.last_mail(wanted)["link"])
    token_hash = link.partition("token_hash=")[2].partition("&")[0]
    client = stand_in.client()
    answer = client.verify_otp({"token_hash": token_hash, "type": "email_change"})
    assert answer.user is not None
    assert answer.user.email == wanted
    assert answer.user.new_email is None
    assert (answer.user.identities or [])[0].identity_data["email"] == wanted
    assert client.sign_in_with_password({"email": wanted, "password": person.password}).user
    refused(
        400,
        "invalid_credentials",
        lambda: client.sign_in_with_password({"email": person.email, "password": person.password}),
    )


def test_an_address_of_someone_else_is_refused(
    admin: SyncGoTrueClient, signed_in: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    taken = fresh_email()
    admin.admin.create_user({"email": taken, "email_confirm": True})
    refused(422, "email_exists", lambda: signed_in.update_user({"email": taken}))


# --- second factor --------------------------------------------------------------------------


def test_a_second_factor_lifts_the_session_and_guards_the_account(
    project: Project, signed_in: SyncGoTrueClient, person: Person
) -> None:
    bystander = project.client()
    bystander.sign_in_with_password({"email": person.email, "password": person.password})
    enrolled = signed_in.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"})
    assert enrolled.totp is not None
    assert enrolled.totp.uri.startswith("otpauth://totp/")
    assert enrolled.totp.secret in enrolled.totp.uri
    assert "<svg" in enrolled.totp.qr_code
    assert signed_in.mfa.list_factors().totp == []

    opened = signed_in.mfa.challenge({"factor_id": enrolled.id})
    assert opened.expires_at > time.time()
    now = time.time()
    right = totp(enrolled.totp.secret, now)
    close = {totp(enrolled.totp.secret, now + 30 * step) for step in range(-2, 3)}
    wrong = next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555")
                 if code not in close)  # fmt: skip

    def attempt(code: str) -> MFAVerifyParams:
        return {"factor_id": enrolled.id, "challenge_id": opened.id, "code": code}

    refused(
        422,
        "mfa_verification_failed",
        lambda: signed_in.mfa.verify(attempt(wrong)),
    )
    assert claims_of(signed_in)["aal"] == "aal1"
    verified = signed_in.mfa.verify(attempt(right))
    assert verified.user.factors is not None
    assert [factor.status for factor in verified.user.factors] == ["verified"]
    claims = claims_of(signed_in)
    assert claims["aal"] == "aal2"
    assert {entry["method"] for entry in claims["amr"]} == {"password", "totp"}
    assert signed_in.refresh_session().session
    assert claims_of(signed_in)["aal"] == "aal2"
    refused(403, "session_not_found", bystander.get_user)

    # Whoever knows the password alone can do nothing that matters.
    later = project.client()
    later.sign_in_with_password({"email": person.email, "password": person.password})
    level = later.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal2")
    refused(401, "insufficient_aal", lambda: later.update_user({"password": NEW_PASSWORD}))
    refused(422, "insufficient_aal", lambda: later.mfa.unenroll({"factor_id": enrolled.id}))
    refused(
        403,
        "insufficient_aal",
        lambda: later.mfa.enroll({"factor_type": "totp", "friendly_name": "other"}),
    )

    assert signed_in.mfa.unenroll({"factor_id": enrolled.id}).id == enrolled.id
    signed_in.refresh_session()
    assert claims_of(signed_in)["aal"] == "aal1"
    assert signed_in.mfa.list_factors().all == []


def test_factor_names_are_unique_and_factors_private(
    project: Project, admin: SyncGoTrueClient, signed_in: SyncGoTrueClient
) -> None:
    enrolled = signed_in.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"})
    refused(
        422,
        "mfa_factor_name_conflict",
        lambda: signed_in.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"}),
    )
    stranger_email = f"stranger-{time.time_ns()}@mail.test"
    admin.admin.create_user(
        {"email": stranger_email, "password": NEW_PASSWORD, "email_confirm": True}
    )
    stranger = project.client()
    stranger.sign_in_with_password({"email": stranger_email, "password": NEW_PASSWORD})
    refused(
        404,
        "mfa_factor_not_found",
        lambda: stranger.mfa.challenge({"factor_id": enrolled.id}),
    )


def test_codes_follow_the_published_example() -> None:
    """RFC 6238, appendix B, its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp(secret, 59) == "287082"
    assert totp(secret, 1_111_111_109) == "081804"
    assert totp(secret, 20_000_000_000) == "353130"
