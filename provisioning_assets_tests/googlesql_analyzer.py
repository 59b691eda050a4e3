"""Google's own GoogleSQL front end and reference implementation (ZetaSQL as WebAssembly), as a judge for tests.

It takes half a minute to start, once a process: the tests that ask it are marked ``slow``.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from zetasql.api import Analyzer, CatalogBuilder, PreparedQuery, TableBuilder
from zetasql.types import (
    AnalyzerOptions,
    LanguageOptions,
    ProductMode,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

from provisioning_assets.googlesql.portability import Schema

_KINDS = {
    "STRING": TypeKind.TYPE_STRING,
    "INT64": TypeKind.TYPE_INT64,
    "FLOAT64": TypeKind.TYPE_DOUBLE,
    "NUMERIC": TypeKind.TYPE_NUMERIC,
    "BOOL": TypeKind.TYPE_BOOL,
    "DATE": TypeKind.TYPE_DATE,
    "DATETIME": TypeKind.TYPE_DATETIME,
}


@functools.cache
def _options() -> LanguageOptions:
    options = LanguageOptions.maximum_features()
    options.product_mode = ProductMode.PRODUCT_EXTERNAL
    return options


def _catalog(schema: Schema) -> Any:
    builder = CatalogBuilder("demo")
    for table, columns in schema.items():
        described = TableBuilder(table)
        for name, kind in columns.items():
            described = described.add_column(name, _KINDS[kind])
        builder = builder.add_table(described.build())
    return builder.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=_options())).build()


def front_end(schema: Schema) -> Callable[[str], str | None]:
    """A function that says why BigQuery's front end would refuse a query over these tables, or None when it takes it."""
    analyzer = Analyzer(AnalyzerOptions(language_options=_options()), _catalog(schema))

    def refusal(sql: str) -> str | None:
        try:
            analyzer.analyze_statement(sql)
        except Exception as error:  # noqa: BLE001 - the package raises its own, its transport's and protobuf's errors
            return str(error)
        return None

    return refusal


def reference_values(expressions: str) -> list[object]:
    """The values of a SELECT list without tables, as Google's reference implementation computes them, read from JSON."""
    query = (
        PreparedQuery.builder()
        .set_sql(f"SELECT TO_JSON_STRING(STRUCT({expressions}))")
        .set_analyzer_options(AnalyzerOptions(language_options=_options()))
        .set_catalog(_catalog({}))
        .prepare()
    )
    with query:
        answer: Any = query.execute()
    text = answer.content.table_data.row[0].cell[0].string_value
    return [value for _, value in json.loads(text, object_pairs_hook=list)]
