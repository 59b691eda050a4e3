"""A teardown has a fixed order, can be continued after a failure, and accepts that things are already gone."""

import pytest

from provisioning_assets.lifecycle.removal.teardown_steps import TeardownStep, tear_down, would_tear_down


class Things:
    """Things that can be removed, some of which refuse."""

    def __init__(self, *names: str) -> None:
        self.there, self.refusing, self.told = list(names), set[str](), list[tuple[str, str, str]]()

    def steps(self, *names: str) -> list[TeardownStep]:
        return [
            TeardownStep(
                name,
                lambda name=name: f"the {name}" if name in self.there else None,
                lambda name=name: self._remove(name),
            )
            for name in names
        ]

    def tear_down(self, *names: str) -> None:
        def tell(when: str, step: str, what: str) -> None:
            self.told.append((when, step, what))

        tear_down(self.steps(*names), lambda *said: tell("before", *said), lambda *said: tell("after", *said))

    def _remove(self, name: str) -> None:
        if name in self.refusing:
            raise OSError("the disk is away")
        self.there.remove(name)


def test_steps_go_in_order_and_each_is_noted_before_it_removes_something() -> None:
    things = Things("agent")
    things.tear_down("agent", "data set")
    assert things.there == []
    assert things.told == [
        ("before", "agent", "the agent"),
        ("after", "agent", "the agent"),
        ("after", "data set", "nothing to remove"),
    ]


def test_a_teardown_that_stopped_goes_on_when_it_is_run_again() -> None:
    things = Things("agent", "data set", "partition")
    things.refusing = {"data set"}
    with pytest.raises(OSError, match="away"):
        things.tear_down("agent", "data set", "partition")
    assert things.there == ["data set", "partition"]
    assert things.told[-1] == ("before", "data set", "the data set")
    things.refusing = set()
    things.tear_down("agent", "data set", "partition")
    assert things.there == []


def test_what_would_be_torn_down_is_only_looked_at() -> None:
    things = Things("agent")
    assert would_tear_down(things.steps("agent", "data set")) == {"agent": "the agent"}
    assert things.there == ["agent"]
