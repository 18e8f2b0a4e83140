"""Where on a route map a place is: the Mercator frame around a route's stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asinh, atan, cos, degrees, radians, sinh, tan

from ecosystem.services.pictures.land import Box

Point = tuple[float, float]

# The share of the route's own box that stays free on each of its sides.
MARGIN = 0.28
_LEAST_DEGREES = 10.0
# Ten degrees near a pole are a short walk; there a frame is as wide as this many at the equator.
_LEAST_DEGREES_AT_EQUATOR = 6.5
_POLEWARD = 85.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A Mercator view: `scale` pixels per degree, `west` and `top` at the view's corner."""

    west: float
    top: float  # Mercator ordinate of the upper edge, in degrees at the equator
    scale: float
    width: float
    height: float

    def x(self, longitude: float) -> float:
        """Pixels from the left edge of the longitude's copy at or after `west` - 180."""
        return (longitude - self.west) * self.scale

    def y(self, latitude: float) -> float:
        """Pixels from the upper edge."""
        return (self.top - _ordinate(latitude)) * self.scale

    def box(self, overscan: float) -> Box:
        """The view in degrees, larger on each side by `overscan` of its width or height."""
        aside = self.width * overscan
        above = self.height * overscan
        return Box(
            west=self.west - aside / self.scale,
            east=self.west + (self.width + aside) / self.scale,
            south=_latitude(self.top - (self.height + above) / self.scale),
            north=_latitude(self.top + above / self.scale),
        )


def framed(places: Sequence[Point], width: float, height: float) -> tuple[Frame, list[Point]]:
    """The frame around `places` (longitude, latitude) and where in it each of them is, in pixels.

    The frame crosses the antimeridian when that is the shorter way around the places.
    """
    longitudes = _unrolled([longitude for longitude, _ in places])
    latitudes = [min(_POLEWARD, max(-_POLEWARD, latitude)) for _, latitude in places]
    ordinates = [_ordinate(latitude) for latitude in latitudes]
    west, east = min(longitudes), max(longitudes)
    south, north = min(ordinates), max(ordinates)
    middle = _latitude((south + north) / 2)
    room = 1 + 2 * MARGIN
    # Beyond one turn the map would show land twice: there the margin gives way first.
    across = max(
        min((east - west) * room, max(360.0, (east - west) * 1.15)),
        (north - south) * room * width / height,
        _LEAST_DEGREES,
        _LEAST_DEGREES_AT_EQUATOR / cos(radians(middle)),
    )
    scale = width / across
    frame = Frame(
        west=(west + east - across) / 2,
        top=(south + north + height / scale) / 2,
        scale=scale,
        width=width,
        height=height,
    )
    points = [
        (frame.x(longitude), frame.y(latitude))
        for longitude, latitude in zip(longitudes, latitudes, strict=True)
    ]
    return frame, points


def _unrolled(longitudes: Sequence[float]) -> list[float]:
    """The longitudes counted on from the far side of the widest gap between them."""
    turned = [longitude % 360 for longitude in longitudes]
    ordered = sorted(set(turned))
    gaps = [
        ((after - before) % 360 or 360, after)
        for before, after in zip([ordered[-1], *ordered], ordered, strict=False)
    ]
    start = max(gaps)[1]
    return [start + (longitude - start) % 360 for longitude in turned]


def _ordinate(latitude: float) -> float:
    """Mercator: degrees from the equator as long as a degree is there."""
    return degrees(asinh(tan(radians(latitude))))


def _latitude(ordinate: float) -> float:
    return degrees(atan(sinh(radians(ordinate))))
