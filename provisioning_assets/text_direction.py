"""The writing direction of a text in a page, by the majority of its letters.

HTML's ``dir="auto"`` takes the first letter: an English sentence that begins with an Arabic name would be set right to left.
"""

import unicodedata
from typing import Literal


def text_direction(text: object) -> Literal["ltr", "rtl"]:
    """Return ``rtl`` if more letters are written right to left than left to right, else ``ltr``."""
    kinds = [unicodedata.bidirectional(character) for character in str(text)]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return "rtl" if right > kinds.count("L") else "ltr"
