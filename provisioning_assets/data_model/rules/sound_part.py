"""The sound part of a model: the model without its wrong parts, so that rules about the whole model can check the rest."""

from collections.abc import Collection
from typing import Literal

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Scaled
from provisioning_assets.data_model.problems import Place
from provisioning_assets.data_model.rules.checked_column import table_place
from provisioning_assets.data_model.rules.effects import placed_effects
from provisioning_assets.data_model.tables import Column, Table


class LeftOut(Document):
    """Placeholder for a wrong generator. It depends on nothing, and only the column's type can be used by other columns."""

    kind: Literal["left_out"] = "left_out"


ROWS_LEFT_OUT = Scaled(share=1.0)
"""Population of a table whose own population has a problem, so that the other rules can still be checked."""


def without(model: DataModel, places: Collection[Place]) -> DataModel:
    """Return the model without the parts at ``places``: a column's generator, a table's population or key, or an effect.

    If a place is in a part that was already left out, its whole table is left out. So each call leaves something out, as long as
    a place is in a table or an effect of the model.
    """
    tables = [
        _without(table, [place[2:] for place in places if place[:2] == table_place(table.name)])
        for table in model.tables
    ]
    wrong_effects = {place[:4] for place in places}
    effects = [effect for place, effect in placed_effects(model.effects) if place not in wrong_effects]
    return model.model_copy(update={"tables": [table for table in tables if table is not None], "effects": effects})


def _without(table: Table, places: Collection[Place]) -> Table | None:
    """Return the table without the parts at ``places``, which are relative to the table; None if the whole table is left out."""
    columns: set[str] = set()
    keys: set[str | int] = set()
    changes: dict[str, object] = {}
    for place in places:
        match place:
            case ("columns", str(name), *_):
                columns.add(name)
            case ("foreign_keys", index, *_):
                keys.add(index)
            case ("rows", *_) if table.population is not ROWS_LEFT_OUT:
                changes["population"] = ROWS_LEFT_OUT
            case ("primary_key", *_) if table.primary_key:
                changes["primary_key"] = []
            case (("event_time" | "amount" | "entity") as field,) if getattr(table, field) is not None:
                changes[field] = None
            case _:
                return None
    if not columns <= {column.name for column in table.columns if not isinstance(column.generator, LeftOut)}:
        return None
    changes["columns"] = [_left_out(column) if column.name in columns else column for column in table.columns]
    changes["foreign_keys"] = [
        key for index, key in enumerate(table.foreign_keys) if index not in keys and columns.isdisjoint(key.columns)
    ]
    return table.model_copy(update=changes)


def _left_out(column: Column) -> Column:
    return column.model_copy(update={"generator": LeftOut(), "null_share": 0.0, "internal": False, "usually": None})
