"""Pictures of packages: only what was looked at is shown, and only to whom it may be."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import pictures as queries
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ecosystem.domain.pictures import MOST_PICTURES, PICTURE_WIDTHS, PictureView, rendition_key
from ecosystem.services.forms import parse
from ecosystem.services.package_pictures import PictureStart
from tests.picture_files import photo
from tests.product import Offer, Product

PHOTO = photo()


def operator(offer: Offer, role: Any = "owner") -> Actor:
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid4(),
        operator_id=offer.operator_id,
        operator_role=role,
    )


def form(size: int = len(PHOTO), content_type: str = "image/jpeg") -> PictureStart:
    return parse(PictureStart, {"file_name": "bay.jpg", "content_type": content_type, "size": size})


def send(product: Product, actor: Actor, package_id: UUID, content: bytes = PHOTO) -> UUID:
    """Everything a browser does before it says that it is done."""
    started = product.services.pictures.start(actor, package_id, form())
    product.files.post(product.files.forms[-1], content)
    return started.picture_id


def add(product: Product, actor: Actor, package_id: UUID) -> PictureView:
    return product.services.pictures.finish(actor, send(product, actor, package_id))


def served(product: Product, actor: Actor, picture_id: UUID) -> bool:
    try:
        product.services.picture_files.access(actor, picture_id)
    except NotFound:
        return False
    return True


def test_a_picture_is_sent_looked_at_and_shown(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    shown = add(product, actor, offer.package_id)
    assert (shown.width, shown.height, shown.alt) == (1200, 800, "")
    assert product.services.pictures.of(offer.package_id) == (shown,)
    for width in PICTURE_WIDTHS:
        content = product.services.picture_files.read(shown.id, width)
        assert content[8:12] == b"WEBP"
    product.work()
    assert set(product.files.objects) == {rendition_key(shown.id, w) for w in PICTURE_WIDTHS}
    assert product.services.pictures.finish(actor, shown.id) == shown


def test_a_file_sent_again_with_the_same_form_changes_nothing(product: Product) -> None:
    offer = product.offer()
    shown = add(product, operator(offer), offer.package_id)
    before = dict(product.files.objects)
    product.files.post(product.files.forms[-1], b"<script>")
    product.services.pictures.finish(operator(offer), shown.id)
    for width in PICTURE_WIDTHS:
        key = rendition_key(shown.id, width)
        assert product.files.objects[key] == before[key]


def test_what_is_no_picture_is_refused_and_forgotten(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    picture_id = send(product, actor, offer.package_id, b"MZ a program")
    for _ in range(2):
        with pytest.raises(Invalid, match="whatever its name says"):
            product.services.pictures.finish(actor, picture_id)
    product.work()
    assert not product.files.objects
    assert not served(product, actor, picture_id)
    assert product.services.pictures.of(offer.package_id) == ()


def test_a_larger_file_than_the_form_allows_is_not_even_read(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = product.offer()
    actor = operator(offer)
    picture_id = send(product, actor, offer.package_id, bytes(10 * 1024 * 1024 + 1))
    monkeypatch.setattr(product.files, "get", lambda _: pytest.fail("it was read"))
    with pytest.raises(Invalid, match=r"10\.1 MB"):
        product.services.pictures.finish(actor, picture_id)


@pytest.mark.parametrize(
    ("size", "content_type"),
    [(0, "image/jpeg"), (10 * 1024 * 1024 + 1, "image/jpeg"), (9, "image/svg+xml"), (9, "")],
)
def test_what_is_wrong_already_is_not_sent(product: Product, size: int, content_type: str) -> None:
    offer = product.offer()
    with pytest.raises(Invalid):
        product.services.pictures.start(operator(offer), offer.package_id, form(size, content_type))
    assert not product.files.forms


def test_a_file_that_did_not_arrive_can_be_sent_again(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    started = product.services.pictures.start(actor, offer.package_id, form())
    with pytest.raises(Conflict) as refusal:
        product.services.pictures.finish(actor, started.picture_id)
    assert refusal.value.code == "not_uploaded"
    product.files.post(product.files.forms[-1], PHOTO)
    assert product.services.pictures.finish(actor, started.picture_id).width == 1200


def test_a_store_that_is_down_loses_nothing(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    picture_id = send(product, actor, offer.package_id)
    product.files.down = True
    with pytest.raises(Unavailable):
        product.services.pictures.finish(actor, picture_id)
    product.files.down = False
    assert product.services.pictures.finish(actor, picture_id).id == picture_id


def test_another_operators_pictures_do_not_exist(product: Product) -> None:
    mine, theirs = product.offer(), product.offer(status="draft")
    me, they = operator(mine), operator(theirs)
    picture = add(product, they, theirs.package_id)
    removed = add(product, they, theirs.package_id)
    product.services.pictures.remove(they, removed.id)
    desk = product.services.pictures
    attempts: list[Callable[[], Any]] = [
        lambda: desk.own(me, theirs.package_id),
        lambda: desk.start(me, theirs.package_id, form()),
        lambda: desk.finish(me, picture.id),
        lambda: desk.describe(me, picture.id, "Mine now"),
        lambda: desk.arrange(me, theirs.package_id, [picture.id]),
        lambda: desk.remove(me, picture.id),
        lambda: desk.restore(me, removed.id),
        lambda: desk.copy(me, theirs.package_id, mine.package_id),
        lambda: desk.copy(me, mine.package_id, theirs.package_id),
        lambda: product.services.picture_files.access(me, picture.id),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert served(product, they, picture.id)


def test_a_viewer_sees_and_changes_nothing(product: Product) -> None:
    offer = product.offer(status="draft")
    picture = add(product, operator(offer, "editor"), offer.package_id)
    viewer = operator(offer, "viewer")
    desk = product.services.pictures
    assert desk.own(viewer, offer.package_id) == (picture,)
    assert served(product, viewer, picture.id)
    attempts: list[Callable[[], Any]] = [
        lambda: desk.start(viewer, offer.package_id, form()),
        lambda: desk.finish(viewer, picture.id),
        lambda: desk.describe(viewer, picture.id, "x"),
        lambda: desk.arrange(viewer, offer.package_id, [picture.id]),
        lambda: desk.remove(viewer, picture.id),
        lambda: desk.restore(viewer, picture.id),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()


def test_the_public_sees_pictures_of_what_is_public(product: Product, clock: Any) -> None:
    offer = product.offer(status="draft")
    picture = add(product, operator(offer), offer.package_id)
    assert not served(product, GUEST, picture.id)
    _status(product, offer, "published")
    assert served(product, GUEST, picture.id)
    assert product.services.picture_files.access(operator(offer), picture.id).public
    _status(product, offer, "archived")
    clock.move(seconds=31)
    assert not served(product, GUEST, picture.id)
    assert not product.services.picture_files.access(operator(offer), picture.id).public


def _status(product: Product, offer: Offer, status: str) -> None:
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text(
                "update multi_city_hotel_packages set status = cast(:s as package_status)"
                " where id = :id"
            ),
            {"s": status, "id": offer.package_id},
        )


def test_no_other_sizes(product: Product) -> None:
    offer = product.offer()
    picture = add(product, operator(offer), offer.package_id)
    with pytest.raises(NotFound):
        product.services.picture_files.read(picture.id, 481)


def test_order_and_words(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk = product.services.pictures
    first, second, third = (add(product, actor, offer.package_id) for _ in range(3))
    desk.arrange(actor, offer.package_id, [third.id, first.id, second.id])
    assert [one.id for one in desk.of(offer.package_id)] == [third.id, first.id, second.id]
    with pytest.raises(Conflict):
        desk.arrange(actor, offer.package_id, [third.id, first.id])
    with pytest.raises(Conflict):
        desk.arrange(actor, offer.package_id, [third.id, first.id, first.id])
    assert desk.describe(actor, first.id, "  The bay\n of Kotor ").alt == "The bay of Kotor"
    for bad in ("x" * 251, "a\x00b", "a\u202eb"):
        with pytest.raises(Invalid):
            desk.describe(actor, first.id, bad)


def test_taken_off_and_brought_back(product: Product, clock: Any) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk = product.services.pictures
    first, second = (add(product, actor, offer.package_id) for _ in range(2))
    desk.remove(actor, first.id)
    assert desk.of(offer.package_id) == (second,)
    desk.restore(actor, first.id)
    desk.restore(actor, first.id)
    assert desk.of(offer.package_id) == (first, second)
    desk.remove(actor, first.id)
    clock.move(hours=2)
    with pytest.raises(NotFound):
        desk.restore(actor, first.id)


def test_what_nobody_uses_is_removed_after_a_day(product: Product, clock: Any) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk = product.services.pictures
    kept, removed = (add(product, actor, offer.package_id) for _ in range(2))
    send(product, actor, offer.package_id)
    desk.remove(actor, removed.id)
    product.work()
    assert desk.tidy() == 0
    clock.move(hours=25)
    assert desk.tidy() == 2
    product.work()
    assert set(product.files.objects) == {rendition_key(kept.id, w) for w in PICTURE_WIDTHS}
    assert product.one("select count(*) as n from package_pictures").n == 1


def test_pictures_of_a_draft_that_was_deleted_leave_the_store(product: Product, clock: Any) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk, editor = product.services.pictures, product.services.editor
    kept = add(product, actor, offer.package_id)
    draft = editor.create(actor, "Not for long", "EUR")
    gone = add(product, actor, draft.id)
    coming = send(product, actor, draft.id)
    editor.delete(actor, draft.id)
    assert not served(product, actor, gone.id)
    for act in (lambda: desk.restore(actor, gone.id), lambda: desk.finish(actor, coming)):
        with pytest.raises(NotFound):
            act()
    clock.move(hours=25)
    assert desk.tidy() == 2
    product.work()
    assert set(product.files.objects) == {rendition_key(kept.id, w) for w in PICTURE_WIDTHS}


def test_a_copy_stands_on_its_own(product: Product) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk = product.services.pictures
    for words in ("One", "Two"):
        desk.describe(actor, add(product, actor, offer.package_id).id, words)
    target = _another_package(product, offer)
    assert desk.copy(actor, offer.package_id, target) == 2
    for picture in desk.of(offer.package_id):
        desk.remove(actor, picture.id)
    copied = desk.of(target)
    assert [one.alt for one in copied] == ["One", "Two"]
    for picture in copied:
        assert product.services.picture_files.read(picture.id, 480)


def _another_package(product: Product, offer: Offer) -> UUID:
    other = product.offer()
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text("update multi_city_hotel_packages set operator_id = :o where id = :id"),
            {"o": offer.operator_id, "id": other.package_id},
        )
    return other.package_id


class Killed(BaseException):
    """As sudden as ``kill -9``: no handler of the product catches it."""


@pytest.mark.parametrize("call", range(6), ids=lambda number: f"before call {number}")
def test_killed_between_any_two_steps(product: Product, call: int) -> None:
    """Each call of ``finish`` to the store, and its last transaction, is where it dies."""
    offer = product.offer()
    actor = operator(offer)
    desk, files = product.services.pictures, product.files
    picture_id = send(product, actor, offer.package_id)
    calls = iter(range(10))

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **more: Any) -> Any:
            if next(calls) == call:
                raise Killed
            return real(*args, **more)

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in ("head", "get", "put"):
            patch.setattr(files, name, dying(getattr(files, name)))
        patch.setattr(queries, "move", dying(queries.move))
        with pytest.raises(Killed):
            desk.finish(actor, picture_id)
    assert desk.of(offer.package_id) == ()
    assert not served(product, actor, picture_id)
    assert desk.finish(actor, picture_id).id == picture_id
    assert served(product, GUEST, picture_id)


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_no_more_than_twenty(product: Product, monkeypatch: pytest.MonkeyPatch, lock: bool) -> None:
    offer = product.offer()
    actor = operator(offer)
    desk = product.services.pictures
    for _ in range(MOST_PICTURES - 1):
        desk.start(actor, offer.package_id, form())
    if not lock:
        monkeypatch.setattr(queries, "lock_package", lambda *_: None)
    together = threading.Barrier(4, timeout=60)
    counted = queries.places_taken

    def slowly(*args: Any) -> int:
        number = counted(*args)
        if not lock:
            together.wait()
        return number

    monkeypatch.setattr(queries, "places_taken", slowly)
    refused: list[str] = []

    def start() -> None:
        try:
            desk.start(replace(actor), offer.package_id, form())
        except Conflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with product.database.unit(RDS) as session:
        made = session.execute(text("select count(*) from package_pictures")).scalar_one()
    if lock:
        assert (made, refused) == (MOST_PICTURES, ["too_many_pictures"] * 3)
    else:
        assert made > MOST_PICTURES
