"""The words beside figures that companies state of their own terms: ``terms.yaml`` as patterns, one set for each language."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from babel import Locale

from provisioning_assets.research.profile.words import is_east_asian

_DATA = Path(__file__).with_name("terms.yaml")

Role = Literal[
    "shipping", "shipping_fee", "free", "over", "under", "special", "standard", "delivery_time", "working_days", "days",
    "weeks", "months", "to", "returns", "not_returns", "payment_term", "minimum_order", "contract_term", "no_contract",
    "notice", "setup_fee", "late_fee", "discount", "trade", "members", "not_every_order", "loyalty", "a_year", "open",
    "not_open", "closed", "every_day", "weekday_group", "weekend",
]  # fmt: skip
_NEVER = "(?!)"


@lru_cache(maxsize=1)
def _lexicon() -> Mapping[str, Mapping[str, list[str]]]:
    return yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def languages() -> frozenset[str]:
    """The languages (ISO 639-1) whose words are known."""
    return frozenset(_lexicon()["shipping"])


@lru_cache(maxsize=512)
def word(role: Role, language: str) -> re.Pattern[str]:
    """Any of the words with a role. Nothing matches for a language without words."""
    return re.compile(written(role, language), re.I)


@lru_cache(maxsize=512)
def written(role: Role, language: str) -> str:
    """The source of ``word``: one group that captures nothing, for larger patterns."""
    words = sorted(_lexicon()[role].get(language, ()), key=lambda each: (-len(each), each))
    return rf"(?:{'|'.join(map(_pattern, words))})" if words else _NEVER


def _pattern(written: str) -> str:
    inner = r"[\s\u00a0]+".join(re.escape(part) for part in written.strip("*").replace("'", "’").split())
    inner = inner.replace("’", "['’]")
    if is_east_asian(written):
        return inner
    start = r"\w*" if written.startswith("*") else r"(?<!\w)"
    end = r"\w*" if written.endswith("*") else r"(?!\w)"
    return f"{start}{inner}{end}"


@lru_cache(maxsize=64)
def other_countries(language: str, own: str) -> re.Pattern[str]:
    """The names of all countries but the company's own, in a language.

    Args:
        language: ISO 639-1.
        own: ISO 3166-1 alpha-2.
    """
    named = Locale.parse(language).territories.items()
    names = {name for code, name in named if len(code) == 2 and code.isalpha() and code not in {own, "ZZ"}}
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(names))})(?!\w)")


@lru_cache(maxsize=64)
def own_country(language: str, own: str) -> str:
    """The name of a country in a language, in lower case.

    Args:
        language: ISO 639-1.
        own: ISO 3166-1 alpha-2.
    """
    return str(Locale.parse(language).territories.get(own, own)).lower()
