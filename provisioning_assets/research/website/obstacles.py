"""Detects answers that are not the customer's page: a site that blocks programs, an unused domain, a question before the site."""

import re
from functools import lru_cache

from babel import Locale

from provisioning_assets.research.website.models import FailureKind, WebPage

_BLOCKING_STATUSES = {
    401: "requires a password",
    403: "refuses automated requests",
    407: "requires a proxy password",
    429: "reports too many requests",
    451: "is unavailable for legal reasons",
}
# Only a short page is judged by its words, because a long page may be about captchas or domains.
_LONGEST_NOTICE = 2_500  # characters
_PUZZLE = re.compile(
    r"captcha|are you (a )?(human|robot)|verify (that )?you are (a )?human|just a moment\.\.\.|checking your browser"
    r"|attention required! \| cloudflare|incapsula incident|request unsuccessful|access denied|pardon our interruption"
    r"|unusual traffic|bot detection|enable cookies and reload|ddos protection by|security check to access"
    r"|press (&|and) hold|ich bin kein roboter|je ne suis pas un robot|perimeterx|datadome",
    re.I,
)
_PUZZLE_MARKUP = re.compile(
    r"cf-challenge|cf_chl_opt|_incapsula_resource|px-captcha|geo\.captcha-delivery\.com|awswafintegration|/_sec/cp_challenge",
    re.I,
)
_PARKED = re.compile(
    r"(this|the) domain( name)?( \S{1,80})? (is|may be|could be) (for sale|available|parked)|buy this domain"
    r"|domain (is )?for sale|parked (free|by|domain)|domain parking|this site is parked|hugedomains|sedoparking"
    r"|diese domain (steht|ist|kann)|ce (nom de )?domaine (est|peut)|este dominio (está|esta|puede)"
    r"|future home of something|website coming soon|default web ?site page|welcome to nginx!"
    r"|apache2? .{0,20}default page|it works!$"
    r"|^(?:index of|directory listing for) /|account (has been )?suspended|domain (has )?expired",
    re.I | re.M,
)


def blocking_status(status: int) -> str | None:
    """What an HTTP status says about blocked programs, or ``None``."""
    said = _BLOCKING_STATUSES.get(status)
    return f"the site {said} (HTTP {status})" if said else None


def obstacle(page: WebPage, html: str) -> tuple[FailureKind, str] | None:
    """Why a page is not the customer's own, or ``None`` if it is.

    Args:
        page: as read.
        html: its document; a captcha often has no text.
    """
    if len(page.text) > _LONGEST_NOTICE:
        return None
    said = "\n".join((page.title, *page.headings, page.text))
    match = _PUZZLE.search(said)
    if match and len(page.text) < 800:
        return FailureKind.BLOCKED, f"the site shows a captcha ({match.group(0).strip()[:60]!r})"
    if len(page.text) < 300 and _PUZZLE_MARKUP.search(html[:100_000]):
        return FailureKind.BLOCKED, "the site shows a captcha"
    match = _PARKED.search(said)
    # a shop may write "account suspended" in its terms, but a placeholder has hardly any links
    if match and len(page.text) < 1_200 and len(page.navigation) <= 8:
        return FailureKind.PARKED, f"the address shows a placeholder, not a company ({match.group(0).strip()[:60]!r})"
    return None


_LONGEST_GATEWAY = 900  # characters of a page that only asks something before the site
_AGE = re.compile(
    r"\b(?:16|18|19|20|21)\b\W{0,3}(?:\+|years?|yrs|jahre|ans\b|años|anni|anos|jaar|år|lat\b|lata|лет|год|év|yaş|سنة|عام)"
    r"|(?:18|19|20|21)\s?(?:歳|岁|歲|세)|legal (?:drinking|smoking|purchase) age|of legal age|(?:over|under) (?:18|21)\b"
    r"|volljährig|majeur|mayor(?:es)? de edad|maggiorenne|maior(?:es)? de idade|meerderjarig|совершеннолет|pełnoletn",
    re.I,
)


def is_gateway(page: WebPage) -> bool:
    """Whether a page only asks the visitor's age, country or language before it shows the site.

    Such a page is short. It asks for the age, or nearly all of its links are names of countries or languages.
    """
    if len(page.text) > _LONGEST_GATEWAY:
        return False
    if _AGE.search("\n".join((page.title, *page.headings, page.text))):
        return True
    labels = [label.text.strip() for group in page.groups for label in group.labels]
    return len(labels) >= 2 and sum(label in _territories() for label in labels) * 4 >= 3 * len(labels)


@lru_cache(maxsize=1)
def _territories() -> frozenset[str]:
    """Names of countries and languages, in English and in the language itself."""
    english = Locale.parse("en")
    names = {str(name) for name in (*english.territories.values(), *english.languages.values())}
    for code in (
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "da",
        "sv",
        "nb",
        "fi",
        "pl",
        "ru",
        "ar",
        "ja",
        "zh",
        "ko",
        "tr",
        "cs",
        "hu",
    ):
        locale = Locale.parse(code)
        names.update((str(locale.languages.get(code)), str(locale.languages.get(code)).capitalize()))
        names.update(str(name) for name in locale.territories.values())
    return frozenset(names)
