"""The numbered marks of a route map: one for each place, side by side where places are close."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot

from ecosystem.services.pictures.lettering import Area, text_width

Point = tuple[float, float]

_RADIUS, _NUMBER = 11.0, 12.0
# Where places crowd, marks and their numbers are smaller.
_SMALL_RADIUS, _SMALL_NUMBER = 9.0, 10.5
_RING = 1.25  # half of the outline's width
_GAP = 2.0
_ROUNDS = 60
_SAME_PLACE = 1.2
_SAME_NAME = 2 * _RADIUS
_NUMBERS_SHOWN = 4


@dataclass(slots=True)
class Marker:
    """A place of the route. `visits` are positions along the route, from 0."""

    x: float
    y: float
    visits: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    radius: float = _RADIUS
    size: float = _NUMBER  # of the number's letters

    @property
    def text(self) -> str:
        """Its number, or the numbers of every visit; consecutive ones as a range."""
        runs: list[list[int]] = []
        for visit in self.visits:
            if runs and visit == runs[-1][-1] + 1:
                runs[-1].append(visit)
            else:
                runs.append([visit])
        shown = [str(r[0] + 1) if len(r) == 1 else f"{r[0] + 1}–{r[-1] + 1}" for r in runs]
        if len(shown) > _NUMBERS_SHOWN:
            shown = [*shown[: _NUMBERS_SHOWN - 1], "…"]
        return ", ".join(shown)

    @property
    def half_width(self) -> float:
        """Half of its width in pixels without the outline; its height is twice `radius`."""
        if len(self.text) <= 2:
            return self.radius
        return max(self.radius, text_width(self.text, self.size) / 2 + 5)

    @property
    def area(self) -> Area:
        """The rectangle it covers, outline included."""
        across, up = self.half_width + _RING, self.radius + _RING
        return Area(self.x - across, self.y - up, self.x + across, self.y + up)


def marked(points: Sequence[Point], names: Sequence[str], frame: Area) -> list[Marker]:
    """One marker for each place of the route, in order of the first visit.

    Visits to the same place, or to one name that the map can't tell apart, share a marker.
    Markers that would cover each other are moved apart, no further than needed, inside `frame`.
    """
    markers: list[Marker] = []
    for visit, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        marker = next((m for m in markers if _is_same_place(m, x, y, name)), None)
        if marker is None:
            marker = Marker(x, y)
            markers.append(marker)
        marker.visits.append(visit)
        if name and name not in marker.names:
            marker.names.append(name)
    if _crowded(markers):
        for marker in markers:
            marker.radius, marker.size = _SMALL_RADIUS, _SMALL_NUMBER
    for _ in range(_ROUNDS):
        if not _moved_apart(markers):
            break
        for marker in markers:
            _kept_inside(marker, frame)
    return markers


def _is_same_place(marker: Marker, x: float, y: float, name: str) -> bool:
    distance = hypot(marker.x - x, marker.y - y)
    return distance < (_SAME_NAME if name in marker.names else _SAME_PLACE)


def _crowded(markers: Sequence[Marker]) -> bool:
    """Whether two marks or more would cover a neighbour."""
    covered = sum(
        any(hypot(one.x - m.x, one.y - m.y) < 2 * _RADIUS for m in markers if m is not one)
        for one in markers
    )
    return covered > 2


def _moved_apart(markers: Sequence[Marker]) -> bool:
    moved = False
    for index, one in enumerate(markers):
        for other in markers[index + 1 :]:
            dx, dy = other.x - one.x, other.y - one.y
            # Pills are wide: beside each other they need more room than above each other.
            across = one.half_width + other.half_width + 2 * _RING + _GAP
            upright = one.radius + other.radius + 2 * _RING + _GAP
            reach = hypot(dx / across, dy / upright)
            if reach >= 1:
                continue
            if reach < 1e-6:
                dx, dy, reach = across * 0.01, 0.0, 0.01
            push = (1 / reach - 1) / 2 + 0.01
            one.x -= dx * push
            one.y -= dy * push
            other.x += dx * push
            other.y += dy * push
            moved = True
    return moved


def _kept_inside(marker: Marker, frame: Area) -> None:
    across = marker.half_width + _RING
    up = marker.radius + _RING
    marker.x = min(frame.right - across, max(frame.left + across, marker.x))
    marker.y = min(frame.bottom - up, max(frame.top + up, marker.y))
