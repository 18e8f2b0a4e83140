"""Signing up, in and out, over real Postgres, Cognito's protocol and Supabase Auth's."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from ecosystem.adapters.cognito import Cognito
from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import EcosystemError, Forbidden, Invalid, SignInRequired
from ecosystem.services.api_keys import ApiKeys
from ecosystem.services.membership import currency_of, slug_of
from ecosystem.services.sessions import Sessions
from ecosystem.services.sign_in import CodeWanted, SignIn
from tests.door import SECRET, Door, open_door, sign_up_form
from tests.sign_in_stack import COGNITO_CODE, COGNITO_RESET_CODE, PASSWORD, totp

# Its stand-ins take seconds to start: one worker has them.
pytestmark = pytest.mark.xdist_group("sign-in")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A product whose people sign in, alone on its own stack."""
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def present(door: Door) -> None:
    """Every test begins now."""
    door.clock.ahead = timedelta(0)


def refused(call: Callable[[], object], code: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        call()
    assert caught.value.code == code
    return caught.value


# --- who becomes what ------------------------------------------------------------------


def test_a_customer_signs_up_and_in(door: Door) -> None:
    email = door.newcomer()
    actor = door.enter(email).actor
    assert (actor.role, actor.source, actor.email) == ("customer", "cognito", email)
    assert actor.name == "Ada Lovelace"
    assert actor.user_id is not None
    assert door.enter(email).actor == actor


def test_an_agent_gets_an_agency_of_which_she_is_the_owner(door: Door) -> None:
    actor = door.enter(door.newcomer("agent")).actor
    assert (actor.role, actor.source, actor.agency_owner) == ("agent", "cognito", True)
    with door.database.unit(RDS) as session:
        row = session.execute(
            text("select name, country, currency from agencies where id = :id"),
            {"id": actor.agency_id},
        ).one()
    assert tuple(row) == ("Nord & Süd Reisen", "DE", "EUR")


def test_two_agencies_may_have_one_name(door: Door) -> None:
    ids = {
        door.enter(door.newcomer("agent", organisation="Same Name")).actor.agency_id for _ in "ab"
    }
    with door.database.unit(RDS) as session:
        slugs = set(
            session.execute(
                text("select slug from agencies where id = any(:ids)"), {"ids": list(ids)}
            ).scalars()
        )
    assert slugs == {"same-name", "same-name-2"}


def test_an_operator_signs_up_at_supabase(door: Door) -> None:
    email = door.newcomer("provider", organisation="Atlas Treks")
    actor = door.enter(email).actor
    assert (actor.role, actor.source, actor.email) == ("provider", "supabase", email)
    with door.database.unit(ACCOUNTS) as session:
        row = session.execute(
            text(
                "select slug, name, country, contact_email, user_id from operators where id = :id"
            ),
            {"id": actor.operator_id},
        ).one()
    assert tuple(row) == ("atlas-treks", "Atlas Treks", "DE", email, actor.user_id)


def test_ops_are_made_by_the_group_alone(door: Door) -> None:
    email = door.newcomer()
    door.cognito.add_to_group(email, "ops")
    assert door.enter(email).actor.role == "ops"


def test_an_account_of_supabase_alone_is_no_operator(door: Door) -> None:
    email = f"{uuid4().hex[:12]}@people.example"
    door.supabase.sign_up(email, PASSWORD, "Eve")
    door.supabase.confirm(email, door.mails.mailed_code(email))
    with pytest.raises(Forbidden) as caught:
        door.enter(email)
    assert caught.value.code == "no_operator"


def test_an_agent_whose_access_was_ended_stays_out(door: Door) -> None:
    email = door.newcomer("agent")
    with door.database.unit(RDS) as session:
        session.execute(
            text("update travel_agents set disabled_at = now() where email = :e"), {"e": email}
        )
    with pytest.raises(Forbidden):
        door.enter(email)


def test_a_taken_address_gets_the_same_answer_and_changes_nothing(door: Door) -> None:
    email = door.newcomer()
    before = door.enter(email).actor
    again = sign_up_form("agent", email, password="Other-Pass-2027", organisation="Eve Travel")
    assert door.sign_in.sign_up(again) == email
    assert door.enter(email).actor == before
    refused(lambda: door.enter(email, "Other-Pass-2027"), "invalid_credentials")


def test_wrong_fields_are_all_named(door: Door) -> None:
    with pytest.raises(Invalid) as caught:
        door.sign_in.sign_up(
            {"role": "customer", "name": "", "email": "ada@nowhere", "password": "short"}
        )
    assert {error.field for error in caught.value.fields} == {"name", "email", "password"}
    with pytest.raises(Invalid) as caught:
        door.sign_in.sign_up(sign_up_form("agent", "a@b.example", organisation="", country=""))
    assert {error.field for error in caught.value.fields} == {"organisation", "country"}
    with pytest.raises(Invalid) as caught:
        door.sign_in.sign_up(sign_up_form("agent", "a@b.example", organisation=" ", password="x"))
    assert {error.field for error in caught.value.fields} == {"organisation", "password"}
    for junk in ({}, {"role": "ops"}, {"email": {"a": 1}}, {"email": "a@b.example", "role": []}):
        with pytest.raises(Invalid):
            door.sign_in.sign_up(junk)


def test_codes_of_unknown_addresses_are_wrong_codes(door: Door) -> None:
    form = {"email": "nobody@people.example", "code": COGNITO_CODE}
    refused(lambda: door.sign_in.confirm(form), "wrong_code")
    door.sign_in.resend({"email": "nobody@people.example"})
    door.sign_in.forgot_password({"email": "nobody@people.example"})


# --- killed between two steps ----------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("role", ["customer", "agent", "provider"])
@pytest.mark.parametrize("step", range(1, 6))
def test_a_sign_up_survives_a_kill_before_any_step(
    door: Door, monkeypatch: pytest.MonkeyPatch, role: str, step: int
) -> None:
    """Each commit and each vendor call of confirm() is the last one once."""
    email = f"{uuid4().hex[:12]}@people.example"
    door.sign_in.sign_up(sign_up_form(role, email))
    code = door.code(role, email)
    left = [step]

    def countdown(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Database, "unit", countdown(Database.unit))
        patch.setattr(Cognito, "add_to_group", countdown(Cognito.add_to_group))
        with contextlib.suppress(Killed):
            door.sign_in.confirm({"email": email, "code": code})
    try:
        door.enter(email)
    except Invalid:
        # Killed before the code reached the provider: the person enters it again.
        door.sign_in.confirm({"email": email, "code": door.code(role, email)})
    actor = door.enter(email).actor
    assert actor.role == role
    table, group = {
        "customer": ("customers", RDS),
        "agent": ("travel_agents", RDS),
        "provider": ("users", ACCOUNTS),
    }[role]
    assert door.count(group, f"select count(*) from {table} where email = :e", e=email) == 1
    assert door.count(RDS, "select count(*) from pending_sign_ups where email = :e", e=email) == 0


def test_a_sign_up_without_its_note_is_begun_again(door: Door) -> None:
    email = f"{uuid4().hex[:12]}@people.example"
    door.cognito.sign_up(email, "Other-Pass-2027", "Killed before the note was written")
    refused(lambda: door.sign_in.confirm({"email": email, "code": COGNITO_CODE}), "wrong_code")
    door.sign_in.sign_up(sign_up_form("agent", email))
    door.sign_in.confirm({"email": email, "code": COGNITO_CODE})
    assert door.enter(email).actor.role == "agent"


# --- sessions --------------------------------------------------------------------------


def test_the_cookie_finds_the_actor_and_the_database_holds_its_hash_only(door: Door) -> None:
    entered = door.enter(door.newcomer())
    assert door.sign_in.actor_for_session(entered.cookie) == entered.actor
    with door.database.unit(RDS) as session:
        rows = session.execute(
            text("select id_hash, refresh_token from sessions where user_id = :id"),
            {"id": entered.actor.user_id},
        ).all()
    assert len(rows) == 1
    assert entered.cookie.encode() not in rows[0].id_hash
    assert rows[0].refresh_token.startswith(b"gAAAA"), "encrypted"
    _, refresh_token = door.sessions.refresh_token(entered.cookie)
    assert door.cognito.refresh(entered.actor.email, refresh_token).access


def test_a_sign_in_replaces_the_session_of_the_browser(door: Door) -> None:
    email = door.newcomer()
    first = door.enter(email)
    second = door.enter(email, cookie=first.cookie)
    assert first.cookie != second.cookie
    assert not door.sign_in.actor_for_session(first.cookie).signed_in
    assert door.sign_in.actor_for_session(second.cookie).signed_in


def test_sign_out_works_at_once_here_and_in_two_seconds_elsewhere(door: Door) -> None:
    entered = door.enter(door.newcomer())
    elsewhere = Sessions(door.database, door.clock, SECRET)
    assert elsewhere.find(entered.cookie) == entered.actor
    assert door.sessions.find(entered.cookie) == entered.actor
    _, refresh_token = door.sessions.refresh_token(entered.cookie)
    door.sign_in.sign_out(entered.cookie)
    assert door.sessions.find(entered.cookie) is None
    door.clock.ahead = timedelta(seconds=2.1)
    assert elsewhere.find(entered.cookie) is None
    with pytest.raises(SignInRequired):
        door.cognito.refresh(entered.actor.email, refresh_token)
    door.sign_in.sign_out(entered.cookie)


def test_signing_out_everywhere_ends_all_sessions_of_that_person_only(door: Door) -> None:
    email = door.newcomer()
    mine = [door.enter(email) for _ in range(2)]
    other = door.enter(door.newcomer())
    assert door.sign_in.sign_out_everywhere(mine[0].actor) == 2
    assert [door.sessions.find(one.cookie) for one in mine] == [None, None]
    assert door.sessions.find(other.cookie) == other.actor


def test_an_idle_and_an_old_session_end(door: Door) -> None:
    entered = door.enter(door.newcomer())
    door.clock.ahead = timedelta(hours=11)
    assert door.sessions.find(entered.cookie)
    door.clock.ahead = timedelta(hours=22)
    assert door.sessions.find(entered.cookie), "it was used in between"
    door.clock.ahead = timedelta(hours=35)
    assert door.sessions.find(entered.cookie) is None

    busy = door.enter(door.newcomer())
    start = door.clock.ahead
    for half_days in range(1, 62):
        door.clock.ahead = start + timedelta(hours=11.9 * half_days)
        if door.sessions.find(busy.cookie) is None:
            break
    assert timedelta(days=29) < door.clock.ahead - start <= timedelta(days=30, hours=12)


def test_looking_a_session_up_asks_the_database_once_in_two_seconds(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = door.enter(door.newcomer())
    asked: list[str] = []
    real = Database.unit

    def counted(self: Database, group: str) -> Any:
        asked.append(group)
        return real(self, group)

    monkeypatch.setattr(Database, "unit", counted)
    for _ in range(50):
        door.sessions.find(entered.cookie)
        door.sessions.find("nobody's cookie")
    assert len(asked) == 2
    assert door.sessions.find("x" * 10_000) is None
    assert len(asked) == 2


# --- second factor ---------------------------------------------------------------------


@pytest.mark.parametrize("role", ["customer", "provider"])
def test_a_second_factor_from_enrolment_to_sign_in(door: Door, role: str) -> None:
    email = door.newcomer(role)
    entered = door.enter(email)
    assert not door.sign_in.has_second_factor(entered.actor)
    enrolment = door.sign_in.start_enrolment(entered.cookie)
    assert enrolment.link.startswith("otpauth://totp/Ecosystem%3A")
    refused(lambda: door.sign_in.finish_enrolment(entered.cookie, {"code": "000000"}), "wrong_code")
    door.sign_in.finish_enrolment(entered.cookie, {"code": totp(enrolment.secret)})

    wanted = door.sign_in.sign_in({"email": email, "password": PASSWORD})
    assert isinstance(wanted, CodeWanted)
    assert not door.sign_in.actor_for_session(wanted.challenge).signed_in
    refused(lambda: door.sign_in.second_factor(wanted.challenge, {"code": "000000"}), "wrong_code")
    # Another process answers: nothing of the challenge is kept in this one.
    elsewhere = SignIn(
        door.database,
        Sessions(door.database, door.clock, SECRET),
        door.cognito,
        door.supabase,
        door.cognito,
        ApiKeys(door.database, door.clock),
        door.clock,
        door.moves,
    )
    again = elsewhere.second_factor(wanted.challenge, {"code": totp(enrolment.secret)})
    assert again.actor == entered.actor
    assert elsewhere.has_second_factor(again.actor)
    refused(
        lambda: door.sign_in.second_factor(wanted.challenge, {"code": totp(enrolment.secret)}),
        "expired_code",
    )


def test_a_code_can_be_guessed_five_times_only(door: Door) -> None:
    email = door.newcomer()
    entered = door.enter(email)
    enrolment = door.sign_in.start_enrolment(entered.cookie)
    door.sign_in.finish_enrolment(entered.cookie, {"code": totp(enrolment.secret)})
    wanted = door.sign_in.sign_in({"email": email, "password": PASSWORD})
    assert isinstance(wanted, CodeWanted)
    codes = set()
    for _ in range(5):
        with pytest.raises(EcosystemError) as caught:
            door.sign_in.second_factor(wanted.challenge, {"code": "000000"})
        codes.add(caught.value.code)
    assert "wrong_code" in codes
    right = {"code": totp(enrolment.secret)}
    refused(lambda: door.sign_in.second_factor(wanted.challenge, right), "expired_code")
    refused(lambda: door.sign_in.second_factor("", right), "expired_code")


# --- passwords and tokens --------------------------------------------------------------


@pytest.mark.parametrize("role", ["customer", "provider"])
def test_a_new_password_signs_out_everywhere(door: Door, role: str) -> None:
    email = door.newcomer(role)
    entered = door.enter(email)
    door.sign_in.forgot_password({"email": email})
    code = COGNITO_RESET_CODE if role == "customer" else door.mails.mailed_code(email)
    door.sign_in.reset_password({"email": email, "code": code, "password": "Other-Pass-2027"})
    assert door.sessions.find(entered.cookie) is None
    refused(lambda: door.enter(email), "invalid_credentials")
    assert door.enter(email, "Other-Pass-2027").actor == entered.actor


def test_bearer_tokens_of_both_providers_name_the_same_actor(door: Door) -> None:
    customer = door.enter(door.newcomer())
    answer = door.cognito.sign_in(customer.actor.email, PASSWORD)
    for token in (answer.tokens.access, answer.tokens.id):  # type: ignore[union-attr]
        assert door.sign_in.actor_for_token(token) == customer.actor
    provider = door.enter(door.newcomer("provider"))
    answer = door.supabase.sign_in(provider.actor.email, PASSWORD)
    assert door.sign_in.actor_for_token(answer.tokens.access) == provider.actor  # type: ignore[union-attr]


def test_an_access_token_is_enough_for_a_first_visit(door: Door) -> None:
    email = f"{uuid4().hex[:12]}@people.example"
    door.cognito.sign_up(email, PASSWORD, "Ada")
    door.cognito.confirm(email, COGNITO_CODE)
    answer = door.cognito.sign_in(email, PASSWORD)
    actor = door.sign_in.actor_for_token(answer.tokens.access)  # type: ignore[union-attr]
    assert (actor.role, actor.email) == ("customer", email)
    assert replace(actor) == door.enter(email).actor


@pytest.mark.parametrize("token", ["", "junk", "a.b.c", "eco_not-a-key", "x" * 20_000])
def test_what_is_no_token_is_refused(door: Door, token: str) -> None:
    with pytest.raises(SignInRequired):
        door.sign_in.actor_for_token(token)


def test_slugs_and_currencies() -> None:
    assert slug_of("Café Zürich & Söhne", "x") == "cafe-zurich-sohne"
    assert slug_of("旅行社", "agency") == "agency"
    assert (currency_of("JP"), currency_of("CH"), currency_of("")) == ("JPY", "CHF", "EUR")
