"""The content of market_signs.yaml: languages, domains and currency signs, and the countries they point to."""

from functools import lru_cache
from pathlib import Path

import yaml

from provisioning_assets.artefact import Document

_DATA = Path(__file__).with_name("market_signs.yaml")


class MarketSigns(Document):
    """Content of market_signs.yaml."""

    languages: dict[str, tuple[str, float]]
    generic_domains: list[str]
    signs: dict[str, list[str]]


@lru_cache(maxsize=1)
def market_signs() -> MarketSigns:
    """The parsed market_signs.yaml."""
    return MarketSigns.model_validate(yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
