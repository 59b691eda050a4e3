"""Checks of the request, and of the age of the demo's figures."""

from datetime import date

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.asset_decorators import demo_check
from provisioning_assets.content.assets import demo_scorecard as demo_scorecard_asset
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.lifecycle.assets import customer_request as customer_request_asset

MOST_DAYS_OLD = 31
"""Age of the figures, in days, up to which a question about the last month shows a part of that month."""


@demo_check(
    asset=customer_request_asset,
    description=f"The as-of date is at most {MOST_DAYS_OLD} days from today, so that questions about recent periods show recent "
    "data.",
)
def as_of_is_recent(customer_request: CustomerRequest) -> dg.AssetCheckResult:
    """Warn if questions about recent days would show old data. The CE may have chosen such a date on purpose."""
    days = _days_old(customer_request.as_of)
    return dg.AssetCheckResult(
        passed=abs(days) <= MOST_DAYS_OLD,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days ago": days,
            "what to do": "If a date was given before, materialize customer_request again with as_of set to 'today'. "
            "If you chose this date on purpose, do nothing.",
        },
    )


@demo_check(
    asset=demo_scorecard_asset,
    description=f"The last day with data is at most {MOST_DAYS_OLD} days ago. Execute this check alone to see it for the present "
    "day: it makes nothing.",
)
def figures_are_recent(demo_scorecard: DemoScorecard) -> dg.AssetCheckResult:
    """Warn of a demo that has not been made again in time. Dagster's freshness policies do not look at one customer's."""
    if demo_scorecard.as_of is None:
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"An earlier version made this demo. Make it again: provision refresh {demo_scorecard.key}",
        )
    days = _days_old(demo_scorecard.as_of)
    return dg.AssetCheckResult(
        passed=days <= MOST_DAYS_OLD,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days old": days,
            "figures of": demo_scorecard.as_of.isoformat(),
            "what to do": f"Make the demo again with the day's date: provision refresh {demo_scorecard.key}",
        },
    )


def _days_old(day: date) -> int:
    return (clock.today() - day).days
