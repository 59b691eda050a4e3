"""Finds what belongs to no demo, and demos that lack something: data sets, agents, files and keys are compared with each other."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field

from provisioning_assets import clock
from provisioning_assets.agent.models import DataAgent, StoredAgent
from provisioning_assets.artefact import Document
from provisioning_assets.atomic_files import is_local
from provisioning_assets.cloud_labels import label_value, store_label
from provisioning_assets.customers import CustomerRequest, site_of_key
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.removal.models import StartedRemoval
from provisioning_assets.record_folder import written_at
from provisioning_assets.store import DemoStore
from provisioning_assets.warehouse.models import DemoDataset, StoredDataset


class Remedy(StrEnum):
    """What the project does about an orphan by itself."""

    REMOVE = "remove"
    KEEP_AS_REQUESTED = "set the day of expiry"
    REPORT = "report"


class Orphan(Document):
    """One thing that does not fit together."""

    what: str = Field(description="data set, agent, files, key or demo")
    name: str
    key: str = Field(description="the customer's key; empty if it is not known")
    problem: str
    remedy: str = Field(description="what a person can do")
    action: Remedy = Remedy.REPORT


@dataclass(frozen=True)
class Inventory:
    """All that exists, as each place lists it."""

    partitions: frozenset[str]
    """keys that Dagster has"""
    busy: frozenset[str]
    """keys with a run that has not ended"""
    folders: frozenset[str]
    """keys that have a folder in the store"""
    datasets: Sequence[StoredDataset]
    agents: Sequence[StoredAgent]
    started: Sequence[StartedRemoval]


def find_orphans(store: DemoStore, found: Inventory, *, grace: timedelta) -> list[Orphan]:
    """Return what does not fit together, sorted by key.

    Only what carries this project's labels and those of this store is proposed for removal, only if it is older than ``grace``,
    and never if a run of the customer is in progress.

    Args:
        store: the store of the demos.
        found: what exists.
        grace: age from which on something without a demo is removed.
    """
    latest = clock.now() - grace
    orphans = [
        *_datasets(store, found, latest),
        *_agents(store, found, latest),
        *_files(store, found, latest),
        *_keys(found),
        *_demos(store, found),
        *_interrupted(store, found.started),
    ]
    return sorted(
        (orphan for orphan in orphans if orphan.key not in found.busy),
        key=lambda each: (each.key, each.what, each.name),
    )


def _datasets(store: DemoStore, found: Inventory, latest: datetime) -> Iterator[Orphan]:
    for dataset in found.datasets:
        if dataset.key in found.folders:
            request = store.find_readable(dataset.key, CustomerRequest)
            expires = (request.expires_on.isoformat() if request.expires_on else "never") if request else ""
            if dataset.is_whole and dataset.of_this_store and request and dataset.expires not in ("", expires):
                yield Orphan(
                    what="data set",
                    name=dataset.name,
                    key=dataset.key,
                    problem=f"it expires on another day ({dataset.expires}) than the demo ({expires})",
                    remedy=f"Run: provision extend {dataset.key} --days N, or let this command set it.",
                    action=Remedy.KEEP_AS_REQUESTED,
                )
            continue
        yield _without_demo("data set", dataset.name, dataset.key, dataset.of_this_store, dataset.created_at, latest)


def _agents(store: DemoStore, found: Inventory, latest: datetime) -> Iterator[Orphan]:
    from provisioning_assets.agent.data_agent import is_id_of

    with_demo = {label_value(key) for key in found.folders}
    here = store_label(store.root)
    for agent in found.agents:
        if agent.customer in with_demo:
            continue
        key = (
            agent.customer
            if _is_key(agent.customer) and is_id_of(agent.name.rpartition("/")[2], agent.customer)
            else ""
        )
        yield _without_demo("agent", agent.name, key, agent.store == here, agent.created_at, latest)


def _without_demo(what: str, name: str, key: str, ours: bool, created_at: datetime, latest: datetime) -> Orphan:
    by_hand = f"Run: provision teardown {key}" if key else "Delete it in Google Cloud's console."
    if not ours or not key:
        why = (
            "it has no label of this store, so it may belong to another one"
            if not ours
            else "its key is too long to be known"
        )
        return Orphan(what=what, name=name, key=key, problem=f"it has no demo here, and {why}", remedy=by_hand)
    if created_at > latest:
        problem = "it has no demo, and is young: a demo may be in the making"
        return Orphan(what=what, name=name, key=key, problem=problem, remedy="Wait, or look again later.")
    return Orphan(what=what, name=name, key=key, problem="it has no demo", remedy=by_hand, action=Remedy.REMOVE)


def _files(store: DemoStore, found: Inventory, latest: datetime) -> Iterator[Orphan]:
    for key in sorted(found.folders):
        if store.exists(key, CustomerRequest):
            if key not in found.partitions:
                yield Orphan(
                    what="files",
                    name=str(store.folder(key)),
                    key=key,
                    problem="this Dagster instance does not have their key, so its UI does not show the demo",
                    remedy="Add the partition in Dagster's UI, or nothing: the demo was made with another instance.",
                )
            continue
        changed_at = _changed_at(store, key)
        old = changed_at is not None and changed_at <= latest
        yield Orphan(
            what="files",
            name=str(store.folder(key)),
            key=key,
            problem="they have no request, so they are the rest of a removal" if old else "they have no request yet",
            remedy=f"Run: provision teardown {key}",
            action=Remedy.REMOVE if old else Remedy.REPORT,
        )


def _changed_at(store: DemoStore, key: str) -> datetime | None:
    """When the youngest file of the folder was written, or the folder itself; None if there is nothing, or nobody knows."""
    folder = store.folder(key)
    moments: list[datetime] = []
    if is_local(folder):
        local = Path(str(folder))
        for path in [local, *local.rglob("*")]:
            with contextlib.suppress(FileNotFoundError):  # a removal is at work
                moments.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    else:
        details: Any = folder.fs.find(folder.path, detail=True)
        moments = [written_at(entry) for entry in details.values()]
    return max(moments, default=None)


def _keys(found: Inventory) -> Iterator[Orphan]:
    removing = {removal.key for removal in found.started}
    for key in sorted(found.partitions - found.folders - removing):
        if _is_key(key):
            problem, remedy = (
                "the key has no files: nothing was made for it yet, or its files were deleted",
                f"Materialize it in Dagster's UI, or run: provision teardown {key}",
            )
        else:
            problem, remedy = "it is not a customer key", "Delete the partition in Dagster's UI."
        yield Orphan(what="key", name=key, key=key, problem=problem, remedy=remedy)


def _demos(store: DemoStore, found: Inventory) -> Iterator[Orphan]:
    whole = {dataset.key for dataset in found.datasets if dataset.is_whole}
    agents = {agent.name for agent in found.agents}
    for key in sorted(found.folders):
        if store.find_readable(key, DemoDataset) is not None and key not in whole:
            yield _lacking(key, "demo_dataset", "its data set is gone")
        agent = store.find_readable(key, DataAgent)
        if agent is not None and agent.name not in agents:
            yield _lacking(key, "data_agent", "its agent is gone")


def _lacking(key: str, asset: str, problem: str) -> Orphan:
    return Orphan(
        what="demo", name=key, key=key, problem=problem, remedy=f"Materialize {asset} for {key} in Dagster's UI."
    )


def _interrupted(store: DemoStore, started: Iterable[StartedRemoval]) -> Iterator[Orphan]:
    for removal in started:
        if store.exists(removal.key, CustomerRequest):
            yield Orphan(
                what="demo",
                name=removal.key,
                key=removal.key,
                problem=f"a removal that began on {removal.started_at:%Y-%m-%d %H:%M} UTC was interrupted",
                remedy=f"Finish it with: provision teardown {removal.key}, or make the demo whole with: provision run URL",
            )


def _is_key(text: str) -> bool:
    try:
        site_of_key(text)
    except ProvisioningError:
        return False
    return True


def orphans_alert(orphans: Sequence[Orphan]) -> Alert:
    """Return the alert about orphans. The same orphans are told once."""
    said = "\n".join(f"{orphan.what} {orphan.name}: {orphan.problem}" for orphan in orphans)
    shown = [f"{orphan.what} {orphan.name}: {orphan.problem}" for orphan in orphans[:MOST_SHOWN]]
    more = [f"and {len(orphans) - MOST_SHOWN} more"] if len(orphans) > MOST_SHOWN else []
    return Alert(
        kind=AlertKind.ORPHANS_FOUND,
        event=hashlib.sha256(said.encode()).hexdigest()[:24],
        at=clock.now(),
        customer="",
        cause=f"{len(orphans)} things do not fit together: {'; '.join([*shown, *more])}.",
        remedy="See what to do about each with: provision reconcile --dry-run",
    )


MOST_SHOWN = 5
"""Orphans that one alert names. The command shows all."""
