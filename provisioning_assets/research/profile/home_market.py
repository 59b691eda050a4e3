"""The customer's home market and price currency, by votes of addresses, phone numbers, domains and prices on the site."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from babel.core import Locale
from babel.numbers import get_territory_currencies, list_currencies

from provisioning_assets.artefact import Document
from provisioning_assets.research.profile.gazetteer import PlaceName, country_code, places_by_name
from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.passages import Part, SitePassages, json_ld_strings, one_line
from provisioning_assets.research.profile.places import PlaceMention, address_country, addresses
from provisioning_assets.research.website.models import WebPage

_DATA = Path(__file__).with_name("home_market.yaml")
_MOST_EVIDENCE = 4
_PHONE_LIKE = re.compile(r"\+?\(?\d[\d ().\u2010-\u2014/-]{5,24}\d")
_DEFAULT_COUNTRY = "US"
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


class HomeMarket(Document):
    """Content of home_market.yaml."""

    languages: dict[str, tuple[str, float]]
    generic_domains: list[str]
    signs: dict[str, list[str]]


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


@lru_cache(maxsize=1)
def home_market() -> HomeMarket:
    """The parsed home_market.yaml."""
    return HomeMarket.model_validate(yaml.safe_load(_DATA.read_text(encoding="utf-8")))


def read_country(
    reading: SitePassages, found: list[PlaceMention], language: str, default_company_host: str
) -> tuple[str, list[Evidence]]:
    """Home market as ISO 3166-1 alpha-2, and the evidence; without other signs, the country of the language.

    Args:
        reading: the passages of the site.
        found: places named on the site.
        language: ISO 639-1.
        default_company_host: host of the site.
    """
    votes = Tally()
    for address, page in addresses(reading):
        if code := address_country(address):
            words = next((text for text in _strings(address.get("addressCountry"))), code)
            votes.add(code, 5.0 if len(votes.mass) < 3 else 1.0, Evidence(page=page, words=one_line(words, 200)))
    _phones(reading, votes)
    _domains(reading, default_company_host, votes)
    _locales(reading, votes)
    _named_places(found, votes)
    for passage in reading.of(Part.TEXT, Part.NOTES, Part.NAVIGATION, Part.DESCRIPTION):
        for code, pattern in _POSTCODES:
            if match := pattern.search(passage.text):
                votes.add(code, 1.5 / (1 + len(votes.evidence[code])), passage.quote(match.start(), match.end()))
    for currency, match, passage in _written_currencies(reading):
        territory = _only_country(currency)
        if territory and votes.mass[territory] < 20:
            votes.add(territory, 0.4, passage.quote(match.start(), match.end()))
    if guess := home_market().languages.get(language):
        votes.mass[guess[0]] += guess[1]
    best = votes.best() or _DEFAULT_COUNTRY
    return best, list(votes.evidence[best])


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
        for value in _price_currencies(page.json_ld):
            if value.upper() in list_currencies():
                votes.add(value.upper(), 3.0, Evidence(page=page.url, words=one_line(value, 200)))
        value = page.open_graph.get("product:price:currency") or page.open_graph.get("og:price:currency") or ""
        if value.upper() in list_currencies():
            votes.add(value.upper(), 3.0, Evidence(page=page.url, words=one_line(value, 200)))
    for meant, match, passage in _written_currencies(reading):
        chosen = local if local in meant else meant[0]
        weight = 0.3 if passage.housekeeping else 1.0
        votes.add(chosen, weight, passage.quote(match.start(), match.end()))
    best = votes.best()
    # a single price in a foreign currency, for example in a news item, does not change the currency of a company
    if best is None or (best != local and votes.mass[best] < 2 and not _states_currency(reading, best)):
        return local, list(votes.evidence[local])
    return best, list(votes.evidence[best])


def _phones(reading: SitePassages, votes: Tally) -> None:
    count: dict[str, int] = defaultdict(int)
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
                count[code] += 1
                votes.add(code, 2.5 / count[code], _as_written(number, page))


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
    for host, evidence in hosts.items():
        if code := domain_country(host):
            votes.add(code, 4.0 if not votes.mass[code] else 1.0, evidence)


def domain_country(host: str) -> str | None:
    """``shop.example.co.uk`` -> ``GB``; ``None`` for endings that do not indicate a country."""
    ending = host.rsplit(".", 1)[-1].lower()
    if len(ending) != 2 or ending in home_market().generic_domains:
        return None
    return country_code(ending)


def _locales(reading: SitePassages, votes: Tally) -> None:
    for page in reading.pages[:5]:
        locale = page.open_graph.get("og:locale", "")
        match = re.fullmatch(r"[a-zA-Z]{2}[_-]([a-zA-Z]{2})", locale.strip())
        # website builders write en_US and en-GB by default
        if match and (code := country_code(match.group(1))):
            votes.add(
                code, 0.3 if locale.lower().endswith("us") else 1.5, Evidence(page=page.url, words=locale.strip())
            )
        match = re.fullmatch(r"[a-zA-Z]{2}-([a-zA-Z]{2})", page.language or "")
        if match and (code := country_code(match.group(1))):
            votes.mass[code] += 0.2 if code in {"US", "GB"} else 0.8


def _named_places(found: list[PlaceMention], votes: Tally) -> None:
    amounts: dict[str, float] = defaultdict(float)
    best: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    names: set[tuple[str, str]] = set()
    for mention in found:
        place = mention.place
        if place.kind == "city" and len({rival.country for rival in _rivals(mention)}) > 1:
            continue  # a name that exists in several countries indicates none of them
        factor = {"country": 1.0, "region": 0.7, "city": 0.35}[place.kind]
        repeated = 0.4 if (place.name, place.country) in names else 1.0
        names.add((place.name, place.country))
        amounts[place.country] += factor * mention.weight * repeated
        if len(best[place.country]) < 40:
            quote = mention.passage.quote(mention.start, mention.end)
            best[place.country].append((factor * mention.weight, quote))
    for code, amount in amounts.items():
        weight = 1.6 * math.log2(1 + amount)
        quotes = sorted(best[code], key=lambda item: (-item[0], item[1].page, item[1].words))
        votes.add(code, weight)
        for _, quote in quotes[:2]:
            votes.add(code, 0.0, quote)


def _rivals(mention: PlaceMention) -> list[PlaceName]:
    return [place for place in places_by_name().get(mention.place.name, ()) if place.people * 4 > mention.place.people]


_STATED_CURRENCY = re.compile(
    r"(?:currency|währung|devise|moneda|valuta|moeda)(?:\s*[:=]\s*|\s+(?:is\s+)?)([A-Z]{3})\b", re.I
)


@lru_cache(maxsize=1)
def _sign_pattern() -> re.Pattern[str]:
    signs = sorted(home_market().signs, key=lambda sign: (-len(sign), sign))
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


def first_price(text: str) -> tuple[list[str], float, int] | None:
    """The first price in a text: the currencies its sign can mean, the amount, and its position; None if there is none."""
    match = _sign_pattern().search(text)
    if match is None:
        return None
    sign = match.group("before") or match.group("after")
    figure = re.search(_FIGURE, match.group())
    return (home_market().signs.get(sign, [sign]), written_amount(figure.group()), match.start()) if figure else None


def written_amount(figure: str) -> float:
    """A written amount as a number: ``1,290.50`` and ``1.290,50`` are 1290.5, ``2.274`` is 2274, ``12,5`` is 12.5."""
    fraction = re.search(r"[.,](\d{1,2})$", figure)
    whole = figure[: fraction.start()] if fraction else figure
    return float(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction.group(1) if fraction else '0'}")


def _written_currencies(reading: SitePassages) -> Iterator[tuple[list[str], re.Match[str], Any]]:
    """Every price on the site, with the currencies that its sign can mean, the most likely first."""
    for passage in reading.of(Part.TEXT, Part.HEADING, Part.DESCRIPTION, Part.TITLE, Part.NAVIGATION, Part.NOTES):
        for count, match in enumerate(_sign_pattern().finditer(passage.text)):
            if count >= 5:
                break
            sign = match.group("before") or match.group("after")
            yield home_market().signs.get(sign, [sign]), match, passage


@lru_cache(maxsize=256)
def _currency_of(country: str) -> str:
    currencies = get_territory_currencies(country)
    return currencies[0] if currencies else "USD"


def _only_country(meant: list[str]) -> str | None:
    """The country of a currency that only one country uses and only one sign stands for."""
    if len(meant) != 1:
        return None
    users = {
        "INR": "IN",
        "GBP": "GB",
        "KRW": "KR",
        "BRL": "BR",
        "PLN": "PL",
        "JPY": "JP",
        "MYR": "MY",
        "IDR": "ID",
        "ZAR": "ZA",
    }
    return users.get(meant[0])


def _states_currency(reading: SitePassages, code: str) -> bool:
    return any(value.upper() == code for page in reading.pages for value in _price_currencies(page.json_ld))


def _price_currencies(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > 10:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"priceCurrency", "currenciesAccepted", "currency"} and isinstance(inner, str):
                yield from re.findall(r"\b[A-Za-z]{3}\b", inner)
            else:
                yield from _price_currencies(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _price_currencies(inner, depth + 1)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key in ("name", "identifier"):
            if isinstance(value.get(key), str):
                yield value[key]
