"""Members with a tier that changes, their visits, and parcels with milestones: small tables for what passes through states."""

from copy import deepcopy
from typing import Any

from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.synthesis.retail_model import column, reference, retail_model

TIERS: dict[str, Any] = {
    "kind": "states",
    "start": "joined_on",
    "unit": "days",
    "by": "team",
    "states": {
        "Bronze": {"median": 150, "next": {"Silver": 0.6, "Gold": 0.1}, "median_by": {"b": 60}},
        "Silver": {"median": 200, "next": {"Gold": 0.4, "Bronze": 0.5}, "next_by": {"b": {"Gold": 1.0}}},
        "Gold": {"median": 300, "sigma": 0.3, "minimum": 90, "next": {"Silver": 0.7}},
    },
    "most": 8,
}


def history_tables() -> list[dict[str, Any]]:
    """The tables as plain data, so that a test can change one thing."""
    return [
        {
            "name": "members",
            "description": "Members",
            "population": {"kind": "scaled", "share": 0.2},
            "primary_key": ["member_id"],
            "columns": [
                column("member_id", "INT64", {"kind": "sequence", "start": 101}, "key"),
                column("joined_on", "DATE", {"kind": "arrival", "before_history": 0.5}, "time"),
                column("team", "STRING", {"kind": "category", "values": ["a", "b"], "weights": [2, 1]}),
                column("fee", "NUMERIC", {"kind": "number", "distribution": "lognormal", "a": 40, "b": 0.4}, "measure"),
                column(
                    "tier",
                    "STRING",
                    {"kind": "rollup", "table": "memberships", "function": "last", "column": "tier"},
                ),
                column(
                    "first_fee",
                    "NUMERIC",
                    {"kind": "rollup", "table": "memberships", "function": "first", "column": "fee"},
                    "measure",
                ),
            ],
        },
        {
            "name": "memberships",
            "description": "The tiers of members, one after the other",
            "population": {"kind": "per_parent", "parent": "members", "history": deepcopy(TIERS)},
            "primary_key": ["member_id", "version"],
            "foreign_keys": [reference("member_id", "members", "member_id")],
            "event_time": "valid_from",
            "columns": [
                column("member_id", "INT64", {"kind": "parent_key"}, "key"),
                column("version", "INT64", {"kind": "position"}),
                column("tier", "STRING", {"kind": "state"}),
                column("valid_from", "DATE", {"kind": "entered_at"}, "time"),
                column("valid_to", "DATE", {"kind": "left_at"}, "time"),
                column("is_current", "BOOL", {"kind": "expression", "sql": "valid_to is null"}),
                column(
                    "base_fee",
                    "NUMERIC",
                    {"kind": "lookup", "through": "member_id", "column": "fee"},
                    "measure",
                    internal=True,
                ),
                column("fee", "NUMERIC", {"kind": "walk", "base": "base_fee", "anchor": "last"}, "measure"),
            ],
        },
        {
            "name": "visits",
            "description": "Visits of members",
            "population": {"kind": "scaled", "share": 1},
            "primary_key": ["visit_id"],
            "foreign_keys": [reference("member_id", "members", "member_id")],
            "event_time": "visited_at",
            "columns": [
                column("visit_id", "INT64", {"kind": "sequence"}, "key"),
                column("visited_at", "DATETIME", {"kind": "arrival"}, "time"),
                column(
                    "member_id",
                    "INT64",
                    {"kind": "reference", "table": "members", "since": "joined_on", "at": "visited_at"},
                    "key",
                ),
                column(
                    "tier",
                    "STRING",
                    {
                        "kind": "lookup",
                        "through": "member_id",
                        "column": "tier",
                        "history": "memberships",
                        "at": "visited_at",
                    },
                ),
                column(
                    "minutes",
                    "FLOAT64",
                    {"kind": "number", "distribution": "lognormal", "a": 60, "b": 0.5},
                    "measure",
                ),
                column(
                    "spent",
                    "FLOAT64",
                    {
                        "kind": "number",
                        "distribution": "lognormal",
                        "a": 12,
                        "b": 0.9,
                        "correlation": {"column": "minutes", "rho": 0.6},
                    },
                    "measure",
                ),
            ],
        },
        {
            "name": "parcels",
            "description": "Parcels",
            "population": {"kind": "scaled", "share": 0.5},
            "primary_key": ["parcel_id"],
            "columns": [
                column("parcel_id", "INT64", {"kind": "sequence"}, "key"),
                column("posted_at", "DATETIME", {"kind": "arrival"}, "time"),
                column(
                    "sent_at",
                    "DATETIME",
                    {"kind": "after", "base": "posted_at", "unit": "hours", "median": 12, "probability": 0.95},
                    "time",
                ),
                column(
                    "arrived_at", "DATETIME", {"kind": "after", "base": "sent_at", "unit": "days", "median": 3}, "time"
                ),
                column(
                    "state",
                    "STRING",
                    {"kind": "rollup", "table": "scans", "function": "last", "column": "state"},
                ),
                column("scans", "INT64", {"kind": "rollup", "table": "scans", "function": "count"}, "measure"),
            ],
        },
        {
            "name": "scans",
            "description": "Where parcels have been",
            "population": {
                "kind": "per_parent",
                "parent": "parcels",
                "history": {
                    "kind": "milestones",
                    "moments": {"posted": "posted_at", "sent": "sent_at", "arrived": "arrived_at"},
                },
            },
            "primary_key": ["scan_id"],
            "foreign_keys": [reference("parcel_id", "parcels", "parcel_id")],
            "event_time": "scanned_at",
            "columns": [
                column("scan_id", "INT64", {"kind": "sequence"}, "key"),
                column("parcel_id", "INT64", {"kind": "parent_key"}, "key"),
                column("state", "STRING", {"kind": "state"}),
                column("scanned_at", "DATETIME", {"kind": "entered_at"}, "time"),
                column("left_at", "DATETIME", {"kind": "left_at"}, "time"),
            ],
        },
    ]


def history_model(fact_rows: int = 4_000, **more: Any) -> DataModel:
    """A model of these tables; ``more`` are fields of the data model."""
    return retail_model(fact_rows, **{"tables": history_tables(), **more})
