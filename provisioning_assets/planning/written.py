"""The base class of every part of a blueprint, and the kinds of text in a blueprint.

A part remembers which of its fields were given, and only those are written back. So a blueprint that was filled
automatically looks like one that a person wrote.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import PydanticCustomError

from provisioning_assets.artefact import Document


class OwnAmount(float):
    """An amount in the customer's currency; amounts that an author writes are in euros, and are scaled to it."""


class Flavour:
    """How a customer's words are put into a string of a blueprint (``words.py`` does it)."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Flavour({self.name})"


TEXT, FINDING, EXPRESSION, SQL = Flavour("text"), Flavour("finding"), Flavour("expression"), Flavour("sql")
VALUE, HOURS, WEEKDAYS = Flavour("value"), Flavour("hours"), Flavour("weekdays")
"""A value that is no text for people: ``{shipping_fee}`` alone is a number; hours and weekdays may be ``$opening_hours``."""

Text = Annotated[str, Field(min_length=1), TEXT]
"""Text for people; ``{slot}`` is replaced by the customer's words."""

FindingText = Annotated[str, Field(min_length=1), FINDING]
"""Text of a finding: ``{measured}`` stays, until the figure of the customer's own data is known."""

MEASURED = frozenset({"measured"})

RowExpression = Annotated[str, Field(min_length=1), EXPRESSION]
"""An expression over the columns of a row (docs/row-expressions.md); ``{slot}`` is replaced by quoted literals."""

Sql = Annotated[str, Field(min_length=1), SQL]
"""A GoogleSQL query; ``{slot}`` is replaced by quoted literals, ``{last 12 months of ordered_at}`` by a condition
(``windows.py``)."""

Path = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
"""A column of the table, or a column of a row that foreign keys lead to: ``order_id.customer_id.segment``."""

Value = str | int | float | bool
"""One value of a column."""


class Written(Document):
    """A part of a blueprint."""

    model_config = ConfigDict(serialize_by_alias=True)

    @model_serializer(mode="wrap")
    def _only_what_is_written(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        given: dict[str, Any] = serialise(self)
        names = {
            field.alias or name for name, field in type(self).model_fields.items() if name in self.model_fields_set
        }
        extra = self.__pydantic_extra__ or {}
        return {name: value for name, value in given.items() if name in names or name in extra}


def settings_of(part: Written, *left_out: str) -> dict[str, Any]:
    """All fields of a part with their values, given or default, except those in ``left_out``; inner parts likewise."""
    return {name: _plain(getattr(part, name)) for name in type(part).model_fields if name not in left_out}


def _plain(value: Any) -> Any:
    if isinstance(value, Written):
        return settings_of(value)
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def refuse(message: str) -> PydanticCustomError:
    """The error for an author's mistake; braces in the message are kept as they are."""
    return PydanticCustomError("blueprint", "{message}", {"message": message})


def comma_hint(value: Any) -> str:
    """A hint for a key without a value: in ``{title: One, two}`` the comma ended the text. Empty if there is a value."""
    return " (a comma within { } ends a text: put texts with commas in quotes)" if value is None else ""
