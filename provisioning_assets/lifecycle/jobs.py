"""The job that makes all assets of one customer's demo."""

import dagster as dg

provision_demo = dg.define_asset_job(
    name="provision_demo",
    selection=dg.AssetSelection.all(),
    description="Makes one customer's demo from the website's address: all assets and their checks.\n\n"
    "The partition is the customer's key: the website's host in lower case, without `www.`, with `_` for `.` and `__` for `-`: "
    "`acme_com` for https://www.acme.com. The key alone is a complete request. What you want otherwise stands in the launchpad "
    "under `ops` > `customer_request` > `config`; each field is described there. Values of an earlier request are kept unless you "
    "give new ones. For several customers, select their partitions, or add new ones, and launch a backfill: one run each.",
    metadata={"guide": dg.MetadataValue.path("docs/ce-guide.md"), "result": "demo_scorecard and demo_booklet"},
)
