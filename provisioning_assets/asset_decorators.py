"""Decorators with what all assets and checks have in common: partition, owner, and the report of a user's mistake."""

import functools
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from provisioning_assets.artefact import Artefact
from provisioning_assets.customers import customers
from provisioning_assets.errors import ProvisioningError

_LOG = logging.getLogger(__name__)
OWNERS = ["team:demo-engineering"]


def demo_asset(
    *, group_name: str, kinds: set[str], description: str, code_version: str, deps: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare an asset of the customers partition.

    A ``ProvisioningError`` fails the step, with the problem and the remedy as description. The step is not retried,
    because the same input would fail in the same way. ``code_version`` is the version of the package; artefacts made by
    an earlier version are out of date. ``deps`` names assets that must exist and whose blocking checks must have passed,
    although the asset does not read them. The asset's artefact gets the digests of the artefacts that it was made from.
    """

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        @functools.wraps(function)
        def with_reported_mistakes(*arguments: Any, **named: Any) -> Any:
            inputs = [given for given in named.values() if isinstance(given, Artefact)]
            made_from = {one.asset_name(): one.digest() for one in inputs}
            try:
                result = function(*arguments, **named)
            except ProvisioningError as error:
                raise failure_of(error) from error
            if isinstance(result, dg.MaterializeResult) and isinstance(result.value, Artefact):
                result.value.made_from = made_from
            return result

        return dg.asset(
            partitions_def=customers,
            group_name=group_name,
            kinds=kinds,
            description=description,
            code_version=code_version,
            owners=OWNERS,
            deps=deps,
        )(with_reported_mistakes)

    return decorate


def failure_of(error: ProvisioningError) -> dg.Failure:
    """Return what a step raises for a user's mistake: the problem and the remedy as description, and no retry."""
    return dg.Failure(
        description=str(error), metadata={"problem": error.problem, "what to do": error.remedy}, allow_retries=False
    )


def demo_check(
    *,
    asset: dg.AssetsDefinition,
    description: str,
    blocking: bool = False,
    additional_ins: Mapping[str, dg.AssetIn] | None = None,
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """Declare a check of one stage for the materialized customer. A failed ``blocking`` check stops the later stages.

    A check that raises has failed, with the problem and the remedy as its description: what it should find out is not known.
    """

    def decorate(function: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        @functools.wraps(function)
        def with_reported_mistakes(*arguments: Any, **named: Any) -> dg.AssetCheckResult:
            try:
                return function(*arguments, **named)
            except Exception as error:  # noqa: BLE001  # whatever it is: the check did not pass
                return _not_carried_out(error)

        with warnings.catch_warnings():
            # Partitioned checks are in preview in this Dagster release. Users do not need this warning.
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                asset=asset,
                partitions_def=customers,
                blocking=blocking,
                additional_ins=additional_ins,
                description=description,
            )(with_reported_mistakes)

    return decorate


def _not_carried_out(error: Exception) -> dg.AssetCheckResult:
    if not isinstance(error, ProvisioningError):
        _LOG.error("A check raised an exception.", exc_info=error)
        error = ProvisioningError(
            f"The check could not be carried out: {type(error).__name__}: {error}.",
            "Materialize the asset again. If the check fails in the same way, report it with the run's log.",
        )
    return dg.AssetCheckResult(
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=str(error),
        metadata={"errors": [str(error)], "problem": error.problem, "what to do": error.remedy},
    )
