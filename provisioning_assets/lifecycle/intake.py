"""The fields of a CE's request as run configuration, for the Dagster UI and the command line."""

import dagster as dg
from pydantic import Field

from provisioning_assets.customers import DEFAULT_SEED, DEFAULT_TTL_DAYS, INDUSTRIES, DemoSize


class CustomerRequestConfig(dg.Config):
    """Everything is optional: the partition key alone is a complete request."""

    url: str | None = Field(default=None, description="The website. Default: the host the partition key stands for.")
    industry: str | None = Field(
        default=None, description=f"Overrides what the website says. One of: {', '.join(INDUSTRIES)}."
    )
    size: str | None = Field(
        default=None,
        description=f"One of {', '.join(DemoSize)}: rows of the largest table are about 20 thousand, 200 thousand, "
        "2 million, 50 million. Default: small.",
    )
    seed: int | None = Field(default=None, description=f"Same seed, same rows. Default: {DEFAULT_SEED}.")
    as_of: str | None = Field(default=None, description="The demo's today, as 2026-01-31. Default: today.")
    ttl_days: int | None = Field(default=None, description=f"Days until it expires. Default: {DEFAULT_TTL_DAYS}.")
    notes: str | None = Field(default=None, description="What you know about the customer; read like one more page.")
    saved_pages: str | None = Field(
        default=None, description="A folder with saved pages of the site, for a site that cannot be read."
    )
    edits: str | None = Field(
        default=None,
        description="Your own edits of this demo: a list of {path, value} as YAML or JSON, e.g. "
        '[{path: title, value: "Acme: a closer look"}]. docs/ce-guide.md says what can be edited.',
    )
