"""Refuses a request that only Claude can fulfil, if it is not to be asked or there is no key, before the request is stored."""

from provisioning_assets.customers import NO_KEY, NO_KEY_REMEDY, CustomerRequest, Planner
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES


def refuse_what_needs_claude(request: CustomerRequest, *, has_key: bool) -> None:
    """Refuse a demo by Claude alone, or in another language than that of the blueprints, that Claude will not write.

    Raises:
        ProvisioningError: it will not: there is no key, or the request says so. The message says what helps.
    """
    if request.language != DEFAULT_LANGUAGE and request.planner == Planner.BLUEPRINTS:
        raise ProvisioningError(
            f"The request says planner: blueprints, which are in {LANGUAGES[DEFAULT_LANGUAGE]}, and the language "
            f"{LANGUAGES[request.language]}.",
            "Give --planner auto, or --language en.",
        )
    if has_key:
        return
    if request.planner == Planner.CLAUDE_ONLY:
        raise ProvisioningError(NO_KEY, NO_KEY_REMEDY)
    if request.language != DEFAULT_LANGUAGE:
        raise ProvisioningError(
            f"A demo in {LANGUAGES[request.language]} is written by Claude, for which no key is set: the blueprints are in "
            f"{LANGUAGES[DEFAULT_LANGUAGE]}.",
            "Set ANTHROPIC_API_KEY where the demo is made, or leave the language out (--language en if it was given before).",
        )
