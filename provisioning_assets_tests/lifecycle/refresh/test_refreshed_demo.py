"""A demo that is made, made again a week later by the sensor, and made again with a fault half-way. All parts are real."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from provisioning_assets import clock
from provisioning_assets.content.models import DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.definitions import production_definitions
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.lifecycle.alerts.models import AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.history import History
from provisioning_assets.lifecycle.jobs import provision_demo
from provisioning_assets.lifecycle.listing import Demo, list_demos
from provisioning_assets.lifecycle.refresh.sensors import refresh_demos
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.store import DemoStore
from provisioning_assets.targets import local_target
from provisioning_assets.warehouse.models import DemoDataset
from provisioning_assets_tests.command_line import EXAMPLE_KEY as KEY
from provisioning_assets_tests.command_line import EXAMPLE_PAGES, EXAMPLE_URL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

FIRST, WEEK_LATER, LATER_STILL = date(2026, 6, 30), date(2026, 7, 8), date(2026, 7, 16)
NOTHING_ANSWERS = "http://127.0.0.1:1"
FROM_THE_AGENT = ("data_agent", "agent_evaluation", "demo_booklet", "demo_scorecard")


@dataclass(frozen=True)
class Place:
    store: DemoStore
    instance: dg.DagsterInstance

    def run(self, *, endpoint: str = "", stages: tuple[str, ...] = (), **run: Any) -> dg.ExecuteInProcessResult:
        """Run the job as Dagster's run worker does; ``endpoint`` is where the agents' server is looked for."""
        definitions = production_definitions(local_target(self.store, endpoint=endpoint))
        return definitions.resolve_job_def(provision_demo.name).execute_in_process(
            instance=self.instance,
            partition_key=KEY,
            asset_selection=[dg.AssetKey(stage) for stage in stages] or None,
            raise_on_error=False,
            **run,
        )

    def refresh(self, **run: Any) -> dg.ExecuteInProcessResult:
        """Let the sensor ask for its run, and run that."""
        definitions = production_definitions(local_target(self.store))
        found = refresh_demos(
            dg.build_sensor_context(instance=self.instance, definitions=definitions), store=self.store
        )
        assert isinstance(found, dg.SensorResult)
        [request] = found.run_requests or []
        assert request.partition_key == KEY
        return self.run(run_config=request.run_config, tags=dict(request.tags), **run)

    def listed(self) -> Demo:
        [demo] = list_demos(self.store)
        return demo


def let_it_be(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(day.year, day.month, day.day, 6, tzinfo=UTC))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """With the example's demo, ready."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        made = Place(DemoStore(root=str(tmp_path / "store")), instance)
        instance.add_dynamic_partitions("customers", [KEY])
        let_it_be(FIRST, monkeypatch)
        asked = {"url": EXAMPLE_URL, "saved_pages": str(EXAMPLE_PAGES), "owner": "ann@example.com", "ttl_days": 30}
        assert made.run(run_config={"ops": {"customer_request": {"config": asked}}}).success
        assert made.store.read(KEY, DemoScorecard).ready
        yield made


def told(store: DemoStore) -> list[tuple[str, object]]:
    """The insights with the groups they are about."""
    return [(insight.id, insight.assertion) for insight in store.read(KEY, DemoPlan).insights]


def test_a_week_later_the_same_stories_are_told_with_new_figures_and_after_a_fault_nothing_says_ready(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.store
    request, stories = store.read(KEY, CustomerRequest), told(store)
    website = store.path(KEY, CustomerWebsite)
    read_at = store.read(KEY, CustomerWebsite).fetched_at
    rows = [query.rows for query in store.read(KEY, GoldenQueries).queries]

    let_it_be(WEEK_LATER, monkeypatch)
    assert place.refresh().success
    later = store.read(KEY, CustomerRequest)
    assert (later.as_of, later.seed, later.expires_on) == (WEEK_LATER, request.seed, request.expires_on)
    assert (later.owner, later.asked) == (request.owner, request.asked)
    assert store.read(KEY, DemoDataset).as_of == WEEK_LATER
    assert store.read(KEY, CustomerWebsite).fetched_at == read_at, website
    assert told(store) == stories
    golden = store.read(KEY, GoldenQueries)
    assert all(query.proof.holds for query in golden.queries if query.proof)
    assert [query.rows for query in golden.queries] != rows
    scorecard = store.read(KEY, DemoScorecard)
    assert scorecard.ready, scorecard.reasons
    assert (place.listed().state(WEEK_LATER), place.listed().figures_of) == ("ready", WEEK_LATER)

    a_fault_half_way(place, monkeypatch)
    newest, before, oldest = History(store, KEY).records()
    assert [oldest.trigger, before.trigger, newest.trigger] == ["Dagster", "refresh", "refresh"]
    assert (oldest.ready, before.ready, newest.ready) == (True, True, None)
    assert before.code_versions.keys() >= {"synthetic_tables", "demo_blueprint", "demo_scorecard"}
    made_again_with_what_is_there(place)


def a_fault_half_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agents' server is away: tables and data set are new, agent, evaluation and booklet are not."""
    let_it_be(LATER_STILL, monkeypatch)
    result = place.refresh(endpoint=NOTHING_ANSWERS)
    assert not result.success
    assert [event.node_name for event in result.all_events if event.is_step_failure] == ["data_agent"]
    assert place.store.read(KEY, DemoDataset).as_of == LATER_STILL
    scorecard = place.store.read(KEY, DemoScorecard)
    assert not scorecard.ready
    assert "provision refresh" in scorecard.reasons[0]
    assert place.listed().state(LATER_STILL) == "unfinished"


def made_again_with_what_is_there(place: Place) -> None:
    """A click on booklet and scorecard alone gives no verdict of ready; finishing the stages that failed does."""
    store = place.store
    assert place.run(stages=("demo_booklet", "demo_scorecard")).success
    scorecard = store.read(KEY, DemoScorecard)
    assert not scorecard.ready
    assert any("data_agent (made from an earlier" in reason for reason in scorecard.reasons)
    [alert] = AlertOutbox(store).waiting()
    assert (alert.kind, alert.owner) == (AlertKind.NOT_READY, "ann@example.com")
    assert place.run(stages=FROM_THE_AGENT).success
    assert store.read(KEY, DemoScorecard).ready
    assert place.listed().state(LATER_STILL) == "ready"
