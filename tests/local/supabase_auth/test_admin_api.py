"""What the service key may do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import argon2
import bcrypt
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError
from supabase_auth.types import SignInWithEmailAndPasswordCredentials

if TYPE_CHECKING:
    from tests.local.supabase_auth.conftest import Person, Project

PASSWORD = "Right-Pass-2026!"


def refused(status: int, code: str, act: Callable[[], object]) -> None:
    """The call must be refused with this status and code."""
    with pytest.raises(AuthApiError) as caught:
        act()
    assert (caught.value.status, caught.value.code) == (status, code), caught.value.message


def test_only_the_service_key_is_an_admin(project: Project, signed_in: SyncGoTrueClient) -> None:
    session = signed_in.get_session()
    assert session is not None
    answer = project.http.get(
        f"{project.auth_url}/admin/users",
        headers=project.headers(bearer=session.access_token)
        | {"X-Supabase-Api-Version": "2024-01-01"},
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_admin"


def test_a_person_is_created_with_everything_given(
    admin: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    wanted = str(uuid.uuid4())
    email = fresh_email()
    user = admin.admin.create_user(
        {
            "id": wanted,
            "email": email.upper(),
            "password": PASSWORD,
            "email_confirm": True,
            "user_metadata": {"full_name": "Ada"},
            "app_metadata": {"operator": "alpine"},
        }
    ).user
    assert (user.id, user.email) == (wanted, email)
    assert user.email_confirmed_at is not None
    assert user.app_metadata["operator"] == "alpine"
    assert user.app_metadata["provider"] == "email"
    found = admin.admin.get_user_by_id(wanted).user
    assert found.user_metadata["full_name"] == "Ada"
    refused(422, "email_exists", lambda: admin.admin.create_user({"email": email}))


@pytest.mark.parametrize(
    "hashed",
    [
        lambda password: bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode(),
        argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash,
    ],
    ids=["bcrypt", "argon2"],
)
def test_a_hash_from_elsewhere_lets_its_owner_in(
    admin: SyncGoTrueClient,
    anyone: SyncGoTrueClient,
    fresh_email: Callable[[], str],
    hashed: Callable[[str], str],
) -> None:
    email = fresh_email()
    admin.admin.create_user(
        {"email": email, "password_hash": hashed(PASSWORD), "email_confirm": True}
    )
    assert anyone.sign_in_with_password({"email": email, "password": PASSWORD}).session
    refused(
        400,
        "invalid_credentials",
        lambda: anyone.sign_in_with_password({"email": email, "password": "Wrong-Pass-2026!"}),
    )


def test_a_hash_of_another_sort_is_refused(
    admin: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    refused(
        400,
        "validation_failed",
        lambda: admin.admin.create_user(
            {"email": fresh_email(), "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99"}
        ),
    )


def test_without_a_password_nobody_gets_in_until_it_is_set(
    admin: SyncGoTrueClient, anyone: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    email = fresh_email()
    user = admin.admin.create_user({"email": email, "email_confirm": True}).user
    refused(
        400,
        "invalid_credentials",
        lambda: anyone.sign_in_with_password({"email": email, "password": PASSWORD}),
    )
    admin.admin.update_user_by_id(user.id, {"password": PASSWORD})
    assert anyone.sign_in_with_password({"email": email, "password": PASSWORD}).session


def test_a_banned_person_stays_out_until_the_ban_is_lifted(
    admin: SyncGoTrueClient, project: Project, signed_in: SyncGoTrueClient, person: Person
) -> None:
    session = signed_in.get_session()
    assert session is not None
    banned = admin.admin.update_user_by_id(person.id, {"ban_duration": "1h30m"}).user
    assert banned.banned_until is not None
    client = project.client()
    credentials: SignInWithEmailAndPasswordCredentials = {
        "email": person.email,
        "password": person.password,
    }
    refused(400, "user_banned", lambda: client.sign_in_with_password(credentials))
    refused(400, "user_banned", lambda: client.refresh_session(session.refresh_token))
    admin.admin.update_user_by_id(person.id, {"ban_duration": "none"})
    assert client.sign_in_with_password(credentials).session
    refused(
        400,
        "validation_failed",
        lambda: admin.admin.update_user_by_id(person.id, {"ban_duration": "soon"}),
    )


def test_an_address_is_changed_and_confirmed(
    admin: SyncGoTrueClient,
    anyone: SyncGoTrueClient,
    person: Person,
    fresh_email: Callable[[], str],
) -> None:
    email = fresh_email()
    user = admin.admin.update_user_by_id(person.id, {"email": email}).user
    assert user.email == email
    assert anyone.sign_in_with_password({"email": email, "password": person.password}).user

    unconfirmed = admin.admin.create_user({"email": fresh_email(), "password": PASSWORD}).user
    assert unconfirmed.email_confirmed_at is None
    confirmed = admin.admin.update_user_by_id(unconfirmed.id, {"email_confirm": True}).user
    assert confirmed.email_confirmed_at is not None


def test_metadata_is_merged(admin: SyncGoTrueClient, person: Person) -> None:
    admin.admin.update_user_by_id(
        person.id, {"app_metadata": {"a": 1, "b": 2}, "user_metadata": {"city": "Graz"}}
    )
    user = admin.admin.update_user_by_id(person.id, {"app_metadata": {"a": None}}).user
    assert user.app_metadata["b"] == 2
    assert "a" not in user.app_metadata
    assert user.user_metadata["city"] == "Graz"


def test_a_new_password_by_the_admin_ends_every_session(
    admin: SyncGoTrueClient, signed_in: SyncGoTrueClient, person: Person
) -> None:
    admin.admin.update_user_by_id(person.id, {"password": "Newer-Pass-2026!"})
    refused(403, "session_not_found", signed_in.get_user)


def test_people_are_listed_newest_first_page_by_page(
    project: Project, admin: SyncGoTrueClient, fresh_email: Callable[[], str]
) -> None:
    ids = [admin.admin.create_user({"email": fresh_email()}).user.id for _ in range(3)]
    assert [user.id for user in admin.admin.list_users(page=1, per_page=3)] == ids[::-1]
    assert [user.id for user in admin.admin.list_users(page=3, per_page=1)] == [ids[0]]
    assert len(admin.admin.list_users()) <= 50
    answer = project.http.get(
        f"{project.auth_url}/admin/users?per_page=1", headers=project.headers(service=True)
    )
    assert int(answer.headers["x-total-count"]) >= 3
    assert 'rel="next"' in answer.headers["link"]


def test_a_deleted_person_is_gone(
    admin: SyncGoTrueClient, signed_in: SyncGoTrueClient, person: Person
) -> None:
    admin.admin.delete_user(person.id)
    refused(404, "user_not_found", lambda: admin.admin.get_user_by_id(person.id))
    refused(403, "user_not_found", signed_in.get_user)
    refused(404, "user_not_found", lambda: admin.admin.delete_user(person.id))


def test_a_soft_deleted_person_leaves_the_address_free(
    admin: SyncGoTrueClient, anyone: SyncGoTrueClient, person: Person
) -> None:
    admin.admin.delete_user(person.id, should_soft_delete=True)
    kept = admin.admin.get_user_by_id(person.id).user
    assert kept.email != person.email
    assert kept.deleted_at is not None
    refused(
        400,
        "invalid_credentials",
        lambda: anyone.sign_in_with_password({"email": person.email, "password": person.password}),
    )
    assert admin.admin.create_user({"email": person.email}).user.id != person.id


def test_an_admin_removes_the_factor_of_a_lost_device(
    admin: SyncGoTrueClient, signed_in: SyncGoTrueClient, person: Person
) -> None:
    enrolled = signed_in.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"})
    listed = admin.admin.mfa.list_factors({"user_id": person.id})
    assert [factor.id for factor in listed] == [enrolled.id]
    gone = admin.admin.mfa.delete_factor({"user_id": person.id, "id": enrolled.id})
    assert gone.id == enrolled.id
    assert admin.admin.mfa.list_factors({"user_id": person.id}) == []
