"""Two stages and a check made with the project's own decorators, run in the present process as a run's process does it."""

import logging
import threading
from typing import Any

import dagster as dg

from provisioning_assets.asset_decorators import demo_asset, demo_check
from provisioning_assets.customer_partitions import customers
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.runs import ended_run
from provisioning_assets.telemetry.records import record_run

KEY = "acme_com"
PASSWORD = "hunter2hunter2"
_LOG = logging.getLogger("provisioning_assets.synthesis.anything")


@demo_asset(
    group_name="request", kinds={"json"}, description="A stage with rows, warnings and a thread.", code_version="1"
)
def first_stage(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    thread = threading.Thread(target=lambda: _LOG.warning("a thread\nsays \x1b[2J %s", f"gs://ann:{PASSWORD}@bucket"))
    thread.start()
    thread.join()
    context.log.warning("stand-ins were used")
    context.log.debug("too much detail")
    return dg.MaterializeResult(metadata={"dagster/row_count": 1234})


@demo_check(asset=first_stage, description="It does not pass.")
def has_rows() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=False, severity=dg.AssetCheckSeverity.WARN, metadata={"errors": ["no row in May"]}
    )


class Ending(dg.Config):
    """How the second stage ends."""

    ends: str = "well"


@demo_asset(
    group_name="request", kinds={"json"}, description="A stage that can fail.", code_version="1", deps=["first_stage"]
)
def second_stage(config: Ending) -> None:
    if config.ends == "mistake":
        raise ProvisioningError(f"The store https://ann:{PASSWORD}@store is full.", "Make room.")
    if config.ends == "crash":
        raise ZeroDivisionError(f"password={PASSWORD}")


def run(instance: dg.DagsterInstance, ends: str = "well") -> dg.ExecuteInProcessResult:
    """Run both stages, and record the end of the run."""
    instance.add_dynamic_partitions(str(customers.name), [KEY])
    definitions = dg.Definitions(
        assets=[first_stage, second_stage],
        asset_checks=[has_rows],
        jobs=[dg.define_asset_job("make", dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    )
    result = definitions.resolve_job_def("make").execute_in_process(
        instance=instance,
        partition_key=KEY,
        raise_on_error=False,
        run_config={
            "ops": {"second_stage": {"config": {"ends": ends}}},
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        },
    )
    ended = ended_run(instance, result.run_id)
    assert ended is not None
    record_run(ended)
    return result
