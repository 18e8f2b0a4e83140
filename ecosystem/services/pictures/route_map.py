"""The map of a trip: land, the route's stops in order, and the way from each to the next.

Colours come from CSS classes (`routemap sea land leg stop num city`), so that an inline map
follows the page's theme. Land reaches beyond the view box by `overscan`: a container of another
shape shows more land, and never cuts a name off.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import hypot, isfinite

from ecosystem.services.pictures import land, simplify
from ecosystem.services.pictures.frame import Frame, framed
from ecosystem.services.pictures.lettering import Area, Label, placed, shortened, text_width
from ecosystem.services.pictures.markers import Marker, marked

Point = tuple[float, float]

MOST_BYTES = 12_000
MOST_STOPS = 40
# Land is drawn in quarters of a pixel, as whole numbers.
_FINE = 4
_LEAST_WEIGHT = 0.25 * _FINE**2  # square pixels a point must be worth
_BYTES_PER_POINT = 5.2
_MOST_WEIGHED = 3500
_INSET = 4.0
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a route: its name in the reader's language, and where it is, in degrees."""

    name: str
    latitude: float
    longitude: float


def svg(
    stops: Sequence[Stop],
    *,
    width: int = 460,
    height: int = 420,
    label: str = "Map of the route: {cities}",
    separator: str = ", ",
    overscan: float = 0.35,
) -> str:
    """The route as an inline SVG of at most 12 KB, the same on every machine.

    `width` and `height` in pixels set the shape and how much fits; the picture scales. `label`,
    with `{cities}` for the stops' names in order joined by `separator`, is what a screen reader
    says. Raises ValueError without stops, past 40 of them, for a place that is not on Earth, and
    for a view under 120 pixels.
    """
    _check(stops, width, height)
    names = [" ".join(_NOT_XML.sub(" ", stop.name).split()) for stop in stops]
    frame, points = framed([(s.longitude, s.latitude) for s in stops], width, height)
    view = Area(_INSET, _INSET, width - _INSET, height - _INSET)
    markers = marked(points, names, view)
    legs = _legs(markers, len(stops))
    captions = [" · ".join(marker.names) for marker in markers]
    areas = [marker.area for marker in markers]
    along = [point for leg in legs for point in leg.along()]
    labels = placed(captions, areas, along, view)
    text = _spoken(label, names, separator)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="routemap" viewBox="0 0 {width} {height}"'
        f' preserveAspectRatio="xMidYMid meet" direction="ltr" role="img" aria-label="{text}">'
        f"<title>{text}</title>"
        f'<rect class="sea" x="{-2 * width}" y="{-2 * height}"'
        f' width="{5 * width}" height="{5 * height}"/>'
    )
    over = "".join(
        [
            _legs_drawn(legs),
            *(_line_drawn(found) for found in labels if found),
            *(_marker_drawn(marker) for marker in markers),
            *(_label_drawn(found) for found in labels if found),
            _legend(markers, captions, labels, areas, view),
            "</svg>",
        ]
    )
    budget = MOST_BYTES - len((head + over).encode()) - 120
    return head + _land_drawn(frame, overscan, budget) + over


def _check(stops: Sequence[Stop], width: int, height: int) -> None:
    if not 1 <= len(stops) <= MOST_STOPS:
        raise ValueError(f"a route map has 1 to {MOST_STOPS} stops, not {len(stops)}")
    if min(width, height) < 120:
        raise ValueError("a route map is at least 120 pixels wide and high")
    for stop in stops:
        if not (isfinite(stop.longitude) and abs(stop.latitude) <= 90):
            raise ValueError(f"{stop.name!r} is at no place on Earth")


def _spoken(label: str, names: Sequence[str], separator: str) -> str:
    """The text alternative, escaped; very long names are shortened to leave room for the map."""
    most = max(12, 2400 // len(names))
    cities = separator.join(n if len(n) <= most else n[: most - 1] + "…" for n in names)
    return escape(_NOT_XML.sub(" ", label.replace("{cities}", cities)))


@dataclass(frozen=True, slots=True)
class _Leg:
    start: Point
    bend: Point
    end: Point

    def along(self) -> list[Point]:
        """Points along the curve, about one every six pixels."""
        length = hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])
        steps = max(4, int(length / 6))
        return [
            tuple(  # pyright: ignore[reportReturnType] - two coordinates in, two out
                (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c
                for a, b, c in zip(self.start, self.bend, self.end, strict=True)
            )
            for t in (step / steps for step in range(1, steps))
        ]


def _legs(markers: Sequence[Marker], stops: int) -> list[_Leg]:
    """Curves between consecutive stops that bow away from the route's middle."""
    at = {visit: marker for marker in markers for visit in marker.visits}
    middle_x = sum(marker.x for marker in markers) / len(markers)
    middle_y = sum(marker.y for marker in markers) / len(markers)
    times_between: dict[frozenset[int], int] = {}
    legs: list[_Leg] = []
    for visit in range(1, stops):
        one, other = at[visit - 1], at[visit]
        if one is other:
            continue
        dx, dy = other.x - one.x, other.y - one.y
        x, y = (one.x + other.x) / 2, (one.y + other.y) / 2
        side = 1 if -dy * (x - middle_x) + dx * (y - middle_y) >= -1e-6 else -1
        pair = frozenset((id(one), id(other)))
        times = times_between.get(pair, 0)
        times_between[pair] = times + 1
        # Back and forth between two places: the second way bows to the other side.
        bow = side * (0.16 + 0.1 * (times // 2)) * (-1 if times % 2 else 1)
        bend = (x - dy * bow, y + dx * bow)
        legs.append(_Leg((one.x, one.y), bend, (other.x, other.y)))
    return legs


def _legs_drawn(legs: Sequence[_Leg]) -> str:
    if not legs:
        return ""
    path: list[str] = []
    end: Point | None = None
    for leg in legs:
        if leg.start != end:
            path.append(f"M{_n(leg.start[0])} {_n(leg.start[1])}")
        path.append(f"Q{_n(leg.bend[0])} {_n(leg.bend[1])} {_n(leg.end[0])} {_n(leg.end[1])}")
        end = leg.end
    return f'<path class="leg" d="{"".join(path)}"/>'


def _marker_drawn(marker: Marker) -> str:
    x, y, half, radius = _n(marker.x), _n(marker.y), marker.half_width, marker.radius
    if half > radius:
        shape = (
            f'<rect class="stop" x="{_n(marker.x - half)}" y="{_n(marker.y - radius)}"'
            f' width="{_n(2 * half)}" height="{_n(2 * radius)}" rx="{_n(radius)}"/>'
        )
    else:
        shape = f'<circle class="stop" cx="{x}" cy="{y}" r="{_n(radius)}"/>'
    size = "" if marker.size == 12 else f' style="font-size:{_n(marker.size)}px"'
    baseline = _n(marker.y + marker.size * 0.36)
    return f'{shape}<text class="num" x="{x}" y="{baseline}"{size}>{marker.text}</text>'


def _line_drawn(label: Label) -> str:
    if not label.line:
        return ""
    (x1, y1), (x2, y2) = label.line[0], label.line[-1]
    return (
        f'<path class="leg" style="stroke-width:1;stroke-dasharray:none"'
        f' d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>'
    )


def _label_drawn(label: Label) -> str:
    anchor = "" if label.anchor == "start" else f' text-anchor="{label.anchor}"'
    size = "" if label.size == 14 else f' style="font-size:{_n(label.size)}px"'
    return (
        f'<text class="city" x="{_n(label.x)}" y="{_n(label.y)}"{anchor}{size}>'
        f"{escape(label.text)}</text>"
    )


def _legend(
    markers: Sequence[Marker],
    captions: Sequence[str],
    labels: Sequence[Label | None],
    areas: Sequence[Area],
    view: Area,
) -> str:
    """The names that found no place on the map, by number, in the corner that is free.

    Without a free corner they are only in the text alternative and beside the map.
    """
    size, line = 11.0, 15.0
    rows = [
        shortened(f"{marker.text}  {caption}", size, (view.right - view.left) * 0.48)
        for marker, caption, label in zip(markers, captions, labels, strict=True)
        if caption and label is None
    ]
    if not rows:
        return ""
    wide = max(text_width(row, size) for row in rows)
    high = line * len(rows)
    taken = [*areas, *(label.area for label in labels if label)]
    for left in (view.left + 8, view.right - 8 - wide):
        for top in (view.bottom - 8 - high, view.top + 8):
            if any(
                Area(left - 4, top - 4, left + wide + 4, top + high + 4).meets(a) for a in taken
            ):
                continue
            return "".join(
                f'<text class="city" x="{_n(left)}" y="{_n(top + line * index + 12)}"'
                f' style="font-size:{_n(size)}px">{escape(row)}</text>'
                for index, row in enumerate(rows)
            )
    return ""


def _land_drawn(frame: Frame, overscan: float, budget: int) -> str:
    """One path of all land in view with as much of its detail as the budget of bytes allows."""
    edge = 4.0  # pixels outside what is seen, so that a clipped outline's edge is never seen
    box = frame.box(overscan + edge / min(frame.width, frame.height))
    outlines = [
        [(frame.x(x) * _FINE, frame.y(y) * _FINE) for x, y in outline]
        for outline in land.inside(box, 1 / frame.scale)
    ]
    # Weighing is the slow part: where there is more than the budget can show, weigh less of it.
    crowd = max(1.0, sum(map(len, outlines)) / _MOST_WEIGHED)
    thin = [simplify.thinned(outline, 0.4 * _FINE * crowd) for outline in outlines]
    weighed = [(outline, simplify.weights(outline)) for outline in thin if len(outline) >= 3]
    ranked = sorted(
        (w for _, ws in weighed for w in ws if _LEAST_WEIGHT <= w < float("inf")), reverse=True
    )
    keep = max(0, int(budget / _BYTES_PER_POINT))
    while True:
        least = ranked[keep] if keep < len(ranked) else _LEAST_WEIGHT
        path = "".join(
            _outline_drawn([p for p, w in zip(outline, ws, strict=True) if w >= least], least)
            for outline, ws in weighed
        )
        if len(path) <= budget or keep == 0:
            break
        keep = int(keep * min(0.95, budget / len(path)))
    if not path or len(path) > budget:
        return ""
    return f'<path class="land" transform="scale({1 / _FINE:g})" d="{path}"/>'


def _outline_drawn(outline: list[Point], least: float) -> str:
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    # A speck that is worth less than the points left out of larger land is left out too.
    if len(outline) < 3 or (max(xs) - min(xs)) * (max(ys) - min(ys)) < max(4.0, 2 * least):
        return ""
    start_x = before_x = round(outline[0][0])
    start_y = before_y = round(outline[0][1])
    parts: list[str] = []
    for point_x, point_y in outline[1:]:
        x, y = round(point_x), round(point_y)
        dx, dy = x - before_x, y - before_y
        if dx or dy:
            parts.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
            before_x, before_y = x, y
    if len(parts) < 2:
        return ""
    steps = parts[0] + "".join(p if p[0] == "-" else " " + p for p in parts[1:])
    return f"M{start_x} {start_y}l{steps}z"


def _n(value: float) -> str:
    """The number with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
