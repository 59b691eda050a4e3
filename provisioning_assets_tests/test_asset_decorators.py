"""Assets and checks that raise, as Dagster shows them."""

import dagster as dg
import pytest

from provisioning_assets.asset_decorators import demo_asset, demo_check
from provisioning_assets.errors import ProvisioningError


@demo_asset(group_name="request", kinds={"json"}, description="An asset.", code_version="1")
def something(context: dg.AssetExecutionContext) -> None:
    context.log.info("made")


@demo_asset(group_name="request", kinds={"json"}, description="A later asset.", code_version="1", deps=["something"])
def later() -> None:
    """Only made if the blocking checks passed."""


def run_with(error: Exception, *, blocking: bool) -> tuple[dg.ExecuteInProcessResult, dg.AssetCheckEvaluation]:
    @demo_check(asset=something, description="It raises.", blocking=blocking)
    def it_raises() -> dg.AssetCheckResult:
        raise error

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", ["acme_com"])
        result = dg.materialize(
            [something, later, it_raises], partition_key="acme_com", instance=instance, raise_on_error=False
        )
    [evaluation] = result.get_asset_check_evaluations()
    return result, evaluation


def test_a_check_that_raises_has_failed_with_the_problem_and_the_remedy() -> None:
    result, found = run_with(ProvisioningError("The file is gone.", "Make it again."), blocking=False)
    assert result.success
    assert not found.passed
    assert found.severity == dg.AssetCheckSeverity.ERROR
    assert found.description == "The file is gone. Make it again."
    assert found.metadata["problem"].value == "The file is gone."
    assert found.metadata["what to do"].value == "Make it again."
    assert found.metadata["errors"].value == ["The file is gone. Make it again."]


def test_an_exception_that_nobody_expected_fails_the_check_and_stops_what_follows() -> None:
    result, found = run_with(KeyError("rows"), blocking=True)
    assert not found.passed
    assert "KeyError: 'rows'" in str(found.metadata["problem"].value)
    assert not result.success
    assert result.asset_materializations_for_node("something")
    assert not result.asset_materializations_for_node("later")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_end_of_the_process_is_not_a_failed_check(stop: type[BaseException]) -> None:
    @demo_check(asset=something, description="It is interrupted.")
    def it_ends() -> dg.AssetCheckResult:
        raise stop

    with pytest.raises(stop):
        it_ends()
