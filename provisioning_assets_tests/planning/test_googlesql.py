"""Google's own SQL analyzer (zetasql, compiled to WebAssembly) on every query of every blueprint: as BigQuery reads them."""

from typing import Any

import pytest
from zetasql.core.exceptions import ClientError

from provisioning_assets.planning.blueprint_files import blueprint_ids
from provisioning_assets.planning.data_model import DataModel
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets_tests.planning.conftest import profile, request_for

ZETASQL_TYPES = {"FLOAT64": "TYPE_DOUBLE"}


def analyzer_of(model: DataModel) -> Any:
    """An analyzer that knows the model's stored tables. Starting the first one takes most of a minute."""
    from zetasql import types
    from zetasql.api.analyzer import Analyzer
    from zetasql.api.builders.catalog_builder import CatalogBuilder
    from zetasql.api.builders.table_builder import TableBuilder

    language = types.LanguageOptions.maximum_features()
    functions = types.ZetaSQLBuiltinFunctionOptions(language_options=language)
    catalog = CatalogBuilder("demo").with_builtin_functions(functions)
    for table in model.tables:
        built = TableBuilder(table.name)
        for column in table.columns:
            if not column.internal:
                kind = ZETASQL_TYPES.get(column.type, f"TYPE_{column.type}")
                built.add_column(column.name, getattr(types.TypeKind, kind))
        catalog.add_table(built.build())
    return Analyzer(types.AnalyzerOptions(language_options=language), catalog.build())


@pytest.mark.slow
def test_bigquerys_front_end_accepts_every_query():
    refused = {}
    for blueprint_id in blueprint_ids():
        # A word with every awkward character: what the analyzer sees is what a customer's words become.
        customer = profile(industry=blueprint_id, company_name='Joe\'s \\ "Diner"')
        plan = plan_demo(customer, request_for())
        analyzer = analyzer_of(design_data_model(plan, customer, request_for()))
        with pytest.raises(ClientError, match="Unrecognized name: no_such_column"):
            analyzer.analyze_statement(
                "SELECT no_such_column FROM " + plan.questions[0].sql.split("FROM ")[-1].split()[0]
            )
        for name, sql in [(question.id, question.sql) for question in plan.questions] + [
            (kpi.name, kpi.sql) for kpi in plan.kpis
        ]:
            try:
                analyzer.analyze_statement(sql)
            except ClientError as error:
                refused[blueprint_id, name] = str(error)
    assert refused == {}
