"""Runs one GoogleSQL query over the generated tables of a preview, and prints its rows."""

import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.terminal import plain

_NUMBERS = ("INT64", "FLOAT64", "NUMERIC")


def query_preview(model: DataModel, sql: str, *, rows: int) -> QueryResult:
    """Generate the sample of a preview in a temporary folder, which is removed afterwards, and run one query in it.

    Args:
        model: as planned; ``synthesis.preview`` shows the same rows.
        sql: one GoogleSQL SELECT over bare names of stored tables; windows such as ``{last 90 days of DATE(paid_at)}`` are
            accepted as in a blueprint. It runs read-only, and can reach nothing but these tables.
        rows: number of rows of the result to return at most.

    Raises:
        ProvisioningError: the query cannot be run, or the model cannot be generated.
    """
    from provisioning_assets.googlesql.duckdb_queries import run_query
    from provisioning_assets.synthesis.engine import synthesise
    from provisioning_assets.synthesis.preview import sampled
    from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset

    query = _checked(sql, model)
    small = sampled(model)
    with tempfile.TemporaryDirectory(prefix="provision-preview-") as name:
        folder = Path(name)
        build_dataset(small, synthesise(small, folder), folder=folder)
        return run_query(folder / FILE_NAME, query, as_of=small.as_of, most_rows=rows)


def _checked(sql: str, model: DataModel) -> str:
    """The query with its windows written out, before any row is generated.

    Raises:
        ProvisioningError: it is not one SELECT, or names a table or column that is not stored.
    """
    from pydantic_core import PydanticCustomError

    from provisioning_assets.googlesql.portability import schema_of, unknown_names
    from provisioning_assets.googlesql.statements import parse
    from provisioning_assets.googlesql.unresolved_columns import helpers_of
    from provisioning_assets.planning.windows import expand_windows

    try:
        expanded = expand_windows(sql)
    except PydanticCustomError as error:
        raise ProvisioningError(f"The query cannot be run: {error.message()}", "Correct what --sql says.") from error
    parse(expanded)
    unknown = unknown_names(expanded, schema_of(model.tables), helpers_of(model.tables))
    if unknown:
        raise ProvisioningError(f"The query cannot be run: {unknown[0]}", "Correct what --sql says.")
    return expanded


def print_result(console: Console, result: QueryResult) -> None:
    """Print the rows of a query in the width of the console; long texts are wrapped. Then the number of all its rows."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for column in result.columns:
        justify = "right" if column.type in _NUMBERS else "left"
        shown.add_column(Text(plain(column.name)), overflow="fold", justify=justify)
    for row in result.rows:
        shown.add_row(*(Text(_cell(value)) for value in row))
    console.print(shown)
    count = f"{result.row_count:,} row{'s' * (result.row_count != 1)}"
    left_out = result.row_count - len(result.rows)
    console.print(Text(f"{count}, of which {left_out:,} are not shown (--rows)" if left_out else count, style="dim"))


def _cell(value: Scalar) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else plain(str(value))
