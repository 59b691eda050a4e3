"""What one look at the requests leaves for the next: how far each queue was read, and which runs were asked for."""

from pydantic import Field, ValidationError

from provisioning_assets.artefact import Document


class QueuePlace(Document):
    """How far a queue was read."""

    offset: int = Field(default=0, ge=0, description="bytes that were read")
    line: int = Field(default=0, ge=0, description="lines that were read")
    first: str = Field(default="", description="digest of the first line: another one means another file of this name")


class AskedRun(Document):
    """A run that was asked for and that nobody has seen yet."""

    run_key: str
    file: str
    line: int = Field(default=0, description="of a queue; 0: the file is one request")
    start: int = Field(description="first byte of the request in the file")
    end: int = Field(description="the byte after its last")
    content: str = Field(description="digest of these bytes")
    tries: int = Field(default=1, description="how often the run was asked for")


class IntakeCursor(Document):
    """The sensor's cursor."""

    queues: dict[str, QueuePlace] = Field(default_factory=dict)
    asked: list[AskedRun] = Field(default_factory=list)


def read_cursor(text: str | None) -> IntakeCursor | None:
    """Return the cursor; an empty one if there is none yet, None if the text is not one."""
    if not text:
        return IntakeCursor()
    try:
        return IntakeCursor.model_validate_json(text)
    except ValidationError:
        return None
