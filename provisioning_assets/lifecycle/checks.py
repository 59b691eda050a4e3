"""Is the request one that the rest of the demo can be built on?"""

from datetime import UTC, datetime

import dagster as dg

from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.lifecycle.assets import customer_request as customer_request_asset


@demo_check(
    asset=customer_request_asset,
    description="The as-of date is near enough to today for 'last month' to mean last month.",
)
def as_of_is_recent(customer_request: CustomerRequest) -> dg.AssetCheckResult:
    """Warn when questions about recent days would show an old world: a refresh is due, or the date was chosen."""
    days = (datetime.now(tz=UTC).date() - customer_request.as_of).days
    return dg.AssetCheckResult(
        passed=abs(days) <= 31,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"days ago": days, "what to do": "Materialize customer_request without as_of to move it to today."},
    )
