"""What Claude hands in about a site, and what of it holds.

The answer is a stranger's text. Nothing of it is taken that does not stand on a page in words that were quoted, that is not a known
id or code, or that the profile's own rules would not accept as a name.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

from babel import Locale
from pydantic import Field, StringConstraints, ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.company_name import name_key
from provisioning_assets.research.profile.gazetteer import country_code, places_by_name, towns_by_name
from provisioning_assets.research.profile.headings import names_only_kind
from provisioning_assets.research.profile.labels import comparable, is_noise, tidy
from provisioning_assets.research.profile.legal_forms import without_legal_form
from provisioning_assets.research.profile.lexicon import industry_ids
from provisioning_assets.research.profile.models import (
    TERMS,
    CompanyTerms,
    CustomerProfile,
    Evidence,
    Fact,
    OpeningHours,
    OpenPeriod,
    Place,
    TermFigure,
    TermName,
    TermUnit,
)
from provisioning_assets.research.profile.passages import LONGEST_QUOTE, one_line
from provisioning_assets.research.profile.persons import is_person
from provisioning_assets.research.profile.prices import amounts_in
from provisioning_assets.research.profile.site_excerpt import SiteExcerpt
from provisioning_assets.research.profile.words import is_east_asian

LONGEST_NAME = 60
"""Characters of a company's name or of a word, as in the rules' reading."""
MOST_WORDS = 24
"""Of one list, as in the rules' reading."""
MOST_IN_A_WORD = 10
"""Words in the name of an article, the longest of all names, as in the rules' reading."""
MOST_LEFT_OUT = 60
"""Remarks about what was left out that are kept."""

_NOT_IN_NAMES = re.compile(r"[<>{}\[\]`|\\;\x00-\x1f\x7f-\x9f]|://|\.\.|--")
"""Signs of markup, paths, addresses, templates and statements of SQL."""

LISTS = ("plans", "services", "products", "product_categories", "courses", "features", "customer_segments")


class _Said(Document):
    page: int = Field(description="number of the page")
    quotation: Annotated[str, StringConstraints(min_length=1, max_length=2 * LONGEST_QUOTE)] = Field(
        description="words of that page, exactly, at most 200 characters"
    )


class SaidName(_Said):
    """A name with the words that contain it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SaidProduct(SaidName):
    """An article, and the category under which the site lists it."""

    within: Annotated[str, StringConstraints(max_length=200)] | None = None


class SaidCode(_Said):
    """A code with the words from which it follows."""

    code: Annotated[str, StringConstraints(min_length=2, max_length=3)]


class SaidIndustry(_Said):
    """One of the industries."""

    id: Annotated[str, StringConstraints(max_length=60)] = Field(
        json_schema_extra=lambda schema: schema.update(enum=list(industry_ids()))
    )
    runner_up: Annotated[str, StringConstraints(max_length=60)] | None = Field(
        default=None, description="the id that comes next"
    )


class SaidPlace(SaidName):
    """A place where the company is."""

    kind: Literal["city", "region", "country"]
    country: Annotated[str, StringConstraints(min_length=2, max_length=2)] = Field(description="ISO 3166-1 alpha-2")


class SaidTerm(_Said):
    """A figure of the company's own terms."""

    name: TermName
    value: float
    unit: TermUnit


class SaidTier(SaidName):
    """A tier of the loyalty programme."""

    yearly_spend: float = Field(
        description="the yearly spend from which it is held; 0 for the tier in which everybody begins"
    )


class SaidOpening(_Said):
    """A period of one weekday in which the company is open."""

    weekday: int = Field(description="0 is Monday, 6 is Sunday")
    opens: Annotated[str, StringConstraints(max_length=5)] = Field(description="HH:MM")
    closes: Annotated[str, StringConstraints(max_length=5)] = Field(description="HH:MM")


_Names = Annotated[list[SaidName], Field(default_factory=list, max_length=2 * MOST_WORDS)]


class SaidProfile(Document):
    """What Claude hands in. Nothing of it has been checked against the site."""

    company: SaidName
    industry: SaidIndustry
    country: SaidCode | None
    currency: SaidCode | None
    language: SaidCode | None
    plans: _Names
    services: _Names
    products: list[SaidProduct] = Field(default_factory=list, max_length=2 * MOST_WORDS)
    product_categories: _Names
    courses: _Names
    features: _Names
    customer_segments: _Names
    places: list[SaidPlace] = Field(default_factory=list, max_length=2 * MOST_WORDS)
    terms: list[SaidTerm] = Field(default_factory=list, max_length=2 * MOST_WORDS)
    loyalty_tiers: list[SaidTier] = Field(default_factory=list, max_length=2 * MOST_WORDS)
    opening_hours: list[SaidOpening] = Field(default_factory=list, max_length=2 * MOST_WORDS)


# --- what holds -------------------------------------------------------------------------------------------------------


@dataclass
class CheckedAnswer:
    """What holds of an answer; None: nothing was said, or it does not hold.

    Args:
        company, industry, country, currency, language: single statements.
        runner_up: the next industry.
        lists: list of the profile -> its words.
        places: of the company.
        terms, loyalty_tiers: figures, opening hours and tiers.
        faults: what is wrong with single statements.
        left_out: the words that do not hold, each with the reason.
    """

    company: Fact | None = None
    industry: Fact | None = None
    runner_up: str | None = None
    country: Fact | None = None
    currency: Fact | None = None
    language: Fact | None = None
    lists: dict[str, list[Fact]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    terms: CompanyTerms = field(default_factory=CompanyTerms)
    loyalty_tiers: list[Fact] = field(default_factory=list)


_NOT_QUOTED = "the quotation is not on that page"

_Named = TypeVar("_Named", bound=SaidName)


def checked_answer(said: SaidProfile, excerpt: SiteExcerpt, rules: CustomerProfile) -> CheckedAnswer:
    """Check every statement.

    Args:
        said: the answer.
        excerpt: what Claude was given; only words of it count as quoted.
        rules: what the rules read: the site's language, further names of the company, towns that no gazetteer has.
    """
    checked = CheckedAnswer()

    def single(place: str, statement: _Said | None, value: str | None, wrong: str) -> Fact | None:
        """A statement that a profile has once; one that does not hold is a fault."""
        if statement is None:
            return None
        evidence = excerpt.evidence(statement.page, statement.quotation)
        if value is None or evidence is None:
            checked.faults.append(f"{place}: {wrong if value is None else _NOT_QUOTED}")
            return None
        return Fact(value=value, evidence=[evidence])

    name = _company(said.company)
    checked.company = single("company", said.company, name, "it is no name that the quotation contains")
    known = set(industry_ids())
    industry = said.industry.id if said.industry.id in known else None
    checked.industry = single("industry", said.industry, industry, "it is not an id of the list")
    checked.runner_up = said.industry.runner_up if said.industry.runner_up in known - {industry} else None
    checked.country = single("country", said.country, _code(said.country, _country), "it is not a country's code")
    checked.currency = single("currency", said.currency, _code(said.currency, _currency), "it is not a currency's code")
    checked.language = single("language", said.language, _code(said.language, _language), "it is not a language's code")
    names = (name or rules.company_name, *rules.also_known_as)
    read = {comparable(fact.value) for list_ in LISTS for fact in getattr(rules, list_)}

    def problem_of(written: str, value: str) -> str:
        return _problem_of_form(written, value) or (
            "" if comparable(value) in read else _problem_of_meaning(value, names, rules.language)
        )

    for list_ in LISTS:
        checked.lists[list_] = _words(list_, getattr(said, list_), excerpt, problem_of, checked.left_out)
    _put_within(checked, said.products)
    checked.places = _places(said.places, excerpt, rules, checked.left_out)
    currency = checked.currency.value if checked.currency else rules.currency
    checked.terms = CompanyTerms(
        figures=_term_figures(said.terms, excerpt, currency, checked.left_out),
        opening_hours=_opening_hours(said.opening_hours, excerpt, checked.left_out),
    )
    checked.loyalty_tiers = _loyalty_tiers(said.loyalty_tiers, excerpt, currency, checked.left_out)
    checked.left_out = checked.left_out[:MOST_LEFT_OUT]
    return checked


def _company(said: SaidName) -> str | None:
    """The name without its legal form; None if it is none, or not a part of what is quoted."""
    name = without_legal_form(one_line(said.name)).strip()
    letters = any(character.isalpha() for character in name)
    if not 2 <= len(name) <= LONGEST_NAME or not letters or _NOT_IN_NAMES.search(said.name):
        return None
    return name if comparable(name) and _contains(said.quotation, name) else None


def _code(said: SaidCode | None, known: Callable[[str], str | None]) -> str | None:
    return None if said is None else known(said.code.strip())


def _country(code: str) -> str | None:
    return country_code(code) if len(code) == 2 else None


def _currency(code: str) -> str | None:
    return code.upper() if code.upper() in Locale.parse("en").currencies else None


def _language(code: str) -> str | None:
    return code.lower() if len(code) == 2 and code.lower() in Locale.parse("en").languages else None


def _words(
    list_: str,
    said: Iterable[_Named],
    excerpt: SiteExcerpt,
    problem_of: Callable[[str, str], str],
    left_out: list[str],
) -> list[Fact]:
    """The words of one list that hold, each once; why another does not is added to ``left_out``."""
    found: dict[str, Fact] = {}
    for word in said:
        value = tidy(word.name)
        problem = problem_of(word.name, value)
        evidence = None if problem else excerpt.evidence(word.page, word.quotation)
        if not problem and evidence is None:
            problem = _NOT_QUOTED
        elif evidence is not None and not _contains(evidence.words, value):
            problem = "the quotation does not contain it"
        if problem:
            left_out.append(f"{list_}, {one_line(word.name, LONGEST_NAME)!r}: {problem}")
        elif evidence is not None and len(found) < MOST_WORDS:
            found.setdefault(comparable(value), Fact(value=value, evidence=[evidence]))
    return list(found.values())


def _problem_of_form(written: str, value: str) -> str:
    """Why a word cannot be a name, whatever it means; empty if it can."""
    if not 2 <= len(value) <= LONGEST_NAME:
        return f"a name has 2 to {LONGEST_NAME} characters"
    return "it has signs that are in no name" if _NOT_IN_NAMES.search(written) else ""


def _problem_of_meaning(value: str, names: Sequence[str], language: str) -> str:
    """Why a word is none of the customer's; empty if it can be one."""
    if is_noise(value, (language,), most_words=MOST_IN_A_WORD):
        return "it is no name of something: a sentence, request, figure, address or entry of a menu"
    if names_only_kind(value):
        return "it only says what kind of thing is meant"
    if name_key(value) in {name_key(name) for name in names}:
        return "it is the company's name"
    return "it is a person" if is_person(value) else ""


def _contains(quotation: str, value: str) -> bool:
    words, within = comparable(value), comparable(quotation)
    return words in within if is_east_asian(value) else f" {words} " in f" {within} "


def _put_within(checked: CheckedAnswer, products: Iterable[SaidProduct]) -> None:
    """Give each product its category, if that is one of the categories that hold."""
    categories = {comparable(fact.value): fact.value for fact in checked.lists["product_categories"]}
    said = {comparable(tidy(product.name)): comparable(product.within or "") for product in products}
    checked.lists["products"] = [
        fact.model_copy(update={"within": categories.get(said.get(comparable(fact.value), ""))})
        for fact in checked.lists["products"]
    ]


def _places(
    said: Iterable[SaidPlace], excerpt: SiteExcerpt, rules: CustomerProfile, left_out: list[str]
) -> list[Place]:
    read = {comparable(place.name) for place in rules.places}
    found: dict[str, Place] = {}
    for place in said:
        name, country = one_line(place.name), _country(place.country)
        evidence = excerpt.evidence(place.page, place.quotation)
        if evidence is None:
            problem = _NOT_QUOTED
        elif not _contains(evidence.words, name):
            problem = "the quotation does not contain it"
        elif country is None or not (comparable(name) in read or _is_known(name, place.kind, country)):
            problem = f"no {place.kind} of that name is known there"
        else:
            problem = ""
            if len(found) < MOST_WORDS:
                found.setdefault(
                    comparable(name), Place(name=name, kind=place.kind, country=country, evidence=[evidence])
                )
        if problem:
            left_out.append(f"places, {one_line(place.name, LONGEST_NAME)!r}: {problem}")
    return list(found.values())


_NO_SUCH_FIGURE = "the quotation does not contain the figure"


def _term_figures(
    said: Iterable[SaidTerm], excerpt: SiteExcerpt, currency: str, left_out: list[str]
) -> dict[TermName, TermFigure]:
    """The figures whose quotation contains them; none of a kind that has two."""
    found: dict[TermName, TermFigure] = {}
    several: set[TermName] = set()
    for term in said:
        _, units, largest = TERMS[term.name]
        evidence = excerpt.evidence(term.page, term.quotation)
        if evidence is None:
            problem = _NOT_QUOTED
        elif term.unit not in units or not 0 <= term.value <= largest:
            problem = f"it is no figure in {' or '.join(units)} up to {largest:g}"
        elif not _has_figure(evidence.words, term.value, currency if term.unit == "currency" else None):
            problem = _NO_SUCH_FIGURE
        else:
            problem = ""
            figure = TermFigure(value=term.value, unit=term.unit, evidence=[evidence])
            earlier = found.setdefault(term.name, figure)
            if (earlier.value, earlier.unit) != (figure.value, figure.unit):
                several.add(term.name)
                problem = "there is another figure of this kind, so neither is taken"
        if problem:
            left_out.append(f"terms, {term.name} {term.value:g}: {problem}")
    return {name: figure for name, figure in found.items() if name not in several}


def _has_figure(quotation: str, value: float, currency: str | None) -> bool:
    """Whether a quotation contains a figure, next to its currency if it is an amount. No figure is needed for "no contract"."""
    if currency is not None:
        return any(amount.value == value for amount in amounts_in(quotation, currency))
    return value == 0 or any(float(number) == value for number in re.findall(r"\d+", quotation))


def _loyalty_tiers(said: Iterable[SaidTier], excerpt: SiteExcerpt, currency: str, left_out: list[str]) -> list[Fact]:
    """The tiers in the order of their yearly spend; none if one of them does not hold."""
    found: dict[float, Fact] = {}
    for tier in said:
        name, evidence = one_line(tier.name), excerpt.evidence(tier.page, tier.quotation)
        problem = _problem_of_form(tier.name, name)
        if not problem and evidence is None:
            problem = _NOT_QUOTED
        elif evidence is not None and not _contains(evidence.words, name):
            problem = "the quotation does not contain it"
        elif (
            evidence is not None and tier.yearly_spend and not _has_figure(evidence.words, tier.yearly_spend, currency)
        ):
            problem = _NO_SUCH_FIGURE
        elif tier.yearly_spend < 0 or tier.yearly_spend in found:
            problem = "its yearly spend is that of another tier"
        elif evidence is not None:
            found[tier.yearly_spend] = Fact(value=name, price=tier.yearly_spend, evidence=[evidence])
        if problem:
            left_out.append(f"loyalty_tiers, {one_line(tier.name, LONGEST_NAME)!r}: {problem}; so no tier is taken")
            return []
    return [found[spend] for spend in sorted(found)]


def _opening_hours(said: Iterable[SaidOpening], excerpt: SiteExcerpt, left_out: list[str]) -> OpeningHours | None:
    """The hours; none if one of their periods does not hold."""
    periods: list[OpenPeriod] = []
    quoted: list[Evidence] = []
    for period in said:
        evidence = excerpt.evidence(period.page, period.quotation)
        try:
            held = OpenPeriod(weekday=period.weekday, opens=period.opens, closes=period.closes)
        except ValidationError:
            problem = "it is no weekday with two times of a day"
        else:
            times = {int(number) % 12 for number in re.findall(r"\d+", period.quotation)}
            within = {int(held.opens[:2]) % 12, int(held.closes[:2]) % 12} <= times
            problem = _NOT_QUOTED if evidence is None else "" if within else _NO_SUCH_FIGURE
            periods.append(held)
        if problem:
            left_out.append(f"opening_hours, {period.weekday} {period.opens}: {problem}; so no hours are taken")
            return None
        quoted += [evidence] if evidence is not None and evidence not in quoted else []
    return (
        OpeningHours(periods=sorted(periods, key=lambda each: (each.weekday, each.opens)), evidence=quoted)
        if periods
        else None
    )


def _is_known(name: str, kind: str, country: str) -> bool:
    if kind == "country":
        return country_code(name) == country
    named = (*places_by_name().get(name, ()), *towns_by_name().get(name, ()))
    return any(place.country == country and place.kind == kind for place in named)
