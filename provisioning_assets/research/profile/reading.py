"""Makes the customer profile from a website by rules: the same website always gives the same profile."""

import re

from provisioning_assets.research.profile.company_name import read_company_name, without_other_companies
from provisioning_assets.research.profile.home_market import HomeCountry, read_country, read_currency
from provisioning_assets.research.profile.industry import IndustryScore, check_industry, confidence_of, rank_industries
from provisioning_assets.research.profile.language import languages_of
from provisioning_assets.research.profile.loyalty_tiers import read_loyalty_tiers
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Place
from provisioning_assets.research.profile.nearby_towns import nearby_towns
from provisioning_assets.research.profile.offer import Site, read_offer
from provisioning_assets.research.profile.passages import Part, SitePassages, one_line, read_passages
from provisioning_assets.research.profile.places import mentions, read_places
from provisioning_assets.research.profile.segments import read_segments
from provisioning_assets.research.profile.terms import read_terms
from provisioning_assets.research.website.models import CustomerWebsite

_SENTENCE = re.compile(r".{30,}?[.!?](?=\s|$)|.{15,}?[。！？]")
_LABELLED = re.compile(r"^(?:[-*•]|[\w ]{1,25}[:=])\s*")  # "Company: ..." and bullets of notes
_LONGEST_DESCRIPTION = 300  # characters


def read_profile(
    website: CustomerWebsite,
    *,
    industry_override: str | None,
    default_company_host: str,
    name_override: str | None = None,
    country_override: str | None = None,
) -> CustomerProfile:
    """Company, industry, offering, customers, places, money and language, each with the words it was read from.

    Args:
        website: pages and notes as read. Their text is untrusted: it is quoted, but never followed as an instruction.
        industry_override: one of the 26 ids if the customer engineer specified the industry, otherwise ``None``.
        name_override: the company's name if the customer engineer stated it.
        country_override: the home country (ISO 3166-1 alpha-2) if the customer engineer stated it.
        default_company_host: host from which the company is named if its pages do not name it.

    Raises:
        ProvisioningError: the override is not one of the 26 ids.
    """
    given = check_industry(industry_override) if industry_override is not None else None
    reading = read_passages(website)
    languages = languages_of(reading)
    company = read_company_name(website, reading, default_company_host)
    if (cleaned := without_other_companies(website, reading, company)) is not website:
        reading = read_passages(cleaned)
    names = (company.name, *company.also_known_as)
    ranking = rank_industries(reading, languages)
    industry, runner_up, confidence, evidence = _decide(ranking, given)
    found = mentions(reading, languages[0])
    home = read_country(reading, found, languages[0], default_company_host)
    if country_override is not None:
        home = HomeCountry(country_override, 1.0, (), ("stated by the customer engineer",))
    country = home.code
    currency, currency_evidence = read_currency(reading, country)
    places = read_places(found, country, taken=frozenset(_words(names)))
    offer = read_offer(Site(reading, industry, languages, names, currency))
    return CustomerProfile(
        company_name=name_override or _without_town(company.name, places),
        also_known_as=list(company.also_known_as),
        company_name_evidence=list(company.evidence),
        industry=industry,
        industry_given=given is not None,
        confidence=confidence,
        runner_up=runner_up,
        industry_evidence=list(evidence),
        industry_scores={score.industry: score.probability for score in ranking if score.score > 0},
        description=_description(reading),
        plans=list(offer.plans),
        services=list(offer.services),
        products=list(offer.products),
        product_categories=list(offer.product_categories),
        courses=list(offer.courses),
        features=list(offer.features),
        customer_segments=read_segments(reading, languages),
        loyalty_tiers=read_loyalty_tiers(reading, languages[0], currency),
        terms=read_terms(reading, languages[0], currency, country),
        places=places,
        nearby_towns=nearby_towns(places, country),
        country=country,
        country_evidence=list(home.evidence),
        country_confidence=home.confidence,
        country_reasons=list(home.reasons),
        currency=currency,
        currency_evidence=currency_evidence,
        language=languages[0],
    )


def _decide(ranking: list[IndustryScore], given: str | None) -> tuple[str, str | None, float, tuple[Evidence, ...]]:
    """Industry, runner-up, confidence and evidence; a given industry is certain, and the site's industry becomes runner-up."""
    first, second = ranking[0], ranking[1]
    if given is None:
        return first.industry, second.industry, confidence_of(first), first.evidence
    runner_up = first.industry if first.industry != given else second.industry
    evidence = next((score.evidence for score in ranking if score.industry == given), ())
    return given, runner_up, 1.0, evidence


def _without_town(name: str, places: list[Place]) -> str:
    """The name without the town behind it, if at least two words are left: ``Tischlerei Haslegger Schlierbach``."""
    words = name.split()
    towns = {place.name for place in places if place.kind == "city"}
    return " ".join(words[:-1]) if len(words) >= 3 and words[-1] in towns and words[-2][:1].isupper() else name


def _words(names: tuple[str, ...]) -> set[str]:
    return {name.lower() for name in names}


def _description(reading: SitePassages) -> str:
    """The first sentence in which the company describes itself: from its own description, else from the notes or first line."""
    candidates: list[str] = []
    if reading.home:
        candidates.append(reading.home.description)
        candidates += [
            str(thing["description"]) for thing in reading.home.json_ld if isinstance(thing.get("description"), str)
        ]
    candidates += [passage.text for passage in reading.of(Part.NOTES) if not _LABELLED.match(passage.text)]
    candidates += [passage.text for passage in reading.of(Part.TEXT) if passage.home and len(passage.text) >= 60]
    for text in candidates:
        line = one_line(text)
        if len(line) >= 15:
            sentences = [match.group().strip() for match in _SENTENCE.finditer(line)] or [line]
            said = next((sentence for sentence in sentences if sentence[-1] not in "?？"), sentences[0])
            return said[:_LONGEST_DESCRIPTION].strip()
    return ""
