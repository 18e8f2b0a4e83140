"""Fewer points for the same picture: an outline loses first what the eye misses least.

Visvalingam's method: the weight of a point is the area of the triangle it makes with its two
neighbours; the lightest point goes, its neighbours are weighed again, and so on. Because every
point gets a weight, one threshold over all outlines of a map meets a budget of points exactly.
"""

from heapq import heapify, heappop, heappush

Point = tuple[float, float]


def weights(ring: list[Point]) -> list[float]:
    """The area in square units that each point of a closed ring is worth, never falling inwards.

    A point's weight is at least that of every point that went before it, so keeping all points
    above a threshold is the same as stopping the method there. The last three weigh infinity.
    """
    count = len(ring)
    result = [float("inf")] * count
    if count <= 3:
        return result
    before = [count - 1, *range(count - 1)]
    after = [*range(1, count), 0]
    area = [_area(ring[before[i]], ring[i], ring[after[i]]) for i in range(count)]
    heap = [(area[i], i) for i in range(count)]
    heapify(heap)
    left, floor = count, 0.0
    while left > 3:
        weight, i = heappop(heap)
        if weight != area[i]:
            continue  # weighed again since
        floor = max(floor, weight)
        result[i] = floor
        area[i] = -1.0
        left -= 1
        a, b = before[i], after[i]
        after[a], before[b] = b, a
        for j in (a, b):
            area[j] = _area(ring[before[j]], ring[j], ring[after[j]])
            heappush(heap, (area[j], j))
    return result


def thinned(ring: list[Point], distance: float) -> list[Point]:
    """The ring without points nearer than `distance` (either axis) to the one kept before."""
    kept: list[Point] = []
    last_x = last_y = float("inf")
    for x, y in ring:
        if abs(x - last_x) >= distance or abs(y - last_y) >= distance:
            kept.append((x, y))
            last_x, last_y = x, y
    return kept


def _area(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2
