"""Prompts: Markdown files with a version, and how untrusted text is put beside them.

A file begins with ``---``, ``version: N``, ``---``. Increase the version with every change: answers to another version are not
used again, and evaluations compare versions.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_FORM = re.compile(r"---\nversion: (?P<version>[1-9]\d*)\n---\n(?P<text>.*\S)\s*", re.DOTALL)
_UNSEEN = frozenset(("Cc", "Cf", "Co", "Cs"))
"""Unicode categories that people do not see: control and format characters with tags and zero widths, private use, surrogates."""
_KEPT = frozenset("\n\t\u200c\u200d")
"""Line ends, tabs, and the joiners that Persian and Indian scripts need."""


@dataclass(frozen=True)
class Prompt:
    """What Claude is told to do. It holds nothing of a customer."""

    name: str
    version: int
    text: str

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the text's SHA-256: a change without a new version is noticed by it too."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def read_prompt(file: Path) -> Prompt:
    """Return the prompt of a file; its name is the file's, without ``.md``.

    Raises:
        ValueError: the file has no version or no text.
    """
    found = _FORM.fullmatch(file.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{file} does not begin with ---, version: N, ---, or has no text after it")
    return Prompt(file.stem, int(found["version"]), found["text"])


def fenced(kind: str, text: str, *, source: str = "") -> str:
    """Return text of a stranger between marks that it cannot close, without characters that people do not see.

    The mark carries a digest of the text: a text that contained its own mark would have to contain its own digest.

    Args:
        kind: what it is, in lower case: ``page``, ``value``.
        text: anything.
        source: where it is from, such as an address.
    """
    shown = _visible(text)
    mark = hashlib.sha256(f"{source}\n{shown}".encode()).hexdigest()[:12]
    origin = f" source={_visible(source)!r}" if source else ""
    return f"<{kind} mark={mark}{origin}>\n{shown}\n</{kind} mark={mark}>"


def is_seen(character: str) -> bool:
    """Whether people see a character, or need it to read its neighbours."""
    return character in _KEPT or unicodedata.category(character) not in _UNSEEN


def _visible(text: str) -> str:
    return "".join(filter(is_seen, text))
