"""Finds what the customer sells: whole groups of like elements that the site itself presents as its offer.

Words are never cut out of sentences. A menu branch, a row of cards, a list or a table is taken if its heading, its menu entry,
its address, its prices or its structured data say that it is the offer; its members are then taken together. A missing word
costs nothing, because the trade's own words take its place; a wrong one costs the demo.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from provisioning_assets.research.profile.company_name import name_key
from provisioning_assets.research.profile.gazetteer import places_by_name
from provisioning_assets.research.profile.headings import (
    OFFERS,
    Meaning,
    address_parts,
    meaning_of,
    meaning_of_address,
    names_only_kind,
)
from provisioning_assets.research.profile.labels import comparable, is_cut_off, language_names, speaks_to_visitor, tidy
from provisioning_assets.research.profile.lexicon import industries, lexicon
from provisioning_assets.research.profile.models import Evidence, Fact
from provisioning_assets.research.profile.page_kinds import PageKind, kind_of, meaning_of_page
from provisioning_assets.research.profile.passages import NOTES, Part, SitePassages, quotation
from provisioning_assets.research.profile.persons import is_person
from provisioning_assets.research.profile.prices import Price, is_term, price_in, without_price
from provisioning_assets.research.profile.segments import addressed_group, group_names, leads_home, names_a_group
from provisioning_assets.research.profile.structured_data import things_of
from provisioning_assets.research.profile.words import stem, tokens
from provisioning_assets.research.website.models import Label, LabelGroup, WebPage

MOST = 24  # words of one kind
_LONGEST = 60  # characters of a word
_FEWEST = (
    3  # members of a group outside menus and without prices; two elements beside each other are often something else
)
_MOST_WORDS = 7
_MOST_EXPLAINED = 5  # words of a name with a dash in it; longer labels are a name and its explanation
_MOST_NAMES = 10  # words of the name of an article with a price
_LEAST_NAMES = 0.6  # share of a group's labels that can be names; with less it is a group of sentences
_MOST_OTHERS = 0.3  # share of a group's labels that name pages of every company; with more it is the general menu
_SAME = 92  # rapidfuzz ratio of two spellings of one word
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d\b|\b(?:19|20)\d\d[-./年]\d{1,2}|\b\d{1,2}\.?\s+\w{3,10}\.?,?\s+(?:19|20)\d\d\b"
    r"|\b\w{3,10}\.?\s+\d{1,2},?\s+(?:19|20)\d\d\b"
)
_NETWORKS = frozenset(
    [
        "facebook",
        "instagram",
        "twitter",
        "x",
        "linkedin",
        "youtube",
        "tiktok",
        "pinterest",
        "whatsapp",
        "telegram",
        "xing",
        "vimeo",
        "vk",
        "rss",
        "email",
        "google",
        "github",
        "discord",
        "reddit",
        "threads",
        "mastodon",
        "bluesky",
        "line",
        "wechat",
        "naver",
        "kakao",
        "odnoklassniki",
        "viber",
        "messenger",
    ]
)
# Names that developers give to groups which are not the offer (class and id, always in English)
_NOT_OFFER_MARKS = frozenset(
    [
        "team",
        "testimonial",
        "testimonials",
        "news",
        "blog",
        "partner",
        "partners",
        "client",
        "clients",
        "sponsor",
        "sponsors",
        "faq",
        "faqs",
        "gallery",
        "social",
        "breadcrumb",
        "breadcrumbs",
        "tag",
        "tags",
        "tagcloud",
        "pagination",
        "award",
        "awards",
        "career",
        "careers",
        "job",
        "jobs",
        "event",
        "events",
        "comment",
        "comments",
        "review",
        "reviews",
        "logo",
        "logos",
        "author",
        "lang",
        "language",
        "languages",
        "locale",
        "archive",
        "archives",
        "stats",
        "counter",
        "counters",
        "steps",
        "toc",
    ]
)
_NOT_A_NAME = re.compile(
    r"[!?;…。！？]|[^\W\d_A-Z]{4,}\.(?:\s|$)|[:,]$|https?:|www\.|@|\w\.(?:com|net|org|[a-z]{2})\b|[{}<>=]|//|^[\W\d_]+$|^\W*\+?\d[\d\s()/-]{6,}"
)
_FIGURE_AND_UNIT = re.compile(r"^\d[\d.,]*\s*[^\W\d_]{1,5}$")
_FIRST_MARKS = 8  # names of a group that are its own or of the elements next to it


class Strength(IntEnum):
    """How surely a group is the offer; the lower, the surer. Groups of a weaker kind are used if there is none of a stronger."""

    STATED = 1  # structured data, prices, or a heading or menu entry that means the offer
    BUILT = 2  # the addresses or the developers' names of the elements mean the offer
    SUPPORTED = 3  # a menu branch or row of cards whose members are words of the industry


@dataclass(frozen=True)
class Offer:
    """What the site offers, by kind; the most prominent first."""

    plans: tuple[Fact, ...] = ()
    services: tuple[Fact, ...] = ()
    products: tuple[Fact, ...] = ()
    product_categories: tuple[Fact, ...] = ()
    courses: tuple[Fact, ...] = ()
    features: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class _Member:
    value: str
    evidence: Evidence
    price: Price | None = None
    url: str | None = None


@dataclass(frozen=True)
class _Found:
    """A group that is the offer."""

    meaning: Meaning
    strength: Strength
    rank: tuple[int, ...]
    members: tuple[_Member, ...]
    heading: str = ""
    priced: bool = False
    entries: bool = False  # whether they are entries of the menu, or of the home page, that lead to pages of their own


_LISTS: dict[Meaning, str] = {
    Meaning.PLANS: "plans",
    Meaning.SERVICES: "services",
    Meaning.PRODUCTS: "products",
    Meaning.CATEGORIES: "product_categories",
    Meaning.COURSES: "courses",
    Meaning.FEATURES: "features",
}


def _price_of(label: Label, currency: str) -> Price | None:
    """The price in a label, else the one beside it."""
    return price_in(label.text, currency) or price_in(label.beside, currency)


@dataclass(frozen=True)
class Site:
    """What is known of the site before its offer is read.

    Args:
        reading: its passages and pages.
        industry: its id.
        languages: ISO 639-1, the main one first.
        company: the company's names.
        currency: ISO 4217, of the prices.
    """

    reading: SitePassages
    industry: str
    languages: tuple[str, ...]
    company: tuple[str, ...]
    currency: str

    @cached_property
    def kinds(self) -> dict[str, PageKind]:
        """Address of a page -> its kind."""
        return {page.url: kind_of(page, self.reading, self.languages[0]) for page in self.reading.pages}

    @cached_property
    def company_keys(self) -> frozenset[str]:
        """The company's names, comparable."""
        return frozenset(name_key(name) for name in self.company)

    @cached_property
    def catalogue(self) -> bool:
        """Whether the industry sells named goods from a catalogue."""
        known = industries().get(self.industry)
        return known is not None and known.catalogue

    @cached_property
    def hosts(self) -> frozenset[str]:
        """Hosts of the site: of its pages, and those to which a third of its links lead (saved pages keep old addresses)."""
        links = Counter(
            urlsplit(label.url).hostname or ""
            for page in self.reading.pages
            for group in page.groups
            for label in group.labels
            if label.url
        )
        own = {urlsplit(page.url).hostname or "" for page in self.reading.pages}
        return frozenset(own | {host for host, count in links.items() if count * 3 >= links.total()})

    @cached_property
    def selling_pages(self) -> frozenset[str]:
        """Addresses of pages with prices beside like elements, or with products in their structured data."""
        found: set[str] = set()
        for page in self.reading.pages:
            priced = [
                label
                for group in page.groups
                if group.area == "main" and (self.catalogue or group.element != "tr")
                for label in group.labels
                if _price_of(label, self.currency)
            ]
            if len(priced) >= 2 or things_of(page, _DECLARED[Meaning.PRODUCTS], self.currency):
                found.add(page.url)
        return frozenset(found)

    def is_price_list(self, group: LabelGroup, page: WebPage) -> bool:
        """Whether a group of a page is sold by itself: most labels have prices, and they are not repeated in groups beside it.

        So it is with dishes below "Starters", but not with "Monthly" and "Yearly" of every plan. Rows of tables only count where
        goods are sold by name.
        """
        priced = [label for label in group.labels if _price_of(label, self.currency)]
        if len(priced) < 2 or len(priced) * 2 < len(group.labels) or (group.element == "tr" and not self.catalogue):
            return False
        names = {_shown(label.text, self) for label in group.labels}
        beside = [other for other in page.groups if other is not group and other.marks[:1] == group.marks[:1]]
        repeated = names & {_shown(label.text, self) for other in beside for label in other.labels}
        return len(repeated) * 2 < len(names)

    @cached_property
    def menu_keys(self) -> frozenset[str]:
        """All labels of the menus, comparable."""
        return frozenset(
            comparable(label.text)
            for page in self.reading.pages
            for group in page.groups
            if group.area == "menu"
            for label in group.labels
        )

    @cached_property
    def supported_branches(self) -> frozenset[str]:
        """Menu entries beside one whose entries are words of the industry, if the menu names them on the same level."""
        groups = self.reading.home.groups if self.reading.home else []
        branches = [group for group in groups if group.branch and group.area == "menu"]
        known = {
            group.heading
            for group in branches
            if sum(_of_industry(label.text, self) for label in group.labels) * 2 >= len(group.labels)
        }
        found: set[str] = set()
        for group in groups:
            beside = {label.text for label in group.labels}
            if group.area == "menu" and beside & known:
                found |= {branch.heading for branch in branches if branch.heading in beside}
        return frozenset(found)

    @cached_property
    def column_heads(self) -> frozenset[str]:
        """Labels without a page of their own that are the heading of another group: they sort the offer, but are not sold."""
        above = {
            comparable(group.heading)
            for page in self.reading.pages
            for group in page.groups
            if group.heading
            and (
                (group.branch and group.area == "menu")
                or _are_linked(group, self)
                or meaning_of(group.heading) in OFFERS
                or self.is_price_list(group, page)
            )
        }
        linked: set[str] = set()
        for page in self.reading.pages:
            for group in page.groups:
                targets = Counter(label.url for label in group.labels if label.url and label.url != page.url)
                linked |= {comparable(label.text) for label in group.labels if label.url and targets[label.url] == 1}
        return frozenset(above - linked)


def read_offer(site: Site) -> Offer:
    """Everything that the site presents as its offer."""
    found = [*_noted(site), *_declared(site)]
    for order, (page, group) in enumerate(_groups(site)):
        if (offer := _assessed(group, page, site, order)) is not None:
            found.append(offer)
    found = [_as_stated(each, found) for each in [*found, *_heads_of_branches(site)]]
    lists: dict[str, tuple[Fact, ...]] = {}
    taken: list[str] = []
    for meaning, name in _LISTS.items():
        # departments stand beside articles, so that they are judged by themselves; of all others, only the surest are taken
        rivals = [each for each in found if (each.meaning is Meaning.CATEGORIES) == (meaning is Meaning.CATEGORIES)]
        strongest = min((each.strength for each in rivals), default=Strength.STATED)
        chosen = [each for each in rivals if each.meaning is meaning and (each.strength == strongest or each.entries)]
        if meaning is Meaning.PLANS and any(each.priced for each in chosen):
            chosen = [each for each in chosen if each.priced]  # pages about plans also list whom they suit
        facts = _facts(sorted(chosen, key=lambda each: each.rank), taken)
        taken += [fact.value for fact in facts]
        lists[name] = facts
    return Offer(**lists)


def _as_stated(offer: _Found, found: Sequence[_Found]) -> _Found:
    """A weaker group that shares members with a stated one is the same offer, and stated as well."""
    if offer.strength is Strength.STATED or offer.meaning is Meaning.CATEGORIES:
        return offer
    own = {comparable(member.value) for member in offer.members}
    for other in found:
        if other.strength is Strength.STATED and other.meaning is not Meaning.CATEGORIES:
            shared = own & {comparable(member.value) for member in other.members}
            if len(shared) >= 2 and len(shared) * 2 >= len(own):
                return replace(offer, strength=Strength.STATED, meaning=other.meaning)
    return offer


def _groups(site: Site) -> Iterator[tuple[WebPage, LabelGroup]]:
    """Groups of pages that can hold the offer, the home page first; a group that is on several pages comes once."""
    seen: set[tuple[str, ...]] = set()
    pages = sorted(site.reading.pages, key=lambda page: page is not site.reading.home)
    for page in pages:
        kind = site.kinds[page.url]
        if kind is PageKind.FOREIGN:
            continue
        for group in page.groups:
            if kind is PageKind.ASIDE and group.area not in {"menu", "footer"}:
                continue
            key = (group.heading, *(label.text for label in group.labels))
            if key not in seen:
                seen.add(key)
                yield page, group


def _assessed(group: LabelGroup, page: WebPage, site: Site, order: int) -> _Found | None:
    """A group as part of the offer; None if nothing says that it is."""
    heading = _meaning_above(group)
    if group.branch and any(leads_home(label, site.reading) for label in group.labels):
        # the menu of the whole site is not below what stands before it, such as the company's name
        group = group.model_copy(update={"branch": False, "heading": "", "trail": []})
        heading = None
    priced = [label for label in group.labels if _price_of(label, site.currency)]
    is_priced = len(priced) >= 2 and len(priced) * 2 >= len(group.labels)
    sold = is_priced and Meaning.PLANS in {heading, meaning_of_page(page)}
    if heading in {Meaning.OTHERS, Meaning.PLACES, Meaning.SEGMENTS} or _is_vetoed(group, site, sold=sold):
        return None
    if _is_detail(group, page, site) or _are_records(priced, site):
        return None
    menu_of_shop = site.catalogue and group.area == "menu" and not group.branch and heading is None
    members = _members(group, page, site, priced=is_priced, mixed=menu_of_shop)
    if menu_of_shop:
        members = tuple(member for member in members if _is_department(member, site))
    if len(members) < (2 if group.branch or is_priced or group.area == "menu" else _FEWEST):
        return None
    meaning, strength = _reason(group, page, site, heading, members, priced=is_priced)
    if meaning is None or strength is None:
        return None
    if group.area in {"footer", "aside"}:  # they shorten names and mix kinds
        strength = max(strength, Strength.BUILT)
    areas = {"menu": 0, "main": 1, "aside": 2, "footer": 3}
    rank = (page is not site.reading.home, areas[group.area], order)
    entries = (
        (group.branch and group.depth > 1) or (group.area == "main" and page is site.reading.home)
    ) and _are_linked(group, site)
    return _Found(meaning, strength, rank, members, group.heading, is_priced, entries)


def _are_records(priced: Sequence[Label], site: Site) -> bool:
    """Whether a list has the same label again with another amount: results of cases, or offers of a market, not a price list."""
    amounts: dict[str, set[float]] = {}
    for label in priced:
        price = _price_of(label, site.currency)
        amounts.setdefault(comparable(_shown(label.text, site)), set()).add(price.amount if price else 0.0)
    return any(len(each) > 1 for each in amounts.values())


def _meaning_above(group: LabelGroup) -> Meaning | None:
    """What the heading above a group means: its words, the address that a menu entry leads to, else the entries above it."""
    if group.branch and names_a_group(
        group.heading
    ):  # "Private customers" in a menu: below it is what they are offered
        return None
    nearest = meaning_of(group.heading) or (meaning_of_address(group.heading_url) if group.branch else None)
    return nearest or next((meaning for above in group.trail if (meaning := meaning_of(above)) is not None), None)


def _reason(
    group: LabelGroup, page: WebPage, site: Site, heading: Meaning | None, members: Sequence[_Member], *, priced: bool
) -> tuple[Meaning | None, Strength | None]:
    """Why a group is the offer, and what its members are."""
    by_page = meaning_of_page(page) if site.kinds[page.url] is PageKind.OFFER and group.area == "main" else None
    stated = heading if heading in OFFERS else None
    unlinked = not group.branch and not _are_linked(group, site)
    if unlinked and meaning_of(group.heading) is None:
        stated = (
            None  # the meaning is that of the page; not all its groups are the offer, but those that lead to pages are
        )
    if priced and _prices_are_asked(group, page, site, stated or by_page):
        periodic = sum(member.price is not None and member.price.recurring for member in members) * 2 >= len(members)
        meaning = Meaning.PLANS if periodic or Meaning.PLANS in {stated, by_page} else stated or Meaning.PRODUCTS
        weak = group.element == "tr" and stated is None and not site.catalogue
        strength = Strength.BUILT if weak else Strength.STATED
        return (Meaning.PRODUCTS if meaning is Meaning.CATEGORIES else meaning), strength
    if unlinked and not _is_in_place(group, page, site):
        stated = None
    if stated is Meaning.CATEGORIES and not site.catalogue and not _are_known(members, site):
        return None, None  # categories of a blog
    if stated is not None:
        # footers shorten names and mix kinds
        return _sorted_out(stated, group, site), Strength.BUILT if group.area == "footer" else Strength.STATED
    if by_page is not None and by_page in OFFERS and not group.heading and _are_linked(group, site):
        return _sorted_out(by_page, group, site), Strength.BUILT if group.element == "tr" else Strength.STATED
    paths = Counter(
        meaning
        for member in members
        for meaning in {meaning_of(part) for part in address_parts(member.url)[:-1]}
        if meaning is not None
    )
    common = max(paths, key=lambda each: (paths[each], each), default=None)
    if common is not None and common in OFFERS and paths[common] * 3 >= 2 * len(members):
        return _sorted_out(common, group, site), Strength.BUILT
    if group.area not in {"footer", "aside"} and _is_supported(group, page, members, site):
        return (Meaning.CATEGORIES if site.catalogue else by_page or Meaning.SERVICES), Strength.SUPPORTED
    return None, None


def _is_in_place(group: LabelGroup, page: WebPage, site: Site) -> bool:
    """Whether labels that lead nowhere are where an offer is: in a menu, under "Our services", or on a page about the offer.

    Elsewhere a heading with such a word stands above what one product includes. Rows of tables compare, options belong to forms.
    """
    if group.area == "menu":
        return True
    if group.element in {"tr", "option"}:
        return False
    return names_only_kind(group.heading) or site.kinds[page.url] is PageKind.OFFER


def _is_department(member: _Member, site: Site) -> bool:
    """Whether an entry of a shop's menu is a department: by its words, its entries below it, or what its page sells."""
    branches = {group.heading for page in site.reading.pages[:1] for group in page.groups if group.branch}
    if _of_industry(member.value, site):
        return True
    return member.evidence.words in branches or (member.url or "").partition("#")[0] in site.selling_pages


def _are_known(members: Sequence[_Member], site: Site) -> bool:
    """Whether at least half of the members contain a word of the industry."""
    return sum(_of_industry(member.value, site) for member in members) * 2 >= len(members)


def _is_supported(group: LabelGroup, page: WebPage, members: Sequence[_Member], site: Site) -> bool:
    """Whether words of the industry show that a group is the offer, though its heading says nothing.

    The same is shown by pages of their own: a page or section that a member leads to has the member as its heading.

    That holds for entries below a menu entry, for elements of the home page that lead to pages of their own, and for the list
    under the first heading of a page that the menu names. In a menu, one such branch speaks for those beside it; in the menu of
    a shop, every branch is a department.
    """
    known = _are_known(members, site)
    if group.area == "menu" and (group.branch or site.catalogue):
        supported = site.catalogue or known or group.heading in site.supported_branches
        return supported or _have_headings(members, site)
    if page is site.reading.home or group.branch:
        return (known and _are_linked(group, site)) or (group.area == "main" and _are_restated(members, site))
    first = comparable(page.headings[0]) if page.headings else ""
    return known and first in site.menu_keys and comparable(group.heading) == first


def _have_headings(members: Sequence[_Member], site: Site) -> bool:
    """Whether two thirds of the members lead to a page of the site that has them as its heading or the heading of a section."""
    headings = {page.url: {comparable(heading) for heading in page.headings} for page in site.reading.pages}
    own = sum(comparable(each.value) in headings.get((each.url or "").partition("#")[0], set()) for each in members)
    return own * 3 >= 2 * len(members)


def _are_restated(members: Sequence[_Member], site: Site) -> bool:
    """Whether two thirds of at least three members are headings on one other page of the site that is not aside."""
    names = {comparable(each.value) for each in members}
    pages = [
        page
        for page in site.reading.pages
        if page is not site.reading.home and site.kinds[page.url] in {PageKind.OFFER, PageKind.OTHER}
    ]
    most = max((len(names & {comparable(heading) for heading in page.headings}) for page in pages), default=0)
    return len(names) >= _FEWEST and most * 3 >= 2 * len(names)


def _are_linked(group: LabelGroup, site: Site) -> bool:
    """Whether most labels lead to pages of their own."""
    own = {label.url for label in group.labels if label.url and urlsplit(label.url).hostname in site.hosts}
    return len(own) * 3 >= 2 * len(group.labels)


def _prices_are_asked(group: LabelGroup, page: WebPage, site: Site, meaning: Meaning | None) -> bool:
    """Whether the amounts beside the labels are prices of the offer: articles and tables also have amounts of other kinds."""
    if meaning in OFFERS:
        return True
    if group.element == "tr" and not site.catalogue:
        return False
    if _are_linked(group, site) or (page is site.reading.home and group.heading):
        return True
    return any(comparable(heading) in site.menu_keys for heading in page.headings[:1])


def _is_detail(group: LabelGroup, page: WebPage, site: Site) -> bool:
    """Whether a group says something about one member of another group, such as the features of a plan.

    Either its heading is such a member, or its labels are repeated with other texts, as "Monthly" and "Yearly" for every plan.
    """
    if group.branch or group.area == "menu" or meaning_of(group.heading) in OFFERS:
        return False
    members = {
        label.text for other in page.groups if other is not group and other.area == "main" for label in other.labels
    }
    linked = sum(label.url is not None for label in group.labels) * 2 >= len(group.labels)
    if group.heading in members and not linked and not site.is_price_list(group, page):
        return True
    own = {_shown(label.text, site): f"{label.text} {label.beside}" for label in group.labels}
    again = {
        _shown(label.text, site)
        for other in page.groups
        if other is not group and group.marks and other.marks[:1] == group.marks[:1]
        for label in other.labels
        if own.get(_shown(label.text, site)) not in {None, f"{label.text} {label.beside}"}
    }
    return len(again) * 2 >= len(own)


def _sorted_out(meaning: Meaning, group: LabelGroup, site: Site) -> Meaning:
    """The meaning with regard to the members: departments of a shop are categories, not products."""
    if meaning in {Meaning.PRODUCTS, Meaning.SERVICES} and site.catalogue and group.area != "main":
        return Meaning.CATEGORIES
    return meaning


def _of_industry(word: str, site: Site) -> bool:
    return any(
        found.term.industry == site.industry and found.term.weight > 1
        for language in dict.fromkeys((*site.languages, "en"))
        for found in lexicon(language).in_text(word, language)
    )


def _is_vetoed(group: LabelGroup, site: Site, *, sold: bool) -> bool:
    """Whether a group is something else for sure: news, persons, places, languages, social networks, other companies.

    ``sold``: prices stand beside its labels where prices of the offer are expected, so that names of places and persons are those
    of what is sold: "Homestead" is a plan.
    """
    labels = group.labels
    marks = {part for mark in group.marks[:_FIRST_MARKS] for part in re.split(r"[-_]+", mark)}
    if marks & _NOT_OFFER_MARKS:
        return True

    def most(count: int) -> bool:
        return count * 2 >= len(labels)

    words = [comparable(label.text) for label in labels]
    names = [word for word, label in zip(words, labels, strict=True) if not names_only_kind(label.text)]
    elsewhere = [urlsplit(label.url).hostname not in site.hosts for label in labels if label.url]
    groups = frozenset().union(*(group_names(language) for language in (*site.languages, "en")))
    return (
        sum(bool(_DATE.search(f"{label.text} {label.beside}")) for label in labels) * 3 >= len(labels)
        or (not sold and most(sum(is_person(label.text) for label in labels)))
        or (not sold and most(sum(_is_place(label.text) for label in labels)))
        or most(sum(word in language_names() for word in words))
        or sum(word in _NETWORKS for word in words) >= 2
        or (bool(elsewhere) and most(sum(elsewhere)))
        or 2 * sum(word in groups or addressed_group(word) is not None for word in names) >= max(len(names), 1)
    )


def _is_place(word: str) -> bool:
    return bool(places_by_name().get(tidy(word)))


def _members(group: LabelGroup, page: WebPage, site: Site, *, priced: bool, mixed: bool = False) -> tuple[_Member, ...]:
    """The group's members that can be shown; none if too many cannot, because the group is then of another kind.

    ``mixed``: the group is known to have other entries, too, as the menu of a shop has.
    """
    labels = _of_one_kind(_explained([label for label in group.labels if comparable(label.text)]), site.languages)
    # "Contact us" in every card is not the card's own page
    if priced and len({label.url for label in labels}) == 1:
        labels = [label.model_copy(update={"url": None}) for label in labels]
    if priced:  # an article may be called "Proving basket"
        others = [label for label in labels if names_only_kind(label.text) or _leads_aside(label, site)]
    else:
        others = [label for label in labels if _is_other(label, site) or names_only_kind(label.text)]
    if not mixed and not priced and sum(_is_other(label, site) for label in labels) > _MOST_OTHERS * len(labels):
        return ()
    names = [label for label in labels if label in others or _is_name(label.text, site, priced=priced)]
    if len(names) < _LEAST_NAMES * len(labels):
        return ()
    repeated = Counter(comparable(label.text) for label in names)
    return tuple(
        _Member(
            _shown(label.text, site),
            Evidence(page=page.url, words=quotation(label.text, 0, len(label.text)), under=group.heading[:100]),
            _price_of(label, site.currency),
            label.url,
        )
        for label in names
        if label not in others
        and repeated[comparable(label.text)] == 1
        and comparable(label.text) not in site.column_heads
        and _is_of_the_offer(label, site)
        and (not names_a_group(label.text) or _price_of(label, site.currency) is not None)
    )


_TRANSLATION = re.compile(r"(?<=[\u3040-\u9fff\uac00-\ud7af）])\s+[A-Za-z][A-Za-z '&/-]+$")
_EXPLANATION = re.compile(r"\s+[–—]\s+\S.*$|:\s+\S.*$")


def _explained(labels: list[Label]) -> list[Label]:
    """Labels without the explanation behind a dash or colon, if most labels of the group have one: "Stuben – Eckbank, Tisch".

    The same holds for a translation behind East Asian names.
    """
    translated = [label for label in labels if _TRANSLATION.search(label.text)]
    if labels and len(translated) * 3 >= 2 * len(labels):
        return [label.model_copy(update={"text": _TRANSLATION.sub("", label.text)}) for label in labels]
    explained = [label for label in labels if _EXPLANATION.search(label.text)]
    long = [label for label in explained if len(tokens(label.text)) > _MOST_EXPLAINED]
    if len(explained) * 3 < 2 * len(labels) or not long:
        return labels
    return [label.model_copy(update={"text": _EXPLANATION.sub("", label.text)}) for label in labels]


_HEADED = re.compile(r":\s?\S|：")


def _of_one_kind(labels: list[Label], languages: tuple[str, ...]) -> list[Label]:
    """Labels without the few of another kind: a single entry among terms, a surcharge ("Extra: polish") among treatments."""
    for is_of_kind in (
        lambda label: any(is_term(label.text, language) for language in languages),
        lambda label: not _HEADED.search(label.text),
    ):
        of_kind = [label for label in labels if is_of_kind(label)]
        if len(of_kind) * 3 >= 2 * len(labels):
            labels = of_kind
    return labels


def _is_other(label: Label, site: Site) -> bool:
    return meaning_of(label.text) is Meaning.OTHERS or _leads_aside(label, site)


def _leads_aside(label: Label, site: Site) -> bool:
    """Whether a label leads to a page that is not of the offer, whatever its words are: a contact or delivery page."""
    return (
        site.kinds.get((label.url or "").partition("#")[0]) is PageKind.ASIDE
        or meaning_of_address(label.url) is Meaning.OTHERS
    )


def _is_name(text: str, site: Site, *, priced: bool) -> bool:
    """Whether a label can be the name of something sold: no sentence, request, address, figure or date."""
    value = _shown(text, site)
    words = tokens(value)
    if not words or not 2 <= len(value) <= _LONGEST or len(words) > (_MOST_NAMES if priced else _MOST_WORDS):
        return False
    if (
        _FIGURE_AND_UNIT.match(value)
        or _NOT_A_NAME.search(value)
        or _DATE.search(value)
        or (not priced and value[0].isdigit())
    ):
        return False
    if is_cut_off(value):
        return False
    return priced or not speaks_to_visitor(value, site.languages)


def _is_of_the_offer(label: Label, site: Site) -> bool:
    """Whether a name is not the company, a place, or a person, which the group can contain besides its own kind."""
    town = label.text.rpartition(", ")[2]  # of an address: "Mill Lane, York"
    return not (name_key(label.text) in site.company_keys or _is_place(town) or is_person(label.text))


def _shown(text: str, site: Site) -> str:
    return tidy(without_price(text, site.currency))


def _heads_of_branches(site: Site) -> list[_Found]:
    """First-level menu entries that have entries below them, if most of them are words of the industry: departments, lines."""
    home = site.reading.home
    if home is None:
        return []
    branches = [group for group in home.groups if group.branch and group.depth <= 2 and group.area == "menu"]
    heads = list(dict.fromkeys(group.heading for group in branches if not names_only_kind(group.heading)))
    labels = [Label(text=head) for head in heads if _is_name(head, site, priced=False)]
    if not site.catalogue:
        known = [label for label in labels if _of_industry(label.text, site)]
        labels = known if len(known) * 2 >= len(labels) else []
    if len(labels) < 3:
        return []
    group = LabelGroup(area="menu", labels=labels)
    members = _members(group, home, site, priced=False)
    meaning = Meaning.CATEGORIES if site.catalogue else Meaning.SERVICES
    return [_Found(meaning, Strength.BUILT, (0, 0, -1), members)] if len(members) >= 3 else []


# --- structured data and notes -------------------------------------------------------------------------------------------

_DECLARED = {
    Meaning.PRODUCTS: frozenset(
        [
            "Product",
            "ProductGroup",
            "ProductModel",
            "IndividualProduct",
            "MenuItem",
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
            "Book",
            "Movie",
            "TVSeries",
        ]
    ),
    Meaning.SERVICES: frozenset(
        [
            "Service",
            "MedicalProcedure",
            "MedicalTherapy",
            "MedicalTest",
            "GovernmentService",
            "BroadcastService",
            "TaxiService",
            "FoodService",
            "CableOrSatelliteService",
            "TouristTrip",
            "Offer",
        ]
    ),
    Meaning.COURSES: frozenset({"Course", "EducationalOccupationalProgram"}),
    Meaning.CATEGORIES: frozenset({"OfferCatalog", "MenuSection", "CategoryCode"}),
}


def _declared(site: Site) -> Iterator[_Found]:
    """What structured data declares as sold, if it is also on the page: templates leave their own examples behind."""
    for order, page in enumerate(site.reading.pages):
        if site.kinds[page.url] in {PageKind.ASIDE, PageKind.FOREIGN}:
            continue
        visible = comparable("\n".join((page.text, *page.headings, *page.navigation)))
        for meaning, types in _DECLARED.items():
            members = [
                _Member(tidy(thing.name), Evidence(page=page.url, words=quotation(thing.name, 0, 200)), thing.price)
                for thing in things_of(page, types, site.currency)
                if comparable(thing.name) in visible and _is_name(thing.name, site, priced=True)
            ]
            members = [each for each in members if _is_of_the_offer(Label(text=each.value), site)]
            if members:
                yield _Found(meaning, Strength.STATED, (-1, order), tuple(members))


def _noted(site: Site) -> Iterator[_Found]:
    """What a person wrote into the notes for use in the demo: ``Services: repair, rental``, and bulleted lines as products."""
    noted: dict[Meaning, list[_Member]] = {}
    for passage in site.reading.of(Part.NOTES):
        head, _, rest = passage.text.partition(":")
        meaning = meaning_of(head) if rest else None
        if meaning is not None and meaning in OFFERS:
            names = [name for part in rest.split(",") if _is_name(name := part.strip(" ."), site, priced=True)]
        elif match := re.match(r"^[-*•]\s+(.{3,60})$", passage.text):
            meaning, names = Meaning.PRODUCTS, [match.group(1)]
        else:
            continue
        for name in names:
            evidence = Evidence(page=NOTES, words=quotation(passage.text, *_span(passage.text, name)))
            noted.setdefault(meaning, []).append(_Member(tidy(name), evidence))
    for meaning, members in noted.items():
        yield _Found(meaning, Strength.STATED, (-2,), tuple(members))


def _span(text: str, part: str) -> tuple[int, int]:
    """Where a part of a text begins and ends."""
    start = text.index(part)
    return start, start + len(part)


# --- facts ---------------------------------------------------------------------------------------------------------------


def _facts(found: Iterable[_Found], taken: Sequence[str]) -> tuple[Fact, ...]:
    """The members of groups as facts: each word once, in the first spelling, with the price that any of the groups has."""
    facts: list[Fact] = []
    for offer in found:
        for member in offer.members:
            price = _shown_price(member, offer.meaning)
            twin = next((at for at, fact in enumerate(facts) if _same(fact.value, member.value)), None)
            if twin is not None:
                facts[twin] = facts[twin].model_copy(update={"price": facts[twin].price or price})
            elif len(facts) < MOST and not any(_same(word, member.value) for word in taken):
                facts.append(
                    Fact(
                        value=member.value,
                        evidence=[member.evidence],
                        score=round(1.0 - 0.15 * (offer.strength - 1), 2),
                        price=price,
                        within=tidy(offer.heading) if offer.heading and meaning_of(offer.heading) is None else None,
                    )
                )
    return tuple(facts)


def _shown_price(member: _Member, meaning: Meaning) -> float | None:
    """The price of an article, or the monthly one of a plan; a plan's yearly or quarterly price is not shown."""
    if member.price is None or (meaning is Meaning.PLANS and not member.price.monthly):
        return None
    return member.price.amount


def _same(one: str, other: str) -> bool:
    """Whether two words are spellings of one: plural and singular, accents; words with different figures are different."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    first, second = comparable(one), comparable(other)
    if [stem(word, "en") for word in first.split()] == [stem(word, "en") for word in second.split()]:
        return True
    return min(len(first), len(second)) > 7 and fuzz.ratio(first, second) >= _SAME
