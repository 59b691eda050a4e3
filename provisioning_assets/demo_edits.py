"""A CE's edits of one demo, as stored in a request: a list of paths in the customer's blueprint and their new values.

``planning/edits.py`` applies them.
"""

import re
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.errors import ProvisioningError

MOST_EDITS = 500
LONGEST_EDITS = 1_000_000
"""Characters of a list of edits; a whole blueprint is a tenth of it."""

EDITS_HELP = (
    "Give a list of edits as YAML or JSON, each with `path` and `value`, for example: "
    '[{path: title, value: "Acme: a closer look"}, {path: insights.late_trucks, value: null}]. null removes.'
)


class Edit(Document):
    """One edit: a path in the blueprint and its new value."""

    path: Annotated[str, Field(max_length=400)] | Annotated[list[str | int], Field(max_length=20)] = Field(
        min_length=1,
        description="steps with dots between: insights.late_trucks.headline; or the list of steps, if one contains a dot",
    )
    value: Any = Field(default=None, description="what stands there instead; null removes")

    def steps(self) -> list[str]:
        """Return the steps of the path; in a text, ``a[0]`` is read as ``a.0``."""
        if isinstance(self.path, list):
            return [str(step) for step in self.path]
        return re.sub(r"\[(\d+|\+)\]", r".\1", self.path).split(".")


def read_edits(given: object) -> list[Edit]:
    """Read edits given as a list, or as YAML or JSON text that contains a list.

    Raises:
        ProvisioningError: it is not a list of edits; the message says which entry is wrong.
    """
    if isinstance(given, str):
        if len(given) > LONGEST_EDITS:
            raise ProvisioningError(f"The edits have {len(given):,} characters.", f"At most {LONGEST_EDITS:,}.")
        try:
            given = yaml.safe_load(given)
        except yaml.YAMLError as error:
            raise ProvisioningError(
                f"The edits are neither YAML nor JSON: {_first_line(error)}.", EDITS_HELP
            ) from error
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_EDITS:
        raise ProvisioningError(f"The edits are not a list of at most {MOST_EDITS}.", EDITS_HELP)
    edits = []
    for number, entry in enumerate(given, start=1):
        try:
            edits.append(entry if isinstance(entry, Edit) else Edit.model_validate(entry))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            raise ProvisioningError(
                f"Edit {number} cannot be read: {where or 'it'}: {problem['msg']}.", EDITS_HELP
            ) from error
        if any(not step for step in edits[-1].steps()):
            raise ProvisioningError(f"Edit {number}: the path {edits[-1].path!r} has an empty step.", EDITS_HELP)
    return edits


def _first_line(error: yaml.YAMLError) -> str:
    return str(error).splitlines()[0]
