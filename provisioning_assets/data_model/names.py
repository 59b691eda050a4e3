"""Names, values and types that every part of the data model speaks of."""

from typing import Annotated, Literal

from pydantic import Field

Scalar = str | int | float | bool | None


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


GoogleSqlType = Literal["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME"]
