"""The retail tables, generated once for the tests that only read them."""

import pytest

from provisioning_assets_tests.synthesis.conftest import Generated, generated
from provisioning_assets_tests.synthesis.retail_model import retail_model


@pytest.fixture(scope="session")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """The retail model at the small size."""
    return generated(retail_model(), tmp_path_factory.mktemp("retail"))
