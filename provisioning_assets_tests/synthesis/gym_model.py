"""A gym: members who freeze and leave, the coaches they have, their visits, fees and parties; what happens in which state."""

from typing import Any

from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.synthesis.retail_model import column, reference, retail_model

STATES: dict[str, Any] = {
    "kind": "states",
    "start": "joined_at",
    "unit": "hours",
    "states": {
        "Trial": {"median": 300, "next": {"Active": 0.7, "Left": 0.3}},
        "Active": {"median": 4_000, "next": {"Frozen": 0.5, "Active": 0.2, "Left": 0.3}},
        "Frozen": {"median": 700, "next": {"Active": 0.9, "Left": 0.1}},
        "Left": {},
    },
}

COACHES: dict[str, Any] = {
    "kind": "states",
    "start": "joined_at",
    "unit": "days",
    "states": {"none": {"median": 60, "next": {"coached": 0.6}}, "coached": {"median": 90, "next": {"none": 1.0}}},
}


def history(name: str, states: dict[str, Any], **population: Any) -> dict[str, Any]:
    """A table with the states of members."""
    return {
        "name": name,
        "description": "States of members",
        "population": {"kind": "per_parent", "parent": "members", "history": states, **population},
        "primary_key": ["member_id", "number"],
        "foreign_keys": [reference("member_id", "members", "member_id")],
        "event_time": "since",
        "columns": [
            column("member_id", "INT64", {"kind": "parent_key"}, "key"),
            column("number", "INT64", {"kind": "position"}),
            column("state", "STRING", {"kind": "state"}),
            column("since", "DATETIME", {"kind": "entered_at"}, "time"),
            column("until", "DATETIME", {"kind": "left_at"}, "time"),
        ],
    }


def events(name: str, share: float, during: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A table of events of members who are in a state."""
    return {
        "name": name,
        "description": "What members do",
        "population": {"kind": "scaled", "share": share},
        "primary_key": ["event_id"],
        "foreign_keys": [reference("member_id", "members", "member_id")],
        "event_time": "happened_at",
        "columns": [
            column("event_id", "INT64", {"kind": "sequence"}, "key"),
            column("happened_at", "DATETIME", {"kind": "arrival"}, "time"),
            column("city", "STRING", {"kind": "category", "values": ["a", "b"], "weights": [1, 1]}),
            column(
                "member_id",
                "INT64",
                {
                    "kind": "reference",
                    "table": "members",
                    "at": "happened_at",
                    "during": during,
                    "skew": 0.8,
                    "optional": True,
                    **settings,
                },
                "key",
            ),
            column("minutes", "FLOAT64", {"kind": "number", "distribution": "lognormal", "a": 60, "b": 0.3}, "measure"),
        ],
    }


def fees(name: str, **population: Any) -> dict[str, Any]:
    """A table with a fee for each period of a member."""
    return {
        "name": name,
        "description": "Fees",
        "population": {
            "kind": "per_period",
            "parent": "members",
            "period": "month",
            "start": "joined_at",
            **population,
        },
        "primary_key": ["fee_id"],
        "foreign_keys": [reference("member_id", "members", "member_id")],
        "event_time": "begins_on",
        "columns": [
            column("fee_id", "INT64", {"kind": "sequence"}, "key"),
            column("member_id", "INT64", {"kind": "parent_key"}, "key"),
            column("number", "INT64", {"kind": "position"}),
            column("begins_on", "DATE", {"kind": "period_start"}, "time"),
            column("fee", "NUMERIC", {"kind": "number", "distribution": "lognormal", "a": 40, "b": 0.2}, "measure"),
        ],
    }


def gym_tables() -> list[dict[str, Any]]:
    """The tables as plain data, so that a test can change one thing."""
    return [
        {
            "name": "members",
            "description": "Members",
            "population": {"kind": "scaled", "share": 0.1},
            "primary_key": ["member_id"],
            "columns": [
                column("member_id", "INT64", {"kind": "sequence", "start": 101}, "key"),
                column("joined_at", "DATETIME", {"kind": "arrival", "before_history": 0.4}, "time"),
                column("home", "STRING", {"kind": "category", "values": ["a", "b"], "weights": [2, 1]}),
                column(
                    "moved_at",
                    "DATETIME",
                    {"kind": "after", "base": "joined_at", "unit": "days", "median": 600, "probability": 0.3},
                    "time",
                ),
            ],
        },
        history("member_states", STATES),
        history("coaching", COACHES, probability=0.8),
        events("visits", 1, {"member_states": "Active"}),
        events("calls", 0.3, {"member_states": "Trial"}, match={"city": "home"}),
        events(
            "lessons",
            0.3,
            {"member_states": ["Active", "Trial"], "coaching": "coached"},
            since="joined_at",
            until="moved_at",
        ),
        fees("fees", during={"member_states": "Active"}),
    ]


def gym_model(fact_rows: int = 6_000, **changes: Any) -> DataModel:
    """A model of these tables; ``changes`` are fields of the data model."""
    return retail_model(fact_rows, **{"tables": gym_tables(), **changes})
