"""Writes a new blueprint file: a small but complete blueprint with comments, named after the author's industry."""

import re
from pathlib import Path

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning import blueprint_sources
from provisioning_assets.planning.blueprint_sources import BLUEPRINTS, blueprint_ids

TEMPLATE = Path(blueprint_sources.__file__).with_name("new_blueprint.yaml")
ID = re.compile(r"[a-z][a-z0-9_]{0,62}")
NOT_A_TEXT = frozenset({"true", "false", "null"})
"""Words that YAML does not read as text unless they are quoted."""


def new_blueprint(industry: str) -> str:
    """Return the text of a new blueprint for an industry. The text has no faults.

    Args:
        industry: the industry's id, such as ``bike_rental``.

    Raises:
        ProvisioningError: the text is not an id, or the industry already has a blueprint.
    """
    if not ID.fullmatch(industry) or industry in NOT_A_TEXT:
        raise ProvisioningError(
            f"{industry!r:.80} is not an industry's id.",
            "Accepted: small letters, digits and underscores, beginning with a letter, such as bike_rental.",
        )
    if industry in blueprint_ids():
        raise ProvisioningError(
            f"There is a blueprint '{industry}' already.",
            f"Take another id, or edit {BLUEPRINTS / f'{industry}.yaml'}.",
        )
    name = industry.strip("_").replace("_", " ").capitalize()
    return TEMPLATE.read_text(encoding="utf-8").replace("<id>", industry).replace("<name>", name)


def write_new_blueprint(industry: str, output: Path | None) -> Path:
    """Write a new blueprint and return its path. An existing file is never replaced.

    Args:
        industry: the industry's id.
        output: a file named ``<id>.yaml``, or a folder; None for the current folder.

    Raises:
        ProvisioningError: the id is not accepted, the file exists, or it cannot be written.
    """
    text = new_blueprint(industry)
    file = f"{industry}.yaml"
    path = Path(file) if output is None else output / file if output.is_dir() else output
    if path.name != file:
        raise ProvisioningError(
            f"{path.name} is not the name of a blueprint '{industry}'.", f"The file's name is the id: write to {file}."
        )
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise ProvisioningError(
            f"{path} exists, and is left as it is.", "Name another file with --output, or remove this one first."
        ) from None
    except OSError as error:
        raise ProvisioningError(
            f"{path} cannot be written: {error.strerror}.", "Name a file in a folder that exists, with --output."
        ) from error
    return path
