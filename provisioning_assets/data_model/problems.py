"""A problem in a document that a person or a language model wrote. Every rule reports its problems in this form."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[str | int, ...]
"""Path to a part of a document, such as ``("tables", "orders", "columns", "status")``, with the names of the document's own
sections."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    ``place`` is the position in the document, ``message`` says what is wrong, and ``remedy`` says what is accepted or what to do.
    Message and remedy are complete sentences.
    """

    place: Place
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.place if part not in ("tables", "columns"))
        return f"{where}: {self.words}" if where else self.words

    @property
    def words(self) -> str:
        """Message and remedy as one text, without the place."""
        return f"{self.message} {self.remedy}".strip()


def suggestion(given: str, accepted: Iterable[str]) -> str:
    """Return a remedy for a name that does not exist: the most similar name, and all names that are accepted."""
    accepted = list(accepted)
    near = difflib.get_close_matches(given, accepted, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    return f"{hint}Accepted: {', '.join(accepted) or 'none'}."
