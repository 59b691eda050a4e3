"""Which demos are made again: the oldest figures first, within a budget, and none that must stay as it is."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provisioning_assets.lifecycle.listing import Demo
from provisioning_assets.lifecycle.refresh.due import due_for_refresh, next_refresh_on

TODAY = date(2026, 3, 20)


def demo(key: str, days: int = 7, **other: object) -> Demo:
    """A finished demo with figures of so many days ago."""
    made = Demo(
        key=key,
        url=f"https://{key}",
        company=None,
        industry=None,
        size="small",
        owner="",
        ready=True,
        created_on=TODAY - timedelta(days=20),
        expires_on=TODAY + timedelta(days=10),
        made_at=None,
        figures_of=TODAY - timedelta(days=days),
        keeps_its_date=False,
        withdrawn_on=None,
    )
    return replace(made, **other)  # pyright: ignore[reportArgumentType]


def due(*demos: Demo, every_days: int = 7, busy: frozenset[str] = frozenset(), most: int = 100) -> list[str]:
    return [found.key for found in due_for_refresh(demos, TODAY, every_days=every_days, busy=busy, most=most)]


def test_the_oldest_come_first_and_only_as_many_as_asked_for() -> None:
    demos = [demo("a", 7), demo("b", 9), demo("c", 6), demo("d", 8)]
    assert due(*demos) == ["b", "d", "a"]
    assert due(*demos, most=2) == ["b", "d"]
    assert due(*demos, most=-1) == []
    assert due(*demos, every_days=3, busy=frozenset("bd")) == ["a", "c"]
    assert due(*demos, every_days=0) == []


@pytest.mark.parametrize(
    "other",
    [
        {"expires_on": TODAY},
        {"expires_on": TODAY - timedelta(days=1)},
        {"keeps_its_date": True},
        {"ready": None, "figures_of": None},
        {"figures_of": TODAY + timedelta(days=30)},
    ],
)
def test_a_demo_that_has_expired_or_keeps_its_date_or_was_never_finished_is_left_alone(
    other: dict[str, object],
) -> None:
    assert due(demo("a", 9, **other)) == []


def test_a_demo_that_is_not_ready_or_never_expires_is_made_again_too() -> None:
    assert due(demo("a", ready=False), demo("b", expires_on=None)) == ["a", "b"]


def test_a_demo_whose_refresh_failed_is_tried_on_the_next_day_after_the_others() -> None:
    failed = demo("a", 30, ready=False, withdrawn_on=TODAY - timedelta(days=1))
    early = demo("b", 2, ready=False, withdrawn_on=TODAY - timedelta(days=1))
    assert due(failed, early, demo("c")) == ["c", "a", "b"]
    assert due(demo("a", 30, ready=False, withdrawn_on=TODAY)) == []


def test_the_day_of_the_next_refresh_is_before_the_day_of_expiry() -> None:
    assert next_refresh_on(demo("a", 2), 7) == TODAY + timedelta(days=5)
    assert next_refresh_on(demo("a", 2, expires_on=TODAY + timedelta(days=5)), 7) is None
    assert next_refresh_on(demo("a", 2), 0) is None
