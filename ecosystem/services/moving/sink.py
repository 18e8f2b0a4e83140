"""The worker's part of the read model's jobs. Following its changes is a duty of its own."""

from datetime import UTC, datetime
from time import monotonic

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, moving
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.moving import SINK, Job
from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping, Verification
from ecosystem.services.moving.engine import NotDone
from ecosystem.services.moving.jobs import Hold, Jobs
from ecosystem.services.moving.pace import Stopped

MOST_SHOWN = 100


class SinkWork:
    """Builds and compares it when somebody has asked for that."""

    def __init__(
        self, database: Database, keeping: ReadModelKeeping, check: ReadModelCheck, name: str
    ) -> None:
        self._database = database
        self._keeping = keeping
        self._check = check
        self._jobs = Jobs(database, SINK, name, self._carry_out)

    def stop(self) -> None:
        """This process ends: break off at the next step."""
        self._jobs.stop()

    def step(self) -> int:
        """A job, if there is one."""
        return self._jobs.step()

    def _carry_out(self, job: Job, hold: Hold) -> None:
        match job.action:
            case "verify":
                self._verify(hold)
            case "copy" | "rebuild":
                if job.action == "rebuild":
                    self._keeping.rebuild()
                while self._keeping.step():
                    hold.say(f"the read model is {self._keeping.progress()}")
                    if hold.stopped():
                        raise Stopped
                if (phase := self._keeping.progress()) != "in_sync":
                    raise NotDone(f"the read model is {phase}: somebody else builds it; try again")
            case _:
                raise NotDone(f"the read model can't be asked for {job.action}")

    def _verify(self, hold: Hold) -> None:
        if not self._keeping.built():
            raise NotDone("the read model is not built yet")
        found = compare(self._database, self._check, hold.asked_by)
        if found.differences:
            items = len(found.differences)
            told = "1 item differs" if items == 1 else f"{items:,} items differ"
            raise NotDone(f"{told} from the databases")


def compare(database: Database, check: ReadModelCheck, by: Actor) -> Verification:
    """Compare the read model with the databases, and remember what was found and who asked."""
    began = monotonic()
    found = check.verify()
    kept = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "equal": not found.differences,
        "rows": sum(found.checked.values()),
        "differing": len(found.differences),
        "seconds": round(monotonic() - began, 3),
        "differences": [
            {"id": one.key, "what": ", ".join(one.what)} for one in found.differences[:MOST_SHOWN]
        ],
    }
    with database.unit(RDS) as session:
        moving.keep_verified(session, SINK, kept)
        differing = len(found.differences)
        audit.record(session, by, "migration.verified", "migration", SINK, differing=differing)
    return found
