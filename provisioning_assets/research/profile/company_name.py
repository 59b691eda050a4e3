"""The company's name by votes from every place that states it; similar spellings are counted together."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from anyascii import anyascii
from publicsuffixlist import PublicSuffixList
from rapidfuzz import fuzz

from provisioning_assets.research.profile.gazetteer import places_by_name
from provisioning_assets.research.profile.labels import comparable
from provisioning_assets.research.profile.legal_forms import without_legal_form
from provisioning_assets.research.profile.lexicon import industries
from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.passages import (
    NOTES,
    Part,
    Passage,
    SitePassages,
    folded,
    one_line,
    quotation,
)
from provisioning_assets.research.profile.structured_data import objects, page_without, types_of
from provisioning_assets.research.profile.words import is_east_asian
from provisioning_assets.research.website.models import CustomerWebsite

_LONGEST = 200  # characters of a name; longer text is a paragraph
_USUAL = 5  # words of a name; longer ones are more often slogans, and count less
_LONG = 0.4
_REPEATED = 1.5  # most that a source counts, in its strongest votes
_PLAIN = 4  # words of a title that is nothing but the name
_ONLY_TITLES = 0.3  # factor for what only titles say: slogans, search words
_ONLY_HIDDEN = 0.2  # factor for what only structured data or settings say: a template's own name
_LEAST_WEIGHT = 1.0  # with less, the host names the company better
_LEAST_ALIAS = 1.5  # spellings with fewer votes are ignored
_SAME = 88  # minimum rapidfuzz ratio of two spellings of one company
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*[|｜：]\s*|:\s+|\s+::\s+")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:(?:©|\(c\))\s*)?(?:(?:19|20)\d\d(?:\s*[-–]\s*(?:(?:19"
    r"|20)\d\d)?)?)?[\s,:]*(?:(?-i:by|por|par|door)\s+)?([^|·©]{2,70}?)"
    r"(?=\s*(?:[.|·,]?\s*(?:all rights|alle rechte|tous droits|todos los|tutti i|alla rättigheter|\(?(?:19"
    r"|20)\d\d)|,\s*[^,]{0,40}\d|[.|·]\s|[.|]?$))",  # a comma before a figure begins the address
    re.I,
)
_NOTES_NAME = re.compile(
    r"^(?:company|customer|client|name|firma|kunde|unternehmen|entreprise|empresa|azienda)\s*[:=]\s*(.+)$", re.I
)
_NAMED_WITH_FORM = re.compile(
    r"\b((?:[A-ZÄÖÜÅÆØÉ][\w'’&.-]*\s+(?:(?:&|und|and|of|de|der|des|et|y)\s+)?){1,5}(?:GmbH(?: & Co\.? KG)?"
    r"|AG|Inc\.?|LLC|LLP|PLC|Ltd\.?|S\.p\.A\.?"
    r"|S\.r\.l\.?|A/S|Sdn\.? Bhd\.?|Pty\.? Ltd\.?))(?=[\s,.;)]|$)"
)
_GENERIC_TAIL = re.compile(
    r"\s+(?:online[ -]?shop|online[ -]?store|official (?:site|website|store)|webshop|homepage|home ?page"
    r"|website|home|startseite|official)$",
    re.I,
)
_GENERIC = frozenset(
    [
        "home",
        "homepage",
        "welcome",
        "startseite",
        "start",
        "index",
        "accueil",
        "inicio",
        "início",
        "forside",
        "hem",
        "hjem",
        "ホーム",
        "トップ",
        "首页",
        "홈",
        "online shop",
        "shop",
        "website",
        "official site",
        "official website",
        "blog",
        "news",
        "untitled",
        "untitled document",
        "new page",
        "contact",
        "kontakt",
        "about us",
        "willkommen",
        "公式",
        "公式サイト",
    ]
)
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\s|\w)")
_LEADING = re.compile(r"^(?:at|about|contact|by|welcome to|from|bei|über|chez)\s+(?=\S)", re.I)
_TOP_LEVEL = re.compile(
    r"\.(?:com|net|org|co|ca|de|dk|fr|es|it|nl|se|no|jp|uk|in|io|ai|app|eu|at|ch|be|us|au|nz|br)$", re.I
)
_ORGANISATION_TYPES = frozenset({"Organization", "Corporation", "LocalBusiness", "Brand", "NGO"})
_PERSONAL_TYPES = frozenset(
    {
        "Course",
        "CourseInstance",
        "Flight",
        "Car",
        "Vehicle",
        "VideoGame",
        "Drug",
        "NewsArticle",
        "SoftwareApplication",
        "MobileApplication",
        "Apartment",
        "House",
        "HotelRoom",
        "TVSeries",
        "PodcastSeries",
        "FinancialProduct",
        "IndividualProduct",
        "ProductModel",
        "Menu",
        "DonateAction",
        "CreditCard",
        "MortgageLoan",
        "LoanOrCredit",
        "BankAccount",
        "RealEstateListing",
    }
)
_LEAST_SPELLED = 5  # letters of a host that words of a name can spell; shorter ones are words of every trade
_LONGEST_SPELLING = 8  # words of a name that are compared with the host; a longer one is a sentence
_MORE = 3  # words that a fuller name has more than the one that titles and logo show
_JOINING = 3  # letters of a word that a host may leave out: "de", "und"
_WORD = re.compile(r"[^\W_]+")
_IN_ADDRESS = re.compile(r"\S*(?:@|\.\w|/)\S*")  # hosts and mail addresses inside a text
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_VISIBLE = (Part.TITLE, Part.HEADING, Part.TEXT, Part.FOOTER, Part.IMAGE)
_SUFFIXES = PublicSuffixList()


@dataclass(frozen=True)
class CompanyName:
    """The company's name, other spellings on the site, and where the name was read."""

    name: str
    also_known_as: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass
class _Vote:
    name: str
    weight: float
    source: str
    evidence: Evidence


@dataclass
class _Cluster:
    votes: list[_Vote] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    weight: float = 0.0


def read_company_name(website: CustomerWebsite, reading: SitePassages, default_company_host: str) -> CompanyName:
    """The company's name by majority of titles, structured data, copyright lines, logos and the host.

    Args:
        website: the website as read; its brand may have a site name.
        reading: the passages of the website.
        default_company_host: host that gives the name if the site does not, e.g. ``www.acme-tools.co.uk``.
    """
    hosts = _host_keys(reading, default_company_host)
    clusters: list[_Cluster] = []
    for vote in _votes(website, reading):
        key = name_key(vote.name)
        if not key or comparable(vote.name) in _GENERIC:
            continue
        cluster = next((cluster for cluster in clusters if _belongs(key, cluster)), None)
        if cluster is None:
            cluster = _Cluster()
            clusters.append(cluster)
        cluster.votes.append(vote)
        cluster.keys.add(key)
    for cluster in clusters:
        cluster.weight = _weight(cluster)
    for cluster in clusters:
        if any(_is_of_host(cluster, host) for host in hosts):
            cluster.weight += 3.0
        elif not _is_visible(cluster, reading):
            cluster.weight *= _ONLY_HIDDEN
        elif {vote.source for vote in cluster.votes} <= {"title"} and not _is_plain_title(cluster, reading):
            cluster.weight *= _ONLY_TITLES
    best = max(clusters, key=lambda cluster: cluster.weight, default=None)
    if best is None or (best.weight < _LEAST_WEIGHT and host_stem(default_company_host)):
        return _from_host(reading, default_company_host)
    return _as_host_spells(_spelled(best, reading), reading, hosts)


def without_other_companies(website: CustomerWebsite, reading: SitePassages, company: CompanyName) -> CustomerWebsite:
    """The website without structured data of companies that no visitor reads of: a template's sample company and its address.

    The same website if it has none.
    """
    own = _Cluster(keys={name_key(name) for name in (company.name, *company.also_known_as)})

    def is_other(thing: dict[str, Any]) -> bool:
        name = thing.get("name")
        if not isinstance(name, str) or not name_key(name) or not types_of(thing) & _organisation_types():
            return False
        return not _belongs(name_key(name), own) and not _is_read(one_line(name), reading)

    pages = [page_without(page, is_other) for page in website.pages]
    changed = any(new is not old for new, old in zip(pages, website.pages, strict=True))
    return website.model_copy(update={"pages": pages}) if changed else website


def _is_read(name: str, reading: SitePassages) -> bool:
    return any(name in passage.text for passage in reading.of(*_VISIBLE))


def _weight(cluster: _Cluster) -> float:
    """The weight of a name: a source that says it again and again, such as a template's copyright line, counts little more."""
    by_source: dict[str, list[float]] = {}
    for vote in cluster.votes:
        by_source.setdefault(vote.source, []).append(vote.weight)
    return sum(min(sum(weights), _REPEATED * max(weights)) for weights in by_source.values())


def _is_visible(cluster: _Cluster, reading: SitePassages) -> bool:
    """Whether a visitor can read the name: in a title or on a page, not only in structured data or the site's settings."""
    if {vote.source for vote in cluster.votes} - {"structured data", "site name"}:
        return True
    return any(_is_read(vote.name, reading) for vote in cluster.votes)


def _is_plain_title(cluster: _Cluster, reading: SitePassages) -> bool:
    """Whether the home page's title is nothing but the name: a few words without a separator or a slogan's sign."""
    title = one_line(reading.home.title) if reading.home else ""
    plain = len(title.split()) <= _PLAIN and len(_TITLE_SEPARATOR.split(title)) == 1 and not re.search(r"[!?…,]", title)
    return plain and name_key(title) in cluster.keys


def name_key(name: str) -> str:
    """A name in the form used for comparison: without legal form, top-level domain, case, spaces and punctuation."""
    bare = without_legal_form(_TOP_LEVEL.sub("", one_line(name)))
    return "".join(re.findall(r"\w+", folded(_GENERIC_TAIL.sub("", bare))))


def host_stem(host: str) -> str:
    """``www.acme-tools.co.uk`` -> ``acme-tools``; empty for an IP address."""
    bare = host.lower().split(":")[0].removeprefix("www.")
    if re.fullmatch(r"[\d.]+|localhost|\[.*", bare):
        return ""
    registered = _SUFFIXES.privatesuffix(bare) or bare
    return registered.split(".")[0]


def _votes(website: CustomerWebsite, reading: SitePassages) -> Iterator[_Vote]:
    """Everything that the site calls the company, with a weight by how surely it is a name."""
    for page in reading.pages:
        at_home = page is reading.home
        for thing in objects(page):
            if types_of(thing) & _organisation_types():
                for key, weight in (("name", 4.0), ("legalName", 2.0)):
                    if isinstance(name := thing.get(key), str):
                        yield from _vote(name, weight if at_home else 0.5, page.url, name, "structured data")
    for passage in reading.of(Part.SITE_NAME):
        yield from _vote(passage.text, 3.0, passage.page, passage.text, "site name")
    if website.brand.site_name and (where := _first_with(reading, website.brand.site_name)):
        yield from _vote(website.brand.site_name, 2.0, where.page, where.text, "site name")
    seen: Counter[str] = Counter()
    for page in reading.pages:
        for text in page.logo_texts:
            seen[text] += 1
            if seen[text] <= 2:
                yield from _vote(re.sub(r"(?i)\blogo\b", "", text), 2.0, page.url, text, "logo")
    yield from _title_votes(reading)
    for passage in reading.of(Part.TEXT, Part.FOOTER):
        for match in _COPYRIGHT.finditer(passage.text):
            name = _without_places(match.group(1))
            yield from _vote(name, 3.0, passage.page, passage.text, "copyright line", match.start())
        if len(passage.text) < 400:
            for match in list(_NAMED_WITH_FORM.finditer(passage.text))[:2]:
                weight = 1.0 if passage.home or passage.housekeeping else 0.5
                yield from _vote(match.group(1), weight, passage.page, passage.text, "legal form", match.start())
    for passage in reading.of(Part.NOTES):
        if match := _NOTES_NAME.match(passage.text):
            yield from _vote(match.group(1).rstrip("."), 30.0, NOTES, passage.text, "notes")
        else:
            for match in list(_NAMED_WITH_FORM.finditer(passage.text))[:2]:
                yield from _vote(match.group(1), 1.0, NOTES, passage.text, "notes", match.start())


def _title_votes(reading: SitePassages) -> Iterator[_Vote]:
    """Parts of titles that many pages share; parts of the home page's title count little, because they are often slogans."""
    titles = [page.title for page in reading.pages if page.title]
    shares = Counter(
        key for title in titles for key in {name_key(part) for part in _TITLE_SEPARATOR.split(title)} if key
    )
    most = max(len(titles), 1)
    voted: set[str] = set()
    for page in reading.pages:
        segments = [segment for segment in _TITLE_SEPARATOR.split(page.title) if segment.strip()]
        for segment in segments:
            key = name_key(segment)
            count = shares[key]
            if page is reading.home:
                yield from _vote(segment, 1.0 if len(segments) == 1 else 0.6, page.url, page.title, "title")
            if count >= 2 and count / most >= 0.25 and key not in voted:
                voted.add(key)
                yield from _vote(segment, 2.5 * count / most, page.url, page.title, "title")


def _vote(name: str, weight: float, page: str, words: str, source: str, start: int = 0) -> Iterator[_Vote]:
    """A name as a vote; a name with a slogan behind a separator becomes one vote for each part."""
    line = one_line(words)
    parts = [part for part in _TITLE_SEPARATOR.split(one_line(name)) if part.strip()]
    for part in parts:
        tidied = _LEADING.sub("", _GENERIC_TAIL.sub("", part)).strip(' \t-–—|·•,;:»«"“”„►™®©')
        if not 2 <= len(tidied) <= _LONGEST or not re.search(r"[^\W\d_]", tidied):
            continue
        share = weight / len(parts) * (_LONG if len(tidied.split()) > _USUAL or tidied[-1] in "!?…" else 1.0)
        at = max(start, line.find(tidied))
        yield _Vote(tidied, share, source, Evidence(page=page, words=quotation(line, at, at + len(tidied))))


def _without_places(name: str) -> str:
    """A name without the town or region that follows it behind a comma."""
    head, comma, tail = name.rpartition(",")
    return _without_places(head) if comma and places_by_name().get(tail.strip()) else name


def _organisation_types() -> frozenset[str]:
    named = {name for industry in industries().values() for name in industry.schema_types}
    return _ORGANISATION_TYPES | (named - _PERSONAL_TYPES)


def _belongs(key: str, cluster: _Cluster) -> bool:
    for other in cluster.keys:
        short, long = sorted((key, other), key=len)
        if fuzz.ratio(key, other) >= _SAME:
            return True
        # a name inside another is the same company if it is most of the other, or its beginning with at least six letters
        if short in long and (len(short) >= 0.6 * len(long) or (len(short) >= 6 and long.startswith(short))):
            return True
    return False


def _spelled(cluster: _Cluster, reading: SitePassages) -> CompanyName:
    spellings: dict[str, float] = {}
    for vote in cluster.votes:
        spellings[vote.name] = spellings.get(vote.name, 0.0) + vote.weight
    for name in spellings:  # alternative texts and settings often leave the apostrophe out: "Dunkin' Donuts"
        if (bare := _APOSTROPHE.sub("", name)) != name:
            spellings[name] += spellings.get(bare, 0.0)
    # Spellings without a top-level domain first; at equal weight, those not in capitals, then the shorter ones.
    ranked = sorted(
        spellings,
        key=lambda name: (bool(_TOP_LEVEL.search(name)), -spellings[name], _shouted(name), len(name), name),
    )
    chosen = ranked[0]
    evidence = [vote.evidence for vote in cluster.votes if vote.name == chosen]
    evidence += [vote.evidence for vote in cluster.votes if vote.name != chosen]
    if _shouted(chosen) and (calm := _calm_spelling(chosen, reading)):
        chosen = calm[0]
        evidence.insert(0, calm[1])
    if not _is_latin(chosen) and (latin := _latin_name(reading)):
        chosen = latin[0]
        evidence.insert(0, latin[1])
    unique = {(quote.page, quote.words): quote for quote in evidence}
    said = {name for name, weight in spellings.items() if weight >= _LEAST_ALIAS or name == ranked[0]}
    others = tuple(dict.fromkeys(name for name in ranked if name != chosen and name in said))
    bare = without_legal_form(chosen)
    return CompanyName(bare, tuple(name for name in (chosen, *others) if name != bare)[:5], tuple(unique.values())[:5])


def _as_host_spells(company: CompanyName, reading: SitePassages, hosts: set[str]) -> CompanyName:
    """The company with the fuller name that the site writes and its host spells: "Acme Bio" of ``acmebio`` instead of "Acme"."""
    found: dict[str, Evidence] = {}
    counts: Counter[str] = Counter()
    own = name_key(company.name)
    if _is_initials(company.name) or not any(_host_letters(own) & _parts_of(host) for host in hosts):
        return company
    for passage in reading.of(*_VISIBLE, Part.DESCRIPTION, Part.SITE_NAME):
        words = list(_WORD.finditer(_IN_ADDRESS.sub(lambda match: " " * len(match.group()), passage.text)))
        keys = [folded(word.group()) for word in words]
        for start, end in _windows(keys, own):
            line = passage.text[words[start].start() : words[end - 1].end()]
            if _host_letters("".join(key for key in keys[start:end] if len(key) > _JOINING)) & hosts or (
                _host_letters("".join(keys[start:end])) & hosts
            ):
                name = line[0].upper() + line[1:]
                counts[name] += 1
                found.setdefault(name, passage.quote(words[start].start(), words[end - 1].end()))
    if not counts:
        return company
    name = min(counts, key=lambda each: (_shouted(each), -counts[each], each))
    aliases = (company.name, *company.also_known_as)
    return CompanyName(name, aliases[:5], (found[name], *company.evidence)[:5])


def _is_initials(name: str) -> bool:
    """Whether a name is letters that stand for words: they are what the company is called, whatever they stand beside."""
    return name.isupper() and len(name) <= _LEAST_SPELLED


def _windows(keys: list[str], own: str) -> Iterator[tuple[int, int]]:
    """Runs of words (start, end) that contain the name and up to three words more on one side."""
    for start in range(len(keys)):
        for end in range(start + 1, min(len(keys), start + _LONGEST_SPELLING) + 1):
            if "".join(keys[start:end]) == own:
                yield from ((start - more, end) for more in range(1, min(_MORE, start) + 1))
                yield from ((start, end + more) for more in range(1, min(_MORE, len(keys) - end) + 1))


def _parts_of(host: str) -> set[str]:
    """The beginnings and ends of a host that could be a name: four letters or more, and not all of it."""
    return {part for cut in range(1, len(host)) for part in (host[:cut], host[cut:]) if len(part) >= 4}


def _host_letters(letters: str) -> set[str]:
    """How a host writes letters: without accents, or with the German ``ue`` for ``ü``."""
    return {anyascii(letters).lower(), anyascii(letters.translate(_UMLAUTS)).lower()}


def _shouted(name: str) -> bool:
    letters = [character for character in name if character.isalpha()]
    return len(letters) > 4 and all(character.isupper() for character in letters)


def _calm_spelling(name: str, reading: SitePassages) -> tuple[str, Evidence] | None:
    """The most frequent spelling of a name in capitals that is not in capitals itself, if the site uses one."""
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I)
    found: Counter[str] = Counter()
    where: dict[str, Evidence] = {}
    for passage in reading.of(Part.TITLE, Part.DESCRIPTION, Part.HEADING, Part.TEXT, Part.IMAGE):
        for match in pattern.finditer(passage.text):
            spelling = match.group()
            if not _shouted(spelling) and spelling[0].isupper():
                found[spelling] += 1
                where.setdefault(spelling, passage.quote(match.start(), match.end()))
    if not found:
        return None
    spelling = min(found, key=lambda candidate: (-found[candidate], candidate))
    return spelling, where[spelling]


def _is_latin(name: str) -> bool:
    letters = [character for character in name if character.isalpha()]
    return sum(character < "ɐ" for character in letters) >= len(letters) / 2


def _latin_name(reading: SitePassages) -> tuple[str, Evidence] | None:
    """The name in Latin letters that the company gives beside its name in another script."""
    for page in reading.pages:
        for thing in page.json_ld:
            names = thing.get("alternateName")
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, str) and _is_latin(name) and len(name_key(name)) > 3:
                    line = one_line(name)[:_LONGEST]
                    words = line.split()
                    shown = " ".join(word.capitalize() for word in words) if _shouted(line) and len(words) > 1 else line
                    return shown, Evidence(page=page.url, words=quotation(one_line(name), 0, len(name)))
    return None


def _first_with(reading: SitePassages, words: str) -> Passage | None:
    return next((passage for passage in reading.passages if one_line(words) in passage.text), None)


def _host_keys(reading: SitePassages, default_company_host: str) -> set[str]:
    hosts = {default_company_host}
    for page in reading.pages:
        hosts.add(page.url.split("/")[2] if page.url.count("/") >= 2 else "")
        if page is reading.home:
            addresses = [page.open_graph.get("og:url"), *(thing.get("url") for thing in page.json_ld)]
            hosts.update(
                address.split("/")[2] for address in addresses if isinstance(address, str) and address.count("/") >= 2
            )
    return {key for host in hosts if len(key := "".join(re.findall(r"\w+", host_stem(host)))) >= 3}


def _like_host(key: str, host: str) -> bool:
    return key == host or fuzz.ratio(key, host) >= 80 or (len(host) >= 4 and key.startswith(host))


def _is_of_host(cluster: _Cluster, host: str) -> bool:
    return any(_like_host(key, host) for key in cluster.keys) or any(_spells(vote.name, host) for vote in cluster.votes)


def _spells(name: str, host: str) -> bool:
    """Whether a host is half of a name's words or more, in their order: ``tallgrassclubs`` of "Tallgrass Athletic Clubs"."""
    if len(host) < _LEAST_SPELLED:
        return False
    words = re.findall(r"\w+", folded(name))[:_LONGEST_SPELLING]
    used = {host: 0}  # what is left of the host -> most words that spell the rest
    for word in words:
        for rest, count in list(used.items()):
            if rest.startswith(word):
                left = rest.removeprefix(word)
                used[left] = max(used.get(left, 0), count + 1)
    return 2 * used.get("", 0) >= len(words) and "" in used


def _from_host(reading: SitePassages, host: str) -> CompanyName:
    stem = host_stem(host)
    if is_east_asian(stem) or not stem:
        return CompanyName(host, (), ())
    name = " ".join(part.capitalize() for part in re.split(r"[-_]+", stem) if part)
    where = next((passage for passage in reading.of(Part.ADDRESS) if stem in passage.text), None)
    return CompanyName(name, (), (where.quote(),) if where else ())
