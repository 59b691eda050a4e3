"""Web addresses as text: which may be requested, which are the same page, and which belong to the same site."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import idna
from publicsuffixlist import PublicSuffixList

from provisioning_assets.errors import ProvisioningError

LONGEST_URL = 2_000  # characters; servers and sitemaps.org stop near 2,048

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that newsletters and advertisements add to count visitors; they never select another page.
_TRACKING = re.compile(
    r"^(utm_\w+|gclid|gclsrc|dclid|fbclid|msclkid|yclid|mc_cid|mc_eid|_ga|_gl|igshid|"
    r"phpsessid|jsessionid|sid|sessionid)$",
    re.I,
)
_SESSION_IN_PATH = re.compile(r";(jsessionid|phpsessid|sid)=[^/?#]*", re.I)
_INDEX_PAGE = re.compile(r"/(index|default|home)\.(html?|php|aspx?|jsp)$", re.I)
_SAFE_PATH = "/:@!$&'()*+,;=~-._"


class UrlRefusedError(ValueError):
    """An address that must not be requested; the message gives the reason."""


def normalise(url: str, base: str | None = None) -> str:
    """The normal form of an address: absolute, host lower case and IDNA, no default port, fragment or tracking parameters.

    Raises:
        UrlRefusedError: not http or https, no host, contains a user name or password, too long, or not an address.
    """
    written = re.sub(r"[\t\r\n]", "", url.strip())
    if len(written) > LONGEST_URL:
        raise UrlRefusedError(f"longer than {LONGEST_URL} characters")
    try:
        parts = urlsplit(urljoin(base, written) if base else written)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UrlRefusedError(f"not a web address ({error})") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise UrlRefusedError(f"{scheme or 'no'} scheme; only http and https are read")
    if "@" in parts.netloc:
        raise UrlRefusedError("a user name or password in the address")
    if not host:
        raise UrlRefusedError("no host in the address")
    netloc = ascii_host(host)
    if ":" in netloc:
        netloc = f"[{netloc}]"
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    path = _escaped(_SESSION_IN_PATH.sub("", parts.path), _SAFE_PATH)
    return urlunsplit((scheme, netloc, _without_dots(path) or "/", _query(parts.query), ""))


def _escaped(text: str, safe: str) -> str:
    """Percent-encode where necessary; existing escapes are kept, in upper case, because ``%2f`` is not a slash."""
    pieces = re.split(r"(%[0-9a-fA-F]{2})", text)
    return "".join(
        piece.upper() if at % 2 else quote(piece, safe=safe, errors="replace") for at, piece in enumerate(pieces)
    )


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    kept = [pair for pair in pairs if not _TRACKING.match(pair[0])]
    return _escaped(query, _SAFE_PATH + "?[]") if len(kept) == len(pairs) else urlencode(kept)


def ascii_host(host: str) -> str:
    """A host in the form used in network requests: lower case, IDNA, no trailing dot.

    Raises:
        UrlRefusedError: not a host name.
    """
    host = host.lower().rstrip(".")
    if host.isascii():
        if not re.fullmatch(r"[a-z0-9_.:%-]{1,253}", host):
            raise UrlRefusedError(f"{host[:80]!r} is not a host name")
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise UrlRefusedError(f"{host[:80]!r} is not a host name") from None


def page_key(url: str) -> str:
    """A key that is equal for addresses of one page: no scheme, ``www.``, index file or final slash; sorted parameters."""
    parts = urlsplit(url)
    path = _INDEX_PAGE.sub("/", parts.path)
    path = path.rstrip("/") or "/"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{parts.netloc.removeprefix('www.')}{path}?{query}"


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


@lru_cache(maxsize=4_096)
def registrable_domain(host: str) -> str | None:
    """``shop.acme.co.uk`` -> ``acme.co.uk``; ``None`` for an IP address, ``localhost`` and a public suffix alone."""
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        return None
    return _public_suffixes().privatesuffix(host)


def site_of(url: str) -> str:
    """A key that is equal for addresses of one site: the registrable domain, or host and port if there is none."""
    parts = urlsplit(url)
    return registrable_domain(parts.hostname or "") or parts.netloc


def start_address(given: str) -> str:
    """The complete address for what a user typed: ``Acme.com/uk`` -> ``https://acme.com/uk``.

    Raises:
        ProvisioningError: it is not the address of a website.
    """
    typed = given.strip()
    complete = typed if re.match(r"^[a-z][a-z0-9+.-]*://", typed, re.I) else f"https://{typed}"
    try:
        return normalise(complete)
    except UrlRefusedError as refused:
        raise ProvisioningError(
            f"{given!r} is not the address of a website: {refused}.",
            "Give an address such as https://www.acme.com, or only acme.com.",
        ) from None
