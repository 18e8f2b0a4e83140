"""The world's land, packed with the product, and the part of it inside a box.

`land.bin` is made by `scripts/build_land.py` from Natural Earth 1:50m (public domain). It is read
once per process; after that a question costs time in proportion to what is in the box.

Layout of the file: `LAND2`, then a zlib stream, little-endian. `u32` number of levels; per level
`u32` rings and `u32` steps; `u16` points of each ring; `i32` first longitude and latitude of each
ring; then the steps from point to point as `i16`, longitudes before latitudes, each as one plane
of low bytes and one of high bytes. Coordinates are hundredths of a degree. A ring's longitudes
are continuous and may leave -180..180; its end is not repeated.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import ceil

Point = tuple[float, float]

_MAGIC = b"LAND2"
_UNITS = 100
_CHUNK = 48
# Degrees a pixel may cover before the next, coarser level is enough.
_FINEST_FOR = (0.06, 0.35)
_WHOLE_TURN = 360.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees; `west` < `east` always, so either may lie outside -180..180."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class _Ring:
    points: list[Point]
    box: Box
    chunks: list[Box]  # of each run of _CHUNK points and the first one after it


def inside(box: Box, degrees_per_pixel: float) -> Iterator[list[Point]]:
    """The outlines of the land in `box`, each clipped to it, in degrees.

    Longitudes are those of the box: across the antimeridian they go on past 180. Outlines follow
    the box's edge where land leaves it. The level of detail suits `degrees_per_pixel`.
    """
    level = sum(degrees_per_pixel > limit for limit in _FINEST_FOR)
    for ring in _levels()[level]:
        if ring.box.south > box.north or ring.box.north < box.south:
            continue
        turn = ceil((box.west - ring.box.east) / _WHOLE_TURN) * _WHOLE_TURN
        while ring.box.west + turn <= box.east:
            outline = _clipped(ring, box, turn)
            if len(outline) >= 3:
                yield outline
            turn += _WHOLE_TURN


def _clipped(ring: _Ring, box: Box, turn: float) -> list[Point]:
    west, east = box.west - turn, box.east - turn
    whole = (
        ring.box.west >= west
        and ring.box.east <= east
        and ring.box.south >= box.south
        and ring.box.north <= box.north
    )
    if whole:
        outline = ring.points
    else:
        # Sutherland-Hodgman, one side at a time: each is a cut along one axis.
        outline = _near(ring, Box(west, box.south, east, box.north))
        for axis, limit, keep_above in (
            (0, west, True),
            (0, east, False),
            (1, box.south, True),
            (1, box.north, False),
        ):
            outline = _cut(outline, axis, limit, keep_above)
    return [(x + turn, y) for x, y in outline] if turn else outline


def _near(ring: _Ring, box: Box) -> list[Point]:
    """The ring with each run that lies wholly beyond one side of the box cut down to its start.

    That cannot change what a clip leaves: the straight line that replaces the run lies beyond
    the same side.
    """
    points: list[Point] = []
    for index, chunk in enumerate(ring.chunks):
        start = index * _CHUNK
        if (
            chunk.east < box.west
            or chunk.west > box.east
            or chunk.north < box.south
            or chunk.south > box.north
        ):
            points.append(ring.points[start])
        else:
            points.extend(ring.points[start : start + _CHUNK])
    return points


def _cut(points: list[Point], axis: int, limit: float, keep_above: bool) -> list[Point]:
    if not points:
        return points
    kept: list[Point] = []
    before = points[-1]
    before_in = (before[axis] >= limit) == keep_above
    for point in points:
        is_in = (point[axis] >= limit) == keep_above
        if is_in != before_in:
            share = (limit - before[axis]) / (point[axis] - before[axis])
            if axis == 0:
                kept.append((limit, before[1] + share * (point[1] - before[1])))
            else:
                kept.append((before[0] + share * (point[0] - before[0]), limit))
        if is_in:
            kept.append(point)
        before, before_in = point, is_in
    return kept


@cache
def _levels() -> list[list[_Ring]]:
    packed = files(__package__ or "").joinpath("land.bin").read_bytes()
    if not packed.startswith(_MAGIC):
        raise ValueError("land.bin is not a land file of this version")
    body = zlib.decompress(packed[len(_MAGIC) :])
    (level_count,) = struct.unpack_from("<I", body)
    offset = 4
    levels: list[list[_Ring]] = []
    for _ in range(level_count):
        rings, steps = struct.unpack_from("<II", body, offset)
        offset += 8
        lengths = struct.unpack_from(f"<{rings}H", body, offset)
        offset += 2 * rings
        starts = struct.unpack_from(f"<{2 * rings}i", body, offset)
        offset += 8 * rings
        dx = _steps(body[offset : offset + 2 * steps])
        dy = _steps(body[offset + 2 * steps : offset + 4 * steps])
        offset += 4 * steps
        level: list[_Ring] = []
        at = 0
        for index, length in enumerate(lengths):
            end = at + length - 1
            xs = accumulate(dx[at:end], initial=starts[2 * index])
            ys = accumulate(dy[at:end], initial=starts[2 * index + 1])
            level.append(_ring([(x / _UNITS, y / _UNITS) for x, y in zip(xs, ys, strict=True)]))
            at = end
        levels.append(level)
    return levels


def _steps(planes: bytes) -> Sequence[int]:
    half = len(planes) // 2
    raw = bytearray(len(planes))
    raw[0::2], raw[1::2] = planes[:half], planes[half:]
    steps = array("h", bytes(raw))
    if sys.byteorder == "big":
        steps.byteswap()
    return steps


def _ring(points: list[Point]) -> _Ring:
    around = [*points, points[0]]
    chunks = [
        _bounds(around[start : start + _CHUNK + 1]) for start in range(0, len(points), _CHUNK)
    ]
    return _Ring(points, _bounds(points), chunks)


def _bounds(points: list[Point]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))
