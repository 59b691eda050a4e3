"""Stores artefacts like the store's IO manager, and keeps the demo's verdict and history in step with them."""

import importlib.metadata
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import ValidationError

from provisioning_assets import clock
from provisioning_assets.artefact import Artefact
from provisioning_assets.asset_decorators import failure_of
from provisioning_assets.atomic_files import is_local, read_whole
from provisioning_assets.content.models import DemoBooklet, DemoScorecard
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
from provisioning_assets.lifecycle.history import History, HistoryRecord, finished_record
from provisioning_assets.lifecycle.run_tags import BEGAN_TAG, trigger_of
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.prices import price_of
from provisioning_assets.store import ArtefactIOManager
from provisioning_assets.warehouse.models import DemoDataset

CODE_VERSION_TAG = "dagster/code_version"


class DemoIOManager(ArtefactIOManager):
    """Stores the artefacts of demos.

    Every run stores its artefacts here, whoever started it. So here the scorecard is withdrawn as soon as a part of the demo
    becomes another one: a run that then stops leaves a demo that is plainly not ready.
    """

    def handle_output(self, context: dg.OutputContext, obj: Artefact) -> None:
        """Store the artefact. Before a changed one is stored the scorecard is withdrawn; after a scorecard its run is noted."""
        try:
            if not isinstance(obj, CustomerRequest):
                self._refuse_lost_store(context.partition_key)
            if isinstance(obj, DemoScorecard):
                super().handle_output(context, obj)
                self._note_the_end(context, obj)
                return
            if not isinstance(obj, DemoBooklet) and self._is_another(context.partition_key, obj):
                self._withdraw_scorecard(context.partition_key, obj.asset_name())
                History(self.store, context.partition_key).begin(self._record(context, obj))
        except ProvisioningError as error:
            raise failure_of(error) from error
        super().handle_output(context, obj)

    def load_input(self, context: dg.InputContext) -> Artefact:
        """Read the artefact that the parameter's annotation names."""
        try:
            self._refuse_lost_store(context.partition_key)
        except ProvisioningError as error:
            raise failure_of(error) from error
        return super().load_input(context)

    def _refuse_lost_store(self, key: str) -> None:
        """Refuse to go on in a folder without any artefact, when this one is not the first: the store's disk may be away.

        To write there would begin a second store in the folder that the disk is mounted on. An object store has no such folder.

        Raises:
            ProvisioningError: there is no artefact.
        """
        folder = self.store.folder(key)
        if is_local(folder) and not any(Path(str(folder)).glob("*.json")):
            raise ProvisioningError(
                f"{folder} has no artefact: none was made yet, or the store was taken away while the run was at work.",
                f"Look whether the store's disk or network folder is there (provision doctor), then repeat the command: what is "
                f"finished is kept. In Dagster's UI, materialize customer_request for {key}.",
            )

    def _is_another(self, key: str, artefact: Artefact) -> bool:
        """Whether the stored artefact says something else. It is not read to be replaced: that may have happened earlier in this
        run, and what another run has written since must not be taken for it."""
        kind = type(artefact)
        try:
            earlier = kind.model_validate_json(read_whole(self.store.path(key, kind)))
        except (FileNotFoundError, ValidationError):
            return True
        return earlier.digest() != artefact.digest()

    def _withdraw_scorecard(self, key: str, changed: str) -> None:
        scorecard = self.store.find_readable(key, DemoScorecard)
        if scorecard is not None and scorecard.still_counts():
            self.store.write(key, scorecard.withdrawn(changed, clock.now()))

    def _record(self, context: dg.OutputContext, obj: Artefact) -> HistoryRecord:
        run = context.step_context.dagster_run
        key = context.partition_key
        request = obj if isinstance(obj, CustomerRequest) else self.store.find_readable(key, CustomerRequest)
        return HistoryRecord(
            began=_began(context),
            run_id=run.run_id,
            trigger=trigger_of(dict(run.tags)),
            owner=request.owner if request else "",
            as_of=request.as_of.isoformat() if request else None,
            project_version=importlib.metadata.version("provisioning-assets"),
        )

    def _note_the_end(self, context: dg.OutputContext, scorecard: DemoScorecard) -> None:
        key, now = context.partition_key, clock.now()
        history, begun = History(self.store, key), self._record(context, scorecard)
        request = self.store.read(key, CustomerRequest)
        if not scorecard.ready and history.last_verdict(begun.began) is not False:
            AlertOutbox(self.store).put(_not_ready(scorecard, request, begun.run_id, now))
        plan, dataset = self.store.find_readable(key, DemoPlan), self.store.find_readable(key, DemoDataset)
        billed = _billed_bytes(context)
        record = finished_record(
            begun,
            scorecard,
            request,
            now,
            bytes=dataset.bytes if dataset else None,
            bytes_billed=billed,
            cost_usd=_cost(billed, dataset.region if dataset else ""),
            code_versions=_code_versions(context, [scorecard, *filter(None, (plan, dataset))]),
            blueprint_version=plan.blueprint_version if plan else None,
        )
        history.finish(record)
        figures = {"seconds": record.seconds, "bytes_billed": record.bytes_billed, "cost_usd": record.cost_usd}
        context.add_output_metadata({name: value for name, value in figures.items() if value is not None})


def _began(context: dg.OutputContext) -> datetime:
    """When the command or, without one, the run began."""
    run = context.step_context.dagster_run
    if BEGAN_TAG in run.tags:
        return datetime.fromisoformat(run.tags[BEGAN_TAG])
    record = context.step_context.instance.get_run_record_by_id(run.run_id)
    if record is None:  # a run that somebody has deleted while it is at work
        return clock.now()
    return datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp


def _not_ready(scorecard: DemoScorecard, request: CustomerRequest, run_id: str, at: datetime) -> Alert:
    more = len(scorecard.reasons) - 1
    return Alert(
        kind=AlertKind.NOT_READY,
        event=run_id,
        at=at,
        customer=scorecard.key,
        owner=request.owner,
        stage=DemoScorecard.asset_name(),
        cause=f"The demo is not ready. {scorecard.reasons[0]}" + (f" And {more} more." if more else ""),
        remedy=f"See all reasons, each with what to do: provision show {scorecard.key}",
    )


def _last_made(context: dg.OutputContext, asset: str) -> dg.AssetMaterialization | None:
    found = context.step_context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[context.partition_key]), limit=1
    )
    return found.records[0].asset_materialization if found.records else None


def _billed_bytes(context: dg.OutputContext) -> int | None:
    made = _last_made(context, "golden_queries")
    value = made.metadata["bytes billed"].value if made and "bytes billed" in made.metadata else None
    return value if isinstance(value, int) else None


def _cost(billed: int | None, region: str) -> float | None:
    price = price_of("bigquery_query", region)
    return price.of(billed) if price and billed is not None and price.currency == "USD" else None


def _code_versions(context: dg.OutputContext, artefacts: Iterable[Artefact]) -> dict[str, str]:
    """The code versions with which what these artefacts were made from was made, as Dagster has recorded them."""
    stages = sorted({source for artefact in artefacts for source in artefact.made_from})
    found = {stage: (made.tags or {}).get(CODE_VERSION_TAG) for stage in stages if (made := _last_made(context, stage))}
    own = context.asset_spec.code_version
    return {stage: version for stage, version in {**found, context.asset_key.path[-1]: own}.items() if version}
