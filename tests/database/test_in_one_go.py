"""Statements sent in one go: part of the unit's transaction, all or nothing, read as objects."""

from typing import Any

import psycopg
import pytest

from ecosystem.database import statements
from ecosystem.database.placement import RDS
from ecosystem.database.tables import AuditEntry, OutboxMessage
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Invalid


def _kept(database: Database) -> list[Any]:
    return database.together(statements.select(OutboxMessage, "true order by topic", {}))[0]


def test_what_is_not_given_is_left_to_the_database(database: Database) -> None:
    entry = AuditEntry(
        actor_role="ops", action="looked", subject_type="booking", subject_id="1", data={"a": [1]}
    )
    database.together(statements.insert([entry]))
    row = database.together(statements.select(AuditEntry, "action = %(a)s", {"a": "looked"}))[0][0]
    assert row.id > 0
    assert row.at is not None
    assert row.data == {"a": [1]}


def test_a_unit_writes_all_of_it_or_nothing(database: Database) -> None:
    message = OutboxMessage(topic="a", payload={"n": 1}, dedupe_key="once")
    with pytest.raises(psycopg.errors.UniqueViolation), database.unit(RDS) as session:
        session.at_once(statements.insert([message]))
        session.at_once(
            statements.change(OutboxMessage, message.id, topic="b"),
            statements.insert([OutboxMessage(topic="c", dedupe_key="once")]),
        )
    assert _kept(database) == []


def test_a_value_that_cannot_be_stored_is_said_to_be_one(database: Database) -> None:
    with pytest.raises(Invalid), database.unit(RDS) as session:
        session.at_once(statements.insert([OutboxMessage(topic="a\0b")]))
    with database.unit(RDS) as session:
        assert session.at_once() == []


def test_objects_that_wait_are_written_before(database: Database) -> None:
    with database.unit(RDS) as session:
        message = OutboxMessage(topic="a")
        session.add(message)
        session.at_once(statements.change(OutboxMessage, message.id, topic="b"))
    assert [row.topic for row in _kept(database)] == ["b"]


def test_a_row_becomes_an_object_the_session_knows(database: Database) -> None:
    made = OutboxMessage(topic="a", payload={"n": 1})
    database.together(statements.insert([made]))
    with database.unit(RDS) as session:
        read = statements.select(OutboxMessage, "id = %(id)s", {"id": made.id}, lock=True)
        first = session.loaded(OutboxMessage, session.at_once(read)[0][0])
        session.at_once(statements.change(OutboxMessage, made.id, payload={"n": 2}))
        again = session.loaded(OutboxMessage, session.at_once(read)[0][0])
        assert again is first
        assert first.payload == {"n": 2}
        first.topic = "b"
    assert [(row.topic, row.payload) for row in _kept(database)] == [("b", {"n": 2})]


def test_a_condition_that_does_not_hold_changes_nothing(database: Database) -> None:
    made = OutboxMessage(topic="a")
    database.together(statements.insert([made]))
    for seen, found in ((1, 0), (0, 1)):
        rows = database.together(
            statements.change(
                OutboxMessage,
                made.id,
                "and attempts = %(seen)s returning id",
                attempts=5,
                seen=seen,
            )
        )[0]
        assert len(rows) == found
