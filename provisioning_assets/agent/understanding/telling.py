"""Describes a result in another language than English, in short sentences that need no grammar of the figure's name.

Names of columns are English: a figure is named only where the context has a synonym for it, which is in the demo's language.
"""

from collections.abc import Mapping
from itertools import pairwise

from provisioning_assets.agent.understanding.catalog import TIME_TYPES, Catalog
from provisioning_assets.agent.understanding.wording import Shape, format_figure, main_figure, ordered_by, shape_of
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.figure_text import quantity
from provisioning_assets.googlesql.column_titles import headings_from, period_text
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.labels.catalogue import Labels

_NAMED = 3
"""Rows that a sentence names."""
_LISTED = 5
"""Rows that are listed where there is no figure."""


def headings_in(catalog: Catalog, labels: Labels) -> dict[str, str]:
    """What columns of results are called in the language of the context's synonyms."""
    named = [(one.name, one.synonyms) for table in catalog.tables.values() for one in (table, *table.columns)]
    return headings_from(named, labels.periods)


def tell(result: QueryResult, labels: Labels, headings: Mapping[str, str], question: str = "", sql: str = "") -> str:
    """Return the answer as one or two sentences about the figure that the query orders by, else the first one.

    Args:
        result: the rows, whose columns have their units.
        labels: of the language.
        headings: column -> what it is called in the language.
        question: what was asked.
        sql: the GoogleSQL query.
    """
    return _Teller(result, labels, headings).sentence(question, sql)


class _Teller:
    """One result and the language it is told in."""

    def __init__(self, result: QueryResult, labels: Labels, headings: Mapping[str, str]) -> None:
        self.columns, self.rows, self.count = result.columns, result.rows, result.row_count
        self.labels, self.said, self.headings = labels, labels.agent, headings

    def sentence(self, question: str, sql: str) -> str:
        if not self.rows:
            return self.said.no_rows
        if len(self.rows) == 1:
            return "; ".join(self._cell(at) for at in range(len(self.columns))) + "."
        shape = shape_of(self.columns, self.rows)
        names = [self._name(row, shape) for row in self.rows]
        if not shape.figures:
            more = ", …" if self.count > _LISTED else "."
            return self.said.rows.of(self.count, labels=", ".join(names[:_LISTED]) + more)
        main = main_figure(shape, self.columns, question, ordered_by(sql), self.rows)
        known = [at for at, row in enumerate(self.rows) if isinstance(row[main], int | float)]
        if not known:
            return self.said.rows_without_value.of(self.count)
        values = [float(value) if isinstance(value := row[main], int | float) else float("-inf") for row in self.rows]
        texts = self._texts(main)
        told = self._over_time if shape.periods and not shape.labels else self._compared
        name = self.headings.get(self.columns[main].name)
        prefix = f"{name} – " if name and len(shape.figures) > 1 else ""
        return prefix + told(known, values, texts, names)

    def _cell(self, at: int) -> str:
        column, value = self.columns[at], self.rows[0][at]
        text = self._figure(value, column) if not isinstance(value, str) else self._label(value, column)
        name = self.headings.get(column.name)
        return f"{name}: {text}" if name else text

    def _texts(self, at: int) -> list[str]:
        cells = [row[at] for row in self.rows]
        largest = max((abs(cell) for cell in cells if isinstance(cell, int | float)), default=None)
        return [self._figure(cell, self.columns[at], largest) for cell in cells]

    def _figure(self, value: Scalar, column: ResultColumn, largest: float | None = None) -> str:
        if value is None:
            return self.labels.picture.no_value
        if isinstance(value, bool):
            return self.labels.picture.affirmed if value else self.labels.picture.denied
        return format_figure(value, column.name, column.unit, largest, self.labels.language)

    def _name(self, row: list[Scalar], shape: Shape) -> str:
        naming = sorted((*shape.periods, *shape.labels)) or [0]
        return ", ".join(self._label(row[at], self.columns[at]) for at in naming)

    def _label(self, value: Scalar, column: ResultColumn) -> str:
        if value is None:
            return self.labels.picture.none
        if isinstance(value, int) and not isinstance(value, bool) and "year" not in column.name.lower():
            return f"{self.headings.get(column.name, '')} {value}".strip()
        return period_text(str(value), column.name, self.labels.language) if column.type in TIME_TYPES else str(value)

    def _over_time(self, known: list[int], values: list[float], texts: list[str], names: list[str]) -> str:
        first, last = known[0], known[-1]
        top = max(known, key=lambda at: values[at])
        ends = {"begins": texts[first], "first": names[first], "ends": texts[last], "last": names[last]}
        if len({texts[at] for at in known}) == 1:
            return self.said.constant.format(value=texts[first], first=names[first], last=names[last])
        if texts[top] in (texts[first], texts[last]):
            return self.said.over_time.format(**ends)
        return self.said.over_time_peak.format(**ends, highest=texts[top], peak=names[top])

    def _compared(self, known: list[int], values: list[float], texts: list[str], names: list[str]) -> str:
        """The first rows of an order, else the highest and the lowest one."""
        if len({texts[at] for at in known}) == 1:
            return self.said.equal_for_all.of(len(known), value=texts[known[0]])
        total = "" if self.count <= _NAMED else f" {self._total()}"
        if known == list(range(len(values))):
            for form, order in ((self.said.highest, values), (self.said.lowest, [-value for value in values])):
                if order[0] > order[-1] and all(one >= other for one, other in pairwise(order)):
                    return form.format(rows=self._first_rows(texts, names)) + "." + total
        top, bottom = (choose(known, key=lambda at: values[at]) for choose in (max, min))
        told = self.said.highest_and_lowest.format(
            top=self._alike(top, texts, names), bottom=self._alike(bottom, texts, names)
        )
        return f"{told}.{total}"

    def _first_rows(self, texts: list[str], names: list[str]) -> str:
        alike = sum(text == texts[0] for text in texts)
        followers = [f"{names[at]} ({texts[at]})" for at in range(alike, min(len(texts), max(alike + 1, _NAMED)))]
        follow = self.said.followed_by.format(rows=self.labels.listed(followers)) if followers else ""
        return self._alike(0, texts, names) + follow

    def _alike(self, at: int, texts: list[str], names: list[str]) -> str:
        """The row, or all rows whose figures look the same."""
        same = [name for name, text in zip(names, texts, strict=True) if text == texts[at]]
        if len(same) == 1:
            return f"{names[at]} ({texts[at]})"
        named = same[:_NAMED]
        if len(same) > _NAMED:
            named.append(self.said.more.of(len(same) - _NAMED))
        return f"{self.labels.listed(named)} ({self.said.each.format(value=texts[at])})"

    def _total(self) -> str:
        return self.said.total_rows.format(count=quantity(self.count, 0, self.labels.language))
