"""Chaos plans the same faults for the same seed, finds what it is to find, and says how much was lost."""

import json
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.chaos import Row, plan, table
from benchmarks.chaos_faults import FAULTS
from benchmarks.chaos_workplace import KEY, ChaosWorkplace, content_of
from provisioning_assets.customers import CustomerRequest, build_request

ORDER = ["customer_request", "data_model", "demo_scorecard"]


def test_a_seed_decides_on_faults_stages_and_moments() -> None:
    assert plan(7, 14, ORDER) == plan(7, 14, ORDER)
    assert plan(7, 14, ORDER) != plan(8, 14, ORDER)
    places = [ORDER.index(each.stage) for each in plan(7, 14, ORDER)]
    assert places == sorted(places), "a stage that was reached is not waited for again"
    assert {each.fault for seed in range(40) for each in plan(seed, 14, ORDER)} == set(FAULTS)
    assert {each.fault for each in plan(7, 14, ORDER, ["SIGTERM"])} == {"SIGTERM"}


def test_half_written_files_and_held_locks_are_found(tmp_path: Path) -> None:
    place = ChaosWorkplace(tmp_path)
    place.demo.mkdir(parents=True)
    (place.demo / ".demo_plan.json.abc.part").write_text("half")
    (place.demo / "demo_plan.json").write_text("{}")
    assert place.leftovers() == [f"{KEY}/.demo_plan.json.abc.part"]
    lock = place.home / "locks" / f"{KEY}.lock"
    lock.parent.mkdir()
    assert place.locks_held() == []
    with FileLock(lock):
        assert place.locks_held() == [lock.name]


def test_another_content_is_a_difference_and_an_unreadable_artefact_an_error(tmp_path: Path) -> None:
    kinds = {"customer_request": CustomerRequest}
    request = build_request(KEY, {"as_of": "2026-06-30"}, today=date(2026, 6, 30))
    contents = []
    for seed in (1, 2):
        (tmp_path / "customer_request.json").write_text(request.model_copy(update={"seed": seed}).model_dump_json())
        contents.append(content_of(tmp_path, kinds))
    assert contents[0].differences(contents[0]) == []
    assert contents[0].differences(contents[1]) == ["customer_request"]
    (tmp_path / "customer_request.json").write_text(json.dumps(request.model_dump(mode="json"))[:40])
    with pytest.raises(ValueError, match="EOF"):
        content_of(tmp_path, kinds)


def test_the_table_counts_what_was_lost_and_names_the_seed() -> None:
    rows = [
        Row(0, "kill -9", "data_model", 3, "killed", 2.0),
        Row(1, "kill -9", "data_model", 4, "killed", 4.0, ["LOST: data_model differs"]),
    ]
    printed = table(rows)
    assert "kill -9" in printed
    assert printed.splitlines()[1].split()[2:5] == ["2", "1", "0"]
    assert "seed 4: LOST: data_model differs" in printed
