"""How adults are put in rooms when the price depends on it. Pure; see docs/algorithms/price.md."""

from collections.abc import Iterable, Mapping
from functools import reduce

LARGEST_ROOM = 4


def least_own_price(base: int, rooms: Iterable[int]) -> int:
    """The lowest price per adult of a departure at which every room still costs something.

    Prices by room move by as much as a departure's own price differs from its package's.
    """
    return base + 1 - min(rooms, default=base)


def cheapest_rooms(adults: int, per_adult: Mapping[int, int]) -> dict[int, int]:
    """The split of ``adults`` into rooms that costs least: ``{adults in a room: rooms}``.

    ``per_adult`` is what each adult pays in a room of so many, and has ``1``. Of splits that
    cost the same the one with fewer rooms is taken, then the one with the larger rooms, so
    that the same party always gets the same answer.
    """
    sizes = sorted(size for size in per_adult if 1 <= size <= LARGEST_ROOM)
    # (cost, rooms, sizes as negatives so that min() prefers larger rooms) of each head count.
    best: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for heads in range(1, adults + 1):
        best.append(
            min(
                (
                    best[heads - size][0] + size * per_adult[size],
                    best[heads - size][1] + 1,
                    tuple(sorted((*best[heads - size][2], -size))),
                )
                for size in sizes
                if size <= heads
            )
        )
    return reduce(
        lambda counts, size: counts | {-size: counts.get(-size, 0) + 1}, best[adults][2], {}
    )
