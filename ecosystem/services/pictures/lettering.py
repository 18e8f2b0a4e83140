"""Lettering on a map: how wide a name is, and where it can stand without covering anything.

Names are placed by search: every name has the same few places around its marker, in order of
taste; the names with the fewest free places choose first, and a choice that leaves another name
none is taken back. If no arrangement is found, the letters get smaller; if the smallest do not
fit either, the names that found no place are handed back, for a legend.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

SIZES = (14.0, 12.5, 11.0)
_TRIES = 1500
_CAP = 0.73  # height of a capital letter, of the size
_DESCENT = 0.24
# Widths of the semi-bold sans, of the size, rounded up so that a fallback font fits as well.
_WIDTHS = {
    letter: width
    for width, letters in (
        (0.30, " ijl.,:;!'|I"),
        (0.42, "tfr()/[]-\"`"),
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
    for size in SIZES:
        choices = [
            _choices(name, index, size, markers, legs, frame) if name else []
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
    markers: Sequence[Area],
    legs: Sequence[Point],
    frame: Area,
) -> list[Label]:
    marker = markers[index]
    text = shortened(name, size, (frame.right - frame.left) * 0.48)
    costed: list[tuple[float, int, Label]] = []
    for order, label in enumerate(_around(text, size, marker)):
        area = label.area
        if not area.within(frame):
            continue
        if any(area.meets(other) for other in markers):
            continue
        crossed = sum(area.holds(point) for point in legs)
        costed.append((order + 2.5 * crossed, order, label))
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
    labels: list[Label] = []
    for at, baseline, anchor in spots:
        left = at - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        area = Area(left - 1, baseline - cap - 2, left + width + 1, baseline + descent)
        labels.append(Label(text, round(at, 1), round(baseline, 1), anchor, size, area))
    return labels


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
            if any(label.area.meets(other.area) for other in taken.values()):
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
