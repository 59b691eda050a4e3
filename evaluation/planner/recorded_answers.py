"""Answers about the example customers that people wrote, served over the protocol of the Messages API.

``examples/claude/<key>/<part>.json`` is a fixture in the format of ``@copilotkit/aimock``: the text that the last thing asked has
to contain, and the tool call that answers it. What nobody recorded is refused, as a service refuses a request.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning_assets.customers import site_of_key
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE
from provisioning_assets.settings import PROJECT_FOLDER
from provisioning_assets_tests.claude_service import ClaudeService, Reply, claude_service

FOLDER = PROJECT_FOLDER / "examples" / "claude"
BYTES_A_TOKEN = 4
"""Of the usage that is reported: about that of English and JSON. The tokens of the model are not known here."""


@dataclass(frozen=True)
class RecordedSite:
    """An example customer with recorded answers.

    Args:
        key: of the customer.
        url: of its website.
        saved_pages: its pages.
        language: of the demo, ISO 639-1.
        answers: what is asked for -> the answer.
    """

    key: str
    url: str
    saved_pages: Path
    language: str
    answers: Mapping[str, Mapping[str, Any]]

    @property
    def host(self) -> str:
        """The site's host, which stands in the addresses of the pages that Claude is given."""
        return site_of_key(self.key).host


def recorded_sites(folder: Path = FOLDER) -> list[RecordedSite]:
    """The example customers, by key."""
    sites = []
    for each in sorted(path for path in folder.iterdir() if path.is_dir()):
        about = json.loads((each / "site.json").read_text(encoding="utf-8"))
        answers: dict[str, Mapping[str, Any]] = {}
        for file in sorted(each.glob("*.json")):
            if file.name != "site.json":
                for fixture in json.loads(file.read_text(encoding="utf-8"))["fixtures"]:
                    [call] = fixture["response"]["toolCalls"]
                    answers[fixture["match"]["userMessage"]] = call["arguments"]
        pages, language = PROJECT_FOLDER / about["saved_pages"], about.get("language", DEFAULT_LANGUAGE)
        sites.append(RecordedSite(each.name, about["url"], pages, language, answers))
    return sites


def recorded_answer(sites: list[RecordedSite], body: Mapping[str, Any], cached: set[str] | None = None) -> Reply:
    """What is recorded for a call; an error of the service if nothing is.

    Args:
        sites: with their answers.
        body: of the call.
        cached: what earlier calls began with, up to the mark for the prompt cache; this call's is added. None: nothing is kept.
    """
    first, last = body["messages"][0]["content"], body["messages"][-1]["content"]
    material, asked = "\n".join(block.get("text", "") for block in first), last[-1].get("text", "")
    for site in sites:
        for match, answer in site.answers.items() if site.host in material else ():
            if match in asked:
                kept, is_new = _beginning(body, cached)
                return Reply(
                    answer,
                    input_tokens=_tokens(body) - kept,
                    output_tokens=_tokens(answer),
                    cache_read=0 if is_new else kept,
                    cache_write=kept if is_new else 0,
                )
    return Reply(status=400, message="Nothing is recorded for this request.")


def _beginning(body: Mapping[str, Any], cached: set[str] | None) -> tuple[int, bool]:
    """Tokens up to the mark for the prompt cache, and whether no earlier call has begun in this way."""
    first = body["messages"][0]["content"]
    marked = [place for place, block in enumerate(first) if "cache_control" in block]
    if cached is None or not marked:
        return 0, False
    beginning = {
        "tools": body.get("tools"),
        "system": body.get("system"),
        "messages": [{"content": first[: marked[-1] + 1]}],
    }
    text = json.dumps(beginning, ensure_ascii=False)
    is_new = text not in cached
    cached.add(text)
    return _tokens(beginning), is_new


def _tokens(document: Mapping[str, Any]) -> int:
    return len(json.dumps(document, ensure_ascii=False).encode()) // BYTES_A_TOKEN


@contextlib.contextmanager
def replayed(folder: Path = FOLDER) -> Iterator[ClaudeService]:
    """Serve the recorded answers on this machine while the block runs."""
    sites, cached = recorded_sites(folder), set[str]()
    with claude_service(lambda body: recorded_answer(sites, body, cached)) as service:
        yield service
