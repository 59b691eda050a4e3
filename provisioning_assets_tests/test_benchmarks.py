"""The benchmark measures and reports its bars correctly, and its direct calls make the same demo. No duration is asserted."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.child_process import measure
from benchmarks.figures import Figure, table
from benchmarks.run import AS_OF, EXAMPLE, SHARE_OF_WRITING, main
from provisioning_assets.definitions import defs


def test_figures_are_written_with_what_they_are_compared_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        [
            "--only",
            "generation",
            "--repeat",
            "1",
            "--fact-rows",
            "2000",
            "--output",
            str(tmp_path / "out" / "bench.json"),
        ]
    )
    result = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert result["repetitions"] == 1
    assert result["machine"]["cores"]
    names = [figure["name"] for figure in result["figures"]]
    assert any("related rows to Parquet" in name for name in names)
    assert any("Faker" in name for name in names)
    assert any("DuckDB" in name for name in names)
    for figure in result["figures"]:
        assert figure["value"] > 0
        assert figure["unit"]
        assert figure["compared_with"]
    printed = capsys.readouterr().out
    assert all(name in printed for name in names)


@pytest.mark.slow
def test_growing_sizes_and_a_cluster_are_measured_beside_writing_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "bench.json"
    for part in ("scale", "cluster"):
        main(["--only", part, "--repeat", "1", "--part", "0.005", "--output", str(output)])
        figures = {figure["name"].strip(): figure for figure in json.loads(output.read_text())["figures"]}
        assert all(figure["value"] > 0 for figure in figures.values())
        if part == "scale":
            assert figures["peak memory of a process"]["value"] > 100
            assert figures["generating and writing / writing alone"]["bar"] == SHARE_OF_WRITING
            assert len([name for name in figures if "related rows" in name]) == 3
        else:
            assert any("Dask, 2 workers" in name for name in figures)
    assert "x one worker" in capsys.readouterr().out


def test_a_missed_bar_says_by_how_much() -> None:
    slow = Figure("run", 25, "s", "20 s", bar=20)
    few = Figure("rows", 800_000, "rows/s", "1 M", bar=1e6, direction="at_least")
    good = Figure("memory", 600, "MB", "700 MB", bar=700)
    free = Figure("ratio", 1.2, "ratio", "1")
    assert [figure.verdict for figure in (slow, few, good, free)] == ["MISSED by 25%", "MISSED by 20%", "met", ""]
    assert [figure.met for figure in (slow, few, good, free)] == [False, False, True, None]
    lines = table([slow, few, good, free]).splitlines()
    assert len(lines) == 6
    assert "MISSED by 25%" in lines[2]
    assert "800,000" in lines[3]


def test_a_measurement_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with 3.*went wrong"):
        measure([sys.executable, "-c", "import sys; print('went wrong', file=sys.stderr); sys.exit(3)"])


def test_memory_and_processor_time_are_measured() -> None:
    hungry = measure([sys.executable, "-c", "x = bytearray(200_000_000); x[:] = b'1' * len(x); print('{\"a\": 1}')"])
    assert hungry.peak_megabytes > 190
    assert hungry.cpu_seconds > 0
    assert hungry.wall_seconds > 0
    assert hungry.report == {"a": 1}


@pytest.mark.slow
def test_the_functions_called_directly_make_the_same_demo(tmp_path: Path) -> None:
    run = measure([sys.executable, "-m", "benchmarks.direct_pipeline", str(tmp_path / "store"), str(EXAMPLE), AS_OF])
    assert set(run.report["stages"]) == {key.path[-1] for key in defs.resolve_asset_graph().get_all_asset_keys()}
    folder = tmp_path / "store" / "harbourandpine_example"
    assert {path.stem for path in folder.glob("*.json")} >= {*run.report["stages"]}
