"""Checks, before a request is stored, what it asks for: new edits of an existing demo, and who writes the demo."""

from provisioning_assets.customers import NO_KEY, NO_KEY_REMEDY, CustomerRequest, Planner
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.store import DemoStore


def refuse_planner_without_key(request: CustomerRequest, *, has_key: bool) -> None:
    """Refuse a request for a demo by Claude alone if there is no key for Claude.

    Raises:
        ProvisioningError: there is none.
    """
    if request.planner == Planner.CLAUDE_ONLY and not has_key:
        raise ProvisioningError(NO_KEY, NO_KEY_REMEDY)


def refuse_impossible_edits(store: DemoStore, request: CustomerRequest) -> None:
    """Check the edits and chosen words of a request, if they are new and the customer's profile is the one they will be applied to.

    If the customer is new, or other pages are asked for, the profile has yet to be made: ``demo_blueprint`` then checks
    the edits.

    Raises:
        ProvisioningError: an edit cannot be made; with all problems.
    """
    earlier = store.find_readable(request.key, CustomerRequest)
    if earlier is None or (earlier.edits, earlier.corrections.used) == (request.edits, request.corrections.used):
        return
    if not request.edits and not request.corrections.used:
        return
    from provisioning_assets.planning.demo_blueprint import blueprint_for, with_edits
    from provisioning_assets.planning.models import DemoBlueprint
    from provisioning_assets.research.website.reuse import ask_for_same_pages

    profile = store.find_readable(request.key, CustomerProfile)
    if profile is None or not ask_for_same_pages(earlier, request):
        return
    made = store.find_readable(request.key, DemoBlueprint)
    if made is None or made.claude is None or request.planner != earlier.planner:
        blueprint_for(profile, request)
        return
    blueprint_for(profile, request.model_copy(update={"edits": []}))
    written = made.model_copy(update={"blueprint": made.unedited or made.blueprint, "edits": []})
    with_edits(written, request.edits)
