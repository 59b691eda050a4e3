"""Problems of the realism bounds that a table defines for itself: bounds whose check cannot be measured in the table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from provisioning_assets.data_model.generators import Category, Lookup, Price, Reference, Text
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.data_model.tables import Column, Table


def realism_problems(model: DataModel) -> list[Problem]:
    """Return a problem for every bound in a table's ``realism`` whose check cannot be measured, with what the table lacks."""
    return [problem for table in model.tables if table.realism is not None for problem in _unmeasurable(table)]


def _unmeasurable(table: Table) -> Iterator[Problem]:
    for check in table.realism.bounds() if table.realism else ():
        needs = _NEEDS[check]
        if not needs.met(table):
            yield Problem(
                ("tables", table.name, "realism", check),
                f"The check {check} cannot be measured: the table has no {needs.what}.",
                f"{needs.remedy}, or leave the bound out.",
            )


@dataclass(frozen=True)
class _Needs:
    """What a check needs from a table: as text, how to provide it, and whether a table has it."""

    what: str
    remedy: str
    met: Callable[[Table], bool]


def _stored(table: Table, name: str | None) -> Column | None:
    return next((column for column in table.columns if column.name == name and not column.internal), None)


def _any_stored(accepted: Callable[[Column], bool]) -> Callable[[Table], bool]:
    return lambda table: any(accepted(column) for column in table.columns if not column.internal)


def _chosen_entity(table: Table) -> bool:
    entity = next((column for column in table.columns if column.name == table.entity), None)
    return entity is not None and isinstance(entity.generator, Reference | Lookup)


def _priced(table: Table) -> bool:
    drawn = [column.name for column in table.columns if isinstance(column.generator, Price)]
    return any(_stored(table, name.removesuffix("_drawn")) for name in drawn)


_ENTITY = _Needs(
    "stored rows that choose an entity", "Name the foreign key of who acts as the table's `entity`", _chosen_entity
)
_TIME = _Needs(
    "stored event time",
    "Name a stored column as the table's `event_time`",
    lambda table: _stored(table, table.event_time) is not None,
)
_MOMENTS = _Needs(
    "stored DATETIME column", "Store a DATETIME column", _any_stored(lambda column: column.type == "DATETIME")
)
_TEXTS = _Needs(
    "stored column of free text",
    "Store a column with the generator `text`",
    _any_stored(lambda column: isinstance(column.generator, Text)),
)
_NEEDS: Mapping[str, _Needs] = MappingProxyType(
    {
        "top_fifth_share": _ENTITY,
        "top_hundredth_share": _ENTITY,
        "one_time_share": _ENTITY,
        "events_dispersion": _ENTITY,
        "amount_tail": _Needs(
            "stored amount",
            "Name a stored column of numbers as the table's `amount`",
            lambda table: _stored(table, table.amount) is not None,
        ),
        "weekday_ratio": _TIME,
        "seasonal_strength": _TIME,
        "night_share": _MOMENTS,
        "midnight_share": _MOMENTS,
        "category_ratio": _Needs(
            "stored category",
            "Store a column with the generator `category`",
            _any_stored(lambda column: isinstance(column.generator, Category)),
        ),
        "price_endings": _Needs("stored price", "Store a column with the generator `price`", _priced),
        "text_repeats": _TEXTS,
        "text_repeats_lately": _TEXTS,
    }
)
"""Check, named as in ``RealismBounds`` -> the parts of a table that it reads."""
