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
from provisioning_assets.research.website.models import Brand
from provisioning_assets_tests.content.hostile_text import PAYLOADS, hostile_demo
from provisioning_assets_tests.content.sample_demo import sample_demo
from provisioning_assets_tests.property_tests import examples


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


def test_a_finding_shows_what_was_expected_and_measured(page: lxml.html.HtmlElement) -> None:
    finding = text(page.get_element_by_id("question-6").find_class("insight")[0])
    for words in ("Outdoor returns have quadrupled since April", "31% ± 2.5%", "31.4%", "Agent's answer"):
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


def test_every_stored_column_is_in_the_dictionary(page: lxml.html.HtmlElement) -> None:
    demo = sample_demo()
    demo.model.tables[0].columns[1].internal = True
    words = text(lxml.html.document_fromstring(write_booklet(demo)).find_class("dictionary")[0])
    assert "category_name" not in words
    assert "category_name" in text(page.find_class("dictionary")[0])
    assert "→ products" in words


def test_where_it_came_from_and_until_when(page: lxml.html.HtmlElement) -> None:
    proof = text(page.get_element_by_id("proof"))
    for words in ("1 by headless browser, 5 by plain HTTP", "demo_harbourandpine_example", "14 July 2026", "93%"):
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
