"""Calls of Claude through the real client: answers, what is kept and paid, faults, and the budget."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from upath import UPath

from provisioning_assets.claude.client import ClaudeClient, ClaudeRequest, Round
from provisioning_assets.claude.errors import BudgetReachedError, ClaudeError, ClaudeUnusableError
from provisioning_assets.claude.prompts import Prompt
from provisioning_assets.claude.records import ClaudeRecords
from provisioning_assets.record_folder import RecordFolder
from provisioning_assets_tests.claude_service import ClaudeService, Reply, claude_service

KEY = "sk-ant-test-key-that-must-not-be-shown"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
ANSWER = {"title": "Late trucks", "words": {"é": [1, 2.5, None]}}


@pytest.fixture
def service() -> Iterator[ClaudeService]:
    with claude_service() as running:
        yield running


class Client:
    """Makes clients of one demo, as one run after the other has them."""

    def __init__(self, folder: Path, service: ClaudeService) -> None:
        self.records = ClaudeRecords(RecordFolder(UPath(folder / "claude")))
        self._service = service
        self.waits: list[float] = []

    def __call__(
        self,
        *,
        model: str = "claude-sonnet-5-5",
        budget_usd: float = 1.0,
        call_seconds: float = 20.0,
        seconds: float = 60.0,
    ) -> ClaudeClient:
        return ClaudeClient(
            lambda: Anthropic(api_key=KEY, base_url=self._service.address, max_retries=0),
            model,
            self.records,
            budget_usd=budget_usd,
            call_seconds=call_seconds,
            deadline=time.monotonic() + seconds,
            sleep=self.waits.append,
        )


@pytest.fixture
def client(tmp_path: Path, service: ClaudeService) -> Client:
    return Client(tmp_path, service)


def request(own: str = "Write.", version: int = 1, **more: Any) -> ClaudeRequest:
    return ClaudeRequest("title", Prompt("title", version, "You write titles."), SCHEMA, own, **more)


def test_an_answer_arrives_and_is_accounted_for(service: ClaudeService, client: Client) -> None:
    service.replies = [Reply(ANSWER, input_tokens=1_000, output_tokens=500, cache_write=2_000, cache_read=4_000)]
    asking = client()
    answer = asking.ask(request())
    assert answer.document == ANSWER
    assert not answer.reused
    usage = asking.usage()
    assert (usage.calls, usage.reused, usage.input_tokens, usage.output_tokens) == (1, 0, 7_000, 500)
    # 2 USD a million tokens read, 10 written, 2.50 into the cache, 0.20 from it
    assert usage.usd == pytest.approx((1_000 * 2 + 500 * 10 + 2_000 * 2.5 + 4_000 * 0.2) / 1e6)
    assert asking.usage_by_part()["title"] == usage


def test_what_requests_share_is_marked_for_the_prompt_cache_and_comes_first(
    service: ClaudeService, client: Client
) -> None:
    client().ask(request(shared=("the site", "the schema")))
    [body] = service.asked
    site, schema, own = body["messages"][0]["content"]
    assert [site["text"], schema["text"], own["text"]] == ["the site", "the schema", "Write."]
    assert "cache_control" in schema
    assert "cache_control" not in own
    assert body["system"] == "You write titles."


def test_an_answer_that_was_paid_is_not_paid_again(service: ClaudeService, client: Client) -> None:
    service.replies = [Reply(ANSWER)]
    client().ask(request())
    later = client(budget_usd=0.001)
    assert later.ask(request()).document == ANSWER
    assert later.usage().model_dump(include={"calls", "reused", "usd"}) == {"calls": 0, "reused": 1, "usd": 0.0}
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"own": "Write it."},
        {"shared": ("another site",)},
        {"rounds": (Round({"title": "x"}, "too short"),)},
    ],
)
def test_another_request_is_asked_anew(service: ClaudeService, client: Client, changed: dict[str, Any]) -> None:
    client().ask(request())
    client().ask(request(**changed))
    assert len(service.asked) == 2


def test_another_model_is_asked_anew(service: ClaudeService, client: Client) -> None:
    client().ask(request())
    client(model="claude-opus-5-5").ask(request())
    assert [body["model"] for body in service.asked] == ["claude-sonnet-5-5", "claude-opus-5-5"]


def test_a_round_carries_the_earlier_answer_and_its_faults(service: ClaudeService, client: Client) -> None:
    client().ask(request(rounds=(Round({"title": "x"}, "title: too short"),)))
    _, answered, told = service.asked[0]["messages"]
    assert answered["content"][0]["input"] == {"title": "x"}
    assert told["content"][0]["content"] == "title: too short"
    assert told["content"][0]["tool_use_id"] == answered["content"][0]["id"]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_a_fault_that_passes_is_tried_again(service: ClaudeService, client: Client, status: int) -> None:
    service.replies = [Reply(status=status, message="busy"), Reply(status=status), Reply(ANSWER)]
    asking = client()
    assert asking.ask(request()).document == ANSWER
    assert asking.usage().retries == 2
    assert client.waits == [1.0, 2.0]


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("100000", 60.0), ("-3", 1.0), ("tomorrow", 1.0)])
def test_the_service_says_how_long_to_wait(service: ClaudeService, client: Client, asked: str, waited: float) -> None:
    service.replies = [Reply(status=429, headers={"retry-after": asked}), Reply(ANSWER)]
    client(seconds=600).ask(request())
    assert client.waits == [waited]


def test_a_wait_beyond_the_deadline_is_not_begun(service: ClaudeService, client: Client) -> None:
    service.replies = [Reply(status=429, headers={"retry-after": "50"})]
    with pytest.raises(ClaudeError, match="429"):
        client(seconds=10).ask(request())
    assert client.waits == []


def test_a_request_may_have_an_earlier_deadline_than_its_client(service: ClaudeService, client: Client) -> None:
    asking = client(seconds=600)
    service.replies = [Reply(status=429, headers={"retry-after": "50"})]
    with pytest.raises(ClaudeError, match="429"):
        asking.ask(request(), deadline=time.monotonic() + 10)
    assert client.waits == []
    with pytest.raises(ClaudeError, match="too long"):
        asking.ask(request(), deadline=time.monotonic())
    assert len(service.asked) == 1
    assert asking.ask(request()).document == {}  # the client goes on


def test_a_service_that_stays_broken_is_given_up(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply(status=529, message="Overloaded")
    with pytest.raises(ClaudeError, match="Overloaded"):
        client().ask(request())
    assert len(service.asked) == 4


@pytest.mark.parametrize("events", [0, 1, 4])
def test_a_connection_that_breaks_in_the_middle_is_tried_again(
    service: ClaudeService, client: Client, events: int
) -> None:
    service.replies = [Reply(ANSWER, break_after=events), Reply(ANSWER)]
    asking = client()
    assert asking.ask(request()).document == ANSWER
    # what had begun is charged for
    assert asking.usage().calls == (1 if events == 0 else 2)
    assert [call.outcome for call in client.records.calls()].count("broken off") == (0 if events == 0 else 1)


def test_an_answer_that_drips_is_given_up_in_time(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply({"title": "x" * 40_000}, seconds_between_events=0.3)
    begun = time.monotonic()
    with pytest.raises(ClaudeError, match="too long"):
        client(call_seconds=1.0, seconds=2.5).ask(request())
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "text", ["", '{"title": ', "[1]", '"words"', '{"title": NaN}', "{'title': 1}", "[" * 20_000, '{"title": "\\ud800"}']
)
def test_an_answer_that_is_not_a_json_object_is_asked_for_once_more(
    service: ClaudeService, client: Client, text: str
) -> None:
    service.replies = [Reply(text), Reply(ANSWER)]
    asking = client()
    assert asking.ask(request()).document == ANSWER
    assert asking.usage().calls == 2
    service.answer = lambda _: Reply(text)
    with pytest.raises(ClaudeError, match="not JSON"):
        asking.ask(request("Write more."))


def test_an_answer_that_was_cut_off_is_asked_for_with_more_room(service: ClaudeService, client: Client) -> None:
    service.replies = [Reply('{"title": "Late', stop_reason="max_tokens"), Reply(ANSWER)]
    assert client().ask(request(longest_answer_tokens=300)).document == ANSWER
    assert [body["max_tokens"] for body in service.asked] == [300, 600]


def test_an_answer_that_stays_too_long_is_given_up(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply('{"title": "Late', stop_reason="max_tokens")
    with pytest.raises(ClaudeError, match="longer than 600"):
        client().ask(request(longest_answer_tokens=300))


def test_a_refusal_is_not_argued_with(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply("", stop_reason="refusal")
    with pytest.raises(ClaudeError, match="declined"):
        client().ask(request())
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (401, "invalid x-api-key", "ANTHROPIC_API_KEY"),
        (403, "not allowed", "workspace"),
        (404, "model: claude-nine", "PROVISIONING_CLAUDE_MODEL"),
        (400, "Your credit balance is too low to access the Claude API.", "credit"),
        (402, "payment required", "credit"),
    ],
)
def test_a_service_that_cannot_be_used_is_asked_once(
    service: ClaudeService, client: Client, status: int, message: str, remedy: str
) -> None:
    service.answer = lambda _: Reply(status=status, message=message)
    asking = client()
    with pytest.raises(ClaudeUnusableError) as raised:
        asking.ask(request())
    assert message.rstrip(".") in raised.value.problem
    assert remedy in raised.value.remedy
    with pytest.raises(ClaudeUnusableError):
        asking.ask(request("Another."))
    assert len(service.asked) == 1


def test_a_request_that_is_refused_leaves_others_alone(service: ClaudeService, client: Client) -> None:
    service.replies = [Reply(status=400, message="messages: too long"), Reply(ANSWER)]
    asking = client()
    with pytest.raises(ClaudeError, match="too long"):
        asking.ask(request())
    assert asking.ask(request("Shorter.")).document == ANSWER


def test_the_key_is_in_no_error_and_in_no_file(
    service: ClaudeService, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    service.replies = [Reply(ANSWER), Reply(status=401, message=f"invalid key {KEY}")]
    asking = client()
    asking.ask(request())
    with pytest.raises(ClaudeUnusableError) as raised:
        asking.ask(request("Another."))
    assert KEY not in str(raised.value)
    assert all(KEY not in file.read_text() for file in (tmp_path / "claude").iterdir())


def test_a_call_that_could_pass_the_budget_is_not_made(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply(ANSWER, input_tokens=10_000, output_tokens=2_000)  # 0.04 USD
    asking = client(budget_usd=0.10)
    asking.ask(request("1", longest_answer_tokens=4_000))
    asking.ask(request("2", longest_answer_tokens=4_000))
    with pytest.raises(BudgetReachedError, match=r"0\.080 USD.*0\.10 USD"):
        asking.ask(request("3", longest_answer_tokens=4_000))
    # a smaller one still fits, and what earlier runs have spent counts
    asking.ask(request("4", longest_answer_tokens=500))
    with pytest.raises(BudgetReachedError, match=r"0\.120 USD"):
        client(budget_usd=0.121).ask(request("5"))
    assert len(service.asked) == 3


def test_calls_side_by_side_do_not_pass_the_budget_together(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply(ANSWER, input_tokens=1_000, output_tokens=200, seconds_between_events=0.02)
    asking = client(budget_usd=0.10)  # each could cost 0.0825, and costs 0.004

    def ask(number: int) -> str:
        try:
            return str(asking.ask(request(str(number))).document["title"])
        except BudgetReachedError:
            return "refused"

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, range(6)))
    assert service.most_at_once == 1
    assert sum(call.usd or 0 for call in client.records.calls()) <= 0.10
    assert answers.count("Late trucks") == len(service.asked) >= 4


def test_calls_side_by_side_run_at_once_where_the_budget_allows(service: ClaudeService, client: Client) -> None:
    service.answer = lambda _: Reply(ANSWER, seconds_between_events=0.05)
    asking = client()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: asking.ask(request(str(number))), range(4)))
    assert service.most_at_once > 1


def test_a_model_without_a_price_counts_tokens_and_says_so(service: ClaudeService, client: Client) -> None:
    asking = client(model="claude-next", budget_usd=0.01)
    asking.ask(request())
    assert asking.usage().usd is None
    assert asking.usage().output_tokens == 200
    assert "price unknown" in asking.usage().told()


def test_a_record_that_was_damaged_is_asked_for_again(service: ClaudeService, client: Client, tmp_path: Path) -> None:
    service.answer = lambda _: Reply(ANSWER)
    client().ask(request())
    [file] = (tmp_path / "claude").iterdir()
    file.write_text(file.read_text()[:-20])
    assert client().ask(request()).document == ANSWER
    assert len(service.asked) == 2
