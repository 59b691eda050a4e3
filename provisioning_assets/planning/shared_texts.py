"""Texts that every blueprint may name instead of writing them out: ``shared/texts.yaml``.

A text takes one of a few shapes and puts a sentence in the place of each part. Which sentences a part has depends on what
decides: topic and mood, of customer feedback. This module turns shapes and sentences into the templates and parts of a text
grammar; ``table_design`` finds out which rows they are for.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product

import yaml
from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name
from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.planning.blueprint_sources import SHARED
from provisioning_assets.planning.shared_words import UnknownNameError

Sentences = list[str] | dict[str, list[str]]
"""Sentences for every case, or case -> sentences for it: ``poor``, ``work / poor``, ``wait, long_wait / good, great``."""

ALTERNATIVES = re.compile(r"\{((?:[^{}|]|\{[^{}]*\})*(?:\|(?:[^{}|]|\{[^{}]*\})*)+)\}")
"""``{one|another|}``; an alternative may hold placeholders, but no alternatives."""

BAR = re.compile(r"\|(?![^{}]*\})")
"""What stands between alternatives."""

CASE_SEPARATOR = " / "
"""Between the cases of a combination: ``work / poor``."""


class SharedText(Document):
    """A text that industries share."""

    decides: dict[Name, dict[Name, list[str]]] = Field(
        description="what decides, such as topic -> case -> values of a column that mean the case"
    )
    values: dict[Name, str] = Field(default_factory=dict, description="what an industry may give -> what it is")
    shapes: list[str] = Field(min_length=1, description="how sentences are put together")
    parts: dict[Name, Sentences] = Field(description="part -> its sentences")


class MissingSentencesError(ValueError):
    """A part without sentences for a combination of cases; ``missing`` are values that would have helped."""

    def __init__(self, part: str, combination: Sequence[str], missing: Sequence[str]) -> None:
        beside = f" that need none of {', '.join(missing)}" if missing else ""
        self.message = f"There are no sentences '{part}' for {CASE_SEPARATOR.join(combination)}{beside}."
        self.remedy = f"Write them: parts: {{{part}: ...}}.{' Or give these values.' if missing else ''}"
        super().__init__(f"{self.message} {self.remedy}")


def shared_text(name: str) -> SharedText:
    """A text that industries share.

    Args:
        name: as ``shared/texts.yaml`` spells it.

    Raises:
        UnknownNameError: there is no such text.
    """
    named = _texts()
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a shared text.", suggestion(name, named))
    return named[name]


@cache
def _texts() -> Mapping[str, SharedText]:
    data = yaml.load((SHARED / "texts.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: SharedText.model_validate(text) for name, text in data.items()}


def cases_of(key: str) -> list[list[str]]:
    """The cases of a key of sentences: ``wait, long_wait / poor`` -> ``[[wait, long_wait], [poor]]``."""
    return [[case.strip() for case in cases.split(",")] for cases in key.split(CASE_SEPARATOR)]


def grammar_of(
    text: SharedText,
    own: Mapping[str, Sentences],
    given: Collection[str],
    cases: Sequence[Collection[str]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The templates of each combination of cases, ``work / poor``, and the parts that they name.

    Args:
        text: the shared text.
        own: sentences that an industry adds, by part.
        given: the values that the industry gives; what needs another one is left out.
        cases: for each thing that decides, in the order of ``text.decides``, the cases that occur.

    Raises:
        MissingSentencesError: a combination has no sentence of a part that needs none of the other values.
    """
    missing = [value for value in text.values if value not in given]
    names: dict[tuple[str, tuple[str, ...]], str] = {}

    def named(part: str, combination: tuple[str, ...]) -> str:
        """The name of a part with the sentences of a combination; combinations with the same ones share it."""
        chosen = [*_chosen(text.parts.get(part, []), combination), *_chosen(own.get(part, []), combination)]
        found = [renamed(sentence, combination) for sentence in _without(chosen, missing)]
        if not found:
            wanted = {name for sentence in chosen for name in PLACEHOLDER.findall(sentence)}
            raise MissingSentencesError(part, combination, [value for value in missing if value in wanted])
        return names.setdefault((part, tuple(found)), "_".join((part, *combination)))

    def renamed(sentence: str, combination: tuple[str, ...]) -> str:
        def replacement(found: re.Match[str]) -> str:
            part = found[1]
            return f"{{{named(part, combination)}}}" if part in text.parts or part in own else found[0]

        return PLACEHOLDER.sub(replacement, sentence)

    templates = {
        CASE_SEPARATOR.join(combination): [renamed(shape, combination) for shape in text.shapes]
        for combination in product(*cases)
    }
    return templates, {name: list(sentences) for (_, sentences), name in names.items()}


def _chosen(sentences: Sentences, combination: Collection[str]) -> Iterator[str]:
    if isinstance(sentences, list):
        yield from sentences
        return
    for key, found in sentences.items():
        if all(any(case in combination for case in cases) for cases in cases_of(key)):
            yield from found


def _without(sentences: Iterable[str], missing: Collection[str]) -> Iterator[str]:
    """Sentences, and their alternatives, that name none of some values."""

    def lacks(words: str) -> bool:
        return any(name in missing for name in PLACEHOLDER.findall(words))

    def kept(found: re.Match[str]) -> str:
        whole = [words for words in BAR.split(found[1]) if not lacks(words)]
        return f"{{{'|'.join(whole)}}}" if len(whole) > 1 else "".join(whole) or found[0]

    for sentence in sentences:
        shortened = ALTERNATIVES.sub(kept, sentence)
        if not lacks(shortened):
            yield shortened


def with_parts_for_alternatives(texts: list[str], names: dict[tuple[str, ...], str]) -> list[str]:
    """Texts with a part of a grammar in the place of each ``{one|another}``.

    Args:
        texts: templates, or sentences of a part.
        names: alternatives -> name of their part; those that are new are added.
    """

    def part(found: re.Match[str]) -> str:
        words = tuple(BAR.split(found[1]))
        return f"{{{names.setdefault(words, f'either__{len(names) + 1}')}}}"

    return [ALTERNATIVES.sub(part, text) for text in texts]
