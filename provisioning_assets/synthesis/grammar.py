"""Free text from a small grammar, for all rows at once.

A template's ``{name}`` is replaced by one of the parts of that name, which may have placeholders themselves, or by the row's
column of that name. Each placeholder draws for itself, so the number of texts is the product of its parts.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from provisioning_assets.data_model.keyed_random import Integers
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.synthesis.row_numbers import at_rows

Draw = Callable[[str, int], np.ndarray]
"""(purpose, rows) -> uniform draws in [0, 1)."""


def written(
    templates: Sequence[str],
    parts: Mapping[str, Sequence[str]],
    columns: Mapping[str, pl.Series],
    rows: Integers,
    draw: Draw,
) -> pl.Series:
    """A text for each of ``rows`` (row numbers into ``columns``)."""
    return _expand(tuple(templates), parts, columns, rows, draw, "template")


def _expand(
    texts: Sequence[str],
    parts: Mapping[str, Sequence[str]],
    columns: Mapping[str, pl.Series],
    rows: Integers,
    draw: Draw,
    purpose: str,
) -> pl.Series:
    chosen = (draw(purpose, len(rows)) * len(texts)).astype(np.int64)
    if not any(PLACEHOLDER.search(text) for text in texts):
        return at_rows(pl.Series(texts, dtype=pl.String), chosen)
    pieces: list[pl.Series] = []
    origins: list[Integers] = []
    for number, text in enumerate(texts):
        mine = np.flatnonzero(chosen == number)
        pieces.append(_fill(text, parts, columns, rows[mine], draw, f"{purpose}/{number}"))
        origins.append(mine)
    order = np.argsort(np.concatenate(origins), kind="stable")
    return at_rows(pl.concat(pieces), order)


def _fill(
    text: str,
    parts: Mapping[str, Sequence[str]],
    columns: Mapping[str, pl.Series],
    rows: Integers,
    draw: Draw,
    purpose: str,
) -> pl.Series:
    literals = PLACEHOLDER.split(text)
    values: dict[str, pl.Series] = {}
    expressions: list[pl.Expr] = []
    for index, piece in enumerate(literals):
        if index % 2 == 0:
            expressions.append(pl.lit(piece))
            continue
        slot = f"slot{index}"
        if piece in parts:
            values[slot] = _expand(tuple(parts[piece]), parts, columns, rows, draw, f"{purpose}/{index}")
        else:
            values[slot] = at_rows(columns[piece], rows).cast(pl.String)
        expressions.append(pl.col(slot).fill_null(""))
    if not values:
        return pl.Series([text], dtype=pl.String).new_from_index(0, len(rows))
    return pl.DataFrame(values).select(pl.concat_str(expressions).alias("text")).to_series()
