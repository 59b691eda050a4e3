"""Prints the check of a blueprint on a terminal. Markup and control characters in texts of the blueprint have no effect."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provisioning_assets.authoring.models import BlueprintCheck, InsightCheck, QuestionCheck
from provisioning_assets.authoring.verdict import (
    ROOM_FOR_SEEDS,
    at_seeds,
    broken_laws,
    broken_rules,
    is_uninteresting,
    nearly_leaves,
    proves_nothing,
    realism_by_seed,
    relations_by_seed,
    spread_over_seeds,
)
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.quality.models import RealismResult, RelationResult
from provisioning_assets.quality.report_text import bound, number
from provisioning_assets.synthesis.preview_text import first_rows
from provisioning_assets.terminal import plain

PASSED, FAILED, REMARK, REPORTED = ("✓", "green"), ("✗", "bold red"), ("!", "yellow"), ("·", "dim")
INDENT = 2
OFFERS = " You could ask:"
"""Begins the part of a refusal that suggests other questions; it is cut off here, because an author knows them."""

Sign = tuple[str, str]


def print_check(console: Console, check: BlueprintCheck) -> None:
    """Print a check at the console's width: each section, then the verdict."""
    console.print(_headline(check))
    if check.faults:
        _print_section(console, "Faults", _faults(check))
    if check.tables is not None:
        _print_section(console, "Tables", _tables(check, console.width - INDENT))
        _print_section(console, "Rules", _rules(check))
        _print_section(console, "Relations", _relations(check))
        _print_section(console, "Realism", _realism(check))
        _print_section(console, "Questions", _questions(check))
        _print_section(console, "Insights", _insights(check))
        _print_section(console, "Agent", _agent(check))
    _print_section(console, "Verdict", _verdict(check))


def _print_section(console: Console, title: str, parts: Iterator[RenderableType]) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    for part in parts:
        console.print(Padding(part, (0, 0, 0, INDENT), expand=False))


def _line(sign: Sign, *words: str | tuple[str, str]) -> RenderableType:
    """Return a sign with text that is wrapped beside it."""
    line = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(*sign), Text.assemble(*words))
    return line


def _headline(check: BlueprintCheck) -> RenderableType:
    if check.blueprint is None:
        return Text(plain(check.file), style="bold")
    seeds = [seed.seed for seed in check.seeds]
    facts = [f"market {check.country}", f"size {check.size}", f"as of {check.as_of}"]
    if seeds:
        facts.append(f"seed{'s' * (len(seeds) != 1)} {', '.join(map(str, seeds))}")
    return Text.assemble((plain(check.name or ""), "bold"), f"  {plain(check.file)}   ", ("   ".join(facts), "dim"))


def _faults(check: BlueprintCheck) -> Iterator[RenderableType]:
    for fault in check.faults:
        where = ", ".join(filter(None, [f"line {fault.line}" if fault.line is not None else "", plain(fault.place)]))
        yield _line(
            FAILED, (f"{plain(fault.file)}, {where}" if where else plain(fault.file), "cyan"), f"  {plain(fault.words)}"
        )


def _tables(check: BlueprintCheck, width: int) -> Iterator[RenderableType]:
    preview = check.tables
    if preview is None:
        return
    for at, table in enumerate(preview.tables):
        title = Text.assemble((table.name, "bold green"), (f"  {table.rows:,} rows", "dim"))
        yield Padding(Group(title, first_rows(table, width)), (int(at > 0), 0, 0, 0), expand=False)
    for remark in check.remarks:
        yield _line(REMARK, plain(remark))


# --- rules, relations and realism -----------------------------------------------------------------------------------------------


def _rules(check: BlueprintCheck) -> Iterator[RenderableType]:
    seeds = check.seeds
    rules = {(rule.table, rule.column, rule.rule) for seed in seeds for rule in seed.coherence}
    broken = broken_rules(seeds)
    yield _line(
        FAILED if broken else PASSED,
        f"{len(rules) - len(broken)} of {len(rules)} rules that follow from the tables hold",
        f" {at_seeds([seed.seed for seed in seeds], seeds)}".rstrip(),
    )
    for rule, at in broken:
        yield _line(
            FAILED,
            f"{rule.table}.{rule.column}: {plain(rule.rule)}: it does not hold {rule.violations:,} times ",
            at_seeds(at, seeds),
        )
    failed = {law.id: (law, at) for law, at in broken_laws(seeds)}
    for law in seeds[0].laws:
        if law.id not in failed:
            yield _line(PASSED, (law.id, "cyan"), f"  {plain(law.says)}")
            continue
        first, at = failed[law.id]
        yield _line(FAILED, plain(first.failure()), f" {at_seeds(at, seeds)}".rstrip())
        for example in first.examples:
            shown = ", ".join(f"{name} {value}" for name, value in zip(first.columns, example, strict=False))
            yield Padding(Text(plain(shown), style="dim"), (0, 0, 0, INDENT), expand=False)
    if not seeds[0].laws:
        yield _line(
            REMARK, "The blueprint has no rules of the trade. Write what never happens in this business under `rules`."
        )


def _relations(check: BlueprintCheck) -> Iterator[RenderableType]:
    measured = [[result for _, result in results] for results in relations_by_seed(check.seeds)]
    for results in measured:
        holds = all(result.holds() for result in results)
        sign = (REMARK if nearly_leaves(results) else PASSED) if holds else FAILED
        yield _line(sign, *_relation(results))
    if not measured:
        yield _line(
            REMARK, "The blueprint has no relations. Write what goes with what in this business under `relations`."
        )


def _relation(results: Sequence[RelationResult]) -> Iterator[str | tuple[str, str]]:
    first = results[0]
    yield (first.id, "cyan")
    yield f"  {plain(first.says)}\nmeasured "
    for at, result in enumerate(results):
        yield ", " if at else ""
        yield (plain(result.shown()), "" if result.holds() else "bold red")
    yield f"; plausible {plain(first.range_shown())}"
    yield (f" ({plain(first.source)})", "dim")
    if first.parts:
        yield (f"; {', '.join(f'{plain(name)} {number(value)}' for name, value in first.parts.items())}", "dim")
    if (spread := spread_over_seeds(results)) is not None:
        middle, deviation = spread
        yield f"; mean {number(middle)}, standard deviation {number(deviation)}"
        if nearly_leaves(results):
            low, high = (number(middle + side * ROOM_FOR_SEEDS * deviation) for side in (-1, 1))
            yield (
                f"; other seeds may leave the range: {ROOM_FOR_SEEDS} standard deviations reach from {low} to {high}. Make the "
                "relation clearer, or the range wider",
                "yellow",
            )
    for error in dict.fromkeys(result.error for result in results if result.error):
        yield (f"\n{plain(error)}", "red")


def _realism(check: BlueprintCheck) -> Iterator[RenderableType]:
    """Yield the failed checks as sentences, then every check with its figures."""
    rows = [(_realism_sign(results), results) for results in realism_by_seed(check.seeds)]
    if not rows:
        yield _line(
            REMARK, "Nothing can be measured: no table has an event_time, entity or amount, or none has enough rows."
        )
        return
    for problem in check.problems:
        if problem.section == "realism":
            yield _line(FAILED, plain(problem.words))
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("", "table", "check", "measured", "bound"):
        shown.add_column(title, overflow="fold", justify="right" if title == "measured" else "left")
    for sign, results in rows:
        result = next(each for each in results if each is not None)
        column = f" of {result.column}" if result.column else ""
        shown.add_row(
            Text(*sign),
            Text(result.table, style="cyan"),
            Text.assemble(result.check, (column, "dim")),
            Text("  ".join("–" if each is None else number(each.measured) for each in results)),
            Text(bound(result)),
        )
    yield shown


def _realism_sign(results: Sequence[RealismResult | None]) -> Sign:
    passed = [result.passed for result in results if result is not None]
    if False in passed:
        return FAILED
    return PASSED if True in passed else REPORTED


# --- questions -------------------------------------------------------------------------------------------------------


def _questions(check: BlueprintCheck) -> Iterator[RenderableType]:
    for question in check.questions:
        yield _line(_question_sign(question), *_question(question))
    for kpi in check.kpis:
        failed = kpi.error is not None
        figure = plain(kpi.error or "") if failed else f"{number(kpi.value)} {plain(kpi.unit)}"
        yield _line(FAILED if failed else PASSED, ("KPI ", "dim"), (plain(kpi.name), "cyan"), f"  {figure}")


def _question_sign(question: QuestionCheck) -> Sign:
    if question.error is not None or not question.row_count or question.chart_problem is not None:
        return FAILED
    return REMARK if is_uninteresting(question) else PASSED


def _question(question: QuestionCheck) -> Iterator[str | tuple[str, str]]:
    yield (question.id, "cyan")
    if question.error is not None:
        yield f"  {plain(question.error)}"
        return
    yield f"  {question.row_count:,} row{'s' * (question.row_count != 1)}"
    yield (f", {question.seconds:.2f} s", "dim")
    if is_uninteresting(question):
        yield (f"  not worth showing: {plain(question.dull_because or '')}", "yellow")
    if question.chart_problem is not None:
        yield (f"  its chart cannot be drawn: {plain(question.chart_problem)}", "red")
    if question.row_count:
        first = ", ".join(
            f"{name} {_cell(value)}" for name, value in zip(question.columns, question.first_row, strict=True)
        )
        yield (f"\n{plain(first)}", "dim")


def _cell(value: Scalar) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value).removesuffix("T00:00:00")


# --- insights --------------------------------------------------------------------------------------------------------


def _insights(check: BlueprintCheck) -> Iterator[RenderableType]:
    for insight in check.insights:
        yield _line(_insight_sign(insight), *_insight(insight))
    if check.strength is not None:
        strongest = max((abs(each.corrected_z) for each in check.strength.unplanned), default=0.0)
        stands_out = any(problem.words.startswith("Not planted") for problem in check.problems)
        yield _line(
            FAILED if stands_out else PASSED,
            f"{check.strength.places:,} other figures were searched; the one that stands out most has z {strongest:.1f}",
        )


def _insight_sign(insight: InsightCheck) -> Sign:
    holds = insight.spread.share_within_tolerance == 1.0 and not proves_nothing(insight.spread)
    stands_out = insight.strength is not None and insight.strength.passed
    return PASSED if holds and stands_out else FAILED


def _insight(insight: InsightCheck) -> Iterator[str | tuple[str, str]]:
    spread, strength = insight.spread, insight.strength
    yield (spread.insight_id, "cyan")
    yield f"  {plain(spread.headline)}\n"
    yield f"expected {number(spread.expected)} ± {number(spread.tolerance)} {plain(spread.unit)}; "
    yield "measured "
    for at, seed in enumerate(spread.seeds):
        yield ", " if at else ""
        yield (number(seed.figure), "" if seed.within_tolerance else "bold red")
    if spread.standard_deviation is not None:
        yield f" (mean {number(spread.mean)}, standard deviation {number(spread.standard_deviation)})"
    yield f"; without its effects {number(spread.mean_without_effects)}"
    if spread.standard_deviation_without_effects is not None:
        yield f" ± {number(spread.standard_deviation_without_effects)}"
    held = sum(seed.within_tolerance for seed in spread.seeds)
    if len(spread.seeds) > 1:
        yield f"; holds at {held} of {len(spread.seeds)} seeds"
    if spread.standard_deviation and spread.tolerance < ROOM_FOR_SEEDS * spread.standard_deviation:
        enough = number(ROOM_FOR_SEEDS * spread.standard_deviation)
        yield (f"; a tolerance of {ROOM_FOR_SEEDS} standard deviations, {enough}, is safer", "yellow")
    if strength is not None and strength.z is not None:
        yield f"; z {strength.z:.1f}, rank {strength.rank} of {strength.groups}"
    reasons = dict.fromkeys(
        reason for reason in [*(seed.reason for seed in spread.seeds), strength and strength.reason] if reason
    )
    for reason in reasons:
        yield (f"\n{plain(reason)}", "red")


# --- agent and verdict -----------------------------------------------------------------------------------------------


def _agent(check: BlueprintCheck) -> Iterator[RenderableType]:
    evaluation = check.agent
    if evaluation is None:
        yield _line(REPORTED, "The agent was not asked (--no-ask).")
        return
    kinds = (
        ("scripted", "questions"),
        ("wording", "other wordings"),
        ("paraphrase", "paraphrases that it was not given"),
        ("repeat", "repeated questions"),
    )
    failed = any(problem.section == "agent" for problem in check.problems)
    counts = []
    for kind, what in kinds:
        asked = [each for each in evaluation.asked if each.kind == kind]
        counts.append(f"{sum(each.passed for each in asked)} of {len(asked)} {what}")
    yield _line(
        FAILED if failed else PASSED, f"The agent answers with the rows of the question's query: {', '.join(counts)}"
    )
    yield _line(REPORTED, f"Fresh questions, made from the tables: {evaluation.fresh_counts()}")
    for asked in evaluation.asked:
        if not asked.passed:
            problem = (asked.problem or "").partition(OFFERS)[0]
            yield _line(REMARK, (asked.query_id, "cyan"), f"  “{plain(asked.asked)}”: ", (plain(problem), "dim"))


def _verdict(check: BlueprintCheck) -> Iterator[RenderableType]:
    for problem in check.problems:
        yield _line(FAILED, (f"{problem.section}: ", "bold"), plain(problem.words))
    seconds = f"  {check.seconds:.1f} s" if check.seconds else ""
    if check.passed:
        yield Text.assemble(("PASSES: a demo can be made from it.", "bold green"), (seconds, "dim"))
    else:
        count = f"{len(check.problems)} problem{'s' * (len(check.problems) != 1)}"
        yield Text.assemble((f"DOES NOT PASS: {count}.", "bold red"), (seconds, "dim"))
