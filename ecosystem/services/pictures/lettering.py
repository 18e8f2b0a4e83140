"""Lettering on a map: how wide a name is, and where it can stand without covering anything.

Names are placed by search: every name has the same few places around its marker, in order of
taste; the names with the fewest free places choose first, and a choice that leaves another name
none is taken back. If no arrangement is found, names may stand further off, tied to their marker
by a line, and the letters get smaller; the names that found no place even so are handed back,
for a legend.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

# Attempts in order: the size of the letters, and whether names may stand off.
_ATTEMPTS = ((14.0, False), (12.5, False), (12.5, True), (11.0, True))
_FAR = (16.0, 30.0)
_FAR_COST = 20.0
_TRIES = 1500
_CAP = 0.73  # height of a capital letter, of the size
_DESCENT = 0.24
# Widths of the semi-bold sans, of the size, rounded up so that a fallback font fits as well.
_WIDTHS = {
    letter: width
    for width, letters in (
        (0.30, " ijl.,:;!'|I"),
        (0.42, 'tfr()/[]-"`'),
        (0.60, "sLkxzJacFevy?*_1"),
        (0.66, "Ehnou2bdgpq"),
        (0.70, "PRSZBTK&35467890"),
        (0.80, "DXYAVCUGHNw+<=>~$#"),
        (0.84, "OQ"),
        (0.98, "mM@%W"),
    )
    for letter in letters
}


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Area") -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, point: Point) -> bool:
        """Whether the point lies in it."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def within(self, other: "Area") -> bool:
        """Whether it lies in the other wholly."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A name with its place: `x` and `y` are of the text's anchor, on its baseline."""

    text: str
    x: float
    y: float
    anchor: Anchor
    size: float
    area: Area
    line: tuple[Point, ...] = ()  # from the marker to a name that stands off

    def conflicts(self, other: "Label") -> bool:
        """Whether it covers the other, or the line of one crosses the other."""
        return (
            self.area.meets(other.area)
            or any(self.area.holds(point) for point in other.line)
            or any(other.area.holds(point) for point in self.line)
            or _cross(self.line, other.line)
        )


def text_width(text: str, size: float) -> float:
    """About how wide the text is in pixels; rather more than less."""
    return sum(_letter_width(letter) for letter in text) * size


def shortened(text: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits `width` pixels with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
        # An accent goes with its letter.
        while kept and unicodedata.combining(text[len(kept)]):
            kept = kept[:-1]
    return kept.rstrip(" ,-/(") + "…"


def placed(
    names: Sequence[str],
    markers: Sequence[Area],
    legs: Sequence[Point],
    frame: Area,
) -> list[Label | None]:
    """A label for each name, beside the marker of the same index; `None` where none fits.

    No label meets another, a marker or the edge of `frame`. Labels keep off `legs` (points along
    the route) where they can. An empty name gets no label.
    """
    best: list[Label | None] = [None] * len(names)
    wanted = sum(bool(name) for name in names)
    for size, standing_off in _ATTEMPTS:
        choices = [
            _choices(name, index, size, standing_off, markers, legs, frame) if name else []
            for index, name in enumerate(names)
        ]
        found = _arranged(choices)
        if sum(label is not None for label in found) > sum(label is not None for label in best):
            best = found
        if sum(label is not None for label in best) == wanted:
            break
    return best


def _choices(
    name: str,
    index: int,
    size: float,
    standing_off: bool,
    markers: Sequence[Area],
    legs: Sequence[Point],
    frame: Area,
) -> list[Label]:
    marker = markers[index]
    others = [*markers[:index], *markers[index + 1 :]]
    text = shortened(name, size, (frame.right - frame.left) * 0.48)
    labels = _around(text, size, marker)
    if standing_off:
        labels += _further_off(text, size, marker)
    costed: list[tuple[float, int, Label]] = []
    for order, label in enumerate(labels):
        area = label.area
        if not area.within(frame) or any(area.meets(other) for other in markers):
            continue
        if any(other.holds(point) for other in others for point in label.line):
            continue
        crossed = sum(area.holds(point) for point in legs)
        far = _FAR_COST if label.line else 0.0
        costed.append((order + 2.5 * crossed + far, order, label))
    return [label for _, _, label in sorted(costed, key=lambda entry: entry[:2])]


def _around(text: str, size: float, marker: Area) -> list[Label]:
    """The places around a marker, the most pleasing first."""
    width, cap, descent = text_width(text, size), _CAP * size, _DESCENT * size
    x, y = (marker.left + marker.right) / 2, (marker.top + marker.bottom) / 2
    half = (marker.bottom - marker.top) / 2
    gap, near = 5.0, 2.0
    high, low = y - half * 0.75, y + half * 0.75 + cap
    spots: tuple[tuple[float, float, Anchor], ...] = (
        (marker.right + gap, y + cap / 2, "start"),
        (marker.left - gap, y + cap / 2, "end"),
        (x, marker.bottom + gap + cap, "middle"),
        (x, marker.top - gap - descent * 0.7, "middle"),
        (marker.right + near, high, "start"),
        (marker.right + near, low, "start"),
        (marker.left - near, high, "end"),
        (marker.left - near, low, "end"),
        (marker.left, marker.bottom + gap + cap, "start"),
        (marker.right, marker.bottom + gap + cap, "end"),
        (marker.left, marker.top - gap - descent * 0.7, "start"),
        (marker.right, marker.top - gap - descent * 0.7, "end"),
    )
    return [_label(text, size, width, at, baseline, anchor) for at, baseline, anchor in spots]


def _further_off(text: str, size: float, marker: Area) -> list[Label]:
    """Places in eight directions outside the nearest ones, each with its line to the marker."""
    width, cap = text_width(text, size), _CAP * size
    x, y = (marker.left + marker.right) / 2, (marker.top + marker.bottom) / 2
    half_x, half_y = (marker.right - marker.left) / 2, (marker.bottom - marker.top) / 2
    labels: list[Label] = []
    for far in _FAR:
        for right, down in ((1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1)):
            reach = far * (0.75 if right and down else 1.0)
            end = (x + right * (half_x + reach), y + down * (half_y + reach))
            anchor: Anchor = "middle" if not right else "start" if right > 0 else "end"
            baseline = end[1] + cap / 2 if right else end[1] + (cap + 3 if down > 0 else -4)
            label = _label(text, size, width, end[0] + 4 * right, baseline, anchor)
            line = tuple(
                (x + (end[0] - x) * step / 8, y + (end[1] - y) * step / 8) for step in range(9)
            )
            labels.append(replace(label, line=line))
    return labels


def _label(
    text: str, size: float, width: float, at: float, baseline: float, anchor: Anchor
) -> Label:
    left = at - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    area = Area(left - 1, baseline - _CAP * size - 2, left + width + 1, baseline + _DESCENT * size)
    return Label(text, round(at, 1), round(baseline, 1), anchor, size, area)


def _cross(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two straight lines, given by points along them, cross."""
    if not one or not other:
        return False
    a, b, c, d = one[0], one[-1], other[0], other[-1]
    return _turn(a, b, c) != _turn(a, b, d) and _turn(c, d, a) != _turn(c, d, b)


def _turn(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])


def _arranged(choices: Sequence[Sequence[Label]]) -> list[Label | None]:
    """One label of each list, none meeting another; `None` where the search found none."""
    order = sorted(
        (index for index, options in enumerate(choices) if options),
        key=lambda index: (len(choices[index]), index),
    )
    taken: dict[int, Label] = {}
    best: dict[int, Label] = {}
    tries = 0

    def search(depth: int, missed: int) -> bool:
        nonlocal best, tries
        if len(taken) > len(best):
            best = dict(taken)
        if depth == len(order):
            return missed == 0
        if len(order) - missed <= len(best):
            return False
        index = order[depth]
        for label in choices[index]:
            tries += 1
            if tries > _TRIES:
                return True
            if any(label.conflicts(other) for other in taken.values()):
                continue
            taken[index] = label
            if search(depth + 1, missed):
                return True
            del taken[index]
        return search(depth + 1, missed + 1)

    search(0, 0)
    return [best.get(index) for index in range(len(choices))]


def _letter_width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    plain = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(plain, 0.78)
