"""The grammar of free text: templates in which ``{name}`` is replaced by a part or by a column of the row."""

import re
from collections.abc import Mapping, Sequence

DEEPEST = 6
"""Largest number of parts within parts. A grammar that refers to itself exceeds it and is refused."""


class GrammarError(ValueError):
    """A placeholder is neither a part nor a column, or a part contains itself."""


def check_grammar(templates: Sequence[str], parts: Mapping[str, Sequence[str]], columns: Sequence[str]) -> None:
    """Check that texts can be written with this grammar.

    Raises:
        GrammarError: they cannot; the message names the placeholder.
    """

    def visit(texts: Sequence[str], path: tuple[str, ...]) -> None:
        for name in dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)):
            if name in path:
                raise GrammarError(f"the part '{name}' contains itself")
            if len(path) >= DEEPEST:
                raise GrammarError(f"the part '{name}' is more than {DEEPEST} parts deep")
            if name in parts:
                if not parts[name]:
                    raise GrammarError(f"the part '{name}' has no words")
                visit(parts[name], (*path, name))
            elif name not in columns:
                raise GrammarError(f"'{{{name}}}' is neither a part nor a column of the table")

    visit(templates, ())


PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
