"""Messages tried again, adjustments by two people, and the log of it all."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.operations import AdjustmentForm
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider, sell

ANNA = Actor(role="ops", source="cognito", user_id=uuid7(), name="Anna", email="anna@eco.example")
BEN = Actor(role="ops", source="cognito", user_id=uuid7(), name="Ben", email="ben@eco.example")


def wanted(reference: str, **changed: Any) -> AdjustmentForm:
    given = {
        "reference": reference,
        "debit": "platform_revenue",
        "credit": "operator_payable",
        "amount": "12.50",
        "reason": "Agreed with the operator on the phone",
    }
    return AdjustmentForm.model_validate(given | changed)


def leave(product: Product, topic: str = "email.nothing", error: str = "") -> str:
    """A message in the outbox, failing when there is an error; its id."""
    with product.database.unit(RDS) as session:
        messages.send(session, topic, {"word": "50%_off"})
        session.execute(
            text("update outbox set last_error = nullif(:error, '') where topic = :topic"),
            {"error": error, "topic": topic},
        )
    return str(product.one("select id from outbox where topic = :topic", topic=topic).id)


def test_messages_are_listed_by_state_and_words(product: Product) -> None:
    failing, _waiting = leave(product, "email.a", "SES is silent"), leave(product, "email.b")
    rows = product.services.messages.rows
    assert [m.kind for m in rows(ANNA, "outbox")[0]] == ["email.b", "email.a"]
    assert [m.id for m in rows(ANNA, "outbox", state="failing")[0]] == [failing]
    for words, found in (("email.a", 1), ("50%_off", 2), ("50%xoff", 0), (failing, 1), ("%", 2)):
        assert len(rows(ANNA, "outbox", words=words)[0]) == found, words
    page, more = rows(ANNA, "outbox", limit=1)
    assert (len(page), more) == (1, True)
    assert rows(ANNA, "inbox")[0] == ()


def test_a_message_is_tried_again_at_once_and_that_is_noted(product: Product) -> None:
    key = leave(product, "email.a", "SES is silent")
    with product.database.unit(RDS) as session:
        session.execute(text("update outbox set available_at = now() + interval '1 hour'"))
    product.services.messages.retry(ANNA, "outbox", key)
    assert product.one("select available_at <= now() + interval '5 s' as due from outbox").due
    line = product.services.trail.lines(ANNA).items[0]
    assert (line.action, line.who, line.subject_id) == ("message.retried", ANNA.email, key)
    with product.database.unit(RDS) as session:
        session.execute(text("update outbox set done_at = now()"))
    with pytest.raises(Conflict):
        product.services.messages.retry(ANNA, "outbox", key)
    for junk in (str(uuid4()), "x", "'; drop table outbox"):
        with pytest.raises(NotFound):
            product.services.messages.retry(ANNA, "outbox", junk)


def test_an_event_looked_at_again_changes_nothing_twice(product: Product) -> None:
    sell(product, product.offer(), GUEST)
    product.services.inbox.catch_up(timedelta(minutes=5))
    product.work()
    before = product.one("select count(*) as n, sum(abs(amount_minor)) as s from ledger_entries")
    done = [m for m in product.services.messages.rows(ANNA, "inbox")[0] if m.state == "done"]
    assert done
    for message in done:
        product.services.messages.retry(ANNA, "inbox", message.id)
    product.work()
    after = product.one("select count(*) as n, sum(abs(amount_minor)) as s from ledger_entries")
    assert after == before
    assert len([m for m in product.postbox.sent if "booked" in m.subject]) == 1


def test_an_adjustment_takes_two_people(product: Product) -> None:
    reference = sell(product, product.offer(), GUEST)
    adjusting = product.services.adjusting
    made = adjusting.propose(ANNA, wanted(reference.lower()))
    assert (made.state, made.amount.minor, made.proposed_by_name) == ("proposed", 1250, "Anna")
    posted = "select count(*) as n from ledger_entries where cause like 'adjustment:%'"
    assert product.one(posted).n == 0
    with pytest.raises(Forbidden) as refused:
        adjusting.approve(ANNA, made.id)
    assert refused.value.code == "four_eyes"
    done = adjusting.approve(BEN, made.id)
    assert (done.state, done.decided_by_name) == ("approved", "Ben")
    assert product.one(posted).n == 2
    for again in (adjusting.approve, adjusting.reject):
        with pytest.raises(Conflict):
            again(BEN, made.id)
    assert product.one("select sum(amount_minor) as rest from ledger_entries").rest == 0
    log = [line.action for line in product.services.trail.lines(ANNA, words=reference).items]
    assert log[:2] == ["adjustment.approved", "adjustment.proposed"]
    known = product.services.trail.lines(ANNA, words="Adjustment: appro").items
    assert [(line.action, line.currency) for line in known] == [("adjustment.approved", "EUR")]


def test_a_rejected_adjustment_posts_nothing(product: Product) -> None:
    made = product.services.adjusting.propose(ANNA, wanted(sell(product, product.offer(), GUEST)))
    product.services.adjusting.reject(BEN, made.id)
    posted = "select count(*) as n from ledger_entries where cause like 'adjustment:%'"
    assert product.one(posted).n == 0
    with pytest.raises(Conflict):
        product.services.adjusting.approve(BEN, made.id)


def test_two_who_decide_at_once_decide_once(product: Product) -> None:
    made = product.services.adjusting.propose(ANNA, wanted(sell(product, product.offer(), GUEST)))
    people = [BEN, *(Actor(role="ops", source="cognito", user_id=uuid7()) for _ in range(5))]
    done: list[str] = []

    def decide(actor: Actor, number: int) -> None:
        act = (product.services.adjusting.approve, product.services.adjusting.reject)[number % 2]
        try:
            done.append(act(actor, made.id).state)
        except EcosystemError as error:
            assert error.code in ("decided", "busy")

    threads = [threading.Thread(target=decide, args=(p, n)) for n, p in enumerate(people)]
    _ = [t.start() for t in threads], [t.join() for t in threads]
    assert len(done) == 1
    posted = product.one("select count(*) as n from ledger_entries where cause like 'adjustment:%'")
    assert posted.n == (2 if done == ["approved"] else 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"debit": "pocket"}, "debit"),
        ({"credit": "platform_revenue"}, "credit"),
        ({"credit": "agency_payable"}, "credit"),
        ({"reference": "TRV-00000000"}, "reference"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-3"}, "amount"),
        ({"amount": "1e99"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "120,50"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "1000000.01"}, "amount"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_proposal_is_checked(product: Product, changed: dict[str, str], field: str) -> None:
    reference = sell(product, product.offer(), GUEST)
    with pytest.raises(Invalid) as refused:
        product.services.adjusting.propose(ANNA, wanted(**{"reference": reference, **changed}))
    assert [error.field for error in refused.value.fields] == [field]


def test_none_of_it_is_for_others(product: Product) -> None:
    made = product.offer()
    reference = sell(product, made, GUEST)
    adjustment = product.services.adjusting.propose(ANNA, wanted(reference))
    for actor in (GUEST, agent(product), provider(made.operator_id)):
        for act in (
            lambda who=actor: product.services.messages.rows(who, "outbox"),
            lambda who=actor: product.services.messages.retry(who, "outbox", "x"),
            lambda who=actor: product.services.trail.lines(who),
            lambda who=actor: product.services.adjusting.rows(who),
            lambda who=actor: product.services.adjusting.propose(who, wanted(reference)),
            lambda who=actor: product.services.adjusting.approve(who, adjustment.id),
            lambda who=actor: product.services.adjusting.reject(who, adjustment.id),
        ):
            with pytest.raises(Forbidden):
                act()


def test_the_log_turns_pages_without_gaps(product: Product) -> None:
    for number in range(5):
        leave(product, f"email.{number}")
        key = product.one("select id from outbox where topic = :t", t=f"email.{number}").id
        product.services.messages.retry(ANNA, "outbox", str(key))
    trail, cursor, seen = product.services.trail, "", []
    while True:
        page = trail.lines(ANNA, cursor=cursor, limit=2, words="message.")
        seen += [line.id for line in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    for junk in ("x", "-1", "9" * 30, "²"):
        with pytest.raises(Invalid):
            trail.lines(ANNA, cursor=junk)


def test_the_checks_of_the_ledger_are_kept_with_their_time(product: Product, clock: Any) -> None:
    sell(product, product.offer(), GUEST)
    checks = product.services.ledger_checks
    assert checks.step() == len(checks.latest(ANNA))
    before = checks.latest(ANNA)
    wrong = "update payments set amount_minor = amount_minor + 100, refunded_minor = 0"
    product.change(wrong)
    clock.move(minutes=5)
    assert checks.step() == 0, "not so soon again"
    assert checks.latest(ANNA) == before, "a page reads what was found last"
    clock.move(minutes=6)
    assert checks.step() > 0
    [bad] = [check for check in checks.latest(ANNA) if check.differences and check.name == "paid"]
    now, then = checks.run(ANNA)[0].at, before[0].at
    assert bad.at is not None
    assert then is not None
    assert now is not None
    assert then < bad.at < now
    assert [one.rest.minor for one in bad.differences] == [-100]
    for asked in (checks.latest, checks.run):
        with pytest.raises(Forbidden):
            asked(GUEST)
