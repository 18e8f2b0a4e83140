"""Moving tables, for the people of operations (``desk``) and for the worker (``group_jobs``, ``keeping``)."""

from ecosystem.services.moving.desk import MovingDesk
from ecosystem.services.moving.engine import Engine, Engines, Following, NotDone, TakenOver
from ecosystem.services.moving.group_jobs import GroupJobs
from ecosystem.services.moving.keeping import GroupKeeping
from ecosystem.services.moving.looks import Looks
from ecosystem.services.moving.pace import Limits, Pace, Stopped
from ecosystem.services.moving.sink import SinkWork, compare

__all__ = [
    "Engine",
    "Engines",
    "Following",
    "GroupJobs",
    "GroupKeeping",
    "Limits",
    "Looks",
    "MovingDesk",
    "NotDone",
    "Pace",
    "SinkWork",
    "Stopped",
    "TakenOver",
    "compare",
]
