"""Finds problems of a demo plan before other steps use it.

There must be enough questions, their SQL must use only the model's tables and columns, and every insight needs a question
that proves it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.tables import Table
from provisioning_assets.googlesql.portability import Schema, lint, schema_of
from provisioning_assets.googlesql.unresolved_columns import Helpers, helpers_of, unresolved_column
from provisioning_assets.planning.blueprint import Complexity
from provisioning_assets.planning.models import DemoPlan, Insight, Question
from provisioning_assets.quality_bars import LEAST_OF_EACH_COMPLEXITY, LEAST_QUERIES


def plan_problems(plan: DemoPlan) -> list[str]:
    """Why a plan is not complete; empty if it is. Checks the plan alone, without the data model."""
    return [*_count_problems(plan), *_link_problems(plan)]


def _count_problems(plan: DemoPlan) -> Iterator[str]:
    if len(plan.questions) < LEAST_QUERIES:
        yield f"{len(plan.questions)} questions; at least {LEAST_QUERIES} are needed"
    levels = Counter(question.complexity for question in plan.questions)
    for level in Complexity:
        if levels[level] < LEAST_OF_EACH_COMPLEXITY:
            yield f"{levels[level]} {level} questions; at least {LEAST_OF_EACH_COMPLEXITY} are needed"
    for name in ("insights", "challenges", "kpis", "scenes", "glossary"):
        if not getattr(plan, name):
            yield f"no {name}"
    yield from (str(problem) for problem in wording_problems(plan))


def wording_problems(plan: DemoPlan) -> list[Problem]:
    """Questions and paraphrases with the same wording, for which it is unclear which question is meant."""
    asked: dict[str, list[str]] = {}
    for question in plan.questions:
        for words in (question.question, *question.paraphrases):
            asked.setdefault(words.casefold().strip(), []).append(question.id)
    return [
        Problem(
            ("questions", questions[-1]),
            f"'{words}' is asked {len(questions)} times.",
            "All questions and paraphrases must be different.",
        )
        for words, questions in asked.items()
        if len(questions) > 1
    ]


def _link_problems(plan: DemoPlan) -> Iterator[str]:
    questions = {question.id: question for question in plan.questions}
    insights = {insight.id for insight in plan.insights}
    if len(questions) < len(plan.questions):
        yield "two questions have the same id"
    for insight in plan.insights:
        proof = questions.get(insight.query_id)
        if proof is None:
            near = suggestion(insight.query_id, questions)
            yield f"insight {insight.id}: its question '{insight.query_id}' does not exist; {near}"
        elif proof.insight_id != insight.id:
            yield f"insight {insight.id}: its question '{proof.id}' does not name this insight"
    for challenge in plan.challenges:
        for missing in sorted(set(challenge.insight_ids) - insights):
            yield f"challenge '{challenge.title}': insight '{missing}' does not exist"
    times_asked = Counter(question_id for scene in plan.scenes for question_id in scene.question_ids)
    for question_id in times_asked:
        if question_id not in questions:
            yield f"a scene asks '{question_id}', which is not a question"
    for question_id in questions:
        if times_asked[question_id] != 1:
            yield f"question {question_id} is in {times_asked[question_id]} scenes; every question must be in exactly one scene"


def sql_problems(plan: DemoPlan, tables: Sequence[Table]) -> list[Problem]:
    """Problems of the plan's SQL, checked against the model's tables: syntax, names, charts and proofs.

    Places are those of a blueprint: ("questions", id, "sql"), ("kpis", index, "sql"), ("insights", id, "read").
    """
    schema, helpers = schema_of(tables), helpers_of(tables)
    insights = {insight.id: insight for insight in plan.insights}
    problems: list[Problem] = []
    for question in plan.questions:
        place: Place = ("questions", question.id)
        columns, wrong = _checked(question.sql, schema, helpers)
        problems += [Problem((*place, "sql"), message) for message in wrong]
        if not wrong:
            problems += _answer_problems(question, insights.get(question.insight_id or ""), columns)
    for index, kpi in enumerate(plan.kpis):
        columns, wrong = _checked(kpi.sql, schema, helpers)
        problems += [Problem(("kpis", index, "sql"), message) for message in wrong]
        if not wrong and columns != ["value"]:
            problems.append(
                Problem(
                    ("kpis", index, "sql"),
                    f"It returns {', '.join(columns)}.",
                    "It must return one column named value.",
                )
            )
    return problems


def portability_problems(plan: DemoPlan, tables: Sequence[Table]) -> list[Problem]:
    """SQL in the plan that fails or differs between BigQuery and DuckDB. Takes about 30 ms per query.

    Places are as in ``sql_problems``, which must not have found problems in the same plan.
    """
    schema, helpers = schema_of(tables), helpers_of(tables)
    queries: list[tuple[Place, str]] = [
        *((("questions", question.id, "sql"), question.sql) for question in plan.questions),
        *((("kpis", index, "sql"), kpi.sql) for index, kpi in enumerate(plan.kpis)),
    ]
    return [Problem(place, finding) for place, sql in queries for finding in lint(sql, schema, helpers)]


def _checked(sql: str, schema: Schema, helpers: Helpers) -> tuple[list[str], list[str]]:
    """The result's columns, and the problems of the query."""
    try:
        statements = sqlglot.parse(sql, read="bigquery")
    except SqlglotError as failure:
        return [], [f"It is not GoogleSQL: {str(failure).splitlines()[0]}"]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return [], ["It must be one SELECT statement."]
    query = statements[0]
    problems = []
    named = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.name not in schema and table.name not in named:
            problems.append(f"'{table.sql(dialect='bigquery')}' is not a table. {suggestion(table.name, schema)}")
        elif table.db:
            problems.append(f"'{table.sql(dialect='bigquery')}': tables are named without their data set.")
    if problems:
        return [], problems
    try:
        qualified = qualify(query.copy(), schema={**schema}, dialect="bigquery", quote_identifiers=False)
    except SqlglotError as failure:
        reported = str(failure).splitlines()[0]
        return [], [unresolved_column(reported, query, schema, helpers) or reported]
    return list(qualified.named_selects), []


def _answer_problems(question: Question, insight: Insight | None, columns: list[str]) -> Iterator[Problem]:
    chart = question.chart
    for axis, name in [("x", chart.x), ("y", chart.y), ("series", chart.series)] if chart else []:
        if name is not None and name not in columns:
            yield Problem(
                ("questions", question.id, "chart", axis),
                f"The result has no column '{name}'.",
                suggestion(name, columns),
            )
    for name in [insight.assertion.column, *insight.assertion.where] if insight else []:
        if name not in columns:
            yield Problem(
                ("insights", question.insight_id or "", "read"),
                f"The result of {question.id} has no column '{name}'.",
                suggestion(name, columns),
            )
