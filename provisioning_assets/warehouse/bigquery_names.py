"""Names of a customer's data sets in BigQuery, and their labels: who made them, for whom, and in which state they are."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from google.cloud.bigquery import DatasetReference

from provisioning_assets.cloud_labels import STORE, label_value, labels_of
from provisioning_assets.customers import site_of_key
from provisioning_assets.data_model.tables import Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.warehouse.dataset_content import stored_columns

DAYS_AFTER_EXPIRY = 7
"""Days from the expiry of a demo until BigQuery removes its tables by itself. The project's own clean-up comes first, and there
is time to ask for a longer life of a demo that is still needed. In a project where nothing runs any more, the tables, which are
what costs, are gone all the same. The empty data set stays: BigQuery cannot expire it."""

FINAL_PREFIX, STAGING_PREFIX = "demo_", "staging_demo_"

NEVER = "never"
"""Value of the label ``expires`` of a demo that is pinned."""

LAYOUT = "1"
"""Increase it when the same content would be stored in another way (partitions, clusters, modes); it is then loaded again."""

State = Literal["loading", "loaded", "replacing", "ready"]
"""*loading*, *loaded*: of the staging data set. *replacing*: tables of the final data set are old and new mixed. *ready*: whole."""

BANNED_PREFIXES = (
    "_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER", "_CHANGE_",
)  # fmt: skip
"""Beginnings that a column's name must not have in BigQuery, in any case of letters."""


@dataclass(frozen=True)
class CustomerNames:
    """The names of one customer's data sets. The key is checked when they are made (``customer_names``)."""

    project: str
    key: str

    @property
    def final(self) -> DatasetReference:
        """The data set that queries read."""
        return DatasetReference(self.project, f"{FINAL_PREFIX}{self.key}")

    @property
    def staging(self) -> DatasetReference:
        """Where tables are loaded before they replace those of the data set.

        No other customer's data set can have this name: those begin with ``demo_``, and a suffix could be part of a key.
        """
        return DatasetReference(self.project, f"{STAGING_PREFIX}{self.key}")

    @property
    def labels(self) -> dict[str, str]:
        """The labels that say who made something, and for whom."""
        return labels_of(self.key)


def customer_names(project: str, key: str) -> CustomerNames:
    """The names for a customer's key.

    Raises:
        ProvisioningError: it is not a customer key.
    """
    site_of_key(key)
    return CustomerNames(project, key)


def key_of_dataset(dataset_id: str) -> tuple[str, str]:
    """The prefix of a data set's name and the customer's key; both are empty if it is no name of ours."""
    for prefix in (FINAL_PREFIX, STAGING_PREFIX):
        if dataset_id.startswith(prefix):
            key = dataset_id.removeprefix(prefix)
            try:
                site_of_key(key)
            except ProvisioningError:
                return "", ""
            return prefix, key
    return "", ""


def content_label(digest: str) -> str:
    """The value of the label ``content``: from the digest of what is loaded, and from how it is laid out."""
    return hashlib.sha256(f"{LAYOUT} {digest}".encode()).hexdigest()[:40]


def labels(
    names: CustomerNames,
    *,
    state: State,
    content: str,
    expires_on: date | None,
    owner: str,
    load: str = "",
    store: str = "",
) -> dict[str, str]:
    """All labels of a data set. Always all: one that is left out of an update would keep its former value.

    Args:
        names: the customer's.
        state: how far the data set is.
        content: value of ``content_label``.
        expires_on: the first day on which the demo may be removed; None: it is kept.
        owner: a mail address, or empty.
        store: value of the label ``store``.
        load: id of one load, of a staging data set; a data set that is loaded anew gets another.
    """
    return {
        **names.labels,
        **keeping_labels(expires_on, owner),
        "state": state,
        "content": content,
        "load": load,
        STORE: store,
    }


def keeping_labels(expires_on: date | None, owner: str) -> dict[str, str]:
    """The labels that say how long a demo is kept, and who answers for it."""
    return {"expires": expires_on.isoformat() if expires_on else NEVER, "owner": label_value(owner)}


def tables_expire_at(expires_on: date | None, now: datetime) -> datetime | None:
    """When BigQuery removes the tables: ``DAYS_AFTER_EXPIRY`` after the demo's expiry, or after now if that has passed.

    None: never, because the demo is pinned.
    """
    if expires_on is None:
        return None
    expiry = datetime(expires_on.year, expires_on.month, expires_on.day, tzinfo=UTC)
    return max(expiry, now.replace(microsecond=0)) + timedelta(days=DAYS_AFTER_EXPIRY)


def require_accepted_names(tables: list[Table]) -> None:
    """Refuse names of tables and columns that BigQuery does not accept, or takes for something else.

    Raises:
        ProvisioningError: with every such name.
    """
    problems = [problem for table in tables for problem in _column_problems(table)]
    seen: set[str] = set()
    for table in tables:
        if table.name.lower() in seen:
            problems.append(f"two tables are called {table.name}")
        seen.add(table.name.lower())
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", table.name):
            problems.append(f"{table.name!r} is not a table's name")
    if problems:
        raise ProvisioningError(
            f"BigQuery does not accept names of the data model: {'; '.join(problems)}.",
            "Rename them in the blueprint, then run the same command again.",
        )


def _column_problems(table: Table) -> Iterator[str]:
    seen: set[str] = set()
    for column in stored_columns(table):
        name = column.name
        if name.lower() in seen:
            yield f"{table.name} has two columns {name}, whose names differ at most in upper and lower case"
        seen.add(name.lower())
        if name.upper().startswith(BANNED_PREFIXES):
            yield f"{table.name}.{name} begins with {next(p for p in BANNED_PREFIXES if name.upper().startswith(p))}"
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield f"{table.name}: {name!r} is not a column's name"
        if name.lower() == table.name.lower():
            # SELECT orders FROM orders is the whole row, not the column
            yield f"{table.name} has a column of the table's own name"
