"""Who works for an operator: invitations, roles, leaving, and always an owner."""

import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import invitations, people
from ecosystem.database.queries import team as queries
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound, SignInRequired
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.services.forms import parse
from ecosystem.services.operator_team import InvitationForm
from ecosystem.services.ports import Email
from ecosystem.services.sign_in import Entered
from ecosystem.services.team_emails import TeamEmails
from tests.memory_sign_in import CODE, PASSWORD, Entrance


class Postbox:
    """A ``Mail`` port that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Email] = []

    def send(self, email: Email) -> None:
        self.sent.append(email)

    def ping(self) -> None: ...


@pytest.fixture
def postbox(entrance: Entrance) -> Postbox:
    """What the product mails to invited people from now on."""
    kept, made = Postbox(), entrance.services
    emails = TeamEmails(made.joining, made.sign_in, kept, made.clock, "https://eco.example")
    made.outbox._handlers = {**made.outbox._handlers, "email.team_invitation": emails.invitation}
    return kept


def sign_in(entrance: Entrance, email: str) -> Entered:
    found = entrance.services.sign_in.sign_in({"email": email, "password": PASSWORD})
    assert isinstance(found, Entered)
    return found


def invited(
    entrance: Entrance, postbox: Postbox, owner: Actor, email: str, role: str = "editor"
) -> str:
    """Invite somebody; the token of the link in the e-mail."""
    entrance.services.team.invite(owner, parse(InvitationForm, {"email": email, "role": role}))
    return token_of(entrance, postbox)


def token_of(entrance: Entrance, postbox: Postbox) -> str:
    while entrance.services.outbox.step():
        pass
    return postbox.sent[-1].text.rpartition("/join/")[2].strip()


def newcomer(entrance: Entrance, email: str, token: str) -> Actor:
    """Sign up with a link, confirm the address, sign in."""
    entrance.services.sign_in.sign_up(
        {"name": "Nia New", "email": email, "password": PASSWORD, "invitation": token}
    )
    entrance.services.sign_in.confirm({"email": email, "code": CODE})
    return sign_in(entrance, email).actor


def member(
    entrance: Entrance, postbox: Postbox, owner: Actor, email: str, role: str = "editor"
) -> Actor:
    """Somebody in the team, signed in."""
    token = invited(entrance, postbox, owner, email, role)
    entrance.services.joining.accept(newcomer(entrance, email, token), token)
    return sign_in(entrance, email).actor


def test_somebody_new_joins_by_a_link(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    token = invited(entrance, postbox, owner, "nia@people.example")
    assert postbox.sent[-1].to == "nia@people.example"
    actor = newcomer(entrance, "nia@people.example", token)
    assert (actor.role, actor.operator_id, actor.operator_role) == ("provider", None, "")
    assert entrance.services.joining.invitation(token).state == "open"
    assert entrance.services.joining.accept(actor, token) == "editor"
    assert entrance.services.joining.invitation(token).state == "used"
    again = sign_in(entrance, "nia@people.example").actor
    assert (again.operator_id, again.operator_role) == (owner.operator_id, "editor")
    with entrance.services.database.unit(ACCOUNTS) as session:
        assert session.execute(text("select count(*) from operators")).scalar_one() == 1
    people_now = entrance.services.team.show(owner).members
    assert [(one.email, one.role) for one in people_now] == [
        (owner.email, "owner"),
        ("nia@people.example", "editor"),
    ]


def test_the_session_that_accepts_works_for_the_operator_at_once(
    entrance: Entrance, postbox: Postbox
) -> None:
    _, owner = entrance.enter("provider")
    token = invited(entrance, postbox, owner, "nia@people.example")
    newcomer(entrance, "nia@people.example", token)
    entered = sign_in(entrance, "nia@people.example")
    entrance.services.joining.accept(entered.actor, token)
    now = entrance.services.sessions.find(entered.cookie)
    assert now is not None
    assert (now.operator_id, now.operator_role) == (owner.operator_id, "editor")


def test_a_link_works_once_and_is_not_kept(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    token = invited(entrance, postbox, owner, "nia@people.example")
    with entrance.services.database.unit(RDS) as session:
        kept = session.execute(text("select string_agg(payload::text, '') from outbox")).scalar()
    assert token not in str(kept)
    actor = newcomer(entrance, "nia@people.example", token)
    entrance.services.joining.accept(actor, token)
    entrance.services.team.remove(owner, actor.user_id)  # type: ignore[arg-type]
    with pytest.raises(Gone):
        entrance.services.joining.accept(actor, token)


def test_a_link_is_for_one_address(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    _, rival = entrance.enter("provider")
    token = invited(entrance, postbox, owner, "nia@people.example")
    with pytest.raises(Forbidden) as refusal:
        entrance.services.joining.accept(rival, token)
    assert refusal.value.code == "wrong_account"
    with pytest.raises(Invalid):
        entrance.services.sign_in.sign_up(
            {"name": "Eve", "email": "eve@x.example", "password": PASSWORD, "invitation": token}
        )
    with pytest.raises(NotFound):
        entrance.services.joining.accept(rival, token[:-1])
    for junk in ("", "x" * 5000, "\x00"):
        with pytest.raises((NotFound, Invalid)):
            entrance.services.joining.invitation(junk)


def test_a_link_ends(entrance: Entrance, postbox: Postbox, clock: Any) -> None:
    _, owner = entrance.enter("provider")
    first = invited(entrance, postbox, owner, "nia@people.example")
    second = invited(entrance, postbox, owner, "nia@people.example", "viewer")
    assert entrance.services.joining.invitation(first).state == "revoked"
    waiting = entrance.services.team.show(owner).invitations
    assert [(one.email, one.role) for one in waiting] == [("nia@people.example", "viewer")]
    entrance.services.team.resend(owner, waiting[0].id)
    third = token_of(entrance, postbox)
    with pytest.raises(NotFound):
        entrance.services.joining.invitation(second)
    actor = newcomer(entrance, "nia@people.example", third)
    clock.move(days=8)
    assert entrance.services.joining.invitation(third).state == "expired"
    assert entrance.services.team.show(owner).invitations[0].expired
    with pytest.raises(Gone):
        entrance.services.joining.accept(actor, third)
    with pytest.raises(Forbidden):
        sign_in(entrance, "nia@people.example")
    entrance.services.team.revoke(owner, waiting[0].id)
    assert entrance.services.team.show(owner).invitations == ()
    with pytest.raises(NotFound):
        entrance.services.team.revoke(owner, waiting[0].id)


def test_an_operators_own_account_joins_no_other(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    _, rival = entrance.enter("provider")
    token = invited(entrance, postbox, owner, rival.email)
    with pytest.raises(Conflict) as refusal:
        entrance.services.joining.accept(rival, token)
    assert refusal.value.code == "works_elsewhere"
    with pytest.raises(Conflict):
        invited(entrance, postbox, owner, owner.email)


def test_a_role_holds_from_the_next_request_on(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    actor = member(entrance, postbox, owner, "nia@people.example")
    entered = sign_in(entrance, "nia@people.example")
    # People who are new sign up with Cognito once `accounts` has moved.
    tokens = {**entrance.supabase.tokens, **entrance.cognito.tokens}
    token = next(token for token, email in tokens.items() if email == actor.email)
    assert entrance.services.sign_in.actor_for_token(token).operator_role == "editor"
    entrance.services.team.change_role(owner, actor.user_id, "viewer")  # type: ignore[arg-type]
    assert entrance.services.sessions.find(entered.cookie).operator_role == "viewer"  # type: ignore[union-attr]
    assert entrance.services.sign_in.actor_for_token(token).operator_role == "viewer"
    entrance.services.team.remove(owner, actor.user_id)  # type: ignore[arg-type]
    sessions = entrance.services.sessions
    assert sessions.find(entered.cookie) is None
    # Of a sign-in that was under way: it had found her still there.
    assert sessions.find(sessions.create(entered.actor)) is None
    with pytest.raises((Forbidden, SignInRequired)):
        entrance.services.sign_in.actor_for_token(token)
    with pytest.raises(Forbidden) as refusal:
        sign_in(entrance, "nia@people.example")
    assert refusal.value.code == "access_ended"


def test_a_second_click_on_the_link_goes_on(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    token = invited(entrance, postbox, owner, "nia@people.example")
    before = newcomer(entrance, "nia@people.example", token)
    # Both requests began while she worked for nobody: the actor is the same.
    assert [entrance.services.joining.accept(before, token) for _ in range(2)] == ["editor"] * 2
    assert len(entrance.services.team.show(owner).members) == 2


def test_who_is_removed_leaves_no_open_invitations(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    partner = member(entrance, postbox, owner, "pia@people.example", "owner")
    hers = invited(entrance, postbox, partner, "accomplice@people.example", "owner")
    ours = invited(entrance, postbox, owner, "nia@people.example")
    entrance.services.team.remove(owner, partner.user_id)  # type: ignore[arg-type]
    assert entrance.services.joining.invitation(hers).state == "revoked"
    assert entrance.services.joining.invitation(ours).state == "open"


def test_a_key_ends_when_its_maker_may_only_look(entrance: Entrance, postbox: Postbox) -> None:
    keys, to_change = entrance.services.api_keys, entrance.services.team
    _, owner = entrance.enter("provider")
    partner = member(entrance, postbox, owner, "pia@people.example", "owner")
    form = parse(ApiKeyForm, {"name": "Accounting", "role": "editor"})
    key = keys.make(partner, form)[1]
    assert keys.make(owner, form)[0].role == "editor"
    assert partner.user_id is not None
    to_change.change_role(owner, partner.user_id, "editor")
    assert entrance.services.sign_in.actor_for_token(key).operator_role == "editor"
    to_change.change_role(owner, partner.user_id, "viewer")
    with pytest.raises(SignInRequired):
        entrance.services.sign_in.actor_for_token(key)
    with pytest.raises(Forbidden):
        keys.make(partner, form)  # her request began while she was an owner


def test_somebody_who_left_can_come_back(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    actor = member(entrance, postbox, owner, "nia@people.example")
    entrance.services.team.remove(owner, actor.user_id)  # type: ignore[arg-type]
    token = invited(entrance, postbox, owner, "nia@people.example", "viewer")
    back = sign_in(entrance, "nia@people.example").actor
    assert back.operator_id is None
    entrance.services.joining.accept(back, token)
    assert sign_in(entrance, "nia@people.example").actor.operator_role == "viewer"


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_owners_change_the_team(entrance: Entrance, postbox: Postbox, role: str) -> None:
    _, owner = entrance.enter("provider")
    actor = member(entrance, postbox, owner, "nia@people.example", role)
    desk, owner_id = entrance.services.team, owner.user_id
    assert owner_id is not None
    assert len(desk.show(actor).members) == 2
    form = parse(InvitationForm, {"email": "zoe@people.example", "role": "owner"})
    for attempt in (
        lambda: desk.invite(actor, form),
        lambda: desk.change_role(actor, owner_id, "viewer"),
        lambda: desk.remove(actor, owner_id),
        lambda: entrance.services.payouts.set_up(actor),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_another_operators_people_do_not_exist(entrance: Entrance, postbox: Postbox) -> None:
    _, owner = entrance.enter("provider")
    _, rival = entrance.enter("provider")
    actor = member(entrance, postbox, owner, "nia@people.example")
    invited(entrance, postbox, owner, "zoe@people.example")
    desk, nia = entrance.services.team, actor.user_id
    open_one = desk.show(owner).invitations[0].id
    assert nia is not None
    for attempt in (
        lambda: desk.change_role(rival, nia, "owner"),
        lambda: desk.remove(rival, nia),
        lambda: desk.resend(rival, open_one),
        lambda: desk.revoke(rival, open_one),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_the_last_owner_stays_and_the_operators_system_follows(
    entrance: Entrance, postbox: Postbox
) -> None:
    _, founder = entrance.enter("provider")
    desk = entrance.services.team
    founder_id = founder.user_id
    assert founder_id is not None
    for leave in (
        lambda: desk.remove(founder, founder_id),
        lambda: desk.change_role(founder, founder_id, "editor"),
    ):
        with pytest.raises(Conflict) as refusal:
            leave()
        assert refusal.value.code == "last_owner"
    partner = member(entrance, postbox, founder, "pia@people.example", "owner")
    desk.remove(partner, founder_id)
    while entrance.services.outbox.step():
        pass
    with entrance.services.database.unit(ACCOUNTS) as session:
        now = people.founder(session, partner.operator_id)  # type: ignore[arg-type]
        assert now is not None
        assert now.id == partner.user_id
    with pytest.raises(Forbidden):
        sign_in(entrance, founder.email)
    assert sign_in(entrance, "pia@people.example").actor.operator_role == "owner"


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_two_owners_demote_each_other(
    entrance: Entrance, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, lock: bool
) -> None:
    _, ada = entrance.enter("provider")
    bea = member(entrance, postbox, ada, "bea@people.example", "owner")
    together = threading.Barrier(2, timeout=60)
    set_role = queries.set_role

    def slowly(*args: Any) -> None:
        if not lock:
            together.wait()
        set_role(*args)

    if not lock:
        monkeypatch.setattr(queries, "lock", lambda *_: None)
    monkeypatch.setattr(queries, "set_role", slowly)
    refused: list[str] = []

    def demote(actor: Actor, other: UUID | None) -> None:
        assert other is not None
        try:
            entrance.services.team.change_role(actor, other, "viewer")
        except (Forbidden, Conflict) as error:
            refused.append(error.code)

    threads = [
        threading.Thread(target=demote, args=(ada, bea.user_id)),
        threading.Thread(target=demote, args=(bea, ada.user_id)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with entrance.services.database.unit(RDS) as session:
        owners = session.execute(
            text("select count(*) from operator_members where role = 'owner'")
        ).scalar_one()
    if lock:
        assert owners == 1
        assert refused == ["not_an_owner"]
    else:
        assert owners == 0


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_one_person_accepts_two_invitations_at_once(
    entrance: Entrance, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, lock: bool
) -> None:
    owners = [entrance.enter("provider")[1] for _ in range(2)]
    tokens = [invited(entrance, postbox, owner, "nia@people.example") for owner in owners]
    actor = newcomer(entrance, "nia@people.example", tokens[0])
    together = threading.Barrier(2, timeout=60)
    accept = invitations.accept

    def slowly(*args: Any) -> bool:
        if not lock:
            together.wait()
        return accept(*args)

    if not lock:
        monkeypatch.setattr(queries, "lock", lambda *_: None)
    monkeypatch.setattr(invitations, "accept", slowly)
    refused: list[str] = []

    def join(token: str) -> None:
        try:
            entrance.services.joining.accept(actor, token)
        except Conflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=join, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == (["works_elsewhere"] if lock else [])
