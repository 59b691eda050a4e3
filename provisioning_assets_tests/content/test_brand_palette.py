"""Every palette is legible, whatever colours a customer has."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioning_assets.content.brand_palette import (
    GRAPHIC_CONTRAST,
    INK,
    NEUTRAL_BRAND,
    TEXT_CONTRAST,
    WHITE,
    brand_palette,
    contrast,
    darkened,
    mix,
)

COLOURS = st.from_regex(r"\A#[0-9a-f]{6}\Z")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@given(st.lists(COLOURS, max_size=4))
@example(["#ffff00"])
@example(["#ffd400", "#000001"])
@example(["#fefefe"])
@example(["#010101"])
@example(["#ff0000"])
@example(["#808080"])
@example(["#606090"])
@example(["#3b6fb6", "#c2683a"])
@example(["#00ff00", "#ff00ff"])
def test_text_is_legible_on_every_ground(colours: list[str]) -> None:
    palette = brand_palette(colours)
    assert contrast(palette.on_brand, palette.brand) >= TEXT_CONTRAST
    assert contrast(palette.on_brand_soft, palette.brand) >= TEXT_CONTRAST
    assert contrast(palette.accent, WHITE) >= TEXT_CONTRAST
    assert contrast(palette.accent, palette.tint) >= TEXT_CONTRAST
    assert contrast("#4b5563", palette.tint) >= TEXT_CONTRAST  # the page's lesser text
    assert contrast(INK, palette.tint) >= 7
    assert all(contrast(value, WHITE) >= GRAPHIC_CONTRAST for value in palette.charts)
    assert len(set(palette.charts)) == len(palette.charts) == 6


def test_a_dark_brand_is_kept_as_it_is() -> None:
    palette = brand_palette(["#0f4c4a", "#e0a03c"])
    assert (palette.brand, palette.on_brand, palette.accent) == ("#0f4c4a", WHITE, "#0f4c4a")
    assert palette.second == "#e0a03c"
    assert palette.from_customer


def test_a_bright_brand_keeps_its_band_and_takes_dark_text() -> None:
    palette = brand_palette(["#ffd400"])
    assert (palette.brand, palette.on_brand) == ("#ffd400", INK)
    assert palette.accent != "#ffd400"


def test_grey_is_not_the_brand_colour_if_there_is_another() -> None:
    assert brand_palette(["#333333", "#c2185b"]).brand == "#c2185b"
    assert brand_palette(["#333333"]).brand == "#333333"


@pytest.mark.parametrize("colours", [[], ["red", "url(javascript:alert(1))", "#12", "#ffffff;}body{display:none"]])
def test_without_a_valid_colour_the_palette_is_neutral(colours: list[str]) -> None:
    palette = brand_palette(colours)
    assert palette.brand == NEUTRAL_BRAND
    assert palette.swatches == []
    assert not palette.from_customer


def test_darkening_stops_at_the_ratio_and_mixing_is_linear() -> None:
    assert darkened("#123456", WHITE, TEXT_CONTRAST) == "#123456"
    assert TEXT_CONTRAST <= contrast(darkened("#ff8800", WHITE, TEXT_CONTRAST), WHITE) < TEXT_CONTRAST + 0.5
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
