"""Selects the next address to read: first the pages that say what a company does, and only a few of the same kind."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from provisioning_assets.research.website.urls import page_key

# Beginnings of words in an address or link text that lead to useful pages: English, German, French, Spanish, Portuguese,
# Italian, Dutch, Scandinavian, Polish, Indonesian, Turkish, Japanese, Chinese.
_TELLING = {
    "about": (
        "about uber-uns ueber-uns ueberuns über-uns unternehmen qui-sommes a-propos apropos entreprise quienes-somos"
        " sobre nosotros empresa chi-siamo azienda over-ons om-os om-oss o-nas tentang hakkimizda company who-we-are"
        " our-story history mission profile corporate story 会社概要 企業情報 について 关于 公司"
    ),
    "offer": (
        "product produkt produit producto produto prodott service dienst leistung angebot servicio serviço servizi"
        " solution lösung loesung solucion soluzioni shop store catalog katalog catalogue categor"
        " kategori collection collections menu speisekarte carte marken brand brands practice treatment medical"
        " layanan produk hizmet urun behandlung kurs course programm program feature platform what-we-do capabilit"
        " expertise equipment fleet room zimmer accommodation destination insurance plan"
        " 製品 商品 サービス 診療 产品 服务"
    ),
    "price": (
        "pricing price prices preis tarif tariff rate plans prix precio prezzi preco membership mitglied abo fees"
        " 料金 价格"
    ),
    "place": (
        "location standort filial store-locator find-a-store branch office sucursal sedi agence kantor cabang stores"
        " region route network anfahrt access 店舗 アクセス"
    ),
    "contact": (
        "contact kontakt contatti contacto contato impressum imprint iletisim hubungi legal-notice お問い合わせ 联系"
    ),
    "customers": (
        "customer client kunden referenz case-stud success portfolio project industr branchen sector testimonial review"
        " results attorneys team people doctor faq"
    ),
}
_POINTS = {"about": 60, "offer": 55, "price": 50, "place": 40, "contact": 40, "customers": 30}
# Pages that are similar on every site, or that only have a form.
_DULL = (
    "login signin sign-in log-in anmelden register signup sign-up account konto basket cart warenkorb checkout wishlist"
    " merkliste password privacy datenschutz cookie terms agb legal disclaimer sitemap site-map search suche rss feed"
    " tag author archive comment print share thanks"
)
# Reading these could change something on the site, or they lead to another site.
_NEVER = re.compile(
    r"(log-?out|sign-?out|abmelden|add[-_]?to[-_]?(cart|basket|wishlist)|add-to-cart|[?&](add|remove|delete|action)="
    r"|/wp-admin|/wp-json|/xmlrpc|/cgi-bin/|/cdn-cgi/|unsubscribe)",
    re.I,
)
_NOT_PAGES = re.compile(
    r"\.(pdf|docx?|xlsx?|pptx?|zip|gz|rar|7z|tar|jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|m4[av]|mov|avi|wmv"
    r"|webm|ogg|wav|css|js|mjs|json|xml|rss|atom|txt|csv|ics|exe|dmg|apk|msi|woff2?|ttf|eot|swf|vcf)$",
    re.I,
)
_LANGUAGE_SEGMENT = re.compile(r"^([a-z]{2})(?:[-_][a-z]{2})?$", re.I)
# Two-letter language codes at the start of a path: /it/ is Italian and /hr/ is Croatian, not the IT or HR department.
_LANGUAGES = frozenset(
    (
        "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "is",
        "it", "ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr",
        "uk", "vi", "zh",
    )
)  # fmt: skip
_MOST_ALIKE = 3  # pages of one pattern that keep their full points


_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _word_pattern(words: str) -> re.Pattern[str]:
    """Matches any of ``words`` at the beginning of a word, or anywhere for Japanese and Chinese, which have no spaces."""
    longest_first = sorted(words.split(), key=lambda word: (-len(word), word))
    return re.compile(
        "|".join(re.escape(word) if _CJK.search(word) else rf"(?<![^\W_]){re.escape(word)}" for word in longest_first)
    )


_TELLING_PATTERNS = {kind: _word_pattern(words) for kind, words in _TELLING.items()}
_DULL_PATTERN = _word_pattern(_DULL)


@dataclass(frozen=True)
class Link:
    """An address and where it was found.

    Args:
        url: normalised.
        text: the text of the link; empty for an address from a sitemap.
        depth: clicks from the start page; sitemap addresses count as 2.
        language: value of ``hreflang``, if the link has one.
    """

    url: str
    text: str = ""
    depth: int = 1
    language: str | None = None


def readable(url: str) -> bool:
    """Whether an address may be a page and can be read without side effects."""
    return not (_NEVER.search(url) or _NOT_PAGES.search(urlsplit(url).path))


def points(link: Link, *, host: str, language: str | None) -> int:
    """Priority of a page; higher is better.

    Args:
        link: the candidate.
        host: host of the start page; other hosts of the site get fewer points.
        language: primary language tag of the start page, if known; translations of it get fewer points.
    """
    parts = urlsplit(link.url)
    path = unquote(parts.path).lower()
    segments = [segment for segment in path.split("/") if segment]
    words = f"{path} {link.text.lower()}".replace(" ", "-").replace("_", "-")
    worth = max((_POINTS[kind] for kind, pattern in _TELLING_PATTERNS.items() if pattern.search(words)), default=0)
    if _DULL_PATTERN.search(words):
        worth -= 45
    worth -= 8 * len(segments) + 6 * link.depth
    if parts.query:
        worth -= 25
    if (parts.hostname or "").removeprefix("www.") != host.removeprefix("www."):
        worth -= 30
    if _other_language(link, segments, language):
        worth -= 60
    return worth


def _other_language(link: Link, segments: list[str], language: str | None) -> bool:
    if language is None:
        return False
    named = (link.language or "").lower().split("-")[0]
    if not named and segments:
        match = _LANGUAGE_SEGMENT.match(segments[0])
        named = match.group(1).lower() if match and match.group(1).lower() in _LANGUAGES else ""
    return bool(named) and named not in {language, "x"}


def pattern_of(url: str) -> str:
    """The pattern that similar addresses share: ``/product/12`` and ``/product/13``, or ``/c/shoes/p-1`` and ``/c/shoes/p-2``."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > 1:
        return f"{parts.netloc}/{'/'.join(segments[:-1])}/"
    return f"{parts.netloc}/{re.sub(r'[0-9]+', '0', segments[0]) if segments else ''}"


@dataclass
class Frontier:
    """Addresses that were not read yet. Depends only on what was added and in which order, not on time.

    Args:
        host: host of the start page.
        language: primary language tag of the start page, set once it is known.
    """

    host: str
    language: str | None = None
    _waiting: dict[str, Link] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _taken: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._waiting)

    def mark_seen(self, url: str) -> bool:
        """Record that a page was read at ``url``; return false if it was recorded before."""
        key = page_key(url)
        new = key not in self._seen
        self._seen.add(key)
        self._waiting.pop(key, None)
        return new

    def add(self, links: list[Link]) -> None:
        """Add new and readable links; of two links to one address, the one with less depth and with text is kept."""
        for link in links:
            key = page_key(link.url)
            if key in self._seen or not readable(link.url):
                continue
            known = self._waiting.get(key)
            if known is None or (link.depth, not link.text) < (known.depth, not known.text):
                self._waiting[key] = link

    def take(self, number: int) -> list[Link]:
        """Remove and return the best ``number`` addresses; each further page of a pattern gets fewer points."""
        ranked = sorted(
            (
                (points(link, host=self.host, language=self.language), at, key)
                for at, (key, link) in enumerate(self._waiting.items())
            ),
            key=lambda entry: (-entry[0], entry[1]),
        )
        chosen: list[Link] = []
        while ranked and len(chosen) < number:
            best = max(ranked, key=lambda entry: (entry[0] - self._alike_penalty(entry[2]), -entry[1]))
            ranked.remove(best)
            key = best[2]
            link = self._waiting.pop(key)
            self._seen.add(key)
            self._taken[pattern_of(link.url)] += 1
            chosen.append(link)
        return chosen

    def _alike_penalty(self, key: str) -> int:
        return 12 * max(0, self._taken[pattern_of(self._waiting[key].url)] + 1 - _MOST_ALIKE)
