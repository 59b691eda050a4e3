"""The assets called as functions, one after the other, without a Dagster run: what a run is held against.

Prints the seconds of each stage as JSON. Usage: ``python -m benchmarks.direct_pipeline STORE SAVED_PAGES AS_OF``.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

URL, KEY = "https://www.harbourandpine.example", "harbourandpine_example"


def provision_directly(store_folder: Path, saved_pages: Path, as_of: date) -> dict[str, float]:
    """Provision the example at size small into ``store_folder``, with the artefacts that a run writes.

    Returns:
        stage -> seconds, the imports of its modules and the reading of its inputs included.
    """
    import dagster as dg

    from provisioning_assets import clock
    from provisioning_assets.customers import build_request
    from provisioning_assets.definitions import production_definitions
    from provisioning_assets.lifecycle.runs import artefact_kinds
    from provisioning_assets.research.website.assets import CustomerWebsiteConfig
    from provisioning_assets.store import DemoStore
    from provisioning_assets.targets import local_target

    target = local_target(DemoStore(root=str(store_folder)))
    definitions = production_definitions(target)
    kinds = artefact_kinds(definitions)
    configs: dict[str, Any] = {"customer_website": CustomerWebsiteConfig()}
    began = time.perf_counter()
    asked = {"url": URL, "size": "small", "as_of": as_of.isoformat(), "saved_pages": str(saved_pages)}
    # not by its asset, which takes the customer's lock for its run, and here is none
    target.store.write(KEY, build_request(KEY, asked, today=clock.today()))
    seconds = {"customer_request": round(time.perf_counter() - began, 3)}
    for key in definitions.resolve_asset_graph().toposorted_asset_keys:
        began = time.perf_counter()
        name = key.path[-1]
        if name in seconds:
            continue
        asset = definitions.resolve_assets_def(key)
        inputs = [each.name for each in asset.node_def.input_defs if not each.dagster_type.is_nothing]
        arguments: dict[str, Any] = {each: target.store.read(KEY, kinds[each]) for each in inputs}
        arguments |= {
            each: resource for each, resource in target.resources().items() if each in asset.required_resource_keys
        }
        arguments |= {"config": configs[name]} if name in configs else {}
        arguments.pop("io_manager", None)
        result: Any = asset(dg.build_asset_context(partition_key=KEY), **arguments)
        target.store.write(KEY, result.value)
        seconds[name] = round(time.perf_counter() - began, 3)
    return seconds


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    took = provision_directly(folder, Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    scorecard = json.loads((folder / KEY / "demo_scorecard.json").read_bytes())
    print(json.dumps({"stages": took, "ready": scorecard["ready"]}))
