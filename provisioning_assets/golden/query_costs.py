"""What the executed queries read and cost, for the asset's page in Dagster."""

from collections.abc import Callable
from dataclasses import dataclass, field

from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.prices import price_of


@dataclass
class BytesCounted:
    """Executes queries, and adds up the bytes of those that a warehouse bills."""

    run: Callable[[str], QueryResult]
    processed: int = 0
    billed: int = 0
    queries: int = field(default=0)
    """how many queries had bytes"""

    def __call__(self, sql: str) -> QueryResult:
        """The result of a query."""
        result = self.run(sql)
        if result.bytes_billed is not None:
            self.queries += 1
            self.billed += result.bytes_billed
            self.processed += result.bytes_processed or 0
        return result

    def metadata(self, region: str) -> dict[str, int | str]:
        """Bytes and their price in a region; empty if no query was billed.

        Args:
            region: where the data set is, e.g. US.
        """
        if not self.queries:
            return {}
        return {"bytes processed": self.processed, "bytes billed": self.billed, "cost": self._cost(region)}

    def _cost(self, region: str) -> str:
        price = price_of("bigquery_query", region)
        amount = price.of(self.billed) if price else None
        if price is None or amount is None:
            return f"unknown: no price is known for {region or 'this region'}"
        return (
            f"{amount:.4f} {price.currency} at most ({price.amount:g} {price.currency} a {price.unit} on {price.date}; "
            "the first TiB of a month is free)"
        )
