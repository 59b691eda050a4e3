"""Names, values and types that every part of the data model uses."""

from typing import Annotated, Literal

from pydantic import Field

Scalar = str | int | float | bool | None


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


GoogleSqlType = Literal["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME"]


States = str | Annotated[list[str], Field(min_length=1)]
"""One state of a history, or a list of states."""


def listed_states(states: States) -> list[str]:
    """Return the states as a list."""
    return [states] if isinstance(states, str) else states
