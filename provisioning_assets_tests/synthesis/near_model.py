"""Branches at written places, and customers near them."""

from typing import Any

from provisioning_assets.data_model.models import DataModel
from provisioning_assets_tests.synthesis.retail_model import column, retail_model

PORTLAND, BOSTON, NEW_YORK = (43.66, -70.26), (42.36, -71.06), (40.71, -74.01)
OCEAN = (30.0, -40.0)
ORSTA = (62.20, 6.13)
"""A town in the west of Norway. Postcodes are known of none within 35 km, which Ålesund, Volda and Ulsteinvik are."""

NEAR_BRANCH = {"latitude": "branch_latitude", "longitude": "branch_longitude", "within_km": 60}
NEAR_HOME = {
    "latitude": "latitude",
    "longitude": "longitude",
    "within_km": 40,
    "their_latitude": "latitude",
    "their_longitude": "longitude",
}


def table(name: str, population: dict[str, Any], columns: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """A table as plain data."""
    return {
        "name": name,
        "description": f"The {name}",
        "synonyms": [f"all {name}"],
        "population": population,
        "primary_key": [key],
        "columns": columns,
    }


def branches(*at: tuple[float | None, float | None]) -> dict[str, Any]:
    """One branch for each place in degrees, with the keys 1, 2, 3 ..."""
    rows = [{"latitude": north, "longitude": east} for north, east in at]
    return table(
        "branches",
        {"kind": "records", "rows": rows},
        [
            column("branch_id", "INT64", {"kind": "sequence"}),
            column("latitude", "FLOAT64", {"kind": "record"}),
            column("longitude", "FLOAT64", {"kind": "record"}),
        ],
        "branch_id",
    )


def customers(rows: int, near: dict[str, Any] | None, reference: dict[str, Any] | None = None) -> dict[str, Any]:
    """Customers who refer to a branch; ``near`` is that of their address, ``reference`` has settings of the reference."""
    parts = ("city", "region", "postcode", "phone", "latitude", "longitude")
    return table(
        "customers",
        {"kind": "scaled", "share": 1.0, "minimum": rows, "maximum": rows},
        [
            column("customer_id", "INT64", {"kind": "sequence"}),
            column("branch_id", "INT64", {"kind": "reference", "table": "branches", **(reference or {})}),
            column("branch_latitude", "FLOAT64", {"kind": "lookup", "through": "branch_id", "column": "latitude"}),
            column("branch_longitude", "FLOAT64", {"kind": "lookup", "through": "branch_id", "column": "longitude"}),
            *(
                column(
                    part,
                    "FLOAT64" if part in ("latitude", "longitude") else "STRING",
                    {"kind": "address", "part": part, "near": near},
                )
                for part in parts
            ),
        ],
        "customer_id",
    )


def model_of(*tables: dict[str, Any], **changes: Any) -> DataModel:
    """A model of these tables in the United States."""
    return retail_model(tables=list(tables), effects=[], **changes)
