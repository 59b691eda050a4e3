"""The booklet shows what the artefacts contain, and hostile text in them stays text."""

import dataclasses

import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning_assets.content.booklet import describe_booklet, set_page, write_booklet
from provisioning_assets.content.booklet_view import BookletView, booklet_view, reasons_to_drop
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.self_containment import containment_problems
from provisioning_assets.planning.models import BusinessChallenge, DemoPlan
from provisioning_assets.research.website.models import Brand, FetchedBy
from provisioning_assets_tests.content.hostile_text import PAYLOADS, hostile_demo
from provisioning_assets_tests.content.sample_demo import sample_demo
from provisioning_assets_tests.property_tests import examples
from provisioning_assets_tests.quality.sample_report import sample_report


@pytest.fixture(scope="module")
def view() -> BookletView:
    return booklet_view(sample_demo())


@pytest.fixture(scope="module")
def html(view: BookletView) -> str:
    return set_page(view)


@pytest.fixture(scope="module")
def page(html: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(html)


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_same_artefacts_give_the_same_bytes(html: str) -> None:
    assert write_booklet(sample_demo()) == html


def test_nothing_outside_the_page_is_needed(html: str) -> None:
    assert containment_problems(html) == []


def test_story_challenges_and_kpis_are_shown(page: lxml.html.HtmlElement) -> None:
    story = text(page.get_element_by_id("story"))
    plan = sample_demo().plan
    assert plan.title in text(page.find(".//h1"))
    for words in [
        *(challenge.title for challenge in plan.challenges),
        *(kpi.definition for kpi in plan.kpis),
        *plan.story.split("\n\n"),
        "£48,214",  # a KPI's value
        "8.4%",
    ]:
        assert words in story


def test_scenes_have_their_time_and_talk_track(page: lxml.html.HtmlElement, view: BookletView) -> None:
    scenes = page.xpath("//li[@data-scene]")
    plan = sample_demo().plan
    assert [scene.findtext(".//h3") for scene in scenes] == [scene.title for scene in plan.scenes]
    assert [(scene.starts, scene.ends) for scene in view.scenes] == [(0, 4), (4, 10), (10, 15), (15, 20)]
    assert "20 minutes in 4 scenes" in text(page.get_element_by_id("script"))
    assert "4–10 min" in text(scenes[1])
    assert plan.scenes[1].talk_track in text(scenes[1])


def test_a_question_has_its_sql_result_chart_and_verdict(page: lxml.html.HtmlElement) -> None:
    query = sample_demo().golden.queries[1]
    question = page.get_element_by_id("question-2")
    assert page.get_element_by_id("question-2-text").text_content() == query.question
    assert page.get_element_by_id("question-2-sql").text_content() == query.sql
    assert question.get("data-complexity") == "simple"
    rows = [[text(cell) for cell in row.iter("td")] for row in question.xpath(".//tbody/tr")]
    assert rows[0] == ["Sofas", "1,740,936", "4,553"]
    assert "all 6 rows" in text(question)
    assert question.xpath(".//figure/img/@src")[0].startswith("data:image/svg+xml;base64,")
    assert "Agent agrees" in text(question)
    assert "Verified query" in text(question)
    assert "1 of 1 other ways to ask" in text(question)
    assert "Asked in words that it was not given, it gave the same rows." in text(question)
    assert query.held_back[0] not in text(question)


def test_a_long_result_says_how_much_is_shown(page: lxml.html.HtmlElement) -> None:
    question = page.get_element_by_id("question-11")
    assert "6 of 412 rows" in text(question)


def test_a_long_time_series_shows_its_latest_rows() -> None:
    demo = sample_demo()
    months = demo.golden.queries[0]
    months.rows = [[f"{year}-{month:02d}-01", 100.0 + month] for year in (2025, 2026) for month in range(1, 13)]
    months.row_count = 24
    question = booklet_view(demo).scenes[0].questions[0]
    assert [row[0].text for row in question.rows] == [
        f"{month} 2026" for month in ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    ]
    assert question.rows_note == "the latest 10 of 24 rows"
    months.rows.reverse()
    latest_first = booklet_view(demo).scenes[0].questions[0]
    assert latest_first.rows[0][0].text == "Dec 2026"
    assert latest_first.rows_note == "10 of 24 rows"


def test_a_time_series_that_was_cut_shows_its_first_rows() -> None:
    demo = sample_demo()
    demo.golden.queries[0].row_count = 500
    question = booklet_view(demo).scenes[0].questions[0]
    assert question.rows[0][0].text == "Jul 2025"
    assert question.rows_note == "10 of 500 rows"


def test_headline_and_figure_of_a_finding_are_rounded_alike() -> None:
    demo = sample_demo()
    query = next(query for query in demo.golden.queries if query.insight_id == "outdoor_returns")
    insight = next(insight for insight in demo.plan.insights if insight.id == "outdoor_returns")
    assert query.proof is not None
    insight.headline, insight.unit, query.proof.measured = "They wait {measured} days", "days", 5.73
    (found,) = (one.insight for one in booklet_view(demo).findings if one.insight and "wait" in one.insight.headline)
    assert found.headline == "They wait 5.7 days"
    assert found.measured == "5.7 days"


def test_a_finding_shows_what_was_expected_and_measured(page: lxml.html.HtmlElement) -> None:
    finding = text(page.get_element_by_id("question-6").find_class("insight")[0])
    for words in ("Outdoor returns have quadrupled since April", "31%", "31.4%", "In the agent's rows"):
        assert words in finding
    assert "Answered in question 6" in text(page.get_element_by_id("story"))


def test_a_failed_question_is_in_the_appendix_only(page: lxml.html.HtmlElement) -> None:
    failed = sample_demo().golden.queries[-1]
    left_out = text(page.get_element_by_id("dropped"))
    assert failed.question in left_out
    assert "the agent returned no rows" in left_out
    assert failed.question not in text(page.get_element_by_id("script"))


def test_failed_and_empty_queries_leave_the_script_whatever_the_agent_said() -> None:
    demo = sample_demo()
    demo.golden.queries[0].error = "no such column"
    demo.golden.queries[1].row_count, demo.golden.queries[1].rows = 0, []
    demo.evaluation.asked = [asked for asked in demo.evaluation.asked if asked.query_id != "delivery_delay"]
    assert reasons_to_drop(demo.golden, demo.evaluation) == {
        "monthly_revenue": "Its query failed: no such column",
        "revenue_by_category": "Its query returned no rows.",
        "delivery_delay": "The agent's answer differed from the verified result.",
    }
    view = booklet_view(demo)
    assert view.scenes[0].missing == 2
    assert "2 questions of this scene were removed from the script" in set_page(view)


def test_questions_in_no_scene_are_shown_after_the_script() -> None:
    demo = sample_demo()
    demo.plan.scenes[0].question_ids = ["monthly_revenue"]
    view = booklet_view(demo)
    assert [question.number for question in view.more_questions] == [11, 12, 13]
    assert "If they ask for more" in set_page(view)


def test_a_challenge_leads_to_its_own_questions_only() -> None:
    demo = sample_demo()
    demo.plan.challenges = [
        BusinessChallenge(title="one", description="d", insight_ids=["quiet_trade"]),
        BusinessChallenge(title="two", description="d"),
    ]
    one, two = booklet_view(demo).challenges
    assert [question.number for question in one.questions] == [11]
    assert two.questions == []


def test_facts_are_linked_to_their_pages(page: lxml.html.HtmlElement) -> None:
    link = page.xpath("//section[@id='sources']//a[contains(@href, '/outdoor')]")[0]
    assert set(link.get("rel").split()) == {"noopener", "noreferrer"}
    assert "Saltmarsh Lounger, rope and teak" in text(page.get_element_by_id("sources"))


def test_only_the_first_facts_of_a_kind_are_in_sight() -> None:
    demo = sample_demo()
    demo.profile.products = demo.profile.products * 3
    view = booklet_view(demo)
    assert [source.what for source in view.more_sources] == ["Product"] * 7
    assert "7 more facts" in set_page(view)


def test_sources_are_those_of_shown_words_and_invented_words_are_named_apart() -> None:
    demo = sample_demo()
    shown = demo.profile.products[0].value
    demo.profile.products[1].value = "An article that no table has"
    demo.plan.trade_words = {"service_lines": ["Repair <now>"]}
    words = text(lxml.html.document_fromstring(write_booklet(demo)).get_element_by_id("sources"))
    assert shown in words
    assert "An article that no table has" not in words
    assert "Service lines not taken from the company's site: Repair <now>" in words


def sources_of(demo: Demo) -> str:
    return text(lxml.html.document_fromstring(write_booklet(demo)).get_element_by_id("sources"))


def test_words_are_named_after_the_list_that_they_fill() -> None:
    demo = sample_demo()
    demo.plan.vocabulary["service_lines"] = demo.plan.vocabulary.pop("product_categories")
    demo.profile.services = [demo.profile.product_categories[0].model_copy()]
    shown = [(source.what, source.value) for source in booklet_view(demo).sources]
    assert shown.count(("Service line", "Sofas")) == 1
    assert ("Service line", "Dining") in shown
    assert not {"Category", "Service"} & {what for what, _ in shown}
    assert ("City", "Whitby") in shown


def test_country_and_currency_are_named_when_they_are_assumed() -> None:
    demo = sample_demo()
    demo.profile.country_evidence, demo.profile.country_confidence, demo.profile.currency_evidence = [], 0.0, []
    shown = {source.what: source for source in booklet_view(demo).sources}
    assert (shown["Country"].value, shown["Currency"].value) == ("United Kingdom", "GBP")
    assert "assumed from the language of the site (English)" in sources_of(demo)
    assert shown["Currency"].assumed == "assumed from the country"
    demo.request.corrections.country = "GB"
    assert "stated by the Customer Engineer" in sources_of(demo)
    demo.profile.currency_evidence = sample_demo().profile.currency_evidence
    assert next(source for source in booklet_view(demo).sources if source.what == "Currency").assumed == ""


def test_the_blueprint_of_another_industry_is_admitted_beside_the_sources() -> None:
    demo = sample_demo()
    assert "There is no blueprint for" not in sources_of(demo)
    demo.plan.industry, demo.plan.blueprint = "grocery", "general_business"
    assert "There is no blueprint for grocery yet" in sources_of(demo)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([FetchedBy.SAVED] * 6, "6 pages (6 from saved copies)"),
        ([FetchedBy.SAVED] + [FetchedBy.HTTP] * 5, "6 pages (5 by plain HTTP, 1 from a saved copy)"),
        ([FetchedBy.BROWSER], "1 page (1 by headless browser)"),
        ([], "no page"),
    ],
)
def test_it_is_said_how_the_pages_were_read(ways: list[FetchedBy], said: str) -> None:
    demo = sample_demo()
    demo.website.pages = demo.website.pages[: len(ways)]
    for page, way in zip(demo.website.pages, ways, strict=True):
        page.fetched_by = way
    (read,) = (fact.value for fact in booklet_view(demo).provenance if fact.label == "Read")
    assert read == f"30 June 2026: {said}"


def test_relations_are_counted_beside_the_rules_where_there_are_some() -> None:
    demo = sample_demo()
    before = booklet_view(demo).quality.lines
    demo.quality.relations = sample_report().relations
    after = booklet_view(demo).quality.lines
    assert after == [before[0], "1 of 3 relations of the trade lie in their plausible range.", *before[1:]]


@pytest.mark.parametrize(
    ("z", "said"), [(1.26, "more than 1.3 standard deviations, corrected for"), (0.04, "by chance")]
)
def test_unplanned_figures_are_measured_in_what_is_named(z: float, said: str) -> None:
    demo = sample_demo()
    demo.quality.unplanned = [one.model_copy(update={"corrected_z": -z}) for one in demo.quality.unplanned[:1]]
    (line,) = (line for line in booklet_view(demo).quality.lines if "searched" in line)
    assert line.startswith(f"{demo.quality.places_looked_at:,} other figures were searched")
    assert said in line
    assert "0.0" not in line


def test_every_stored_column_is_in_the_dictionary(page: lxml.html.HtmlElement) -> None:
    demo = sample_demo()
    demo.model.tables[0].columns[1].internal = True
    words = text(lxml.html.document_fromstring(write_booklet(demo)).find_class("dictionary")[0])
    assert "category_name" not in words
    assert "category_name" in text(page.find_class("dictionary")[0])
    assert "→ products" in words


def test_where_it_came_from_and_until_when(page: lxml.html.HtmlElement) -> None:
    proof = text(page.get_element_by_id("proof"))
    for words in ("1 by headless browser, 5 by plain HTTP", "demo_harbourandpine_example", "30 July 2026", "93%"):
        assert words in proof
    assert "no data of Harbour & Pine were used" in text(page.find(".//footer"))


def test_a_chart_that_cannot_be_drawn_is_reported() -> None:
    demo = sample_demo()
    demo.golden.queries[0].chart = {"mark": 12, "data": {"values": []}}
    assert "The chart could not be drawn" in write_booklet(demo)


def test_a_demo_without_extras_is_still_a_page() -> None:
    demo = sample_demo()
    demo.plan.challenges, demo.plan.kpis, demo.plan.insights, demo.plan.glossary = [], [], [], []
    demo.plan.subtitle = ""
    demo.website.brand = Brand()
    demo.evaluation.asked, demo.evaluation.dropped_query_ids = [], []
    demo.website.pages = []
    for query in demo.golden.queries:
        query.chart, query.proof, query.insight_id, query.paraphrases = None, None, None, []
        query.rows[0][0] = None
    html = write_booklet(demo)
    assert containment_problems(html) == []
    assert "Not asked yet" in html
    assert "Harbour &amp; Pine" in html
    assert "every question of the plan passed" in html


def test_the_artefact_describes_the_file(view: BookletView, html: str) -> None:
    booklet = describe_booklet(html, view)
    assert (booklet.scenes, booklet.questions, booklet.bytes) == (4, 13, len(html.encode()))
    assert booklet.files() == ["booklet/index.html"]


# --- hostile text ------------------------------------------------------------------------------------------------


def structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The page's elements with the names of their attributes, without what they say."""
    document = lxml.html.document_fromstring(html)
    return [(e.tag, tuple(sorted(map(str, e.attrib)))) for e in document.iter() if isinstance(e.tag, str)]


def test_hostile_text_in_every_field_does_not_become_markup() -> None:
    """Each payload in every field: the page has the same elements as with a harmless word there."""
    harmless = structure(write_booklet(hostile_demo(["Some words"])))
    assert ("script", ()) in harmless
    for payload in PAYLOADS:
        html = write_booklet(hostile_demo([payload]))
        assert containment_problems(html) == [], payload
        scripts = lxml.html.document_fromstring(html).xpath("//script")
        assert len(scripts) == 1
        kept = [one for one in structure(html) if one[0] not in ("span", "p")]  # SQL's tokens, texts' paragraphs
        assert kept == [one for one in harmless if one[0] not in ("span", "p")], payload


@pytest.fixture(scope="module")
def small_demo() -> Demo:
    """Without charts, so that a page takes a few milliseconds."""
    demo = sample_demo()
    for query in demo.golden.queries:
        query.chart = None
    demo.golden.queries[:] = demo.golden.queries[:2]
    return demo


@given(title=st.text(), story=st.text(), colours=st.lists(st.text(max_size=9)), logo=st.text(), url=st.text())
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_text_makes_a_page_that_needs_nothing_else(
    small_demo: Demo, title: str, story: str, colours: list[str], logo: str, url: str
) -> None:
    plan: DemoPlan = small_demo.plan.model_copy(update={"title": title, "story": story})
    brand = Brand(site_name=title, logo_data_uri=logo, colours=colours)
    website = small_demo.website.model_copy(update={"brand": brand})
    request = small_demo.request.model_copy(update={"url": url})
    view = booklet_view(small_demo._replace(plan=plan, website=website, request=request))
    assert containment_problems(set_page(view)) == []
    assert dataclasses.astuple(view.palette)[0].startswith("#")
