"""One query over the tables of a preview."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from provisioning_assets.authoring.preview_query import print_result, query_preview
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.planning.blueprint_files import parse_blueprint
from provisioning_assets.planning.sample_customer import sample_demo
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.synthesis.preview import preview


@pytest.fixture(scope="module")
def model() -> DataModel:
    """The tables of the example in the description of the format."""
    document = (PROJECT_FOLDER / "docs" / "blueprint-format.md").read_text(encoding="utf-8")
    text = document.rpartition("```yaml\n")[2].partition("```")[0]
    return sample_demo(parse_blueprint(text, "bike_rental.yaml"), "US", seed="1", as_of="2026-06-30")[1]


def test_a_query_reads_the_rows_that_the_preview_shows(model: DataModel) -> None:
    (shown,) = preview(model, "it", table="rentals", rows=3).tables
    found = query_preview(model, "SELECT rental_id, fare FROM rentals ORDER BY rental_id", rows=3)
    assert [column.name for column in found.columns] == ["rental_id", "fare"]
    assert found.rows == [[row["rental_id"], row["fare"]] for row in shown.first_rows]
    assert found.row_count == shown.rows


def test_windows_are_accepted_and_today_is_the_data_s(model: DataModel) -> None:
    sql = "SELECT MAX(DATE(rented_at)) <= CURRENT_DATE() AS past FROM rentals WHERE {last 90 days of DATE(rented_at)}"
    assert query_preview(model, sql, rows=1).rows == [[True]]
    assert query_preview(model, "SELECT CURRENT_DATE() AS today FROM stations LIMIT 1", rows=1).rows == [["2026-06-30"]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT far FROM rentals", "`far` is not a column of rentals. Did you mean 'fare'?"),
        ("SELECT broke_down FROM rentals", "`broke_down` is a helper of rentals, which is not stored"),
        ("SELECT 1 FROM rental", "There is no table rental; the data set has bikes, rentals,"),
        ("SELECT 1 FROM rentals WHERE {last 3 dais of rented_at}", "{last 3 dais of rented_at} is not a window."),
        ("DROP TABLE rentals", "not one single SELECT"),
        ("SELECT 1; SELECT 2", "not one single SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "The query reads from "),
        ("SELECT * FROM `/etc/passwd`", "There is no table /etc/passwd"),
        ("SELECT 1 / 0 AS x FROM rentals", "The query failed: "),
        ("select from", "not"),
    ],
)
def test_a_wrong_query_is_refused_in_words(model: DataModel, sql: str, message: str) -> None:
    with pytest.raises(ProvisioningError) as refused:
        query_preview(model, sql, rows=1)
    assert message in refused.value.problem
    assert refused.value.remedy


def test_no_folder_is_left(model: DataModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    query_preview(model, "SELECT COUNT(*) AS n FROM rentals", rows=1)
    assert list(tmp_path.iterdir()) == []


def printed(result: QueryResult, width: int = 60) -> str:
    out = io.StringIO()
    print_result(Console(file=out, width=width, highlight=False), result)
    return out.getvalue()


def test_rows_are_printed_without_cutting_texts() -> None:
    long = "A remark that is longer than the terminal is wide. " * 3
    columns = [ResultColumn(name="remark", type="STRING"), ResultColumn(name="n", type="INT64")]
    text = printed(QueryResult(columns=columns, rows=[[long, 3], [None, 1]], row_count=7, seconds=0))
    assert text.count("terminal") == 3
    assert "…" not in text
    assert "7 rows, of which 5 are not shown (--rows)" in text


def test_values_are_only_texts() -> None:
    columns = [ResultColumn(name="[red]x[/red]", type="STRING"), ResultColumn(name="y", type="FLOAT64")]
    hostile = "\x1b[31m[bold]Lamp[/bold]"
    text = printed(QueryResult(columns=columns, rows=[[hostile, 0.1], [True, 1234567.25]], row_count=2, seconds=0))
    assert "[bold]Lamp[/bold]" in text
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    assert "1234567.25" in text
    assert "true" in text
    assert text.rstrip().endswith("2 rows")
