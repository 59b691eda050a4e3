"""The local agent in another language: it replays verified queries word for word, tells results, and refuses politely."""

from pathlib import Path
from typing import Any

import pytest

from provisioning_assets.agent.claude_answers.sentences import sentence_with_rows
from provisioning_assets.agent.context import build_context, system_instruction
from provisioning_assets.agent.local_server.datasets import DuckDBData, StoreDatasets
from provisioning_assets.agent.understanding.answering import Understanding, answer, refusal, understand
from provisioning_assets.agent.understanding.catalog import read_catalog
from provisioning_assets.agent.understanding.telling import tell
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import QueryResult, ResultColumn
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import LANGUAGES
from provisioning_assets_tests.agent import small_shop

NB = "\N{NO-BREAK SPACE}"
GERMAN = labels_of("de")
QUESTION = "Wie hat sich der Umsatz in den letzten 12 Monaten Monat für Monat entwickelt?"


@pytest.fixture(scope="module")
def data(store: Path) -> DuckDBData:
    return StoreDatasets(store).open("local", f"demo_{small_shop.KEY}")


@pytest.fixture(scope="module")
def context(store: Path) -> Any:
    """The shop's context, in German, with the first question in German."""
    dataset = small_shop.DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    golden = small_shop.golden_queries(store)
    first, *others = golden.queries
    german = first.model_copy(update={"question": QUESTION, "paraphrases": ["Umsatz je Monat", "Monatsumsatz"]})
    golden = golden.model_copy(update={"queries": [german, *others]})
    plan = small_shop.demo_plan().model_copy(update={"language": "de"})
    return build_context(plan, small_shop.data_model(), golden, dataset, "local")


@pytest.fixture(scope="module")
def understanding(context: Any, data: DuckDBData) -> Understanding:
    return understand(context, data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_context_says_in_which_language_to_answer(language: str, context: Any) -> None:
    plan = small_shop.demo_plan().model_copy(update={"language": language})
    instruction = system_instruction(plan)
    assert (LANGUAGES[language] in instruction) is (language != "en")
    changed = type(context)(context)
    changed.system_instruction = instruction
    assert read_catalog(changed).language == language


def test_the_same_text_is_replayed_whatever_its_case_and_stop(understanding: Understanding, data: DuckDBData) -> None:
    for text in (QUESTION, QUESTION.upper().rstrip("?"), f"  {QUESTION.replace(' ', '  ')}"):
        found = answer(text, understanding, data)
        assert found.kind == "verified"
        assert found.text.startswith(f"Aus der verifizierten Abfrage „{QUESTION}“: ")
        assert " Von " in found.text


def test_another_text_is_refused_in_the_language_with_verified_questions(
    understanding: Understanding, data: DuckDBData
) -> None:
    """A negation or another time window would not be noticed, so that a similar question gets no verified query."""
    for text in (QUESTION.replace("12", "6"), QUESTION.replace("Umsatz", "Umsatz nicht"), "Umsatz Monat entwickelt"):
        found = answer(text, understanding, data)
        assert found.kind == "refused"
        assert found.text.startswith(GERMAN.agent.not_understood)
        assert QUESTION in found.text
        assert "You could ask" not in found.text
        assert found.sql is None


def test_a_question_in_english_is_answered_in_the_language(understanding: Understanding, data: DuckDBData) -> None:
    found = answer("How many orders are there by channel?", understanding, data)
    assert found.kind == "built"
    assert found.text.startswith(("Am höchsten: ", "Am niedrigsten: "))


def result(rows: list[list[Scalar]], **types: str) -> QueryResult:
    columns = [ResultColumn(name=name, type=kind) for name, kind in types.items()]
    return QueryResult(columns=columns, rows=rows, row_count=len(rows), seconds=0.0)


@pytest.mark.parametrize(
    ("rows", "types", "text"),
    [
        ([], {"city": "STRING", "orders": "INT64"}, "Keine Zeilen passen zu dieser Frage."),
        ([[1234]], {"orders": "INT64"}, "1.234."),
        ([["Kiel"], ["Köln"]], {"city": "STRING"}, "2 Zeilen: Kiel, Köln."),
        ([["Kiel", None], ["Köln", None]], {"city": "STRING", "n": "INT64"}, "2 Zeilen, alle ohne Wert."),
        ([["Kiel", 5], ["Köln", 5]], {"city": "STRING", "n": "INT64"}, "5 für jede der 2 Zeilen."),
        ([["Kiel", 9], ["Köln", 7]], {"city": "STRING", "n": "INT64"}, "Am höchsten: Kiel (9), gefolgt von Köln (7)."),
        ([["Kiel", 1], ["Köln", 7]], {"city": "STRING", "n": "INT64"}, "Am niedrigsten: Kiel (1), gefolgt von Köln (7)."),
        (
            [["Kiel", 5], ["Köln", 9], ["Ulm", 3]],
            {"city": "STRING", "late_pct": "FLOAT64"},
            f"Am höchsten: Köln (9{NB}%); am niedrigsten: Ulm (3{NB}%).",
        ),
        (
            [["2025-01-01", 5], ["2025-02-01", 9], ["2025-03-01", 7]],
            {"month": "DATE", "n": "INT64"},
            "Von 5 (Jan. 2025) auf 7 (März 2025); der Höchstwert ist 9 (Feb. 2025).",
        ),
        ([["2025-01-01", 5], ["2025-02-01", 5]], {"month": "DATE", "n": "INT64"}, "5 von Jan. 2025 bis Feb. 2025, unverändert."),
    ],
)  # fmt: skip
def test_results_are_told_without_names_that_are_english(
    rows: list[list[Scalar]], types: dict[str, str], text: str
) -> None:
    assert tell(result(rows, **types), GERMAN, {}) == text


def test_figures_are_named_by_the_demos_own_words() -> None:
    told = tell(result([[12, 3.5]], orders="INT64", stars="FLOAT64"), GERMAN, {"orders": "Aufträge", "stars": "Sterne"})
    assert told == "Aufträge: 12; Sterne: 3,5."
    rows: list[list[Scalar]] = [["A", 9, 1.5], ["B", 8, 1.5], ["C", 7, 2.0], ["D", 7, 2.5]]
    told = tell(
        result(rows, team="STRING", n="INT64", stars="FLOAT64"),
        GERMAN,
        {"n": "Fälle"},
        sql="SELECT 1 AS n ORDER BY n DESC",
    )
    assert told.startswith("Fälle – Am höchsten: A (9), gefolgt von B (8)")
    assert told.endswith("Zeilen insgesamt: 4.")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_language_tells_every_shape(language: str) -> None:
    labels = labels_of(language)
    for rows, types in [
        ([["A", 3], ["B", 2], ["C", 2], ["D", 1]], {"team": "STRING", "n": "INT64"}),
        ([["A", 3], ["B", 3], ["C", 3], ["D", 3], ["E", 1], ["F", 9]], {"team": "STRING", "n": "INT64"}),
        ([["2025-01-01", 5], ["2025-02-01", 9]], {"month": "DATE", "n": "INT64"}),
        ([[True, None], [False, 2]], {"open": "BOOL", "n": "INT64"}),
    ]:
        told = tell(result(rows, **types), labels, {})
        assert told
        assert "{" not in told


def test_claudes_sentence_is_filled_as_the_language_writes_figures() -> None:
    rows: list[list[Scalar]] = [["Kiel", 1234.5], ["Köln", 7.25]]
    columns = [ResultColumn(name="city", type="STRING"), ResultColumn(name="revenue", type="NUMERIC", unit="EUR")]
    found = QueryResult(columns=columns, rows=rows, row_count=1500, seconds=0.0)
    sentence = "{first.city} liegt mit {first.revenue} vorn, von {row_count}."
    assert sentence_with_rows(sentence, found, "de") == f"Kiel liegt mit 1.234{NB}€ vorn, von 1.500."
    assert sentence_with_rows(sentence, found) == "Kiel liegt mit €1,234 vorn, von 1,500."
    assert sentence_with_rows("Kiel hat 99 Läden.", found, "de") is None


def test_a_refusal_of_claude_keeps_its_reason_and_is_in_the_language(understanding: Understanding) -> None:
    found = refusal("Was bringt morgen?", "die Daten sagen, was war", understanding)
    assert found.text.startswith("Das kann ich nicht beantworten: die Daten sagen, was war. Sie könnten fragen: 1. ")
