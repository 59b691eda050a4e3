"""The writing direction of texts that mix scripts."""

import pytest

from provisioning_assets.text_direction import text_direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("دار الياسمين: from inquiry to payment", "ltr"),
        ("At دار الياسمين revenue grew by 12%", "ltr"),
        ("دار الياسمين", "rtl"),
        ("بخور ومعمول – 120 ر.س", "rtl"),
        ("בית המאפה Tel", "rtl"),
        ("SAR 12,345.60", "ltr"),
        ("1,234", "ltr"),
        ("日本の靴", "ltr"),
        ("", "ltr"),
    ],
)
def test_the_majority_of_letters_decides(text: str, direction: str) -> None:
    assert text_direction(text) == direction
