"""Decorators with what all assets and checks have in common: partition, owner, and the report of a user's mistake."""

import contextlib
import functools
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from provisioning_assets.artefact import Artefact
from provisioning_assets.customer_partitions import customers
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.telemetry.log_lines import also_as_json
from provisioning_assets.telemetry.records import StageRecord, record_failed_check, recorded_stage
from provisioning_assets.telemetry.stage import Stage

_LOG = logging.getLogger(__name__)
OWNERS = ["team:demo-engineering"]


def demo_asset(
    *,
    group_name: str,
    kinds: set[str],
    description: str,
    code_version: str,
    deps: Sequence[str] = (),
    pool: str | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare an asset of the customers partition.

    A ``ProvisioningError`` fails the step, with the problem and the remedy as description. The step is not retried,
    because the same input would fail in the same way. ``code_version`` is the version of the package; artefacts made by
    an earlier version are out of date. ``deps`` names assets that must exist and whose blocking checks must have passed,
    although the asset does not read them. ``pool`` is what the asset shares with other runs, one of ``pools.py``.

    Each stage leaves log lines and a span (``telemetry``), and in its metadata the seconds of its function and its retries, if
    there were any. Its artefact gets the digests of the artefacts that it was made from.
    """

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        @functools.wraps(function)
        def with_reported_mistakes(*arguments: Any, **named: Any) -> Any:
            inputs = [given for given in named.values() if isinstance(given, Artefact)]
            made_from = {one.asset_name(): one.digest() for one in inputs}
            try:
                with _recorded() as record:
                    result = function(*arguments, **named)
                    record.rows = _rows_of(result)
            except ProvisioningError as error:
                raise failure_of(error) from error
            if isinstance(result, dg.MaterializeResult) and isinstance(result.value, Artefact):
                result.value.made_from = made_from
            return _with_figures(result, record)

        return dg.asset(
            partitions_def=customers,
            group_name=group_name,
            kinds=kinds,
            description=description,
            code_version=code_version,
            owners=OWNERS,
            deps=deps,
            pool=pool,
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
                result = function(*arguments, **named)
            except Exception as error:  # noqa: BLE001  # whatever it is: the check did not pass
                result = _not_carried_out(error)
            _record_if_failed(result, function.__name__, asset)
            return result

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


@contextlib.contextmanager
def _recorded() -> Iterator[StageRecord]:
    """Record the stage that Dagster executes; if the function was called without Dagster, as tests do, only its time."""
    try:
        context = dg.AssetExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        with recorded_stage(None) as record:
            yield record
        return
    with recorded_stage(_stage(context, context.asset_key.path[-1])) as record, also_as_json(context.log):
        yield record


def _stage(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, name: str) -> Stage:
    key = context.partition_key if context.has_partition_key else ""
    return Stage(customer=key, run=context.run.run_id, name=name)


def _rows_of(result: object) -> int | None:
    """Return the rows that an asset reports, under Dagster's own name for them."""
    metadata = result.metadata if isinstance(result, dg.MaterializeResult) else None
    rows = metadata.get("dagster/row_count") if metadata else None
    return rows if isinstance(rows, int) else None


def _with_figures(result: Any, record: StageRecord) -> Any:
    """Return an asset's result with the seconds that its function took, and its retries: figures that Dagster draws over time."""
    if not isinstance(result, dg.MaterializeResult):
        return result
    figures = {"stage seconds": round(record.seconds, 3), **({"retries": record.retries} if record.retries else {})}
    return result._replace(metadata={**(result.metadata or {}), **figures})


def _record_if_failed(result: dg.AssetCheckResult, check: str, asset: dg.AssetsDefinition) -> None:
    if result.passed:
        return
    try:
        context = dg.AssetCheckExecutionContext.get()
    except dg.DagsterInvariantViolationError:  # called without Dagster
        return
    errors = result.metadata.get("errors")
    listed = errors.value if isinstance(errors, dg.MetadataValue) else errors
    problem = result.description or "; ".join(str(error) for error in (listed if isinstance(listed, list) else [])[:3])
    record_failed_check(_stage(context, asset.key.path[-1]), check, result.severity.value, problem)
