"""The refresh that a CE starts from the command line."""

from provisioning_assets.customers import FOLLOW_THE_DAY, CustomerRequest
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.provisioning import Progress, RunReport, provision_customer
from provisioning_assets.store import DemoStore


def refresh_by_hand(
    store: DemoStore, key: str, *, as_of: str | None, read_again: bool, progress: Progress
) -> RunReport:
    """Make a demo again with the day's date in this process.

    Args:
        store: where the demo is.
        key: of the customer.
        as_of: "today" to release an as-of date that was given before; None: it is not touched.
        read_again: read the website again.
        progress: receives the progress.

    Raises:
        ProvisioningError: the CE gave the demo's as-of date, so that it has no newer one, and does not release it now; or
            another day was given here.
    """
    request = store.read(key, CustomerRequest)
    if as_of not in (None, FOLLOW_THE_DAY):
        raise ProvisioningError(
            f"A refresh takes the day's date, not {as_of[:40]!r}.",
            f"Leave --as-of out, or give another date with: provision run {request.url} --key {key} --as-of DATE",
        )
    if as_of is None and "as_of" in request.asked:
        raise ProvisioningError(
            f"The as-of date of {key} was given: {request.as_of}. It stays until it is released.",
            f"Release it with: provision refresh {key} --as-of {FOLLOW_THE_DAY}",
        )
    return provision_customer(key, {"as_of": as_of}, everything=False, progress=progress, read_again=read_again)
