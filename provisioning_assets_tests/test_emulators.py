"""The emulators start, keep what they are given, and see the same objects."""

from pathlib import Path

import httpx

from provisioning_assets_tests.emulators import BigQueryEmulator, StorageEmulator


def test_an_object_is_kept_as_a_file_of_its_bucket(storage_emulator: StorageEmulator, bucket: str) -> None:
    stored = httpx.post(
        f"{storage_emulator.address}/upload/storage/v1/b/{bucket}/o",
        params={"uploadType": "media", "name": "a/b.txt"},
        content=b"words",
        headers={"Content-Type": "text/plain"},
    )
    stored.raise_for_status()
    assert storage_emulator.objects(bucket) == ["a/b.txt"]
    assert Path(storage_emulator.folder / bucket / "a" / "b.txt").read_bytes() == b"words"
    httpx.delete(f"{storage_emulator.address}/storage/v1/b/{bucket}/o/a%2Fb.txt").raise_for_status()
    assert storage_emulator.objects(bucket) == []


def test_bigquery_answers_a_query(bigquery_emulator: BigQueryEmulator) -> None:
    answer = httpx.post(
        f"{bigquery_emulator.address}/bigquery/v2/projects/a-project/queries",
        json={"query": "SELECT 1 + 1 AS two", "useLegacySql": False},
        timeout=60,
    )
    answer.raise_for_status()
    assert answer.json()["rows"] == [{"f": [{"v": "2"}]}]
