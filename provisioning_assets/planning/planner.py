"""Claude writes the customer's blueprint, part by part, on top of the industry's; what does not hold stays the industry's.

A part is asked for, held against its gates, and its faults go back, all at once. A part that still has faults, or for which Claude
gives no answer, is replaced by the industry's, together with every part that refers to it or that it refers to.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from provisioning_assets.claude.client import ClaudeClient, ClaudeRequest, Round
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.prompts import Prompt, fenced, read_prompt
from provisioning_assets.customers import NO_KEY, NO_KEY_REMEDY, CustomerRequest, Planner
from provisioning_assets.data_model.problems import Problem
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_yaml import as_yaml
from provisioning_assets.planning.demo_blueprint import blueprint_for, with_edits
from provisioning_assets.planning.models import Claim, DemoBlueprint, PartName, WrittenByClaude, WrittenPart
from provisioning_assets.planning.plan_evidence import Evidence, pages_as_read, proven_claims, texts_of, with_words
from provisioning_assets.planning.plan_gates import Gates
from provisioning_assets.planning.plan_material import changed_entries, shared_material
from provisioning_assets.planning.plan_parts import PARTS, STEPS, Part, answer_schema, replaced_with, with_answer
from provisioning_assets.planning.trial import Measure
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite

MOST_ROUNDS = 3
"""How often the faults of a part are sent back."""

MOST_FAULTS = 20
LONGEST_FAULT = 600
"""Faults that are sent back at once, and characters of each."""

LONGEST_ANSWER_TOKENS = 6_000
"""Of one answer; a longer one is asked for once more with twice as many. As a rule an answer has a third of it."""

LONGEST_TABLES_TOKENS = 18_000
"""The same of the tables in another language than English, in which every text is written anew: those of a large blueprint in
German have 37,000 characters as JSON (``examples/claude/nordlicht__spedition_example``), at two to three a token; other parts
have at most 12,000. The limit counts against the budget before a call is made, so it is no larger than it has to be."""

PROMPT = Path(__file__).with_name("prompts") / "planner.md"

Value = TypeVar("Value")

Say = Callable[[str], object]
"""Called with a line on what is going on."""


@dataclass(frozen=True)
class _Written:
    """A part that passed its gates: the sections of the blueprint as it leaves them, and what it claims."""

    sections: Mapping[str, Any]
    rounds: int
    claims: Sequence[Claim]
    dropped: Sequence[str]


@dataclass
class _State:
    """What has been written so far."""

    written: dict[PartName, _Written] = field(default_factory=dict)
    replaced: dict[PartName, str] = field(default_factory=dict)
    rounds: dict[PartName, int] = field(default_factory=dict)


class _UnfinishedError(Exception):
    """A part still has faults after all rounds."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


def planner_prompt() -> Prompt:
    """The instructions of all parts. They are one text, so that the prompt cache keeps what follows them."""
    return read_prompt(PROMPT)


def written_blueprint(
    request: CustomerRequest,
    profile: CustomerProfile,
    client: ClaudeClient | None,
    website: Callable[[], CustomerWebsite],
    gates: Callable[[], AbstractContextManager[Measure]],
    *,
    say: Say,
) -> DemoBlueprint:
    """Return the customer's blueprint as the request wants it written, with the CE's edits.

    Args:
        request: the customer's.
        profile: the customer's.
        client: asks Claude for this demo; None: there is no key.
        website: reads the pages.
        gates: opens the means to try what Claude writes.
        say: receives what is going on.

    Raises:
        ProvisioningError: an edit cannot be made; or nothing but Claude's is accepted, and it is not to be had.
    """
    if request.planner == Planner.CLAUDE_ONLY and client is None:
        raise ProvisioningError(NO_KEY, NO_KEY_REMEDY)
    prior = blueprint_for(profile, request.model_copy(update={"edits": []}))
    if client is None or request.planner == Planner.BLUEPRINTS:
        return with_edits(prior, request.edits)
    with gates() as measure:
        written = planned_by_claude(
            prior,
            request,
            profile,
            website(),
            client,
            measure,
            only=request.planner == Planner.CLAUDE_ONLY,
            say=say,
        )
    if not request.edits:
        return written
    return with_edits(written, request.edits).model_copy(update={"unedited": written.blueprint})


def planned_by_claude(
    prior: DemoBlueprint,
    request: CustomerRequest,
    profile: CustomerProfile,
    website: CustomerWebsite,
    client: ClaudeClient,
    measure: Measure,
    *,
    only: bool,
    say: Say,
) -> DemoBlueprint:
    """Return the customer's blueprint with the parts that Claude wrote and that passed their gates.

    Args:
        prior: the customer's blueprint without Claude.
        request: the customer's.
        profile: the customer's.
        website: the pages as read.
        client: asks Claude for this demo.
        measure: generates and measures what is tried.
        only: whether it is an error if a part cannot be had from Claude.
        say: receives what is going on.

    Raises:
        ProvisioningError: ``only``, and a part cannot be had.
    """
    return _Plan(prior, request, profile, website, client, measure, only=only, say=say).plan()


class _Plan:
    def __init__(
        self,
        prior: DemoBlueprint,
        request: CustomerRequest,
        profile: CustomerProfile,
        website: CustomerWebsite,
        client: ClaudeClient,
        measure: Measure,
        *,
        only: bool,
        say: Say,
    ) -> None:
        self._prior = prior
        self._document = prior.blueprint.model_dump(mode="json")
        self._corrections = request.corrections
        self._client = client
        self._gates = Gates(prior, request, measure)
        self._evidence = Evidence(pages_as_read(website))
        self._shared = shared_material(prior, profile, website)
        self._prompt = planner_prompt()
        self._only = only
        self._language = request.language
        self._say = say
        self._state = _State()

    def plan(self) -> DemoBlueprint:
        for step in STEPS:
            self._say(f"asks Claude for the {' and the '.join(step)}")
            base = self._so_far()
            found = side_by_side([partial(self._write, PARTS[name], base) for name in step])
            self._take(dict(zip(step, found, strict=True)))
        if self._language != DEFAULT_LANGUAGE and self._state.replaced:
            self._replace_all()
        written = self._state.written
        return self._prior.model_copy(
            update={
                "language": self._language if written else DEFAULT_LANGUAGE,
                "blueprint": Blueprint.model_validate(self._so_far()),
                "claude": WrittenByClaude(
                    model=self._client.model,
                    parts=[self._part(name) for name in PARTS],
                    claims=[claim for each in written.values() for claim in each.claims],
                    dropped_claims=[words for each in written.values() for words in each.dropped],
                ),
            }
        )

    def _replace_all(self) -> None:
        """Leave nothing of Claude's: the blueprint's parts are in English, and a demo is in one language."""
        reason = "Another part is the blueprint's, which is in English, and a demo is in one language."
        self._state.replaced |= dict.fromkeys(self._state.written, reason)
        self._state.written.clear()

    def _part(self, name: PartName) -> WrittenPart:
        rounds = self._state.rounds.get(name, 0)
        if name in self._state.written:
            return WrittenPart(part=name, author="claude", rounds=rounds)
        return WrittenPart(part=name, author="blueprint", rounds=rounds, replaced_because=self._state.replaced[name])

    def _so_far(self) -> dict[str, Any]:
        """The blueprint's document with the parts written so far, in their order."""
        document = deepcopy(self._document)
        for name in PARTS:
            if name in self._state.written:
                document |= self._state.written[name].sections
        return document

    def _take(self, found: Mapping[PartName, _Written | str]) -> None:
        """Keep the parts of a step that were written; replace those that were not, and what stands or falls with them."""
        written, replaced = self._state.written, self._state.replaced
        written |= {name: each for name, each in found.items() if isinstance(each, _Written)}
        for name, reason in found.items():
            if isinstance(reason, _Written):
                continue
            for other in replaced_with(name, {*written}):
                written.pop(other, None)
                replaced[other] = reason if other == name else f"It goes with the {name}."
        for name in found:
            rounds = self._state.rounds.get(name, 0)
            self._say(
                f"{name}: the blueprint's stay. {replaced[name]}"
                if name in replaced
                else f"{name}: written by Claude, {rounds} corrections"
            )

    # --- one part ----------------------------------------------------------------------------------------------------

    def _write(self, part: Part, base: Mapping[str, Any]) -> _Written | str:
        """The part as Claude wrote it; or why it is not to be had, in a sentence.

        Raises:
            ProvisioningError: nothing but Claude's is accepted.
        """
        try:
            return self._written(part, base)
        except ClaudeError as error:
            if self._only:
                raise ClaudeError(error.problem, f"{error.remedy} Or give --planner auto.") from error
            return error.problem
        except _UnfinishedError as unfinished:
            first = unfinished.faults[0]
            more = f" (and {len(unfinished.faults) - 1} more)" if len(unfinished.faults) > 1 else ""
            reason = f"After {MOST_ROUNDS} corrections it still had faults: {first}{more}"
            if self._only:
                raise ProvisioningError(
                    f"Claude's {part.name} cannot be used. {reason}",
                    "Give --planner auto, or run again with --refresh.",
                ) from unfinished
            return reason

    def _written(self, part: Part, base: Mapping[str, Any]) -> _Written:
        document, claims, dropped = dict(base), dict[str, Claim](), list[str]()
        rounds: list[Round] = []
        own = self._own(part, base)
        while True:
            self._state.rounds[part.name] = len(rounds)
            answer = self._client.ask(
                ClaudeRequest(
                    part.name,
                    self._prompt,
                    answer_schema(),
                    own,
                    self._shared,
                    rounds,
                    self._longest_answer(part),
                )
            ).document
            document, found, left_out, faults = self._applied(part, document, answer)
            claims |= {claim.text: claim for claim in found}
            dropped += left_out
            faults = faults or self._gates.faults(part.name, document)
            if not faults:
                sections = {key: document[key] for key in _document_keys(part) if key in document}
                said = "\n".join(text for _, text in texts_of(sections, sections))
                return _Written(sections, len(rounds), [each for each in claims.values() if each.text in said], dropped)
            if len(rounds) == MOST_ROUNDS:
                raise _UnfinishedError(faults)
            rounds.append(Round(answer, _faults_told(faults)))

    def _longest_answer(self, part: Part) -> int:
        in_english = self._language == DEFAULT_LANGUAGE
        return LONGEST_ANSWER_TOKENS if in_english or part.name != "tables" else LONGEST_TABLES_TOKENS

    def _applied(
        self, part: Part, document: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Claim], list[str], list[str]]:
        changed, problems = with_answer(document, part, answer)
        claims, dropped = list[Claim](), list[str]()
        if part.name == "questions":
            problems += _leave_proofs(document, changed)
        if "words" in answer and "words" in part.keys:
            changed, left_out, wrong = with_words(
                changed,
                answer["words"],
                self._evidence,
                fixed=[*self._corrections.used],
                refused=self._corrections.dropped,
            )
            dropped += left_out
            problems += wrong
        if part.cites:
            changed, claims, left_out, wrong = proven_claims(
                changed, part.sections, answer.get("claims"), self._evidence
            )
            dropped += left_out
            problems += wrong
        return changed, claims, dropped, [f"{'.'.join(map(str, each.place))}: {each.words}" for each in problems]

    def _own(self, part: Part, base: Mapping[str, Any]) -> str:
        """What is asked, and what was written before it."""
        before = changed_entries(base, self._document, ("slots", *(key for key in base if key != "slots")))
        if "slots" in before:
            before["slots"] = {
                name: [word["word"] for word in slot["filled"]] for name, slot in before["slots"].items() if slot
            }
        fixed = ", ".join(self._corrections.used)
        lines = [
            f"Write the part: {part.name}.",
            f"Hand in nothing but: {', '.join(part.keys)}.",
            f"Language of everything that people read: {LANGUAGES[self._language]}.",
            *([f"Words that a person has chosen and that stay: {fixed}."] if fixed and part.name == "tables" else []),
        ]
        if not before:
            return "\n".join([*lines, "Nothing of the blueprint has been changed so far."])
        told = "What has been changed of the blueprint so far; null: removed; of slots the words:"
        return "\n".join([*lines, told, fenced("changed", as_yaml(before))])


def _document_keys(part: Part) -> tuple[str, ...]:
    """Sections of the blueprint's document that a part leaves changed."""
    return tuple("slots" if key == "words" else key for key in part.sections)


def side_by_side(tasks: Sequence[Callable[[], Value]]) -> list[Value]:
    """Run tasks at the same time, the first one in this thread, and return their results in order.

    The others run in threads that do not keep the process alive: a run that is terminated does not wait for an answer.
    """

    def run(task: Callable[[], Value], future: "Future[Value]") -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001  # it is raised where the result is asked for
            future.set_exception(error)

    futures: list[Future[Value]] = [Future() for _ in tasks]
    for task, future in list(zip(tasks, futures, strict=True))[1:]:
        Thread(target=run, args=(task, future), daemon=True).start()
    run(tasks[0], futures[0])
    return [future.result() for future in futures]


def _leave_proofs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Problem]:
    """Undo changes of questions that show insights, in place, and return them as problems."""
    proofs = [insight["question"] for insight in before["insights"].values()]
    changed = [name for name in proofs if after["questions"].get(name) != before["questions"].get(name)]
    for name in changed:
        after["questions"][name] = deepcopy(before["questions"][name])
    remedy = "Change the other questions; this one stays as it is."
    return [Problem(("questions", name), "It shows an insight.", remedy) for name in changed]


def _faults_told(faults: Sequence[str]) -> str:
    shown = [f"- {' '.join(fault.split())[:LONGEST_FAULT]}" for fault in faults[:MOST_FAULTS]]
    more = [f"- and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
    return "\n".join(["This does not hold yet. Hand in what has to change, and nothing else:", *shown, *more])
