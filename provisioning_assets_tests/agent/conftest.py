"""A store with the small shop, a real server over it, and the real Google clients connected to that server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning_assets.agent.clients import AgentClients, connect
from provisioning_assets.agent.context import build_context
from provisioning_assets.agent.data_agent import provision_agent
from provisioning_assets.agent.local_server.resource_names import PARENT
from provisioning_assets.agent.local_server.serving import running_server
from provisioning_assets_tests.agent import small_shop


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's store; tests that change it make their own."""
    folder = tmp_path_factory.mktemp("store")
    small_shop.build_shop(folder)
    return folder


@pytest.fixture(scope="session")
def address(store: Path) -> Iterator[str]:
    with running_server(store) as running:
        yield running


@pytest.fixture(scope="session")
def clients(address: str) -> AgentClients:
    return connect(address)


@pytest.fixture(scope="session")
def context(store: Path):
    dataset = small_shop.DemoDataset.model_validate_json((store / small_shop.KEY / "demo_dataset.json").read_text())
    golden = small_shop.golden_queries(store)
    return build_context(small_shop.demo_plan(), small_shop.data_model(), golden, dataset, "local")


@pytest.fixture(scope="session")
def shop_agent(clients: AgentClients, context):
    """The shop's agent, provisioned; no test changes it."""
    return provision_agent(
        clients.agents,
        PARENT,
        small_shop.KEY,
        display_name="A small shop",
        description="Coffee",
        context=context,
    )
