"""What Claude hands in for a question: a query with a sentence about its rows, or why there is none."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LONGEST_SQL = 10_000
"""Characters. The longest verified queries of the blueprints have about 2,000."""
LONGEST_SENTENCE = 400
"""Characters of a sentence, or of a reason."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sql": {
            "type": "string",
            "description": "one SELECT that answers the question; empty if the data set cannot answer it",
        },
        "sentence": {
            "type": "string",
            "description": f"the answer, at most {LONGEST_SENTENCE} characters, with placeholders for every figure",
        },
        "reason": {
            "type": "string",
            "description": f"if there is no query: why, at most {LONGEST_SENTENCE} characters; else empty",
        },
    },
    "required": ["sql", "sentence", "reason"],
    "additionalProperties": False,
}
"""JSON schema of the document."""


class WrittenQuery(BaseModel):
    """The document. ``sql`` is empty if the question cannot be answered; ``reason`` says why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sql: str = Field(max_length=LONGEST_SQL)
    sentence: str = ""
    reason: str = ""


def read_written_query(document: Mapping[str, Any]) -> WrittenQuery | str:
    """Return the document as it is meant, or what is wrong with it."""
    try:
        written = WrittenQuery.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"The document is not as its schema says: {'.'.join(map(str, first['loc']))}: {first['msg']}."
    if not written.sql.strip() and not written.reason.strip():
        return "The document has neither sql nor a reason."
    return written
