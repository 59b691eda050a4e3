"""Profiles, requests, what planning makes of them, and the documented example blueprint."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from provisioning_assets.customers import CustomerRequest, DemoSize
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.blueprint_files import parse_blueprint
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import blueprint_for, filled_blueprint
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Fact, Place

AS_OF = date(2026, 11, 20)
FORMAT_PAGE = Path(__file__).parents[2] / "docs" / "blueprint-format.md"

MakeProfile = Callable[..., CustomerProfile]


def facts(*values: str, page: str = "https://acme.com/") -> list[Fact]:
    return [Fact(value=value, evidence=[Evidence(page=page, words=value[:200])]) for value in values]


def places(*cities: str) -> list[Place]:
    return [Place(name=city, kind="city", evidence=[Evidence(page="https://acme.com/", words=city)]) for city in cities]


def profile(**given: object) -> CustomerProfile:
    """A customer whose profile has only the given values."""
    silent: dict[str, object] = {
        "company_name": "Acme",
        "industry": "retail_ecommerce",
        "confidence": 0.9,
        "runner_up": None,
        "country": "US",
        "currency": "USD",
        "language": "en",
    }
    return CustomerProfile.model_validate({**silent, **given})


def request_for(**given: object) -> CustomerRequest:
    usual: dict[str, object] = {
        "key": "acme_com",
        "url": "https://acme.com",
        "as_of": AS_OF,
        "created_on": AS_OF,
        "size": DemoSize.SMALL,
        "seed": 1,
    }
    return CustomerRequest.model_validate({**usual, **given})


def planned(
    customer: CustomerProfile, request: CustomerRequest | None = None, blueprint: Blueprint | None = None
) -> tuple[DemoPlan, DataModel]:
    """The plan and the data model of a customer; from ``blueprint`` where that is not the one of their industry."""
    request = request or request_for()
    made = (
        blueprint_for(customer, request)
        if blueprint is None
        else filled_blueprint(blueprint, customer, customer.industry)
    )
    return plan_demo(made), design_data_model(made, request)


@pytest.fixture(scope="session")
def example_text() -> str:
    """The complete blueprint on the page that documents the format."""
    blocks = re.findall(r"```yaml\n(id: .*?)```", FORMAT_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    return blocks[0]


@pytest.fixture(scope="session")
def example(example_text: str) -> Blueprint:
    return parse_blueprint(example_text, "bike_rental.yaml")
