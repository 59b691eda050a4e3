"""The files that blueprints are made from, and digests of their content."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

BLUEPRINTS = Path(__file__).with_name("blueprints")
SHARED = Path(__file__).with_name("shared")
MARKETS = Path(__file__).with_name("markets.yaml")
GENERAL_BLUEPRINT = "general_business"
"""Id of the blueprint for companies whose industry does not have one."""


def blueprint_ids() -> list[str]:
    """Industries that have a blueprint, in alphabetical order."""
    return sorted(path.stem for path in BLUEPRINTS.glob("*.yaml"))


def read_shared(name: str) -> Any:
    """The content of a file that all blueprints share: ``words.yaml``."""
    return yaml.load((SHARED / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def blueprint_digest(blueprint_id: str) -> str:
    """16 hexadecimal digits of the SHA-256 of a blueprint's file and of the data that all blueprints use.

    That data is the shared words and rhythms, and the cities and price levels of the markets.
    """
    digest = sha256((BLUEPRINTS / f"{blueprint_id}.yaml").read_bytes())
    for path in [*sorted(SHARED.glob("*.yaml")), MARKETS]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def all_blueprints_digest() -> str:
    """16 hexadecimal digits of the SHA-256 of all files that a customer's blueprint may be made from."""
    return sha256("".join(blueprint_digest(name) for name in blueprint_ids()).encode()).hexdigest()[:16]
