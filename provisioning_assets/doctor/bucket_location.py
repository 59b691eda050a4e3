"""Whether BigQuery can load from a bucket: a rule about the two locations."""

from collections.abc import Sequence
from dataclasses import dataclass

_DUAL_REGIONS = {
    "ASIA1": ("ASIA-NORTHEAST1", "ASIA-NORTHEAST2"),
    "EUR4": ("EUROPE-NORTH1", "EUROPE-WEST4"),
    "EUR5": ("EUROPE-WEST1", "EUROPE-WEST2"),
    "EUR7": ("EUROPE-WEST2", "EUROPE-WEST3"),
    "EUR8": ("EUROPE-WEST3", "EUROPE-WEST6"),
    "NAM4": ("US-CENTRAL1", "US-EAST1"),
}
"""Predefined dual-regions of Cloud Storage. Source: cloud.google.com/storage/docs/locations."""
_EUROPE_OUTSIDE_EU = frozenset(("EUROPE-WEST2", "EUROPE-WEST6"))
"""London and Zurich: not part of the multi-region EU. Source: cloud.google.com/bigquery/docs/locations."""
_MULTI_REGIONS = {"US": "US-", "EU": "EUROPE-", "ASIA": "ASIA-"}


@dataclass(frozen=True)
class BucketLocation:
    """Where a bucket is, as Cloud Storage says it.

    Args:
        name: e.g. ``US``, ``EUR4``, ``EUROPE-WEST1``.
        regions: the two regions of a dual-region that was chosen when the bucket was made; empty otherwise.
    """

    name: str
    regions: Sequence[str] = ()

    def parts(self) -> frozenset[str]:
        """Return the regions that the bucket consists of; for a multi-region its name."""
        name = self.name.upper()
        return frozenset(region.upper() for region in self.regions or _DUAL_REGIONS.get(name, (name,)))


def can_load(dataset_location: str, bucket: BucketLocation) -> bool | None:
    """Return whether BigQuery loads from the bucket into a data set of the location. None: the documentation does not say.

    A data set in the multi-region US takes any bucket. Otherwise the bucket must be in the same region, or contained in the
    multi-region of the data set. Source: cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet, "Limitations".

    Args:
        dataset_location: e.g. ``US``, ``EU``, ``europe-west1``.
        bucket: where the bucket is.
    """
    dataset, parts = dataset_location.upper(), bucket.parts()
    if dataset == "US" or parts == {dataset}:
        return True
    if dataset == "EU":
        if not all(part.startswith("EUROPE-") for part in parts):
            return False
        return None if parts & _EUROPE_OUTSIDE_EU else True
    # A bucket whose several regions include that of the data set: documented for queries of files, not for loading them.
    around = any(dataset.startswith(_MULTI_REGIONS[part]) for part in parts if part in _MULTI_REGIONS)
    return None if dataset in parts or around else False
