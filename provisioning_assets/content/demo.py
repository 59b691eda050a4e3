"""One customer's whole demo: what every earlier stage made, as booklet and scorecard read it."""

from typing import NamedTuple

from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import CustomerWebsite
from provisioning_assets.warehouse.models import DemoDataset


class Demo(NamedTuple):
    """The artefacts of one customer, in the order in which they are made."""

    request: CustomerRequest
    website: CustomerWebsite
    profile: CustomerProfile
    plan: DemoPlan
    model: DataModel
    dataset: DemoDataset
    golden: GoldenQueries
    agent: DataAgent
    evaluation: AgentEvaluation
    quality: DataQualityReport
