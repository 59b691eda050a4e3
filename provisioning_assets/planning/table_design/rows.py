"""Makes the rows of tables: written rows with the customer's words, and all other rows as populations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioning_assets.data_model import populations as language
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.data_model.problems import Place, suggestion
from provisioning_assets.planning.blueprint import BlueprintTable
from provisioning_assets.planning.blueprint_rows import (
    ChildRows,
    IndependentRows,
    RowsByMilestone,
    RowsByPeriod,
    RowsByState,
    RowsOfWords,
    SeveralRows,
)
from provisioning_assets.planning.filling import Filling
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.table_design.columns import valid, weights_of_rhythm
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.expressions import Expressions
from provisioning_assets.planning.table_design.money import usual_amount
from provisioning_assets.planning.written import settings_of

# --- rows that are written out -------------------------------------------------------------------------------------


def records_of(table: str, written: BlueprintTable, filling: Filling, market: Market) -> list[dict[str, Scalar]]:
    """Written rows, or one row for each word of a slot; empty for tables with generated rows.

    Raises:
        DesignError: a row uses a name that is not a slot or a column.
    """
    place: Place = ("tables", table, "rows")
    if isinstance(written.rows, RowsOfWords):
        rows = _rows_of_words(written.rows, filling, place)
    else:
        rows = [dict(row) for row in written.rows] if isinstance(written.rows, list) else []
    columns = {**written.columns, **written.helpers}
    money = [name for name, column in columns.items() if column.type == "NUMERIC"]
    for index, row in enumerate(rows):
        for name in row:
            if name not in columns:
                where: Place = (*place, index, name) if isinstance(written.rows, list) else (*place, "values", name)
                raise DesignError(where, f"'{name}' is not a column of {table}.", suggestion(name, columns))
        for name in money:
            value = row.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                row[name] = usual_amount(value, market)
    return rows


def _rows_of_words(rows: RowsOfWords, filling: Filling, place: Place) -> list[dict[str, Scalar]]:
    words = filling.words
    if rows.each not in words.slots:
        raise DesignError((*place, "each"), f"'{rows.each}' is not a slot.", suggestion(rows.each, words.slots))
    groups = words.groups.get(rows.each)
    made: list[dict[str, Scalar]] = []
    for index, word in enumerate(words.slots[rows.each]):
        own: dict[str, str | float] = {"word": word, "position": float(index + 1)}
        own |= {"group": groups[index]} if groups else {}
        row_filling = Filling(replace(words, facts={**words.facts, **own}))
        row: dict[str, Scalar] = {}
        for name, value in rows.values.items():
            dealt = value[index % len(value)] if isinstance(value, list) else value
            number = words.number(dealt) if isinstance(dealt, str) else None
            if number is not None:
                row[name] = number
            else:
                row[name] = row_filling.text(dealt, (*place, "values", name)) if isinstance(dealt, str) else dealt
        if index == 0:
            filling.problems += row_filling.problems
        made.append(row)
    return made


# --- rows that follow from others ----------------------------------------------------------------------------------


def population(
    draft: Draft, table: str, records: list[dict[str, Scalar]], expressions: Expressions
) -> language.Population:
    """The population of a table: how the data model says where the table's rows come from.

    Raises:
        DesignError: the population cannot be made; with its place in the blueprint.
    """
    place: Place = ("tables", table, "rows")
    rows = draft.tables[table].rows
    if isinstance(rows, list | RowsOfWords):
        return language.Records(rows=records)
    if isinstance(rows, SeveralRows):
        sources = [
            _followed(draft, source, expressions, (*place, "sources", index))
            for index, source in enumerate(rows.sources)
        ]
        return valid(language.Several, {"sources": sources}, place)
    return _followed(draft, rows, expressions, place)


def _followed(
    draft: Draft,
    rows: IndependentRows | RowsByPeriod | RowsByState | RowsByMilestone | ChildRows,
    expressions: Expressions,
    place: Place,
) -> language.Population:
    """The population of rows that are independent, or that follow from one parent."""
    if isinstance(rows, IndependentRows):
        return valid(language.Scaled, settings_of(rows), place)
    parent = draft.existing_table(rows.parent, (*place, "parent"))
    if isinstance(rows, RowsByPeriod):
        values = {
            "parent": parent,
            "period": rows.period,
            "most": rows.most,
            "anchored": rows.anchored,
            "during": rows.during,
        }
        values["start"] = draft.reach(parent, rows.start, (*place, "start"))
        values["end"] = None if rows.end is None else draft.reach(parent, rows.end, (*place, "end"))
        return valid(language.PerPeriod, values, place)
    chosen: dict[str, Any] = {
        "parent": parent,
        "where": None if rows.where is None else expressions.over(parent, rows.where, (*place, "where")),
        "probability": rows.probability,
    }
    if isinstance(rows, ChildRows):
        return valid(language.PerParent, {**chosen, "count": _count(rows.count, (*place, "count"))}, place)
    return valid(language.PerParent, {**chosen, "history": _history(draft, parent, rows, place)}, place)


def _count(count: Mapping[str, float] | None, place: Place) -> dict[str, Any]:
    if count is None:
        return {"first": 1, "weights": [1.0]}
    try:
        weights = {int(number): weight for number, weight in count.items()}
    except ValueError:
        raise DesignError(
            place,
            "The keys of `count` must be whole numbers of children.",
            "Write number: weight, such as {1: 42, 2: 27, 3: 16}.",
        ) from None
    first = min(weights, default=1)
    return {
        "first": first,
        "weights": [weights.get(number, 0.0) for number in range(first, max(weights, default=1) + 1)],
    }


def _history(
    draft: Draft, parent: str, rows: RowsByState | RowsByMilestone, place: Place
) -> language.StateSequence | language.Milestones:
    if isinstance(rows, RowsByMilestone):
        moments = {
            state: draft.reach(parent, path, (*place, "milestones", state)) for state, path in rows.milestones.items()
        }
        return valid(language.Milestones, {"moments": moments}, (*place, "milestones"))
    return valid(
        language.StateSequence,
        {
            "start": draft.reach(parent, rows.start, (*place, "start")),
            "unit": rows.unit,
            "states": {name: settings_of(state) for name, state in rows.states.items()},
            "begin": rows.begin,
            "by": None if rows.by is None else draft.reach(parent, rows.by, (*place, "by")),
            "hours": weights_of_rhythm("hours", rows.hours),
            "most": rows.most,
        },
        place,
    )
