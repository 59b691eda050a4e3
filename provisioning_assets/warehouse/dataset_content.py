"""What a data set is made of, whichever warehouse it is loaded into."""

import hashlib

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.synthesis.models import SyntheticTables


def content_digest(model: DataModel, tables: SyntheticTables) -> str:
    """SHA-256 of everything that a load depends on: the model, and the SHA-256 of every file."""
    digest = hashlib.sha256(model.model_dump_json().encode())
    for manifest in tables.tables:
        for file in manifest.files:
            digest.update(f"{manifest.name} {file.path} {file.sha256}\n".encode())
    return digest.hexdigest()


def stored_columns(table: Table) -> list[Column]:
    """The columns that are stored in the data set; internal columns only help to generate the others."""
    return [column for column in table.columns if not column.internal]


def require_same_tables(model: DataModel, tables: SyntheticTables) -> None:
    """Refuse generated tables that are not those of the model.

    Raises:
        ProvisioningError: a table is missing, or is not in the model.
    """
    modelled, generated = {table.name for table in model.tables}, {manifest.name for manifest in tables.tables}
    if modelled != generated:
        missing, surplus = sorted(modelled - generated), sorted(generated - modelled)
        raise ProvisioningError(
            "The tables generated are not those of the data model: "
            f"missing {', '.join(missing) or 'none'}, unknown {', '.join(surplus) or 'none'}.",
            "Materialize synthetic_tables again, then demo_dataset.",
        )
