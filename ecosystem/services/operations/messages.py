"""The events that came in and the work that goes out: how they stand, and trying again."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, operations
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.operations import Message, MessageState, Queue
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock


class Messages:
    """For operations only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def rows(
        self,
        actor: Actor,
        queue: Queue,
        *,
        state: MessageState | str = "",
        words: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[Message, ...], bool]:
        """Messages of a queue, newest first, and whether there are more.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            found = operations.messages(session, queue, state, words.strip(), limit + 1, offset)
        return tuple(_message(queue, row) for row in found[:limit]), len(found) > limit

    def retry(self, actor: Actor, queue: Queue, key: str) -> None:
        """Let a message be dealt with now. An event that was dealt with is looked at again.

        Handlers are idempotent, so this never does a thing twice.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such message.
            Conflict: it has been delivered.
        """
        only_ops(actor)
        found = _key(queue, key)
        with self._database.unit(RDS) as session:
            message = operations.lock_message(session, queue, found)
            if message is None:
                raise NotFound("There is no such message.", code="message_not_found")
            if queue == "outbox" and message.done_at is not None:
                raise Conflict("This was delivered; it is not sent twice.", code="delivered")
            operations.due_now(session, queue, found, self._clock.now())
            kind = message.type if queue == "inbox" else message.topic
            audit.record(session, actor, "message.retried", queue, key, kind=kind)


def _key(queue: Queue, key: str) -> Any:
    if queue == "inbox":
        return key
    try:
        return UUID(key)
    except ValueError:
        raise NotFound("There is no such message.", code="message_not_found") from None


def _message(queue: Queue, row: Any) -> Message:
    state: MessageState = "done" if row.done_at else "failing" if row.error else "waiting"
    return Message(queue=queue, state=state, **row._mapping)
