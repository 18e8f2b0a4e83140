"""Who works for an agency: invited, in a role, with keys, gone at once; and what a verified
agency sees."""

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import (
    Conflict,
    EcosystemError,
    Forbidden,
    Invalid,
    NotFound,
    SignInRequired,
)
from ecosystem.services.agency_profile import AgencyProfileForm, DecisionForm, VerificationForm
from ecosystem.services.agency_team import AgencyInvitationForm
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.services.forms import parse
from tests.memory_sign_in import CODE, Entrance
from tests.services.test_operator_team import Postbox, newcomer, postbox, sign_in, token_of

assert postbox


def invited(entrance: Entrance, box: Postbox, owner: Actor, email: str, role: str) -> str:
    form = parse(AgencyInvitationForm, {"email": email, "role": role})
    entrance.services.agency_team.invite(owner, form)
    return token_of(entrance, box)


def colleague(entrance: Entrance, box: Postbox, owner: Actor, role: str) -> tuple[str, Actor]:
    """Somebody new in the team, signed in: the session's cookie and the actor."""
    email = f"{role}-{uuid4().hex[:8]}@people.example"
    token = invited(entrance, box, owner, email, role)
    entrance.services.joining.accept(newcomer(entrance, email, token), token)
    entered = sign_in(entrance, email)
    return entered.cookie, entered.actor


def key_of(entrance: Entrance, owner: Actor, role: str) -> str:
    form = parse(ApiKeyForm, {"name": "Accounting", "role": role})
    return entrance.services.api_keys.make(owner, form)[1]


def caller(entrance: Entrance, key: str) -> Actor:
    return entrance.services.sign_in.actor_for_token(key)


def test_somebody_new_joins_an_agency_by_a_link(entrance: Entrance, postbox: Postbox) -> None:
    services = entrance.services
    _, owner = entrance.enter("agent")
    token = invited(entrance, postbox, owner, "nia@people.example", "assistant")
    assert "an assistant" in postbox.sent[-1].text
    actor = newcomer(entrance, "nia@people.example", token)
    assert (actor.role, actor.agency_id, actor.agency_role) == ("agent", None, "")
    with pytest.raises(Forbidden) as refusal:
        services.agency_team.show(actor)
    assert refusal.value.code == "no_agency"
    entered = sign_in(entrance, "nia@people.example")
    assert services.joining.accept(entered.actor, token) == "assistant"
    now = services.sessions.find(entered.cookie)
    assert now is not None
    assert (now.agency_id, now.agency_role) == (owner.agency_id, "assistant")
    assert services.joining.invitation(token).state == "used"
    seen = services.agency_team.show(owner).members
    assert [(one.email, one.role) for one in seen] == [
        (owner.email, "owner"),
        ("nia@people.example", "assistant"),
    ]


def test_a_link_is_for_one_address_and_one_kind_of_account(
    entrance: Entrance, postbox: Postbox
) -> None:
    _, owner = entrance.enter("agent")
    _, rival = entrance.enter("agent")
    traveller = entrance.person("customer")
    token = invited(entrance, postbox, owner, traveller, "agent")
    for wrong in (rival, sign_in(entrance, traveller).actor):
        with pytest.raises(Forbidden) as refusal:
            entrance.services.joining.accept(wrong, token)
        assert refusal.value.code == "wrong_account"
    token = invited(entrance, postbox, owner, rival.email, "agent")
    with pytest.raises(Conflict) as elsewhere:
        entrance.services.joining.accept(rival, token)
    assert elsewhere.value.code == "works_elsewhere"


def test_removing_ends_everything_at_once(entrance: Entrance, postbox: Postbox) -> None:
    services = entrance.services
    _, owner = entrance.enter("agent")
    cookie, second = colleague(entrance, postbox, owner, "owner")
    key = key_of(entrance, second, "agent")
    assert caller(entrance, key).agency_id == owner.agency_id
    link = invited(entrance, postbox, second, "later@people.example", "agent")
    services.agency_team.remove(owner, second.user_id)  # type: ignore[arg-type]
    assert services.sessions.find(cookie) is None
    # Of a sign-in that was under way: it had found her still there.
    assert services.sessions.find(services.sessions.create(second)) is None
    with pytest.raises(SignInRequired):
        caller(entrance, key)
    assert services.joining.invitation(link).state == "revoked"
    with pytest.raises(Forbidden):
        key_of(entrance, second, "agent")  # her request began while she was an owner
    with pytest.raises(Forbidden) as refusal:
        sign_in(entrance, second.email)
    assert refusal.value.code == "access_ended"
    with pytest.raises(Forbidden):  # with what a process remembers of her
        services.agency_team.invite(
            second, parse(AgencyInvitationForm, {"email": "x@people.example", "role": "owner"})
        )
    back = invited(entrance, postbox, owner, second.email, "agent")
    services.joining.accept(sign_in(entrance, second.email).actor, back)
    assert sign_in(entrance, second.email).actor.agency_role == "agent"


def test_clients_and_open_bookings_go_to_a_colleague(entrance: Entrance, postbox: Postbox) -> None:
    team = entrance.services.agency_team
    _, owner = entrance.enter("agent")
    _, ann = colleague(entrance, postbox, owner, "agent")
    _, rival = entrance.enter("agent")
    with entrance.services.database.unit(RDS) as session:
        session.execute(
            text(
                "insert into clients (id, agency_id, full_name, agent_id)"
                " values (gen_random_uuid(), :agency, 'Cleo Client', :agent)"
            ),
            {"agency": owner.agency_id, "agent": ann.user_id},
        )
    has = {one.email: one.clients for one in team.show(owner).members}
    assert has == {owner.email: 0, ann.email: 1}
    for giver, taker in ((ann, rival), (rival, ann), (rival, owner)):
        with pytest.raises(NotFound):
            team.hand_over(owner, giver.user_id, taker.user_id)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        team.hand_over(owner, ann.user_id, ann.user_id)  # type: ignore[arg-type]
    team.remove(owner, ann.user_id, owner.user_id)  # type: ignore[arg-type]
    assert [one.clients for one in team.show(owner).members] == [1]


def test_a_role_counts_from_the_next_thing_on_and_ends_keys(
    entrance: Entrance, postbox: Postbox
) -> None:
    services = entrance.services
    _, owner = entrance.enter("agent")
    cookie, second = colleague(entrance, postbox, owner, "owner")
    key = key_of(entrance, second, "agent")
    services.agency_team.change_role(owner, second.user_id, "assistant")  # type: ignore[arg-type]
    now = services.sessions.find(cookie)
    assert now is not None
    assert not now.sees_commission
    for ask in (services.statements.months, services.commissions.rows, services.payouts.status):
        with pytest.raises(Forbidden) as refusal:
            ask(now)
        assert refusal.value.code == "assistant"
    with pytest.raises(SignInRequired):
        caller(entrance, key)
    with pytest.raises(Conflict) as last:
        services.agency_team.change_role(owner, owner.user_id, "agent")  # type: ignore[arg-type]
    assert last.value.code == "last_owner"


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_two_owners_who_demote_each_other_leave_one(
    entrance: Entrance, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, lock: bool
) -> None:
    team = entrance.services.agency_team
    _, owner = entrance.enter("agent")
    _, second = colleague(entrance, postbox, owner, "owner")
    together, write = threading.Barrier(2, timeout=60), agencies.change_person

    def slowly(*args: Any, **values: Any) -> None:
        if not lock:
            together.wait()
        write(*args, **values)

    if not lock:
        monkeypatch.setattr(agencies, "lock", lambda *_: None)
    monkeypatch.setattr(agencies, "change_person", slowly)

    def demote(actor: Actor, other: Actor) -> None:
        try:
            team.change_role(actor, other.user_id, "agent")  # type: ignore[arg-type]
        except EcosystemError:
            return

    threads = [
        threading.Thread(target=demote, args=pair) for pair in ((owner, second), (second, owner))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    roles = sorted(one.role for one in team.show(owner).members)
    assert roles == (["agent", "owner"] if lock else ["agent", "agent"])


def test_an_agency_asks_for_an_authenticator_app(entrance: Entrance, postbox: Postbox) -> None:
    services = entrance.services
    cookie, owner = entrance.enter("agent")
    hers, ann = colleague(entrance, postbox, owner, "agent")
    with pytest.raises(Conflict) as refusal:
        services.agency_team.require_second_factor(owner, True)
    assert refusal.value.code == "second_factor_missing"
    services.sign_in.start_enrolment(cookie)
    services.sign_in.finish_enrolment(cookie, {"code": CODE})
    services.agency_team.require_second_factor(owner, True)
    assert services.sessions.find(cookie) is not None
    assert services.sessions.find(hers) is None

    entered = sign_in(entrance, ann.email)
    assert (entered.actor.agency_id, entered.actor.enrol_first) == (None, True)
    with pytest.raises(Forbidden) as first:
        services.agency_desk.today(entered.actor)
    assert first.value.code == "second_factor_required"
    token = entrance.cognito._signed_in(ann.email).tokens.access
    assert services.sign_in.actor_for_token(token).agency_id is None
    services.sign_in.start_enrolment(entered.cookie)
    services.sign_in.finish_enrolment(entered.cookie, {"code": CODE})
    now = services.sessions.find(entered.cookie)
    assert now is not None
    assert (now.agency_id, now.enrol_first) == (owner.agency_id, False)
    token = entrance.cognito._signed_in(ann.email).tokens.access
    assert services.sign_in.actor_for_token(token).agency_id == owner.agency_id


def test_keys_are_an_owners_and_work_until_they_are_revoked(
    entrance: Entrance, postbox: Postbox
) -> None:
    keys = entrance.services.api_keys
    _, owner = entrance.enter("agent")
    _, rival = entrance.enter("agent")
    _, operator = entrance.enter("provider")
    key = key_of(entrance, owner, "assistant")
    found = caller(entrance, key)
    assert (found.source, found.role, found.agency_id) == ("api_key", "agent", owner.agency_id)
    assert (found.agency_role, found.sees_commission) == ("assistant", False)
    (row,) = keys.show(owner)
    assert key.startswith(row.prefix)
    assert row.last_used_at is not None
    with entrance.services.database.unit(RDS) as session:
        kept = session.execute(text("select string_agg(api_keys::text, '') from api_keys")).scalar()
    assert key not in str(kept)
    for junk in (key[:-1], "eco_", "eco_" + "x" * 5000, "eco_é\x00"):
        with pytest.raises(SignInRequired):
            caller(entrance, junk)
    with pytest.raises(Invalid):
        key_of(entrance, owner, "owner")
    with pytest.raises(Invalid):
        key_of(entrance, operator, "agent")
    for nobody in (found, replace(owner, agency_role="agent")):
        with pytest.raises(Forbidden):
            keys.show(nobody)
        with pytest.raises(Forbidden):
            key_of(entrance, nobody, "agent")
    with pytest.raises(NotFound):
        keys.revoke(rival, row.id)
    keys.revoke(owner, row.id)
    with pytest.raises(SignInRequired):
        caller(entrance, key)
    assert caller(entrance, key_of(entrance, operator, "viewer")).operator_role == "viewer"


REGISTERED = {"company": "Nord Reisen GmbH", "number": "HRB 1234", "registry": "Berlin"}


def test_operations_verify_an_agency_and_its_new_name_anew(
    entrance: Entrance, postbox: Postbox
) -> None:
    agencies_ = entrance.services.agencies
    _, owner = entrance.enter("agent")
    _, ops = entrance.enter("ops")
    asked = agencies_.ask(owner, parse(VerificationForm, REGISTERED))
    assert (asked.verification, asked.registration.number) == ("asked", "HRB 1234")
    assert [one.id for one in agencies_.agencies(ops)][:1] == [owner.agency_id]

    def decide(decision: str, note: str = "", **more: Any) -> None:
        seen = {"asked_at": more.get("asked_at", asked.verification_asked_at)}
        form = parse(DecisionForm, {"decision": decision, "note": note, **seen})
        agencies_.decide(more.get("actor", ops), UUID(str(asked.id)), form)

    with pytest.raises(Invalid):
        decide("refused")
    with pytest.raises(Forbidden):
        decide("verified", actor=owner)
    decide("refused", "No such number.")
    with pytest.raises(Conflict):
        decide("verified")
    asked = agencies_.ask(owner, parse(VerificationForm, REGISTERED))
    decide("verified")
    with pytest.raises(Conflict):
        agencies_.ask(owner, parse(VerificationForm, REGISTERED))
    seen = agencies_.show(owner)
    form = parse(AgencyProfileForm, {"updated_at": seen.updated_at, "name": "Another Name"})
    changed = agencies_.edit(owner, form)
    assert (changed.name, changed.verification) == ("Another Name", "asked")
    with pytest.raises(Conflict) as stale:
        agencies_.edit(
            owner, parse(AgencyProfileForm, {"updated_at": seen.updated_at, "address": "Here 1"})
        )
    assert stale.value.code == "edited_elsewhere"
    for bad in ({"accent": "#FFEE00"}, {"accent": "red"}, {"website": "javascript:x"}):
        with pytest.raises(Invalid):
            parse(AgencyProfileForm, {"updated_at": seen.updated_at, **bad})
    assert parse(
        AgencyProfileForm, {"updated_at": seen.updated_at, "accent": "#0f5b5a"}
    ).accent == ("#0F5B5A")
