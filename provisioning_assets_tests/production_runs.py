"""Runs a part of the production graph on stored artefacts, in this process."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from provisioning_assets.artefact import Artefact
from provisioning_assets.customer_partitions import customers
from provisioning_assets.definitions import production_definitions
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import Target, local_target


@dg.asset(partitions_def=customers)
def _nothing() -> None:
    """A run has an asset: this one, where only checks are to be seen."""


def materialize(
    store: DemoStore,
    key: str,
    *assets: str,
    artefacts: Sequence[Artefact] = (),
    only_checks: bool = False,
    raise_on_error: bool = False,
    target: Target | None = None,
    **run: Any,
) -> dg.ExecuteInProcessResult:
    """Store artefacts, then materialize assets of one customer, with their checks.

    Args:
        store: where the artefacts are.
        key: the customer.
        assets: names of the assets.
        artefacts: what earlier stages made.
        only_checks: run the checks of these assets without the assets.
        raise_on_error: raise the exception of a step that failed.
        target: where the assets are made; if left out, this machine.
        run: further arguments of ``dagster.materialize``.
    """
    for artefact in artefacts:
        store.write(key, artefact)
    definitions = production_definitions(target or local_target(store))
    selected = dg.AssetSelection.assets(*assets)
    if only_checks:
        selected = dg.AssetSelection.checks_for_assets(*(dg.AssetKey(name) for name in assets))
        selected |= dg.AssetSelection.assets(_nothing)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", [key])
        return dg.materialize(
            [*(definitions.assets or ()), *(definitions.asset_checks or ()), _nothing],  # pyright: ignore[reportArgumentType]
            selection=selected,
            partition_key=key,
            instance=instance,
            resources=dict(definitions.resources or {}),
            raise_on_error=raise_on_error,
            **run,
        )


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """Return the results of the checks by their names."""
    return {found.check_name: found for found in result.get_asset_check_evaluations()}


def passed(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Return which checks passed."""
    return {name: found.passed for name, found in evaluations(result).items()}
