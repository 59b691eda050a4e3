"""A teardown has a fixed order, can be continued after a failure, and accepts that things are already gone."""

import pytest
from provisioning_assets.lifecycle.teardown import TeardownStep, tear_down


def test_steps_go_in_order_and_what_was_gone_is_left_out() -> None:
    steps_reported: list[tuple[str, str]] = []
    steps = [TeardownStep("agent", lambda: "demo-acme-com"), TeardownStep("data set", lambda: None)]
    removed = tear_down(steps, lambda step, what: steps_reported.append((step, what)))
    assert steps_reported == [("agent", "demo-acme-com"), ("data set", "nothing to remove")]
    assert removed == {"agent": "demo-acme-com"}


def test_a_teardown_that_stopped_goes_on_when_it_is_run_again() -> None:
    there = {"agent", "data set", "partition"}
    refusing = {"data set"}

    def remove(name: str) -> str | None:
        if name in refusing:
            raise OSError("the disk is away")
        return name if name in there and not there.remove(name) else None

    steps = [TeardownStep(name, lambda name=name: remove(name)) for name in ("agent", "data set", "partition")]
    with pytest.raises(OSError, match="away"):
        tear_down(steps, lambda *_: None)
    assert there == {"data set", "partition"}
    refusing.clear()
    assert list(tear_down(steps, lambda *_: None)) == ["data set", "partition"]
