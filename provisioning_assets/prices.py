"""Prices of the cloud, from one dated table (``prices.yaml``)."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from provisioning_assets.artefact import Document

FILE = Path(__file__).with_name("prices.yaml")

LEAST_BYTES_BILLED = 10_485_760
"""Bytes that BigQuery bills for each table that a query reads, at least; smaller limits are not accepted. Source: BigQuery's
documentation of on-demand pricing, and of ``DatasourceOptions`` in google-cloud-geminidataanalytics 0.13.5."""

MOST_BYTES_BILLED = 10 * 1024**3
"""Bytes that one query may bill if nothing else is set: six US cents. A demo needs far less, so more is most likely a mistake."""

COUNT_OF = {"GiB-month": 1024**3, "TiB": 1024**4, "million tokens": 1_000_000}
"""Bytes in a unit of data, tokens in a unit of text."""


class Price(Document):
    id: str
    what: str
    amount: float | None = Field(ge=0, description="in the currency, for one unit; null: not known")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")
    unit: str
    region: str
    date: Annotated[date, Field(description="the day on which it was looked up")]
    source: str = Field(pattern=r"^https://", description="where the current price is published")
    above_prompt_tokens: int = Field(
        default=0,
        ge=0,
        description="it holds for prompts of at least so many tokens; of several that hold the largest counts",
    )

    def of(self, count: int) -> float | None:
        """What so many bytes or tokens cost, in the currency; None if the price is not known."""
        return None if self.amount is None else self.amount * count / COUNT_OF[self.unit]


class _PriceTable(Document):
    prices: list[Price]


@cache
def read_prices() -> tuple[Price, ...]:
    """All prices."""
    import yaml

    return tuple(
        _PriceTable.model_validate(yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)).prices
    )


def price_of(name: str, region: str) -> Price | None:
    """The price with this id in a region, in upper or lower case; None if the table has none."""
    return next((one for one in read_prices() if one.id == name and one.region.lower() == region.lower()), None)
