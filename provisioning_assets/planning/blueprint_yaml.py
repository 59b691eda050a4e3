"""Writes a blueprint as YAML in the authors' layout: values that fit on one line are on one line, others are blocks.

PyYAML breaks long lines anywhere; this module breaks them only between the entries of a mapping or list. PyYAML's analysis
of a scalar decides what is quoted.
"""

import io
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from yaml.emitter import Emitter

WIDTH = 160
"""Largest number of characters of a line; only a single longer text may exceed it."""

INNER_DEPTH = 3
"""Depth from which on a mapping (a column, an effect, a scene) may take two lines before it is written as a block."""

PROSE = 120
"""Number of characters from which on a text that stands alone is folded over several lines."""

STEP = 2
"""Number of spaces of one level of indentation."""

PRINTED = "[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""Characters that a YAML file may contain, without those that end a line. Source: YAML 1.2.2, productions 1 and 26."""

UNPRINTED = re.compile(f"(?!{PRINTED}).", re.DOTALL)
ONE_LINE = re.compile(f"{PRINTED}*")

NOT_TEXT = re.compile(r"~|null|true|false|[-+]?[0-9][0-9_]*(\.[0-9]*([eE][-+]?[0-9]+)?)?")
"""Unquoted words that the reader of blueprints takes for null, a truth value or a number; as texts they need quotes."""


def as_yaml(document: dict[str, Any]) -> str:
    """Plain values (mappings, lists, texts, numbers) as YAML text, in their own order."""
    return "\n".join(_mapping(document, 0)) + "\n"


# --- blocks ----------------------------------------------------------------------------------------------------------


def _mapping(mapping: dict[str, Any], indent: int) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _entry(f"{' ' * indent}{_scalar(str(key))}:", value, indent)


def _list(items: Sequence[Any], indent: int) -> Iterator[str]:
    for item in items:
        head = f"{' ' * indent}-"
        if isinstance(item, dict) and not _fits(item, head, indent):
            lines = list(_mapping(item, indent + STEP))
            yield f"{head} {lines[0].lstrip()}"
            yield from lines[1:]
        else:
            yield from _entry(head, item, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    """The lines of a key or a dash with its value."""
    if isinstance(value, str) and _stands_in_lines(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        yield from (f"{' ' * (indent + STEP)}{line}".rstrip() for line in value.removesuffix("\n").split("\n"))
    elif isinstance(value, str) and len(head) + len(value) > PROSE and _folds(value):
        yield f"{head} >-"
        blank = " " * (indent + STEP)
        yield from textwrap.wrap(
            value, WIDTH, initial_indent=blank, subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
        )
    elif not isinstance(value, dict | list) or not value:
        yield f"{head} {_scalar(value)}"
    elif _fits(value, head, indent):
        yield from _packed(head, value, indent + STEP)
    elif isinstance(value, dict):
        yield head
        yield from _mapping(value, indent + STEP)
    else:
        yield head
        yield from _list(value, indent + STEP)


def _stands_in_lines(text: str) -> bool:
    """Whether a text of several lines is read back unchanged from a block."""
    lines = text.removesuffix("\n").split("\n")
    return (
        len(lines) > 1
        and bool(lines[0] and lines[-1])
        and not text.startswith(" ")
        and all(ONE_LINE.fullmatch(line) and not line.endswith(" ") for line in lines)
    )


def _folds(text: str) -> bool:
    """Whether a text of one line is read back unchanged after it is folded between words."""
    return bool(ONE_LINE.fullmatch(text)) and "  " not in text and text == text.strip(" ")


def _fits(value: Any, head: str, indent: int) -> bool:
    """Whether a mapping or list is written in braces or brackets, without a block."""
    if _several_lines(value):
        return False
    short = isinstance(value, list) and all(
        not isinstance(item, dict | list) and len(str(item)) <= PROSE // 3 for item in value
    )
    lines = 2 if indent >= INNER_DEPTH * STEP else 1
    return short or len(head) + len(_inline(value)) < lines * WIDTH - indent


def _several_lines(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_several_lines(item) for item in value.values())
    if isinstance(value, list):
        return any(_several_lines(item) for item in value)
    return isinstance(value, str) and "\n" in value


# --- one or two lines ------------------------------------------------------------------------------------------------


def _packed(head: str, value: Any, indent: int) -> Iterator[str]:
    """A mapping or list in braces or brackets; full lines are broken between entries."""
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    entries = (
        [f"{_scalar(str(key))}: {_inline(item)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [_inline(item) for item in value]
    )
    line = f"{head} {opening}"
    for number, entry in enumerate(entries):
        text = entry + ("," if number < len(entries) - 1 else closing)
        if len(line) + 1 + len(text) > WIDTH and not line.endswith(opening):
            yield line
            line = f"{' ' * indent}{text}"
        else:
            line += text if line.endswith(opening) else f" {text}"
    yield line


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Without a decimal point, 1e-07 would be read as a text.
        digits, exponent, power = repr(value).partition("e")
        return digits + ("" if "." in digits else ".0") + exponent + power
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return _text(value)


@lru_cache(maxsize=20_000)
def _text(text: str) -> str:
    """A text on one line: plain if it is read back unchanged, else in double quotes."""
    analysis = Emitter(io.StringIO()).analyze_scalar(text)
    if analysis.allow_flow_plain and not analysis.multiline and not NOT_TEXT.fullmatch(text):
        return text
    # JSON's escapes are valid in YAML. Characters that YAML must escape and JSON does not are escaped here.
    quoted = json.dumps(text, ensure_ascii=False)
    return UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
