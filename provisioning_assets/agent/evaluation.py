"""Evaluates the agent: asks every scripted question in every wording, a sample of them a second time, and fresh questions.

A paraphrase is a wording that the agent's context does not have. One that the agent refuses is counted apart from one that it
answers with other rows: only the second misleads.

A replayed verified query is recorded as such and never counts as understanding. A golden query that failed or returned
no rows is reported as an error of the reference.
"""

from collections.abc import Callable, Iterable, Sequence

from provisioning_assets.agent.asking import AgentAnswer
from provisioning_assets.agent.comparison import difference, insight_figure, same_rows
from provisioning_assets.agent.fresh_questions import FreshQuestion
from provisioning_assets.agent.models import AgentEvaluation, AskedKind, AskedQuestion, FreshAnswer
from provisioning_assets.agent.row_matching import Rows, is_right
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.planning.models import Insight

# Every fourth scripted question or paraphrase is asked a second time.
_REPEAT_EVERY = 4

Ask = Callable[[str], AgentAnswer]
Progress = Callable[[str], object]


def evaluate(
    golden: GoldenQueries,
    insights: Sequence[Insight],
    ask: Ask,
    progress: Progress = lambda _line: None,
    fresh: Sequence[tuple[FreshQuestion, Rows]] = (),
) -> AgentEvaluation:
    """Ask all questions and compare the answers with the golden results.

    Args:
        golden: the questions with their executed results.
        insights: the planted insights; they say which cell of which result contains the planted figure.
        ask: asks the agent one question.
        progress: called with a line of text for each golden query.
        fresh: questions made from the data model, with the right rows of each.
    """
    by_id = {insight.id: insight for insight in insights}
    asked: list[AskedQuestion] = []
    repeatable: list[tuple[GoldenQuery, AgentAnswer]] = []
    for number, query in enumerate(golden.queries, start=1):
        progress(f"{number}/{len(golden.queries)} {query.question}")
        reference = reference_problem(query)
        if reference is not None:
            asked.append(_not_asked(query, reference))
            continue
        insight = by_id.get(query.insight_id or "")
        for kind, text in _questions(query):
            answer = ask(text)
            repeatable.append((query, answer))
            asked.append(_judged(query, insight, kind, answer))
    for query, first in repeatable[::_REPEAT_EVERY]:
        asked.append(_repeated(query, first, ask(first.question)))
    if fresh:
        progress(f"{len(fresh)} fresh questions")
    return summarise(asked, [_fresh(question, rows, ask(question.question)) for question, rows in fresh])


def reference_problem(query: GoldenQuery) -> str | None:
    """Return why a golden query is not usable as a reference, or None if it is."""
    if query.error is not None:
        return f"the golden query failed, so there are no rows to compare with: {query.error}"
    return "the golden query returned no rows to compare with" if query.row_count == 0 else None


def summarise(asked: list[AskedQuestion], fresh: list[FreshAnswer]) -> AgentEvaluation:
    """Compute the rates of the evaluation from all asked questions."""
    answered = [a for a in asked if a.kind != "repeat"]
    dropped = {a.query_id: None for a in asked if a.kind == "scripted" and not a.passed}
    return AgentEvaluation(
        asked=asked,
        scripted_pass_rate=_rate(a.passed for a in asked if a.kind in ("scripted", "wording")),
        paraphrase_pass_rate=_rate(a.passed for a in asked if a.kind == "paraphrase"),
        repeat_agreement=_rate(a.passed for a in asked if a.kind == "repeat"),
        understood_rate=_rate(a.passed and not a.matched_query for a in answered),
        dropped_query_ids=list(dropped),
        fresh=fresh,
    )


def _fresh(question: FreshQuestion, rows: Rows, answer: AgentAnswer) -> FreshAnswer:
    given = answer.sql is not None
    return FreshAnswer(
        form=question.form,
        question=question.question,
        outcome=("right" if is_right(rows, answer.rows) else "wrong") if given else "refused",
        answer=answer.text,
        sql=answer.sql,
        right_sql=question.sql,
    )


def _questions(query: GoldenQuery) -> Iterable[tuple[AskedKind, str]]:
    yield "scripted", query.question
    for words in query.known_wordings:
        yield "wording", words
    for words in query.held_back:
        yield "paraphrase", words


def _judged(query: GoldenQuery, insight: Insight | None, kind: AskedKind, answer: AgentAnswer) -> AskedQuestion:
    problem = _problem(query, answer)
    measured = holds = None
    if insight is not None and kind == "scripted":
        names = [column.name for column in answer.columns]
        measured = insight_figure(insight.assertion, query, names, answer.rows)
        holds = measured is not None and abs(measured - insight.expected) <= insight.tolerance
    return AskedQuestion(
        query_id=query.id,
        asked=answer.question,
        kind=kind,
        passed=problem is None,
        matched_query=answer.matched_query,
        sql=answer.sql,
        row_count=len(answer.rows),
        answer=answer.text,
        insight_measured=measured,
        insight_holds=holds,
        problem=problem,
        seconds=answer.seconds,
        misleads=problem is not None and bool(answer.rows) and not is_right(answer.rows, query.rows),
    )


def _problem(query: GoldenQuery, answer: AgentAnswer) -> str | None:
    if answer.error is not None:
        return f"the agent failed: {answer.error}"
    if answer.sql is None:
        return f"not understood: {answer.text}"
    return difference(query, answer.columns, answer.rows)


def _repeated(query: GoldenQuery, first: AgentAnswer, second: AgentAnswer) -> AskedQuestion:
    agrees = (first.error is None) == (second.error is None) and same_rows(first.rows, second.rows)
    return AskedQuestion(
        query_id=query.id,
        asked=second.question,
        kind="repeat",
        passed=agrees,
        matched_query=second.matched_query,
        sql=second.sql,
        row_count=len(second.rows),
        answer=second.text,
        problem=None if agrees else "the same question returned different rows the second time",
        seconds=second.seconds,
    )


def _not_asked(query: GoldenQuery, problem: str) -> AskedQuestion:
    return AskedQuestion(
        query_id=query.id,
        asked=query.question,
        kind="scripted",
        passed=False,
        matched_query=False,
        sql=None,
        row_count=0,
        answer="",
        problem=problem,
        seconds=0.0,
    )


def _rate(passed: Iterable[bool]) -> float:
    results = list(passed)
    return sum(results) / len(results) if results else 0.0
