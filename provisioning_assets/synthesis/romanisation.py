"""Names in plain Latin letters, as people write them in their e-mail addresses.

The letters are those of anyascii, except where a language has another habit: German ü becomes ue, but Turkish ü becomes u.
"""

import re
from functools import cache, lru_cache

from anyascii import anyascii

VOICELESS_GREEK = "θκξπσςτφχψ"

RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "de": (("ä", "ae"), ("ö", "oe"), ("ü", "ue")),
    "da": (("ø", "oe"), ("å", "aa")),
    "el": (
        ("ο[υύ]", "ou"),
        (f"α[υύ](?=[{VOICELESS_GREEK}])", "af"),
        (f"ε[υύ](?=[{VOICELESS_GREEK}])", "ef"),
        ("α[υύ]", "av"),
        ("ε[υύ]", "ev"),
        (r"\bμπ", "b"),
        ("γγ", "ng"),
        ("χ", "ch"),
        ("β", "v"),
    ),
    "bg": (("щ", "sht"), ("ъ", "a"), ("ь", "y"), ("х", "h"), ("й", "y"), ("ц", "ts")),
    "ru": (("[иы]й$", "y"), ("[ъь]", ""), ("ё", "e")),
    "uk": (
        ("зг", "zgh"),
        ("г", "h"),
        ("ґ", "g"),
        ("и", "y"),
        ("[йї]", "i"),
        ("є", "ie"),
        ("ю", "iu"),
        ("я", "ia"),
        ("ь", ""),
    ),
}
"""By language (ISO 639-1): patterns of lower-case letters that are not written as anyascii does, and what is written instead.

Sources: DIN 5007-2 (German), ELOT 743 (Greek), the countries' rules for passports (Bulgarian, Russian, Ukrainian).
"""


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), written) for pattern, written in RULES.get(language, ()))


@lru_cache(maxsize=1 << 15)
def ascii_name(name: str, language: str = "") -> str:
    """A name as written in an e-mail address: only lower case a-z and hyphens; empty if it has no letters.

    Args:
        name: in any script.
        language: ISO 639-1 of the people who write it; without it, and for a language without rules, as anyascii does.
    """
    written = name.lower()
    for pattern, latin in _rules(language):
        written = pattern.sub(latin, written)
    return re.sub(r"[^a-z-]", "", anyascii(written).lower()).strip("-")
