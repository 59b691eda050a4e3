"""Texts that every blueprint may use by name instead of writing them: ``shared/texts.yaml``.

A text has one of a few shapes, with a sentence in the place of each part. The sentences of a part depend on cases; those of
customer feedback depend on topic and mood. This module turns shapes and sentences into the templates and parts of a text
grammar; ``table_design`` decides which case applies to a row.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.names import Name
from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.planning.blueprint_sources import read_shared
from provisioning_assets.planning.shared_words import UnknownNameError

Sentences = list[str] | dict[str, list[str]]
"""Sentences for all cases, or case -> sentences. A case is written like ``poor``, ``work / poor`` or ``wait, long_wait / good,
great``."""

ALTERNATIVES = re.compile(r"\{((?:[^{}|]|\{[^{}]*\})*(?:\|(?:[^{}|]|\{[^{}]*\})*)+)\}")
"""Alternatives in a sentence: ``{one|another|}``. They may contain placeholders, but no other alternatives."""

BAR = re.compile(r"\|(?![^{}]*\})")
"""The separator between alternatives; a bar within a placeholder is not one."""

CASE_SEPARATOR = " / "
"""Separates the cases of a combination: ``work / poor``."""


class SharedText(Document):
    """A text that industries share."""

    decides: dict[Name, dict[Name, list[str]]] = Field(
        description="what decides, such as topic -> case -> values of a column that mean the case"
    )
    values: dict[Name, str] = Field(default_factory=dict, description="what an industry may give -> what it is")
    shapes: list[str] = Field(min_length=1, description="how sentences are put together")
    parts: dict[Name, Sentences] = Field(description="part -> its sentences")


class MissingSentencesError(ValueError):
    """A part has no sentences for a combination of cases; giving a value of ``missing`` would add sentences."""

    def __init__(self, part: str, combination: Sequence[str], missing: Sequence[str]) -> None:
        beside = f" that can be written without {', '.join(missing)}" if missing else ""
        self.message = f"There are no sentences '{part}' for {CASE_SEPARATOR.join(combination)}{beside}."
        self.remedy = f"Add sentences: parts: {{{part}: ...}}.{' Or give these values.' if missing else ''}"
        super().__init__(f"{self.message} {self.remedy}")


def shared_text(name: str) -> SharedText:
    """The shared text of this name.

    Args:
        name: as written in ``shared/texts.yaml``.

    Raises:
        UnknownNameError: there is no such text.
    """
    named = _texts()
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a shared text.", suggestion(name, named))
    return named[name]


@cache
def _texts() -> Mapping[str, SharedText]:
    return {name: SharedText.model_validate(text) for name, text in read_shared("texts.yaml").items()}


def cases_of(key: str) -> list[list[str]]:
    """The cases of a key of sentences: ``wait, long_wait / poor`` -> ``[[wait, long_wait], [poor]]``."""
    return [[case.strip() for case in cases.split(",")] for cases in key.split(CASE_SEPARATOR)]


def grammar_of(
    text: SharedText,
    own: Mapping[str, Sentences],
    given: Collection[str],
    cases: Sequence[Collection[str]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The templates for each combination of cases (``work / poor``), and the parts that the templates use.

    Args:
        text: the shared text.
        own: sentences that an industry adds, by part.
        given: the values that the industry gives; sentences that need another value are left out.
        cases: the cases that occur, one collection for each entry of ``text.decides``, in its order.

    Raises:
        MissingSentencesError: for a combination, all sentences of a part need values that are not given.
    """
    missing = [value for value in text.values if value not in given]
    names: dict[tuple[str, tuple[str, ...]], str] = {}

    def named(part: str, combination: tuple[str, ...]) -> str:
        """The name of a part with the sentences of a combination; combinations with the same sentences share a part."""
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
    """The sentences that do not use a missing value; alternatives in a sentence that use one are removed."""

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
    """The texts with a part of a grammar in place of each ``{one|another}``.

    Args:
        texts: templates, or sentences of a part.
        names: alternatives -> name of their part; new alternatives are added to it.
    """

    def part(found: re.Match[str]) -> str:
        words = tuple(BAR.split(found[1]))
        return f"{{{names.setdefault(words, f'either__{len(names) + 1}')}}}"

    return [ALTERNATIVES.sub(part, text) for text in texts]
