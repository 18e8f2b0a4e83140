"""What the audit log says of a group, in words."""

from typing import Any, Final

NAMES: Final = {"supabase": "Supabase", "rds": "RDS"}

_DONE: Final = {
    "prepared": "Supabase logs every change",
    "adopted": "Every row is carried back once more, with the columns as they are now",
    "began_again": "The copy was thrown away, and the group began again",
    "copying": "Copying began",
    "in_sync": "Both sides are in step",
    "resumed": "Goes on",
    "given_up": "Given up: nothing is logged any more, and the copy in RDS was thrown away",
    "retired": "Retired: nothing is carried back to Supabase any more",
    "job_cancelled": "Cancelled",
}
ACTIONS: Final = {
    "prepare": "preparing",
    "copy": "copying",
    "verify": "a comparison",
    "run": "preparing, copying and a comparison",
    "switch": "switching to RDS",
    "rollback": "rolling back to Supabase",
    "retire": "retiring",
    "give_up": "giving it up",
    "backup": "a backup",
    "rebuild": "building it anew",
}


def told(action: str, data: dict[str, Any]) -> str:
    """One entry of the log as a sentence without its full stop."""
    name = action.removeprefix("migration.")
    asked = ACTIONS.get(data.get("asked", ""), "something")
    match name:
        case "asked":
            return f"Asked for {asked}"
        case "cancelled":
            return f"Asked to stop {asked}"
        case "job_refused" | "job_failed":
            verb = "was refused" if name == "job_refused" else "failed"
            return f"{asked[0].upper()}{asked[1:]} {verb}: {data.get('why', '')}"
        case "paused":
            why = data.get("why", "")
            return f"Paused: {why}" if why else "Paused"
        case "verified":
            differing = int(data.get("differing", 0))
            result = f"{differing:,} rows differ" if differing else "every row is the same"
            return f"Compared{' by texts' if data.get('deep') else ''}: {result}"
        case "switched" | "rolled_back":
            where = NAMES.get(data.get("authority", ""), "the other database")
            pause = data.get("pause_ms")
            waited = f"; nobody could write for {pause:,} ms" if isinstance(pause, int) else ""
            return f"Read and written in {where} from now on{waited}"
        case "kept":
            where = NAMES.get(data.get("authority", ""), "one of them")
            return f"A database was restored to an earlier time; {where} is what counts"
        case "refused":
            return f"Stayed where it was: {int(data.get('differing', 0)):,} rows differ"
        case "restored":
            into = data.get("into", "another database")
            return f"A backup of {int(data.get('rows', 0)):,} rows was restored into {into}"
        case "backed_up":
            return f"Backup of {int(data.get('rows', 0)):,} rows"
        case _:
            return _DONE.get(name, name.replace("_", " ").capitalize())
