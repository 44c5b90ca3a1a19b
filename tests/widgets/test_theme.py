"""The palette: every colour named once, in two shades that can be read, and used by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner.market.universe import BUILT_IN
from widgets import theme

WIDGETS = Path(theme.__file__).parent
STYLES = sorted(path.relative_to(WIDGETS).as_posix() for path in WIDGETS.rglob("*.css"))
ON_SURFACE = ("ink", "muted", "accent", "warning", "problem", "caution-ink")
GROUNDS = {"warning-ink": "warning-ground", "caution-ink": "caution-ground", "ink": "accent-ground", "muted": "raised"}


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_text_can_be_read_on_its_ground(shade):
    def colour(name):
        return getattr(theme.PALETTE[name], shade)

    pairs = [(name, "surface") for name in ON_SURFACE] + list(GROUNDS.items())
    assert {pair for pair in pairs if contrast(colour(pair[0]), colour(pair[1])) < 4.5} == set()
    assert contrast(colour("edge"), colour("surface")) >= 3


def test_asset_classes_can_be_told_from_dark_ground_in_their_own_colours():
    dark = theme.PALETTE["surface"].dark
    assert min(contrast(each.colour, dark) for each in BUILT_IN.classes) >= 3


def test_no_light_colour_has_two_dark_ones():
    shades = [*theme.PALETTE.values(), *theme.STEPS]
    assert len({shade.light for shade in shades}) == len(shades)


@pytest.mark.parametrize("style", STYLES)
def test_styles_name_their_colours_and_sizes_and_what_they_name_is_declared(style):
    text = (WIDGETS / style).read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\bwhite\b|\bblack\b", text.replace("white-space", "")) == []
    assert re.findall(r"font-size: [\d.]+px", text.replace("font-size: 10.5pt", "")) == []
    declared = set(re.findall(r"(--pl-[a-z-]+):", theme.TOKENS))
    assert set(re.findall(r"var\((--pl-[a-z-]+)", text)) <= declared


def test_every_part_of_the_style_is_used():
    assert {f"style/{part}.css" for part in theme._PARTS} == {name for name in STYLES if name.startswith("style/")}
