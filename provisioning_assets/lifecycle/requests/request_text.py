"""Reads the text of one request: a mapping of fields, as YAML or JSON. The text is untrusted, so its size and nesting are limited.

YAML is a superset of JSON, but the two are read apart: a line of a queue is JSON and nothing else.
"""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from provisioning_assets.errors import ProvisioningError

LONGEST_REQUEST = 256 * 1024
"""Bytes. The notes may have 20,000 characters; the rest is for edits. The demos' own blueprints have about 100,000."""

DEEPEST = 20
"""Levels of lists and mappings in each other. An edit's value in a blueprint has about eight."""

HELP = (
    "Write a mapping of fields, such as `url: https://www.acme.com`, as YAML or JSON in UTF-8. "
    "docs/ce-guide.md lists the fields."
)


def read_yaml(content: bytes) -> dict[str, Any]:
    """Return the fields of a request in YAML.

    Raises:
        ProvisioningError: it is not a mapping in YAML, too long or too deep, has an alias, or names a field twice.
    """
    text = _text(content)
    try:
        _refuse_what_grows(text)
        given = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as error:
        raise _unreadable("YAML", str(error).replace("\n", " ")[:300]) from None
    except (ValueError, RecursionError) as error:  # such as the date 2026-02-31
        raise _unreadable("YAML", str(error)[:300]) from None
    return _mapping(given)


def read_json(content: bytes) -> dict[str, Any]:
    """Return the fields of a request in JSON.

    Raises:
        ProvisioningError: it is not an object in JSON, too long or too deep, or names a field twice.
    """
    text = _text(content)
    try:
        given = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _unreadable("JSON", str(error)[:300]) from None
    _refuse_depth(given)
    return _mapping(given)


class _Loader(yaml.SafeLoader):
    """Refuses a mapping that names the same key twice; YAML forbids it, and PyYAML takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        _refuse_repetition(names)
        return super().construct_mapping(node, deep=deep)


def _text(content: bytes) -> str:
    if len(content) > LONGEST_REQUEST:
        raise ProvisioningError(
            f"The request has {len(content):,} bytes.", f"A request has at most {LONGEST_REQUEST:,} bytes."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProvisioningError("The request is not text in UTF-8.", HELP) from None


def _refuse_what_grows(text: str) -> None:
    """Look at YAML's events, which are read one after the other, before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ProvisioningError(
                "The request has a YAML alias (`*name`).",
                "Write the value out: an alias can stand for a text of any size.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _too_deep()
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refuse_depth(given: object) -> None:
    level = [given]
    for _ in range(DEEPEST + 1):
        level = [inner for value in level if isinstance(value, dict | list) for inner in _inside(value)]
        if not level:
            return
    raise _too_deep()


def _inside(value: dict[str, Any] | list[Any]) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_repetition([name for name, _ in pairs])
    return dict(pairs)


def _refuse_repetition(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None) if len(names) != len(set(names)) else None
    if twice is not None:
        raise ProvisioningError(f"The request names {twice[:80]!r} twice.", "Give each field once.")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a value of JSON")


def _mapping(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ProvisioningError("The request is not a mapping of fields.", HELP)
    if not all(isinstance(name, str) for name in given):
        raise ProvisioningError("The request has a field whose name is not a text.", HELP)
    return given


def _too_deep() -> ProvisioningError:
    return ProvisioningError(
        "The request has lists or mappings too deep in each other.", f"At most {DEEPEST} levels are read."
    )


def _unreadable(language: str, why: str) -> ProvisioningError:
    return ProvisioningError(f"The request is not {language}: {why}.", HELP)
