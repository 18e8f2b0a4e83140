"""For how long nobody can write, over many changes of authority with everybody at it."""

from pathlib import Path
from statistics import median

from ecosystem.database.unit_of_work import Database
from tests.live_moves import percentile
from tests.migration.books import BOOKS, legacy_door, product_door
from tests.migration.commands import Command
from tests.migration.sides import GROUP, Sides
from tests.migration.witnesses import Crowd


def test_authority_goes_and_comes_back_many_times(
    sides: Sides, database: Database, soak: bool, tmp_path: Path
) -> None:
    sides.add(5_000 if soak else 200)
    crowd = Crowd(
        BOOKS[GROUP],
        [product_door(database, GROUP), product_door(database, GROUP), legacy_door(database)],
        7,
    )
    pauses: list[int] = []
    said = tmp_path / "said"
    with crowd.at_work(rest=0.001 if soak else 0.01):
        sides.moves(chunk_rows=20_000).prepare(GROUP)
        sides.moves(chunk_rows=20_000).copy(GROUP)
        for number in range(100 if soak else 2):
            # A process of its own, as in life: it shares nothing with those who write.
            way = "rollback" if number % 2 else "switch"
            assert Command((way, GROUP), sides.addresses, said).finish() == 0, said.read_text()
            pauses += [one.pause_ms or 0 for one in sides.moves().groups() if one.group == GROUP]
    assert not crowd.errors
    assert not crowd.differences(lambda statement, *values: sides.source.execute(statement, values))
    sides.moves().copy(GROUP)
    assert sides.equal
    waits = [one.slowest for one in crowd.witnesses]
    print(
        f"{len(pauses)} changes of authority, {crowd.acknowledged:,} transactions acknowledged:"
        f" pause median {median(pauses):.0f} ms, p99 {percentile(pauses, 99)} ms, longest"
        f" {max(pauses)} ms; longest wait of a writer {max(waits):.2f} s"
    )
    # On a machine that others use the pause is theirs, too; a lease is 5 s.
    assert max(pauses) < 4_000
    if soak:
        assert percentile(pauses, 99) <= 300
