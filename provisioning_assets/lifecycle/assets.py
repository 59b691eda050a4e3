"""The first asset of a demo: the Customer Engineer's request."""

from datetime import UTC, datetime

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.customers import CustomerRequest, build_request, site_of_key
from provisioning_assets.lifecycle.edits_check import refuse_impossible_edits
from provisioning_assets.lifecycle.intake import CustomerRequestConfig
from provisioning_assets.store import DemoStore, materialized

CODE_VERSION = "1"
"""Raised when the same inputs would give another artefact of this room: what was made before is then out of date."""


@demo_asset(
    group_name="request",
    code_version=CODE_VERSION,
    kinds={"json"},
    description="What the CE asked: website, industry, size, seed, as-of date, time to live, notes, saved pages. "
    "The partition key alone is enough; what was asked before is kept when nothing new is said.",
)
def customer_request(
    context: dg.AssetExecutionContext, config: CustomerRequestConfig, store: DemoStore
) -> dg.MaterializeResult[CustomerRequest]:
    """Check the request. New values take precedence over the earlier request, and that over what the key says."""
    key = context.partition_key
    site_of_key(key)  # refuses an invalid key before it is used as a folder name
    request = build_request(
        key,
        config.model_dump(),
        today=datetime.now(tz=UTC).date(),
        previous=store.find(key, CustomerRequest),
    )
    refuse_impossible_edits(store, request)
    return materialized(
        request,
        {
            "website": dg.MetadataValue.url(request.url),
            "size": str(request.size),
            "as of": request.as_of.isoformat(),
            "seed": str(request.seed),
            "expires on": request.expires_on.isoformat(),
            "asked": ", ".join(request.asked) or "nothing: defaults from the key",
        },
    )
