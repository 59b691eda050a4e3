"""Folders of small files, on this machine and in the memory of this process."""

import threading
from pathlib import Path

import pytest
from upath import UPath

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.record_folder import RecordFolder


@pytest.fixture(params=["folder", "memory"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> RecordFolder:
    if request.param == "folder":
        return RecordFolder(UPath(tmp_path) / "records")
    return RecordFolder(UPath(f"memory://{tmp_path.name}/records"))


def test_files_are_written_read_listed_and_removed(records: RecordFolder) -> None:
    assert (records.names(), records.read("a.json")) == ([], None)
    records.write("b.json", b"1")
    records.write("a.json", b"2")
    records.write("a.json", b"3")
    assert (records.names(), records.read("a.json")) == (["a.json", "b.json"], b"3")
    records.remove("a.json")
    records.remove("a.json")
    assert records.names() == ["b.json"]


def test_a_file_is_created_once(records: RecordFolder) -> None:
    assert records.create("a.json", b"first")
    assert not records.create("a.json", b"second")
    assert records.read("a.json") == b"first"


def test_of_many_at_once_one_creates(tmp_path: Path) -> None:
    records = RecordFolder(UPath(tmp_path) / "records")
    won: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(n) if records.create("a", bytes([n])) else None)
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [records.read("a")] == [bytes(won)]
    assert records.names() == ["a"]


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\n", "x" * 201])
def test_a_name_cannot_leave_the_folder(records: RecordFolder, name: str) -> None:
    with pytest.raises(ProvisioningError, match="not the name of a file"):
        records.write(name, b"")
