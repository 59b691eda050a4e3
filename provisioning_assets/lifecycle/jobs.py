"""The only job: makes all assets of one customer's demo."""

import dagster as dg

provision_demo = dg.define_asset_job(
    name="provision_demo",
    selection=dg.AssetSelection.all(),
    description="Makes one customer's demo from the website's address: all assets and their checks.",
)
