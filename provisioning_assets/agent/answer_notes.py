"""What an answer's progress messages say about who read the question: written by the local server, read by ``asking``."""

from typing import Literal

Reader = Literal["claude", "rules"]
"""Who reads a free question if there is a key for Claude."""

_CLAUDE = "Claude read the question"
_RULES = "Rules read the question, because Claude could not be used: "


def written_note(model: str, *, found_query: bool) -> str:
    """Return that Claude answered.

    Args:
        model: as the service calls it.
        found_query: whether Claude wrote a query that was run.
    """
    outcome = "and wrote the query" if found_query else "and found no query that answers it"
    return f"{_CLAUDE} {outcome} ({model})."


def rules_note(reason: str) -> str:
    """Return that rules answered, and why Claude did not."""
    return f"{_RULES}{reason}"


def reader_in(note: str) -> tuple[Reader, str] | None:
    """Return who answered, and why if it was not Claude; None for a note about anything else."""
    if note.startswith(_RULES):
        return "rules", note.removeprefix(_RULES)
    return ("claude", "") if note.startswith(_CLAUDE) else None
