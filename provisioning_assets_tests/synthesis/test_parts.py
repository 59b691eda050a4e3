"""Small parts of the engine: rounding, grammars, expressions, periods, price steps, keys of draws."""

import math
import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioning_assets.data_model.amounts import cents, round_half_away
from provisioning_assets.data_model.calendar import DAY_SECONDS, history_start
from provisioning_assets.data_model.expressions import ExpressionError, check_scalar, columns_of, duckdb_sql, evaluate
from provisioning_assets.data_model.keyed_random import generator
from provisioning_assets.data_model.lineage import Lineage, generator_as, population_as
from provisioning_assets.data_model.row_counts import expected_rows
from provisioning_assets.data_model.tables import Column
from provisioning_assets.data_model.text_grammar import GrammarError, check_grammar
from provisioning_assets.synthesis.clock import in_hours, on_weekdays, seconds_of, series_of
from provisioning_assets.synthesis.draws import RunningTotals, choose, distinct
from provisioning_assets.synthesis.grammar import FEWEST_DEALT, MOST_LISTED, Case, Grammar
from provisioning_assets.synthesis.populations import block_count, block_rows
from provisioning_assets.synthesis.row_numbers import KeyRows
from provisioning_assets.synthesis.values import price_step
from provisioning_assets_tests.synthesis.conftest import generated
from provisioning_assets_tests.synthesis.retail_model import (
    AS_OF,
    column,
    reference,
    retail_model,
    retail_tables,
    with_effect,
)


@given(st.integers(1, 9), st.integers(1, 10**7), st.sampled_from([0, 5, 10, 15, 20, 25, 30, 50, 75]))
def test_a_line_is_rounded_as_a_database_rounds_it(quantity: int, price_cents: int, percent: int) -> None:
    exact = quantity * Decimal(price_cents) / 100 * (100 - percent) / 100
    binary = np.array([quantity * (price_cents / 100) * (1 - percent / 100.0)])
    expected = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert Decimal(int(cents(round_half_away(binary, 2))[0])) / 100 == expected
    assert Decimal(int(cents(round_half_away(-binary, 2))[0])) / 100 == -expected


def uniforms(purpose: str, rows: int) -> np.ndarray:
    return generator(1, purpose).random(rows)


def texts_of(
    templates: list[str],
    parts: dict[str, list[str]],
    rows: int,
    columns: dict[str, pl.Series] | None = None,
    first: int = 0,
    start: float = 0.4,
) -> pl.Series:
    numbers = np.arange(rows)
    cases = [Case("", templates, numbers)]
    return Grammar(parts).written(cases, columns or {}, numbers + first, uniforms, lambda _purpose: start)


def test_a_grammar_writes_every_combination() -> None:
    parts = {"what": ["{size} lamp", "chair"], "size": ["big", "small"]}
    columns = {"town": pl.Series(["Rome", None] * 500)}
    texts = texts_of(["{what} in {town}!", "No {what}"], parts, 1_000, columns)
    assert set(texts.unique()) == {
        *(f"{what} in {town}!" for what in ("big lamp", "small lamp", "chair") for town in ("Rome", "")),
        "No big lamp",
        "No small lamp",
        "No chair",
    }
    assert len(texts_of(["a {what}"], {"what": ["b"]}, 0)) == 0
    assert texts_of(["as it is"], {}, 3).to_list() == ["as it is"] * 3


def test_rows_read_their_own_columns_wherever_a_part_names_them() -> None:
    names = pl.Series([f"person {row}" for row in range(900)])
    parts = {"who": ["{name}", "Mr {name}", "someone"], "what": ["came", "left"]}
    texts = texts_of(["{who} {what}.", "{what}: {who}"], parts, 900, {"name": names}).to_list()
    named = [(row, text) for row, text in enumerate(texts) if "someone" not in text]
    assert 500 < len(named) < 700
    assert all(re.search(rf"\bperson {row}\b", text) for row, text in named)
    assert {text for text in texts if "someone" in text} == {
        pattern.replace("x", what) for pattern in ("someone x.", "x: someone") for what in ("came", "left")
    }


@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4).filter(lambda sizes: math.prod(sizes) >= FEWEST_DEALT),
    first=st.integers(0, 10**12),
    start=st.floats(0, 1, exclude_max=True),
)
def test_no_text_comes_again_before_all_have_come(sizes: list[int], first: int, start: float) -> None:
    parts = {f"p{n}": [f"<{n}.{word}>" for word in range(size)] for n, size in enumerate(sizes)}
    count = math.prod(sizes)
    texts = texts_of(["".join(f"{{{name}}}" for name in parts)], parts, 2 * count, first=first, start=start)
    assert texts[:count].n_unique() == count
    assert texts[count // 2 : count + count // 2].n_unique() == count


@pytest.mark.parametrize(("words", "period"), [(2, 2), (4, 2), (10, 5), (16, 4), (40, 20)])
def test_dealt_words_do_not_go_with_what_goes_by_the_row_number(words: int, period: int) -> None:
    parts = {"one": [f"a{word}" for word in range(words)], "two": [f"b{word}" for word in range(600)]}
    for template in ("{one} {two}", "{two} {one}"):
        frame = pl.DataFrame({"text": texts_of([template], parts, 60_000), "at": np.arange(60_000) % period})
        counts = frame.with_columns(pl.col("text").str.extract(r"(a\d+)")).group_by("text", "at").len()["len"].to_list()
        assert len(counts) == words * period
        assert min(counts) > 0.7 * 60_000 / (words * period)


def test_texts_beyond_any_number_of_rows_are_drawn() -> None:
    parts = {"word": [f"w{number}" for number in range(2_000)]}
    texts = texts_of(["{word} {word} {word} {word}"], parts, 5_000)
    assert texts.n_unique() == 5_000
    words = texts.str.split(" ").explode()
    assert words.n_unique() > 1_990
    assert max(words.value_counts()["count"].to_list()) < 40


def test_a_part_that_says_too_much_for_a_list_is_put_together_row_by_row() -> None:
    parts = {"long": ["{w} {w} {name}", "{name}: {w}, {w}"], "w": [f"w{number}" for number in range(400)]}
    names = pl.Series([f"person {row}" for row in range(3_000)])
    assert 2 * len(parts["w"]) ** 2 > MOST_LISTED
    texts = texts_of(["<{long}>"], parts, 3_000, {"name": names})
    frame = pl.DataFrame({"text": texts, "name": names})
    shape = pl.format("^<(w\\d+ w\\d+ {}|{}: w\\d+, w\\d+)>$", "name", "name")
    assert frame.select(pl.col("text").str.contains(shape)).to_series().all()
    assert texts.str.contains(":").mean() == pytest.approx(0.5, abs=0.12)


def test_a_part_may_read_several_columns_or_none() -> None:
    columns = {"one": pl.Series([1, None, 3]), "two": pl.Series(["x", "y", None])}
    parts = {"p": ["{one}-{two}", "{two}", "none"]}
    texts = [texts_of(["({p})"], parts, 3, columns, start=start / 20).to_list() for start in range(20)]
    expected = [{"(1-x)", "(x)", "(none)"}, {"(-y)", "(y)", "(none)"}, {"(3-)", "()", "(none)"}]
    for row, possible in enumerate(expected):
        assert {written[row] for written in texts} <= possible


def test_templates_are_equally_likely_and_so_are_texts_of_a_part() -> None:
    parts = {"deep": ["{one} {two}", "flat"], "one": ["a", "b", "c"], "two": ["x", "y", "z"]}
    counts = dict(texts_of(["{deep}", "plain"], parts, 40_000).value_counts().iter_rows())
    assert counts.pop("plain") == pytest.approx(20_000, abs=500)
    assert counts.pop("flat") == pytest.approx(10_000, abs=300)
    assert len(counts) == 9
    assert min(counts.values()) > 1_000
    assert max(counts.values()) < 1_250


def test_a_grammar_that_cannot_be_written_is_refused() -> None:
    deep = {f"p{number}": [f"{{p{number + 1}}}"] for number in range(9)}
    for parts, message in [
        ({"a": []}, "no words"),
        ({"a": ["{b}"]}, "neither a part nor a column"),
        ({"a": ["{a}"]}, "contains itself"),
    ]:
        with pytest.raises(GrammarError, match=message):
            check_grammar(["{a}"], parts, ["town"])
    with pytest.raises(GrammarError, match="parts deep"):
        check_grammar(["{p0}"], deep, [])
    check_grammar(["{a} {town}"], {"a": ["x"]}, ["town"])


@pytest.mark.parametrize(
    "sql", ["sum(a)", "row_number() over (order by a)", "(select 1)", "a; drop table b", "a +", "frob(a)", "count(*)"]
)
def test_an_expression_that_is_not_of_one_row_is_refused(sql: str) -> None:
    with pytest.raises(ExpressionError):
        check_scalar(sql)


def test_an_expression_is_evaluated_row_by_row() -> None:
    frame = pl.DataFrame({"a": [1, 2, None], "b": ["x", "y", "z"]})
    assert evaluate("case when a > 1 then b else 'none' end", frame).to_list() == ["none", "y", "none"]
    assert evaluate("3", frame).to_list() == [3, 3, 3]
    assert columns_of("a + length(b)") == ("a", "b")
    with pytest.raises(ExpressionError):
        evaluate("a + b > 'x' * 2", frame.drop("a"))
    assert duckdb_sql("a > 1 -- and more", {"a": "INT64"}) == '("a" > 1)'


@given(st.lists(st.one_of(st.none(), st.dates(date(1970, 1, 2), date(2100, 1, 1))), max_size=20))
def test_dates_go_to_seconds_and_back(days: list[date | None]) -> None:
    series = pl.Series(days, dtype=pl.Date)
    for each in (series, series.cast(pl.Datetime("us"))):
        seconds = seconds_of(each, missing=-1)
        assert series_of(seconds, as_date=True, valid=seconds >= 0).to_list() == days


@pytest.mark.parametrize(
    ("median", "digits", "step"),
    [(30, 2, 1), (1_500, 2, 1), (150_000, 2, 10_000), (2_500, 0, 100), (5, 0, 1), (80, 0, 1)],
)
def test_an_ending_is_a_fraction_of_the_prices_step(median: float, digits: int, step: float) -> None:
    assert price_step(median, digits) == step


def test_draws_depend_on_their_key_alone() -> None:
    assert generator(1, "a", "b").random() == generator(1, "a", "b").random()
    assert len({generator(1, *key).random() for key in [("a", "b"), ("ab",), ("b", "a"), ("a", "b", 0)]}) == 4
    assert choose(np.array([1.0, 1.0, 4.0]), np.array([0.0, 0.24, 0.26, 0.999999])).tolist() == [0, 0, 2, 2]
    assert distinct(np.array([2, 1, 2])).tolist() == [1, 2]
    assert distinct(np.array([], dtype=np.int64)).tolist() == []


WEIGHTS = st.one_of(
    st.lists(st.floats(0, 1e9), min_size=1, max_size=80),
    # a crowd of hardly anything before, between and after what matters
    st.tuples(st.integers(1, 300), st.floats(1e-9, 1e9)).map(lambda one: [1e-12] * one[0] + [one[1]] + [0.0] * one[0]),
)


@given(WEIGHTS, st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40))
def test_a_guided_draw_is_the_one_that_a_search_finds(weights: list[float], uniforms: list[float]) -> None:
    totals = np.cumsum(weights)
    for reached in (np.array(uniforms) * totals[-1], np.array([0.0, totals[-1]]), totals):
        assert RunningTotals.of(totals).find(reached).tolist() == np.searchsorted(totals, reached, "right").tolist()


@given(WEIGHTS, st.integers(1, 2_000), st.integers(0, 9))
def test_a_choice_is_the_interval_that_the_draw_falls_into(weights: list[float], draws: int, seed: int) -> None:
    totals = np.cumsum(weights)
    uniforms = np.random.default_rng(seed).random(draws)
    expected = np.minimum(np.searchsorted(totals, uniforms * totals[-1], "right"), len(totals) - 1)
    assert choose(totals, uniforms).tolist() == expected.tolist()


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.9]), min_size=24, max_size=24).filter(any),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40),
)
def test_the_hour_of_the_day_is_the_one_that_interpolation_finds(hours: list[float], uniforms: list[float]) -> None:
    yesterday = np.zeros(len(uniforms), dtype=np.int64)
    opened = in_hours(yesterday + DAY_SECONDS, yesterday, np.array(uniforms), hours)
    cumulative = np.concatenate([[0.0], np.cumsum(hours)])
    expected = (np.interp(np.array(uniforms) * cumulative[-1], cumulative, np.arange(25)) * 3600).astype(np.int64)
    # Where the draw is so close to 1 that interpolation rounds up to the end of an hour, the hour's last second counts.
    ends_an_hour = (expected % 3600 == 0) & (np.array(uniforms) > 0) & (opened % 3600 == 3599)
    assert np.where(ends_an_hour, expected - 1, expected).tolist() == (opened - DAY_SECONDS).tolist()


ANY_DRAW = st.one_of(st.floats(0, 1, exclude_max=True), st.sampled_from([0.0, 1 - 2**-52, 1 - 2**-53]))
ANY_HOURS = st.lists(
    st.one_of(st.just(0.0), st.sampled_from([0.1, 0.3, 1.0, 1e-20, 5e-324]), st.floats(0, 1e9)),
    min_size=24,
    max_size=24,
).filter(any)


@given(hours=ANY_HOURS, uniform=ANY_DRAW, began=st.integers(0, 3 * DAY_SECONDS), lasted=st.integers(0, 2 * DAY_SECONDS))
@example(hours=[0.0] * 23 + [0.1], uniform=0.9999999999999998, began=0, lasted=DAY_SECONDS)  # became midnight
@example(hours=[0.0] * 9 + [0.1] + [0.0] * 14, uniform=1 - 2**-53, began=0, lasted=DAY_SECONDS)  # became ten o'clock
@example(hours=[0.1, 0.0, 0.1] + [0.0] * 21, uniform=1 - 2**-53, began=3600, lasted=0)  # what is left of the day
@example(hours=[0.0, 5e-324] + [0.0] * 22, uniform=0.75, began=0, lasted=DAY_SECONDS)  # the draw's product rounds up
def test_no_moment_leaves_the_opening_hours(hours: list[float], uniform: float, began: int, lasted: int) -> None:
    moments, starts = np.array([began + lasted]), np.array([began])
    opened = in_hours(moments, starts, np.array([uniform]), hours)
    assert hours[int(opened[0]) % DAY_SECONDS // 3600] > 0
    assert opened[0] >= began
    assert opened[0] // DAY_SECONDS - moments[0] // DAY_SECONDS in (0, 1)


@given(
    st.one_of(
        st.tuples(*[st.lists(st.integers(-99, 99), unique=unique) for unique in (True, False)]),
        st.tuples(*[st.lists(st.text("ab-1", max_size=4), unique=unique) for unique in (True, False)]),
    ),
    st.booleans(),
)
def test_a_key_stands_in_the_row_that_has_it(keys_and_wanted: tuple[list[Any], list[Any]], ordered: bool) -> None:
    keys, wanted = keys_and_wanted
    keys = sorted(keys) if ordered else keys
    kind = pl.String if any(isinstance(key, str) for key in [*keys, *wanted]) else pl.Int64
    found = KeyRows.of(pl.Series(keys, dtype=kind)).find(pl.Series([None, *wanted], dtype=kind))
    assert found.tolist() == [-1, *(keys.index(key) if key in keys else -1 for key in wanted)]


def test_an_internal_column_that_is_not_read_is_not_generated() -> None:
    lineage = Lineage(retail_model())
    made = {node for nodes in lineage.work.values() for node in nodes}
    assert {("products", "cost_share"), ("order_lines", "discount_pct"), ("order_lines", "delivered_at")} <= made
    assert not {("order_lines", "category"), ("order_lines", "ordered_at")} & made
    stored = {(table.name, one.name) for table in lineage.model.tables for one in table.columns if not one.internal}
    assert stored <= made
    planted = Lineage(
        retail_model(
            effects=with_effect(table="order_lines", column="quantity", value=5, factor=2, where="category = 'Living'")
        )
    )
    assert ("order_lines", "category") in planted.work["orders"]
    assert ("order_lines", "ordered_at") not in planted.work["orders"]


def test_blocks_depend_on_the_models_shape_and_not_on_its_size() -> None:
    small, large = Lineage(retail_model(20_000)), Lineage(retail_model(2_000_000))
    assert block_rows(small, "orders") == block_rows(large, "orders")
    assert block_count(small, "orders") == 1
    assert block_count(large, "orders") == -(-800_000 // block_rows(large, "orders"))
    assert expected_rows(small, "order_lines") == pytest.approx(8_000 * 2.1)


def test_a_mistake_of_the_program_is_reported_as_one() -> None:
    lineage = Lineage(retail_model())
    with pytest.raises(TypeError, match="has a sequence generator, not a Column"):
        generator_as(lineage.columns["orders", "order_id"], Column)
    with pytest.raises(TypeError, match="has a scaled population"):
        population_as(lineage.tables["orders"], Column)
    with pytest.raises(TypeError, match="orders has no parent"):
        lineage.parent_of("orders")
    with pytest.raises(TypeError, match="is not a foreign key"):
        lineage.pointed_to("orders", "channel")


def contracts(period: str, most: int | None) -> list[dict[str, Any]]:
    """Contracts with known beginnings and ends, and their periods."""
    spans = [("2026-01-01", None), ("2026-01-15", "2026-03-10"), ("2019-06-01", "2026-05-31"), (None, None)]
    return [
        {
            "name": "contracts",
            "description": "Contracts",
            "population": {
                "kind": "records",
                "rows": [{"id": number, "begins": begins, "ends": ends} for number, (begins, ends) in enumerate(spans)],
            },
            "primary_key": ["id"],
            "columns": [
                column("id", "INT64", {"kind": "record"}, "key"),
                column("begins", "DATE", {"kind": "record"}, "time"),
                column("ends", "DATE", {"kind": "record"}, "time"),
            ],
        },
        {
            "name": "months",
            "description": "Periods of contracts",
            "population": {
                "kind": "per_period",
                "parent": "contracts",
                "period": period,
                "start": "begins",
                "end": "ends",
                "most": most,
            },
            "primary_key": ["row_id"],
            "foreign_keys": [reference("id", "contracts", "id")],
            "columns": [
                column("row_id", "INT64", {"kind": "sequence"}, "key"),
                column("id", "INT64", {"kind": "parent_key"}, "key"),
                column("number", "INT64", {"kind": "position"}),
                column("begins", "DATE", {"kind": "period_start"}, "time"),
            ],
        },
    ]


def test_periods_lie_in_the_active_time_and_in_the_history(tmp_path: Path) -> None:
    found = generated(retail_model(tables=contracts("month", None)), tmp_path)
    months = found.read("months")

    def starts(number: int) -> list[date]:
        return months.filter(pl.col("id") == number)["begins"].to_list()

    assert starts(0) == [date(2026, month, 1) for month in range(1, 7)]
    assert starts(1) == [date(2026, 2, 1), date(2026, 3, 1)]
    assert starts(2)[0] == date(2024, 5, 1) >= history_start(found.model)
    assert starts(2)[-1] == date(2026, 5, 1)
    assert starts(3) == []
    assert months.filter(pl.col("id") == 1)["number"].to_list() == [1, 2]


def test_the_latest_periods_are_kept_and_weeks_begin_on_mondays(tmp_path: Path) -> None:
    weeks = generated(retail_model(tables=contracts("week", 3)), tmp_path).read("months")
    assert weeks["begins"].dt.weekday().unique().to_list() == [1]
    assert weeks.filter(pl.col("id") == 0)["begins"].max() == AS_OF - timedelta(days=AS_OF.weekday())
    assert weeks.group_by("id").len()["len"].to_list() == [3, 3, 3]
    days = generated(retail_model(tables=contracts("day", 2)), tmp_path).read("months")
    assert days.filter(pl.col("id") == 0)["begins"].to_list() == [AS_OF - timedelta(days=1), AS_OF]


def test_yen_are_whole_and_end_as_prices_do(tmp_path: Path) -> None:
    tables = retail_tables()
    price = tables[1]["columns"][3]
    price["generator"] = {
        "kind": "price",
        "median": 3_000,
        "sigma": 0.5,
        "minimum": 300,
        "maximum": 40_000,
        "endings": [0.8, 0.0],
    }
    found = generated(retail_model(currency="JPY", country="JP", locale="ja_JP", tables=tables), tmp_path)
    assert (found.read("products")["list_price"] % 100).is_in([80.0, 0.0]).all()
    for table, name in (("products", "unit_cost"), ("order_lines", "line_total"), ("orders", "order_total")):
        values = found.read(table)[name]
        assert (values == values.round()).all()


def test_texts_by_a_columns_value_and_business_hours(tmp_path: Path) -> None:
    tables = retail_tables()
    orders = tables[2]
    orders["columns"].append(
        column(
            "note",
            "STRING",
            {
                "kind": "text",
                "templates": ["plain {channel}"],
                "by": "channel",
                "templates_by": {"App": ["tapped {order_id}"], "Shop": ["walked in"]},
            },
            "text",
        )
    )
    shipped = next(each for each in orders["columns"] if each["name"] == "shipped_at")
    shipped["generator"]["hours"] = [0.0] * 8 + [1.0] * 10 + [0.0] * 6
    found = generated(retail_model(2_000, tables=tables), tmp_path).read("orders")
    by_channel = {channel[0]: frame for channel, frame in found.group_by("channel")}
    assert by_channel["Shop"]["note"].unique().to_list() == ["walked in"]
    assert by_channel["Marketplace"]["note"].unique().to_list() == ["plain Marketplace"]
    assert (by_channel["App"]["note"] == "tapped " + by_channel["App"]["order_id"].cast(pl.String)).all()
    later = found.filter(pl.col("shipped_at").dt.date() > pl.col("ordered_at").dt.date())
    assert later["shipped_at"].dt.hour().is_between(8, 17).all()


def test_what_follows_keeps_the_weekdays_of_those_who_do_it(tmp_path: Path) -> None:
    plain = generated(retail_model(), tmp_path / "plain").read("orders")
    tables = retail_tables()
    shipped = next(each for each in tables[2]["columns"] if each["name"] == "shipped_at")
    shipped["generator"]["weekdays"] = [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]
    found = generated(retail_model(tables=tables), tmp_path / "weekdays").read("orders")
    days = found["shipped_at"].drop_nulls().dt.weekday()
    shares = np.bincount(days.to_numpy(), minlength=8)[1:] / len(days)
    assert shares[6] == 0
    assert shares[5] / shares[:5].mean() == pytest.approx(0.5, abs=0.08)
    assert shares[:5].max() / shares[:5].min() < 1.3
    both = found.join(plain.select("order_id", before="shipped_at"), on="order_id").drop_nulls(["shipped_at", "before"])
    waited = (both["shipped_at"] - both["before"]).dt.total_seconds().to_numpy()
    assert (waited % 86_400 == 0).all()
    assert waited.min() == 0
    assert waited.max() <= 6 * 86_400
    assert waited.mean() < 86_400


@pytest.mark.parametrize(
    "weights",
    [[1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.0], [1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 3], [1, 1.5, 1, 1, 2, 1, 1]],
)
def test_weekdays_are_as_busy_as_their_weights(weights: list[float]) -> None:
    moments = np.arange(700_000, dtype=np.int64) * 3601
    shifted = on_weekdays(moments, moments - 86_400, np.random.default_rng(1).random(len(moments)), weights)
    shares = np.bincount((shifted // 86_400 + 3) % 7, minlength=7) / len(moments)  # 1970-01-01 was a Thursday
    assert shares == pytest.approx(np.asarray(weights) / np.sum(weights), abs=0.002)
    assert (shifted - moments).min() >= 0
    assert (shifted - moments).max() <= 6 * 86_400


@given(st.lists(st.one_of(st.just(0.0), st.floats(0.01, 2)), min_size=7, max_size=7).filter(any), ANY_DRAW)
@example([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], 1 - 2**-53)
def test_nothing_happens_on_a_closed_weekday(weights: list[float], uniform: float) -> None:
    moments = np.arange(7, dtype=np.int64) * 86_400
    began = moments - 86_400 * (np.arange(7) % 2)
    shifted = on_weekdays(moments, began, np.full(7, uniform), weights)
    assert np.asarray(weights)[(shifted // 86_400 + 3) % 7].all()  # 1970-01-01 was a Thursday


def test_what_happens_on_the_day_of_its_base_waits_for_nothing_but_a_closed_day() -> None:
    week = np.arange(7, dtype=np.int64) * 86_400 + 4 * 86_400  # from Monday, 5 January 1970, on
    weights = [1, 1, 1, 1, 1, 0.3, 0]
    for uniform in (0.0, 1 - 2**-53):
        later = on_weekdays(week + 3_000, week, np.full(7, uniform), weights) - week - 3_000
        assert later.tolist() == [0, 0, 0, 0, 0, 0, 86_400]
        earlier = on_weekdays(week, week + 3_000, np.full(7, uniform), weights, earlier=True) - week
        assert earlier.tolist() == [0, 0, 0, 0, 0, 0, -86_400]


def test_equal_weekdays_move_nothing() -> None:
    moments = np.arange(1000, dtype=np.int64) * 86_400
    assert np.array_equal(on_weekdays(moments, moments - 86_400, np.zeros(1000), [0.5] * 7), moments)
