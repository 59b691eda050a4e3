"""Checks of the request."""

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
    """Warn if questions about recent days would show old data: a refresh is due, or the CE chose the date."""
    days = (datetime.now(tz=UTC).date() - customer_request.as_of).days
    return dg.AssetCheckResult(
        passed=abs(days) <= 31,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"days ago": days, "what to do": "Materialize customer_request without as_of to move it to today."},
    )
