"""The fields of a CE's request as run configuration, for the Dagster UI and the command line."""

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from provisioning_assets.customers import DEFAULT_TTL_DAYS, INDUSTRIES, CustomerRequest, DemoSize, Planner


class CustomerRequestConfig(dg.Config):
    """Everything is optional: the partition key alone is a complete request."""

    url: str | None = Field(default=None, description="The website's address. Default: made from the partition key.")
    industry: str | None = Field(
        default=None, description=f"One of: {', '.join(INDUSTRIES)}. Default: read from the website."
    )
    size: str | None = Field(
        default=None,
        description=f"One of {', '.join(DemoSize)}. The largest table then has about 20 thousand, 200 thousand, "
        "2 million or 50 million rows. Default: small.",
    )
    seed: int | None = Field(
        default=None, description="The same seed gives the same rows. Default: one of the customer's own."
    )
    as_of: str | None = Field(
        default=None,
        description="The last day with data, e.g. 2026-01-31; 'today' releases one that was given before. Default: today.",
    )
    ttl_days: int | None = Field(default=None, description=f"Days until the demo expires. Default: {DEFAULT_TTL_DAYS}.")
    pinned: bool | None = Field(
        default=None, description="Keep the demo until it is removed by hand, whatever ttl_days says. Default: false."
    )
    notes: str | None = Field(
        default=None, description="What you know about the customer. It is read like a page of the website."
    )
    owner: str | None = Field(
        default=None, description="Your mail address: a label on the data set names you. Default: nobody is named."
    )
    saved_pages: str | None = Field(
        default=None, description="A folder with saved pages of the site, for a site that cannot be read."
    )
    edits: str | None = Field(
        default=None,
        description="Your changes to this demo: a list of {path, value} as YAML or JSON, e.g. "
        '[{path: title, value: "Acme: a closer look"}]. docs/ce-guide.md lists what can be changed.',
    )
    corrections: str | None = Field(
        default=None,
        description="Corrections of what was read from the website, as JSON: company_name, country, dropped, used. "
        "`provision review` writes them.",
    )
    planner: str | None = Field(
        default=None,
        description=f"Who writes the demo: one of {', '.join(Planner)}. Default: auto, which is Claude if there is a key.",
    )


def request_config(request: CustomerRequest) -> dict[str, Any]:
    """Return the fields that were given, as configuration of the asset ``customer_request``."""
    config = request.model_dump(mode="json", include=set(request.asked))
    for field in ("edits", "corrections"):
        if field in config:
            config[field] = json.dumps(config[field])
    return config


def run_config_of(request: CustomerRequest) -> Mapping[str, Any]:
    """Return the configuration of a run that makes the whole demo."""
    config = request_config(request)
    return {"ops": {CustomerRequest.asset_name(): {"config": config}}} if config else {}
