"""The customer's home market and price currency, by the signs on the site: addresses, phone numbers, domain, prices."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import phonenumbers
from babel.core import Locale
from babel.numbers import get_territory_currencies, list_currencies

from provisioning_assets.research.profile.gazetteer import (
    PlaceName,
    country_code,
    country_names,
    places_by_name,
    regions,
)
from provisioning_assets.research.profile.market_signs import market_signs
from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.passages import Part, SitePassages, json_ld_strings, one_line
from provisioning_assets.research.profile.places import PlaceMention, address_country, addresses
from provisioning_assets.research.profile.structured_data import objects
from provisioning_assets.research.website.models import WebPage

_MOST_EVIDENCE = 4
_PHONE_LIKE = re.compile(r"\+?\(?\d[\d ().\u2010-\u2014/-]{5,24}\d")
_DEFAULT_COUNTRY = "US"
_TEMPLATE_REGIONS = frozenset({"US", "GB"})  # website builders write en_US and en-GB by default
_FIGURE = r"\d{1,3}(?:[.,'\s]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
# An abbreviated state with a postcode counts as much as an address; formats of the countries' postal services.
_POSTCODES = (
    ("US", re.compile(
        r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
        r"\.?,?\s+\d{5}(?:-\d{4})?\b"
    )),
    ("CA", re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d\b")),
    ("GB", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}\b")),
    ("IT", re.compile(r"\bI-\d{5}\b")),
    ("DE", re.compile(r"\bD-\d{5}\b")),
    ("AT", re.compile(r"\bA-\d{4}\b")),
    ("CH", re.compile(r"\bCH-\d{4}\b")),
    ("JP", re.compile(r"〒\s?\d{3}-\d{4}")),
)  # fmt: skip


@dataclass
class Tally:
    """Votes for countries or currencies, with the evidence for each."""

    mass: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    evidence: dict[str, list[Evidence]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, weight: float, evidence: Evidence | None = None) -> None:
        """Add a vote."""
        self.mass[code] += weight
        known = {quote.words for quote in self.evidence[code]}
        if evidence and len(known) < _MOST_EVIDENCE and evidence.words not in known:
            self.evidence[code].append(evidence)

    def best(self) -> str | None:
        """The code with the most votes; for equal votes, the first in alphabetical order."""
        return min(self.mass, key=lambda code: (-self.mass[code], code)) if self.mass else None


@dataclass(frozen=True)
class HomeCountry:
    """The home market as far as the site shows it.

    Args:
        code: ISO 3166-1 alpha-2; without any sign, the country where the site's language is spoken most.
        confidence: share of all signs that point to it, 0-1; 0 if nothing but the language does.
        evidence: words on pages that point to it.
        reasons: the signs for it and against it, in words.
    """

    code: str
    confidence: float
    evidence: tuple[Evidence, ...]
    reasons: tuple[str, ...]


# How much each kind of sign counts. An address or a national domain is a statement; a currency or a language is a hint.
_SIGNS = {
    "the notes": 20.0,
    "an address in structured data": 4.0,
    "the domain": 4.0,
    "an address": 3.0,
    "a phone number": 3.0,
    "where it is registered": 2.0,
    "a list of branches": 1.5,
    "the home page's title": 1.5,
    "a postcode": 1.5,
    "the currency": 1.0,
    "the declared region": 0.8,
    "the language": 0.5,
}
_LEAST_SIGN = 0.9  # weight below which nothing but the language or a template's region points to the country
_REGISTERED = re.compile(
    r"©|\bregistered\b|\bregistriert\b|\bincorporated\b|\bcharity\b|\blicensed\b|\bregulated\b", re.I
)
_STATED_COUNTRY = re.compile(
    r"^(?:[-*•]\s*)?(?:country|land|pays|país|paese|home market)\s*[:=]\s*(.{2,40}?)\.?$", re.I
)


def read_country(
    reading: SitePassages, found: list[PlaceMention], language: str, default_company_host: str
) -> HomeCountry:
    """The home market, by the signs on the site: each kind of sign counts once for a country.

    Args:
        reading: the passages of the site.
        found: places that the site names as its own.
        language: ISO 639-1.
        default_company_host: host of the site.
    """
    tallies: dict[str, Tally] = {sign: Tally() for sign in _SIGNS}
    for passage in reading.of(Part.NOTES):
        stated = _STATED_COUNTRY.match(passage.text)
        if stated and (code := country_code(stated.group(1))):
            tallies["the notes"].add(code, 1.0, passage.quote())
    for address, page in addresses(reading):
        if code := address_country(address):
            words = next((text for text in json_ld_strings(address.get("addressCountry"))), code)
            tallies["an address in structured data"].add(code, 1.0, Evidence(page=page, words=one_line(words, 200)))
    _phones(reading, tallies["a phone number"])
    _domains(reading, default_company_host, tallies["the domain"])
    _locales(reading, tallies["the declared region"])
    sources = {
        "address": "an address", "branches": "a list of branches", "title": "the home page's title", "menu": "a list of branches",
        "notes": "an address", "structured": "an address",
    }  # fmt: skip
    for mention in found:
        if mention.place.country and len(_rivals(mention.place)) == 1:
            tallies[sources[mention.source]].add(mention.place.country, 1.0, mention.evidence)
    names = country_names(language) | {name: code for code, names in regions().items() for name in names}
    for passage in reading.of(Part.TEXT, Part.FOOTER):
        if _REGISTERED.search(passage.text):
            for name, code in names.items():
                if name in passage.text and (at := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", passage.text)):
                    tallies["where it is registered"].add(code, 1.0, passage.quote(at.start(), at.end()))
    for passage in reading.of(Part.TEXT, Part.NOTES, Part.FOOTER):
        for code, pattern in _POSTCODES:
            if match := pattern.search(passage.text):
                tallies["a postcode"].add(code, 1.0, passage.quote(match.start(), match.end()))
    for currency, match, passage in _written_currencies(reading):
        if territory := _only_country(currency):
            tallies["the currency"].add(territory, 1.0, passage.quote(match.start(), match.end()))
    if guess := market_signs().languages.get(language):
        tallies["the language"].add(guess[0], 1.0)
    return _decided(tallies, language)


def _decided(tallies: dict[str, Tally], language: str) -> HomeCountry:
    """The country with the most signs; a kind of sign that points to several countries is shared between them."""
    votes = Tally()
    for sign, tally in tallies.items():
        total = sum(tally.mass.values())
        for code, mass in tally.mass.items():
            votes.mass[code] += _SIGNS[sign] * mass / total
            for quote in tally.evidence[code]:
                votes.add(code, 0.0, quote)
    best = votes.best()
    if best is None or votes.mass[best] < _LEAST_SIGN:
        spoken = market_signs().languages.get(language)
        return HomeCountry(
            spoken[0] if spoken else _DEFAULT_COUNTRY, 0.0, (), ("nothing on the site shows its country",)
        )
    reasons = [
        f"{sign}: {', '.join(sorted(tally.mass, key=lambda code: (-tally.mass[code], code))[:3])}"
        for sign, tally in tallies.items()
        if tally.mass
    ]
    confidence = votes.mass[best] / sum(votes.mass.values())
    return HomeCountry(best, round(confidence, 3), tuple(votes.evidence[best]), tuple(reasons))


def read_currency(reading: SitePassages, country: str) -> tuple[str, list[Evidence]]:
    """Currency of the prices (ISO 4217), and the evidence; the country's own currency if the site shows no price.

    Args:
        reading: the passages of the site.
        country: home market, ISO 3166-1 alpha-2; decides which dollar or krona a currency sign means.
    """
    for passage in reading.of(Part.NOTES):  # a statement by the customer engineer takes precedence over votes
        stated = _STATED_CURRENCY.match(passage.text)
        if stated and stated.group(1).upper() in list_currencies():
            return stated.group(1).upper(), [passage.quote(stated.start(), stated.end())]
    votes = Tally()
    local = _currency_of(country)
    for page in reading.pages:
        for value in _price_currencies(page):
            if value.upper() in list_currencies():
                votes.add(value.upper(), 3.0, Evidence(page=page.url, words=one_line(value, 200)))
        value = page.open_graph.get("product:price:currency") or page.open_graph.get("og:price:currency") or ""
        if value.upper() in list_currencies():
            votes.add(value.upper(), 3.0, Evidence(page=page.url, words=one_line(value, 200)))
    for meant, match, passage in _written_currencies(reading):
        if local not in meant and len(meant) > 1 and (match["before"] or match["after"]).rstrip(".").isalpha():
            continue  # letters that several countries use stand for something else here: "R 24" is an article
        chosen = local if local in meant else meant[0]
        weight = 0.3 if passage.housekeeping else 1.0
        votes.add(chosen, weight, passage.quote(match.start(), match.end()))
    best = votes.best()
    # a single price in a foreign currency, for example in a news item, does not change the currency of a company
    if best is None or (best != local and votes.mass[best] < 2 and not _states_currency(reading, best)):
        return local, list(votes.evidence[local])
    return best, list(votes.evidence[best])


def _phones(reading: SitePassages, votes: Tally) -> None:
    for page in reading.pages:
        for number in page.phones:
            if not number.startswith("+"):
                continue
            try:
                parsed = phonenumbers.parse(number)
                # a toll-free number of North America belongs to no single country there
                toll_free = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE
                code = None if toll_free else phonenumbers.region_code_for_number(parsed)
            except phonenumbers.NumberParseException:
                continue
            if code and len(code) == 2 and code.isalpha():
                votes.add(code, 1.0, _as_written(number, page))


def _as_written(number: str, page: WebPage) -> Evidence | None:
    """A number (E.164) as written on the page; ``None`` if only a link contains it."""
    wanted = re.sub(r"\D", "", number)[-7:]
    texts = [
        *page.navigation,
        *page.headings,
        *(text for thing in page.json_ld for text in json_ld_strings(thing)),
        page.text,
    ]
    for text in texts:
        for match in _PHONE_LIKE.finditer(text):
            if re.sub(r"\D", "", match.group()).endswith(wanted):
                return Evidence(page=page.url, words=one_line(match.group(), 200))
    return None


def _domains(reading: SitePassages, default_company_host: str, votes: Tally) -> None:
    hosts: dict[str, Evidence | None] = {default_company_host.split(":")[0].lower(): None}
    for page in reading.pages:
        parts = page.url.split("/")
        if len(parts) > 2:
            host = parts[2].split(":")[0].lower()
            if hosts.get(host) is None:
                hosts[host] = Evidence(page=page.url, words=host[:200])
        for address in (page.open_graph.get("og:url"), *(thing.get("url") for thing in page.json_ld)):
            if isinstance(address, str) and (named := address.split("/")) and len(named) > 2:
                hosts.setdefault(named[2].lower()[:200], Evidence(page=page.url, words=one_line(named[2], 200)))
    for page in reading.pages:  # a company that calls itself "Name.co.uk" names its domain
        for name in (page.open_graph.get("og:site_name", ""), *page.logo_texts):
            if re.fullmatch(r"[\w-]+(?:\.co)?\.[a-zA-Z]{2}", name.strip()):
                hosts.setdefault(name.strip().lower(), Evidence(page=page.url, words=name.strip()))
    for host, evidence in hosts.items():
        if code := domain_country(host):
            votes.add(code, 1.0, evidence)


def domain_country(host: str) -> str | None:
    """``shop.example.co.uk`` -> ``GB``; ``None`` for endings that do not indicate a country."""
    ending = host.rsplit(".", 1)[-1].lower()
    if len(ending) != 2 or ending in market_signs().generic_domains:
        return None
    return country_code(ending)


def _locales(reading: SitePassages, votes: Tally) -> None:
    for page in reading.pages[:5]:
        locale = page.open_graph.get("og:locale", "")
        match = re.fullmatch(r"[a-zA-Z]{2}[_-]([a-zA-Z]{2})", locale.strip())
        if match and (code := country_code(match.group(1))) and code not in _TEMPLATE_REGIONS:
            votes.add(code, 1.0, Evidence(page=page.url, words=locale.strip()))
        match = re.fullmatch(r"[a-zA-Z]{2}-([a-zA-Z]{2})", page.language or "")
        if match and (code := country_code(match.group(1))) and code not in _TEMPLATE_REGIONS:
            votes.add(code, 1.0)


def _rivals(place: PlaceName) -> set[str]:
    """The countries that have a place of this name; a city counts if it is not much smaller than this one."""
    named = places_by_name().get(place.name, ())
    return {place.country} | {
        other.country for other in named if other.people * 4 > place.people or other.kind == "region"
    }


_STATED_CURRENCY = re.compile(
    r"(?:currency|währung|devise|moneda|valuta|moeda)(?:\s*[:=]\s*|\s+(?:is\s+)?)([A-Z]{3})\b", re.I
)


@lru_cache(maxsize=1)
def _sign_pattern() -> re.Pattern[str]:
    signs = sorted(market_signs().signs, key=lambda sign: (-len(sign), sign))
    before = "|".join(re.escape(sign) for sign in signs if sign not in {":-", ",-", "円", "元", "원"})
    after = "|".join(re.escape(sign) for sign in signs if sign not in {"R", "RM", "Rp", "Rs", "Rs.", "Fr.", "$"})
    codes = "|".join(sorted(code for code in list_currencies() if code in _common_codes()))
    return re.compile(
        rf"(?<![\w$])(?P<before>{before}|{codes})\s?(?:{_FIGURE})(?![\d])|(?<![\d.,])(?:{_FIGURE})\s?(?P<after>{after}|\$|{codes})(?!\w)"
    )


@lru_cache(maxsize=1)
def _common_codes() -> frozenset[str]:
    """Currencies that are in use somewhere today."""
    territories = (str(code) for code in Locale.parse("en").territories)
    return frozenset(
        currency
        for code in territories
        if len(code) == 2 and code.isalpha()
        for currency in get_territory_currencies(code)
    )


def _written_currencies(reading: SitePassages) -> Iterator[tuple[list[str], re.Match[str], Any]]:
    """Every price on the site, with the currencies that its sign can mean, the most likely first."""
    for passage in reading.of(Part.TEXT, Part.HEADING, Part.DESCRIPTION, Part.TITLE, Part.NAVIGATION, Part.NOTES):
        for count, match in enumerate(_sign_pattern().finditer(passage.text)):
            if count >= 5:
                break
            sign = match.group("before") or match.group("after")
            yield market_signs().signs.get(sign, [sign]), match, passage


@lru_cache(maxsize=256)
def _currency_of(country: str) -> str:
    currencies = get_territory_currencies(country)
    return currencies[0] if currencies else "USD"


def _only_country(meant: list[str]) -> str | None:
    """The country of a currency that one country uses and that its sign stands for alone."""
    return _users().get(meant[0]) if len(meant) == 1 else None


@lru_cache(maxsize=1)
def _users() -> dict[str, str]:
    """Currency -> the only country that uses it; small territories that share a currency with a large country do not count."""
    users: dict[str, list[str]] = defaultdict(list)
    for territory in (str(name) for name in Locale.parse("en").territories):
        if len(territory) == 2 and territory.isalpha():
            for currency in get_territory_currencies(territory)[:1]:
                users[currency].append(territory)
    alone = {currency: codes[0] for currency, codes in users.items() if len(codes) == 1}
    shared = {"INR": "IN", "GBP": "GB", "DKK": "DK", "NOK": "NO", "ILS": "IL", "AUD": "AU", "NZD": "NZ", "CHF": "CH"}
    return alone | shared


def _states_currency(reading: SitePassages, code: str) -> bool:
    return any(value.upper() == code for page in reading.pages for value in _price_currencies(page))


def _price_currencies(page: WebPage) -> Iterator[str]:
    """The currencies that the page's structured data name."""
    for thing in objects(page):
        for key in ("priceCurrency", "currenciesAccepted", "currency"):
            if isinstance(value := thing.get(key), str):
                yield from re.findall(r"\b[A-Za-z]{3}\b", value)
