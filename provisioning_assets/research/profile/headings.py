"""What headings, menu entries and parts of addresses mean: services, products, plans, places ... or nothing of the offer."""

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from provisioning_assets.research.profile.passages import folded
from provisioning_assets.research.profile.words import is_east_asian

_DATA = Path(__file__).with_name("headings.yaml")
_MOST_WORDS = 6  # a longer heading is a sentence: it says something, and does not name the group below it
_LONGEST_UNSPACED = 14  # characters of a heading in a script without spaces
_FILE_ENDING = re.compile(r"\.[a-z]{2,5}$", re.I)


class Meaning(StrEnum):
    """What a group of like elements is, according to its heading."""

    SERVICES = "services"
    PRODUCTS = "products"
    PLANS = "plans"
    CATEGORIES = "categories"
    FEATURES = "features"
    COURSES = "courses"
    SEGMENTS = "segments"
    PLACES = "places"
    OTHERS = "others"


OFFERS = frozenset(Meaning) - {Meaning.SEGMENTS, Meaning.PLACES, Meaning.OTHERS}
"""Meanings of groups whose members the company sells."""


def meaning_of(heading: str) -> Meaning | None:
    """What a heading means; None if it says nothing about the kind of its group, or is a sentence.

    Of several meanings, ``OTHERS`` wins ("Product news"), then the one whose word is last ("Service plans" are plans).
    """
    text = folded(heading).strip()
    if not text or len(text) > (_LONGEST_UNSPACED if is_east_asian(text) else 60):
        return None
    if len(re.findall(r"[\w'’-]+", text)) > _MOST_WORDS or text.endswith("?"):
        return None
    found = [(match.span(), meaning) for meaning, pattern in _patterns().items() for match in pattern.finditer(text)]
    # "areas we service" means places: a shorter word inside a longer one does not count
    found = [each for each in found if not any(_is_inside(each[0], other) for other, _ in found)]
    if any(meaning is Meaning.OTHERS for _, meaning in found):
        return Meaning.OTHERS
    return max(found)[1] if found else None


def _is_inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def names_only_kind(label: str) -> bool:
    """Whether a label is nothing but such a word, as in ``Our services`` or ``All products``; ``Auto loans`` says more."""
    text = folded(label).strip()
    if all(word in _fillers() for word in re.findall(r"[^\W\d_]+", text)):
        return True  # "All", "Overview"
    for pattern in _patterns().values():
        for match in pattern.finditer(text):
            rest = re.findall(r"[^\W\d_]{2,}", f"{text[: match.start()]} {text[match.end() :]}")
            if all(word in _fillers() for word in rest):
                return True
    return False


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    """Words that add nothing to the words for parts of a website."""
    return frozenset(folded(word) for words in _data()["fillers"].values() for word in words)


def meaning_of_address(url: str | None) -> Meaning | None:
    """What the last part of an address means: ``/our-services/`` means services."""
    parts = address_parts(url)
    return meaning_of(parts[-1]) if parts else None


def address_parts(url: str | None) -> list[str]:
    """The parts of an address's path as words: ``/our-services/roof_repair.html`` -> ``our services``, ``roof repair``."""
    path = unquote(urlsplit(url or "").path)
    parts = [re.sub(r"[-_+]+", " ", _FILE_ENDING.sub("", part)).strip() for part in path.split("/")]
    return [part for part in parts if part and part != "index"]


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, list[str]]]:
    return yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@lru_cache(maxsize=1)
def _patterns() -> dict[Meaning, re.Pattern[str]]:
    return {
        meaning: _pattern({word for words in _data()[meaning.value].values() for word in words}) for meaning in Meaning
    }


def _pattern(words: set[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    spaced = "|".join(re.escape(folded(word)).replace(r"\*", r"\w*") for word in ordered if not is_east_asian(word))
    unspaced = "|".join(re.escape(folded(word)) for word in ordered if is_east_asian(word))
    return re.compile(rf"(?<![\w'-])(?:{spaced})(?![\w'-])" + (f"|{unspaced}" if unspaced else ""))
