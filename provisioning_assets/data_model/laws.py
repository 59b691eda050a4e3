"""Laws of the trade: things that never happen in this business, each as a query that finds every exception."""

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name


class Law(Document):
    """A rule that must hold in the finished tables, although the way they are generated does not ensure it.

    Example: ``says`` is "No one checks in while the membership is frozen"; ``sql`` selects the check-ins in frozen months.
    """

    id: Name
    says: str = Field(min_length=10, max_length=200, description="what must hold, in one sentence; shown in the report")
    sql: str = Field(
        min_length=1,
        description="GoogleSQL over table names without data set, and stored columns; returns the rows that break the law",
    )
