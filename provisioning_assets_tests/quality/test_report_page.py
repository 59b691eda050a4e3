"""The page shows everything in the report, failures first, and the customer's words stay words."""

import base64
import re
from collections import Counter
from functools import cache
from typing import get_args

import lxml.html
import pytest

from provisioning_assets.content.self_containment import containment_problems
from provisioning_assets.quality.models import CoherenceResult, DataQualityReport
from provisioning_assets.quality.pictures import range_svg
from provisioning_assets.quality.report_page import KINDS, Pictures, draw_insights, draw_patterns, set_report
from provisioning_assets_tests.content.hostile_text import PAYLOADS
from provisioning_assets_tests.quality.sample_report import (
    PATTERN,
    sample_model,
    sample_plan,
    sample_report,
    sample_tables,
)


@cache
def pictures() -> Pictures:
    """Drawn once: no word of the customer's is in them."""
    report = sample_report()
    return Pictures(draw_insights(report.insights), draw_patterns([PATTERN], report.realism))


def page_of(report: DataQualityReport, payload: str | None = None) -> str:
    """The page; with a payload in the place of every word of the customer's."""
    plan, model = sample_plan(), sample_model()
    if payload is not None:
        model.name = payload
        for insight in report.insights:
            insight.headline, insight.reason = payload, payload
        for finding in report.unplanned:
            finding.group = payload
        for question in plan.questions:
            question.question = payload
        for planned in plan.insights:
            planned.unit = payload
        for rule in report.coherence:
            rule.rule = payload
        for result in report.realism:
            result.says, result.source = payload, payload
        for law in report.laws:
            law.says, law.error = payload, payload if law.error else None
            law.columns, law.examples = [payload] * len(law.columns), [[payload] * len(row) for row in law.examples]
        for relation in report.relations:
            relation.says, relation.source, relation.unit = payload, payload, payload
            relation.error = payload if relation.error else None
            relation.parts = {f"{payload}{number}": value for number, value in enumerate(relation.parts.values())}
    return set_report(report, plan, model, sample_tables(), pictures())


@pytest.fixture(scope="module")
def html() -> str:
    return page_of(sample_report())


def section(html: str, id_: str) -> str:
    """The words of one section."""
    element = lxml.html.document_fromstring(html).get_element_by_id(id_)
    return " ".join(" ".join(element.itertext()).split())


def test_the_summary_has_every_figure_and_marks_what_fails(html: str) -> None:
    tiles = lxml.html.document_fromstring(html).find_class("tiles")[0]
    shown = [(" ".join(tile.text_content().split()), tile.get("class")) for tile in tiles]
    assert shown == [
        ("3 of 6rules hold exactly", "short"),
        ("1 of 3relations of the trade hold", "short"),
        ("1 of 2properties are like real data", "short"),
        ("z = 0.0weakest planted finding; 4 at least", "short"),
        ("z = 3.6strongest unplanned one; 3 at most", "short"),
    ]


def test_insights_are_shown_with_their_figures_and_pictures(html: str) -> None:
    words = section(html, "insights")
    assert "Stands out Headline of outdoor_returns Today 31.4% Expected 8% Without the finding 8.1%" in words
    assert "Distance (z) 46.8 Place on drill-down 1 of 6" in words
    assert "Does not stand out Headline of quiet_trade Today –" in words
    assert "its question does not show the group" in words
    images = lxml.html.document_fromstring(html).get_element_by_id("insights").findall(".//img")
    assert len(images) == 1


def test_failures_come_first(html: str) -> None:
    realism = section(html, "realism")
    assert realism.index("✗ orders the top_hundredth_share of customers (of 1,500) 0.0214 0.5 to 0.85") < realism.index(
        "✓ orders the top_fifth_share of customers (of 1,500) 0.71 0.5 to 0.85 0.68 / 0.75 around two sets"
    )
    coherence = section(html, "coherence")
    assert coherence.index("Nothing happens before its cause 1 rule, 1 broken") < coherence.index("Keys are unique")
    opened = lxml.html.document_fromstring(html).get_element_by_id("coherence").xpath(".//details[@open]")
    assert len(opened) == 1


def test_the_trades_own_rules_are_shown_with_the_rows_that_break_them(html: str) -> None:
    laws = section(html, "laws")
    assert (
        "✗ No store sells on a day it is closed 1,204 rows against it store ordered_at Whitby 2026-05-31T10:12:00"
        in laws
    )
    assert "✗ No lost card is used could not be checked The query failed: no column card" in laws
    assert "✓ Nobody returns after a year 0 rows against it" in laws
    assert laws.index("No lost card") < laws.index("Nobody returns")
    opened = lxml.html.document_fromstring(html).get_element_by_id("laws").xpath(".//details[@open]")
    assert len(opened) == 2


def test_relations_are_shown_with_their_figures_ranges_and_pictures(html: str) -> None:
    relations = section(html, "relations")
    assert "✗ What goes far takes longer 0.98 times 1.3 to 3 times maps of carriers" in relations
    assert "✗ Who is late pays more The query failed: no column fee – €5.00 to €20.00 experience" in relations
    assert "✓ Gold members buy more Gold total 71 Other total -50 1.42 times 1.2 to 3 times experience" in relations
    assert relations.index("What goes far") < relations.index("Gold members")
    images = lxml.html.document_fromstring(html).get_element_by_id("relations").findall(".//img")
    drawn = [base64.b64decode(image.get("src", "").partition(",")[2]).decode() for image in images]
    assert len(drawn) == 5
    marks = [picture.count('width="4"') for picture in drawn]
    assert sorted(marks) == [0, 0, 0, 1, 1]


def test_a_mark_stands_in_its_range_or_at_the_edge_of_the_picture() -> None:
    def mark(figure: float) -> tuple[float, str]:
        relation = sample_report().relations[0].model_copy(update={"figure": figure})
        at, colour = re.findall(r'<rect x="([\d.]+)" y="1" width="4" [^>]*fill="(#\w+)"', range_svg(relation))[0]
        return float(at) + 2, colour

    low, high = mark(1.2), mark(3.0)
    assert (low[0], high[0]) == (50, 150)
    assert mark(2.1) == (100, low[1])
    assert mark(1.0)[0] < 50
    assert mark(1.0)[1] != low[1]
    assert (mark(-1e9)[0], mark(1e9)[0]) == (6, 194)


def test_a_figure_without_a_bound_is_marked_as_reported_only() -> None:
    report = sample_report()
    packed = report.realism[0].model_copy(update={"lowest": None, "highest": None, "passed": None, "allowance": 0.02})
    report.realism.append(packed)
    html = page_of(report)
    assert "· orders the top_fifth_share of customers (of 1,500) 0.71 ± 0.02 reported only" in section(html, "realism")
    assert (
        "1 of 2properties are like real data"
        in lxml.html.document_fromstring(html).find_class("tiles")[0].text_content()
    )


def test_unplanned_findings_are_shown_with_their_question(html: str) -> None:
    words = section(html, "unplanned")
    assert "1,284 figures were searched" in words
    assert "How do the stores compare with online? Whitby orders 2,105 1,961 -4.9 -3.6" in words


def test_the_pictures_are_drawn_into_the_page(html: str) -> None:
    images = lxml.html.document_fromstring(html).get_element_by_id("patterns").findall(".//img")
    kinds = [image.get("src", "").partition(",") for image in images]
    assert len(kinds) == 3
    assert all(head == "data:image/svg+xml;base64" for head, _, _ in kinds)
    assert all(b"<svg" in base64.b64decode(body) for _, _, body in kinds)


def test_empty_sections_are_explained_or_left_out() -> None:
    report = sample_report()
    report.insights, report.unplanned, report.laws, report.relations = [], [], [], []
    html = set_report(report, sample_plan(), sample_model(), sample_tables(), Pictures({}, []))
    assert "The plan has no findings." in html
    assert "Nothing was found." in html
    assert "The blueprint states no rule of its own." in html
    assert "The blueprint states no relation." in html
    assert "relations of the trade hold" not in html
    assert 'id="patterns"' not in html


def test_the_page_loads_nothing_from_elsewhere(html: str) -> None:
    assert containment_problems(html) == []
    assert "<script" not in html
    pictures.cache_clear()
    assert page_of(sample_report()) == html


def structure(html: str) -> Counter[tuple[str, tuple[str, ...]]]:
    """How often each element stands in a page, with the names of its attributes."""
    return Counter(
        (element.tag, tuple(sorted(map(str, element.attrib))))
        for element in lxml.html.document_fromstring(html).iter()
        if isinstance(element.tag, str)
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_do_not_become_markup(payload: str) -> None:
    harmless = structure(page_of(sample_report(), "Some words"))
    html = page_of(sample_report(), payload)
    assert structure(html) == harmless
    assert containment_problems(html) == []


def test_every_kind_of_rule_has_a_title() -> None:
    assert set(KINDS) == set(get_args(CoherenceResult.model_fields["kind"].annotation))
