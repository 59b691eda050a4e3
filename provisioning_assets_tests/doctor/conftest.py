"""A server that answers as Google does."""

from collections.abc import Iterator

import pytest

from provisioning_assets_tests.doctor.google_server import GoogleServer, google_server


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """A server for which all is well; a test changes its routes."""
    with google_server() as server:
        yield server
