"""Evaluates the agent: asks every scripted question in every wording, a sample of them a second time, and fresh questions.

A paraphrase is a wording that the agent's context does not have. One that the agent refuses is counted apart from one that it
answers with other rows: only the second misleads.

A scripted question that is answered wrong is asked up to three times, because a model may answer another time otherwise. One that
is wrong three times leaves the script.

A replayed verified query is recorded as such and never counts as understanding. A golden query that failed or returned
no rows is reported as an error of the reference.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from provisioning_assets.agent.asking import AgentAnswer
from provisioning_assets.agent.comparison import difference, insight_figure, same_rows
from provisioning_assets.agent.fresh_questions import FreshQuestion
from provisioning_assets.agent.models import AgentEvaluation, AskedKind, AskedQuestion, FreshAnswer
from provisioning_assets.agent.row_matching import Rows, is_right
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.planning.models import Insight

# Every fourth scripted question or paraphrase is asked a second time.
_REPEAT_EVERY = 4
_ATTEMPTS = 3

AskAll = Callable[[Sequence[str]], Sequence[AgentAnswer]]
Progress = Callable[[str], object]


def evaluate(
    golden: GoldenQueries,
    insights: Sequence[Insight],
    ask_all: AskAll,
    progress: Progress = lambda _line: None,
    fresh: Sequence[tuple[FreshQuestion, Rows]] = (),
) -> AgentEvaluation:
    """Ask all questions and compare the answers with the golden results.

    Args:
        golden: the questions with their executed results.
        insights: the planted insights; they say which cell of which result contains the planted figure.
        ask_all: asks the agent several questions and returns the answers in their order.
        progress: called with a line of text before each round of questions.
        fresh: questions made from the data model, with the right rows of each.
    """
    by_id = {insight.id: insight for insight in insights}
    problems = {query.id: problem for query in golden.queries if (problem := reference_problem(query)) is not None}
    questions = [
        _Question(query, kind, text)
        for query in golden.queries
        if query.id not in problems
        for kind, text in _questions(query)
    ]
    progress(f"asking {len(questions)} questions of {len(golden.queries) - len(problems)} golden queries")
    answers = list(ask_all([question.text for question in questions]))
    judged = [
        _judged(question, by_id.get(question.query.insight_id or ""), answer)
        for question, answer in zip(questions, answers, strict=True)
    ]
    for attempt in range(2, _ATTEMPTS + 1):
        failed = [at for at, one in enumerate(judged) if one.kind == "scripted" and not one.passed]
        if failed:
            progress(f"asking {len(failed)} of them again, attempt {attempt}")
        for at, answer in zip(failed, ask_all([questions[at].text for at in failed]), strict=True):
            again = _judged(questions[at], by_id.get(questions[at].query.insight_id or ""), answer)
            judged[at] = (again if again.passed else judged[at]).model_copy(update={"attempts": attempt})
    repeated = list(zip(questions, answers, strict=True))[::_REPEAT_EVERY]
    progress(f"asking {len(repeated)} of them a second time, and {len(fresh)} fresh questions")
    second_answers = ask_all([question.text for question, _ in repeated])
    repeats = [
        _repeated(question, first, second) for (question, first), second in zip(repeated, second_answers, strict=True)
    ]
    answers_to_fresh = ask_all([question.question for question, _ in fresh])
    fresh_answers = [
        _fresh(question, rows, answer) for (question, rows), answer in zip(fresh, answers_to_fresh, strict=True)
    ]
    given = [*answers, *second_answers, *answers_to_fresh]
    by_query = {query.id: [one for one in judged if one.query_id == query.id] for query in golden.queries}
    asked = [
        each
        for query in golden.queries
        for each in ([_not_asked(query, problems[query.id])] if query.id in problems else by_query[query.id])
    ]
    evaluation = summarise([*asked, *repeats], fresh_answers)
    evaluation.without_claude_because = next(filter(None, (a.without_claude_because for a in given)), None)
    return evaluation


@dataclass(frozen=True)
class _Question:
    query: GoldenQuery
    kind: AskedKind
    text: str


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
        answered_by=answer.answered_by,
    )


def _questions(query: GoldenQuery) -> Iterable[tuple[AskedKind, str]]:
    yield "scripted", query.question
    for words in query.known_wordings:
        yield "wording", words
    for words in query.held_back:
        yield "paraphrase", words


def _judged(question: _Question, insight: Insight | None, answer: AgentAnswer) -> AskedQuestion:
    query, kind = question.query, question.kind
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
        answered_by=answer.answered_by,
    )


def _problem(query: GoldenQuery, answer: AgentAnswer) -> str | None:
    if answer.error is not None:
        return f"the agent failed: {answer.error}"
    if answer.sql is None:
        return f"not understood: {answer.text}"
    return difference(query, answer.columns, answer.rows)


def _repeated(question: _Question, first: AgentAnswer, second: AgentAnswer) -> AskedQuestion:
    agrees = (first.error is None) == (second.error is None) and same_rows(first.rows, second.rows)
    return AskedQuestion(
        query_id=question.query.id,
        asked=second.question,
        kind="repeat",
        passed=agrees,
        matched_query=second.matched_query,
        sql=second.sql,
        row_count=len(second.rows),
        answer=second.text,
        problem=None if agrees else "the same question returned different rows the second time",
        seconds=second.seconds,
        answered_by=second.answered_by,
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
