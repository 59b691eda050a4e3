"""A demo in German from the blueprint to the scorecard: what its pages and its agent say by themselves is German too."""

import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest

from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.artefact import Artefact
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.content.scorecard_text import scorecard_markdown
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.labels.catalogue import Labels, labels_of
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.content.german_demo import KEY, STAGES, german_artefacts
from provisioning_assets_tests.production_runs import materialize

NB = "\N{NO-BREAK SPACE}"
#: Words of English sentences that no German sentence has.
ENGLISH_WORDS = re.compile(
    r"\b(the|of|and|with|from|not|were|which|each|rows?|questions?|answers?|findings?|columns?|required|expected|copy|"
    r"verified|days?|identifies|minutes|yes|no|others|none)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    store = DemoStore(root=str(tmp_path_factory.mktemp("german")))
    materialize(store, KEY, *STAGES, artefacts=german_artefacts(), raise_on_error=True)
    return store


@pytest.fixture(scope="module")
def page(store: DemoStore) -> lxml.html.HtmlElement:
    html = (Path(store.root) / KEY / store.read(KEY, DemoBooklet).path).read_text(encoding="utf-8")
    return lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def shown_texts(page: lxml.html.HtmlElement) -> Iterator[str]:
    """Every text that a reader sees or hears, but for code, names of tables and types, and the site's address."""
    for element in page.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "code", "head", "meta"):
            continue
        if element.xpath("ancestor-or-self::pre | ancestor-or-self::code | ancestor-or-self::head"):
            continue
        for name in ("aria-label", "alt", "title", *(name for name in element.attrib if name.startswith("data-"))):
            if name not in ("data-copy", "data-filter", "data-complexity", "data-scene"):
                yield element.get(name, "")
        yield element.text or ""
        yield from (child.tail or "" for child in element)


def test_no_english_is_left_in_the_booklet(page: lxml.html.HtmlElement) -> None:
    english = [text.strip() for text in shown_texts(page) if ENGLISH_WORDS.search(re.sub(r"\b\w+[._]\w+\b", "", text))]
    assert english == []


def test_no_label_of_the_english_page_is_left(page: lxml.html.HtmlElement) -> None:
    german = set(_texts(labels_of("de")))
    labels = {text for text in _texts(labels_of("en")) if text not in german and len(text) > 2}
    assert [text for text in shown_texts(page) if text.strip() in labels] == []


def _texts(labels: Labels) -> Iterator[str]:
    for part in (labels.booklet, labels.question, labels.origin, labels.picture):
        for value in part.model_dump().values():
            yield from [value] if isinstance(value, str) else [str(one) for one in value.values()]


def test_the_page_says_which_language_it_is_in(page: lxml.html.HtmlElement) -> None:
    assert (page.get("lang"), page.get("dir")) == ("de", "ltr")
    # what is quoted from a site in the same language needs no mark of its own
    assert page.xpath("//q[@lang]") == []


def test_figures_dates_and_money_are_written_in_german(page: lxml.html.HtmlElement, store: DemoStore) -> None:
    text = page.text_content()
    rows = sum(table.rows for table in _tables(store))
    assert f"{rows:,}".replace(",", ".") in text
    assert "30. Juni 2026" in text
    assert "30. Juli 2026" in text  # the day of expiry
    for query in store.read(KEY, GoldenQueries).queries:
        if query.proof is not None and query.id != "stars_by_service":
            assert query.proof.measured is not None
            assert f"{query.proof.measured:.1f}".replace(".", ",").removesuffix(",0") + f"{NB}%" in text
    assert re.search(rf"\d{{1,3}}\.\d{{3}}{NB}€", text)
    assert "Mai 2026" in text
    assert re.search(r"\d,\d Sterne", text)
    assert re.search(r"\d+(,\d)? Minuten", text)


def _tables(store: DemoStore) -> list[object]:
    from provisioning_assets.warehouse.models import DemoDataset

    return list(store.read(KEY, DemoDataset).tables)


def test_results_and_charts_have_german_headings(store: DemoStore) -> None:
    queries = {query.id: query for query in store.read(KEY, GoldenQueries).queries}
    by_month, takings = queries["appointments_by_month"], queries["takings_by_service"]
    assert [column.heading for column in by_month.columns] == ["Monat", "Termine"]  # a period; the table's synonym
    assert [column.heading for column in takings.columns] == ["Leistung", "Einnahmen"]  # a synonym; the question's own
    assert by_month.chart is not None
    assert by_month.chart["encoding"]["y"]["title"] == "Termine"
    assert by_month.chart["config"]["locale"]["time"]["shortMonths"][2] == "März"
    assert by_month.chart["config"]["locale"]["number"]["decimal"] == ","


def test_the_model_describes_in_german_what_nobody_has_described(store: DemoStore) -> None:
    appointments = next(table for table in store.read(KEY, DataModel).tables if table.name == "reviews")
    said = {column.name: (column.description, column.synonyms) for column in appointments.columns}
    assert said["review_id"] == ("Kennung: Bewertung", ["Bewertung-Nummer", "Bewertung-Code"])
    assert said["appointment_id"][0] == "Termin (zu: Bewertung)"


def test_the_agent_answers_in_german_and_every_question_of_the_script_passes(store: DemoStore) -> None:
    evaluation = store.read(KEY, AgentEvaluation)
    assert evaluation.scripted_pass_rate == 1
    assert evaluation.paraphrase_wrong_rate == 0
    assert evaluation.fresh_wrong_rate == 0
    scripted = {asked.query_id: asked.answer for asked in evaluation.asked if asked.kind == "scripted"}
    assert scripted["no_shows_by_branch"].startswith("Aus der verifizierten Abfrage „Welcher Anteil")
    assert re.search(rf"Am höchsten: Bremen \(\d+,\d{NB}%\), gefolgt von ", scripted["no_shows_by_branch"])
    refused = [asked.answer for asked in evaluation.asked if asked.kind == "paraphrase"]
    assert len(refused) == 12
    assert all(text.startswith(labels_of("de").agent.not_understood) for text in refused)
    assert store.read(KEY, DataAgent).verified_queries == 12


def test_the_scorecard_has_german_labels_and_names_the_language(store: DemoStore) -> None:
    scorecard = store.read(KEY, DemoScorecard)
    assert scorecard.language == "de"
    text = scorecard_markdown(scorecard)
    assert "Richtig beantwortete Fragen des Ablaufs" in text
    assert "| Kennzahl | Wert | Grenzwert | Hinweis |" in text.replace("|  |", "|").replace("  ", " ")
    assert re.search(r"\b100\s%", text)
    assert not any(figure.name.replace("_", " ").capitalize() in text for figure in scorecard.figures)


def test_the_language_goes_through_the_stages(store: DemoStore) -> None:
    assert store.read(KEY, DemoPlan).language == "de"
    requests: list[Artefact] = german_artefacts()
    assert requests[0].summary().endswith("in German")
