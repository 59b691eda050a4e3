"""What every warehouse can do; the rooms above know only this."""

from datetime import date
from typing import Protocol

from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.warehouse.models import DemoDataset, DescribedTable, QueryResult


class Warehouse(Protocol):
    """One data set a customer, named ``demo_<key>``."""

    def load(self, key: str, model: DataModel, tables: SyntheticTables) -> DemoDataset:
        """Put the tables in place of the customer's earlier data set: all of them, or the earlier ones stay."""
        ...

    def query(
        self, key: str, googlesql: str, *, as_of: date, most_rows: int = 200, seconds: float = 30.0
    ) -> QueryResult:
        """Execute one GoogleSQL SELECT over bare table names, CURRENT_DATE() being ``as_of``."""
        ...

    def describe(self, key: str) -> list[DescribedTable]:
        """Tables, columns, descriptions and declared keys, as the warehouse itself tells them."""
        ...

    def exists(self, key: str) -> bool:
        """Whether the customer has a data set."""
        ...

    def drop(self, key: str) -> bool:
        """Remove the customer's data set; whether there was one."""
        ...
