"""Reviews: who writes, who reads what when, and that both sides are revealed together."""

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import bookings as booking_queries
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Invalid, NotFound
from ecosystem.domain.reviews import RatingSummary, public_name
from ecosystem.services.forms import parse
from ecosystem.services.reviews import ReplyForm, ReviewForm, writing
from tests.product import GUEST, Offer, Product

GOOD = ReviewForm(rating=5, body="Trains on time, and the hotel in Florence was a find.")
FAIR = ReviewForm(rating=4, body="Kind guests who were always on time.")
STRANGER = replace(GUEST, guest_key="s" * 64)


def operator(made: Offer, role: str = "owner") -> Actor:
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid4(),
        operator_id=made.operator_id,
        operator_role=role,  # type: ignore[arg-type]
    )


def paid(product: Product, made: Offer) -> Any:
    """A booking that was paid in full."""
    booking = product.book(product.hold(made))
    product.pay(product.session_of(booking))
    return product.services.bookings.refresh(GUEST, booking.reference)


def travelled(product: Product, clock: Any, made: Offer | None = None) -> tuple[Offer, Any]:
    """A paid booking whose trip is over, and completed by the worker."""
    made = made or product.offer()
    booking = paid(product, made)
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "update bookings set starts_on = current_date - 9, ends_on = current_date - 2"
                " where id = :id"
            ),
            {"id": booking.id},
        )
    assert product.services.trips_over.complete() == 1
    return made, booking


@pytest.fixture
def over(product: Product, clock: Any) -> tuple[Offer, Any]:
    return travelled(product, clock)


def key_of(product: Product, booking: Any) -> str:
    return product.one("select view_key from bookings where id = :id", id=booking.id).view_key


def rating(product: Product, made: Offer) -> tuple[Any, int, Any]:
    with product.database.unit(PACKAGES) as session:
        package = session.execute(
            text("select rating, rating_count from multi_city_hotel_packages where id = :id"),
            {"id": made.package_id},
        ).one()
    with product.database.unit(ACCOUNTS) as session:
        company = session.execute(
            text("select rating from operators where id = :id"), {"id": made.operator_id}
        ).one()
    return package.rating, package.rating_count, company.rating


def test_a_trip_is_completed_once_after_its_last_day_and_asks_for_a_review(
    product: Product,
) -> None:
    booking = paid(product, product.offer())
    assert product.services.trips_over.complete() == 0
    with product.database.unit(RDS) as session:
        # Its last day is today in Rome: it is still on.
        session.execute(
            text(
                "update bookings set ends_on = (now() at time zone timezone)::date where id = :id"
            ),
            {"id": booking.id},
        )
    assert product.services.trips_over.complete() == 0
    with product.database.unit(RDS) as session:
        session.execute(
            text("update bookings set ends_on = ends_on - 1 where id = :id"), {"id": booking.id}
        )
    before = product.one("select count(*) as n from ledger_entries").n
    assert [product.services.trips_over.complete() for _ in range(2)] == [1, 0]
    product.work()
    row = product.one("select status, closed_at from bookings where id = :id", id=booking.id)
    assert row.status == "completed"
    assert row.closed_at is not None
    assert product.one("select count(*) as n from ledger_entries").n == before
    (asked,) = [mail for mail in product.postbox.sent if mail.subject.startswith("How was")]
    assert f"/trips/{booking.reference}?key=" in asked.text


def test_what_did_not_take_place_is_not_completed(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    with product.database.unit(RDS) as session:
        session.execute(text("update bookings set ends_on = current_date - 30"))
    for status in ("pending_payment", "cancelled", "expired", "completed"):
        with product.database.unit(RDS) as session:
            booking_queries.change(session, booking.id, status=status)
        assert product.services.trips_over.complete() == 0


def test_two_workers_complete_a_trip_once(product: Product, over: Any) -> None:
    _, booking = over
    with product.database.unit(RDS) as session:
        booking_queries.change(session, booking.id, status="confirmed")
    with product.database.unit(RDS) as session:
        booking_queries.lock(session, booking.id)
        assert product.services.trips_over.complete() == 0  # somebody works on it
    assert product.services.trips_over.complete() == 1
    product.work()
    asked = [mail for mail in product.postbox.sent if mail.subject.startswith("How was")]
    assert len(asked) == 1


def test_both_sides_are_revealed_together_and_ratings_follow(product: Product, over: Any) -> None:
    made, booking = over
    reviews = product.services.reviews
    assert reviews.of_booking(GUEST, booking.reference).stage == "open"

    first = reviews.write(GUEST, booking.reference, GOOD)
    assert (first.stage, first.theirs) == ("waiting", None)
    assert first.reveals_at is not None
    theirs = reviews.of_booking(operator(made), booking.reference)
    assert (theirs.stage, theirs.mine, theirs.theirs) == ("open", None, None)
    assert reviews.of_package(made.slug)[0].count == 0
    product.work()
    assert rating(product, made) == (None, 0, None)

    second = reviews.write(operator(made), booking.reference, FAIR)
    assert second.stage == "revealed"
    assert second.theirs is not None
    assert second.theirs.body == GOOD.body
    mine = reviews.of_booking(GUEST, booking.reference)
    assert mine.stage == "revealed"
    assert mine.theirs is not None
    assert (mine.theirs.body, mine.theirs.author_name) == (FAIR.body, "Via Appia Journeys")

    summary, page = reviews.of_package(made.slug)
    assert (summary.count, summary.average) == (1, Decimal("5.0"))
    assert [(item.author_name, item.body) for item in page.items] == [("Maja L.", GOOD.body)]
    product.work()
    assert rating(product, made) == (Decimal("5.0"), 1, Decimal("5.0"))


def test_the_operator_may_be_first(product: Product, over: Any) -> None:
    made, booking = over
    reviews = product.services.reviews
    assert reviews.write(operator(made), booking.reference, FAIR).stage == "waiting"
    waiting = reviews.of_booking(GUEST, booking.reference)
    assert (waiting.stage, waiting.theirs) == ("open", None)
    assert reviews.write(GUEST, booking.reference, GOOD).stage == "revealed"


def test_after_fourteen_days_the_first_stands_alone(
    product: Product, over: Any, clock: Any
) -> None:
    made, booking = over
    trips = product.services.trips_over
    product.services.reviews.write(GUEST, booking.reference, GOOD)
    clock.move(days=13, hours=23)
    assert trips.reveal() == 0
    assert product.services.reviews.of_booking(operator(made), booking.reference).stage == "open"
    clock.move(hours=1)
    # The second side's time is over at once, also before the worker came round.
    with pytest.raises(Conflict) as refused:
        product.services.reviews.write(operator(made), booking.reference, FAIR)
    assert refused.value.code == "reviews_closed"
    assert [trips.reveal(), trips.reveal()] == [1, 0]
    seen = product.services.reviews.of_booking(operator(made), booking.reference)
    assert seen.stage == "closed"
    assert seen.theirs is not None
    with pytest.raises(Conflict) as refused:
        product.services.reviews.write(operator(made), booking.reference, FAIR)
    assert refused.value.code == "reviews_closed"
    product.work()
    assert rating(product, made) == (Decimal("5.0"), 1, Decimal("5.0"))


def test_each_side_reviews_once(product: Product, over: Any) -> None:
    made, booking = over
    for actor in (GUEST, operator(made)):
        product.services.reviews.write(actor, booking.reference, GOOD)
        with pytest.raises(Conflict) as refused:
            product.services.reviews.write(actor, booking.reference, FAIR)
        assert refused.value.code == "already_reviewed"


def test_before_the_end_and_after_a_cancellation_there_is_nothing_to_review(
    product: Product, over: Any
) -> None:
    _, booking = over
    for status, stage in (
        ("confirmed", "early"),
        ("pending_payment", "early"),
        ("cancelled", "never"),
        ("expired", "never"),
    ):
        with product.database.unit(RDS) as session:
            booking_queries.change(session, booking.id, status=status)
        assert product.services.reviews.of_booking(GUEST, booking.reference).stage == stage
        with pytest.raises(Conflict) as refused:
            product.services.reviews.write(GUEST, booking.reference, GOOD)
        assert refused.value.code == "not_completed"


def test_somebody_elses_booking_does_not_exist(product: Product, over: Any) -> None:
    made, booking = over
    reviews = product.services.reviews
    agency = uuid4()
    strangers = (
        STRANGER,
        Actor(role="guest", source="guest"),
        Actor(role="customer", source="cognito", user_id=uuid4()),
        operator(replace(made, operator_id=uuid4())),
        Actor(role="agent", source="cognito", user_id=uuid4(), agency_id=agency),
        Actor(role="ops", source="cognito", user_id=uuid4()),
    )
    for actor in strangers:
        for reference in (booking.reference, "TRV-00000000", ""):
            for key in ("", "wrong"):
                with pytest.raises(NotFound):
                    reviews.of_booking(actor, reference, key=key)
                with pytest.raises(NotFound):
                    reviews.write(actor, reference, GOOD, key=key)
    assert product.one("select count(*) as n from reviews").n == 0


def test_the_lead_reviews_by_her_link_and_the_agency_that_sold_it_does_not(
    product: Product, over: Any
) -> None:
    _, booking = over
    agency_id = product.one(
        "insert into agencies (id, name, slug, country, currency)"
        " values (gen_random_uuid(), 'Maple', 'maple', 'CA', 'CAD') returning id"
    ).id
    with product.database.unit(RDS) as session:
        booking_queries.change(session, booking.id, agency_id=agency_id, guest_key="")
    key = key_of(product, booking)
    seller = Actor(role="agent", source="cognito", user_id=uuid4(), agency_id=agency_id)
    # By the link that pays and shows the trip, which the agency has too, nobody is the traveller.
    for somebody in (seller, STRANGER):
        with pytest.raises(NotFound):
            product.services.reviews.write(somebody, booking.reference, GOOD, key=key)
    product.work()
    (letter,) = [one for one in product.postbox.sent if one.subject.startswith("How was")]
    invited = re.search(r"&review=([\w-]{43})", letter.text)
    assert invited
    with pytest.raises(NotFound):
        product.services.reviews.write(seller, booking.reference, GOOD, key=invited[1])
    done = product.services.reviews.write(STRANGER, booking.reference, GOOD, key=invited[1])
    assert done.side == "traveller"


def test_the_link_does_not_make_the_operator_a_traveller(product: Product, over: Any) -> None:
    made, booking = over
    done = product.services.reviews.write(
        operator(made), booking.reference, FAIR, key=key_of(product, booking)
    )
    assert done.side == "operator"


def test_a_viewer_of_the_team_only_looks(product: Product, over: Any) -> None:
    made, booking = over
    viewer = operator(made, "viewer")
    assert product.services.reviews.of_booking(viewer, booking.reference).stage == "open"
    with pytest.raises(Forbidden):
        product.services.reviews.write(viewer, booking.reference, FAIR)
    assert product.services.reviews.own(viewer)[1] == 1


def test_an_operator_answers_a_revealed_review_once(product: Product, over: Any) -> None:
    made, booking = over
    reviews, owner = product.services.reviews, operator(made)
    answer = ReplyForm(reply="Thank you, Maja.\nCome again.")
    reviews.write(GUEST, booking.reference, GOOD)
    hidden = product.one("select id from reviews").id
    with pytest.raises(NotFound):
        reviews.reply(owner, hidden, answer)
    reviews.write(owner, booking.reference, FAIR)
    own = product.one("select id from reviews where author = 'operator'").id
    for actor, review_id, error in (
        (owner, own, NotFound),
        (owner, uuid4(), NotFound),
        (operator(replace(made, operator_id=uuid4())), hidden, NotFound),
        (operator(made, "viewer"), hidden, Forbidden),
        (GUEST, hidden, Forbidden),
    ):
        with pytest.raises(error):
            reviews.reply(actor, review_id, answer)
    reviews.reply(owner, hidden, answer)
    with pytest.raises(Conflict) as refused:
        reviews.reply(owner, hidden, answer)
    assert refused.value.code == "already_answered"
    (item,) = reviews.of_package(made.slug)[1].items
    assert item.reply == "Thank you, Maja.\nCome again."


@pytest.mark.parametrize("rating", [0, 6, -1, 4.5, "5", True, None, [5], {}])
def test_a_rating_is_a_whole_number_from_one_to_five(rating: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(ReviewForm, {"rating": rating, "body": GOOD.body})
    assert {field.field for field in refused.value.fields} == {"rating"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "short",
        " " * 50,
        "x" * 2001,
        "x" * 1_000_000,
        "fine but \x00 not",
        "turned \u202e round",
        "escape \x1b[31m in it",
        "lone \ud800 surrogate",
        None,
        7,
        ["a" * 20],
    ],
    ids=range(12),
)
def test_words_are_plain_and_of_a_length(body: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(ReviewForm, {"rating": 5, "body": body})
    assert {field.field for field in refused.value.fields} == {"body"}


def test_words_keep_their_paragraphs_and_their_script() -> None:
    form = parse(
        ReviewForm,
        {"rating": 5, "body": "  Très bien !\r\n\r\n\r\n\r\nرحلة جميلة جدا\t👨‍👩‍👧  <b>x</b> "},
    )
    assert form.body == "Très bien !\n\nرحلة جميلة جدا 👨‍👩‍👧 <b>x</b>"
    assert public_name("Maja Lindqvist") == "Maja L."
    assert public_name("Madonna") == "Madonna"


def test_lists_page_and_refuse_a_foreign_cursor(product: Product, clock: Any) -> None:
    made = product.offer(seats=40)
    for number in range(3):
        _, booking = travelled(product, clock, made)
        form = ReviewForm(rating=3 + number % 3, body=f"Review number {number} of this trip.")
        product.services.reviews.write(GUEST, booking.reference, form)
        product.services.reviews.write(operator(made), booking.reference, FAIR)
        clock.move(minutes=1)
    reviews = product.services.reviews
    summary, first = reviews.of_package(made.slug, limit=2)
    assert summary == RatingSummary((1, 1, 1, 0, 0))
    assert summary.average == Decimal("4.0")
    assert len(first.items) == 2
    assert first.next
    _, second = reviews.of_package(made.slug, limit=2, cursor=first.next)
    assert second.next is None
    bodies = [item.body for item in (*first.items, *second.items)]
    assert bodies == [f"Review number {number} of this trip." for number in (2, 1, 0)]
    with pytest.raises(Invalid):
        reviews.of_package(made.slug, cursor="junk")
    with pytest.raises(NotFound):
        reviews.of_package("no-such-trip")
    with pytest.raises(NotFound):
        reviews.of_operator("no-such-operator")


def test_the_desk_lists_what_is_to_do(product: Product, over: Any, clock: Any) -> None:
    made, booking = over
    reviews, owner = product.services.reviews, operator(made)

    def counts() -> tuple[int, ...]:
        return tuple(reviews.own(owner, show=show)[1] for show in ("all", "review", "answer"))

    assert counts() == (1, 1, 0)
    reviews.write(GUEST, booking.reference, GOOD)
    assert counts() == (1, 1, 0)
    (trip,) = reviews.own(owner)[0]
    assert (trip.lead_name, trip.reviews.stage, trip.reviews.theirs) == (
        "Maja Lindqvist",
        "open",
        None,
    )
    reviews.write(owner, booking.reference, FAIR)
    assert counts() == (1, 0, 1)
    assert reviews.own(operator(replace(made, operator_id=uuid4()))) == ([], 0)
    for actor in (GUEST, Actor(role="ops", source="cognito", user_id=uuid4())):
        with pytest.raises(Forbidden):
            reviews.own(actor)


def race(*acts: Callable[[], Any]) -> list[EcosystemError | None]:
    """Run all at once; what each raised."""
    barrier = threading.Barrier(len(acts))
    raised: list[EcosystemError | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            act()
        except EcosystemError as error:
            raised[number] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_the_same_review_sent_from_two_tabs_is_one(product: Product, over: Any) -> None:
    _, booking = over
    raised = race(
        *(lambda: product.services.reviews.write(GUEST, booking.reference, GOOD) for _ in range(4))
    )
    refused = [error.code for error in raised if error is not None]
    assert refused == ["already_reviewed"] * 3
    assert product.one("select count(*) as n from reviews").n == 1


def _both_at_once(
    product: Product, over: Any, monkeypatch: pytest.MonkeyPatch, *, patience: float = 0.7
) -> int:
    """Both sides write at once, each held up until the other has looked; how many are hidden."""
    made, booking = over
    looked = threading.Barrier(2)
    add, of_booking = writing.queries.add, writing.queries.of_booking
    mine = threading.local()

    def noted(session: Any, **values: Any) -> bool:
        mine.written = True
        return add(session, **values)

    def late(session: Any, booking_id: Any) -> Any:
        found = of_booking(session, booking_id)
        if getattr(mine, "written", False):
            # Neither has committed: who has looked for the other's review did not see it.
            mine.written = False
            with suppress(threading.BrokenBarrierError):
                looked.wait(patience)
        return found

    monkeypatch.setattr(writing.queries, "add", noted)
    monkeypatch.setattr(writing.queries, "of_booking", late)
    raised = race(
        lambda: product.services.reviews.write(GUEST, booking.reference, GOOD),
        lambda: product.services.reviews.write(operator(made), booking.reference, FAIR),
    )
    assert raised == [None, None]
    return product.one("select count(*) as n from reviews where revealed_at is null").n


def test_two_sides_at_once_are_both_revealed(
    product: Product, over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _both_at_once(product, over, monkeypatch) == 0


def test_control_without_the_lock_neither_sees_the_other(
    product: Product, over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing.bookings, "lock", booking_queries.get)
    # Without the lock both get there, however slow the machine: nobody waits in vain.
    assert _both_at_once(product, over, monkeypatch, patience=30) == 2


def test_a_kill_before_the_commit_reveals_neither(
    product: Product, over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, booking = over
    reviews = product.services.reviews
    reviews.write(GUEST, booking.reference, GOOD)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "reveal", killed)
        with pytest.raises(KeyboardInterrupt):
            reviews.write(operator(made), booking.reference, FAIR)
    assert product.one("select count(*) as n, max(revealed_at) as at from reviews")[:] == (1, None)
    assert reviews.write(operator(made), booking.reference, FAIR).stage == "revealed"


def test_a_rating_counts_all_reviews_however_handlers_overtake_each_other(
    product: Product, over: Any, clock: Any
) -> None:
    """The slow handler has read one review, when a second arrives and is dealt with."""
    made, booking = over
    reviews, services = product.services.reviews, product.services
    reviews.write(GUEST, booking.reference, GOOD)
    reviews.write(operator(made), booking.reference, FAIR)
    product.work()
    ratings = services.outbox._handlers["rating.package"].__self__  # type: ignore[attr-defined]
    payload = {"package_id": str(made.package_id)}
    stars = ratings._stars
    overtaken: list[bool] = []

    def late(whose: Any) -> Any:
        found = stars(whose)
        if not overtaken:
            overtaken.append(True)
            _, second = travelled(product, clock, made)
            low = ReviewForm(rating=2, body="It rained all week long.")
            reviews.write(GUEST, second.reference, low)
            reviews.write(operator(made), second.reference, FAIR)
            product.work()
        return found

    ratings._stars = late
    ratings.package(payload)
    assert rating(product, made)[:2] == (Decimal("3.5"), 2)
    ratings.package(payload)  # delivered twice
    assert rating(product, made)[:2] == (Decimal("3.5"), 2)


def test_a_rating_reaches_the_search_and_leaves_the_version(product: Product, over: Any) -> None:
    made, booking = over
    services = product.services

    def version() -> int:
        with product.database.unit(PACKAGES) as session:
            return session.execute(
                text("select version from multi_city_hotel_packages where id = :id"),
                {"id": made.package_id},
            ).scalar_one()

    before = version()
    services.reviews.write(GUEST, booking.reference, GOOD)
    services.reviews.write(operator(made), booking.reference, FAIR)
    product.work()
    while services.search_index.step():
        continue
    found = product.one(
        "select rating from package_search where package_id = :id", id=made.package_id
    )
    assert found.rating == Decimal("5.0")
    assert version() == before
