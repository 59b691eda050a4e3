"""Load and copy jobs that are started once, however often the program is.

A job's id says what it does, so BigQuery refuses to start it twice (409). Then the job of that id, which an earlier run or a
repeated request started, is awaited instead. The id of a failed job is used up: the next attempt has the next number.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import TypeVar

from google.api_core import exceptions
from google.cloud import bigquery

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.warehouse import bigquery_errors
from provisioning_assets.warehouse.bigquery_errors import REQUEST_SECONDS, explained, explaining, passing_job_error

Job = bigquery.LoadJob | bigquery.CopyJob
Something = TypeVar("Something")
Result = TypeVar("Result")

AT_ONCE = 8
"""Largest number of tables that are worked on at the same time: below the ten connections that the client keeps open."""

ATTEMPTS = 3
"""Largest number of jobs that one run starts for one table."""

IDS = 100
"""Largest number of ids that are looked at. Each failed run uses up some; a new staging data set begins with new ones."""

PAUSE_SECONDS = 2.0
"""Pause before the second attempt of a job; it doubles with each one."""

JOB_SECONDS = 3600.0
"""How long a job is waited for. Loading 5 GB of Parquet, the largest table of the largest size, takes minutes."""


def finished_job(client: bigquery.Client, prefix: str, start: Callable[[str], Job], what: str) -> Job:
    """Start a job, or find the one that was started before, and wait until it has succeeded.

    Args:
        client: of the project and location of the job.
        prefix: beginning of the job's id, the same for the same work.
        start: starts the job with an id.
        what: what fails if it fails, as for ``explaining``.

    Raises:
        ProvisioningError: the job failed for a reason that does not pass, three times for one that does, or takes too long.
    """
    started = 0
    for number in range(1, IDS + 1):
        job_id = f"{prefix}-{number}"
        told = f"{what} (job {client.project}:{client.location}.{job_id})"
        with explaining(told, client.project):
            job, own = _started(client, job_id, start)
        started += own
        try:
            job.result(retry=bigquery_errors.RETRY, timeout=JOB_SECONDS)
        except WaitedTooLong as error:
            raise ProvisioningError(
                f"{told} took longer than {JOB_SECONDS:g} seconds and still runs.",
                "Run the same command again later: it waits for the same job.",
            ) from error
        except bigquery_errors.FAULTS as error:
            # what an earlier run's job failed of may have been put right since
            passes = isinstance(error, exceptions.GoogleAPICallError) and passing_job_error(error)
            if job.error_result is None or (own and (not passes or started >= ATTEMPTS)):
                raise explained(error, told, client.project) from error
            if own:
                time.sleep(PAUSE_SECONDS * 2 ** (started - 1))
        else:
            return job
    raise ProvisioningError(
        f"{what} in the project {client.project}: the ids of {IDS} failed jobs ({prefix}-...) are used up.",
        "Remove the demo with: provision teardown KEY, and make it again.",
    )


def _started(client: bigquery.Client, job_id: str, start: Callable[[str], Job]) -> tuple[Job, bool]:
    """The job of this id, and whether it was started now."""
    try:
        return start(job_id), True
    except exceptions.Conflict:
        return _found(client, job_id), False


def _found(client: bigquery.Client, job_id: str) -> Job:
    """The job of an id that BigQuery says is taken. For a short time after, it may say that it does not exist."""
    patient = bigquery_errors.RETRY.with_predicate(
        lambda error: isinstance(error, exceptions.NotFound) or bigquery_errors.RETRY._predicate(error)
    )
    found = client.get_job(job_id, location=client.location, retry=patient, timeout=REQUEST_SECONDS)
    if not isinstance(found, bigquery.LoadJob | bigquery.CopyJob):
        raise ProvisioningError(
            f"The job {client.project}:{client.location}.{job_id} is a {found.job_type} job, which this program did not start.",
            "Remove the demo with: provision teardown KEY, and make it again.",
        )
    return found


def side_by_side(work: Callable[[Something], Result], items: Sequence[Something]) -> list[Result]:
    """The results of ``work`` for each item, ``AT_ONCE`` at a time, in the order of the items.

    If one fails, those that run are awaited, no other is started, and the first failure in the items' order is raised. If this
    process is asked to stop, nothing is awaited: a job that runs is found again by its id.
    """
    pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="bigquery")
    futures = [pool.submit(work, item) for item in items]
    try:
        return [future.result() for future in futures]
    except Exception:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
