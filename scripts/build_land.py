"""Makes `ecosystem/services/pictures/land.bin` from Natural Earth's 1:50m land.

    npm pack world-atlas && tar -xzf world-atlas-*.tgz
    python scripts/build_land.py package/land-50m.json

The source is the TopoJSON of npm `world-atlas` (Natural Earth, public domain). It is stitched:
rings run across the antimeridian, and Antarctica's ring goes once around the pole. Here each ring
is unrolled, so that its longitudes are continuous (and may pass 180), and Antarctica is closed
along the bottom of the map.

The file holds the same land at several levels of detail, finest first, because a map of one
country and a map of a round-the-world trip need different amounts of it. Its layout is described
in `ecosystem/services/pictures/land.py`, which reads it.
"""

import argparse
import json
import struct
import zlib
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

Point = tuple[int, int]  # longitude, latitude in hundredths of a degree
Ring = list[Point]

MAGIC = b"LAND2"
UNITS = 100
SOUTH_EDGE = -8950
# Tolerance of each level in hundredths of a degree; 0 keeps every point.
TOLERANCES = (0, 5, 25)
TARGET = Path(__file__).parents[1] / "ecosystem/services/pictures/land.bin"


def main() -> None:
    """Read the TopoJSON named on the command line and write the packed file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("topojson", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    rings = list(read_rings(json.loads(arguments.topojson.read_text())))
    packed = pack([simplified_level(rings, tolerance) for tolerance in TOLERANCES])
    arguments.target.write_bytes(packed)
    print(f"{arguments.target}: {len(packed):,} bytes, {len(rings):,} rings")


def read_rings(topology: dict) -> Iterator[Ring]:
    """Every ring of the `land` object, unrolled and closed (the last point is not repeated)."""
    scale_x, scale_y = topology["transform"]["scale"]
    move_x, move_y = topology["transform"]["translate"]
    arcs: list[list[tuple[float, float]]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        for polygon in polygons:
            for indexes in polygon:
                points: list[tuple[float, float]] = []
                for index in indexes:
                    arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                    points.extend(arc if not points else arc[1:])
                # The source also holds the pole itself as a ring: a line of no width.
                if max(latitude for _, latitude in points) * UNITS > SOUTH_EDGE:
                    yield unrolled(points)


def unrolled(points: list[tuple[float, float]]) -> Ring:
    """The ring with continuous longitudes; one that circles the pole is closed below the map."""
    ring: Ring = []
    turn = 0.0
    before = points[0][0]
    for longitude, latitude in points:
        if longitude - before > 180:
            turn -= 360
        elif longitude - before < -180:
            turn += 360
        before = longitude
        point = (round((longitude + turn) * UNITS), round(latitude * UNITS))
        if not ring or ring[-1] != point:
            ring.append(point)
    if abs(ring[-1][0] - ring[0][0]) > 180 * UNITS:
        first, last = ring[0][0], ring[-1][0]
        steps = [last + (first - last) * step // 4 for step in range(5)]
        ring.extend((longitude, SOUTH_EDGE) for longitude in steps)
    elif ring[0] == ring[-1]:
        ring.pop()
    return ring


def simplified_level(rings: list[Ring], tolerance: int) -> list[Ring]:
    """The rings with no point moved by more than `tolerance`; specks below it disappear."""
    level = [douglas_peucker(ring, tolerance) if tolerance else ring for ring in rings]
    return [ring for ring in level if len(ring) >= 3 and extent(ring) >= 2 * tolerance]


def extent(ring: Ring) -> int:
    """The longer side of the ring's bounding box."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def douglas_peucker(ring: Ring, tolerance: int) -> Ring:
    """Keep the points without which the outline would move by more than the tolerance."""
    last = len(ring) - 1
    keep = bytearray(len(ring))
    keep[0] = keep[last] = 1
    spans = [(0, last)]
    while spans:
        start, end = spans.pop()
        (ax, ay), (bx, by) = ring[start], ring[end]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        worst, at = float(tolerance * tolerance), -1
        for index in range(start + 1, end):
            px, py = ring[index]
            t = ((px - ax) * dx + (py - ay) * dy) / length if length else 0.0
            t = min(1.0, max(0.0, t))
            distance = (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2
            if distance > worst:
                worst, at = distance, index
        if at >= 0:
            keep[at] = 1
            spans += [(start, at), (at, end)]
    # The bottom edge of Antarctica stays in steps that fit the file's 16 bits.
    return [point for point, kept in zip(ring, keep, strict=True) if kept or point[1] == SOUTH_EDGE]


def pack(levels: list[list[Ring]]) -> bytes:
    """The bytes of the file."""
    body = struct.pack("<I", len(levels))
    for rings in levels:
        dx, dy = array("h"), array("h")
        for ring in rings:
            for (ax, ay), (bx, by) in pairwise(ring):
                dx.append(bx - ax)
                dy.append(by - ay)
        body += struct.pack("<II", len(rings), len(dx))
        body += struct.pack(f"<{len(rings)}H", *map(len, rings))
        body += struct.pack(f"<{2 * len(rings)}i", *(n for ring in rings for n in ring[0]))
        for deltas in (dx, dy):
            raw = struct.pack(f"<{len(deltas)}h", *deltas)
            # Low bytes, then high bytes: the high ones are nearly all 0 or 255 and pack away.
            body += raw[0::2] + raw[1::2]
    return MAGIC + zlib.compress(body, 9)


if __name__ == "__main__":
    main()
