"""One look at the requests: what is rejected, which runs are asked for, and which files are done.

Dagster stores the cursor first, then adds the keys and launches the runs; it can be killed anywhere, and then evaluates once more.
So a file is moved only when its run can be seen, which is at a later tick; a run that cannot be seen is asked for again under
the same run key, which Dagster launches once. Whatever a tick does besides its result can be repeated.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.models import Alert, AlertKind
from provisioning_assets.lifecycle.requests.demo_request import DemoRequest, checked_request, key_of, owner_of
from provisioning_assets.lifecycle.requests.intake_cursor import AskedRun, IntakeCursor, QueuePlace
from provisioning_assets.lifecycle.requests.request_folder import (
    RequestFolder,
    WaitingFile,
    digest_of,
    too_large,
)
from provisioning_assets.lifecycle.requests.request_text import LONGEST_REQUEST, read_json, read_yaml

MOST_REQUESTS = 25
"""Requests a tick. Dagster records 2.5 to 6 new runs a second on SQLite (measured; a busy disk: far fewer), and meanwhile no
other sensor is evaluated."""

MOST_SECONDS = 20.0
"""For the evaluation of a tick, of which Dagster allows 60."""

MOST_TRIES = 10
"""After so many ticks, a request that Dagster does not launch is rejected."""

TRIES_IN_ORDER = 3
"""A run that was asked for more often stands behind the others: Dagster stops a tick at the first one that it cannot launch."""

LARGEST_QUEUE = 64 * 1024 * 1024
"""Bytes of a queue."""

MOST_LINES = 100_000
"""Lines of a queue."""

QUIET_SECONDS = 60.0
"""A queue that was read to its end is moved when nobody has written to it for so long."""

_BLOCK = LONGEST_REQUEST + 2


class Runs(Protocol):
    """Dagster's runs, as far as they are needed here."""

    def launched(self, run_key: str) -> str | None:
        """Return the id of the run with this key; None if there is none."""
        ...

    def asked_before(self, digest: str) -> int:
        """Return how many runs there are of a request with this digest."""
        ...

    def repeated(self, key: str, digest: str) -> str | None:
        """Return the id of the customer's last run if it is of this request and has not failed; else None."""
        ...


@dataclass(frozen=True)
class WantedRun:
    """A run to launch."""

    run_key: str
    request: DemoRequest
    place: str


@dataclass
class TickResult:
    """What a tick has decided."""

    wanted: list[WantedRun] = field(default_factory=list)
    rejected: int = 0
    finished: int = 0
    is_done: bool = True


@dataclass(frozen=True)
class _Piece:
    """The bytes of one request."""

    file: str
    line: int
    start: int
    content: bytes

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.line}" if self.line else self.file


class IntakeTick:
    """One look at the requests.

    Args:
        folder: of the requests.
        runs: Dagster's.
        cursor: what the last look left; it is changed.
        now: the present moment.
        say: gets a sentence for the sensor's log.
        put_alert: gets what the owner of a rejected request is told.
        has_claude: whether there is a key for Claude, so that requests may need it.
        most_requests: of this tick, runs and refusals together.
        most_seconds: after which it stops taking requests.
    """

    def __init__(
        self,
        folder: RequestFolder,
        runs: Runs,
        cursor: IntakeCursor,
        *,
        now: datetime,
        say: Callable[[str], None],
        put_alert: Callable[[Alert], object],
        has_claude: bool = False,
        most_requests: int = MOST_REQUESTS,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        self._folder = folder
        self._runs = runs
        self._cursor = cursor
        self._now = now
        self._say = say
        self._put_alert = put_alert
        self._has_claude = has_claude
        self._left = most_requests
        self._until = time.monotonic() + most_seconds
        self._result = TickResult()
        self._last: dict[str, str] = {}  # customer -> digest of the request that this tick asks for last
        self._times: Counter[str] = Counter()  # digest -> how often this tick asks for it

    def run(self) -> TickResult:
        """Look at what was asked for, then take new requests until the limits are reached."""
        self._see_to_asked_runs()
        waiting = self._folder.waiting(self._now.timestamp())
        in_work = {asked.file for asked in self._cursor.asked if not asked.line}
        for file in waiting.files:
            if self._is_over():
                self._result.is_done = False
                break
            try:
                if file.is_queue:
                    self._take_from_queue(file)
                elif file.name not in in_work:
                    self._take_file(file)
            except PermissionError as error:
                self._say(
                    f"{file.name!r} cannot be read or moved, and waits: {error.strerror}. Let Dagster's user read it."
                )
        tries = {asked.run_key: asked.tries for asked in self._cursor.asked}
        self._result.wanted.sort(key=lambda wanted: tries[wanted.run_key] > TRIES_IN_ORDER)
        names = {file.name for file in waiting.files}
        if not waiting.being_written:
            self._cursor.queues = {name: at for name, at in self._cursor.queues.items() if name in names}
        if waiting.others:
            self._say(f"{waiting.others} files do not end with .yaml, .yml, .json or .jsonl; they are left alone.")
        return self._result

    def _is_over(self) -> bool:
        return self._left <= 0 or time.monotonic() > self._until

    # --- what the last tick asked for ----------------------------------------------------------------------------

    def _see_to_asked_runs(self) -> None:
        earlier, self._cursor.asked = self._cursor.asked, []
        for asked in earlier:
            run_id = self._runs.launched(asked.run_key)
            if run_id is not None:
                if not asked.line and self._folder.accept(asked.file, asked.content, f"Dagster run {run_id}\n"):
                    self._result.finished += 1
                continue
            content = self._folder.part(asked.file, asked.start, asked.end)
            if content is None or digest_of(content) != asked.content:
                self._say(f"{asked.file} was changed or taken away before its run began.")
                continue
            piece = _Piece(asked.file, asked.line, asked.start, content)
            self._left -= 1
            try:
                request = self._checked(self._fields(piece))
            except ProvisioningError as error:  # what it needs is gone since then, such as saved pages
                self._reject(piece, error)
                continue
            if asked.tries >= MOST_TRIES:
                problem = f"Dagster did not start its run, which was asked for {asked.tries} times."
                remedy = "The ticks of the sensor request_files say why. Mend that, then put the request in again."
                self._reject(piece, ProvisioningError(problem, remedy))
                continue
            self._ask(piece, request, asked.run_key, asked.tries + 1)

    # --- new requests --------------------------------------------------------------------------------------------

    def _take_file(self, file: WaitingFile) -> None:
        self._left -= 1
        if file.size > LONGEST_REQUEST:
            self._reject_file(file, too_large(file, LONGEST_REQUEST))
            return
        content = self._folder.part(file.name, 0, file.size) if file.size else b""
        if content is None:
            return  # it was taken away
        self._take(_Piece(file.name, 0, 0, content))

    def _take_from_queue(self, file: WaitingFile) -> None:
        if file.size > LARGEST_QUEUE:
            self._left -= 1
            self._reject_file(file, too_large(file, LARGEST_QUEUE))
            return
        at = self._place_in(file)
        quiet = self._now.timestamp() - file.written >= QUIET_SECONDS
        lines = self._lines(file, at, take_rest=quiet) if at.line < MOST_LINES else ()
        for piece, end in lines:
            if piece.content.strip():
                self._left -= 1
                self._take(piece)
            at = QueuePlace(offset=end, line=piece.line, first=at.first)
            self._cursor.queues[file.name] = at
            if self._is_over():
                self._result.is_done = at.offset >= file.size
                return
            if at.line >= MOST_LINES:
                break
        if any(asked.file == file.name for asked in self._cursor.asked):
            return  # its lines are needed until their runs can be seen
        if at.offset < file.size and at.line >= MOST_LINES:
            self._left -= 1
            problem = f"The queue has more than {MOST_LINES:,} lines; the first {at.line:,} were taken."
            self._reject_file(file, ProvisioningError(problem, "Put the other lines into a new file."))
        elif at.offset >= file.size and quiet:
            digest = self._folder.digest(file)
            if self._folder.accept(file.name, digest, f"All {at.line} lines were read.\n"):
                self._result.finished += 1
                del self._cursor.queues[file.name]

    def _place_in(self, file: WaitingFile) -> QueuePlace:
        """Return how far this file was read: another file of the same name is read from its beginning."""
        head = self._folder.part(file.name, 0, min(file.size, _BLOCK)) if file.size else b""
        first = digest_of((head or b"").partition(b"\n")[0])
        at = self._cursor.queues.get(file.name)
        if at is None or (at.offset and at.first != first) or at.offset > file.size:
            at = QueuePlace()
        at = QueuePlace(offset=at.offset, line=at.line, first=first)
        self._cursor.queues[file.name] = at
        return at

    def _lines(self, file: WaitingFile, at: QueuePlace, *, take_rest: bool) -> Iterator[tuple[_Piece, int]]:
        """Return the queue's next lines, each with the offset after it. A line without an end is still being written."""
        offset, number = at.offset, at.line
        block, began = b"", offset
        while offset < file.size:
            inside = offset - began
            end = block.find(b"\n", inside)
            if end < 0 and began + len(block) < file.size and len(block) - inside < _BLOCK:
                more = self._folder.part(file.name, began + len(block), min(began + len(block) + _BLOCK, file.size))
                if not more:
                    return  # it was taken away or cut off
                block, began = block[inside:] + more, offset
                continue
            number += 1
            if end >= 0:
                after = began + end + 1
                content = block[inside:end]
            elif began + len(block) >= file.size:
                if not take_rest:
                    return
                after, content = file.size, block[inside:]
            else:  # longer than a request may be: its beginning is rejected, and its rest is passed over
                content = block[inside:]
                after = self._end_of_line(file, began + len(block))
                block, began = b"", after
            yield _Piece(file.name, number, offset, content), after
            offset = after

    def _end_of_line(self, file: WaitingFile, offset: int) -> int:
        while offset < file.size:
            block = self._folder.part(file.name, offset, min(offset + _BLOCK, file.size))
            if not block:
                break
            if (end := block.find(b"\n")) >= 0:
                return offset + end + 1
            offset += len(block)
        return file.size

    def _take(self, piece: _Piece) -> None:
        fields: dict[str, Any] = {}
        try:
            fields = self._fields(piece)
            request = self._checked(fields)
            run_key = self._run_key(request)
        except ProvisioningError as error:
            self._reject(piece, error, fields)
        else:
            self._ask(piece, request, run_key, tries=1)

    def _fields(self, piece: _Piece) -> dict[str, Any]:
        return (
            read_json(piece.content) if piece.line or piece.file.lower().endswith(".json") else read_yaml(piece.content)
        )

    def _checked(self, fields: dict[str, Any]) -> DemoRequest:
        return checked_request(fields, folder=self._folder.folder, today=self._now.date(), has_claude=self._has_claude)

    def _run_key(self, request: DemoRequest) -> str:
        """Return the key of the request's run.

        The same request gives the same key until it has run, and another one when it comes again afterwards: because the first
        run failed, or because another request of the customer has run since then.

        Raises:
            ProvisioningError: it is the customer's present request.
        """
        key, digest = request.asked.key, request.digest
        last = self._last.get(key)
        if last == digest:
            raise _repeated(key, "is asked for once already")
        if last is None and (run_id := self._runs.repeated(key, digest)):
            raise _repeated(key, f"has the Dagster run {run_id}")
        return f"{digest}-{self._runs.asked_before(digest) + self._times[digest]}"

    def _ask(self, piece: _Piece, request: DemoRequest, run_key: str, tries: int) -> None:
        self._last[request.asked.key] = request.digest
        self._times[request.digest] += 1
        self._result.wanted.append(WantedRun(run_key, request, piece.place))
        self._cursor.asked.append(
            AskedRun(
                run_key=run_key,
                file=piece.file,
                line=piece.line,
                start=piece.start,
                end=piece.start + len(piece.content),
                content=digest_of(piece.content),
                tries=tries,
            )
        )

    # --- refusals ------------------------------------------------------------------------------------------------

    def _reject(self, piece: _Piece, error: ProvisioningError, fields: dict[str, Any] | None = None) -> None:
        digest = digest_of(piece.content)
        self._note_refusal(piece.place, digest, error, fields or {})
        if piece.line:
            self._folder.reject_line(piece.file, piece.line, piece.content, _reason(piece.place, error))
        else:
            self._folder.reject(piece.file, digest, _reason(piece.place, error))

    def _reject_file(self, file: WaitingFile, error: ProvisioningError) -> None:
        self._note_refusal(file.name, "", error, {})
        self._folder.reject(file.name, self._folder.digest(file), _reason(file.name, error))
        self._cursor.queues.pop(file.name, None)

    def _note_refusal(self, place: str, digest: str, error: ProvisioningError, fields: dict[str, Any]) -> None:
        """Tell the owner, before the file is moved: a tick that is killed in between tells it again, as the same event."""
        self._result.rejected += 1
        self._say(f"{place!r} was rejected: {error}")
        owner = owner_of(fields)
        if owner:
            self._put_alert(
                Alert(
                    kind=AlertKind.REQUEST_REJECTED,
                    event=digest,
                    at=self._now,
                    customer=key_of(fields),
                    owner=owner,
                    cause=error.problem,
                    remedy=error.remedy,
                )
            )


def _reason(place: str, error: ProvisioningError) -> str:
    lines = (
        f"Problem: {error.problem}",
        f"What to do: {error.remedy}",
        "Then put the corrected file into the folder requests.",
    )
    return "\n\n".join((place, *lines)) + "\n"


def _repeated(key: str, why: str) -> ProvisioningError:
    return ProvisioningError(
        f"This request for {key} {why}, and nothing in it has changed.",
        "To make the same demo again, materialize it in Dagster or run: provision run URL --refresh",
    )
