"""Random models of all parts can be generated, are coherent, and give the same tables again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.quality.coherence import coherence
from provisioning_assets.synthesis import populations
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.property_tests import examples
from provisioning_assets_tests.synthesis.conftest import read
from provisioning_assets_tests.synthesis.retail_model import column, reference, retail_model

TIMES = st.sampled_from(["DATE", "DATETIME"])
UNITS = st.sampled_from(["minutes", "hours", "days"])


def by_team(number: float, other: float) -> st.SearchStrategy[Any]:
    """A number, or a number for each team."""
    return st.sampled_from([number, {"by": "team", "cases": {"a": other, "c": number}, "otherwise": number}])


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """A table of independent rows that come and, some of them, go."""
    kind = draw(TIMES)
    return {
        "name": "people",
        "description": "Those who act",
        "population": {"kind": "scaled", "share": draw(st.sampled_from([0.02, 0.2, 0.7])), "minimum": 8},
        "primary_key": ["person_id"],
        "columns": [
            column(
                "person_id", "STRING", {"kind": "sequence", "prefix": "P-", "width": draw(st.integers(0, 6))}, "key"
            ),
            column("joined", kind, {"kind": "arrival", "before_history": draw(st.sampled_from([0, 0.3, 0.9]))}, "time"),
            column(
                "left_on",
                kind,
                {"kind": "after", "base": "joined", "unit": "days", "median": 400, "minimum": 30, "probability": 0.4},
                "time",
            ),
            column(
                "team",
                "STRING",
                {"kind": "category", "values": ["a", "b", "c"], "weights": [5, 3, draw(st.integers(0, 4))]},
            ),
            column(
                "score",
                "FLOAT64",
                {
                    "kind": "number",
                    "distribution": "gamma",
                    "a": 3,
                    "b": draw(by_team(1.5, 0.5)),
                    "by": "team",
                    "a_by": {"b": 9},
                    "minimum": draw(by_team(0.1, 2.0)),
                },
                "measure",
            ),
            column("favourite", "STRING", {"kind": "reference", "table": "things"}, "key"),
            column("e_mail", "STRING", {"kind": "person", "part": "email"}, null_share=draw(st.sampled_from([0, 0.4]))),
            column("pace", "NUMERIC", {"kind": "number", "distribution": "lognormal", "a": 50, "b": 0.6}, "measure"),
            column(
                "reach",
                "FLOAT64",
                {
                    "kind": "number",
                    "distribution": "normal",
                    "a": 10,
                    "b": 2,
                    "correlation": {"column": "pace", "rho": draw(st.floats(-0.9, 0.9))},
                },
                "measure",
            ),
            *draw(contract()),
            column("rank", "STRING", {"kind": "rollup", "table": "ranks", "function": "last", "column": "rank"}),
            column("risen", "INT64", {"kind": "rollup", "table": "ranks", "function": "count"}, "measure"),
        ],
    }


@st.composite
def contract(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What people have agreed to, until they leave it or go; and the notice they gave."""
    terms: dict[str, Any] = {
        "kind": "renewal",
        "start": "joined",
        "every_months": draw(st.sampled_from([None, 1, 3, 12])),
        "by": "team",
        "every_months_by": {"a": draw(st.sampled_from([1, 12])), "b": None},
        "leave": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "leave_by": {"a": draw(st.sampled_from([0.0, 0.3]))},
    }
    ends = {"renewal": "quit_on", "gone": "left_on"}
    return [
        column("due_on", "DATE", {**terms, "part": "due"}, "time", null_share=draw(st.sampled_from([0, 0.2]))),
        column("next_on", "DATE", {**terms, "part": "next"}, "time"),
        column("quit_on", "DATE", {**terms, "part": "ended"}, "time", internal=draw(st.booleans())),
        column("renewed", "INT64", {**terms, "part": "count"}, "measure"),
        column("ended", draw(TIMES), {"kind": "first_of", "part": "moment", "moments": ends}, "time"),
        column("cause", "STRING", {"kind": "first_of", "part": "cause", "moments": ends}),
        column(
            "notice",
            kind := draw(TIMES),
            {
                "kind": "before",
                "base": draw(st.sampled_from(["ended", "next_on"])),
                "unit": draw(UNITS),
                "median": 30,
                "sigma": 1,
                "not_before": draw(st.sampled_from([None, "joined"])),
                "hours": draw(st.sampled_from([None, [0.0] * 8 + [1.0] * 8 + [0.0] * 8])),
                "weekdays": draw(st.sampled_from([None, [1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.0]])),
                "snap": draw(snaps(kind)),
            },
            "time",
        ),
        column(
            "closed_on", kind, {"kind": "moment", "sql": "ended + interval '7 days'", "snap": draw(snaps(kind))}, "time"
        ),
    ]


def snaps(kind: str) -> st.SearchStrategy[dict[str, Any] | None]:
    """Grids of a DATE or DATETIME column."""
    days: list[dict[str, Any]] = [{"to": "day_start"}, {"to": "month_end"}, {"to": "quarter_start"}, {"to": "workday"}]
    times: list[dict[str, Any]] = [{"minutes": 15}, {"times": ["09:30", "17:00"], "weekdays": [0, 4]}]
    return st.none() | st.sampled_from(days + (times if kind == "DATETIME" else []))


@st.composite
def ranks(draw: st.DrawFn) -> dict[str, Any]:
    """The ranks of people, one after the other, and a fee that changes with them."""
    probabilities = st.sampled_from([0.0, 0.2, 0.5])
    start = draw(st.sampled_from(["joined", "left_on"]))
    medians = st.sampled_from([1, 30, 400])
    states: dict[str, Any] = {
        "low": {"median": draw(medians), "next": {"mid": 0.5, "top": draw(probabilities)}},
        "mid": {
            "median": draw(medians),
            "sigma": draw(st.sampled_from([0.0, 0.5, 2.0])),
            "minimum": draw(st.sampled_from([0, 20])),
            "next": {"top": 0.5, "low": draw(probabilities)},
            "next_by": {"b": {"top": 1.0}},
        },
        "top": {"median": 90, "next": {"low": 0.3}, "median_by": {"a": 10}},
    }
    return {
        "name": "ranks",
        "description": "What people have been",
        "population": {
            "kind": "per_parent",
            "parent": "people",
            "probability": draw(st.sampled_from([1.0, 0.6])),
            "history": {
                "kind": "states",
                "start": start,
                "unit": "days",
                "by": "team",
                "states": states,
                "begin": draw(st.sampled_from([{}, {"mid": 1, "low": 2}])),
                "most": draw(st.integers(1, 6)),
            },
        },
        "primary_key": ["person_id", "number"],
        "foreign_keys": [reference("person_id", "people", "person_id")],
        "columns": [
            column("person_id", "STRING", {"kind": "parent_key"}, "key"),
            column("number", "INT64", {"kind": "position"}),
            column("rank", "STRING", {"kind": "state"}),
            column("since", kind := draw(TIMES), {"kind": "entered_at"}, "time"),
            column("until", kind, {"kind": "left_at"}, "time"),
            column("pace", "NUMERIC", {"kind": "lookup", "through": "person_id", "column": "pace"}, internal=True),
            column(
                "fee",
                "NUMERIC",
                {"kind": "walk", "base": "pace", "anchor": draw(st.sampled_from(["first", "last"]))},
                "measure",
            ),
        ],
    }


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    """The moments of events as rows."""
    return {
        "name": "steps",
        "description": "How far events have come",
        "population": {
            "kind": "per_parent",
            "parent": "events",
            "where": draw(st.sampled_from([None, "is_odd"])),
            "history": {"kind": "milestones", "moments": {"over": "closed", "begun": "happened"}},
        },
        "primary_key": ["step_id"],
        "foreign_keys": [reference("event_id", "events", "event_id")],
        "columns": [
            column("step_id", "INT64", {"kind": "sequence"}, "key"),
            column("event_id", "INT64", {"kind": "parent_key"}, "key"),
            column("number", "INT64", {"kind": "position"}),
            column("step", "STRING", {"kind": "state"}),
            column("reached", "DATETIME", {"kind": "entered_at"}, "time"),
            column("until", "DATETIME", {"kind": "left_at"}, "time"),
        ],
    }


@st.composite
def things(draw: st.DrawFn) -> dict[str, Any]:
    """A table written out."""
    return {
        "name": "things",
        "description": "What is acted on",
        "population": {
            "kind": "records",
            "rows": [
                {"code": f"t{number}", "team": "abc"[number % 3], "price": number + 0.5, "since": "2020-02-29"}
                for number in range(draw(st.integers(6, 12)))
            ],
        },
        "primary_key": ["code"],
        "columns": [
            column("code", "STRING", {"kind": "record"}, "key"),
            column("team", "STRING", {"kind": "record"}),
            column("price", "NUMERIC", {"kind": "record"}, "measure"),
            column("since", "DATE", {"kind": "record"}, "time"),
        ],
    }


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Events of people who have come by then and have not left; an event has no person if there is none."""
    until = draw(st.sampled_from([None, "left_on"]))
    during = draw(st.sampled_from([{}, {"ranks": "low"}]))
    return {
        "name": "events",
        "description": "What happens",
        "population": {"kind": "scaled", "share": 0.5},
        "primary_key": ["event_id"],
        "event_time": "happened",
        "foreign_keys": [reference("person_id", "people", "person_id")],
        "columns": [
            column("event_id", "INT64", {"kind": "sequence", "start": draw(st.integers(0, 10**9))}, "key"),
            column(
                "happened",
                draw(TIMES),
                {
                    "kind": "arrival",
                    "snap": draw(st.sampled_from([None, {"to": "day_start"}, {"to": "week_start"}])),
                    "holidays": draw(st.sampled_from([0, 1, 3])),
                    "weekdays": [1, 1, 1, 1, 1, draw(st.integers(0, 2)), 1],
                },
                "time",
            ),
            column(
                "person_id",
                "STRING",
                {
                    "kind": "reference",
                    "table": "people",
                    "skew": draw(st.sampled_from([0, 1.3])),
                    "since": "joined",
                    "until": until,
                    "during": during,
                    "at": "happened",
                    "weight": draw(st.sampled_from([None, "score"])),
                    **draw(st.sampled_from([{}, {"by": "channel", "weight_by": {"x": "pace", "y": "score"}}])),
                    "optional": until is not None or bool(during),
                },
                "key",
            ),
            column("channel", "STRING", {"kind": "category", "values": ["x", "y", "z"], "weights": [3, 2, 1]}),
            column("team", "STRING", {"kind": "lookup", "through": "person_id", "column": "team"}),
            column("favourite", "STRING", {"kind": "lookup", "through": "person_id", "column": "favourite"}),
            column(
                "wanted",
                "INT64",
                {"kind": "number", "distribution": "poisson", "a": 2, "maximum": draw(by_team(6, 3))},
                "measure",
                internal=draw(st.booleans()),
            ),
            column(
                "rank",
                "STRING",
                {"kind": "lookup", "through": "person_id", "column": "rank", "history": "ranks", "at": "happened"},
            ),
            column("is_odd", "BOOL", {"kind": "flag", "rate": 0.3, "by": "team", "rate_by": {"b": 0.9}}),
            column(
                "closed",
                draw(TIMES),
                {
                    "kind": "after",
                    "base": "happened",
                    "unit": draw(UNITS),
                    "median": 20,
                    "sigma": draw(by_team(1, 0.2)),
                    "times": draw(st.sampled_from([None, "wanted", "case when channel = 'x' then 2 end"])),
                    "probability": draw(by_team(1.0, 0.3)),
                    "where": "not is_odd",
                    "hours": draw(st.sampled_from([None, [0.0] * 8 + [1.0] * 8 + [0.0] * 8])),
                    "weekdays": draw(st.sampled_from([None, [1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.0]])),
                },
                "time",
            ),
            column("parts", "INT64", {"kind": "rollup", "table": "parts", "function": "count"}, "measure"),
            column(
                "odd_parts",
                "INT64",
                {"kind": "rollup", "table": "parts", "function": "count", "where": "units > 2"},
                "measure",
            ),
            column(
                "total",
                "NUMERIC",
                {"kind": "rollup", "table": "parts", "function": "sum", "column": "amount"},
                "measure",
            ),
            column(
                "mean",
                "FLOAT64",
                {"kind": "rollup", "table": "parts", "function": "mean", "column": "units"},
                "measure",
            ),
            column(
                "dearest",
                "NUMERIC",
                {"kind": "rollup", "table": "parts", "function": "max", "column": "amount"},
                "measure",
            ),
            column(
                "first", "DATETIME", {"kind": "rollup", "table": "parts", "function": "min", "column": "made"}, "time"
            ),
            column(
                "note",
                "STRING",
                {
                    "kind": "text",
                    "templates": ["{what} of {team}", "{what}"],
                    "parts": {"what": ["{size} thing", "word"], "size": ["big", "small"]},
                },
                "text",
            ),
        ],
    }


@st.composite
def parts(draw: st.DrawFn) -> dict[str, Any]:
    """Children of events, no thing twice in one."""
    first = draw(st.integers(0, 2))
    weights = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    match = draw(st.booleans())
    count = {
        "count": {"first": first, "weights": weights} if first + len(weights) > 1 else {"first": 1, "weights": [1]}
    }
    two = {"first": 1, "weights": [0, 1]}
    return {
        "name": "parts",
        "description": "What events are made of",
        "population": {
            "kind": "per_parent",
            "parent": "events",
            **draw(st.sampled_from([count, {**count, "by": "team", "count_by": {"b": two}}, {"count_of": "wanted"}])),
            "where": draw(st.sampled_from([None, "is_odd", "closed is not null"])),
            "probability": draw(st.sampled_from([1.0, 0.5]) | by_team(1.0, 0.3)),
        },
        "primary_key": ["part_id"],
        "foreign_keys": [reference("event_id", "events", "event_id"), reference("code", "things", "code")],
        "columns": [
            column("part_id", "INT64", {"kind": "sequence"}, "key"),
            column("event_id", "INT64", {"kind": "parent_key"}, "key"),
            column("line", "INT64", {"kind": "position"}),
            column("team", "STRING", {"kind": "lookup", "through": "event_id", "column": "team"}),
            column("favourite", "STRING", {"kind": "lookup", "through": "event_id", "column": "favourite"}, "key"),
            column(
                "happened",
                "DATETIME",
                {"kind": "lookup", "through": "event_id", "column": "happened"},
                "time",
                internal=True,
            ),
            column(
                "code",
                "STRING",
                {
                    "kind": "reference",
                    "table": "things",
                    "distinct_in_parent": True,
                    "match": {"team": "team"} if match else {},
                    "optional": match,
                },
                "key",
                usually=draw(st.sampled_from([None, {"column": "favourite", "share": 0.7}])),
            ),
            column("price", "NUMERIC", {"kind": "lookup", "through": "code", "column": "price"}, "measure"),
            column("units", "INT64", {"kind": "number", "distribution": "poisson", "a": 2, "minimum": 1}, "measure"),
            column(
                "amount", "NUMERIC", {"kind": "expression", "sql": "units * price * 0.955", "decimals": 2}, "measure"
            ),
            column("made", "DATETIME", {"kind": "after", "base": "happened", "unit": "hours", "median": 30}, "time"),
        ],
    }


@st.composite
def seasons(draw: st.DrawFn) -> dict[str, Any]:
    """A row for each period in which a person is active."""
    return {
        "name": "seasons",
        "description": "Periods of people",
        "population": {
            "kind": "per_period",
            "parent": "people",
            "period": draw(st.sampled_from(["week", "month", "quarter", "year"])),
            "anchored": draw(st.booleans()),
            "during": draw(st.sampled_from([{}, {"ranks": ["low", "mid"]}])),
            "start": "joined",
            "end": draw(st.sampled_from([None, "left_on"])),
            "most": draw(st.sampled_from([None, 1, 5])),
        },
        "primary_key": ["season_id"],
        "foreign_keys": [reference("person_id", "people", "person_id")],
        "columns": [
            column("season_id", "INT64", {"kind": "sequence"}, "key"),
            column("person_id", "STRING", {"kind": "parent_key"}, "key"),
            column("number", "INT64", {"kind": "position"}),
            column("begins", draw(TIMES), {"kind": "period_start"}, "time"),
            column(
                "used",
                "FLOAT64",
                {"kind": "number", "distribution": "lognormal", "a": 10, "b": 0.5, "times": "number"},
                "measure",
            ),
            column("pace", "NUMERIC", {"kind": "lookup", "through": "person_id", "column": "pace"}, internal=True),
            column(
                "spent",
                "NUMERIC",
                {
                    "kind": "walk",
                    "base": "pace",
                    "anchor": draw(st.sampled_from(["first", "last"])),
                    "pull": draw(st.sampled_from([0, 0.3, 1])),
                    **draw(st.sampled_from([{}, {"at": "begins", "months": [3, *[1] * 11]}])),
                },
                "measure",
            ),
        ],
    }


@st.composite
def models(draw: st.DrawFn) -> DataModel:
    """A small model of seven tables in three families."""
    tables = [draw(part()) for part in (events, people, parts, things, seasons, ranks, steps)]
    currency = draw(st.sampled_from(["USD", "JPY"]))
    return retail_model(
        draw(st.integers(20, 400)),
        seed=draw(st.integers(0, 2**40)),
        tables=draw(st.permutations(tables)),
        history_days=draw(st.sampled_from([90, 400])),
        currency=currency,
    )


@settings(max_examples=examples(20))
@given(models(), st.sampled_from([populations.BLOCK_ROWS, 300]))
def test_a_model_is_generated_holds_together_and_repeats(model: DataModel, rows_of_a_block: int) -> None:
    with (
        TemporaryDirectory() as one,
        TemporaryDirectory() as two,
        patch.object(populations, "BLOCK_ROWS", rows_of_a_block),
        ThreadPoolExecutor(1) as executor,
    ):
        tables = synthesise(model, Path(one))
        broken = [result for result in coherence(model, tables, Path(one)) if result.violations]
        assert broken == []
        again = synthesise(model, Path(two), workers=executor)
        assert [file.sha256 for table in again.tables for file in table.files] == [
            file.sha256 for table in tables.tables for file in table.files
        ]
        if model.currency == "JPY":
            total = read(Path(one), "events")["total"]
            assert (total == total.round()).all()
        events_ = read(Path(one), "events")
        assert events_["person_id"].null_count() == 0 or any(
            column_.generator.optional  # pyright: ignore[reportAttributeAccessIssue]
            for table in model.tables
            if table.name == "events"
            for column_ in table.columns
            if column_.name == "person_id"
        )


KEPT = {
    "people": ["person_id", "team", "score", "pace", "reach"],
    "things": ["code", "team", "price", "since"],
    "events": ["event_id"],
}
"""Columns of which a larger size keeps the rows of the smaller: all that depends on no moment."""


@settings(max_examples=examples(6))
@given(models())
def test_a_larger_size_keeps_the_rows_of_the_smaller(model: DataModel) -> None:
    larger = model.model_copy(update={"fact_rows": model.fact_rows * 2})
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        synthesise(model, Path(one))
        synthesise(larger, Path(two))
        for table, columns in KEPT.items():
            small, large = read(Path(one), table).select(columns), read(Path(two), table).select(columns)
            assert large.height >= small.height
            assert large.head(small.height).equals(small)
        begun, more = (
            read(Path(folder), "ranks").group_by("person_id").agg(pl.col("rank").sort_by("number").first())
            for folder in (one, two)
        )
        kept = begun.join(more, on="person_id", suffix="_larger")
        assert (kept["rank"] == kept["rank_larger"]).all()
