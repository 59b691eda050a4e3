"""The scorecard is withdrawn when a part of the demo changes, each run is noted, and an owner hears of a demo gone bad."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.lifecycle.alerts.models import AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.history import History
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.content.sample_demo import AS_OF, sample_demo
from provisioning_assets_tests.content.test_scorecard import figure, passing_demo
from provisioning_assets_tests.production_runs import evaluations, materialize

KEY = "harbourandpine_example"
BOTH = ("demo_booklet", "demo_scorecard")


def owned(demo: Demo) -> Demo:
    """The demo of an owner, who left the as-of date open."""
    return demo._replace(
        request=demo.request.model_copy(update={"owner": "ann@example.com", "asked": ["url", "owner"]})
    )


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    """With a demo that is ready."""
    made = DemoStore(root=str(tmp_path))
    assert materialize(made, KEY, *BOTH, artefacts=list(owned(passing_demo()))).success
    assert made.read(KEY, DemoScorecard).ready
    return made


def test_a_request_with_another_date_withdraws_the_scorecard(store: DemoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    later = datetime(2026, 7, 10, 9, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert materialize(store, KEY, "customer_request").success
    assert store.read(KEY, CustomerRequest).as_of == later.date()
    assert store.read(KEY, CustomerRequest).created_on == passing_demo().request.created_on
    scorecard = store.read(KEY, DemoScorecard)
    assert not scorecard.ready
    assert not store.is_complete(KEY, DemoScorecard)
    assert "customer_request was made again on 2026-07-10 09:30 UTC" in scorecard.reasons[0]
    [listed] = list_demos(store)
    assert (listed.ready, listed.state(AS_OF), listed.figures_of) == (False, "unfinished", AS_OF)
    newest, _ = History(store, KEY).records()
    assert (newest.ready, newest.state(), newest.as_of) == (None, "not finished", "2026-07-10")
    # Without that, nothing would tell the CE which demo the earlier verdict was about.
    assert scorecard.figures


def test_the_same_result_again_leaves_the_scorecard_as_it_is(store: DemoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 30, 9, 30, tzinfo=UTC))
    before = store.path(KEY, DemoScorecard).read_bytes()
    assert materialize(store, KEY, "customer_request").success
    assert materialize(store, KEY, "demo_booklet").success
    assert store.path(KEY, DemoScorecard).read_bytes() == before


def test_a_scorecard_over_artefacts_of_different_runs_is_not_ready(store: DemoStore) -> None:
    """As after a click on the scorecard alone, when the run before it has failed half-way."""
    golden = store.read(KEY, GoldenQueries)
    agent = owned(passing_demo()).agent
    agent.made_from = {"golden_queries": golden.digest(), "demo_dataset": "another"}
    assert materialize(store, KEY, *BOTH, artefacts=[agent]).success
    scorecard = store.read(KEY, DemoScorecard)
    assert not scorecard.ready
    assert figure(scorecard, "stages_out_of_step").value == 1
    assert "data_agent (made from an earlier demo_dataset)" in scorecard.reasons[0]


def test_a_booklet_of_an_earlier_demo_is_found(store: DemoStore) -> None:
    golden = store.read(KEY, GoldenQueries)
    golden.queries[0].question = "Another question?"
    assert materialize(store, KEY, "demo_scorecard", artefacts=[golden]).success
    scorecard = store.read(KEY, DemoScorecard)
    assert not scorecard.ready
    assert "demo_booklet (made from an earlier golden_queries)" in scorecard.reasons[0]


def test_each_run_is_noted_with_who_asked_versions_and_figures(store: DemoStore) -> None:
    [record] = History(store, KEY).records()
    assert (record.owner, record.trigger, record.ready) == ("ann@example.com", "Dagster", True)
    assert record.finished is not None
    assert record.finished >= record.began
    assert record.seconds is not None
    assert record.figures["scripted_pass_rate"] == 1.0
    assert record.bytes == passing_demo().dataset.bytes
    assert record.code_versions.keys() >= {"demo_booklet", "demo_scorecard"}
    assert (record.blueprint, record.project_version != "") == (passing_demo().plan.blueprint, True)
    assert record.bytes_billed is None
    assert record.cost_usd is None


def test_the_figures_of_a_run_are_numbers_on_the_assets_page(store: DemoStore) -> None:
    result = materialize(store, KEY, "demo_scorecard")
    [event] = result.asset_materializations_for_node("demo_scorecard")
    for name in ("scripted_pass_rate", "insights_in_data", "rows", "seconds"):
        assert isinstance(event.metadata[name], dg.FloatMetadataValue), name
    assert isinstance(event.metadata["bytes"], dg.IntMetadataValue)


def test_the_owner_hears_once_of_a_demo_that_has_gone_bad(store: DemoStore) -> None:
    assert AlertOutbox(store).waiting() == []
    bad = owned(sample_demo())
    assert materialize(store, KEY, "demo_scorecard", artefacts=list(bad)).success
    [alert] = AlertOutbox(store).waiting()
    assert (alert.kind, alert.customer, alert.owner) == (AlertKind.NOT_READY, KEY, "ann@example.com")
    assert "93% of the questions" in alert.cause
    assert materialize(store, KEY, "demo_scorecard").success  # still bad: nothing new to tell
    assert len(AlertOutbox(store).waiting()) == 1
    assert materialize(store, KEY, "demo_scorecard", artefacts=list(owned(passing_demo()))).success
    assert materialize(store, KEY, "demo_scorecard", artefacts=list(bad)).success
    assert len(AlertOutbox(store).waiting()) == 2
    assert [record.ready for record in History(store, KEY).records()] == [False, True, False, False, True]


def test_the_history_is_removed_with_the_demo(store: DemoStore) -> None:
    assert store.remove(KEY)
    assert not store.has_customer(KEY)
    assert History(store, KEY).records() == []


def test_a_check_says_when_the_figures_have_become_old(store: DemoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime.combine(AS_OF, datetime.min.time(), UTC)
    for days, passed in ((31, True), (32, False)):
        monkeypatch.setattr(clock, "now", lambda days=days: day + timedelta(days=days))
        found = evaluations(materialize(store, KEY, "demo_scorecard", only_checks=True))["figures_are_recent"]
        assert found.passed is passed
        assert found.severity == dg.AssetCheckSeverity.WARN
        assert found.metadata["days old"].value == days
