"""The profile of a customer: facts, each with the page and the words from which it was read."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document


class Evidence(Document):
    """Where a fact was read."""

    page: str = Field(description="address of the page, or 'notes'")
    words: str = Field(description="the words on that page, verbatim, at most 200 characters")
    under: str = Field(default="", description="the heading or menu entry above the words, if they are one of a group")


class Fact(Document):
    """One fact about the customer, with its source."""

    value: str
    evidence: list[Evidence] = Field(min_length=1)
    score: float = Field(default=1.0, ge=0, le=1, description="confidence that the fact is right, 0-1")
    price: float | None = Field(
        default=None,
        gt=0,
        description="of a product: the price on its page, in the profile's currency; null: not shown",
    )
    within: str | None = Field(
        default=None, description="of a product: the category under which the site's menu lists it; null: not known"
    )


class Place(Document):
    """A place where the customer does business."""

    name: str
    kind: Literal["city", "region", "country"]
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2")
    region: str | None = Field(
        default=None, description="of a city: state or province, as the site's own address names it"
    )
    evidence: list[Evidence] = Field(min_length=1)


class SecondOpinion(Document):
    """Something that only one of two readings of the site says, or that they say differently."""

    about: str = Field(description="field of the profile, such as 'industry' or 'services'")
    claude: str | None = Field(description="what Claude read; null: nothing")
    rules: str | None = Field(description="what the rules read; null: nothing")
    evidence: list[Evidence] = Field(
        default_factory=list, description="of what the rules read; of Claude's if they read nothing"
    )


class ClaudeReading(Document):
    """What came of asking Claude to read the site, beside the rules that read every site."""

    by: Literal["claude", "rules"] = Field(description="whose reading the profile is")
    because: str = Field(default="", description="why it is the rules', although Claude was asked")
    left_out: list[str] = Field(
        default_factory=list, description="what Claude said and the profile does not take, each with the reason"
    )
    second_opinions: list[SecondOpinion] = Field(default_factory=list)


class CustomerProfile(Artefact):
    """Profile of the customer. Without Claude, the same website always gives the same profile."""

    company_name: str
    industry: str = Field(description="one of the 26 industry ids")
    confidence: float = Field(ge=0, le=1, description="of the industry")
    runner_up: str | None = Field(description="the second most likely industry id")
    industry_evidence: list[Evidence] = Field(default_factory=list)
    description: str = Field(default="", description="one sentence in the customer's own words")
    plans: list[Fact] = Field(default_factory=list, description="tariffs, packages, editions, memberships")
    services: list[Fact] = Field(default_factory=list, description="services and lines of service")
    products: list[Fact] = Field(default_factory=list, description="articles and products")
    product_categories: list[Fact] = Field(default_factory=list, description="departments of a shop or catalogue")
    courses: list[Fact] = Field(default_factory=list, description="courses and classes")
    features: list[Fact] = Field(default_factory=list, description="modules and features of a product")
    customer_segments: list[Fact] = Field(default_factory=list)
    places: list[Place] = Field(default_factory=list)
    nearby_towns: list[str] = Field(
        default_factory=list, description="towns near the customer's own cities that its site does not name"
    )
    country: str = Field(description="ISO 3166-1 alpha-2 of the home market")
    country_evidence: list[Evidence] = Field(default_factory=list)
    country_confidence: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="share of the signs that point to the country; 0: the site does not show it",
    )
    country_reasons: list[str] = Field(default_factory=list, description="the signs and the countries they point to")
    currency: str = Field(description="ISO 4217")
    currency_evidence: list[Evidence] = Field(default_factory=list)
    language: str = Field(description="ISO 639-1 of the site's main language")
    company_name_evidence: list[Evidence] = Field(default_factory=list)
    also_known_as: list[str] = Field(default_factory=list, description="other spellings of the name on the site")
    industry_given: bool = Field(
        default=False, description="the industry was given by a person, not read from the site"
    )
    industry_scores: dict[str, float] = Field(
        default_factory=dict, description="industry id -> share of the odds, 0-1, most likely first"
    )
    claude_reading: ClaudeReading | None = Field(
        default=None,
        exclude_if=lambda reading: reading is None,
        description="what came of asking Claude; absent: it was not asked",
    )

    def summary(self) -> str:
        """One line with company, industry and home market."""
        how_sure = "given" if self.industry_given else f"confidence {self.confidence:.0%}"
        return f"{self.company_name}: {self.industry} ({how_sure}), {self.country}, {self.currency}, {self.language}"
