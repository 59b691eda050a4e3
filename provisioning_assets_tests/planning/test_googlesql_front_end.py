"""Google's own analyzer checks the SQL of every blueprint against the data model that is made from it."""

import pytest

from provisioning_assets.googlesql.portability import lint, schema_of
from provisioning_assets.googlesql.statements import pin_today, pretty
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets_tests.googlesql_analyzer import front_end
from provisioning_assets_tests.planning.conftest import AS_OF, facts, planned, profile
from provisioning_assets_tests.sweep_size import EVERY

# Words with everything that could end a literal: quotes, backslashes, braces, another alphabet.
WORDS = facts("O'Brien's \"best\"", "back\\slash", "{braces}", "Ülkü", "a; b -- c")


def statements(industry: str, words: bool) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    customer = profile(industry=industry, **({"product_categories": WORDS} if words else {}))
    plan, model = planned(customer)
    queries = {question.id: question.sql for question in plan.questions} | {kpi.name: kpi.sql for kpi in plan.kpis}
    queries |= {f"rule {law.id}": law.sql for law in model.rules}
    queries |= {f"relation {relation.id}": relation.sql for relation in model.relations}
    return queries, schema_of(model.tables)


@pytest.mark.parametrize("words", [False, True], ids=["own words", "customer's words"])
@pytest.mark.parametrize("industry", blueprint_ids())
def test_every_query_is_portable(industry: str, words: bool) -> None:
    queries, schema = statements(industry, words)
    findings = {name: lint(sql, schema) for name, sql in queries.items()}
    assert {name: found for name, found in findings.items() if found} == {}


def forms(sql: str, position: int) -> list[str]:
    """Return the forms to check of the query with this position."""
    found = list(dict.fromkeys((sql, pretty(sql), pin_today(sql, AS_OF))))
    return found if EVERY == 1 else [found[position % len(found)]]


@pytest.mark.slow
@pytest.mark.parametrize("industry", blueprint_ids())
def test_googles_own_front_end_takes_every_query_as_written_as_shown_and_as_pinned(industry: str) -> None:
    own, schema = statements(industry, words=False)
    customers, customers_schema = statements(industry, words=True)
    # the analyzer takes a tenth of a second for a query, and most are the same with the customer's words
    changed = {name: sql for name, sql in customers.items() if own.get(name) != sql}
    refused = {
        (name, form): reason
        for queries, refusal in ((own, front_end(schema)), (changed, front_end(customers_schema)))
        for position, (name, sql) in enumerate(queries.items())
        for form in forms(sql, position)
        if (reason := refusal(form))
    }
    assert refused == {}
