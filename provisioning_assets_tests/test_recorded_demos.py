"""Demos with parts by Claude, from the recorded answers, through the real command to their end."""

from pathlib import Path
from typing import Any

import pytest

from evaluation.planner.recorded_answers import (
    RecordedSite,
    recorded_answer,
    recorded_sites,
    replayed,
)
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.planning.models import WrittenByClaude
from provisioning_assets.planning.plan_parts import PARTS
from provisioning_assets_tests.command_line import AS_OF, GERMAN_KEY, Workplace

SITES = {site.key: site for site in recorded_sites()}


def body(site: RecordedSite, asked: str) -> dict[str, Any]:
    """A call about a site."""
    material = {"type": "text", "text": f"<page source='page 1, {site.url}/index.html'>"}
    return {"messages": [{"role": "user", "content": [material, {"type": "text", "text": asked}]}]}


def test_there_are_answers_for_each_part_of_each_site() -> None:
    assert len(SITES) == 4
    assert {site.language for site in SITES.values()} == {"en", "de"}
    for site in SITES.values():
        assert {f"Write the part: {part}." for part in PARTS} < set(site.answers)
        assert site.saved_pages.is_dir()


@pytest.mark.parametrize("key", SITES)
def test_each_site_gets_its_own_answers(key: str) -> None:
    site = SITES[key]
    for asked, answer in site.answers.items():
        assert recorded_answer([*SITES.values()], body(site, f"{asked}\nIn English.")).document == answer


def test_what_calls_begin_with_is_paid_once_in_full() -> None:
    """As the service's prompt cache has it: without it the German demo would cost more than its budget."""
    sites, cached = [*SITES.values()], set[str]()
    asked = body(SITES["nordlicht__spedition_example"], "Write the part: story.")
    asked["messages"][0]["content"][0]["cache_control"] = {"type": "ephemeral"}
    first, second = (recorded_answer(sites, asked, cached) for _ in range(2))
    assert first.cache_write == second.cache_read > 0
    assert first.cache_read == second.cache_write == 0
    assert first.input_tokens == second.input_tokens < recorded_answer(sites, asked).input_tokens


def test_what_nobody_recorded_is_refused() -> None:
    site = SITES["cordage__clubs_example"]
    sites = [*SITES.values()]
    assert recorded_answer(sites, body(site, "Write a poem.")).status == 400
    corrected = body(site, "Write the part: tables.")
    corrected["messages"].append({"role": "user", "content": [{"type": "tool_result", "content": "It is wrong."}]})
    assert recorded_answer(sites, corrected).status == 400


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "key", [key if key == GERMAN_KEY else pytest.param(key, marks=pytest.mark.long) for key in SITES]
)
def test_a_demo_with_parts_by_claude_is_ready(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, place = SITES[key], Workplace(tmp_path)
    with replayed() as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "recorded")
        options = ("--saved-pages", str(site.saved_pages), "--language", site.language)
        run = place.provision("run", site.url, *options, *AS_OF, seconds=1700)
    assert run.returncode == 0, run.stdout + run.stderr
    assert place.document(key, "customer_profile")["claude_reading"]["by"] == "claude"
    blueprint = place.document(key, "demo_blueprint")
    assert blueprint["language"] == site.language
    written = blueprint["claude"]
    assert {part["part"]: part["author"] for part in written["parts"]} == dict.fromkeys(PARTS, "claude")
    assert all(part["rounds"] == 0 for part in written["parts"])
    recorded = [claim["text"] for answer in site.answers.values() for claim in answer.get("claims", ())]
    assert sorted(claim["text"] for claim in written["claims"]) == sorted(recorded)
    assert written["dropped_claims"] == []
    scorecard = place.document(key, "demo_scorecard")
    assert scorecard["ready"], scorecard["reasons"]
    said = WrittenByClaude.model_validate(written).told()[0]
    assert all(part in said for part in PARTS)
    assert said in scorecard["notices"]
    booklet = (place.store / key / "booklet" / "index.html").read_text(encoding="utf-8")
    assert labels_of(site.language).origin.written_by_claude.format(model=written["model"]) in booklet
