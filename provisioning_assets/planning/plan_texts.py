"""What a stranger's text may not bring into a demo: addresses, markup, invisible characters, and orders to the agent."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioning_assets.claude.prompts import is_seen
from provisioning_assets.data_model.problems import Place, Problem
from provisioning_assets.data_model.tables import Table
from provisioning_assets.planning.blueprint import Blueprint

LONGEST_TEXT = 2_000
"""Characters of one text. The longest of the project's blueprints has about 900."""

LONGEST_SQL = 6_000
"""Characters of one query. The longest of the project's blueprints has about 1,800."""

LONGEST_RULE = 300
"""Characters of one rule for the agent."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\b(?:javascript|data|mailto|file):\S|\]\(", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z!][^<>]*>|&(?:[a-z]+|#x?[0-9a-f]+);", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")

CODE = frozenset(
    (
        "sql",
        "where",
        "expression",
        "rollup",
        "moment",
        "referenced",
        "times",
        "from",
        "functions",
        "cause_of",
        "helpers",
    )
)
"""Fields whose ``<`` compares; what is in them is parsed."""

BY = "by"
"""The field with what decides: columns and conditions, which are parsed. Beside it stand cases: their names are compared."""

WORDS_OF_A_SENTENCE = 3
"""Fewer may be a name, or the same in several languages."""

UNSEEN_FIELDS = frozenset(("because", "persona"))
"""Fields that the prospect never sees: reasons of bounds, and who the agent is told to be."""


def new_text_problems(document: Mapping[str, Any], prior: Mapping[str, Any]) -> list[Problem]:
    """Problems of the texts of a blueprint's document that the industry's blueprint does not have.

    Args:
        document: with Claude's parts in it.
        prior: without.
    """
    known = {text for _, text, _ in _texts(prior, (), code=False)}
    problems = []
    for place, text, code in _texts(document, (), code=False):
        if text not in known and (found := _problem(text, code=code)) is not None:
            problems.append(Problem(place, *found))
    return problems


def _problem(text: str, *, code: bool) -> tuple[str, str] | None:
    longest = LONGEST_SQL if code else LONGEST_TEXT
    if len(text) > longest:
        return f"It has {len(text):,} characters.", f"Write at most {longest:,}."
    if not all(map(is_seen, text)):
        return "It has characters that are not seen.", "Write plain text."
    if _ADDRESS.search(text):
        return "It has an address or a link.", "Write it without."
    if not code and _MARKUP.search(text):
        return "It has markup.", "Write plain text."
    return None


def _texts(value: Any, place: Place, *, code: bool) -> Iterator[tuple[Place, str, bool]]:
    """Place of each text, the text, and whether it is code. Names of entries are texts too, but for cases: they become values."""
    if isinstance(value, str):
        yield place, value, code
    elif isinstance(value, dict):
        for key, inner in value.items():
            if place == ("slots",) or key not in (
                "page",
                "passage",
                "under",
            ):  # of a word: never shown as the demo's text
                yield (*place, key), str(key), code or key in CODE or BY in value
                yield from _texts(inner, (*place, key), code=code or key in CODE or key == BY)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*place, index), code=code)


def agent_problems(blueprint: Blueprint, prior: Blueprint, tables: Iterable[Table]) -> list[Problem]:
    """Problems of new rules for the agent: each says how a table or a column is read, and names it. Nothing else is a rule.

    Args:
        blueprint: with Claude's rules.
        prior: the industry's.
        tables: of the data model.
    """
    names = {name for table in tables for name in (table.name, *(column.name for column in table.columns))}
    problems = []
    for field in ("rules", "default_filters"):
        known = getattr(prior.agent, field)
        for index, rule in enumerate(getattr(blueprint.agent, field)):
            if rule in known:
                continue
            if len(rule) > LONGEST_RULE:
                problems.append(
                    Problem(("agent", field, index), "It is too long.", f"At most {LONGEST_RULE} characters.")
                )
            elif not names.intersection(_NAME.findall(rule)):
                remedy = "Say how a table or a column is read, and name it as it is written in the tables."
                problems.append(Problem(("agent", field, index), "It names no table and no column.", remedy))
    return problems


def untranslated(document: Mapping[str, Any], prior: Mapping[str, Any], sections: Iterable[str]) -> list[Problem]:
    """Sentences of the industry's blueprint, which is in English, that still stand in a demo of another language.

    Args:
        document: with Claude's parts in it.
        prior: the industry's.
        sections: that are to be in the language by now.
    """
    english = {text for _, text, code in _texts(prior, (), code=False) if not code}
    found = []
    for section in sections:
        for place, text, code in _texts(document.get(section), (section,), code=False):
            if (
                not code
                and text in english
                and len(text.split()) >= WORDS_OF_A_SENTENCE
                and place[-1] not in UNSEEN_FIELDS
            ):
                found.append(Problem(place, "It is in English.", "Write it in the demo's language."))
    for table, written in (document.get("tables") or {}).items() if "tables" in sections else ():
        for name, column in (written.get("columns") or {}).items() if isinstance(written, dict) else ():
            if isinstance(column, dict) and isinstance(column.get("text"), dict) and "shared" in column["text"]:
                remedy = "Write `templates` of your own in the demo's language."
                found.append(
                    Problem(("tables", table, "columns", name, "text"), "Its sentences are in English.", remedy)
                )
    return found
