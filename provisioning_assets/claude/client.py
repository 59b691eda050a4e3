"""Asks Claude for one JSON document: with retries, deadlines, a budget, and answers that are kept.

The document is the input of a tool that the model must call, so that its JSON schema may have everything that a JSON schema can
(mappings, recursion), which the service's own structured output refuses. Whether the document is right is judged by whoever asked.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from provisioning_assets.claude.budget import Budget
from provisioning_assets.claude.costs import dollars, most_dollars
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.faults import PassingFaultError, fault_of
from provisioning_assets.claude.models import ClaudeCall, ClaudeUsage, Outcome, usage_of
from provisioning_assets.claude.prompts import Prompt
from provisioning_assets.claude.records import ClaudeRecord, ClaudeRecords, request_digest

if TYPE_CHECKING:
    from anthropic import Anthropic

ATTEMPTS = 4
"""Calls for one answer, the first included, when the service fails in passing."""

LONGEST_WAIT_SECONDS = 60.0
"""Between two attempts, whatever the service asks for."""

SILENCE_SECONDS = 60.0
"""Without a single event of an answer, after which the connection counts as broken. The service sends a sign of life every few
seconds."""

BYTES_OF_AN_OUTPUT_TOKEN = 4
"""For an answer that broke off before the service said how many tokens it had: about four bytes of English or JSON."""

TOOL = "write"


@dataclass(frozen=True)
class Round:
    """An earlier answer to the same request, and what is wrong with it."""

    answer: Mapping[str, Any]
    faults: str


@dataclass(frozen=True)
class ClaudeRequest:
    """What is asked.

    Args:
        part: what the answer is, such as ``tables``; tokens and money are counted under it.
        prompt: the instructions.
        schema: JSON schema of the answer, an object.
        shared: texts that several requests begin with, in the same order: they are read from the prompt cache, if these
            requests have the same prompt and the same schema, which the service puts before them.
        own: the rest of what is asked.
        rounds: earlier answers with their faults, first one first.
        longest_answer_tokens: a longer answer is cut off, and is asked for once more with twice as many.
    """

    part: str
    prompt: Prompt
    schema: Mapping[str, Any]
    own: str
    shared: Sequence[str] = ()
    rounds: Sequence[Round] = ()
    longest_answer_tokens: int = 8_000


@dataclass(frozen=True)
class ClaudeAnswer:
    """A document that answers a request. ``reused``: an earlier run has paid for it."""

    document: dict[str, Any]
    reused: bool


@dataclass
class _Received:
    """What has arrived of an answer."""

    text: list[str] = field(default_factory=list)
    input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    stop_reason: str | None = None
    begun: bool = False
    ended: bool = False


class ClaudeClient:
    """Asks for one demo. Several threads may ask at once.

    Args:
        connect: returns the service's client; called at the first call that is made.
        model: as the service calls it.
        records: the demo's calls so far, where new ones are kept.
        budget_usd: what all calls of the demo may cost together, earlier ones included.
        call_seconds: after which a call is given up.
        deadline: ``time.monotonic()`` after which no call is made or waited for.
        sleep: waits some seconds.
    """

    def __init__(
        self,
        connect: "Callable[[], Anthropic]",
        model: str,
        records: ClaudeRecords,
        *,
        budget_usd: float,
        call_seconds: float,
        deadline: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._service: Anthropic | None = None
        self._connecting = threading.Lock()
        self.model = model
        self._records = records
        self._budget = Budget(budget_usd, sum(call.usd or 0.0 for call in records.calls()))
        self._call_seconds = call_seconds
        self._deadline = deadline
        self._sleep = sleep
        self._counting = threading.Lock()
        self._calls: list[ClaudeCall] = []
        self._reused = 0
        self._retries = 0
        self._unusable: ClaudeError | None = None

    def ask(self, request: ClaudeRequest) -> ClaudeAnswer:
        """Return the answer to a request: one that was kept, else the service's.

        Raises:
            ClaudeError: there is none; ClaudeUnusableError: and there will be none to other requests either.
        """
        digest = self._digest(request)
        kept = self._records.answer(digest)
        if kept is not None:
            with self._counting:
                self._reused += 1
            return ClaudeAnswer(kept, reused=True)
        if self._unusable is not None:
            raise self._unusable
        try:
            return ClaudeAnswer(self._ask_service(request, digest), reused=False)
        except ClaudeError as error:
            if error.ends_all:
                self._unusable = error
            raise

    def usage(self) -> ClaudeUsage:
        """What the calls of this client took so far."""
        with self._counting:
            return usage_of(self._calls, reused=self._reused, retries=self._retries)

    def usage_by_part(self) -> dict[str, ClaudeUsage]:
        """The same by part, in the order in which the parts were asked for."""
        with self._counting:
            calls = list(self._calls)
        return {
            part: usage_of(one for one in calls if one.part == part) for part in dict.fromkeys(c.part for c in calls)
        }

    def _digest(self, request: ClaudeRequest) -> str:
        return request_digest(
            {
                "model": self.model,
                "prompt": [request.prompt.label, request.prompt.digest],
                "schema": request.schema,
                "shared": list(request.shared),
                "own": request.own,
                "rounds": [[dict(one.answer), one.faults] for one in request.rounds],
            }
        )

    def _ask_service(self, request: ClaudeRequest, digest: str) -> dict[str, Any]:
        longest = request.longest_answer_tokens
        call, answer = self._call(request, longest, digest)
        if call.outcome == "cut off":
            call, answer = self._call(request, 2 * longest, digest)
        elif call.outcome == "malformed":
            call, answer = self._call(request, longest, digest)
        if answer is not None:
            return answer
        raise ClaudeError(
            {
                "refused": f"Claude declined to write the {request.part}.",
                "cut off": f"Claude's answer for the {request.part} was longer than {2 * longest:,} tokens.",
            }.get(call.outcome, f"Claude's answer for the {request.part} is not JSON that can be read."),
            "The demo goes on with the blueprint's own.",
        )

    def _call(self, request: ClaudeRequest, longest: int, digest: str) -> tuple[ClaudeCall, dict[str, Any] | None]:
        """Make a call that succeeds on the wire, after retries; what it cost is kept."""
        message = _message(request, self.model, longest)
        most = most_dollars(self.model, len(json.dumps(message, ensure_ascii=False).encode()), longest)
        with self._budget.set_aside(most):
            for attempt in Retrying(
                retry=retry_if_exception_type(PassingFaultError),
                wait=_wait,
                stop=self._give_up,
                sleep=self._sleep,
                before_sleep=self._count_retry,
                reraise=True,
            ):
                with attempt:
                    return self._attempt(request, message, digest)
        raise AssertionError("Retrying returns or raises")

    def _attempt(
        self, request: ClaudeRequest, message: dict[str, Any], digest: str
    ) -> tuple[ClaudeCall, dict[str, Any] | None]:
        begun = time.monotonic()
        until = min(begun + self._call_seconds, self._deadline)
        received = _Received()
        try:
            self._receive(message, received, until)
        except Exception as error:  # noqa: BLE001 - `fault_of` returns those that it does not know
            if received.begun:  # which is charged for
                written = len("".join(received.text).encode()) // BYTES_OF_AN_OUTPUT_TOKEN
                received.output_tokens = received.output_tokens or written
                self._keep(request, "broken off", None, received, time.monotonic() - begun, digest)
            raise fault_of(error, self.model) from None
        outcome, answer = _outcome(received)
        return self._keep(request, outcome, answer, received, time.monotonic() - begun, digest), answer

    def _receive(self, message: dict[str, Any], received: _Received, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        with self._client().messages.create(**message, stream=True, timeout=min(left, SILENCE_SECONDS)) as stream:
            for event in stream:
                _take(event, received)
                if time.monotonic() > until:
                    raise TimeoutError
        if not received.ended:
            raise ConnectionError("the answer ended before its end")

    def _client(self) -> "Anthropic":
        with self._connecting:
            if self._service is None:
                self._service = self._connect()
            return self._service

    def _keep(
        self,
        request: ClaudeRequest,
        outcome: Outcome,
        answer: dict[str, Any] | None,
        received: _Received,
        seconds: float,
        digest: str,
    ) -> ClaudeCall:
        price = dollars(
            self.model,
            input=received.input_tokens,
            output=received.output_tokens,
            cache_write=received.cache_write_tokens,
            cache_read=received.cache_read_tokens,
        )
        call = ClaudeCall(
            part=request.part,
            model=self.model,
            prompt=request.prompt.label,
            outcome=outcome,
            input_tokens=received.input_tokens,
            cache_write_tokens=received.cache_write_tokens,
            cache_read_tokens=received.cache_read_tokens,
            output_tokens=received.output_tokens,
            seconds=round(seconds, 3),
            usd=None if price is None else round(price, 6),
        )
        self._records.keep(digest, ClaudeRecord(call=call, answer=answer))
        self._budget.spend(call.usd)
        with self._counting:
            self._calls.append(call)
        return call

    def _give_up(self, state: RetryCallState) -> bool:
        waits = state.upcoming_sleep
        return state.attempt_number >= ATTEMPTS or time.monotonic() + waits >= self._deadline

    def _count_retry(self, _: RetryCallState) -> None:
        with self._counting:
            self._retries += 1


def _wait(state: RetryCallState) -> float:
    """As long as the service asked for, else 1, 2, 4 seconds."""
    fault = state.outcome.exception() if state.outcome is not None else None
    asked = fault.retry_after_seconds if isinstance(fault, PassingFaultError) else None
    return min(LONGEST_WAIT_SECONDS, 2.0 ** (state.attempt_number - 1) if asked is None else asked)


def _message(request: ClaudeRequest, model: str, longest: int) -> dict[str, Any]:
    """The call's body. What other requests share comes first and is marked for the prompt cache."""
    shared: list[dict[str, Any]] = [{"type": "text", "text": text} for text in request.shared]
    if shared:
        shared[-1] = {**shared[-1], "cache_control": {"type": "ephemeral"}}
    messages: list[dict[str, Any]] = [{"role": "user", "content": [*shared, {"type": "text", "text": request.own}]}]
    for number, one in enumerate(request.rounds):
        name = f"round_{number}"
        messages += [
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": name, "name": TOOL, "input": dict(one.answer)}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": name, "content": one.faults, "is_error": True}],
            },
        ]
    return {
        "model": model,
        "max_tokens": longest,
        "system": request.prompt.text,
        "messages": messages,
        # the same words for every part: what is shared is found in the prompt cache only if all before it is the same
        "tools": [{"name": TOOL, "description": "Hand in what is asked for.", "input_schema": dict(request.schema)}],
        "tool_choice": {"type": "tool", "name": TOOL},
    }


def _take(event: Any, received: _Received) -> None:
    """Add one event of the stream."""
    if event.type == "message_start":
        usage = event.message.usage
        received.begun = True
        received.input_tokens = usage.input_tokens
        received.cache_write_tokens = usage.cache_creation_input_tokens or 0
        received.cache_read_tokens = usage.cache_read_input_tokens or 0
    elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
        received.text.append(event.delta.partial_json)
    elif event.type == "message_delta":
        received.stop_reason = event.delta.stop_reason
        received.output_tokens = event.usage.output_tokens
    elif event.type == "message_stop":
        received.ended = True


def _outcome(received: _Received) -> tuple[Outcome, dict[str, Any] | None]:
    if received.stop_reason == "refusal":
        return "refused", None
    if received.stop_reason in {"max_tokens", "model_context_window_exceeded"}:
        return "cut off", None
    try:
        document = json.loads("".join(received.text), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return "malformed", None
    return ("answered", document) if isinstance(document, dict) else ("malformed", None)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
