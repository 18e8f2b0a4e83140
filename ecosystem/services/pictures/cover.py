"""The cover of a trip without pictures of its own: sky, a pale disc, and ridges one after another.

Everything follows from the package's id and where the trip goes, so a trip keeps its cover. The
ridges are sums of sines; the climate says how high, how pointed and how far apart they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from math import cos, exp, pi, sin

from ecosystem.services.pictures import palette
from ecosystem.services.pictures.climate import Climate, climate_of
from ecosystem.services.pictures.dice import Dice
from ecosystem.services.pictures.palette import Palette

MOST_BYTES = 4_000
# Ridges are drawn in quarters of a unit, as whole numbers.
_FINE = 4
_SEGMENTS = 24


@dataclass(frozen=True, slots=True)
class _Character:
    """How the ridges of a climate are shaped, as factors of the plain ones."""

    height: float = 1.0
    waves: float = 1.0
    # Above 0 crests are narrow and valleys wide (mountains); below 0 the reverse (domes).
    point: float = 0.0
    lean: float = 0.0  # crests shifted to one side, as dunes are
    sea: float = 0.0  # how likely the far ridge is islands on a horizon
    lake: float = 0.2
    birds: float = 0.2


_CHARACTERS: dict[Climate, _Character] = {
    Climate.MEDITERRANEAN: _Character(sea=0.3, lake=0.15, birds=0.25),
    Climate.TROPICAL: _Character(height=1.15, waves=1.1, point=-0.35, sea=0.2, birds=0.2),
    Climate.DESERT: _Character(height=0.95, waves=0.8, point=0.25, lean=0.55, lake=0.0, birds=0.08),
    Climate.NORTH: _Character(height=1.1, point=0.5, sea=0.15, lake=0.35, birds=0.15),
    Climate.ALPINE: _Character(height=1.5, waves=1.15, point=1.05, lake=0.4, birds=0.12),
    Climate.TEMPERATE: _Character(height=0.8, waves=0.9, lake=0.3, birds=0.25),
    Climate.ISLANDS: _Character(height=0.9, point=0.3, sea=0.75, lake=0.0, birds=0.3),
    Climate.SAVANNA: _Character(height=0.62, waves=0.85, point=0.9, lake=0.08, birds=0.3),
    Climate.STEPPE: _Character(height=0.85, waves=0.75, point=0.45, lean=0.2, lake=0.15),
}


def svg(
    package_id: str,
    latitude: float | None,
    country: str | None,
    *,
    width: int = 800,
    height: int = 500,
) -> str:
    """The cover as an SVG of at most 4 KB that fills whatever holds it; the same on every machine.

    `latitude` in degrees and `country` (ISO code or English name) choose the climate, either may
    be unknown. `width` and `height` are the shape it is composed for. It says nothing that the
    trip's title doesn't, so screen readers pass it over. Raises ValueError for an empty shape.
    """
    if width < 1 or height < 1:
        raise ValueError("a cover has a width and a height")
    dice = Dice(f"cover/{package_id}")
    climate = climate_of(latitude, country)
    character = _CHARACTERS[climate]
    colours = palette.mixed(climate, dice)
    name = "c" + sha256(f"{package_id}/{climate}".encode("utf-8", "surrogatepass")).hexdigest()[:7]
    scene = _Scene(width, height, name, character, colours, dice)
    return scene.drawn()


class _Scene:
    """One picture while it is drawn; the order of the calls to `dice` is part of its look."""

    def __init__(
        self,
        width: int,
        height: int,
        name: str,
        character: _Character,
        colours: Palette,
        dice: Dice,
    ) -> None:
        self.width, self.height, self.name = width, height, name
        self.character, self.colours, self.dice = character, colours, dice
        self.unit = min(width / 800, height / 500)
        self.disc_x = width * dice.number(0.16, 0.84)
        self.disc_y = height * dice.number(0.17, 0.45)
        self.disc_radius = self.unit * dice.number(25, 50)

    def drawn(self) -> str:
        dice, character, colours = self.dice, self.character, self.colours
        has_sea = dice.chance(character.sea)
        has_lake = not has_sea and dice.chance(character.lake)
        has_birds = dice.chance(character.birds)
        mist = dice.choice((0.1, 0.18, 0.18, 0.38))
        horizon = self.height * dice.number(0.53, 0.6)
        gradients = [self._gradient("s", *colours.sky)]
        parts = [f'<path fill="url(#{self.name}s)" d="M0 0h{self.width}v{self.height}H0z"/>']
        parts += self._disc()
        if has_birds:
            parts.append(self._birds())
        for index, colour in enumerate(colours.ridges):
            hazy = palette.blended(colour, colours.sky[1], mist * (1 - index / 4))
            gradients.append(self._gradient(str(index), colour, hazy))
            fill = f"url(#{self.name}{index})"
            if has_sea and index == 1:
                parts += self._water(horizon, 0.32)
            if has_lake and index == 3:
                parts += self._water(self.height * dice.number(0.79, 0.83), 0.5)
            if has_sea and index == 0:
                parts.append(self._islands(horizon, fill))
            elif not (has_sea and index == 1):
                parts.append(self._ridge(index, fill, low=has_sea or (has_lake and index == 3)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            ' preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
            f"<defs>{''.join(gradients)}</defs>{''.join(parts)}</svg>"
        )

    def _gradient(self, name: str, top: str, bottom: str) -> str:
        return (
            f'<linearGradient id="{self.name}{name}" x2="0" y2="1"><stop stop-color="{top}"/>'
            f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
        )

    def _disc(self) -> list[str]:
        place = f'cx="{self.disc_x:.0f}" cy="{self.disc_y:.0f}" fill="{self.colours.disc}"'
        parts = [f'<circle {place} r="{self.disc_radius:.1f}" opacity=".88"/>']
        if self.dice.chance(0.35):
            parts.insert(0, f'<circle {place} r="{self.disc_radius * 1.75:.1f}" opacity=".16"/>')
        return parts

    def _birds(self) -> str:
        """Three to five far birds, flying together on the disc's other side."""
        dice, unit = self.dice, self.unit
        x = self.width * dice.number(0.1, 0.32)
        if self.disc_x < self.width / 2:
            x = self.width - x
        y = self.height * dice.number(0.2, 0.34)
        path = ""
        for _ in range(3 + int(dice.number() * 3)):
            wing = unit * dice.number(7, 11)
            lift = wing * 0.95
            path += (
                f"M{x:.0f} {y:.0f}q{wing * 0.6:.1f}-{lift:.1f} {wing:.1f} 0"
                f"q{wing * 0.4:.1f}-{lift:.1f} {wing:.1f} 0"
            )
            x += unit * dice.number(22, 42) * dice.choice((-1, 1))
            y += unit * dice.number(-18, 18)
        return (
            f'<path fill="none" stroke="{self.colours.ridges[2]}" stroke-width="{1.9 * unit:.1f}"'
            f' stroke-linecap="round" opacity=".65" d="{path}"/>'
        )

    def _water(self, level: float, brightness: float) -> list[str]:
        """Water from `level` down, with the disc's light on it."""
        colours = self.colours
        fill = palette.blended(colours.ridges[1], colours.sky[1], brightness)
        light = palette.blended(fill, "#ffffff", 0.5)
        path, y, half = "", level, self.disc_radius
        for _ in range(4):
            y += self.height * self.dice.number(0.014, 0.026)
            half *= self.dice.number(0.6, 1.05)
            shift = self.disc_x + self.unit * self.dice.number(-9, 9) - half
            path += f"M{shift:.0f} {y:.0f}h{2 * half:.0f}"
        return [
            f'<path fill="{fill}" d="M0 {level:.0f}h{self.width}V{self.height}H0z"/>',
            (
                f'<path stroke="{light}" stroke-width="{2 * self.unit:.1f}" stroke-linecap="round"'
                f' opacity=".75" d="{path}"/>'
            ),
        ]

    def _islands(self, horizon: float, fill: str) -> str:
        """Humps that stand alone on the horizon: a crest so pointed that its valleys are flat."""
        dice = self.dice
        steep = dice.number(2.6, 4.5)
        waves = dice.number(0.9, 1.7)
        turn = dice.number(0, 2 * pi)
        second = dice.number(0, 2 * pi)
        high = self.height * dice.number(0.1, 0.17)

        def rise(x: float) -> float:
            one = exp(steep * (sin(2 * pi * waves * x + turn) - 1))
            other = exp(2 * steep * (sin(2 * pi * waves * 1.7 * x + second) - 1))
            return horizon + 2 - high * (one + 0.4 * other)

        return self._outline(rise, fill, horizon + 2)

    def _ridge(self, index: int, fill: str, *, low: bool) -> str:
        dice, character = self.dice, self.character
        base = self.height * ((0.52, 0.64, 0.765, 0.885)[index] + dice.number(-0.028, 0.028))
        if low and index >= 2:
            base += self.height * 0.05
        swing = self.height * (0.105, 0.085, 0.068, 0.052)[index] * dice.number(0.7, 1.3)
        if low and index == 3:
            swing *= 0.6
        swing *= 1 + (character.height - 1) * (1.0, 0.85, 0.5, 0.3)[index]
        waves = (1.25, 1.7, 2.2, 2.6)[index] * character.waves * dice.number(0.78, 1.22)
        point = character.point * dice.number(0.7, 1.2)
        lean = character.lean * dice.choice((-1.0, 1.0))
        turns = [dice.number(0, 2 * pi) for _ in range(3)]
        second, third = dice.number(0.25, 0.5), dice.number(0.08, 0.2)
        middle = (exp(point) + exp(-point)) / 2

        def rise(x: float) -> float:
            angle = 2 * pi * waves * x + turns[0]
            wave = sin(angle + lean * cos(angle))
            if point:
                wave = (exp(point * wave) - middle) / point
            wave += second * sin(2 * pi * waves * 1.63 * x + turns[1])
            wave += third * sin(2 * pi * waves * 2.9 * x + turns[2])
            return base - swing * wave

        return self._outline(rise, fill, self.height)

    def _outline(self, rise: Callable[[float], float], fill: str, bottom: float) -> str:
        """The curve `rise` (0-1 across, to an ordinate) closed along `bottom`, as one path.

        Cubic curves through points of the curve with its own slopes: smooth with few points.
        """
        step = self.width / _SEGMENTS
        tiny = 1e-3

        def at(x: float) -> int:
            return round(rise(x) * _FINE)

        start_y = before_y = at(0)
        before_x = 0
        slope = (rise(tiny) - rise(-tiny)) / (2 * tiny * self.width)
        # The first curve says where it leaves to; each later one goes on as the last arrived.
        curve = f"c{round(step / 3 * _FINE)} {round(slope * step / 3 * _FINE)}"
        for segment in range(1, _SEGMENTS + 1):
            share = segment / _SEGMENTS
            slope = (rise(share + tiny) - rise(share - tiny)) / (2 * tiny * self.width)
            x, y = round(segment * step * _FINE), at(share)
            control_x = round((segment - 1 / 3) * step * _FINE)
            control_y = round((rise(share) - slope * step / 3) * _FINE)
            numbers = (control_x - before_x, control_y - before_y, x - before_x, y - before_y)
            joined = "".join(str(n) if n < 0 else f" {n}" for n in numbers)
            curve += "s" + joined.lstrip() if segment == 2 else joined
            before_x, before_y = x, y
        return (
            f'<path fill="{fill}" transform="scale({1 / _FINE:g})"'
            f' d="M0 {start_y}{curve}V{bottom * _FINE:.0f}H0z"/>'
        )
