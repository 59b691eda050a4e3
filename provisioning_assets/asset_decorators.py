"""What every stage has in common as a Dagster asset: the partition, its owner, and how a user's mistake is told."""

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from provisioning_assets.customers import customers
from provisioning_assets.errors import ProvisioningError

OWNERS = ["team:demo-engineering"]


def demo_asset(
    *, group_name: str, kinds: set[str], description: str, code_version: str, deps: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """An asset of the customers partition.

    A ``ProvisioningError`` in it fails the step with the problem and the remedy as its description, and is not retried:
    the same input would fail the same way. ``code_version`` is that of the room: what an earlier version made is out of date.
    ``deps`` names assets that must be there, and whose blocking checks must have
    passed, although nothing of them is read.
    """

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        @functools.wraps(function)
        def told(*arguments: Any, **named: Any) -> Any:
            try:
                return function(*arguments, **named)
            except ProvisioningError as error:
                raise dg.Failure(
                    description=str(error),
                    metadata={"problem": error.problem, "what to do": error.remedy},
                    allow_retries=False,
                ) from error

        return dg.asset(
            partitions_def=customers,
            group_name=group_name,
            kinds=kinds,
            description=description,
            code_version=code_version,
            owners=OWNERS,
            deps=deps,
        )(told)

    return decorate


def demo_check(
    *,
    asset: dg.AssetsDefinition,
    description: str,
    blocking: bool = False,
    additional_ins: Mapping[str, dg.AssetIn] | None = None,
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """A check of one stage for the customer that was materialized; ``blocking`` where later work would be pointless."""

    def decorate(function: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            # Partitioned checks are in preview in this Dagster release; that is ours to know, not the user's to read.
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                asset=asset,
                partitions_def=customers,
                blocking=blocking,
                additional_ins=additional_ins,
                description=description,
            )(function)

    return decorate
