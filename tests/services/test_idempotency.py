"""Answers that are given again: to the same request only, and not for longer than is said."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import idempotency as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.services.idempotency import Idempotency
from tests.conftest import MovableClock


def kept(database: Database) -> list[str]:
    with database.unit(RDS) as session:
        return list(session.execute(text("select key from idempotency_keys")).scalars())


def test_an_answer_is_forgotten_after_its_day(database: Database, clock: MovableClock) -> None:
    answers = Idempotency(database, clock)
    answers.once("booking:a", "old", b"{}", lambda: (201, {"lead": "Maja"}))
    clock.move(seconds=timedelta(hours=2).total_seconds())
    answers.once("booking:a", "new", b"{}", lambda: (201, {}))
    clock.move(seconds=timedelta(hours=23).total_seconds())
    assert answers.remove_old() == 1
    assert kept(database) == ["new"]
    assert answers.remove_old() == 0


def test_a_key_that_is_given_back_at_this_moment_is_taken(
    database: Database, clock: MovableClock
) -> None:
    """The first request fails after the second one has found its key taken."""
    with database.unit(RDS) as session:
        assert queries.begin(session, "hold:a", "one", "f", clock.now()) is None
    given_back: list[bool] = []

    def give_back(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO idempotency_keys") and not given_back:
            given_back.append(True)
            with database.unit(RDS) as other:
                queries.forget(other, "hold:a", "one")

    engine = database.engines[RDS]
    event.listen(engine, "after_cursor_execute", give_back)
    try:
        status, _ = Idempotency(database, clock).once("hold:a", "one", b"{}", lambda: (201, {}))
    finally:
        event.remove(engine, "after_cursor_execute", give_back)
    assert (status, given_back) == (201, [True])
