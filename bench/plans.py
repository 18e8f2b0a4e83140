"""``python -m bench.plans``: what PostgreSQL does for a search of 100,000 packages, written down.

One file a query in ``docs/algorithms/plans/``. Times are left out: they are this machine's.
"""

from dataclasses import replace
from pathlib import Path

import psycopg

import ecosystem.services.search
from bench.search import recorded
from bench.sizes import LARGE, sized
from ecosystem.domain.search import SearchQuery

PLANS = Path(__file__).resolve().parents[1] / "docs" / "algorithms" / "plans"


def main() -> None:
    """Fill the databases, ask each query once, and write down the plans of its statements."""
    ecosystem.services.search.COUNTS_KEPT = 0
    PLANS.mkdir(parents=True, exist_ok=True)
    with sized(LARGE) as world:
        city = str(world.query("select label from search_terms where kind = 2"
                               " order by packages desc, key offset 20 limit 1")[0][0])  # fmt: skip
        country = str(world.query("select key from search_terms where kind = 1"
                                  " order by packages desc, key offset 10 limit 1")[0][0])  # fmt: skip
        first, last = world.query("select current_date + 30, current_date + 60")[0]
        asked = {
            "nothing": SearchQuery(),
            "words": SearchQuery(q=city),
            "misspelt": SearchQuery(q=f"{city[:-2]}{city[-1]}{city[-2]}"),
            "country": SearchQuery(country=country),
            "near": SearchQuery(near=city),
            "country_and_price": SearchQuery(country=country, max_price=1500, sort="price"),
            "country_and_dates": SearchQuery(country=country, from_=first, to=last, travellers=2),
        }
        calls = recorded(world, [replace(one) for one in asked.values()])
        with psycopg.connect(world.rds.libpq) as connection:
            for name, call in zip(asked, calls, strict=True):
                parts: list[str] = []
                for sql, values in (statement for transaction in call for statement in transaction):
                    plan = connection.execute(
                        f"explain (analyze, timing off, summary off, costs off) {sql}".encode(),
                        values,
                    ).fetchall()
                    parts.append("\n".join(str(row[0]) for row in plan))
                (PLANS / f"{name}.txt").write_text("\n\n".join(parts) + "\n")
                print(PLANS / f"{name}.txt")


if __name__ == "__main__":
    main()
