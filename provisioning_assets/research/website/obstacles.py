"""Detects answers that are not the customer's page: a site that blocks programs, or an unused domain."""

import re

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
