"""Naming travellers after booking, who shares a room, the lists of it, the reminders."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound, TooManyRequests
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import parse
from ecosystem.services.travellers import NameReminders, NamesForm
from tests.documents.papers import pages
from tests.product import GUEST, Product
from tests.services.test_birth_dates import asking, book
from tests.services.test_desks import agent, provider, sell

ADA = {"name": "Ada Okafor", "kind": "adult"}
BEA = {"name": "Bea Sand", "kind": "adult"}
KID = {"name": "Kim Sand", "kind": "child"}


def names(*people: dict[str, Any], **more: Any) -> NamesForm:
    return parse(NamesForm, {"travellers": list(people), **more})


def booked(product: Product, actor: Actor = GUEST, *, bare: bool = True, **party: Any) -> Any:
    """A confirmed booking nobody of which is named."""
    made = party.pop("offer", None) or product.offer()
    booking = product.book(product.hold(made, actor=actor, **party), actor=actor)
    session = product.session_of(booking)
    product.pay(session)
    product.services.payments.settle(session)
    if bare:
        product.change("update bookings set travellers = '[]' where id = :id", id=booking.id)
    return booking


def wrong(product: Product, reference: str, *people: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        product.services.travellers.name(GUEST, reference, names(*people))
    return {error.field: error.message for error in refused.value.fields}


def test_travellers_are_named_after_booking_one_by_one(product: Product) -> None:
    desk = product.services.travellers
    reference = booked(product).reference
    before = desk.show(GUEST, reference)
    assert (before.missing, before.why_not, len(before.people)) == (2, "", 2)
    half = desk.name(GUEST, reference, names({"name": "", "kind": "adult"}, BEA))
    assert (half.missing, half.people[0].name) == (1, "Bea Sand")
    whole = desk.name(GUEST, reference, names(BEA, ADA, stamp=half.stamp))
    assert whole.missing == 0
    seen = product.services.bookings.get(GUEST, reference)
    assert [one["name"] for one in seen.travellers] == ["Bea Sand", "Ada Okafor"]
    entry = product.one("select data from audit_log where action = 'booking.travellers_named'"
                        " order by id desc limit 1")  # fmt: skip
    assert entry.data == {"named": 2, "of": 2}
    assert product.one("select revision from bookings").revision == 2


def test_the_same_names_again_change_nothing(product: Product) -> None:
    desk, reference = product.services.travellers, booked(product).reference
    first = desk.name(GUEST, reference, names(ADA, BEA))
    assert desk.name(GUEST, reference, names(ADA, BEA)).stamp == first.stamp
    assert product.one("select revision from bookings").revision == 1


def test_what_was_not_read_is_not_overwritten(product: Product) -> None:
    desk, reference = product.services.travellers, booked(product).reference
    read = desk.show(GUEST, reference)
    desk.name(GUEST, reference, names(ADA, stamp=read.stamp))
    with pytest.raises(Conflict) as refused:
        desk.name(GUEST, reference, names(BEA, stamp=read.stamp))
    assert refused.value.code == "edited_elsewhere"
    assert desk.show(GUEST, reference).people[0].name == "Ada Okafor"


def test_what_cannot_be_is_said_beside_its_place(product: Product) -> None:
    made = asking(product, product.offer())
    hold = product.hold(made, adults=2, children=1, child_ages=(6,))
    booking = product.book(product.hold(product.offer(), adults=1))
    assert wrong(product, booking.reference, ADA, BEA).keys() == {"travellers"}
    people = [{"name": n, "birth_date": "1990-11-03"} for n in ("Maja Lindqvist", "Ada Okafor")]
    booking = book(product, hold, *people, KID | {"birth_date": _child_of(6)})
    late = {**KID, "birth_date": _child_of(9)}
    said = wrong(product, booking.reference, ADA, {"name": "", "kind": "adult"}, late)
    assert "9 years old" in said["travellers.2.birth_date"]
    assert "Write to the operator" in said["travellers.2.birth_date"]
    undated = {"name": "", "kind": "adult", "birth_date": "1990-01-01"}
    assert wrong(product, booking.reference, undated).keys() == {"travellers.0.name"}


def _child_of(age: int) -> str:
    """A day of birth that makes somebody so old on the day of departure."""
    day = datetime.now(UTC).date() + timedelta(days=120)
    return f"{day.year - age}-01-01"


def test_who_sees_the_booking_in_full_names_and_nobody_else(product: Product) -> None:
    desk = product.services.travellers
    mine, rival = agent(product), agent(product, "Rival")
    booking = booked(product, mine)
    desk.name(mine, booking.reference, names(ADA))
    key = product.one("select view_key from bookings").view_key
    desk.name(GUEST, booking.reference, names(BEA), key=key)
    for stranger, given in ((rival, ""), (GUEST, ""), (GUEST, "x" * 43)):
        with pytest.raises(NotFound):
            desk.show(stranger, booking.reference, key=given)
        with pytest.raises(NotFound):
            desk.name(stranger, booking.reference, names(ADA), key=given)
    ops = Actor(role="ops", source="cognito", user_id=uuid7())
    assert desk.show(ops, booking.reference).why_not
    with pytest.raises(Forbidden):
        desk.name(ops, booking.reference, names(ADA))


def test_names_close_for_the_buyer_before_they_do_for_the_operator(
    product: Product, clock: Any
) -> None:
    desk = product.services.travellers
    made = product.offer(starts_in=10)
    reference = booked(product, offer=made).reference
    clock.move(days=6)
    desk.name(GUEST, reference, names(ADA))
    clock.move(days=2)
    with pytest.raises(Gone) as refused:
        desk.name(GUEST, reference, names(BEA))
    assert refused.value.code == "names_closed"
    editor = provider(made.operator_id)
    assert desk.name(editor, reference, names(BEA)).people[0].name == "Bea Sand"
    product.change("update bookings set status = 'cancelled'")
    with pytest.raises(Gone):
        desk.name(editor, reference, names(ADA))


def test_who_shares_a_room_is_chosen_within_what_was_paid_for(product: Product) -> None:
    desk = product.services.travellers
    reference = booked(product, adults=3, children=1).reference
    assert [room.adults for room in desk.show(GUEST, reference).rooms] == [2, 1]
    chosen = desk.name(
        GUEST, reference, names({**ADA, "room": 2}, {**BEA, "room": 1}, {**KID, "room": 2})
    )
    in_rooms = [[one.name for one in room.sleepers] for room in chosen.rooms]
    assert in_rooms == [["Bea Sand", ""], ["Ada Okafor", "Kim Sand"]]
    full = wrong(product, reference, {**ADA, "room": 2}, {**BEA, "room": 2})
    assert "no more places" in full["travellers.1.room"]
    assert wrong(product, reference, {**ADA, "room": 7}).keys() == {"travellers.0.room"}


def test_the_rooming_list_has_everybody_once(product: Product) -> None:
    made = product.offer()
    first = booked(product, offer=made, adults=3)
    booked(product, agent(product), offer=made, adults=1)
    product.book(product.hold(made, adults=2))  # not paid: not on the list
    product.services.travellers.name(GUEST, first.reference, names({**ADA, "name": "=Ada"}))
    mine = provider(made.operator_id)
    text = product.services.traveller_lists.rooming_csv(mine, made.departure_id)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 4
    # Both were booked in one name: whichever comes first.
    rooms = dict(sorted({(row["Room"], row["Type"]) for row in rows}))
    assert list(rooms) == ["1", "2", "3"]
    assert sorted(rooms.values()) == ["Double", "Single", "Single"]
    assert not any(row["Name"].startswith("=") for row in rows)
    (paper,) = pages(product.services.traveller_lists.rooming_pdf(mine, made.departure_id))
    assert "Rooming list" in paper
    assert first.reference in paper
    with pytest.raises(NotFound):
        product.services.traveller_lists.rooming_csv(
            provider(product.offer().operator_id), made.departure_id
        )


def test_who_has_not_said_it_is_reminded_once_a_stage(product: Product, clock: Any) -> None:
    duty = NameReminders(product.database, product.services.clock)
    booking = booked(product, offer=product.offer(starts_in=30))
    booked(product, adults=1, offer=product.offer(starts_in=30))
    assert duty.step() == 0
    clock.move(days=13)  # fourteen days before the last day for names
    assert (duty.step(), duty.step()) == (1, 0)
    product.work()
    (letter,) = [one for one in product.postbox.sent if "Who travels with you" in one.subject]
    assert booking.reference in letter.subject
    assert "2 travellers are not known yet" in letter.text
    clock.move(days=7)
    assert duty.step() == 1
    product.services.travellers.name(GUEST, booking.reference, names(ADA, BEA))
    product.work()
    assert sum("Who travels" in one.subject for one in product.postbox.sent) == 1
    clock.move(days=5)
    assert duty.step() == 0


def test_an_agency_sends_its_client_the_link_to_pay(product: Product) -> None:
    mine, links = agent(product), product.services.pay_links
    booking = product.book(product.hold(product.offer(), actor=mine), actor=mine)
    sent = links.send(mine, booking.reference)
    assert (sent.to, sent.amount) == ("maja@example.com", booking.total)
    product.work()
    letter = product.postbox.sent[-1]
    token = product.one("select pay_token from payments").pay_token
    assert f"/pay/{token}" in letter.text
    assert "asks you to pay" in letter.subject
    links.send(mine, booking.reference)
    links.send(mine, booking.reference)
    with pytest.raises(TooManyRequests):
        links.send(mine, booking.reference)
    for other in (agent(product, "Rival"), provider(uuid7()), GUEST):
        with pytest.raises((NotFound, Forbidden)):
            links.send(other, booking.reference)


@pytest.mark.parametrize("status", ["paid", "processing"])
def test_nothing_is_asked_for_of_what_is_paid_or_on_its_way(product: Product, status: str) -> None:
    mine = agent(product)
    reference = sell(product, product.offer(), mine)
    product.change("update payments set status = :status", status=status)
    with pytest.raises(Conflict) as refused:
        product.services.pay_links.send(mine, reference)
    assert refused.value.code == "nothing_due"
