"""``python -m bench.plans [search] [desk]``: what PostgreSQL does for a search of 100,000 packages
and for the desk of an agency with 50,000 bookings, written down.

One file a query in ``docs/algorithms/plans/``. Times are left out: they are this machine's.
"""

import sys
from pathlib import Path

import psycopg

import ecosystem.services.search
from bench import desk
from bench.recorded import Call
from bench.search import recorded
from bench.sizes import LARGE, queries, sized
from bench.world import World

PLANS = Path(__file__).resolve().parents[1] / "docs" / "algorithms" / "plans"

WRITTEN = (
    "city typed 16", "city misspelt", "city chosen 27", "country 10", "near", "country, price",
    "country, dates", "dates", "dates, soonest", "price", "nothing",
)  # fmt: skip


def main() -> None:
    """Fill the databases, ask each query once, and write down the plans of its statements."""
    PLANS.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or ["search", "desk"]:
        {"search": _search, "desk": _desk}[name]()


def _search() -> None:
    ecosystem.services.search.COUNTS_KEPT = 0
    with sized(LARGE) as world:
        asked = {name: one for name, one in queries(world).items() if name in WRITTEN}
        calls = recorded(world, list(asked.values()))
        _write(world, dict(zip(asked, calls, strict=True)))


def _desk() -> None:
    with desk.desks(desk.BOOKINGS) as world, world.services() as (services, recorder):
        calls: dict[str, Call] = {}
        for name, (_, _, _, act) in desk.PAGES.items():
            act(services, desk.agent(0))
            with recorder.recording() as transactions:
                act(services, desk.agent(0))
            calls[name] = Call(list(transactions))
        _write(world, calls)


def _write(world: World, calls: dict[str, Call]) -> None:
    with psycopg.connect(world.rds.libpq) as connection:
        for name, call in calls.items():
            parts: list[str] = []
            for sql, values in (
                statement for transaction in call.transactions for statement in transaction
            ):
                plan = connection.execute(
                    f"explain (analyze, timing off, summary off, costs off, buffers off) {sql}".encode(),
                    values,
                ).fetchall()
                parts.append("\n".join(str(row[0]) for row in plan))
            (PLANS / f"{_file(name)}.txt").write_text("\n\n".join(parts) + "\n")
            print(PLANS / f"{_file(name)}.txt")


def _file(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


if __name__ == "__main__":
    main()
