"""Reads ``blueprints/*.yaml``; an author's mistakes are reported with file, line, place and what is accepted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint, authored_place, fields_at
from provisioning_assets.planning.blueprint_rules import blueprint_problems, query_problems
from provisioning_assets.planning.blueprint_sources import BLUEPRINTS, blueprint_ids
from provisioning_assets.planning.number_mistakes import NUMBER_ERRORS, number_mistake
from provisioning_assets.planning.written import comma_hint

FORMAT_DOCUMENT = "docs/blueprint-format.md"
MOST_SHOWN = 20
MISSING = "is missing"


@dataclass(frozen=True)
class Mistake:
    """A mistake in a file, with what is accepted. ``line`` counts from 1; ``place`` is a dotted path or empty."""

    file: str
    line: int | None
    place: str
    words: str

    def __str__(self) -> str:
        where = [self.file, *([f"line {self.line}"] if self.line is not None else []), *filter(None, [self.place])]
        return f"{', '.join(where)}: {self.words}"


class BlueprintError(ProvisioningError):
    """A blueprint that cannot be used; each mistake says file, line, place, what is wrong and what is accepted."""

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        shown = [f"  {mistake}" for mistake in mistakes[:MOST_SHOWN]]
        more = [f"  ... and {len(mistakes) - MOST_SHOWN} more"] if len(mistakes) > MOST_SHOWN else []
        super().__init__(
            "\n".join([f"{file} has {len(mistakes)} mistake{'s' * (len(mistakes) != 1)}:", *shown, *more, ""]),
            f"The format is described in {FORMAT_DOCUMENT}.",
        )
        self.mistakes = list(mistakes)


@cache
def load_blueprint(blueprint_id: str) -> Blueprint:
    """Read and check the blueprint of an industry.

    Raises:
        ProvisioningError: the industry has no blueprint, or its file has mistakes (``BlueprintError``).
    """
    return read_blueprint(blueprint_path(blueprint_id))


def blueprint_path(blueprint_id: str) -> Path:
    """The file of an industry's blueprint.

    Raises:
        ProvisioningError: the industry has no blueprint.
    """
    if blueprint_id not in blueprint_ids():
        raise ProvisioningError(
            f"There is no blueprint '{blueprint_id}'.", f"{suggestion(blueprint_id, blueprint_ids())} Or add its file."
        )
    return BLUEPRINTS / f"{blueprint_id}.yaml"


def read_blueprint(path: Path, *, queries: bool = False) -> Blueprint:
    """Read and check a blueprint file.

    Args:
        path: the file, named ``<id>.yaml``.
        queries: whether SQL that fails or differs between BigQuery and DuckDB is a mistake too. Takes about a second.

    Raises:
        BlueprintError: the file has mistakes; with all of one stage, as for ``parse_blueprint``.
        ProvisioningError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise ProvisioningError(
            f"The blueprint {path} cannot be read: {failure}.", "Give the path of a YAML file, or an industry's id."
        ) from failure
    blueprint = parse_blueprint(text, path.name, queries=queries)
    if blueprint.id != path.stem:
        _, lines = read_yaml(text, path.name)
        words = f"'{blueprint.id}' must be the file's name, '{path.stem}'. Change one of them."
        raise BlueprintError(path.name, [Mistake(path.name, lines["id",], "id", words)])
    return blueprint


def parse_blueprint(text: str, file: str, *, queries: bool = False) -> Blueprint:
    """Read and check a blueprint from YAML text.

    Args:
        text: the YAML text.
        file: the file name in reported mistakes.
        queries: as for ``read_blueprint``.

    Raises:
        BlueprintError: the text has mistakes. They are found in stages - form, then names and tables, then the portability of
            SQL - and the error has all of the first stage that has any.
    """
    document, lines = read_yaml(text, file)
    problems: list[Problem]
    try:
        blueprint = Blueprint.model_validate(document)
    except ValidationError as failure:
        problems = validation_problems(failure)
    else:
        problems = blueprint_problems(blueprint) or (query_problems(blueprint) if queries else [])
        if not problems:
            return blueprint
    raise BlueprintError(file, [_located(problem, lines, file) for problem in problems])


def validation_problems(failure: ValidationError) -> list[Problem]:
    """The problems that pydantic found, worded for an author."""
    problems = [
        Problem(authored_place(error["loc"]), _worded(error))
        for error in failure.errors(include_url=False)
        if not _is_second_choice(error)
    ]
    return list(dict.fromkeys(problems))


def _is_second_choice(error: Mapping[str, Any]) -> bool:
    """Whether the error says that a case is not a list or a term, beside the error that it is not a number."""
    form = str(error["loc"][-1]) if error["loc"] else ""
    return (error["type"] == "list_type" and form.startswith("list[")) or form.startswith("constrained-str")


def _worded(error: Mapping[str, Any]) -> str:
    """Pydantic's message, reworded where it uses Python's terms."""
    if error["type"] == "missing":
        return MISSING
    if error["type"] == "extra_forbidden":
        *place, field = error["loc"]
        return f"'{field}' is not a field here{comma_hint(error['input'])}. {suggestion(str(field), fields_at(place))}"
    if error["type"] in ("too_short", "too_long"):
        limit = error["ctx"].get("min_length", error["ctx"].get("max_length"))
        most = "at least" if error["type"] == "too_short" else "at most"
        return f"There are {error['ctx']['actual_length']} entries; {most} {limit} are accepted."
    if error["type"] in NUMBER_ERRORS:
        return number_mistake(error["loc"], error["input"])
    given = f" (given: {error['input']!r:.80})" if error["type"] != "blueprint" else ""
    return f"{error['msg']}{given}."


def _located(problem: Problem, lines: Mapping[Place, int], file: str) -> Mistake:
    """The problem with its line. Parts of a place that are not in the file (a union's tag) are left out."""
    place: Place = ()
    for part in problem.place:
        if (*place, part) in lines:
            place = (*place, part)
    missing = problem.place[-1:] if problem.message == MISSING else ()
    shown = ".".join(str(part) for part in (*place, *missing)) or "the file"
    return Mistake(file, lines.get(place, 1), shown, problem.words)


# --- YAML with lines -----------------------------------------------------------------------------------------------


class _Scalars(yaml.CSafeLoader):
    """Loads plain scalars as YAML 1.2 does: ``no``, ``on``, ``12:30`` and ``2024-01-01`` are texts, as an author expects."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own way to declare them)


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?[0-9][0-9_]*$", list("-+0123456789")),
    ("float", r"^[-+]?[0-9][0-9_]*\.[0-9]*(?:[eE][-+]?[0-9]+)?$", list("-+0123456789")),
):
    _Scalars.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def read_yaml(text: str, file: str) -> tuple[Any, dict[Place, int]]:
    """YAML text as plain values, and the line (from 1) on which each value begins.

    Raises:
        BlueprintError: the text is not YAML, or a mapping has the same key twice.
    """
    loader = _Scalars(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        line = mark.line + 1 if mark else 1
        raise BlueprintError(file, [Mistake(file, line, "", f"not YAML: {failure.problem or failure}")]) from failure
    except yaml.YAMLError as failure:
        raise BlueprintError(file, [Mistake(file, None, "", f"not YAML: {failure}")]) from failure
    finally:
        loader.dispose()
    lines: dict[Place, int] = {}
    repeated: list[Mistake] = []

    def value(node: Any, place: Place) -> Any:
        lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [value(item, (*place, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            mapping: dict[Any, Any] = {}
            for key_node, item in node.value:
                key = key_node.value
                line = key_node.start_mark.line + 1
                if key in mapping:
                    where = ".".join(map(str, (*place, key)))
                    words = f"is written twice; the first one is on line {lines[*place, key]}"
                    repeated.append(Mistake(file, line, where, words))
                    continue
                lines[*place, key] = line
                mapping[key] = value(item, (*place, key))
            return mapping
        return loader.construct_object(node)

    document = value(root, ()) if root is not None else None
    if repeated:
        raise BlueprintError(file, repeated)
    return document, lines
