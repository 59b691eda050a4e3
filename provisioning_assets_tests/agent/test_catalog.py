"""What the tables of a published context mean."""

import pytest

from provisioning_assets.agent.understanding.catalog import CatalogColumn, CatalogTable


def table(name: str, key: str, *others: str) -> CatalogTable:
    columns = [CatalogColumn(name, key, "STRING", role="key", primary_key=True)]
    columns += [CatalogColumn(name, other, "STRING") for other in others]
    return CatalogTable(name, "local", "demo", columns=tuple(columns))


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (table("service_areas", "area_id", "area_name"), "area_name"),
        (table("stores", "store_id", "city", "store_name"), "store_name"),
        (table("customers", "customer_id", "contact_name", "customer_name"), "customer_name"),
    ],
)
def test_the_name_of_a_row_is_the_one_of_its_key_or_table(found: CatalogTable, label: str) -> None:
    assert found.label is not None
    assert found.label.name == label


def test_the_name_of_something_else_is_not_the_name_of_a_row() -> None:
    assert table("network_sites", "site_id", "owner_name").label is None
