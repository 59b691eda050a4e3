"""Refuses a language in which no planner can write, before the request that asks for it is stored."""

import os

from provisioning_assets.customers import CustomerRequest, Planner
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES


def writes_every_language() -> bool:
    """Whether Claude plans the demos of this process, which writes every language; the blueprints are in English."""
    return bool(os.environ.get("ANTHROPIC_API_KEY", "").strip())


def refuse_unwritable_language(request: CustomerRequest) -> None:
    """Refuse a request in another language than that of the blueprints if nobody can write it.

    Raises:
        ProvisioningError: it is; the message says what helps.
    """
    if request.language != DEFAULT_LANGUAGE and request.planner == Planner.BLUEPRINTS:
        raise ProvisioningError(
            f"The request says planner: blueprints, which are in {LANGUAGES[DEFAULT_LANGUAGE]}, and the language "
            f"{LANGUAGES[request.language]}.",
            "Give --planner auto, or --language en.",
        )
    if request.language != DEFAULT_LANGUAGE and not writes_every_language():
        raise ProvisioningError(
            f"A demo in {LANGUAGES[request.language]} is written by Claude, for which no key is set: the blueprints are in "
            f"{LANGUAGES[DEFAULT_LANGUAGE]}.",
            "Set ANTHROPIC_API_KEY where the demo is made, or leave the language out (--language en if it was given before).",
        )
