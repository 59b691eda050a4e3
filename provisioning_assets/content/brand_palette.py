"""Builds a legible palette from the customer's colours: each pair of text and background meets WCAG 2.2 AA.

Lightness is changed in OKLCH, so that a colour keeps the brand's hue when it becomes darker or lighter.
OKLab matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

import math
from dataclasses import dataclass

from provisioning_assets.content.web_values import colour

#: WCAG 2.2, success criterion 1.4.3 (text) and 1.4.11 (parts of graphics).
TEXT_CONTRAST = 4.5
GRAPHIC_CONTRAST = 3.0

WHITE = "#ffffff"
INK = "#161b22"
#: A calm blue-green for a customer whose site shows no brand colour.
NEUTRAL_BRAND = "#1f5a73"
#: Chart colours besides the brand's. They differ in hue and in lightness, so charts stay readable in grey print.
COMPANIONS = ["#3b6fb6", "#c2683a", "#4f8a5b", "#8a5a9e", "#b3892e", "#5c6773"]
# Below this OKLCH chroma a colour looks grey; the brand's first colour above it identifies the brand better.
_GREY_CHROMA = 0.035
# OKLab distance at which two marks can be distinguished at a glance.
_DISTINCT = 0.09
_CHART_COLOURS = 6
# An ornament carries no meaning, so it only has to be visible.
_VISIBLE_CONTRAST = 1.3
# A brand band gets white text if it has to be darkened by no more than this (OKLCH lightness), else dark text.
_MOST_DARKENING_FOR_WHITE = 0.12


@dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb``. A name ``on_X`` is text on the background ``X``; each such pair meets AA."""

    brand: str
    on_brand: str
    on_brand_soft: str
    accent: str
    tint: str
    line: str
    second: str
    dark_plate: str
    swatches: list[str]
    charts: list[str]
    from_customer: bool


def brand_palette(colours: list[str]) -> Palette:
    """Return the palette of a brand.

    Args:
        colours: as read from the site, most prominent first; values that are not ``#rrggbb`` are ignored.

    Returns:
        ``brand`` is the band behind the title, with text ``on_brand`` (``on_brand_soft`` for less important text) at
        4.5:1; ``accent`` is text and links on white and on ``tint`` at 4.5:1; ``charts`` are marks on white at 3:1;
        ``second`` is for ornaments without meaning; ``dark_plate`` is the background of a white logo.
    """
    valid = list(dict.fromkeys(value for value in map(colour, colours) if value))
    lively = [value for value in valid if _oklch(value)[1] >= _GREY_CHROMA]
    base = (lively or valid or [NEUTRAL_BRAND])[0]
    brand, on_brand = _band(base)
    tint = mix(base, WHITE, 0.07)
    return Palette(
        brand=brand,
        on_brand=on_brand,
        on_brand_soft=_softened(on_brand, brand),
        accent=darkened(base, tint, TEXT_CONTRAST),
        tint=tint,
        line=mix(base, "#e3e6ea", 0.18),
        dark_plate=brand if on_brand == WHITE else INK,
        second=_ornament([*lively[1:], base], darkened(base, tint, TEXT_CONTRAST)),
        swatches=valid[:5],
        charts=_chart_colours(lively or valid or [NEUTRAL_BRAND]),
        from_customer=bool(valid),
    )


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def darkened(value: str, ground: str, ratio: float) -> str:
    """Return the colour, darkened (same hue) only as far as ``ratio`` on the light background requires."""
    lightness, chroma, hue = _oklch(value)
    while contrast(value, ground) < ratio and lightness > 0:
        lightness = max(0.0, lightness - 0.01)
        value = _from_oklch(lightness, chroma, hue)
    return value


def mix(one: str, other: str, share: float) -> str:
    """Mix two colours in sRGB; ``share`` (0-1) is the share of ``one``."""
    parts = zip(_channels(one), _channels(other), strict=True)
    return _hex([a * share + b * (1 - share) for a, b in parts])


def _band(base: str) -> tuple[str, str]:
    """Return the background of the title and the colour of the text on it."""
    for_white = darkened(base, WHITE, TEXT_CONTRAST)
    if _oklch(base)[0] - _oklch(for_white)[0] <= _MOST_DARKENING_FOR_WHITE:
        return for_white, WHITE
    lightness, chroma, hue = _oklch(base)
    ground = base
    while contrast(INK, ground) < TEXT_CONTRAST:
        lightness = min(1.0, lightness + 0.01)
        ground = _from_oklch(lightness, chroma, hue)
    return ground, INK


def _ornament(others: list[str], otherwise: str) -> str:
    """Return the first of the other brand colours that is visible on white, else ``otherwise``."""
    return next((value for value in others if contrast(value, WHITE) >= _VISIBLE_CONTRAST), otherwise)


def _softened(text: str, ground: str) -> str:
    """Return a softer form of the text's colour that is still legible on the background."""
    for share in (0.8, 0.86, 0.92):
        quieter = mix(text, ground, share)
        if contrast(quieter, ground) >= TEXT_CONTRAST:
            return quieter
    return text


def _chart_colours(own: list[str]) -> list[str]:
    """Return six chart colours: the brand's first two, then each time the companion that differs most from the others."""
    first, *others = [darkened(value, WHITE, GRAPHIC_CONTRAST) for value in own[:2]]
    chosen = [first, *(value for value in others if _distance(first, value) >= _DISTINCT)]
    left = list(COMPANIONS)
    while len(chosen) < _CHART_COLOURS:
        farthest = max(left, key=lambda value: min(_distance(value, other) for other in chosen))
        left.remove(farthest)
        chosen.append(farthest)
    return chosen


def _distance(one: str, other: str) -> float:
    return math.dist(_oklab(one), _oklab(other))


def _channels(value: str) -> list[float]:
    return [int(value[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _hex(channels: list[float]) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(value: str) -> float:
    red, green, blue = map(_linear, _channels(value))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(value: str) -> tuple[float, float, float]:
    red, green, blue = map(_linear, _channels(value))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _oklch(value: str) -> tuple[float, float, float]:
    lightness, a, b = _oklab(value)
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour. Outside sRGB, its chroma is lowered until it fits, so that the hue is kept."""
    while True:
        channels = _linear_srgb(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 0.001 or all(-0.0005 <= part <= 1.0005 for part in channels):
            return _hex([_gamma(part) for part in channels])
        chroma *= 0.95


def _linear_srgb(lightness: float, a: float, b: float) -> list[float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    ]
