"""Finds artefacts that do not belong together, because one was made from an earlier version of another."""

from collections import defaultdict
from collections.abc import Iterable

from provisioning_assets.artefact import Artefact


def stages_out_of_step(artefacts: Iterable[Artefact]) -> list[str]:
    """Return which artefacts were made from something else than the others say.

    Args:
        artefacts: of one customer. An artefact of which only others know, such as the tables' files, is compared by what
            these say of it. One that does not say what it was made from is taken as it is.

    Returns:
        a line for each that is out of step, such as ``golden_queries (made from an earlier demo_dataset)``.
    """
    given = list(artefacts)
    present = {artefact.asset_name(): artefact.digest() for artefact in given}
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for artefact in given:
        for source, digest in artefact.made_from.items():
            said[source][artefact.asset_name()] = digest
    found: list[str] = []
    for source, digests in said.items():
        if source in present:
            found += [
                f"{name} (made from an earlier {source})"
                for name, digest in digests.items()
                if digest != present[source]
            ]
        elif len(set(digests.values())) > 1:
            found.append(f"{' and '.join(digests)} (made from different {source})")
    return found
