"""Contracts that are renewed, left, moved out of and given notice of, and classes that are booked before they begin."""

import random
from datetime import date, timedelta
from typing import Any

from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.synthesis.retail_model import AS_OF, column, retail_model

CONTRACT: dict[str, Any] = {
    "kind": "renewal",
    "start": "started_on",
    "by": "term",
    "every_months_by": {"Monthly": 1, "Annual": 12, "Open": None},
    "leave_case": "segment",
    "leave": 0.1,
    "leave_by": {"small": 0.2, "large": 0.05},
}


def part(name: str, which: str, **more: Any) -> dict[str, Any]:
    """A column with one part of the contract; ``more`` are other settings of its generator."""
    kind = "INT64" if which == "count" else "DATE"
    return column(name, kind, {**CONTRACT, "part": which, **more}, "measure" if which == "count" else "time")


def later(day: date, months: int) -> date:
    """So many months later by the calendar, tried day by day."""
    number = day.year * 12 + day.month - 1 + months
    for place in (day.day, 30, 29, 28):
        try:
            return date(number // 12, number % 12 + 1, place)
        except ValueError:
            continue
    raise AssertionError


def contract_rows(count: int) -> list[dict[str, Any]]:
    """Contracts written out: begun any day from 1974 on, a few after the as-of date, a few without a beginning."""
    chance = random.Random(3)
    days = (AS_OF - date(1974, 1, 1)).days + 60
    return [
        {
            "contract_id": number,
            "started_on": None
            if number % 17 == 3
            else str(AS_OF - timedelta(days=chance.randrange(-60, days if number % 3 else 900))),
            "term": ["Monthly", "Annual", "Open", "Annual"][number % 4],
            "segment": ["small", "large", "other"][number % 3],
        }
        for number in range(count)
    ]


def contract_table(count: int) -> dict[str, Any]:
    """The table of contracts as plain data."""
    return {
        "name": "contracts",
        "description": "Contracts",
        "population": {"kind": "records", "rows": contract_rows(count)},
        "primary_key": ["contract_id"],
        "columns": [
            column("contract_id", "INT64", {"kind": "record"}, "key"),
            column("started_on", "DATE", {"kind": "record"}, "time"),
            column("term", "STRING", {"kind": "record"}),
            column("segment", "STRING", {"kind": "record"}),
            part("latest_renewal_on", "due"),
            part("next_renewal_on", "next"),
            part("left_on", "ended"),
            part("renewals", "count"),
            column(
                "moved_on",
                "DATE",
                {"kind": "after", "base": "started_on", "unit": "days", "median": 900, "probability": 0.4},
                "time",
            ),
            column(
                "ended_on",
                "DATE",
                {"kind": "first_of", "part": "moment", "moments": {"left": "left_on", "moved": "moved_on"}},
                "time",
            ),
            column(
                "end_cause",
                "STRING",
                {"kind": "first_of", "part": "cause", "moments": {"left": "left_on", "moved": "moved_on"}},
            ),
            column(
                "notice_on",
                "DATE",
                {
                    "kind": "before",
                    "base": "ended_on",
                    "unit": "days",
                    "median": 30,
                    "not_before": "started_on",
                    "weekdays": [1, 1, 1, 1, 1, 0, 0],
                },
                "time",
            ),
            column("archived_on", "DATE", {"kind": "moment", "sql": "ended_on + interval '30 days'"}, "time"),
            column(
                "invoiced_on",
                "DATE",
                {"kind": "after", "base": "ended_on", "unit": "days", "median": 5, "snap": {"to": "workday"}},
                "time",
            ),
            column(
                "seats",
                "INT64",
                {
                    "kind": "number",
                    "distribution": "lognormal",
                    "a": 10,
                    "b": 0.5,
                    "by": "segment",
                    "a_by": {"large": 200},
                },
                "measure",
            ),
        ],
    }


def contract_model(count: int = 2_000, as_of: date = AS_OF, **changes: Any) -> DataModel:
    """A model of contracts alone; ``changes`` are fields of the data model."""
    return retail_model(100, **{"tables": [contract_table(count)], "as_of": as_of, **changes})


def class_table() -> dict[str, Any]:
    """Bookings of classes, made before the class begins, which may be to come."""
    return {
        "name": "bookings",
        "description": "Bookings",
        "population": {"kind": "scaled", "share": 1},
        "primary_key": ["booking_id"],
        "event_time": "booked_at",
        "columns": [
            column("booking_id", "INT64", {"kind": "sequence"}, "key"),
            column("joined_at", "DATETIME", {"kind": "arrival", "snap": {"minutes": 15}}, "time"),
            column(
                "waits",
                "INT64",
                {"kind": "number", "distribution": "uniform", "a": -2, "b": 40},
                "measure",
            ),
            column(
                "starts_at",
                "DATETIME",
                {"kind": "expression", "sql": "joined_at + interval '30 minutes' + waits * interval '1 day'"},
                "time",
            ),
            column(
                "booked_at",
                "DATETIME",
                {
                    "kind": "before",
                    "base": "starts_at",
                    "unit": "hours",
                    "median": 30,
                    "not_before": "joined_at",
                    "snap": {"minutes": 5},
                },
                "time",
            ),
            column(
                "paid_at",
                "DATETIME",
                {
                    "kind": "after",
                    "base": "booked_at",
                    "unit": "hours",
                    "median": 20,
                    "snap": {"times": ["09:00", "18:30"], "weekdays": [0, 1, 2, 3, 4]},
                },
                "time",
            ),
        ],
    }


def class_model(fact_rows: int = 4_000, **changes: Any) -> DataModel:
    """A model of bookings alone."""
    return retail_model(fact_rows, **{"tables": [class_table()], **changes})


def changed(table: dict[str, Any], name: str, **settings: Any) -> dict[str, Any]:
    """The table with other settings of one column's generator."""
    for found in table["columns"]:
        if found["name"] == name:
            found["generator"] = {**found["generator"], **settings}
    return table
