"""Checks of the request."""

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.lifecycle.assets import customer_request as customer_request_asset


@demo_check(
    asset=customer_request_asset,
    description="The as-of date is at most 31 days from today, so that questions about recent periods show recent data.",
)
def as_of_is_recent(customer_request: CustomerRequest) -> dg.AssetCheckResult:
    """Warn if questions about recent days would show old data. The CE may have chosen such a date on purpose."""
    days = (clock.today() - customer_request.as_of).days
    return dg.AssetCheckResult(
        passed=abs(days) <= 31,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days ago": days,
            "what to do": "Materialize customer_request again, and set as_of to today's date if one was given before. "
            "If you chose this date on purpose, do nothing.",
        },
    )
