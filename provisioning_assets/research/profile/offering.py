"""Finds what the customer sells: named products or services, and their categories.

Every short label of the site is a candidate. A candidate scores for structured data, a price beside it, its own page, an entry
in the menu, and words of the industry. Navigation, sentences, places, people and the company's name are not offerings. The
result is shown to the customer, so a missing product is better than a wrong one.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from faker.providers.person.de_DE import Provider as GermanPerson
from faker.providers.person.en_US import Provider as AmericanPerson
from rapidfuzz import fuzz

from provisioning_assets.research.profile.company_name import name_key
from provisioning_assets.research.profile.labels import comparable, is_noise, tidy
from provisioning_assets.research.profile.lexicon import WEIGHTS, industries, lexicon
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.passages import (
    NOTES,
    Part,
    SitePassages,
    is_housekeeping,
    one_line,
    quotation,
)
from provisioning_assets.research.profile.segments import group_names
from provisioning_assets.research.profile.words import is_east_asian, same_language, stem, tokens
from provisioning_assets.research.website.models import WebPage

MOST_PRODUCTS = 60
MOST_CATEGORIES = 20
_MOST_EVIDENCE = 3
_THRESHOLD = 0.45  # minimum score of an offering
_DOUBTFUL = 0.35  # minimum score if there are only few offerings
_FEW = 8
_SOME = 3  # with this many declared categories the menu is not used
_FEWEST_CAPITALS = 4  # minimum letters of a department in capitals; shorter labels are abbreviations
_MANY = 10  # with this many declared products no other labels are used
# Amount that each reason adds to a label's score; the sum is limited to 0-1
_SCORES = {
    "structured": 0.9,
    "priced": 0.6,
    "priced word": 0.3,  # "Paid $20", "Add $5"
    "notes": 0.8,
    "enumerated": 0.25,
    "enumerated beside": 0.2,  # "silk screen printing, spray painting and hot stamping": one is an offering, so the others are
    "listed": 0.5,
    "menu": 0.25,
    "department": 0.5,
    "heading": 0.18,
    "section": 0.2,
    "own page": 0.3,
    "picture": 0.2,
    "title": 0.12,
    "industry word": 0.3,
    "usual industry word": 0.2,
}
_OF_INDUSTRY = frozenset({"industry word", "usual industry word"})
_PRODUCT_TYPES = frozenset(
    [
        "Product",
        "ProductGroup",
        "ProductModel",
        "IndividualProduct",
        "Service",
        "Offer",
        "MenuItem",
        "Course",
        "FinancialProduct",
        "BankAccount",
        "CreditCard",
        "LoanOrCredit",
        "MortgageLoan",
        "InvestmentOrDeposit",
        "PaymentCard",
        "HealthInsurancePlan",
        "SoftwareApplication",
        "WebApplication",
        "MobileApplication",
        "VideoGame",
        "Car",
        "Vehicle",
        "HotelRoom",
        "Suite",
        "Drug",
        "MedicalProcedure",
        "MedicalTherapy",
        "MedicalTest",
        "Book",
        "Movie",
        "TVSeries",
        "PodcastSeries",
        "Event",
        "TouristTrip",
        "GovernmentService",
        "BroadcastService",
        "TaxiService",
        "FoodService",
        "CableOrSatelliteService",
        "Flight",
    ]
)
_CATEGORY_TYPES = frozenset({"OfferCatalog", "MenuSection", "CategoryCode", "CollectionPage"})
_OFFER_KEYS = (
    "itemOffered",
    "hasOfferCatalog",
    "itemListElement",
    "hasMenuSection",
    "hasMenuItem",
    "makesOffer",
    "item",
    "hasVariant",
    "hasMenu",
    "offers",
    "mainEntity",
    "containsPlace",
)
_PRICE = re.compile(
    r"(?:[$€£¥₹₩]|\b(?:USD|EUR|GBP|CHF|Rs\.?|R\$|kr\.?))\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:[€£₹₩円元원]|EUR\b"
    r"|USD\b|GBP\b|CHF\b|kr\b)"
)
# Pages and headings under which companies list their offerings
_SECTION = re.compile(
    r"service|product|solution|practice|treatment|plan|pricing|menu|course|program|offer|collection"
    r"|capabilit|shop|catalog|range|leistung"
    r"|produkt|angebot|sortiment|behandlung|prestation|soin|servicio|tratamiento|servizi|prodott"
    r"|trattament|tarif|dienst|ydelser|tjänst|tjenest"
    r"|診療|サービス|製品|商品|メニュー|治療|medical|产品|服务|业务|제품|서비스|진료|상품|expertise|rooms?\b|zimmer|facilit|shipping|portfolio",
    re.I,
)
# Pages whose headings and figures belong to stories, not to offerings
_STORIES = re.compile(
    r"blog|news|press|stor(?:y|ies)|review|testimonial|result|faq|question|about|history|contact|kontakt"
    r"|aktuell|magazin|team|attorneys|people|feedback",
    re.I,
)
# Generic words that companies add to the names of their offerings
_GENERIC_WORDS = frozenset(
    [
        "service",
        "services",
        "product",
        "products",
        "solution",
        "solutions",
        "specialist",
        "specialists",
        "attorney",
        "attorneys",
        "lawyer",
        "lawyers",
        "leistungen",
        "produkte",
        "lösungen",
        "servicios",
        "services",
        "prestations",
        "soluzioni",
        "diensten",
        "company",
        "companies",
        "provider",
        "providers",
        "experts",
        "online",
        "deals",
        "popular",
        "latest",
        "best",
        "buy",
    ]
)
# Praise of a product, or its maker, which are not part of the product's name
_PRAISE = re.compile(
    r"^(?:high[- ]quality|high[- ]performance|world[- ]class|first[- ]class|state[- ]of[- ]the[- ]art|cutting[- ]edge"
    r"|industry[- ]leading|comprehensive|superior|outstanding|hochwertige[nrs]?|erstklassige[nrs]?)\s+(?=\w)",
    re.I,
)
_MAKER = re.compile(
    r"(?<=\w)\s+(?:specialists?|experts?|attorneys?|lawyers?|providers?|manufacturers?|suppliers?|compan(?:y|ies)|firms?"
    r"|spezialist(?:en)?|experte[nr]?|anbieter|hersteller|rechtsanwälte|anwälte)$",
    re.I,
)
_ASIDE = re.compile(r"\s+[—–]\s+\S.*$")  # "Dry bulk — Lumoso affiliate"
_IN_PLACE = re.compile(r"\s+(?:in|near|across|around|aus|bei|à|en)\s*$", re.I)
_LISTING = re.compile(
    r"\b(?:including|includes?|such as|specializ\w+ in|specialis\w+ in|we offer|we provide|we sell"
    r"|darunter|wie etwa|zum beispiel|spezialisiert auf|wir bieten"
    r"|tels que|notamment|como|tra cui|zoals|såsom|f\.eks\.)\s+([^.;:!?\n]{5,200})",
    re.I,
)
_PURPOSE = re.compile(r"\s+(?:for|to|with|für|zur?|pour|para|per)\s[^,]*$")
_ABBREVIATION = re.compile(r"^[A-Z]{1,4}$")  # in lists usually a material, a standard or an institution
_PERSON_TITLE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Prof|Herr|Frau|Dipl)\b\.?|\b[A-Z]\.\s[A-Z]|\b[A-Z][a-z]+ [A-Z]\. [A-Z]|\b(?:Esq"
    r"|CEO|CFO|MD|PhD)\b"
)


@dataclass
class _Candidate:
    """A label and the reasons to take it for an offering."""

    value: str
    position: int
    reasons: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)  # reasons to classify it as a category
    evidence: list[Evidence] = field(default_factory=list)
    mentions: int = 0

    def score(self) -> float:
        return min(1.0, sum(_SCORES[reason] for reason in self.reasons))


@dataclass(frozen=True)
class Offering:
    """Products (or services) and categories, the most prominent first; a label is in only one of the two."""

    products: tuple[Fact, ...]
    categories: tuple[Fact, ...]


def read_offering(
    reading: SitePassages,
    *,
    industry: str,
    languages: tuple[str, ...],
    company: tuple[str, ...],
    places: frozenset[str],
) -> Offering:
    """Read what the site offers.

    Args:
        reading: the passages of the site.
        industry: its id; the words of the industry support a label.
        languages: languages of the site, ISO 639-1, the main one first.
        company: the company's names, which are not products.
        places: names of places on the site in lower case, which are not products either.
    """
    description = industries().get(industry)
    catalogue = description is not None and description.catalogue
    collector = _Collector(languages, {comparable(name) for name in company}, places, catalogue=catalogue)
    for page in reading.pages:
        if not is_housekeeping(page) or page is reading.home:
            _structured(page, collector)
    _listed(reading, collector)
    _menus_and_headings(reading, collector, languages)
    _priced(reading, collector)
    _enumerated(reading, collector)
    _notes(reading, collector)
    candidates = _merged(collector.candidates.values())
    _industry_words(candidates, industry, languages)
    _listed_beside(candidates)
    _own_pages(candidates, reading)
    departments = _departments(reading, languages) if catalogue else {}
    for candidate in candidates:
        if candidate.categories and comparable(candidate.value) in {comparable(name) for name in departments}:
            candidate.reasons.add("department")
    return _divided(candidates, departments, catalogue=catalogue)


class _Collector:
    """Candidates by their comparable label; noise is rejected when it is added."""

    def __init__(
        self, languages: tuple[str, ...], company: set[str], places: frozenset[str], *, catalogue: bool
    ) -> None:
        self.catalogue = catalogue
        self.languages = languages
        self.company = company
        self.company_keys = {name_key(name) for name in company}
        self.company_words = {word for name in company for word in name.split(" ") if len(word) > 2}
        self.places = places
        self.groups = frozenset().union(*(group_names(language) for language in (*languages, "en")))
        self.candidates: dict[str, _Candidate] = {}
        names = "|".join(re.escape(name) for name in sorted(places, key=lambda name: (-len(name), name)))
        self.place_pattern = re.compile(rf"\b(?:{names or '(?!)'})\b", re.I)

    def add(self, label: str, reason: str, evidence: Evidence, *, category: bool = False) -> None:
        """Add one more reason for a label."""
        structured = reason == "structured"
        value = tidy(label) if structured else _plain(self._bare(tidy(label)))
        most_words = 10 if reason == "priced" else 6
        if not value or len(value) > 80 or (not structured and is_noise(value, self.languages, most_words=most_words)):
            return
        if reason == "picture" and not _titled(label):
            return
        if structured and (len(comparable(value)) < 2 or "<" in value or "http" in value.lower()):
            return
        key = comparable(value)
        if key in self.places or name_key(value) in self.company_keys or self._group(key):
            return
        if not structured and (_is_person(value) or self._place_only(key)):
            return
        candidate = self.candidates.setdefault(key, _Candidate(value, len(self.candidates)))
        candidate.mentions += 1
        candidate.reasons.add(reason)
        if category:
            candidate.categories.add(reason)
        if len(candidate.evidence) < _MOST_EVIDENCE and evidence not in candidate.evidence:
            candidate.evidence.append(evidence)

    def _bare(self, label: str) -> str:
        """A label without the company's name and without the place where the product is sold."""
        key = comparable(label)
        for name in self.company:
            if name and key != name and (key.startswith(name + " ") or key.endswith(" " + name)):
                label = tidy(re.sub(re.escape(name).replace(r"\ ", r"\W+"), " ", label, count=1, flags=re.I))
                label = re.sub(r"^['’]s\s", "", label)
        for place in self.place_pattern.finditer(label):
            before, after = label[: place.start()], label[place.end() :]
            if not after.strip() and _IN_PLACE.search(before + " "):
                return tidy(_IN_PLACE.sub("", before + " "))
            if not before.strip() and after[:1] == " " and len(after.split()) >= 2:
                return tidy(after)
        return label

    def _place_only(self, key: str) -> bool:
        """Whether a label consists only of places: ``Delhi & Mumbai`` does, ``Used Cars In Delhi`` does not."""
        words = [word for word in re.split(r"[\s&]+|\band\b|\bund\b", key) if word]
        return bool(words) and (
            all(word in self.places for word in words)
            or all(word in self.company_words and not self._says_something(word) for word in words)
        )

    def _says_something(self, word: str) -> bool:
        """Whether a word of the company's name is an ordinary word: Fitnesscenter is, a place name is not."""
        return any(any(lexicon(language).in_text(word, language)) for language in (*self.languages, "en"))

    def _group(self, key: str) -> bool:
        """Whether a label names a group of customers, such as ``Brokers & Agents``."""
        parts = [part.strip() for part in re.split(r"&|\band\b|\bund\b", key) if part.strip()]
        return not self.catalogue and bool(parts) and all(part in self.groups for part in parts)


def _plain(label: str) -> str:
    """A label without asides, praise, and makers: ``High-quality spray painting specialists`` -> ``spray painting``."""
    return tidy(_MAKER.sub("", _PRAISE.sub("", _ASIDE.sub("", label))))


def _structured(page: WebPage, collector: _Collector) -> None:
    for thing in page.json_ld:
        _walk(thing, page.url, collector, depth=0, inside=frozenset())


def _walk(thing: Any, page: str, collector: _Collector, depth: int, inside: frozenset[str]) -> None:
    if depth > 8:
        return
    if isinstance(thing, list):
        for inner in thing:
            _walk(inner, page, collector, depth + 1, inside)
        return
    if not isinstance(thing, dict):
        return
    declared = thing.get("@type")
    types = {str(name).rsplit("/", 1)[-1] for name in (declared if isinstance(declared, list) else [declared])}
    name = thing.get("name")
    if isinstance(name, str) and one_line(name):
        quote = Evidence(page=page, words=quotation(one_line(name), 0, len(name)))
        if types & _PRODUCT_TYPES:
            collector.add(name, "structured", quote)
        elif types & _CATEGORY_TYPES:
            collector.add(name, "listed", quote, category=True)
        elif "ListItem" in types and "BreadcrumbList" in inside:
            collector.add(name, "menu", quote, category=True)
    category = thing.get("category")
    if types & _PRODUCT_TYPES and isinstance(category, str):
        deepest = re.split(r"\s*[>/»]\s*", one_line(category))[-1]
        collector.add(
            deepest, "structured", Evidence(page=page, words=quotation(one_line(category), 0, 200)), category=True
        )
    for key in _OFFER_KEYS:
        _walk(thing.get(key), page, collector, depth + 1, inside | types)


def _listed(reading: SitePassages, collector: _Collector) -> None:
    """Lists such as ``Services: a, b and c`` in a description or in notes, which the company wrote itself."""
    pattern = re.compile(
        r"(?:products?|services?|we sell|sells?|offers?|specializing in|specialising in|leistungen"
        r"|produkte|verkauft|bietet|produits|servicios)\s*:\s*([^.;\n]{3,300})",
        re.I,
    )
    for passage in reading.of(Part.NOTES):
        for match in pattern.finditer(passage.text):
            for label in re.split(r",\s*|\s+(?:and|und|et|y|e)\s+", match.group(1)):
                collector.add(label, "notes", passage.quote(match.start(), match.end()))


def _menus_and_headings(reading: SitePassages, collector: _Collector, languages: tuple[str, ...]) -> None:
    repeated = _repeated_headings(reading)
    for page in reading.pages:
        housekeeping = page is not reading.home and is_housekeeping(page)
        foreign = same_language(page.language) not in ("", *languages)
        for label in page.navigation:
            if not foreign:
                collector.add(
                    label, "menu", Evidence(page=page.url, words=quotation(one_line(label), 0, 200)), category=True
                )
        if housekeeping or foreign:
            continue
        stories = page is not reading.home and _is_story(page)
        section = _SECTION.search(page.url.split("/", 3)[-1]) or _SECTION.search(page.title)
        for label in () if stories else page.headings:
            words = Evidence(page=page.url, words=quotation(one_line(label), 0, 200))
            collector.add(
                label,
                "menu" if comparable(label) in repeated else "heading",
                words,
                category=comparable(label) in repeated,
            )
            if section and page is not reading.home:
                collector.add(label, "section", words)
        for label in () if stories else page.image_alts:
            collector.add(label, "picture", Evidence(page=page.url, words=quotation(one_line(label), 0, 200)))
        head = re.split(r"\s+[|–—·•-]\s+|\s*[|｜]\s*", page.title)[0]
        if page is not reading.home and not stories:
            collector.add(head, "title", Evidence(page=page.url, words=quotation(one_line(page.title), 0, 200)))


def _departments(reading: SitePassages, languages: tuple[str, ...]) -> dict[str, list[str]]:
    """The departments of a large menu with the labels below each: ``BABY & KIDS``, then ``Toys & Games``, ``Baby Gear``.

    Large menus write their departments in capitals. A label in capitals is a department if at least three labels follow it.
    The result is empty if there are fewer than three departments.
    """
    if reading.home is None:
        return {}
    departments: dict[str, list[str]] = {}
    current: list[str] | None = None
    for label in dict.fromkeys(reading.home.navigation):
        letters = [character for character in label if character.isalpha()]
        noise = is_noise(tidy(label), languages)
        if len(letters) >= _FEWEST_CAPITALS and all(character.isupper() for character in letters):
            current = None if noise else departments.setdefault(tidy(label), [])
        elif current is not None and not noise:
            current.append(tidy(label))
    filled = {name: below for name, below in departments.items() if len(below) >= _SOME}
    return filled if len(filled) >= _SOME else {}


def _is_story(page: WebPage) -> bool:
    """Whether a page is about the company, its people or its customers, according to its address and title."""
    path = page.url.split("?")[0].split("/", 3)[-1]
    return bool(_STORIES.search(path) or _STORIES.search(re.split(r"\s+[|–—·-]\s+", page.title)[0]))


def _repeated_headings(reading: SitePassages) -> set[str]:
    """Headings that are on most pages: they are part of a footer or side bar, so they count as menu entries."""
    if len(reading.pages) < 3:
        return set()
    count: dict[str, int] = {}
    for page in reading.pages:
        for label in {comparable(heading) for heading in page.headings}:
            count[label] = count.get(label, 0) + 1
    return {label for label, pages in count.items() if pages >= 0.6 * len(reading.pages)}


def _titled(alt: str) -> bool:
    """Whether a picture's description is a name: most words are capitalised, and no word says that it is a badge or a photo."""
    words = re.findall(r"[^\W\d_]{2,}", alt)
    capitals = sum(word[0].isupper() or is_east_asian(word) for word in words)
    plain = re.search(
        r"\b(?:image|photo|picture|icon|logo|banner|background|award|badge|best|member|certified|partner|screenshot)\b",
        alt,
        re.I,
    )
    return not plain and bool(words) and (is_east_asian(alt) or alt[:1].isupper()) and capitals >= 0.6 * len(words)


_LARGEST_PRICE = 100_000  # dollars, euros or pounds; more is a settlement, a turnover or a donation goal


_LARGEST_FEE = 50_000  # same units, for an amount alone on its line of a service company; more was won for a client


def _is_sum(price: str, largest: int) -> bool:
    """Whether an amount with a currency sign is too large for a price."""
    digits = re.sub(r"[.,]\d{1,2}$", "", price)
    return bool(re.search(r"[$€£]|USD|EUR|GBP|CHF", price)) and int(re.sub(r"\D", "", digits) or 0) >= largest


_UP_TO_PRICE = re.compile(
    r"\s*(?:as low as|starting at|from|ab|à partir de|desde|da|fra|från|vanaf|now|only|nur)$", re.I
)
_EAST_ASIAN_DETAILS = re.compile(r"\s*[（(][^（()）]*[)）]|\s+\S*\d\S*$")
_LONGEST_PRICED = 60  # characters before a price; more is a sentence that mentions a price


def _priced(reading: SitePassages, collector: _Collector) -> None:
    """Labels with a price after them, or on the next line."""
    for page in reading.pages:
        if page is not reading.home and (is_housekeeping(page) or _is_story(page)):
            continue
        above = ""
        for raw in page.text.splitlines():
            line = one_line(raw)
            match = _PRICE.search(line)
            if match and not _is_sum(match.group(), _LARGEST_PRICE):
                label, words = _label_before(line, match.start()), quotation(line, 0, match.end())
                result = not collector.catalogue and _is_sum(match.group(), _LARGEST_FEE)
                if not label and not result and not _PRICE.search(above) and len(above) <= _LONGEST_PRICED:
                    label, words = above.strip(" -–—:|·*"), above
                if 3 <= len(label) <= _LONGEST_PRICED:
                    several = len(tokens(label)) > 1 or is_east_asian(label)
                    collector.add(label, "priced" if several else "priced word", Evidence(page=page.url, words=words))
            if line:
                above = line


def _label_before(line: str, price: int) -> str:
    """The label on a line before its price: ``Monthly pass from $59`` -> ``Monthly pass``."""
    before = _UP_TO_PRICE.sub("", line[:price].strip(" -–—:|·.*"))
    if is_east_asian(before):
        before = _EAST_ASIAN_DETAILS.sub("", before)
    return before.split("|")[-1].strip(" -–—:·.*")


def _enumerated(reading: SitePassages, collector: _Collector) -> None:
    """Short items of a list in running text: ``including silk screen printing, spray painting and hot stamping``."""
    for passage in reading.of(Part.TEXT, Part.DESCRIPTION):
        if passage.housekeeping:
            continue
        for match in _LISTING.finditer(passage.text):
            named = _PURPOSE.sub("", match.group(1))  # the purpose of the last item is not an item
            items = [
                item.strip() for item in re.split(r",\s*(?:and\s+|und\s+)?|\s+(?:and|und|et|y|e|og|och|en)\s+", named)
            ]
            if len(items) >= 2:
                for item in (_PURPOSE.sub("", item) for item in items[:8]):
                    if 1 <= len(item.split()) <= 4 and not _ABBREVIATION.match(item):
                        collector.add(item, "enumerated", passage.quote(match.start(), match.end()))


def _notes(reading: SitePassages, collector: _Collector) -> None:
    """Labels in bulleted lines of the notes, which a person wrote for use in the demo."""
    for passage in reading.of(Part.NOTES):
        if match := re.match(r"^[-*•]\s+(.{3,60})$", passage.text):
            collector.add(match.group(1), "notes", Evidence(page=NOTES, words=quotation(passage.text, 0, 200)))


def _industry_words(candidates: list[_Candidate], industry: str, languages: tuple[str, ...]) -> None:
    for candidate in candidates:
        strongest = 0.0
        for language in dict.fromkeys((*languages, "en")):
            for term in lexicon(language).in_text(candidate.value, language):
                if term.industry == industry:
                    strongest = max(strongest, term.weight)
        if strongest >= WEIGHTS["strong"]:
            candidate.reasons.add("industry word")
        elif strongest >= WEIGHTS["usual"]:
            candidate.reasons.add("usual industry word")


def _listed_beside(candidates: list[_Candidate]) -> None:
    """Add a reason for the other items of a list that contains a word of the industry, because list items are of one kind."""
    lists = [candidate for candidate in candidates if "enumerated" in candidate.reasons]
    known = {quote for each in lists if each.reasons & _OF_INDUSTRY for quote in _quotes(each)}
    for candidate in lists:
        if known.intersection(_quotes(candidate)):
            candidate.reasons.add("enumerated beside")


def _quotes(candidate: _Candidate) -> set[tuple[str, str]]:
    return {(quote.page, quote.words) for quote in candidate.evidence}


def _own_pages(candidates: list[_Candidate], reading: SitePassages) -> None:
    """Add a reason for labels with their own page: they are its heading, or part of its address."""
    heads: set[str] = set()
    for page in reading.pages:
        if page is reading.home or is_housekeeping(page):
            continue
        path = page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        heads.add(comparable(re.sub(r"\.[a-z]{3,5}$", "", path).replace("-", " ").replace("_", " ")))
        if page.headings:
            heads.add(comparable(page.headings[0]))
        heads.add(comparable(re.split(r"\s+[|–—·•-]\s+|\s*[|｜]\s*", page.title)[0]))
    for candidate in candidates:
        if comparable(candidate.value) in heads:
            candidate.reasons.add("own page")


def _merged(candidates) -> list[_Candidate]:
    """Candidates without duplicates: plural and singular, and spellings that hardly differ, are merged."""
    kept: list[_Candidate] = []
    by_stem: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda each: (-each.score(), each.position)):
        words = [word for word in tokens(candidate.value) if word not in _GENERIC_WORDS] or tokens(candidate.value)
        key = " ".join(stem(word, "en") for word in words)
        twin = by_stem.get(key)
        if twin is None and not is_east_asian(candidate.value) and len(key) > 9:
            near = (other for other in kept[:200] if abs(len(other.value) - len(candidate.value)) <= 3)
            twin = next((other for other in near if _nearly_same(candidate.value, other.value)), None)
        if twin is None:
            by_stem[key] = candidate
            kept.append(candidate)
            continue
        if (
            len(candidate.value) < len(twin.value)
            and not is_east_asian(twin.value)
            and "structured" not in twin.reasons
        ):
            twin.value = candidate.value  # the shorter name is kept
        twin.reasons |= candidate.reasons
        twin.categories |= candidate.categories
        twin.mentions += candidate.mentions
        twin.evidence += [quote for quote in candidate.evidence if quote not in twin.evidence][
            : _MOST_EVIDENCE - len(twin.evidence)
        ]
    return kept


def _nearly_same(one: str, other: str) -> bool:
    """Whether two labels are spellings of the same label; labels with different figures are different products."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    return fuzz.ratio(one.lower(), other.lower()) >= 94


def _divided(candidates: list[_Candidate], departments: dict[str, list[str]], *, catalogue: bool) -> Offering:
    believed = [candidate for candidate in candidates if candidate.score() >= _THRESHOLD]
    ranked = sorted(believed, key=lambda each: (-each.score(), -min(each.mentions, 5), each.position))
    goods = [
        each
        for each in ranked
        if each.reasons & {"structured", "priced", "priced word", "notes"} and not each.categories
    ]
    structured = [each for each in goods if "structured" in each.reasons]
    if len(structured) >= _MANY:  # if the site declares its products, labels that only have a price are ignored
        goods = structured
        ranked = [each for each in ranked if each in goods or each.categories or "priced" not in each.reasons]
    stated = [each for each in ranked if each.categories & {"structured", "listed"}]
    if catalogue:
        # menus of shops list categories and hardly anything else, so a label there needs less support
        menu = [
            each for each in candidates if each.categories and each not in stated and each.score() >= _THRESHOLD - 0.1
        ]
        if len(stated) >= _SOME:
            menu = []
        categories = [*stated, *sorted(menu, key=lambda each: (-each.score(), each.position))]
        others = [each for each in ranked if each not in categories and each not in goods]
        products = goods if len(goods) >= _MANY else [*goods, *others]
        below = _below(departments, categories, candidates)
        products += [each for each in below if each not in products][: max(0, MOST_PRODUCTS - len(products))]
        categories = [each for each in categories if each not in products]
        if below:  # the departments are the categories; other menu entries are below one of them
            categories = [each for each in categories if each in stated or "department" in each.reasons]
    else:
        categories = [each for each in stated if each not in goods]
        products = [each for each in ranked if each not in categories]
        if len(products) < _FEW:  # a site with little text: uncertain products are better than none
            doubtful = [each for each in candidates if _DOUBTFUL <= each.score() < _THRESHOLD]
            products += sorted(doubtful, key=lambda each: (-each.score(), each.position))[: _FEW - len(products)]
    return Offering(
        tuple(_fact(each, _department_of(each.value, departments)) for each in products[:MOST_PRODUCTS]),
        tuple(_fact(each) for each in categories[:MOST_CATEGORIES]),
    )


def _below(
    departments: dict[str, list[str]], categories: list[_Candidate], candidates: list[_Candidate]
) -> list[_Candidate]:
    """Labels from the menu below the displayed departments, one from each department in turn."""
    known = {comparable(each.value): each for each in candidates}
    shown = [departments[each.value] for each in categories if each.value in departments]
    turns = zip_longest(*([comparable(label) for label in labels] for labels in shown))
    keys = dict.fromkeys(key for turn in turns for key in turn if key is not None)
    return [known[key] for key in keys if key in known and "department" not in known[key].reasons]


def _department_of(label: str, departments: dict[str, list[str]]) -> str | None:
    """The department whose menu names the label, or has a part whose words are in it: a soap bar is in ``Soap, bath``.

    Of several departments, the one that shares the most words with the label wins, then the one whose word is nearest to its end.
    """
    key = comparable(label)
    words = [stem(word, "en") for word in key.split(" ")]
    best, best_rank = None, (0, 0)
    for part, names in _menu_parts(departments).items():
        if len(names) == 1 and all(word in words for word in part):  # words of several departments do not identify one
            rank = (len(part), max(words.index(word) for word in part))
            if rank > best_rank:
                best, best_rank = names[0], rank
    return next((name for name, below in departments.items() if key in map(comparable, below)), best)


def _menu_parts(departments: dict[str, list[str]]) -> dict[tuple[str, ...], list[str]]:
    """Stems of each part of the labels below departments (``Soap``, ``bath``) -> the departments that contain it."""
    said: dict[tuple[str, ...], list[str]] = {}
    for name, below in departments.items():
        for part in (part for entry in below for part in re.split(r"\s*[,&/]\s*|\s+and\s+", entry.lower())):
            named = tuple(stem(word, "en") for word in comparable(part).split(" ") if len(word) > 2)
            if named and name not in said.setdefault(named, []):
                said[named].append(name)
    return said


def _fact(candidate: _Candidate, within: str | None = None) -> Fact:
    return Fact(value=candidate.value, evidence=candidate.evidence, score=round(candidate.score(), 3), within=within)


@lru_cache(maxsize=1)
def _first_names() -> frozenset[str]:
    # first names that are also everyday words in offerings
    everyday = frozenset(
        {"autumn", "summer", "rose", "joy", "art", "will", "mark", "grant", "chase", "dale", "glen", "may", "june"}
        | {"april", "ivy", "lily", "olive", "jasmine", "ruby", "pearl", "amber", "crystal", "ginger", "cliff", "bill"}
        | {"frank", "christian", "holly", "destiny", "hope", "faith", "grace", "heather", "hunter", "mason", "carter"}
        | {"cooper", "taylor", "savannah", "dallas", "harbor", "harbour", "cedar", "juniper", "willow", "laurel"}
    )
    names: set[str] = set()
    for provider in (AmericanPerson, GermanPerson):
        for kind in ("first_names", "first_names_male", "first_names_female"):
            names.update(str(name).lower() for name in getattr(provider, kind, ()))
    return frozenset(names - everyday)


def _is_person(label: str) -> bool:
    """Whether a label looks like a person's name: a title, an initial, or a first name before one or two more names."""
    if _PERSON_TITLE.search(label):
        return True
    words = label.split()
    return (
        2 <= len(words) <= 3
        and all(word[:1].isupper() and word.replace("-", "").replace(".", "").isalpha() for word in words)
        and words[0].lower() in _first_names()
    )
