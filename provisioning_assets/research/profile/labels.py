"""Short labels of a website (menu entries, headings, picture descriptions): cleans them for display and detects noise."""

import re
from functools import lru_cache
from pathlib import Path

import yaml
from babel import Locale

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.passages import folded, one_line
from provisioning_assets.research.profile.words import UNSPACED, is_east_asian, tokens

_DATA = Path(__file__).with_name("not_offerings.yaml")
LONGEST_LABEL = 70  # characters; longer text is a sentence
_MOST_WORDS = 6
_EDGES = ' \t-–—|/\\·•:;,.*+#>‹›»«→←↑↓▸►◂★☆✓✔&_＼／（[]{}"“”„…☎📞'
_QUOTATION_MARKS = '"“”„«»'
_PICTURES = r"[\U0001F000-\U0001FAFF\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]"
_EDGE_PICTURES = re.compile(rf"^(?:{_PICTURES}|\s)+|(?:{_PICTURES}|\s)+$")
_TRAILING_COUNT = re.compile(r"\s*[(\[]\s*\d*[\d.,]*\s*[)\]]$")
_TRAILING_NUMBER = re.compile(r"(?<=[^\W\d_])\s?0\d$")  # "Shipping01" of a numbered menu
_SENTENCE = re.compile(
    r"[!?？！。…]|\.\s|\.$|https?:|www\.|@|[<>{}=]|//|\b(?:19|20)\d\d\b|\d{3,}[\s/-]?\d{2,}|\d[.,]\d{3}|\d\+",
    re.I,
)
# Words that join others; a label that ends with one was cut off. Not stop words: these contain "school", "service" and "music".
_JOINING = frozenset((
    "at", "of", "in", "for", "from", "to", "with", "and", "or", "by", "the", "a", "an", "on", "&", "your",
    "our", "und", "oder", "der", "die", "das", "für", "mit", "von", "im", "zu", "zur", "zum", "et", "ou", "de",
    "des", "du", "pour", "avec", "sur", "la", "le", "les", "y", "o", "para", "con", "por", "del", "el", "los",
    "las", "e", "com", "do", "da", "dos", "di", "della", "dei", "per", "il", "en", "van", "voor", "met", "het",
    "og", "til", "med", "för", "och", "till", "av", "i", "w", "z", "dla", "oraz", "и", "для", "на", "с", "в",
    "і", "та",
))  # fmt: skip
_PRICE = re.compile(
    r"[$€£¥₹₩]\s?\d|\d\s?[$€£¥₹₩]|\b(?:usd|eur|gbp|chf|kr\.?)\s?\d|\d\s?(?:usd|eur|gbp|chf|kr|円|元|원)\b", re.I
)
_MOSTLY_FIGURES = re.compile(r"^[\W\d_]+$")
_FILE_NAME = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|pdf|html?)$|^[\w-]*_[\w-]*$|^(?:img|dsc|image|slide|photo|icon)[\s_-]*\d*$", re.I
)
# Pronouns for the speaker or the reader; the name of a product contains none
_ADDRESSING = re.compile(
    r"\b(?:our|your|you|we|us|my|it's|they|their|unsere?[nrms]?|ihre?[nrms]?|euch|dich|dein\w*|wir|notre"
    r"|nos|votre|vos|nuestr[oa]s?|vores|våra|våre)\b",
    re.I,
)
_CAMEL = re.compile(r"^[a-z]+[A-Z]")
_LANGUAGE_NAMES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "da",
    "sv",
    "no",
    "fi",
    "is",
    "ja",
    "zh",
    "ko",
    "ru",
    "pl",
    "tr",
    "ar",
)


@lru_cache(maxsize=32)
def navigation_words(language: str) -> frozenset[str]:
    """Single words of menus and buttons in a language, which are not specific to a company."""
    labels, openings, words, _ = _noise_of(language)
    return frozenset(label for label in labels if " " not in label) | openings | words


def _is_list(label: str) -> bool:
    """Whether a label has no comma, or its commas separate list items (``Foundation, Blush & Bronzer``), unlike in a slogan."""
    return "," not in label or bool(
        re.search(r",.*(?:&|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\bog\b|\boch\b)", label)
    )


class NotOfferings(Document):
    """One language in not_offerings.yaml."""

    labels: list[str]
    openings: list[str]
    words: list[str]


@lru_cache(maxsize=1)
def _noise() -> dict[str, NotOfferings]:
    data = yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {language: NotOfferings.model_validate(value) for language, value in data.items()}


@lru_cache(maxsize=32)
def _noise_of(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]]:
    """Labels, one-word openings, words, and openings of several words, in the form used for comparison."""
    known = _noise().get(language)
    if known is None:
        return frozenset(), frozenset(), frozenset(), ()
    openings = [comparable(opening) for opening in known.openings]
    return (
        frozenset(comparable(label) for label in known.labels),
        frozenset(opening for opening in openings if " " not in opening),
        frozenset(comparable(word) for word in known.words),
        tuple(opening for opening in openings if " " in opening or language in UNSPACED),
    )


@lru_cache(maxsize=1)
def language_names() -> dict[str, str]:
    """Names of languages in English and in the language itself, as in language menus, with their ISO 639-1 codes."""
    names: dict[str, str] = {}
    english = Locale.parse("en").languages
    for code in _LANGUAGE_NAMES:
        own = Locale.parse(code)
        for name in (english.get(code), own.get_display_name(), own.languages.get(code)):
            names[comparable(name or code)] = code
    return names


def comparable(label: str) -> str:
    """A label without case, punctuation and typographic accents, for comparison with lists."""
    return " ".join(re.findall(r"[\w&']+", folded(label)))


def tidy(label: str) -> str:
    """A label as displayed: without counters, bullets, emoji or capitals throughout; ``""`` if nothing is left.

    ``"BABY & KIDS"`` -> ``"Baby & Kids"``, ``"Used Cars In Delhi (9527)"`` -> ``"Used Cars In Delhi"``.
    """
    line = _without_edges(_EDGE_PICTURES.sub("", one_line(label)))
    line = _TRAILING_COUNT.sub("", line)
    line = _without_edges(_TRAILING_NUMBER.sub("", line))
    if line.count("(") != line.count(")"):
        line = line.replace("(", " ").replace(")", " ")
    letters = [character for character in line if character.isalpha()]
    if len(letters) > 4 and (len(letters) > 5 or " " in line) and all(c.isupper() for c in letters) and line.isascii():
        line = re.sub(r"[A-Z]+(?:'[A-Z]+)?", lambda word: word.group().capitalize(), line)
    elif line[:1].islower() and not _CAMEL.match(line):
        line = line[0].upper() + line[1:]
    return one_line(line)


def _without_edges(line: str) -> str:
    """The line without signs at its ends; a closing quotation mark stays with its opening one: ``Spaten „Oste“``."""
    bare = line.strip(_EDGES)
    behind = line[line.index(bare) + len(bare) :][:1]
    opened = sum(bare.count(mark) for mark in _QUOTATION_MARKS) % 2 == 1
    return f"{bare}{behind}" if opened and behind and behind in _QUOTATION_MARKS else bare


def is_cut_off(label: str) -> bool:
    """Whether a label of several words ends with a word that joins others: ``Ideas for``; a single capital may be a name."""
    *others, last = label.split() or [""]
    return bool(others) and last.lower() in _JOINING and (len(last) > 1 or last.islower() or last == "&")


def is_noise(label: str, languages: tuple[str, ...], *, most_words: int = _MOST_WORDS) -> bool:
    """Whether a tidied label cannot be the name of a product or service: navigation, a sentence, a figure, a price, a file.

    Args:
        label: a result of ``tidy``.
        languages: languages of the site, ISO 639-1; English is always added.
        most_words: a longer label is a sentence; names of products may be longer than menu entries.
    """
    if not 2 <= len(label) <= LONGEST_LABEL or (len(label) < 3 and not is_east_asian(label)):
        return True
    if (
        _SENTENCE.search(label)
        or is_cut_off(label)
        or _PRICE.search(label)
        or _MOSTLY_FIGURES.match(label)
        or _FILE_NAME.search(label)
    ):
        return True
    if _CAMEL.match(label) or _ADDRESSING.search(label) or ":" in label or not _is_list(label):
        return True
    words = tokens(label)
    if not words or len(words) > most_words or label[0].isdigit():
        return True
    return speaks_to_visitor(label, languages)


def speaks_to_visitor(label: str, languages: tuple[str, ...]) -> bool:
    """Whether a label is about the website or asks the visitor to do something: a button, a menu word, a language.

    Args:
        label: a result of ``tidy``.
        languages: languages of the site, ISO 639-1; English is always added.
    """
    words = tokens(label)
    key = comparable(label)
    if _ADDRESSING.search(label) or key in language_names():
        return True
    if set(key.split(" ")) & (language_names().keys() - {"english"}) and len(words) <= 3:
        return True
    first = key.split(" ")[0]
    for language in dict.fromkeys((*languages, "en")):
        labels, openings, unwanted, phrases = _noise_of(language)
        if key in labels or key.rstrip("s") in labels:
            return True
        if len(words) > 1 and (first in openings or key.startswith(phrases)):
            return True
        if language in UNSPACED:
            if any(word in key for word in unwanted) or key.startswith(phrases):
                return True
        elif unwanted.intersection(key.split(" ")):
            return True
    return False
