"""Runs GoogleSQL on a customer's data set in BigQuery: one SELECT, with a limit of bytes and of time."""

import contextlib
import time
from concurrent.futures import TimeoutError as WaitedTooLong
from datetime import date

from google.api_core import exceptions
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_JOB_RETRY

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult, ResultColumn, scalar_of
from provisioning_assets.googlesql.statements import pin_today
from provisioning_assets.warehouse import bigquery_errors
from provisioning_assets.warehouse.bigquery_dataset import Warehouse
from provisioning_assets.warehouse.bigquery_errors import REQUEST_SECONDS, explained
from provisioning_assets.warehouse.bigquery_tables import googlesql_type

_LIMIT_REASONS = frozenset({"bytesBilledLimitExceeded"})
_BAD_QUERY_REASONS = frozenset({"invalidQuery", "invalid", "notFound", "resourcesExceeded", "responseTooLarge"})


def run_query(
    warehouse: Warehouse,
    googlesql: str,
    *,
    as_of: date,
    most_rows: int,
    seconds: float,
    maximum_bytes_billed: int,
) -> QueryResult:
    """Check one GoogleSQL SELECT by a dry run, which is free, then execute it.

    Args:
        warehouse: the customer's.
        googlesql: the query, over bare table names.
        as_of: the value of CURRENT_DATE().
        most_rows: how many rows of the result are returned at most; all are counted.
        seconds: after this time the query is cancelled.
        maximum_bytes_billed: a query that would be billed more is not executed; at least ``prices.LEAST_BYTES_BILLED``.

    Returns:
        The result with GoogleSQL types and the same values as ``duckdb_queries.run_query`` returns, and its bytes.

    Raises:
        ProvisioningError: the query is not one SELECT, is not valid, reads too much, or takes too long; there is no data set,
            it is not ours, its tables are being replaced; or BigQuery refuses.
    """
    sql = pin_today(googlesql, as_of)
    warehouse.readable()
    began = time.perf_counter()
    _require_affordable(_bytes_of(warehouse, sql), maximum_bytes_billed)
    config = _config(warehouse, seconds)
    config.maximum_bytes_billed = maximum_bytes_billed
    job: bigquery.QueryJob | None = None
    try:
        patient = DEFAULT_JOB_RETRY.with_timeout(seconds)
        job = warehouse.client.query(
            sql, config, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS, job_retry=patient
        )
        found = job.result(max_results=most_rows, retry=bigquery_errors.RETRY, timeout=seconds, job_retry=patient)
        rows = [[scalar_of(value) for value in row.values()] for row in found]
    except (WaitedTooLong, *bigquery_errors.FAULTS) as error:
        if isinstance(error, WaitedTooLong) or _timed_out(error):
            _cancel(warehouse, job)
            raise ProvisioningError(
                f"The query took longer than {seconds:g} seconds and was stopped.",
                "Ask for less: a shorter period, fewer groups, or an aggregate.",
            ) from error
        raise _refusal(error, warehouse) from error
    return QueryResult(
        columns=[ResultColumn(name=field.name, type=googlesql_type(field)) for field in found.schema],
        rows=rows,
        row_count=int(found.total_rows or 0),
        seconds=time.perf_counter() - began,
        bytes_processed=int(job.total_bytes_processed or 0),
        bytes_billed=int(job.total_bytes_billed or 0),
    )


def _bytes_of(warehouse: Warehouse, sql: str) -> int:
    """The bytes that a query would read: for a clustered table the most, its blocks are chosen when it runs."""
    config = _config(warehouse, REQUEST_SECONDS)
    config.dry_run = True
    config.use_query_cache = False
    try:
        job = warehouse.client.query(sql, config, retry=bigquery_errors.RETRY, timeout=REQUEST_SECONDS, job_retry=None)
    except bigquery_errors.FAULTS as error:
        raise _refusal(error, warehouse) from error
    return int(job.total_bytes_processed or 0)


def _require_affordable(needed: int, limit: int) -> None:
    if needed > limit:
        raise ProvisioningError(
            f"The query would read {needed / 1e9:,.1f} GB; the limit is {limit / 1e9:,.1f} GB.",
            "Read fewer columns or a shorter period, or raise the limit of bytes billed.",
        )


def _config(warehouse: Warehouse, seconds: float) -> bigquery.QueryJobConfig:
    config = bigquery.QueryJobConfig(
        default_dataset=warehouse.names.final,
        use_legacy_sql=False,
        labels=warehouse.job_labels(),
    )
    # so that BigQuery ends the query also if this process has died
    config.job_timeout_ms = int(seconds * 1000)
    return config


def _timed_out(error: BaseException) -> bool:
    return (
        isinstance(error, exceptions.GoogleAPICallError)
        and bigquery_errors.reason_of(error) in ("stopped", "timeout", "jobTimeout")
    ) or isinstance(error, exceptions.DeadlineExceeded)


def _cancel(warehouse: Warehouse, job: bigquery.QueryJob | None) -> None:
    if job is not None:
        # if it cannot be cancelled, its own time limit ends it
        with contextlib.suppress(*bigquery_errors.FAULTS):
            warehouse.client.cancel_job(str(job.job_id), location=job.location, timeout=REQUEST_SECONDS)


def _refusal(error: BaseException, warehouse: Warehouse) -> ProvisioningError:
    if isinstance(error, exceptions.GoogleAPICallError):
        reason = bigquery_errors.reason_of(error)
        said = bigquery_errors.said_by(error)
        if reason in _LIMIT_REASONS:
            return ProvisioningError(
                f"The query reads too much: {said}.",
                "Read fewer columns or a shorter period, or raise the limit of bytes billed.",
            )
        if reason in _BAD_QUERY_REASONS:
            return ProvisioningError(f"The query failed: {said}.", "Fix the query.")
    what = f"A query on the data set {warehouse.names.final.dataset_id} failed"
    return explained(error if isinstance(error, Exception) else Exception(), what, warehouse.project)
