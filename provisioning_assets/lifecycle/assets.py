"""The first asset of a demo: the Customer Engineer's request."""

import dagster as dg

from provisioning_assets import clock
from provisioning_assets.asset_decorators import demo_asset
from provisioning_assets.claude.resources import Claude
from provisioning_assets.customer_lock import take_for_run
from provisioning_assets.customers import FOLLOW_THE_DAY, CustomerRequest, build_request, site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.labels.languages import LANGUAGES
from provisioning_assets.lifecycle.claude_check import refuse_what_needs_claude
from provisioning_assets.lifecycle.edits_check import refuse_impossible_edits
from provisioning_assets.lifecycle.intake import CustomerRequestConfig
from provisioning_assets.store import DemoStore, materialized
from provisioning_assets.stored_demos import UnreadableArtefactError
from provisioning_assets.warehouse.resources import WarehouseResource

CODE_VERSION = "1"
"""Increase it when the same inputs would give another artefact; artefacts made before are then out of date."""


@demo_asset(
    group_name="request",
    code_version=CODE_VERSION,
    kinds={"json"},
    description="The Customer Engineer's request: website, industry, language, size, seed, as-of date, days until it expires or "
    "that it is pinned, notes, saved pages, changes. The partition key alone is enough. Values of an earlier request are "
    "kept unless new ones are given.",
)
def customer_request(
    context: dg.AssetExecutionContext,
    config: CustomerRequestConfig,
    store: DemoStore,
    warehouse: WarehouseResource,
    claude: Claude,
) -> dg.MaterializeResult[CustomerRequest]:
    """Check the request. New values take precedence over the earlier request, and those over the defaults."""
    # Before the earlier request is read: another run may be about to change it.
    take_for_run(context.run, context.instance, store, say=context.log.info)
    key = context.partition_key
    site_of_key(key)  # refuses an invalid key before it is used as a folder name
    earlier = _earlier_request(context, config, store)
    request = build_request(key, config.model_dump(), today=clock.today(), previous=earlier)
    refuse_what_needs_claude(request, has_key=claude.is_used)
    refuse_impossible_edits(store, request)
    if earlier and (earlier.expires_on, earlier.owner) != (request.expires_on, request.owner):
        warehouse.keep(key, request.expires_on, request.owner)
    return materialized(
        request,
        {
            "website": dg.MetadataValue.url(request.url),
            "language": LANGUAGES[request.language],
            "size": str(request.size),
            "as of": request.as_of.isoformat(),
            "seed": str(request.seed),
            "expires on": request.expires_on.isoformat() if request.expires_on else "never: it is pinned",
            "asked": ", ".join(request.asked) or "nothing; all values are defaults",
        },
    )


def _earlier_request(
    context: dg.AssetExecutionContext, config: CustomerRequestConfig, store: DemoStore
) -> CustomerRequest | None:
    """Return the stored request, or None if there is none, or if it cannot be read and the run brings values of its own.

    Raises:
        ProvisioningError: it cannot be read and no value was given: a demo of nothing but defaults was not asked for.
    """
    try:
        return store.find(context.partition_key, CustomerRequest)
    except UnreadableArtefactError as error:
        if set(config.model_dump().values()) <= {None, FOLLOW_THE_DAY}:
            raise ProvisioningError(
                error.problem,
                "Give the values of the request again, in the launchpad or by `provision run URL` with its options.",
            ) from error
        context.log.warning(f"{error.problem} Only the values that this run was given count.")
        return None
