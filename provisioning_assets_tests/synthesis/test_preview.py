"""A sample of a data model, described and printed, before anything is stored."""

import json
import re
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

from provisioning_assets.data_model.generators import Category, Number
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.preview import BINS, ColumnProfile, Preview, column_profile, preview
from provisioning_assets.synthesis.preview_text import percent, print_preview, sparkline
from provisioning_assets_tests.synthesis.retail_model import retail_model

HOSTILE = "\x1b[31m[bold]Lamp[/bold]\r\u202e"


def column(kind: str, role: str = "measure") -> Column:
    return Column.model_validate(
        {
            "name": "figure",
            "type": kind,
            "description": "A figure",
            "role": role,
            "generator": Number(distribution="normal", a=1),
        }
    )


def profiled(kind: str, values: Sequence[object], role: str = "measure") -> ColumnProfile:
    return column_profile(column(kind, role), pl.Series("figure", values), {})


def printed(made: Preview, width: int = 100, *, terminal: bool | None = None, full: bool = False) -> str:
    text = StringIO()
    print_preview(Console(file=text, width=width, highlight=False, force_terminal=terminal), made, full=full)
    return text.getvalue()


@pytest.fixture(scope="module")
def made() -> Preview:
    return preview(retail_model(fact_rows=200_000), "shop_example", rows=3)


def test_every_stored_column_of_every_table_is_described(made: Preview) -> None:
    model = retail_model()
    for table, shown in zip(model.tables, made.tables, strict=True):
        assert [each.name for each in shown.columns] == [each.name for each in table.columns if not each.internal]
        assert shown.rows > 0
        assert len(shown.first_rows) == 3
        assert all(list(row) == [each.name for each in shown.columns] for row in shown.first_rows)
    assert made.sample_rows == sum(table.rows for table in made.tables) < 10_000
    orders = {each.name: each for each in made.tables[2].columns}
    assert orders["customer_id"].references == "customers.customer_id"
    assert orders["channel"].frequent[0].value == "Shop"
    assert orders["channel"].frequent[0].share == pytest.approx(0.5, abs=0.06)
    assert 0 < orders["delivered_at"].nulls < 0.2
    total = orders["order_total"]
    assert 0 < float(total.least or 0) < float(total.median or 0) < float(total.most or 0)


def test_the_rows_that_are_promised_for_the_whole_size_come(made: Preview, tmp_path: Path) -> None:
    whole = synthesise(retail_model(fact_rows=200_000), tmp_path)
    for table, shown in zip(whole.tables, made.tables, strict=True):
        assert shown.expected_rows == pytest.approx(table.rows, rel=0.2), table.name


def test_the_sample_is_removed_and_the_model_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    model = retail_model(fact_rows=50_000)
    preview(model, "shop_example", rows=1)
    assert list(tmp_path.iterdir()) == []
    assert model.fact_rows == 50_000


def test_one_table_can_be_asked_for_and_another_is_refused_with_what_there_is() -> None:
    assert [table.name for table in preview(retail_model(), "it", table="returns", rows=0).tables] == ["returns"]
    with pytest.raises(ProvisioningError, match=r"'parcels' is not a table of it.*customers, products, orders"):
        preview(retail_model(), "it", table="parcels", rows=0)


def test_a_model_that_cannot_be_generated_is_refused_with_its_faults() -> None:
    model = retail_model()
    model.tables[2].columns[2].generator = Category(values=["a", "b"], weights=[1])
    with pytest.raises(ProvisioningError, match=r"orders\.customer_id"):
        preview(model, "it", rows=1)


def test_a_profile_describes_the_distribution_of_values() -> None:
    amounts = profiled("NUMERIC", [Decimal(n * n) for n in range(1, 101)] + [None] * 25)
    assert (amounts.nulls, amounts.distinct) == (0.2, 100)
    assert (amounts.least, amounts.median, amounts.most) == (1.0, 2550.5, 10_000.0)
    assert len(amounts.histogram) == BINS
    assert sum(amounts.histogram) == pytest.approx(1)
    assert amounts.histogram[0] == max(amounts.histogram)
    assert amounts.frequent == []


def test_one_huge_value_does_not_hide_the_shape_of_the_others() -> None:
    histogram = profiled("FLOAT64", [*map(float, range(1000)), 1e9]).histogram
    assert min(histogram) > 0.05


def test_few_values_are_reported_by_their_shares_the_most_frequent_first() -> None:
    flags = profiled("BOOL", [True] * 3 + [False] * 7, role="dimension")
    assert [(each.value, each.share) for each in flags.frequent] == [(False, 0.7), (True, 0.3)]
    numbers = profiled("INT64", [5] * 6 + [1] * 4)
    assert [each.value for each in numbers.frequent] == [5, 1]
    assert numbers.histogram == []


@pytest.mark.parametrize("kind", ["STRING", "INT64", "NUMERIC", "DATETIME"])
def test_a_column_without_any_value_is_described_as_that(kind: str) -> None:
    empty = profiled(kind, [None, None])
    assert (empty.nulls, empty.distinct, empty.least, empty.histogram, empty.frequent) == (1.0, 0, None, [], [])


def test_dates_are_iso_texts_and_their_median_is_a_day() -> None:
    days = profiled("DATE", [date(2026, 1, day) for day in range(1, 31)], role="time")
    assert (days.least, days.median, days.most) == ("2026-01-01", "2026-01-16", "2026-01-30")
    moments = profiled("DATETIME", [datetime(2026, 1, 1, hour) for hour in range(24)], role="time")
    assert (moments.least, moments.median) == ("2026-01-01 00:00:00", "2026-01-01 11:30:00")


def test_the_document_is_json(made: Preview) -> None:
    assert json.loads(made.model_dump_json())["tables"][2]["first_rows"][0]["order_id"] == 500001


# --- on paper ------------------------------------------------------------------------------------------------------


def test_it_is_readable_at_a_hundred_columns_and_plain_in_a_pipe(made: Preview) -> None:
    text = printed(made)
    assert max(cell_len(line) for line in text.splitlines()) <= 100
    assert "\x1b" not in text
    # Every column's name stands in the description and above its values: none was cut to make room.
    for table in made.tables:
        for each in table.columns:
            assert text.count(each.name) >= 2, each.name
    assert "→ customers" in text
    assert "rollup" in text
    assert re.search(r"Shop \d\d%, App \d\d%, Marketplace", text)
    assert "█" in text


def test_a_terminal_gets_colours(made: Preview) -> None:
    assert "\x1b[" in printed(made, terminal=True)


def test_a_narrow_terminal_gets_all_of_it(made: Preview) -> None:
    text = printed(made, width=60)
    assert max(cell_len(line) for line in text.splitlines()) <= 60
    assert "rollup" not in text
    assert all(text.count(each.name) >= 2 for table in made.tables for each in table.columns)


def test_words_of_a_customer_do_not_move_the_cursor_nor_mark_up_the_text() -> None:
    model = DataModel.model_validate(
        {
            **retail_model().model_dump(),
            "name": HOSTILE,
            "tables": [
                {
                    "name": "things",
                    "description": HOSTILE,
                    "population": {"kind": "records", "rows": [{"thing": HOSTILE}, {"thing": "Mug"}]},
                    "primary_key": ["thing_id"],
                    "columns": [
                        {
                            "name": "thing_id",
                            "type": "INT64",
                            "description": "Key",
                            "role": "key",
                            "generator": {"kind": "sequence"},
                        },
                        {"name": "thing", "type": "STRING", "description": HOSTILE, "role": "dimension"},
                    ],
                }
            ],
        }
    )
    text = printed(preview(model, HOSTILE, rows=2))
    assert "[bold]Lamp[/bold]" in text
    assert not {"\x1b", "\r", "\u202e"} & set(text)


def test_long_texts_are_cut_unless_they_are_wanted_in_full(made: Preview) -> None:
    long = "Worth the price, and the advice beforehand was good. " * 4
    (table,) = (table for table in made.tables if table.name == "products")
    rows = [{**row, "product_name": long} for row in table.first_rows]
    with_text = made.model_copy(update={"tables": [table.model_copy(update={"first_rows": rows})]})
    assert "Worth the price, and the…" in printed(with_text)
    assert "Worth the price, and the advice" not in printed(with_text)
    words = printed(with_text, full=True).split()
    assert words.count("beforehand") >= 4 * len(rows)
    assert "…" not in " ".join(words).replace(" … ", " ")


def test_bars_are_as_high_as_the_shares() -> None:
    assert sparkline([0.5, 0.25, 0.0, 0.001]) == "█▄ ▁"
    assert sparkline([]) == ""
    assert sparkline([0.0, 0.0]) == "  "


def test_shares_are_reported_as_exactly_as_they_matter() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.003, 0.0456, 1)] == ["0%", "<0.1%", "0.3%", "5%", "100%"]
