"""What the people who run the marketplace look at first."""

from collections.abc import Mapping
from dataclasses import dataclass

from ecosystem.database.placement import RDS
from ecosystem.database.queries import desks
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import FailingMessage
from ecosystem.domain.errors import EcosystemError, Forbidden
from ecosystem.services.health import Finding, Health

FAILING_SHOWN = 20


@dataclass(frozen=True)
class Pulse:
    """``backlog`` and ``failing`` are None while our own database can't be asked."""

    findings: tuple[Finding, ...]
    backlog: Mapping[str, int] | None
    failing: tuple[FailingMessage, ...] | None


class OpsDesk:
    """For operations only."""

    def __init__(self, database: Database, health: Health) -> None:
        self._database = database
        self._health = health

    def pulse(self, actor: Actor) -> Pulse:
        """Every dependency with its latency, and the messages that wait.

        Answers also while the database is down: that is when it is needed.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        findings = self._health.check()
        try:
            backlog = self._health.backlog()
            with self._database.unit(RDS) as session:
                rows = desks.failing_messages(session, FAILING_SHOWN)
        except EcosystemError:
            # The finding of the database already says so, with its reason.
            return Pulse(findings, None, None)
        return Pulse(findings, backlog, tuple(FailingMessage(**row._mapping) for row in rows))


def only_ops(actor: Actor) -> None:
    """Raises ``Forbidden`` for anybody else."""
    if actor.role != "ops":
        raise Forbidden("This is for the people who run the marketplace.")
