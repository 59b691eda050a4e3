"""Ticks over a real folder. Dagster's runs are a record that the test keeps, so that it can lose any of them."""

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioning_assets.atomic_files import write_whole
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.requests import intake_tick
from provisioning_assets.lifecycle.requests.intake_cursor import IntakeCursor, read_cursor
from provisioning_assets.lifecycle.requests.intake_tick import MOST_TRIES, IntakeTick, TickResult, WantedRun
from provisioning_assets.lifecycle.requests.request_folder import RequestFolder
from provisioning_assets.lifecycle.requests.request_text import LONGEST_REQUEST
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.emulators import STORAGE_VARIABLE
from provisioning_assets_tests.storage_server import serving, shorten_retries


@dataclass
class RecordedRuns:
    """Runs in the order of their launch: run key -> customer, digest, and whether it failed."""

    runs: dict[str, tuple[str, str]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def launched(self, run_key: str) -> str | None:
        return f"run-{run_key}" if run_key in self.runs else None

    def asked_before(self, digest: str) -> int:
        return sum(one == digest for _, one in self.runs.values())

    def repeated(self, key: str, digest: str) -> str | None:
        of_customer = [(run_key, one) for run_key, (customer, one) in self.runs.items() if customer == key]
        if not of_customer or of_customer[-1][1] != digest or of_customer[-1][0] in self.failed:
            return None
        return f"run-{of_customer[-1][0]}"

    def launch(self, wanted: Iterable[WantedRun]) -> list[str]:
        """Launch what is new, as Dagster does; returns the customers."""
        new = [run for run in wanted if run.run_key not in self.runs]
        self.runs |= {run.run_key: (run.request.asked.key, run.request.digest) for run in new}
        return [run.request.asked.key for run in new]


@dataclass
class Intake:
    """A store with its sensor."""

    store: DemoStore
    runs: RecordedRuns = field(default_factory=RecordedRuns)
    cursor: str | None = None
    later: float = 100.0  # seconds from now, so that what a test writes has settled
    alerts: list[Alert] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return Path(self.store.root) / "requests"

    def put(self, name: str, content: str | bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def evaluate(self, most_requests: int = 25) -> tuple[TickResult, str]:
        """Evaluate without storing anything; returns the result and the new cursor."""
        cursor = read_cursor(self.cursor)
        assert cursor is not None
        result = IntakeTick(
            RequestFolder(self.store),
            self.runs,
            cursor,
            now=datetime.fromtimestamp(time.time() + self.later, tz=UTC),
            say=self.said.append,
            put_alert=self.alerts.append,
            most_requests=most_requests,
        ).run()
        return result, cursor.model_dump_json()

    def tick(self, most_requests: int = 25) -> list[str]:
        """Evaluate, store the cursor, and launch; returns the customers whose runs were launched."""
        result, self.cursor = self.evaluate(most_requests)
        return self.runs.launch(result.wanted)

    def names(self, where: str = "") -> list[str]:
        folder = self.folder / where
        return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []

    def reasons(self) -> dict[str, str]:
        return {
            name: (self.folder / "rejected" / name).read_text()
            for name in self.names("rejected")
            if name.endswith(".reason.txt")
        }


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(DemoStore(root=str(tmp_path / "store")))


def test_a_store_without_the_folder_has_no_requests(intake: Intake) -> None:
    assert intake.tick() == []


def test_files_run_once_and_are_moved_when_their_run_exists(intake: Intake) -> None:
    intake.put("acme.yaml", "url: https://www.acme.com\nsize: medium\n")
    intake.put("beta.json", '{"key": "beta_com___emea"}')
    assert sorted(intake.tick()) == ["acme_com", "beta_com___emea"]
    assert intake.names() == ["acme.yaml", "beta.json"]
    assert intake.tick() == []
    assert intake.names() == []
    accepted = intake.names("accepted")
    assert len(accepted) == 4
    [note] = [name for name in accepted if name.startswith("acme") and name.endswith(".txt")]
    assert "Dagster run run-" in (intake.folder / "accepted" / note).read_text()
    assert intake.tick() == []


def test_a_file_that_is_being_written_is_not_read(intake: Intake) -> None:
    intake.later = 0.0
    intake.put("acme.yaml", "url: https://www.ac")
    assert intake.tick() == []
    assert intake.names() == ["acme.yaml"]
    intake.put("acme.yaml", "url: https://www.acme.com")
    intake.later = 6.0
    assert intake.tick() == ["acme_com"]


def test_a_bad_request_is_rejected_with_its_reason_and_runs_when_corrected(intake: Intake) -> None:
    intake.put("acme.yaml", "url: https://www.acme.com\nsize: enormous\nowner: ann@example.com\n")
    assert intake.tick() == []
    assert intake.names() == []
    [(name, reason)] = intake.reasons().items()
    assert "'enormous' is not a size" in reason
    assert "small, medium, large" in reason
    rejected = intake.folder / "rejected" / name.removesuffix(".reason.txt")
    assert "enormous" in rejected.read_text()
    [alert] = intake.alerts
    assert (alert.kind, alert.owner, alert.customer) == (AlertKind.REQUEST_REJECTED, "ann@example.com", "acme_com")
    assert "small, medium" in alert.remedy

    intake.put("acme.yaml", rejected.read_text().replace("enormous", "medium"))
    assert intake.tick() == ["acme_com"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("size: small", "names no website"),
        ("url: file:///etc/passwd", "not an http"),
        ("key: ../../etc", "not a customer key"),
        ("key: 'a/b'", "not a customer key"),
        ("url: acme.com\ncolour: red", "no field colour"),
        ("url: acme.com\nas_of: yesterday", "not an as-of date"),
        ("url: acme.com\nowner: not a mail address", "not a mail address"),
        ("url: acme.com\nsaved_pages: /etc", "not in a folder below"),
        ("url: acme.com\nsaved_pages: ../other_com", "not in a folder below"),
        ("url: acme.com\nsaved_pages: pages/nowhere", "not a folder"),
        ("url: acme.com\nedits: 3", "edits"),
        ("notes: " + "x" * LONGEST_REQUEST, "bytes"),
    ],
)
def test_what_is_not_accepted_is_named(intake: Intake, content: str, problem: str) -> None:
    intake.put("request.yaml", content)
    assert intake.tick() == []
    [reason] = intake.reasons().values()
    assert problem in reason
    assert "What to do: " in reason
    assert intake.alerts == []


def test_the_examples_are_accepted(intake: Intake) -> None:
    examples = PROJECT_FOLDER / "examples"
    for site in ("harbour_and_pine", "nordlicht_spedition"):
        shutil.copytree(examples / site, intake.folder / "pages" / site)
    for path in (examples / "requests").iterdir():
        intake.put(path.name, path.read_bytes())
    assert sorted(intake.tick()) == [
        "bluewater__fitness_example",
        "harbourandpine_example",
        "harbourandpine_example___emea",
        "nordlicht__spedition_example",
    ]
    assert intake.reasons() == {}


def test_saved_pages_are_read_from_the_folder_of_the_requests_and_through_no_link(
    intake: Intake, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "index.html").write_text("planted")
    (intake.folder / "pages" / "acme").mkdir(parents=True)
    (intake.folder / "pages" / "acme" / "index.html").write_text("<p>Acme")
    (intake.folder / "pages" / "link").symlink_to(secret)
    intake.put("acme.yaml", "url: acme.com\nsaved_pages: pages/acme")
    intake.put("link.yaml", "url: link.com\nsaved_pages: pages/link")
    result, _ = intake.evaluate()
    [wanted] = result.wanted
    assert wanted.request.asked.saved_pages == str((intake.folder / "pages" / "acme").resolve())
    assert "not in a folder below" in next(iter(intake.reasons().values()))


def test_names_of_files_are_never_paths_or_markup(intake: Intake) -> None:
    names = ["-rf.yaml", "a b; rm.yaml", "<b>ü\n.yaml", ".hidden.yaml", "%2e%2e.json"]
    for name in names:
        intake.put(name, "size: none")
    (intake.folder / "link.yaml").symlink_to("/etc/passwd")
    os.mkfifo(intake.folder / "pipe.yaml")
    intake.put("notes.txt", "not a request")
    (intake.folder / os.fsdecode(b"\xff.yaml")).write_text("url: acme.com")
    assert intake.tick() == []
    assert set(intake.names()) == {".hidden.yaml", "link.yaml", "notes.txt", os.fsdecode(b"\xff.yaml")}
    assert len(intake.reasons()) == 4
    assert all(
        name.isascii() and " " not in name and name[0].isalnum() | (name[0] == "_") for name in intake.names("rejected")
    )
    assert "left alone" in intake.said[-1]


def test_the_same_request_again_is_told_and_not_run(intake: Intake) -> None:
    intake.put("a.yaml", "url: https://www.acme.com\nsize: small")
    intake.put("copy of a.json", '{"size": "small", "url": "https://www.acme.com"}')
    assert intake.tick() == ["acme_com"]
    assert "asked for once already" in next(iter(intake.reasons().values()))
    intake.tick()
    intake.put("a.yaml", "url: https://www.acme.com\nsize: small")
    assert intake.tick() == []
    assert len(intake.reasons()) == 2
    assert any("has the Dagster run" in reason for reason in intake.reasons().values())


def test_a_request_that_failed_runs_when_it_comes_again(intake: Intake) -> None:
    intake.put("a.yaml", "url: https://www.acme.com")
    assert intake.tick() == ["acme_com"]
    intake.runs.failed |= set(intake.runs.runs)
    assert intake.tick() == [], "the file is still there, and is only moved"
    intake.put("a.yaml", "url: https://www.acme.com")
    assert intake.tick() == ["acme_com"]
    assert len(intake.runs.runs) == 2


def test_an_earlier_request_runs_again_after_another_one(intake: Intake) -> None:
    lines = [json.dumps({"url": "acme.com", "size": size}) for size in ("small", "medium", "small")]
    intake.put("queue.jsonl", "\n".join(lines))
    assert intake.tick() == ["acme_com"] * 3
    assert len(set(intake.runs.runs)) == 3


def test_lines_of_a_queue_are_requests_of_their_own(intake: Intake) -> None:
    good = [json.dumps({"url": f"https://shop{number}.com"}) for number in range(4)]
    content = "\n".join(
        [good[0], "{not json", "", good[1], json.dumps({"url": "acme.com", "size": "?"}), good[2], good[3]]
    )
    intake.put("queue.jsonl", content)
    assert intake.tick() == [f"shop{number}_com" for number in range(4)]
    reasons = intake.reasons()
    assert [("line 2" in text, "line 5" in text) for text in sorted(reasons.values())] == [(True, False), (False, True)]
    assert (
        intake.folder / "rejected" / next(iter(sorted(reasons))).removesuffix(".reason.txt")
    ).read_text() == "{not json"
    assert intake.names() == ["queue.jsonl"], "its runs have not been seen yet"
    assert intake.tick() == []
    assert intake.names() == []
    assert len(intake.names("accepted")) == 2


def test_lines_that_are_added_later_run_too(intake: Intake) -> None:
    path = intake.put("queue.jsonl", '{"url": "a-one.com"}\n{"url": "a-two.')
    intake.later = 10.0  # settled, and not yet quiet: the last line may still be written
    assert intake.tick() == ["a__one_com"]
    with path.open("a") as file:
        file.write('com"}\n')
    assert intake.tick() == ["a__two_com"]
    intake.later = 100.0
    intake.tick()
    assert intake.names() == []
    intake.put("queue.jsonl", '{"url": "a-three.com"}\n')
    assert intake.tick() == ["a__three_com"], "a new file of the same name begins at its first line"
    intake.put("queue.jsonl", '{"url": "a-four.com"}\n{"url": "a-five.com"}\n')
    assert intake.tick() == ["a__four_com", "a__five_com"], "and so does one that replaces it"


def test_a_line_that_is_too_long_is_rejected_alone(intake: Intake) -> None:
    long = json.dumps({"url": "acme.com", "notes": "x" * (3 * LONGEST_REQUEST)})
    intake.put("queue.jsonl", f'{{"url": "one.com"}}\n{long}\n{{"url": "two.com"}}\n')
    assert intake.tick() == ["one_com", "two_com"]
    [reason] = intake.reasons().values()
    assert "line 2" in reason
    assert "at most" in reason


def test_a_queue_with_too_many_lines_is_rejected_when_the_first_ones_have_run(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_tick, "MOST_LINES", 3)
    intake.put("queue.jsonl", "\n".join(json.dumps({"url": f"shop{number}.com"}) for number in range(5)))
    assert intake.tick() == ["shop0_com", "shop1_com", "shop2_com"]
    assert intake.tick() == []
    [reason] = intake.reasons().values()
    assert "the first 3 were taken" in reason
    assert intake.names() == []


def test_a_file_that_may_not_be_read_stops_no_other(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.put("a.yaml", "url: a-one.com")
    intake.put("b.yaml", "url: b-two.com")
    part = RequestFolder.part

    def refuse_one(self: RequestFolder, name: str, start: int, end: int) -> bytes | None:
        if name == "a.yaml":  # the user root, as whom tests may run, may read every file
            raise PermissionError(13, "Permission denied")
        return part(self, name, start, end)

    monkeypatch.setattr(RequestFolder, "part", refuse_one)
    assert intake.tick() == ["b__two_com"]
    assert any("'a.yaml' cannot be read" in line for line in intake.said)


def test_requests_in_cloud_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_retries(monkeypatch)
    bucket = f"demos-{uuid.uuid4().hex[:8]}"
    with serving(bucket) as server:
        monkeypatch.setenv(STORAGE_VARIABLE, server.address)
        intake = Intake(DemoStore(root=f"gs://{bucket}/demos"))
        assert intake.tick() == []
        requests = intake.store.base() / "requests"
        for name, content in {
            "acme.yaml": "url: https://www.acme.com",
            "bad.yaml": "url: https://www.acme.com\nsaved_pages: pages/acme",
            "queue.jsonl": '{"url": "one.com"}\n{bad\n{"url": "two.com"}',
        }.items():
            write_whole(requests / name, content.encode())
        assert sorted(intake.tick()) == ["acme_com", "one_com", "two_com"]
        assert intake.tick() == []
        assert intake.tick() == []
        now = datetime.now(UTC)
        assert RequestFolder(intake.store).remove_settled(now - timedelta(days=1)) == 0
        kept = sorted(name.partition("/requests/")[2] for name in server.objects)
        assert [name.partition("-")[0] for name in kept] == [
            *(["accepted/acme"] * 2), *(["accepted/queue"] * 2), *(["rejected/bad"] * 2), *(["rejected/queue"] * 2),
        ]  # fmt: skip
        assert RequestFolder(intake.store).remove_settled(now + timedelta(days=1)) == 4
        assert not [name for name in server.objects if "/requests/" in name]


def test_a_thousand_requests_take_several_ticks(intake: Intake) -> None:
    intake.put("queue.jsonl", "\n".join(json.dumps({"url": f"shop{number}.com"}) for number in range(900)))
    for number in range(100):
        intake.put(f"{number}.yaml", f"url: https://single{number}.com")
    ticks = []
    while launched := intake.tick():
        ticks.append(len(launched))
    assert ticks == [25] * 40
    assert len({key for key, _ in intake.runs.runs.values()}) == 1000
    intake.tick()
    assert intake.names() == []


def test_a_tick_that_ran_out_of_time_goes_on(intake: Intake) -> None:
    intake.put("queue.jsonl", "\n".join(json.dumps({"url": f"shop{number}.com"}) for number in range(10)))
    cursor = IntakeCursor()
    result = IntakeTick(
        RequestFolder(intake.store), intake.runs, cursor, now=datetime.now(tz=UTC), say=print, put_alert=print,
        most_seconds=-1.0,
    ).run()  # fmt: skip
    assert result.wanted == []
    assert len(intake.tick()) == 10


@pytest.mark.parametrize("launched", [0, 1, 7, 19, 20])
def test_killed_anywhere_it_neither_loses_nor_doubles(intake: Intake, launched: int) -> None:
    """Killed in the middle of each tick: once before the cursor is stored, once after some of the runs were launched."""
    intake.put("queue.jsonl", "\n".join(json.dumps({"url": f"shop{number}.com"}) for number in range(30)) + "\n{bad}\n")
    for number in range(20):
        intake.put(f"{number}.yaml", f"url: https://single{number}.com")
    intake.put("bad.yaml", "size: none")
    total: list[str] = []
    for number in range(12):
        intake.evaluate(20)  # killed: nothing of it is stored, and its files were moved
        result, intake.cursor = intake.evaluate(20)
        # Killed: the rest is not launched.
        total += intake.runs.launch(result.wanted[:launched] if number < 4 else result.wanted)
    queued, single = [f"shop{number}_com" for number in range(30)], [f"single{number}_com" for number in range(20)]
    assert sorted(total) == sorted(queued + single)
    assert len(intake.reasons()) == 2
    assert intake.names() == []


def test_a_request_that_dagster_never_launches_is_rejected_after_a_while(intake: Intake) -> None:
    intake.put("acme.yaml", "url: acme.com")
    for _ in range(MOST_TRIES + 1):
        _, intake.cursor = intake.evaluate()
    assert "did not start its run" in next(iter(intake.reasons().values()))
    assert intake.names() == []


def test_a_request_that_dagster_does_not_launch_stands_behind_the_others(intake: Intake) -> None:
    intake.put("acme.yaml", "url: acme.com")
    for _ in range(3):
        _, intake.cursor = intake.evaluate()
    intake.put("other.yaml", "url: other.com")
    assert intake.tick() == ["other_com", "acme_com"]


def test_a_file_that_is_corrected_before_its_run_exists_is_a_new_request(intake: Intake) -> None:
    intake.put("acme.yaml", "url: acme.com\nsize: small")
    assert intake.tick() == ["acme_com"]
    intake.put("acme.yaml", "url: acme.com\nsize: medium")
    assert intake.tick() == ["acme_com"]
    intake.tick()
    assert len(intake.runs.runs) == 2
    assert intake.names() == []


def test_a_cursor_of_another_version_is_none() -> None:
    assert read_cursor("{}") == IntakeCursor()
    assert read_cursor(None) == IntakeCursor()
    assert read_cursor('{"offset": 3}') is None
    assert read_cursor("text") is None
