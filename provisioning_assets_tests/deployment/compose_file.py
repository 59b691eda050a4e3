"""Reads the compose file and the Dockerfile as Docker does, as far as they are used here."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from provisioning_assets.settings import PROJECT_FOLDER

DOCKER = PROJECT_FOLDER / "deployment" / "docker"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@cache
def compose() -> Any:
    """Return the compose file, with its YAML merges done and its variables as they are written."""
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def interpolated(value: str, environment: Mapping[str, str]) -> str:
    """Return a value of the compose file with its variables replaced.

    Raises:
        KeyError: a variable is required and not in ``environment``.
    """

    def replace(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if environment.get(name):
            return environment[name]
        if kind == "?":
            raise KeyError(f"{name}: {text}")
        return text or ""

    return _VARIABLE.sub(replace, value)


@cache
def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile in their order: (instruction, its text in one line)."""
    lines = (DOCKER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    joined = text.replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


@cache
def last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile's last stage: those of the image."""
    instructions = dockerfile()
    last = max(number for number, (name, _) in enumerate(instructions) if name == "FROM")
    return instructions[last:]


def image_environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    settings = " ".join(text for name, text in last_stage() if name == "ENV")
    return dict(re.findall(r"(\w+)=(\S+)", settings))
