"""Operators' people move from Supabase Auth to Cognito at their next sign-in."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from ecosystem.adapters.cognito import Accounts
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import people
from ecosystem.domain.errors import Forbidden, Invalid, SignInRequired, Unavailable
from ecosystem.lambdas import user_migration
from ecosystem.services.account_moves import REASONS, AccountMoves
from ecosystem.services.entering import Entered
from ecosystem.services.sign_in import CodeWanted
from ecosystem.services.sign_in_blocks import SignInBlocks
from ecosystem.services.sign_in_moves import SignInMoves
from tests.door import Door, open_door, sign_up_form
from tests.sign_in_stack import (
    ANON_KEY,
    COGNITO_CODE,
    COGNITO_RESET_CODE,
    PASSWORD,
    SERVICE_KEY,
    totp,
)

# Its stand-ins take seconds to start: one worker has them.
pytestmark = pytest.mark.xdist_group("sign-in-moves")

OTHER_PASSWORD = "Other-Pass-2027"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
def door(opened: Door) -> Iterator[Door]:
    """A product whose operators' sign-in moves."""
    opened.moves.on = True
    yield opened
    opened.moves.on = False


@pytest.fixture
def accounts(door: Door) -> Accounts:
    return Accounts(door.cognito)


def form(email: str) -> dict[str, str]:
    return sign_up_form("provider", email)


@contextmanager
def accounts_in_rds(door: Door) -> Iterator[None]:
    """While the operators' tables live in RDS, empty at first."""

    def placed(where: str) -> None:
        with door.database.unit(RDS) as session:
            session.execute(
                text("update migration_groups set authority = :where where name = 'accounts'"),
                {"where": where},
            )
        door.database.placement.forget()

    placed("rds")
    try:
        yield
    finally:
        placed("supabase")


def refused(call: Callable[[], object], code: str = "invalid_credentials") -> None:
    with pytest.raises(Invalid) as caught:
        call()
    assert caught.value.code == code


def change(door: Door, email: str, assignment: str) -> None:
    """Let Supabase's own administrator change an account."""
    with psycopg.connect(door.mails.database_url) as connection:
        connection.execute(
            f"update auth.users set {assignment} where email = %s".encode(), (email,)
        )


def old_password(door: Door, email: str, password: str = PASSWORD) -> bool:
    """Whether Supabase Auth itself, without us, takes this password."""
    try:
        door.supabase.sign_in(email, password)
    except Invalid:
        return False
    return True


def test_an_operator_moves_at_the_next_sign_in_and_stays_who_she_is(
    door: Door, accounts: Accounts
) -> None:
    email = door.newcomer("provider")
    door.moves.on = False
    before = door.enter(email)
    assert before.actor.source == "supabase"
    assert accounts.holder(email) is None

    door.moves.on = True
    first = door.enter(email.upper(), PASSWORD)
    assert first.actor == replace(before.actor, source="cognito")
    holder = accounts.holder(email)
    assert holder is not None
    assert holder.moved
    assert UUID(holder.supabase_id) == before.actor.user_id
    found = door.cognito.find(email)
    assert found is not None
    assert found.groups == ("providers",)
    # Cognito knows her now: Supabase is not asked any more.
    assert door.enter(email).actor == first.actor
    assert door.sign_in.actor_for_session(before.cookie) == before.actor, "sessions survive"
    assert (
        door.count(
            RDS,
            "select count(*) from audit_log where action = 'account.moved' and subject_id = :id",
            id=str(first.actor.user_id),
        )
        == 1
    )
    answer = door.cognito.sign_in(email, PASSWORD)
    for token in (answer.tokens.access, answer.tokens.id):  # type: ignore[union-attr]
        assert door.sign_in.actor_for_token(token) == first.actor


def test_whoever_supabase_does_not_let_in_is_not_made(door: Door, accounts: Accounts) -> None:
    emails = {name: door.newcomer("provider") for name in ("wrong", "banned", "deleted", "none")}
    change(door, emails["banned"], "banned_until = now() + interval '1 day'")
    change(door, emails["deleted"], "deleted_at = now()")
    change(door, emails["none"], "encrypted_password = ''")
    refused(lambda: door.enter(emails["wrong"], "Wrong-Pass-2026"))
    for name in ("banned", "deleted", "none"):
        refused(lambda name=name: door.enter(emails[name]))
    unconfirmed = f"{uuid4().hex[:12]}@people.example"
    door.supabase.sign_up(unconfirmed, PASSWORD, "Ada")
    refused(lambda: door.enter(unconfirmed), "email_not_confirmed")
    for email in (*emails.values(), unconfirmed):
        assert accounts.holder(email) is None


def test_somebody_of_no_operator_is_not_made(door: Door, accounts: Accounts) -> None:
    email = f"{uuid4().hex[:12]}@people.example"
    door.supabase.sign_up(email, PASSWORD, "Eve")
    door.supabase.confirm(email, door.mails.mailed_code(email))
    with pytest.raises(Forbidden):
        door.enter(email)
    assert accounts.holder(email) is None


def test_a_password_that_cognito_would_refuse_stays_until_it_is_changed(
    door: Door, accounts: Accounts
) -> None:
    email = door.newcomer("provider")
    user_id = door.enter(email).actor.user_id
    door.cognito._client.admin_delete_user(UserPoolId=door.cognito._pool_id, Username=email)
    door.supabase.set_password(str(user_id), "weak but long")
    assert door.enter(email, "weak but long").actor.source == "supabase"
    assert accounts.holder(email) is None
    door.sign_in.forgot_password({"email": email})
    code = door.mails.mailed_code(email)
    door.sign_in.reset_password({"email": email, "code": code, "password": OTHER_PASSWORD})
    assert door.enter(email, OTHER_PASSWORD).actor.source == "cognito"


def test_two_tabs_at_once_make_one_account(door: Door, accounts: Accounts) -> None:
    email = door.newcomer("provider")
    together = threading.Barrier(3)
    actors: list[Any] = []

    def tab() -> None:
        together.wait()
        actors.append(door.enter(email).actor)

    tabs = [threading.Thread(target=tab) for _ in range(3)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert len(actors) == 3
    assert len({actor.user_id for actor in actors}) == 1
    assert sum(account.email == email for account in accounts.everyone()) == 1


def test_a_tab_that_was_overtaken_by_another_comes_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = door.newcomer("provider")
    real = SupabaseAuth.sign_in

    def overtaken(self: SupabaseAuth, *arguments: str) -> Any:
        proof = real(self, *arguments)
        with monkeypatch.context() as patch:
            patch.setattr(SupabaseAuth, "sign_in", real)
            door.enter(email)
        return proof

    monkeypatch.setattr(SupabaseAuth, "sign_in", overtaken)
    assert door.enter(email).actor.source == "cognito"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(4))
def test_a_move_survives_a_kill_before_any_step(
    door: Door, accounts: Accounts, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After 0 to 3 of: the account, the group, the password, the sign-in at Cognito."""
    email = door.newcomer("provider")
    names = ("admin_create_user", "admin_add_user_to_group", "admin_set_user_password")

    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        if step < len(names):
            patch.setattr(door.cognito._client, names[step], killed)
        else:
            patch.setattr(SignInMoves, "_leave", killed)
        with pytest.raises(Killed):
            door.enter(email)
    holder = accounts.holder(email)
    assert (holder is not None and holder.moved) == (step == 3)
    assert (door.cognito.find(email) is not None) == (step == 3), "resets go to Supabase until then"
    actor = door.enter(email).actor
    assert (actor.role, actor.source) == ("provider", "cognito")


def test_what_cognito_fails_at_keeps_nobody_out(
    door: Door, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = door.newcomer("provider")

    def unavailable(*_: Any, **__: Any) -> None:
        raise Unavailable("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "take_in", unavailable)
        assert door.enter(email).actor.source == "supabase"
    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "holder", unavailable)
        with pytest.raises(Unavailable):
            door.enter(email)
    assert door.enter(email).actor.source == "cognito"


def test_the_old_password_and_the_old_account_let_nobody_in_after_the_move(
    door: Door, accounts: Accounts
) -> None:
    email = door.newcomer("provider")
    user_id = door.enter(email).actor.user_id
    # Changed at Cognito by another client, which tells Supabase nothing.
    door.cognito._client.admin_set_user_password(
        UserPoolId=door.cognito._pool_id, Username=email, Password=OTHER_PASSWORD, Permanent=True
    )
    assert old_password(door, email)
    refused(lambda: door.enter(email))
    assert door.enter(email, OTHER_PASSWORD).actor.user_id == user_id
    door.cognito._client.admin_disable_user(UserPoolId=door.cognito._pool_id, Username=email)
    refused(lambda: door.enter(email, OTHER_PASSWORD))
    refused(lambda: door.enter(email))
    holder = accounts.holder(email)
    assert holder is not None
    assert holder.state == "disabled"


def test_an_address_in_both_systems_takes_nothing_over(door: Door, accounts: Accounts) -> None:
    email = door.newcomer("provider")
    door.cognito.sign_up(email, OTHER_PASSWORD, "The same mailbox, as a customer")
    door.cognito.confirm(email, COGNITO_CODE)
    customer = door.enter(email, OTHER_PASSWORD).actor
    assert customer.role == "customer"
    actor = door.enter(email).actor
    assert (actor.role, actor.source) == ("provider", "supabase")
    assert door.enter(email, OTHER_PASSWORD).actor == customer
    holder = accounts.holder(email)
    assert holder is not None
    assert not holder.supabase_id


def test_a_stranger_who_began_to_sign_up_with_the_address_is_in_nobodys_way(
    door: Door, accounts: Accounts
) -> None:
    email = door.newcomer("provider")
    door.cognito.sign_up(email, OTHER_PASSWORD, "Eve")
    assert door.enter(email).actor.source == "cognito"
    refused(lambda: door.enter(email, OTHER_PASSWORD))


def test_a_new_password_goes_to_both(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    email = door.newcomer("provider")
    entered = door.enter(email)
    reset = {"email": email, "code": COGNITO_RESET_CODE, "password": OTHER_PASSWORD}
    door.sign_in.forgot_password({"email": email})
    with monkeypatch.context() as patch:

        def unavailable(*_: Any) -> None:
            raise Unavailable("Not now.")

        patch.setattr(SupabaseAuth, "set_password", unavailable)
        with pytest.raises(Unavailable):
            door.sign_in.reset_password(reset)
    assert door.sessions.find(entered.cookie) is None, "in any case"
    door.sign_in.forgot_password({"email": email})
    door.sign_in.reset_password(reset)
    refused(lambda: door.enter(email))
    assert door.enter(email, OTHER_PASSWORD).actor == entered.actor
    assert old_password(door, email, OTHER_PASSWORD)
    assert not old_password(door, email)
    # The way back: with the move switched off, Supabase lets the same password in.
    door.moves.on = False
    assert door.enter(email, OTHER_PASSWORD).actor.operator_id == entered.actor.operator_id


def with_app(door: Door) -> tuple[str, Entered, str]:
    """Somebody with an authenticator app at Supabase: address, where she is signed in, secret."""
    email = door.newcomer("provider")
    door.moves.on = False
    first = door.enter(email)
    enrolment = door.sign_in.start_enrolment(first.cookie)
    door.sign_in.finish_enrolment(first.cookie, {"code": totp(enrolment.secret)})
    assert not door.sign_in.moves_with_app(first.actor)
    door.moves.on = True
    return email, comes_in(door, email, enrolment.secret), enrolment.secret


def comes_in(door: Door, email: str, secret: str) -> Entered:
    wanted = door.sign_in.sign_in({"email": email, "password": PASSWORD})
    assert isinstance(wanted, CodeWanted)
    return door.sign_in.second_factor(wanted.challenge, {"code": totp(secret)})


def test_who_has_an_app_at_supabase_stays_with_it(door: Door, accounts: Accounts) -> None:
    email, entered, secret = with_app(door)
    assert comes_in(door, email, secret).actor == entered.actor
    assert door.sign_in.moves_with_app(entered.actor)
    assert accounts.holder(email) is None


def test_who_sets_up_her_app_anew_moves_with_it(door: Door, accounts: Accounts) -> None:
    email, entered, old = with_app(door)
    fresh = door.sign_in.start_enrolment(entered.cookie)
    assert fresh.secret != old
    # Until she has finished nothing is another: not the sign-in, not the way to a new password.
    assert comes_in(door, email, old).actor.source == "supabase"
    assert door.cognito.find(email) is None
    holder = accounts.holder(email)
    assert holder is not None
    assert not holder.moved

    def finish(password: str, code: str) -> None:
        door.sign_in.finish_enrolment(entered.cookie, {"code": code, "password": password})

    refused(lambda: finish("Wrong-Pass-2026", totp(fresh.secret)))
    refused(lambda: finish(PASSWORD, totp(old)), "wrong_code")
    assert comes_in(door, email, old).actor.source == "supabase"
    # She begins again in another tab; what the first one showed is worth nothing.
    later = door.sign_in.start_enrolment(entered.cookie)
    refused(lambda: finish(PASSWORD, totp(fresh.secret)), "wrong_code")
    finish(PASSWORD, totp(later.secret))
    assert not door.sign_in.moves_with_app(entered.actor)
    now = comes_in(door, email, later.secret)
    assert now.actor == replace(entered.actor, source="cognito")
    assert door.sign_in.actor_for_session(entered.cookie) == entered.actor, "sessions survive"
    assert old_password(door, email), "the operators' older application asks as before"
    refused(lambda: door.enter(email, "Wrong-Pass-2026"))


@pytest.mark.parametrize("step", range(3))
def test_a_new_app_survives_a_kill_before_any_step(
    door: Door, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before: the app counts, the password is hers, the account is hers."""
    email, entered, old = with_app(door)
    fresh = door.sign_in.start_enrolment(entered.cookie)
    names = ("verify_software_token", "admin_set_user_password", "admin_update_user_attributes")

    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    form = {"code": totp(fresh.secret), "password": PASSWORD}
    with monkeypatch.context() as patch:
        patch.setattr(door.cognito._client, names[step], killed)
        with pytest.raises(Killed):
            door.sign_in.finish_enrolment(entered.cookie, form)
    if step == 2:
        # All that she needs is there, and the sign-in that uses it finishes the move.
        assert comes_in(door, email, fresh.secret).actor.source == "cognito"
        found = door.cognito.find(email)
        assert found is not None
        assert found.supabase_id == str(entered.actor.user_id)
        return
    assert comes_in(door, email, old).actor.source == "supabase"
    later = door.sign_in.start_enrolment(entered.cookie)
    again = {"code": totp(later.secret), "password": PASSWORD}
    door.sign_in.finish_enrolment(entered.cookie, again)
    assert comes_in(door, email, later.secret).actor.source == "cognito"


def test_whose_app_was_taken_off_moves_with_her_password_alone(
    door: Door, accounts: Accounts
) -> None:
    email, entered, _ = with_app(door)
    door.sign_in.start_enrolment(entered.cookie)
    with psycopg.connect(door.mails.database_url) as connection:
        connection.execute(
            "delete from auth.mfa_factors where user_id = %s", (entered.actor.user_id,)
        )
    assert door.enter(email).actor == replace(entered.actor, source="cognito")


def test_a_block_at_supabase_reaches_who_has_moved(door: Door, accounts: Accounts) -> None:
    email, by_hand, waits = (door.newcomer("provider") for _ in range(3))
    here, elsewhere = door.enter(email), door.enter(by_hand)
    door.moves.on = False
    stayed = door.enter(waits)
    door.moves.on = True
    token = door.cognito.sign_in(email, PASSWORD).tokens.id  # type: ignore[union-attr]
    door.cognito._client.admin_disable_user(UserPoolId=door.cognito._pool_id, Username=by_hand)
    blocks = SignInBlocks(door.database, accounts, door.sessions)
    for one in (email, by_hand, waits):
        change(door, one, "banned_until = now() + interval '1 day'")
    assert blocks.step() == 1
    for entered in (here, elsewhere, stayed):
        assert door.sessions.find(entered.cookie) is None
    refused(lambda: door.enter(email))
    with pytest.raises(SignInRequired):
        door.sign_in.actor_for_token(token)
    assert blocks.step() == 0
    # Deleted altogether: nobody says that she may come in again.
    for one in (email, by_hand, waits):
        change(door, one, "banned_until = null")
    change(door, email, "deleted_at = now()")
    assert blocks.step() == 0
    change(door, email, "deleted_at = null")
    assert blocks.step() == 1
    assert door.enter(email).actor == here.actor
    refused(lambda: door.enter(by_hand))
    assert not list(accounts.blocked())


def test_who_is_blocked_while_she_moves_is_found(
    door: Door, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    email, now = door.newcomer("provider"), 100.0
    blocks = SignInBlocks(door.database, accounts, door.sessions, lambda: now)
    real = Accounts.take_in

    def overtaken(self: Accounts, *arguments: str) -> None:
        # Supabase has vouched for her; before the account is made she is blocked and looked for.
        change(door, email, "banned_until = now() + interval '1 day'")
        blocks.step()
        real(self, *arguments)

    monkeypatch.setattr(Accounts, "take_in", overtaken)
    door.enter(email)
    now += 30
    assert blocks.step() == 1
    refused(lambda: door.enter(email))
    change(door, email, "banned_until = null")
    assert blocks.step() == 1


def test_new_operators_begin_where_their_tables_are(door: Door, accounts: Accounts) -> None:
    known, begun = door.newcomer("provider"), f"{uuid4().hex[:12]}@people.example"
    door.sign_in.sign_up(form(begun))
    with accounts_in_rds(door):
        # Begun at Supabase before the tables moved, finished after.
        door.sign_in.confirm({"email": begun, "code": door.mails.mailed_code(begun)})
        assert door.enter(begun).actor.operator_id
        # An operator's address is taken, wherever its sign-in is.
        with door.database.unit(ACCOUNTS) as session:
            people.add_user(session, uuid4(), known, "Ada Lovelace")
        door.sign_in.sign_up(form(known))
        assert accounts.holder(known) is None
        email = f"{uuid4().hex[:12]}@people.example"
        door.sign_in.sign_up(form(email))
        refused(lambda: door.sign_in.confirm({"email": email, "code": "000000"}), "wrong_code")
        door.sign_in.resend({"email": email})
        door.sign_in.confirm({"email": email, "code": COGNITO_CODE})
        entered = door.enter(email)
        assert (entered.actor.role, entered.actor.source) == ("provider", "cognito")
        found = door.cognito.find(email)
        assert found is not None
        assert found.groups == ("providers",)
        assert str(entered.actor.user_id) == found.subject
        answer = door.cognito.sign_in(email, PASSWORD)
        assert door.sign_in.actor_for_token(answer.tokens.access) == entered.actor  # type: ignore[union-attr]
        late = f"{uuid4().hex[:12]}@people.example"
        door.sign_in.sign_up(form(late))
    # Back at Supabase, whose key knows no such person: nothing breaks, and it is said.
    door.sign_in.confirm({"email": late, "code": COGNITO_CODE})
    with pytest.raises(Unavailable):
        door.enter(late)


def test_an_app_is_not_set_up_where_nobody_would_ask_for_it(door: Door) -> None:
    email = door.newcomer("provider")
    door.moves.on = False
    old = door.enter(email)
    door.moves.on = True
    new = door.enter(email)
    with pytest.raises(SignInRequired):
        door.sign_in.start_enrolment(old.cookie)
    enrolment = door.sign_in.start_enrolment(new.cookie)
    door.sign_in.finish_enrolment(new.cookie, {"code": totp(enrolment.secret)})
    assert isinstance(door.sign_in.sign_in({"email": email, "password": PASSWORD}), CodeWanted)


def test_moved_waiting_and_impossible_people_are_counted(door: Door) -> None:
    counting = AccountMoves(door.database, Accounts(door.cognito))
    before = counting.count()
    moved, waiting, banned, twice, none = (door.newcomer("provider") for _ in range(5))
    app, _, _ = with_app(door)
    change(door, none, "encrypted_password = ''")
    door.enter(moved)
    change(door, banned, "banned_until = now() + interval '1 day'")
    door.cognito.sign_up(twice, OTHER_PASSWORD, "Ada")
    door.cognito.confirm(twice, COGNITO_CODE)
    assert door.count(ACCOUNTS, "select count(*) from users where email = :e", e=waiting) == 1
    after = counting.count()
    assert after.moved == before.moved + 1
    assert after.waiting == before.waiting + 3
    for reason in ("no_password", "second_factor"):
        assert after.waiting_for[reason] == before.waiting_for.get(reason, 0) + 1
    for reason in ("banned", "duplicate_email"):
        assert after.impossible[reason] == before.impossible.get(reason, 0) + 1
    assert after.lines()[0] == f"moved       {after.moved}"
    assert after.as_json()["waiting"] == after.waiting
    assert "who" not in after.as_json()
    assert after.impossible.keys() <= REASONS.keys()
    assert f"{banned}  blocked at Supabase" in after.people()
    assert f"{app}  has to set up her authenticator app anew on /account" in after.people()
    assert not any(moved in line or waiting in line for line in after.people())


# --- the Lambda ------------------------------------------------------------------------


@pytest.fixture
def asked(door: Door, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Hands the Lambda the event that Cognito documents; its answer."""
    keys = {"url": door.mails.url, "anon_key": ANON_KEY, "service_role_key": SERVICE_KEY}
    monkeypatch.setattr(user_migration, "credentials", lambda: keys)
    # Longer than Cognito would wait: a busy machine is no reason to fail.
    monkeypatch.setattr(user_migration, "SECONDS", 60.0)

    def ask(source: str, email: str, password: str | None = None) -> dict[str, Any]:
        event = {
            "version": "1",
            "triggerSource": f"UserMigration_{source}",
            "region": "eu-west-1",
            "userPoolId": "eu-west-1_abc",
            "userName": email,
            "callerContext": {"awsSdkVersion": "x", "clientId": "y"},
            "request": {"password": password, "validationData": {}, "clientMetadata": {}},
            "response": {"userAttributes": None, "finalUserStatus": None, "messageAction": None},
        }
        return user_migration.handler(json.loads(json.dumps(event)), None)["response"]

    return ask


def test_the_lambda_takes_in_whom_supabase_vouches_for(
    door: Door, asked: Callable[..., dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    email = door.newcomer("provider")
    door.moves.on = False
    user_id = door.enter(email).actor.user_id
    wanted = {
        "userAttributes": {
            "email": email,
            "email_verified": "true",
            "name": "Ada Lovelace",
            "custom:supabase_id": str(user_id),
        },
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
    }
    assert asked("Authentication", email.upper(), PASSWORD) == wanted
    assert asked("ForgotPassword", email) == wanted
    for password in ("Wrong-Pass-2026", "", None):
        with pytest.raises(user_migration.NotMoved):
            asked("Authentication", email, password)
    for source in ("ForgotPassword", "Authentication"):
        with pytest.raises(user_migration.NotMoved):
            asked(source, "nobody@people.example", PASSWORD)
    with pytest.raises(user_migration.NotMoved):
        asked("ForgotPassword", email[1:])
    printed = "".join(capfd.readouterr())
    assert PASSWORD not in printed
    assert email not in printed


def test_the_lambda_leaves_out_the_blocked_the_unconfirmed_and_who_has_an_app(
    door: Door, asked: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    banned, unconfirmed, protected = (door.newcomer("provider") for _ in range(3))
    door.moves.on = False
    entered = door.enter(protected)
    enrolment = door.sign_in.start_enrolment(entered.cookie)
    door.sign_in.finish_enrolment(entered.cookie, {"code": totp(enrolment.secret)})
    change(door, banned, "banned_until = now() + interval '1 day'")
    change(door, unconfirmed, "email_confirmed_at = null")
    for email in (banned, unconfirmed, protected):
        for source in ("Authentication", "ForgotPassword"):
            with pytest.raises(user_migration.NotMoved):
                asked(source, email, PASSWORD)
    monkeypatch.setattr(user_migration, "SECONDS", 0.0)
    with pytest.raises(user_migration.NotMoved):
        asked("Authentication", door.newcomer("provider"), PASSWORD)


def test_whom_the_lambda_took_in_is_a_provider_here(door: Door) -> None:
    """As Cognito makes the account of the Lambda's answer: without a group."""
    email = door.newcomer("provider")
    door.moves.on = False
    before = door.enter(email).actor
    pool = {"UserPoolId": door.cognito._pool_id, "Username": email}
    door.cognito._client.admin_create_user(
        **pool,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "custom:supabase_id", "Value": str(before.user_id)},
        ],
    )
    door.cognito._client.admin_set_user_password(**pool, Password=PASSWORD, Permanent=True)
    assert door.enter(email).actor == replace(before, source="cognito")
    found = door.cognito.find(email)
    assert found is not None
    assert found.groups == ("providers",)
