"""A draft is deleted while somebody takes seats of it: one of the two happens, whole."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import package_content, seats
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.services.package_editor import PackageEditor, removing
from tests.faults.test_package_saving import Killed, Mortal
from tests.product import Offer, Product
from tests.services.test_package_editor import editor_of


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


def unpublished(product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take it off the market; this process has not noticed yet, as for up to two seconds."""
    known = product.services.catalogue.rates(made.package_id)
    editor, gaia = product.services.editor, editor_of(made)
    draft = editor.open(gaia, made.package_id)
    editor.back_to_draft(gaia, made.package_id, draft.version)
    monkeypatch.setattr(product.services.catalogue, "rates", lambda _: known)


def rows(product: Product, made: Offer) -> tuple[str, int]:
    """Status of the departure, and how many claims it has."""
    found = product.one(
        "select coalesce(min(d.status), 'gone') as status, count(c.id) as claims from departures d"
        " left join seat_claims c on c.departure_id = d.id where d.id = :id",
        id=made.departure_id,
    )
    return found.status, found.claims


def begun(product: Product) -> int:
    return product.one("select count(*) as n from package_versions where state = 'intended'").n


def hold_before_the_package_goes(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    remove, told = package_content.remove, []

    def meanwhile(*args: Any) -> bool:
        try:
            product.hold(made)
            told.append("held")
        except Conflict as error:
            told.append(error.code)
        return remove(*args)

    monkeypatch.setattr(package_content, "remove", meanwhile)
    product.services.editor.delete(editor_of(made), made.package_id)
    with pytest.raises(NotFound):
        product.services.editor.open(editor_of(made), made.package_id)
    return told


def test_no_seat_is_given_out_once_the_deletion_has_begun(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpublished(product, made, monkeypatch)
    assert hold_before_the_package_goes(product, made, monkeypatch) == ["departure_closed"]
    assert (rows(product, made), begun(product)) == (("gone", 0), 0)


def test_control_with_departures_left_open_seats_of_nothing_are_held(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpublished(product, made, monkeypatch)
    monkeypatch.setattr(removing, "close", lambda *_: [])
    assert hold_before_the_package_goes(product, made, monkeypatch) == ["held"]
    # Even then nothing breaks: what the claim needs stays, and sells nothing more.
    assert (rows(product, made), begun(product)) == (("closed", 1), 0)
    assert product.services.editor.repair() == 0


def test_a_deletion_waits_for_the_hold_that_is_being_placed(
    product: Product, made: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpublished(product, made, monkeypatch)
    told: list[str] = []

    def delete() -> None:
        try:
            product.services.editor.delete(editor_of(made), made.package_id)
            told.append("deleted")
        except Conflict as error:
            told.append(error.code)

    deleting = threading.Thread(target=delete)
    with product.database.unit(RDS) as session:
        seats.departure(session, made.departure_id, lock=True)
        session.execute(
            text(
                "insert into seat_claims (id, departure_id, package_id, seats, state, expires_at,"
                " holder, adults, children, price) values (gen_random_uuid(), :id, :package, 2,"
                " 'held', now() + interval '1 day', '', 2, 0, '{}')"
            ),
            {"id": made.departure_id, "package": made.package_id},
        )
        with product.database.unit(RDS) as other:
            # The control: a look without the lock sees nothing that is against it.
            assert not package_content.was_sold(other, made.package_id)
        deleting.start()
        deleting.join(0.5)
        assert told == []
    deleting.join(10)
    assert told == ["was_sold"]
    assert product.services.editor.open(editor_of(made), made.package_id).status == "draft"
    assert (rows(product, made), begun(product)) == (("open", 1), 0)


def test_a_deletion_killed_before_the_package_went_opens_the_departures_again(
    product: Product, made: Offer, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpublished(product, made, monkeypatch)
    gaia, editor = editor_of(made), product.services.editor
    seen: set[str] = set()
    for at in range(1, 60):
        mortal: Any = Mortal(product.database, at)
        try:
            PackageEditor(mortal, product.services.catalogue, clock).delete(gaia, made.package_id)
        except Killed:
            seen.add(rows(product, made)[0])
            clock.move(seconds=40)
            editor.repair()
            assert begun(product) == 0
            try:
                editor.open(gaia, made.package_id)
            except NotFound:
                break
            assert rows(product, made) == ("open", 0)
    # Of these, closed is what was found before it was taken back.
    assert seen == {"open", "closed"}
    assert rows(product, made) == ("gone", 0)


def test_repair_goes_on_past_a_package_that_it_cant_finish(
    product: Product, made: Offer, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaia, editor = editor_of(made), product.services.editor
    for _ in range(2):
        draft = editor.duplicate(gaia, made.package_id)
        mortal: Any = Mortal(product.database, 12)
        with pytest.raises(Killed):
            PackageEditor(mortal, product.services.catalogue, clock).delete(gaia, draft.id)
        clock.move(seconds=1)
    assert begun(product) == 2
    clock.move(seconds=40)
    calls: list[object] = []
    repair = type(editor._saving)._repair

    def stumbles(self: Any, *args: Any) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise RuntimeError("This one can't be finished.")
        repair(self, *args)

    monkeypatch.setattr(type(editor._saving), "_repair", stumbles)
    assert editor.repair() == 2
    assert begun(product) == 1
    assert editor.repair() == 1
    assert begun(product) == 0
