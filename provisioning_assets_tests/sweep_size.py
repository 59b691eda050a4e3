"""How far the slow tests reach; continuous integration sets less (``.ci/run``)."""

import os

SEEDS = int(os.environ.get("PROVISIONING_SWEEP_SEEDS", "3"))
"""Seeds, each with a day of its own, of the sweep over blueprints."""

SIZES = os.environ.get("PROVISIONING_SWEEP_SIZES", "small,medium,large").split(",")
"""Sizes of the demos of that sweep."""

EVERY = int(os.environ.get("PROVISIONING_SWEEP_EVERY", "1"))
"""1: every entry of a blueprint is removed, and every form of a query checked; else one in so many, and one form of each."""

QUEUE = int(os.environ.get("PROVISIONING_SWEEP_QUEUE", "50"))
"""Customers that are queued at the same moment: a start of a run's process costs seconds."""
