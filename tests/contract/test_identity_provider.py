"""One contract for both identity providers: Cognito and Supabase Auth."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest

from ecosystem.adapters.cognito import Cognito
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.domain.errors import Invalid, SignInRequired, Unavailable
from ecosystem.local.postgres import SUPABASE_DATABASE, SUPABASE_ROLE, EmbeddedPostgres
from ecosystem.services.ports import IdentityProvider, SecondFactorNeeded, SignedIn
from tests.sign_in_stack import (
    COGNITO_CODE,
    COGNITO_RESET_CODE,
    PASSWORD,
    CognitoStandIn,
    SupabaseStandIn,
    cognito_stand_in,
    supabase_stand_in,
    totp,
)

# Its stand-ins take seconds to start: one worker has them.
pytestmark = pytest.mark.xdist_group("identity")

OTHER_PASSWORD = "Other-Pass-2027"


@dataclass(frozen=True)
class Provider:
    """An implementation and how its mailed codes are read."""

    port: IdentityProvider
    unreachable: IdentityProvider
    confirmation_code: Callable[[str], str]
    reset_code: Callable[[str], str]
    backdate: Callable[[str], None]

    def newcomer(self, *, confirmed: bool = True) -> tuple[str, str]:
        """Sign somebody up; her address and subject."""
        email = f"{uuid4().hex[:12]}@people.example"
        subject = self.port.sign_up(email, PASSWORD, "Ada Lovelace")
        if confirmed:
            assert self.port.confirm(email, self.confirmation_code(email)) == subject
        return email, subject


@pytest.fixture(scope="session")
def supabase_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupabaseStandIn]:
    """Our Supabase Auth over an empty database."""
    postgres = EmbeddedPostgres.temporary()
    try:
        postgres.start()
        url = postgres.url(SUPABASE_DATABASE, SUPABASE_ROLE)
        with supabase_stand_in(tmp_path_factory.mktemp("supabase_auth"), url) as server:
            yield server
    finally:
        postgres.destroy()


@pytest.fixture(scope="session")
def cognito_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CognitoStandIn]:
    """Cognito in MiniStack."""
    with cognito_stand_in(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture(scope="session", params=["cognito", "supabase"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Each implementation in turn."""
    if request.param == "cognito":
        cognito: CognitoStandIn = request.getfixturevalue("cognito_server")
        pool = cognito.adapter()
        nowhere = Cognito(
            "eu-west-1", cognito.made.user_pool_id, cognito.made.client_id, "http://127.0.0.1:9"
        )
        yield Provider(
            port=pool,
            unreachable=nowhere,
            confirmation_code=lambda _email: COGNITO_CODE,
            reset_code=lambda _email: COGNITO_RESET_CODE,
            backdate=lambda _email: None,
        )
        pool.close()
        nowhere.close()
        return
    supabase: SupabaseStandIn = request.getfixturevalue("supabase_server")
    port, unreachable = supabase.adapter(), SupabaseAuth("http://127.0.0.1:9", "anon", "service")
    yield Provider(
        port=port,
        unreachable=unreachable,
        confirmation_code=supabase.mailed_code,
        reset_code=supabase.mailed_code,
        backdate=supabase.backdate,
    )
    port.close()
    unreachable.close()


Adapter = TypeVar("Adapter", Cognito, SupabaseAuth)


class Closing:
    """Closes the adapters of one test at its end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, adapter: Adapter) -> Adapter:
        self._stack.callback(adapter.close)
        return adapter


@pytest.fixture
def closing() -> Iterator[Closing]:
    """Adapters of a test's own."""
    with ExitStack() as stack:
        yield Closing(stack)


def refused(call: Callable[[], object], code: str, field: str) -> None:
    """Assert that ``call`` is refused with this code for this field."""
    with pytest.raises(Invalid) as caught:
        call()
    assert caught.value.code == code
    assert [error.field for error in caught.value.fields] == [field]


def signed_in(provider: Provider, email: str, password: str = PASSWORD) -> SignedIn:
    answer = provider.port.sign_in(email, password)
    assert isinstance(answer, SignedIn)
    return answer


def test_a_confirmed_person_signs_in(provider: Provider) -> None:
    email, subject = provider.newcomer()
    answer = signed_in(provider, email)
    assert answer.identity.subject == subject == str(UUID(subject))
    assert answer.identity.email == email
    assert answer.identity.name == "Ada Lovelace"
    assert answer.identity.assurance == "aal1"
    assert answer.tokens.refresh
    assert answer.tokens.expires_in > 0


def test_the_address_is_the_same_in_any_case(provider: Provider) -> None:
    email, subject = provider.newcomer()
    answer = signed_in(provider, email.upper())
    assert (answer.identity.subject, answer.identity.email) == (subject, email)


def test_access_and_id_tokens_are_verified_as_the_same_person(provider: Provider) -> None:
    email, subject = provider.newcomer()
    tokens = signed_in(provider, email).tokens
    assert provider.port.verify_token(tokens.access).subject == subject
    identity = provider.port.verify_token(tokens.id)
    assert (identity.subject, identity.email) == (subject, email)


def test_a_wrong_password_and_an_unknown_address_look_the_same(provider: Provider) -> None:
    email, _ = provider.newcomer()
    refused(
        lambda: provider.port.sign_in(email, "Wrong-Pass-2026"), "invalid_credentials", "password"
    )
    nobody = f"{uuid4().hex}@people.example"
    refused(lambda: provider.port.sign_in(nobody, PASSWORD), "invalid_credentials", "password")
    refused(lambda: provider.port.sign_in(email, ""), "invalid_credentials", "password")


def test_an_unconfirmed_person_is_told_so(provider: Provider) -> None:
    email, _ = provider.newcomer(confirmed=False)
    refused(lambda: provider.port.sign_in(email, PASSWORD), "email_not_confirmed", "email")


def test_a_wrong_confirmation_code_is_refused(provider: Provider) -> None:
    email, _ = provider.newcomer(confirmed=False)
    refused(lambda: provider.port.confirm(email, "000000"), "wrong_code", "code")
    refused(lambda: provider.port.confirm(email, "no code"), "wrong_code", "code")
    refused(lambda: provider.port.confirm("nobody@people.example", "000000"), "wrong_code", "code")


def test_a_code_can_be_had_again(provider: Provider) -> None:
    email, subject = provider.newcomer(confirmed=False)
    provider.port.resend_code(email)
    assert provider.port.confirm(email, provider.confirmation_code(email)) == subject
    provider.port.resend_code(email)
    provider.port.resend_code("nobody@people.example")


def test_a_confirmed_address_is_taken(provider: Provider) -> None:
    email, _ = provider.newcomer()
    refused(lambda: provider.port.sign_up(email, OTHER_PASSWORD, "Eve"), "email_taken", "email")
    signed_in(provider, email)


def test_a_weak_password_is_refused(provider: Provider) -> None:
    email = f"{uuid4().hex[:12]}@people.example"
    refused(lambda: provider.port.sign_up(email, "short", "Ada"), "weak_password", "password")


def test_something_else_than_an_address_is_refused(provider: Provider) -> None:
    refused(lambda: provider.port.sign_up("no address", PASSWORD, "Ada"), "invalid", "email")


def test_a_forgotten_password_is_replaced(provider: Provider) -> None:
    email, _ = provider.newcomer()
    provider.port.forgot_password(email)
    code = provider.reset_code(email)
    refused(
        lambda: provider.port.reset_password(email, "000000", OTHER_PASSWORD), "wrong_code", "code"
    )
    provider.port.reset_password(email, code, OTHER_PASSWORD)
    refused(lambda: provider.port.sign_in(email, PASSWORD), "invalid_credentials", "password")
    signed_in(provider, email, OTHER_PASSWORD)


def test_asking_for_a_reset_never_tells_whether_an_address_exists(provider: Provider) -> None:
    provider.port.forgot_password("nobody@people.example")
    refused(
        lambda: provider.port.reset_password("nobody@people.example", "000000", PASSWORD),
        "wrong_code",
        "code",
    )


def test_tokens_are_refreshed_until_sign_out(provider: Provider) -> None:
    email, subject = provider.newcomer()
    first = signed_in(provider, email).tokens
    second = provider.port.refresh(email, first.refresh)
    assert provider.port.verify_token(second.access).subject == subject
    assert second.refresh
    provider.port.sign_out(second.refresh)
    with pytest.raises(SignInRequired):
        provider.port.refresh(email, second.refresh)
    provider.port.sign_out(second.refresh)
    provider.port.sign_out("never a token")


def test_a_second_factor_is_asked_for_once_enrolled(provider: Provider) -> None:
    email, subject = provider.newcomer()
    access = signed_in(provider, email).tokens.access
    secret, state = provider.port.start_second_factor(access)
    refused(
        lambda: provider.port.finish_second_factor(access, state, "000000"), "wrong_code", "code"
    )
    assert not provider.port.has_second_factor(email, subject)
    provider.port.finish_second_factor(access, state, totp(secret))
    assert provider.port.has_second_factor(email, subject)

    challenge = provider.port.sign_in(email, PASSWORD)
    assert isinstance(challenge, SecondFactorNeeded)
    assert challenge.email == email
    for answer in ("000000", "junk"):
        refused(
            lambda answer=answer: provider.port.answer_second_factor(challenge, answer),
            "wrong_code",
            "code",
        )
    answer = provider.port.answer_second_factor(challenge, totp(secret))
    assert answer.identity.subject == subject
    assert answer.identity.assurance == "aal2"
    assert provider.port.verify_token(answer.tokens.access).subject == subject


def test_an_enrolment_can_be_started_again(provider: Provider) -> None:
    email, _ = provider.newcomer()
    access = signed_in(provider, email).tokens.access
    provider.port.start_second_factor(access)
    secret, state = provider.port.start_second_factor(access)
    provider.port.finish_second_factor(access, state, totp(secret))
    assert isinstance(provider.port.sign_in(email, PASSWORD), SecondFactorNeeded)


def test_a_later_sign_up_replaces_an_unconfirmed_one(provider: Provider) -> None:
    email, _ = provider.newcomer(confirmed=False)
    provider.backdate(email)
    provider.port.sign_up(email, OTHER_PASSWORD, "Ada again")
    provider.port.confirm(email, provider.confirmation_code(email))
    refused(lambda: provider.port.sign_in(email, PASSWORD), "invalid_credentials", "password")
    signed_in(provider, email, OTHER_PASSWORD)


def test_what_is_no_token_is_refused(provider: Provider) -> None:
    for junk in ("", "a.b.c", "x" * 10_000, "eyJhbGciOiJub25lIn0.e30."):
        with pytest.raises(SignInRequired):
            provider.port.verify_token(junk)


def test_it_answers_a_ping(provider: Provider) -> None:
    provider.port.ping()


def test_a_provider_that_does_not_answer_is_unavailable(provider: Provider) -> None:
    with pytest.raises(Unavailable):
        provider.unreachable.sign_in("ada@people.example", PASSWORD)
    with pytest.raises(Unavailable):
        provider.unreachable.ping()


def test_groups_are_in_the_tokens_and_known_to_the_server(
    cognito_server: CognitoStandIn, closing: Closing
) -> None:
    port = closing(cognito_server.adapter())
    email = f"{uuid4().hex[:12]}@people.example"
    subject = port.sign_up(email, PASSWORD, "Ada")
    assert port.find(email) is None, "not confirmed"
    port.confirm(email, COGNITO_CODE)
    for _ in range(2):
        port.add_to_group(email, "agents")
    answer = port.sign_in(email, PASSWORD)
    assert isinstance(answer, SignedIn)
    assert answer.identity.groups == ("agents",)
    assert port.verify_token(answer.tokens.access).groups == ("agents",)
    found = port.find(subject)
    assert found is not None
    assert (found.subject, found.email, found.groups) == (subject, email, ("agents",))
    assert port.find("nobody@people.example") is None


def test_a_blocked_person_of_supabase_is_refused(
    supabase_server: SupabaseStandIn, closing: Closing
) -> None:
    port = closing(supabase_server.adapter())
    email = f"{uuid4().hex[:12]}@people.example"
    subject = port.sign_up(email, PASSWORD, "Ada")
    port.confirm(email, supabase_server.mailed_code(email))
    answer = port.sign_in(email, PASSWORD)
    assert isinstance(answer, SignedIn)
    with psycopg.connect(supabase_server.database_url) as connection:
        connection.execute(
            "update auth.users set banned_until = now() + interval '1 day' where id = %s",
            (subject,),
        )
    with pytest.raises(SignInRequired):
        port.verify_token(answer.tokens.access)
    refused(lambda: port.sign_in(email, PASSWORD), "invalid_credentials", "password")


def test_a_password_alone_is_no_bearer_token_once_a_second_factor_is_enrolled(
    supabase_server: SupabaseStandIn, closing: Closing
) -> None:
    port = closing(supabase_server.adapter())
    email = f"{uuid4().hex[:12]}@people.example"
    port.sign_up(email, PASSWORD, "Ada")
    port.confirm(email, supabase_server.mailed_code(email))
    first = port.sign_in(email, PASSWORD)
    assert isinstance(first, SignedIn)
    secret, state = port.start_second_factor(first.tokens.access)
    port.finish_second_factor(first.tokens.access, state, totp(secret))
    challenge = port.sign_in(email, PASSWORD)
    assert isinstance(challenge, SecondFactorNeeded)
    with pytest.raises(SignInRequired):
        port.verify_token(str(challenge.state["access"]))
