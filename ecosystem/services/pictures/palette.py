"""The colours of a cover picture: a few hand-picked palettes a climate, each varied a little.

Variation happens in Oklab, where equal steps look equal: a hue turned by some degrees keeps its
lightness, so that a picture stays as calm as the palette it came from.
"""

from dataclasses import dataclass
from math import atan2, copysign, cos, hypot, radians, sin

from ecosystem.services.pictures.climate import Climate
from ecosystem.services.pictures.dice import Dice


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as `#rrggbb`: the sky's top and bottom, the disc, and the ridges from afar."""

    sky: tuple[str, str]
    disc: str
    ridges: tuple[str, str, str, str]


# Sky above, sky at the horizon, four ridges from the farthest to the nearest.
_PALETTES: dict[Climate, tuple[str, ...]] = {
    Climate.MEDITERRANEAN: (
        "F6C79C F5D9BA 8AAAA2 518384 2E5E63 173A42",
        "F2B8A0 F8DFC4 A9AE9A 74907F 456B66 1F4248",
        "BCD7E0 F3E6CC A5B79B 6F9485 3F6E70 1D454F",
        "EFC6B4 F9E4BF B3A897 82857F 4F6369 263B49",
    ),
    Climate.TROPICAL: (
        "F8B77E FAD9A0 7CAC8C 46866C 236350 123F37",
        "F5CFA0 F9E8C4 93BC93 559477 2B6E5E 134542",
        "B5DAD8 F2EBC8 8FBF9A 4F9A7E 22736A 0F4A4C",
        "F2A98B F9D6A4 96AB84 5B8A6B 2F6553 163F3C",
    ),
    Climate.DESERT: (
        "F4A98A F8D2B0 D89E70 B8744F 87523D 573029",
        "F7C98F FBE3B8 DFAE78 C28453 93603F 5E3A2D",
        "E9A79B F6D3BC CF9583 AD6F60 7D4B48 4E2C33",
        "C9D6DA F6E3C6 DDB88E BF8A62 8F5F4A 593B37",
    ),
    Climate.NORTH: (
        "ACC4D6 D3E0E8 8FA9B3 62848F 3D5E6B 203845",
        "C5CCDD EBE3E4 A0AABB 73839A 495C76 263650",
        "B4D3D0 E4ECE0 93B0AE 628A8D 3A636B 1C3D48",
        "E8CFC9 F0E3DA A9ACB6 78859A 4B5C75 27364C",
    ),
    Climate.ALPINE: (
        "B9CBE2 E9E6EA A3B2CB 73899F 476677 243F4C",
        "E3C3C8 F4E2D8 AEA9BD 7D849E 4D6179 283B4F",
        "A9CCDD E6EEEA 9DB8BF 6B939A 43706F 20474A",
        "D3C8E0 F3E0DC A7A6C4 7680A2 4C5F80 273A55",
    ),
    Climate.TEMPERATE: (
        "C6DADC F2EBD3 A9BFA4 7A9C82 4C7564 274A45",
        "F0D6A8 F7EACB B9BE94 889C74 566F58 2C4740",
        "D9CFE0 F5E6DA ACB3A9 7E938A 50706B 29474A",
        "F1C4AC F7E1C8 B8A88F 8F8A70 5F6A57 324642",
    ),
    Climate.ISLANDS: (
        "A6DBDD EAF1DC 8CC7C0 4FA3A6 26798A 124D66",
        "F7C6A6 FBE7C8 9CC0B4 5F9EA3 327888 174C63",
        "F0B9BE FADFC9 A2B5BF 6C96AB 3D718E 1D4868",
        "B6D5EC F1EFDF 93C4CC 579FB4 2D7596 164A6E",
    ),
    Climate.SAVANNA: (
        "F4C27A F9E0AC CDB474 A48F56 726A42 414330",
        "EFAF80 F8D9A8 C4A170 9D7C54 6D5940 3F382F",
        "D3DCD2 F7EBC3 C9BE82 9A9A5F 697148 3A4734",
        "F1A784 F7CFA0 B99A7A 8C7B61 5E5D4C 353E38",
    ),
    Climate.STEPPE: (
        "C9D3E0 F4E5CF C6B591 9A926F 6A6F5B 3C4843",
        "E9C3A9 F7E2C4 C2A588 97826F 695F5C 3D3E47",
        "B9D4DC F2EAD2 BDBB93 8B9A78 5B7562 2F4A48",
        "DBC3D2 F5DFCF B6A3A3 8B7E88 5F5E70 363F54",
    ),
}


def mixed(climate: Climate, dice: Dice) -> Palette:
    """One of the climate's palettes, its hues turned and its light changed a little."""
    sky_top, sky_low, *ridges = dice.choice(_PALETTES[climate]).split()
    turn = dice.number(-9, 9)
    light = dice.number(-0.018, 0.018)
    strength = dice.number(0.88, 1.1)
    far, middle, near, front = (_shifted(ridge, turn, light, strength) for ridge in ridges)
    sky_turn = turn * 0.4 + dice.number(-6, 6)
    low = _shifted(sky_low, sky_turn, 0.0, strength)
    return Palette(
        sky=(_shifted(sky_top, sky_turn, light, strength), low),
        disc=blended(low, "#ffffff", 0.66),
        ridges=(far, middle, near, front),
    )


def blended(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from one to the other, as the eye would place it."""
    pairs = zip(_oklab(one), _oklab(other), strict=True)
    light, a, b = (start + (end - start) * share for start, end in pairs)
    return _hex(light, a, b)


def _shifted(colour: str, degrees: float, light: float, strength: float) -> str:
    lightness, a, b = _oklab(colour)
    hue, chroma = atan2(b, a) + radians(degrees), hypot(a, b) * strength
    return _hex(lightness + light, chroma * cos(hue), chroma * sin(hue))


def _oklab(colour: str) -> tuple[float, float, float]:
    """Lightness 0-1 and the two colour axes. Source: B. Ottosson, "A perceptual color space"."""
    digits = colour.removeprefix("#")
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(light: float, a: float, b: float) -> str:
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _encoded(channel)):02x}" for channel in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    size = abs(channel)
    encoded = 12.92 * size if size <= 0.0031308 else 1.055 * size ** (1 / 2.4) - 0.055
    return min(1.0, max(0.0, copysign(encoded, channel)))
