"""The parts in which Claude writes a customer's blueprint, how an answer changes what stands there, and its JSON schema.

An answer holds only what is to change. In a section of named entries it names those that change, and of each the fields that
change; a column is given whole, or its texts alone; null removes. Other sections are replaced whole.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioning_assets.data_model.problems import Problem, suggestion
from provisioning_assets.planning.blueprint_schema import blueprint_schema
from provisioning_assets.planning.models import PartName


@dataclass(frozen=True)
class Part:
    """A part that is asked for in one call.

    Args:
        name: of the part.
        sections: of the blueprint that the part may change.
        rests_on: parts that it refers to. If one of them is replaced, so is this one, and the other way round.
        answer_tokens: of an answer, as a rule; for the expected cost.
        cites: whether it says something about the customer, with page and quotation.
    """

    name: PartName
    sections: tuple[str, ...]
    rests_on: tuple[PartName, ...]
    answer_tokens: int
    cites: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What an answer may hold."""
        return (*self.sections, *(("claims",) if self.cites else ()))


PARTS: Mapping[PartName, Part] = {
    part.name: part
    for part in (
        Part("tables", ("words", "terms", "functions", "tables", "rules", "relations"), (), 2_400),
        Part("insights", ("insights", "questions"), ("tables",), 2_200),
        Part("questions", ("questions", "kpis"), ("tables", "insights"), 2_200),
        Part(
            "story", ("title", "subtitle", "story", "data_set", "challenges"), ("tables", "insights"), 900, cites=True
        ),
        Part("scenes", ("scenes", "glossary", "agent"), ("tables", "insights", "questions"), 1_200, cites=True),
    )
}

STEPS: tuple[tuple[PartName, ...], ...] = (("tables",), ("insights",), ("questions", "story"), ("scenes",))
"""Parts of one step are asked for side by side; each step refers to those before it."""

BY_FIELD = ("terms", "tables", "rules", "relations", "insights", "questions")
"""Sections of named entries; the fields of an entry are changed one by one."""

BY_NAME = ("columns", "helpers")
"""Fields of a table whose entries are named; each entry is given whole, or its texts alone."""

TEXTS_OF_A_COLUMN = frozenset(("description", "synonyms", "unit"))
"""What may change of a column without its generator: in another language than English, all columns have new texts."""

FILLED = "filled"
"""What a term is for this customer: read from the site or said by the CE, so an answer may not change it."""

AGENT_FIELDS = ("rules", "default_filters")
"""What of the agent's instructions may be changed. Its persona stays the blueprint's."""

NULL: dict[str, Any] = {"type": "null"}


def with_answer(
    document: Mapping[str, Any], part: Part, answer: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a blueprint's document with the changes of an answer, and what of the answer cannot be made.

    ``words`` and ``claims`` are left to ``plan_evidence``.

    Args:
        document: as ``Blueprint`` is dumped.
        part: that was asked for.
        answer: of Claude; anything.
    """
    changed, problems = deepcopy(dict(document)), []
    for key, value in answer.items():
        if key not in part.keys:
            problems.append(Problem((key,), f"It does not belong to the part {part.name}.", suggestion(key, part.keys)))
        elif key in ("words", "claims"):
            continue
        elif key in BY_FIELD:
            problems += _change_entries(changed[key] if key in changed else changed.setdefault(key, {}), value, (key,))
        elif key == "functions":
            problems += _change_names(changed.setdefault(key, {}), value, (key,))
        elif key == "agent":
            problems += _change_agent(changed[key], value)
        else:
            changed[key] = deepcopy(value)
    return changed, problems


def _change_entries(entries: dict[str, Any], changes: Any, place: tuple[str, ...]) -> list[Problem]:
    if not isinstance(changes, dict):
        return [_not_a_mapping(place)]
    problems = []
    for name, fields in changes.items():
        if fields is None:
            problems += _remove(entries, name, place)
        elif not isinstance(fields, dict):
            problems.append(_not_a_mapping((*place, name)))
        else:
            entry = entries.setdefault(name, {})
            for field, value in fields.items():
                if field == FILLED and place == ("terms",):
                    remedy = "Change `otherwise`, which holds where the site states nothing."
                    problems.append(Problem((*place, name, field), "It is what the site states.", remedy))
                elif field in BY_NAME and value is not None:
                    columns = entry.setdefault(field, {})
                    problems += _change_names(columns, _with_generators(columns, value), (*place, name, field))
                elif value is None:
                    entry.pop(field, None)
                else:
                    entry[field] = deepcopy(value)
    return problems


def _change_names(entries: dict[str, Any], changes: Any, place: tuple[str, ...]) -> list[Problem]:
    if not isinstance(changes, dict):
        return [_not_a_mapping(place)]
    problems = []
    for name, value in changes.items():
        if value is None:
            problems += _remove(entries, name, place)
        else:
            entries[name] = deepcopy(value)
    return problems


def _with_generators(columns: Mapping[str, Any], changes: Any) -> Any:
    """The changes, with what they leave unsaid of columns whose texts alone they give."""
    if not isinstance(changes, dict):
        return changes
    return {
        name: {**columns[name], **column}
        if name in columns and isinstance(column, dict) and column and column.keys() <= TEXTS_OF_A_COLUMN
        else column
        for name, column in changes.items()
    }


def _change_agent(agent: dict[str, Any], changes: Any) -> list[Problem]:
    if not isinstance(changes, dict):
        return [_not_a_mapping(("agent",))]
    agent |= {field: deepcopy(value) for field, value in changes.items() if field in AGENT_FIELDS and value is not None}
    return [
        Problem(("agent", field), "It cannot be changed.", suggestion(field, AGENT_FIELDS))
        for field in changes
        if field not in AGENT_FIELDS
    ]


def _remove(entries: dict[str, Any], name: str, place: tuple[str, ...]) -> list[Problem]:
    if entries.pop(name, None) is None:
        return [Problem((*place, name), "There is no such entry to remove.", suggestion(name, entries))]
    return []


def _not_a_mapping(place: tuple[str, ...]) -> Problem:
    return Problem(place, "It is not a mapping.", "Name the entries that change, with the fields that change.")


def replaced_with(failed: PartName, by_claude: set[PartName]) -> set[PartName]:
    """Return the parts that stand or fall together with one that failed: those it rests on, and what rests on any of them.

    Args:
        failed: the part.
        by_claude: parts that Claude has written so far.
    """
    replaced: list[PartName] = [failed, *(name for name in PARTS[failed].rests_on if name in by_claude)]
    return {*replaced, *(name for name in by_claude if set(replaced).intersection(PARTS[name].rests_on))}


# --- the schema ------------------------------------------------------------------------------------------------------


@cache
def answer_schema() -> dict[str, Any]:
    """The JSON schema of every answer, cut out of that of a blueprint file.

    It is the same for all parts, because the prompt cache keeps only what begins in the same way, and tools come first.
    """
    whole = blueprint_schema()
    definitions: dict[str, Any] = deepcopy(whole["$defs"])
    properties: dict[str, Any] = {}
    for key in dict.fromkeys(section for part in PARTS.values() for section in part.sections if section != "words"):
        section = deepcopy(whole["properties"][key])
        for limit in ("minItems", "minProperties", "maxProperties"):
            section.pop(limit, None)
        properties[key] = section
    for key in BY_FIELD:
        entry = properties[key]["additionalProperties"]["$ref"].rsplit("/", 1)[-1]
        definitions[f"Changed{entry}"] = _changed(definitions[entry])
        properties[key]["additionalProperties"] = _or_null({"$ref": f"#/$defs/Changed{entry}"})
    properties["functions"]["additionalProperties"] = _or_null(properties["functions"]["additionalProperties"])
    agent = _changed(definitions["BlueprintAgent"])
    properties["agent"] = {**agent, "properties": {name: agent["properties"][name] for name in AGENT_FIELDS}}
    properties["words"] = {
        "type": "object",
        "description": _WORDS,
        "additionalProperties": {"type": "array", "items": _WORD},
    }
    properties["claims"] = {"type": "array", "description": _CLAIMS, "items": _CLAIM}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**schema, "$defs": _reached(schema, definitions)}


def _changed(entry: dict[str, Any]) -> dict[str, Any]:
    """The schema of the fields that change of an entry: none is required, and null removes an optional one."""
    required = entry.get("required", [])
    properties = {
        name: field if name in required else _or_null(field)
        for name, field in deepcopy(entry["properties"]).items()
        if name != FILLED
    }
    for name in BY_NAME:
        if name in properties:
            named = entry["properties"][name]
            properties[name] = {
                **{key: value for key, value in named.items() if key != "minProperties"},
                "additionalProperties": _or_null(named["additionalProperties"]),
            }
    return {**{key: value for key, value in entry.items() if key != "required"}, "properties": properties}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, NULL]}


def _reached(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
    return found


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"].rsplit("/", 1)[-1]] if isinstance(value.get("$ref"), str) else []
        return [*own, *(name for inner in value.values() for name in _references(inner))]
    return [name for inner in value for name in _references(inner)] if isinstance(value, list) else []


_WORDS = "slot -> its words, all of them, most prominent first; a slot that is left out keeps its words"
_CLAIMS = "each sentence of this part that says something about this customer, with its source"
_PAGE = {"type": "string", "description": "address of the page as given, or 'notes'"}
_QUOTATION = {"type": "string", "description": "words copied from that page, at most 200 characters"}
_WORD: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["word"],
    "properties": {
        "word": {"type": "string"},
        "group": {"type": "string", "description": "for a slot within another: the word of that slot it belongs to"},
        "page": {**_PAGE, "description": f"{_PAGE['description']}; left out for a word of the trade"},
        "quotation": {**_QUOTATION, "description": f"{_QUOTATION['description']}, the word among them"},
    },
}
_CLAIM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "page", "quotation"],
    "properties": {
        "text": {"type": "string", "description": "the sentence, exactly as it stands in this part"},
        "page": _PAGE,
        "quotation": _QUOTATION,
    },
}
