"""The profile of a customer: facts, each with the page and the words from which it was read."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field, ValidationError

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
        ge=0,
        description="of a product or plan: the price on its page; of a tier of a loyalty programme: the yearly spend from "
        "which it is held; in the profile's currency; null: not shown",
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


TermName = Literal[
    "shipping_fee",
    "free_shipping_from",
    "delivery_days_from",
    "delivery_days_to",
    "return_days",
    "payment_days",
    "minimum_order",
    "trade_discount",
    "member_discount",
    "contract_months",
    "notice_days",
    "notice_months",
    "setup_fee",
    "late_fee",
]
"""A figure that a company states of its own terms."""

TermUnit = Literal["currency", "percent", "days", "working days", "months"]

TERMS: Mapping[TermName, tuple[str, tuple[TermUnit, ...], float]] = MappingProxyType(
    {
        "shipping_fee": ("what the delivery of a usual order costs", ("currency",), 1_000_000),
        "free_shipping_from": ("order value from which delivery is free", ("currency",), 10_000_000),
        "delivery_days_from": ("shortest promised time of delivery", ("days", "working days"), 90),
        "delivery_days_to": ("longest promised time of delivery", ("days", "working days"), 90),
        "return_days": ("time in which a purchase can be sent back", ("days",), 400),
        "payment_days": ("time in which an invoice has to be paid", ("days",), 180),
        "minimum_order": ("smallest value of an order", ("currency",), 100_000_000),
        "trade_discount": ("what business customers have off every order", ("percent",), 90),
        "member_discount": ("what members have off every order", ("percent",), 90),
        "contract_months": ("shortest time of a contract; 0: it can be ended at any time", ("months",), 120),
        "notice_days": ("period of notice, where it is in days or weeks", ("days",), 365),
        "notice_months": ("period of notice, where it is in months", ("months",), 24),
        "setup_fee": ("what is paid once, at the beginning", ("currency",), 10_000_000),
        "late_fee": ("what a late payment or return costs", ("currency",), 1_000_000),
    }
)
"""Term -> what it is, its units, and the largest value that is believed."""


class TermFigure(Document):
    """One figure of the company's own terms."""

    value: float = Field(ge=0)
    unit: TermUnit = Field(description="currency: an amount in the profile's currency")
    given_to: list[Fact] = Field(
        default_factory=list, description="of a discount: the groups of customers that the sentence names"
    )
    evidence: list[Evidence] = Field(min_length=1)


SHORT_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class OpenPeriod(Document):
    """A period of a weekday in which the company is open."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday")
    opens: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field(
        pattern=r"^([01]\d|2[0-4]):[0-5]\d$", description="24:00 is midnight; may be after midnight: 02:00"
    )


class OpeningHours(Document):
    """When the company is open. A weekday without a period is one on which it is closed."""

    periods: list[OpenPeriod] = Field(min_length=1)
    evidence: list[Evidence] = Field(min_length=1)

    def in_words(self) -> str:
        """Return the hours as ``hours_in_words`` writes them."""
        return hours_in_words(self.periods)


_HOURS = re.compile(
    r"((?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s?[-–,]\s?(?:Mo|Tu|We|Th|Fr|Sa|Su))*)\s+(\d{1,2}:\d{2})\s?[-–]\s?(\d{1,2}:\d{2})"
)


def hours_in_words(periods: Iterable[OpenPeriod]) -> str:
    """The hours as schema.org's ``openingHours`` has them: ``Mo-Fr 09:00-18:00, Sa 10:00-14:00``."""
    known = list(periods)
    by_day = [[f"{each.opens}-{each.closes}" for each in known if each.weekday == day] for day in range(7)]
    parts: list[str] = []
    first = 0
    for day, hours in enumerate(by_day):
        if by_day[day + 1 : day + 2] != [hours]:
            span = SHORT_DAYS[day] if first == day else f"{SHORT_DAYS[first]}-{SHORT_DAYS[day]}"
            parts += [f"{span} {each}" for each in hours]
            first = day + 1
    return ", ".join(parts)


def periods_of(text: str) -> list[OpenPeriod] | None:
    """The periods of hours that are written so; None if it is something else."""
    periods: list[OpenPeriod] = []
    if _HOURS.sub("", text).strip(" ,;"):
        return None
    for days, opens, closes in _HOURS.findall(text):
        for part in days.split(","):
            named = [SHORT_DAYS.index(each.strip()) for each in re.split("[-–]", part)]
            last = named[-1] if named[-1] >= named[0] else named[-1] + 7
            for day in range(named[0], last + 1):
                try:
                    periods.append(OpenPeriod(weekday=day % 7, opens=opens.zfill(5), closes=closes.zfill(5)))
                except ValidationError:
                    return None
    return sorted(periods, key=lambda each: (each.weekday, each.opens)) or None


class CompanyTerms(Document):
    """What the site states in figures of the company's own offer."""

    figures: dict[TermName, TermFigure] = Field(default_factory=dict)
    opening_hours: OpeningHours | None = None
    unclear: list[str] = Field(
        default_factory=list, description="terms of which the site states several figures, so that none is taken"
    )


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
    loyalty_tiers: list[Fact] = Field(
        default_factory=list, description="tiers of the loyalty programme, the lowest first, each with its yearly spend"
    )
    terms: CompanyTerms = Field(default_factory=CompanyTerms)
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
