"""The labels by which data sets and agents in Google Cloud are recognised as made here, and for whom.

Nothing without these labels is ever changed or removed, whatever its name is.
"""

import hashlib
import re

MANAGED_BY = ("managed-by", "provisioning-assets")
CUSTOMER = "customer"
STORE = "store"
"""Label that tells the stores of a project apart: what another store made has a demo there, and is no orphan here."""
LONGEST_VALUE = 63
"""Characters of a label's value; it has lower-case letters, digits, ``_`` and ``-``. Source: BigQuery's rules for labels."""
_HASH_CHARACTERS = 8


def label_value(text: str) -> str:
    """Return a text as a label's value; other characters become ``_``.

    A text that is too long is cut and ends in eight digits of its SHA-256, so that long texts get different values.
    """
    value = re.sub(r"[^a-z0-9_-]", "_", text.lower())
    if len(value) <= LONGEST_VALUE:
        return value
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{value[: LONGEST_VALUE - _HASH_CHARACTERS - 1]}-{digest}"


def labels_of(key: str) -> dict[str, str]:
    """Return the labels of everything that is made for a customer."""
    return {MANAGED_BY[0]: MANAGED_BY[1], CUSTOMER: label_value(key)}


def store_label(root: str) -> str:
    """Return the value of the label ``store`` for the address of a store."""
    return hashlib.sha256(root.rstrip("/").encode()).hexdigest()[:16]


def is_managed(labels: dict[str, str]) -> bool:
    """Return whether something with these labels was made by this project, for whichever customer."""
    return labels.get(MANAGED_BY[0]) == MANAGED_BY[1]


def is_ours(labels: dict[str, str], key: str) -> bool:
    """Return whether something with these labels was made here for this customer."""
    return labels_of(key).items() <= labels.items()
