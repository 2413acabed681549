"""An accent colour of a place's own: made lighter or darker until words in it can be read by everybody (WCAG 2.2, AA).

The hue stays; only how light it is changes, apart for light and dark pages.
"""

import colorsys
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

ENOUGH: Final = 4.5
"""Contrast of words with what they stand on."""
GROUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("#faf7f0", "#ffffff", "#f2ede2"),
    "dark": ("#171614", "#1f1e1b", "#282622"),
}
"""On what the accent stands: see tokens.css."""
_STEP: Final = 0.01


class Shades(msgspec.Struct, frozen=True):
    """The accent, what stands on it, and a wash of it, for light and dark pages. `changed`: where it had to be."""

    light: str
    dark: str
    on_light: str
    on_dark: str
    wash_light: str
    wash_dark: str
    changed: tuple[str, ...]


OURS: Final = Shades("#0b6b58", "#6fd3b8", "#ffffff", "#06251d", "#e2f1ec", "#19332c", ())
"""The program's own: see tokens.css."""


@lru_cache(maxsize=8)
def shades(accent: str) -> Shades:
    """What becomes of a colour (`#0b6b58`)."""
    light, dark = _readable(accent, "light"), _readable(accent, "dark")
    return Shades(
        light=light,
        dark=dark,
        on_light=_on(light),
        on_dark=_on(dark),
        wash_light=mix(light, "#ffffff", 0.12),
        wash_dark=mix(dark, "#171614", 0.16),
        changed=tuple(name for name, shade in (("light", light), ("dark", dark)) if shade != accent),
    )


def sheet(made: Shades) -> str:
    """A style sheet of these, over that of the program; who wants more contrast keeps the program's own."""
    tokens = {
        "accent": (made.light, made.dark),
        "on-accent": (made.on_light, made.on_dark),
        "accent-wash": (made.wash_light, made.wash_dark),
    }
    said = "".join(f"--{name}:light-dark({light},{dark});" for name, (light, dark) in tokens.items())
    return f"@layer tokens{{@media not (prefers-contrast:more){{:root:not([data-contrast]){{{said}}}}}}}"


def contrast(one: str, other: str) -> float:
    """Of two colours, by WCAG's formula: 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def mix(colour: str, ground: str, part: float) -> str:
    """So much of a colour over a ground."""
    return _hex([part * a + (1 - part) * b for a, b in zip(_rgb(colour), _rgb(ground), strict=True)])


def _readable(accent: str, scheme: str) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(accent))
    shade = accent
    while min(contrast(shade, ground) for ground in GROUNDS[scheme]) < ENOUGH:
        lightness += -_STEP if scheme == "light" else _STEP
        shade = _hex(colorsys.hls_to_rgb(hue, min(max(lightness, 0.0), 1.0), saturation))
    return shade


def _on(colour: str) -> str:
    return max(("#ffffff", "#0d0d0c"), key=lambda ink: contrast(colour, ink))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 (sRGB's own figures)
        for part in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, ...] | list[float]) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in parts)
