"""What every stage has in common as a Dagster asset: the partition, its owner, and how a user's mistake is told."""

import functools
from collections.abc import Callable
from typing import Any

import dagster as dg

from provisioning_assets.customers import customers
from provisioning_assets.errors import ProvisioningError

OWNERS = ["team:demo-engineering"]


def demo_asset(
    *, group_name: str, kinds: set[str], description: str
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """An asset of the customers partition.

    A ``ProvisioningError`` in it fails the step with the problem and the remedy as its description, and is not retried:
    the same input would fail the same way.
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
            partitions_def=customers, group_name=group_name, kinds=kinds, description=description, owners=OWNERS
        )(told)

    return decorate
