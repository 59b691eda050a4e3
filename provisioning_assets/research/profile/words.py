"""Prepares words of any language for comparison: tokens, stems, stop words.

Languages are ISO 639-1 codes. Text without spaces between words (Japanese, Chinese, and Korean with its particles) is
not split into tokens here; terms of those languages are searched as substrings.
"""

import re
from functools import lru_cache

import justext
import snowballstemmer

from provisioning_assets.research.profile.passages import folded

UNSPACED = frozenset({"ja", "zh", "ko", "th"})
_TOKEN = re.compile(r"[^\W_]+")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3々]")
_STEMMERS = {
    "ar": "arabic",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_STOP_LISTS = {
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "id": "Indonesian",
    "it": "Italian",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian_Bokmal",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
    "tr": "Turkish",
}


def is_east_asian(text: str) -> bool:
    """Whether the text contains a character of Japanese, Chinese or Korean script."""
    return bool(_EAST_ASIAN.search(text))


def tokens(text: str) -> list[str]:
    """Lower-case words of a text; hyphens, apostrophes and all other punctuation are separators."""
    return _TOKEN.findall(folded(text))


def token_spans(text: str) -> list[tuple[str, int, int]]:
    """The words of ``tokens`` with their beginning and end, in characters of the folded text."""
    return [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(folded(text))]


def same_language(tag: str | None) -> str:
    """``de-AT`` -> ``de``, ``nb`` and ``nn`` -> ``no``; ``""`` for no tag and for ``zxx`` and ``und``."""
    code = (tag or "").lower().replace("_", "-").split("-")[0]
    if code in {"nb", "nn"}:
        return "no"
    return code if len(code) == 2 and code.isalpha() else ""


@lru_cache(maxsize=60_000)
def stem(word: str, language: str) -> str:
    """The common part of a word's inflected forms; in English only plurals (stemmers merge university and universe)."""
    if language == "en":
        if len(word) > 4 and word.endswith("ies"):
            return word[:-3] + "y"
        if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
            return word[:-2]
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return word[:-1]
        return word
    stemmer = _stemmer(language)
    return stemmer.stemWord(word) if stemmer and len(word) > 3 else word


@lru_cache(maxsize=32)
def _stemmer(language: str):
    return snowballstemmer.stemmer(_STEMMERS[language]) if language in _STEMMERS else None


@lru_cache(maxsize=32)
def stop_words(language: str) -> frozenset[str]:
    """The most common words of a language (from justext's lists, based on Wikipedia); empty if there is no list."""
    name = _STOP_LISTS.get(language)
    return frozenset(folded(word) for word in justext.get_stoplist(name)) if name else frozenset()
