"""What Dagster remembers of one partition: runs, events, results of checks, logs of processes.

Dagster has no call that forgets a partition. ``delete_run`` leaves the results of checks, events that belong to no run, the last
materialization of each asset, the logs of the run's process, and on SQLite the run's own file. If they stayed, a key that comes
back would read the checks of its former life. They are removed from the tables of Dagster's own event log, which are the same in
SQLite and PostgreSQL; every value is bound, and none becomes part of a statement.
"""

import contextlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.events import DagsterEventType
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetEventTagsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._serdes import deserialize_value, serialize_value

from provisioning_assets.atomic_files import remove_local
from provisioning_assets.figure_text import plural

PARTITION_TAG = "dagster/partition"
AT_ONCE = 500
"""Values of one statement. SQLite accepts 32,766 of them, older versions 999. Source: SQLite's documentation, "Limits"."""

_CHECKS = AssetCheckExecutionsTable
_EVENTS = SqlEventLogStorageTable
_TAGS = AssetEventTagsTable


def remembered_of(instance: dg.DagsterInstance, key: str) -> str | None:
    """Return in words what Dagster remembers of a customer; None if nothing."""
    runs = instance.get_run_ids(filters=dg.RunsFilter(tags={PARTITION_TAG: key}))
    storage = _storage(instance)
    checks = events = 0
    if storage is not None:
        with storage.index_connection() as connection:
            checks = _count(connection, _CHECKS, _CHECKS.c.partition == key)
            events = _count(connection, _EVENTS, _EVENTS.c.partition == key)
    counted = {"run": len(runs), "check result": checks, "event": events}
    return ", ".join(plural(count, what) for what, count in counted.items() if count) or None


def forget_partition(instance: dg.DagsterInstance, key: str) -> None:
    """Remove all that Dagster remembers of a customer. It can be repeated, and continues where it was stopped.

    An instance that does not keep its records in a database of its own (Dagster+) forgets the runs only.
    """
    storage = _storage(instance)
    for run_id in instance.get_run_ids(filters=dg.RunsFilter(tags={PARTITION_TAG: key})):
        _remove_logs(instance, run_id)
        if storage is not None:
            with storage.index_connection() as connection:
                _delete_checks(connection, _CHECKS.c.run_id == run_id)
        instance.delete_run(run_id)
        if isinstance(storage, SqliteEventLogStorage):
            _remove_shard(storage, run_id)
    if storage is None:
        return
    with storage.index_connection() as connection:
        _delete_checks(connection, _CHECKS.c.partition == key)
        _delete_events(connection, _ids(connection, _EVENTS, _EVENTS.c.partition == key))
    if isinstance(storage, SqliteEventLogStorage) and Path(storage.path_for_shard(RUNLESS_RUN_ID)).exists():
        with storage.run_connection(RUNLESS_RUN_ID) as connection:
            connection.execute(_EVENTS.delete().where(_EVENTS.c.partition == key))
            _delete_runless_checks(connection, key)
    with storage.index_connection() as connection:
        _forget_last_materializations(connection, key)


def _storage(instance: dg.DagsterInstance) -> SqlEventLogStorage | None:
    storage = instance.event_log_storage
    return storage if isinstance(storage, SqlEventLogStorage) else None


def _count(connection: Any, table: Any, condition: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar() or 0)


def _ids(connection: Any, table: Any, condition: Any) -> list[int]:
    return [row[0] for row in connection.execute(sa.select(table.c.id).where(condition)).fetchall()]


def _delete_checks(connection: Any, condition: Any) -> None:
    """Delete results of checks, and the events in which they were reported: these name no partition that could be asked for."""
    rows = connection.execute(sa.select(_CHECKS.c.evaluation_event_storage_id).where(condition)).fetchall()
    _delete_events(connection, [row[0] for row in rows if row[0] is not None])
    connection.execute(_CHECKS.delete().where(condition))


def _delete_events(connection: Any, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        connection.execute(_TAGS.delete().where(_TAGS.c.event_id.in_(some)))
        connection.execute(_EVENTS.delete().where(_EVENTS.c.id.in_(some)))


def _delete_runless_checks(connection: Any, key: str) -> None:
    """Delete the events of checks that were reported outside of a run. Their partition is only in their text."""
    evaluation = DagsterEventType.ASSET_CHECK_EVALUATION.value
    rows = connection.execute(
        sa.select(_EVENTS.c.id, _EVENTS.c.event).where(_EVENTS.c.dagster_event_type == evaluation)
    ).fetchall()
    theirs = [
        identifier
        for identifier, event in rows
        if (reported := deserialize_value(event, dg.EventLogEntry).dagster_event)
        and reported.asset_check_evaluation_data.partition == key
    ]
    _delete_events(connection, theirs)


def _forget_last_materializations(connection: Any, key: str) -> None:
    """Let each asset whose last materialization is forgotten show the one before it, of another customer; and count again."""
    assets = connection.execute(
        sa.select(AssetKeyTable.c.id, AssetKeyTable.c.asset_key, AssetKeyTable.c.last_materialization)
    ).fetchall()
    for identifier, asset_key, last in assets:
        values: dict[str, Any] = {"cached_status_data": None}
        if last and _partition_of(last) == key:
            values |= _last_of(connection, asset_key)
        connection.execute(AssetKeyTable.update().values(**values).where(AssetKeyTable.c.id == identifier))


def _partition_of(record: str) -> str | None:
    found = deserialize_value(record)
    event = found.event_log_entry if isinstance(found, dg.EventLogRecord) else found
    return event.dagster_event.partition if isinstance(event, dg.EventLogEntry) and event.dagster_event else None


def _last_of(connection: Any, asset_key: str) -> dict[str, Any]:
    materialization = DagsterEventType.ASSET_MATERIALIZATION.value
    found = connection.execute(
        sa.select(_EVENTS.c.id, _EVENTS.c.run_id, _EVENTS.c.event)
        .where(_EVENTS.c.asset_key == asset_key, _EVENTS.c.dagster_event_type == materialization)
        .order_by(_EVENTS.c.id.desc())
        .limit(1)
    ).fetchone()
    if found is None:
        return {"last_materialization": None, "last_run_id": None}
    entry = deserialize_value(found[2], dg.EventLogEntry)
    record = dg.EventLogRecord(storage_id=found[0], event_log_entry=entry)
    return {"last_materialization": serialize_value(record), "last_run_id": found[1]}


# --- files -------------------------------------------------------------------------------------------------------


def _remove_logs(instance: dg.DagsterInstance, run_id: str) -> None:
    if not _is_run_id(run_id):
        return
    instance.compute_log_manager.delete_logs(prefix=[run_id, "compute_logs"])
    with contextlib.suppress(OSError):  # there is none, or something else is in it
        Path(instance.storage_directory(), run_id).rmdir()


def _remove_shard(storage: SqliteEventLogStorage, run_id: str) -> None:
    """Remove the SQLite file of a run, which ``delete_run`` leaves empty, a quarter of a megabyte each."""
    if _is_run_id(run_id):
        for ending in ("", "-wal", "-shm", "-journal"):
            remove_local(Path(f"{storage.path_for_shard(run_id)}{ending}"))


def _is_run_id(text: str) -> bool:
    """Whether it is the form that Dagster gives to ids of runs, and so no part of a path."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
