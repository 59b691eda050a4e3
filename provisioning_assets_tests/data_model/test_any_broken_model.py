"""However a good model is broken, the rules return; a model in which they find no problem can be generated."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets_tests.synthesis.history_model import history_model, history_tables
from provisioning_assets_tests.synthesis.retail_model import column, reference, retail_model

EFFECTS: list[dict[str, Any]] = [
    {"insight_id": "a", "table": "orders", "column": "is_cancelled", "factor": 3, "where": "channel = 'App'"},
    {"insight_id": "a", "table": "orders", "column": "channel", "value": "App", "factor": 2, "from_days_ago": 90},
    {
        "insight_id": "b",
        "table": "orders",
        "column": "customer_id",
        "value_column": "segment",
        "value": "Senior",
        "factor": 2,
    },
]
STATE_EFFECTS: list[dict[str, Any]] = [
    {"insight_id": "a", "table": "memberships", "column": "tier", "value": "Gold", "factor": 0.5, "from_days_ago": 90},
    {"insight_id": "a", "table": "memberships", "column": "valid_to", "value": "Silver", "factor": 2},
]
BILLS: dict[str, Any] = {
    "name": "bills",
    "description": "What members pay each month",
    "population": {"kind": "per_period", "parent": "members", "period": "month", "start": "joined_on", "most": 3},
    "primary_key": ["member_id", "month"],
    "foreign_keys": [reference("member_id", "members", "member_id")],
    "columns": [
        column("member_id", "INT64", {"kind": "parent_key"}, "key"),
        column("month", "DATE", {"kind": "period_start"}, "time"),
        column("team", "STRING", {"kind": "lookup", "through": "member_id", "column": "team"}, internal=True),
        column("is_late", "BOOL", {"kind": "flag", "rate": 0.1, "by": "team", "rate_by": {"b": 0.3}}),
        column("office", "STRING", {"kind": "reference", "table": "offices", "match": {"team": "team"}}, "key"),
    ],
}
OFFICES: dict[str, Any] = {
    "name": "offices",
    "description": "Offices of the club",
    "population": {
        "kind": "records",
        "rows": [
            {"office": "North", "team": "a", "opened_on": "2020-01-31", "desks": 4},
            {"office": "South", "team": "b", "opened_on": "2021-12-01", "desks": None},
        ],
    },
    "primary_key": ["office"],
    "columns": [
        column("office", "STRING", {"kind": "record"}, "key"),
        column("team", "STRING", {"kind": "record"}),
        column("opened_on", "DATE", {"kind": "record"}, "time"),
        column("desks", "INT64", {"kind": "record"}, "measure"),
    ],
}
GOOD = [
    retail_model(400, effects=EFFECTS, history_days=400).model_dump(mode="json"),
    history_model(300, effects=STATE_EFFECTS, history_days=400, tables=[*history_tables(), BILLS, OFFICES]).model_dump(
        mode="json"
    ),
]

NUMBERS = st.sampled_from([-1, 0, 1, 2, 0.5, 1.5, 40, 300, 2**70, float("inf"), float("nan"), -0.0])
WORDS = st.sampled_from(
    ["a", "all", "x y", "", "2024-02-30", "true", "sum(1)", "not", "1 +", "'", "null", "current_date", "{thing}"]
)
TYPES = ["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME"]

TABLES = [table for model in GOOD for table in model["tables"]]
COLUMNS = [found for table in TABLES for found in table["columns"]]
NAMES = [named["name"] for named in (*TABLES, *COLUMNS)]
ALTERNATIVES = [
    [found["generator"] for found in COLUMNS],
    [table["population"] for table in TABLES],
    [table["population"]["history"] for table in TABLES if table["population"].get("history")],
]
"""What may stand where one of them stands: generators, populations, histories."""


def spot(draw: st.DrawFn, value: Any) -> tuple[Any, Any]:
    """A mapping or list within a plain document, and the key or index of a value in it to change."""
    keys = (
        [key for key in value if key not in ("kind", "schema_version")]
        if isinstance(value, dict)
        else range(len(value))
    )
    key = draw(st.sampled_from(keys))
    inner = value[key]
    deeper = isinstance(inner, dict | list) and len(inner) > ("kind" in inner) and draw(st.integers(0, 4)) > 0
    return spot(draw, inner) if deeper else (value, key)


def changed(draw: st.DrawFn, old: Any) -> Any:
    """Something that could stand where ``old`` stands, and most often should not."""
    if isinstance(old, dict) and "kind" in old:
        kinds = next(kinds for kinds in ALTERNATIVES if any(other["kind"] == old["kind"] for other in kinds))
        return _copy(draw(st.sampled_from(kinds)))
    if isinstance(old, bool):
        return not old
    if isinstance(old, int | float):
        return draw(NUMBERS)
    if isinstance(old, str):
        return draw(st.sampled_from([*NAMES, *TYPES]) | WORDS)
    if old is None:
        return draw(st.sampled_from(NAMES) | WORDS | NUMBERS | st.lists(NUMBERS, min_size=24, max_size=24))
    return [] if isinstance(old, list) else {}


@st.composite
def broken(draw: st.DrawFn) -> DataModel:
    """A good model after a few changes, each a value replaced, left out or there twice."""
    plain = _copy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 3))):
        parts = [plain["tables"]] * 3 + [plain["effects"]] * (len(plain["effects"]) > 0)
        where, key = spot(draw, draw(st.sampled_from(parts)))
        how = draw(st.sampled_from(["change", "change", "change", "drop", "repeat"]))
        if how == "drop":
            del where[key]
        elif how == "repeat" and isinstance(where, list):
            where.append(_copy(where[key]))
        elif how == "repeat":
            other = draw(WORDS | st.sampled_from([*where]))
            where[other] = _copy(where[key])
        else:
            where[key] = changed(draw, where[key])
    try:
        return DataModel.model_validate(plain)
    except ValidationError:
        assume(False)
        raise


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken())
def test_the_rules_return_whatever_is_wrong(model: DataModel) -> None:
    found = model_problems(model)
    assert all(isinstance(problem, Problem) and problem.place and problem.message for problem in found)
    assert len({(problem.place, problem.words) for problem in found}) == len(found)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken())
def test_what_has_no_problem_is_generated(model: DataModel) -> None:
    assume(model_problems(model) == [])
    with TemporaryDirectory() as folder:
        try:
            synthesise(model, Path(folder))
        except ProvisioningError as refusal:
            # whether one row of many finds no other to refer to is seen only when they are there
            assert any(words in refusal.problem for words in ("could refer to", "GB are free"))  # noqa: PT017
