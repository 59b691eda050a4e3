"""The languages in which a demo can be made."""

from typing import Final, Literal

Language = Literal["en", "de", "fr", "es", "it", "nl", "pt", "da", "sv", "no", "id", "ja"]

LANGUAGES: dict[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pt": "Portuguese",
    "da": "Danish", "sv": "Swedish", "no": "Norwegian", "id": "Indonesian", "ja": "Japanese",
}  # fmt: skip
"""ISO 639-1 code -> name in English: the languages of ``planning/shared/words.yaml``."""

DEFAULT_LANGUAGE: Final = "en"

LOCALES = {"no": "nb"}
"""Language -> CLDR locale with its numbers, dates and plural forms, where that has another name. Norwegian is written as Bokmål;
Portuguese, as in CLDR's ``pt``, as in Brazil."""


def locale_of(language: str) -> str:
    """The CLDR locale of a language of a demo."""
    return LOCALES.get(language, language)
