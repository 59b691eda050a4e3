"""Problems of the laws of a model: names that occur twice, and SQL that does not fit the stored tables."""

from collections import Counter
from collections.abc import Iterator

from provisioning_assets.data_model.laws import Law
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.statements import Schema, lint, schema_of, tables_in
from provisioning_assets.googlesql.unresolved_columns import Helpers, helpers_of


def law_problems(model: DataModel) -> list[Problem]:
    """Return all problems of ``model.rules``, in their order. The SQL is checked with the stored tables as its schema."""
    schema, helpers = schema_of(model.tables), helpers_of(model.tables)
    times = Counter(law.id for law in model.rules)
    repeated = [
        Problem(("rules", id_), f"{count} rules have this id.", "Give each rule a different id.")
        for id_, count in times.items()
        if count > 1
    ]
    return [*repeated, *(problem for law in model.rules for problem in _sql_problems(law, schema, helpers))]


def _sql_problems(law: Law, schema: Schema, helpers: Helpers) -> Iterator[Problem]:
    place: Place = ("rules", law.id, "sql")
    try:
        read = tables_in(law.sql)
    except ProvisioningError as error:
        yield Problem(place, error.problem, error.remedy)
        return
    if not read:
        yield Problem(
            place, "The query reads no table.", f"Read the rows that break the rule from one of {', '.join(schema)}."
        )
        return
    unknown = [table for table in read if table not in schema]
    for table in unknown:
        yield Problem(place, f"'{table}' is not a table.", suggestion(table, schema))
    if not unknown:
        for finding in lint(law.sql, schema, helpers):
            yield Problem(
                place, finding, "Only stored columns can be read, and every function must exist on BigQuery and DuckDB."
            )
