"""Problems of the laws and relations of a model: names that occur twice, and SQL that does not fit the stored tables."""

from collections import Counter
from collections.abc import Iterator, Sequence

from provisioning_assets.data_model.laws import Law, Relation
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.portability import Schema, lint, result_columns, schema_of
from provisioning_assets.googlesql.statements import tables_in
from provisioning_assets.googlesql.unresolved_columns import Helpers, helpers_of

MOST_PARTS = 6
"""Largest number of columns beside a relation's figure; the report shows each as a bar."""

NOT_A_FIGURE = frozenset({"STRING", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME", "BYTES"})


def law_problems(model: DataModel) -> list[Problem]:
    """Return all problems of ``rules`` and ``relations``, in their order. The SQL may read what is stored."""
    schema, helpers = schema_of(model.tables), helpers_of(model.tables)
    problems = [*_repeated("rules", model.rules), *_repeated("relations", model.relations)]
    for law in model.rules:
        problems += _sql_problems(("rules", law.id, "sql"), law.sql, schema, helpers, "the rows that break the rule")
    for relation in model.relations:
        place: Place = ("relations", relation.id, "sql")
        found = list(_sql_problems(place, relation.sql, schema, helpers, "what the figure is made of"))
        problems += found or _column_problems(place, relation.sql, schema)
    return problems


def _repeated(section: str, laws: Sequence[Law] | Sequence[Relation]) -> Iterator[Problem]:
    for id_, count in Counter(law.id for law in laws).items():
        if count > 1:
            yield Problem(
                (section, id_), f"{count} {section} have this id.", f"Give each of the {section} a different id."
            )


def _sql_problems(place: Place, sql: str, schema: Schema, helpers: Helpers, what: str) -> Iterator[Problem]:
    try:
        read = tables_in(sql)
    except ProvisioningError as error:
        yield Problem(place, error.problem, error.remedy)
        return
    if not read:
        yield Problem(place, "The query reads no table.", f"Read {what} from one of {', '.join(schema)}.")
        return
    unknown = [table for table in read if table not in schema]
    for table in unknown:
        yield Problem(place, f"'{table}' is not a table.", suggestion(table, schema))
    if not unknown:
        for finding in lint(sql, schema, helpers):
            yield Problem(
                place, finding, "Only stored columns can be read, and every function must exist on BigQuery and DuckDB."
            )


def _column_problems(place: Place, sql: str, schema: Schema) -> Iterator[Problem]:
    """Columns of a relation's result that are no numbers or have no name of their own, and too many of them."""
    columns = result_columns(sql, schema)
    if len(columns) > MOST_PARTS + 1:
        yield Problem(
            place,
            f"The query returns {len(columns)} columns.",
            f"The first is the figure; return at most {MOST_PARTS} more, the numbers that it is made of.",
        )
    for number, (name, kind) in enumerate(columns):
        if kind in NOT_A_FIGURE:
            shown = f"'{name}' is a {kind}" if name else f"Column {number + 1} is a {kind}"
            yield Problem(
                place, f"{shown}.", "Return one row of numbers: the figure, then the numbers that it is made of."
            )
        elif name is None and number:
            yield Problem(place, f"Column {number + 1} has no name.", "Name it with AS: the report shows the name.")
        elif name in [earlier for earlier, _ in columns[:number]]:
            yield Problem(place, f"Two columns are named '{name}'.", "Give each a name of its own with AS.")
