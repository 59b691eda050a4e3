"""Partition keys of customers, and the request that a CE can make for a customer.

Host and key can be computed from each other, so adding the partition ``acme_com`` is enough to provision
https://acme.com:

====================  ==============================================
in the host           in the key
====================  ==============================================
leading ``www.``      dropped
``.``                 ``_``
``-``                 ``__``
port                  ``___`` and the digits
(a CE's own variant)  ``___`` and a word, e.g. ``acme_com___emea``
====================  ==============================================

A label of a host neither begins nor ends with ``-``, so a run of underscores has only one meaning: one underscore is a
dot, an even number is half as many hyphens, and three begin a port or a variant.
"""

import ipaddress
import re
import zlib
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import idna
from pydantic import Field, field_validator

from provisioning_assets.artefact import Artefact
from provisioning_assets.demo_corrections import Corrections, read_corrections
from provisioning_assets.demo_edits import Edit, read_edits
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES, Language
from provisioning_assets.mail_address import LONGEST_MAIL_ADDRESS, MAIL_NAME

#: Ids of the 26 industries that a profile can have; ``general_business`` is used if no other one fits.
INDUSTRIES = (
    "retail_ecommerce", "grocery", "restaurants", "hospitality", "airline", "logistics", "banking", "insurance",
    "telecom", "healthcare", "life_sciences", "education", "saas", "media", "gaming", "manufacturing", "automotive",
    "energy", "real_estate", "construction", "agriculture", "professional_services", "nonprofit", "public_sector",
    "fitness", "general_business",
)  # fmt: skip

#: Largest number of characters of a key. A key is the name of a folder (at most 255 bytes on common file systems) and, after
#: "demo_", the name of a BigQuery data set.
LONGEST_KEY = 200
#: Largest number of characters of the CE's notes.
LONGEST_NOTES = 20_000
#: Largest and default number of days until a demo expires.
LONGEST_TTL_DAYS = 365
DEFAULT_TTL_DAYS = 30
#: Fields of a request that say how long the demo is kept and who answers for it. No stage makes anything else from them, so a
#: change of them makes no stage run again.
KEEPING_FIELDS = frozenset({"ttl_days", "pinned", "owner"})
#: Largest seed that both numpy's SeedSequence and BigQuery's INT64 accept.
LARGEST_SEED = 2**63 - 1
#: What a CE gives as as-of date to have that of the day again, after a date of their own.
FOLLOW_THE_DAY = "today"
#: Earliest as-of date that a request may have.
EARLIEST_AS_OF = date(2000, 1, 1)

_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VARIANT = re.compile(r"[a-z][a-z0-9]{0,30}")
_KEY_HELP = (
    "A key is the website's host in lower case without 'www.', with '.' as '_', '-' as '__', and a port or a variant "
    "after '___': acme.com is acme_com, my-shop.co.uk is my__shop_co_uk, a second demo of it my__shop_co_uk___emea."
)
_URL_HELP = "Give the address of a public website, such as https://www.acme.com or acme.com."


class DemoSize(StrEnum):
    """Size of the largest fact table: about 20 thousand, 200 thousand, 2 million or 50 million rows."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XLARGE = "xlarge"


class Planner(StrEnum):
    """Who writes the demo: Claude as far as it can, else the industry's blueprint; the blueprint alone; or Claude alone."""

    AUTO = "auto"
    BLUEPRINTS = "blueprints"
    CLAUDE_ONLY = "claude-only"


NO_KEY = "The request says planner: claude-only, and there is no key for Claude."
NO_KEY_REMEDY = "Set ANTHROPIC_API_KEY, or give --planner auto."


class SiteName(NamedTuple):
    """The site of a key, as returned by ``site_of_key``."""

    host: str
    port: int | None
    variant: str | None


class CustomerRequest(Artefact):
    """The Customer Engineer's (CE's) request, with defaults for the values that were not given."""

    key: str
    url: str
    industry: str | None = Field(default=None, description="one of the 26 industry ids; null: read from the website")
    language: Language = Field(default=DEFAULT_LANGUAGE, description="of the demo, ISO 639-1; one of labels.languages")
    size: DemoSize = DemoSize.SMALL
    seed: int = Field(default_factory=lambda data: default_seed(data.get("key", "")), ge=0, le=LARGEST_SEED)
    as_of: date = Field(description="the last day with data: no row is later")
    ttl_days: int = Field(
        default=DEFAULT_TTL_DAYS, ge=1, le=LONGEST_TTL_DAYS, description="days until the demo expires"
    )
    pinned: bool = Field(default=False, description="whether the demo is kept until it is removed by hand")
    created_on: date = Field(description="the day of the first request; the demo expires ttl_days later")
    notes: str = Field(default="", description="the CE's own notes about the customer")
    owner: str = Field(
        default="", description="mail address of the person who answers for the demo; empty: nobody was named"
    )
    saved_pages: str | None = Field(default=None, description="absolute path of a folder with saved pages of the site")
    edits: list[Edit] = Field(
        default_factory=list, description="the CE's changes to the customer's blueprint, applied in this order"
    )
    corrections: Corrections = Field(
        default_factory=Corrections, description="what the CE corrected after a look at the customer's words"
    )
    planner: Planner = Field(
        default=Planner.AUTO,
        exclude_if=lambda planner: planner == Planner.AUTO,
        description="auto: Claude writes the demo if there is a key, and what cannot be had from it is the blueprint's; "
        "blueprints: Claude is not asked; claude-only: a demo without Claude is not made",
    )
    asked: list[str] = Field(
        default_factory=list, description="names of the fields that were given; the others have defaults"
    )

    @field_validator("asked")
    @classmethod
    def _are_fields(cls, names: list[str]) -> list[str]:
        """A file that was edited by hand can name others; it is then as good as unreadable."""
        if unknown := sorted(set(names) - _CHECKS.keys()):
            raise ValueError(f"a request has no field {', '.join(unknown)}")
        return names

    @property
    def expires_on(self) -> date | None:
        """Return the first day on which the demo may be removed; None if it is pinned."""
        return None if self.pinned else self.created_on + timedelta(days=self.ttl_days)

    def digest(self) -> str:
        """Return the digest of what a demo is made from: how long it is kept, and for whom, is left out."""
        fields = type(self).model_fields
        same = {name: fields[name].get_default(call_default_factory=False) for name in KEEPING_FIELDS}
        asked = [name for name in self.asked if name not in KEEPING_FIELDS]
        return super(CustomerRequest, self.model_copy(update={**same, "asked": asked})).digest()

    def summary(self) -> str:
        """Return site, size and as-of date in one line, and the language if it is not English."""
        language = "" if self.language == DEFAULT_LANGUAGE else f", in {LANGUAGES[self.language]}"
        return f"{self.url}, {self.size}, as of {self.as_of}{language}"


def default_seed(key: str) -> int:
    """Return the seed of a customer whose request gives none. It differs by customer, so that their figures differ too."""
    return zlib.crc32(key.encode()) % 1_000_000


# --- key <-> host ------------------------------------------------------------------------------------------------


def site_key(url: str) -> str:
    """Return the partition key of a website address.

    Args:
        url: an address with or without scheme: ``https://www.acme.com/shop``, ``acme.com``.

    Returns:
        the key: ``acme_com``.

    Raises:
        ProvisioningError: the address is not a website address.
    """
    parts = _split_url(url)
    port = parts.port
    if (parts.scheme, port) in (("http", 80), ("https", 443)):
        port = None
    key = host_to_key(_ascii_host(parts.hostname or "", url), port)
    if len(key) > LONGEST_KEY:
        raise ProvisioningError(
            f"The host of {url!r} gives a key of {len(key)} characters.", f"A key has at most {LONGEST_KEY} characters."
        )
    return key


def host_to_key(host: str, port: int | None = None, variant: str | None = None) -> str:
    """Return the key of an ASCII host name."""
    host = host.removeprefix("www.") if host.count(".") > 1 else host
    key = host.replace("-", "__").replace(".", "_")
    return "___".join([key, *([str(port)] if port else []), *([variant] if variant else [])])


def site_of_key(key: str) -> SiteName:
    """Return the host, port and variant of a key: the inverse of ``host_to_key``.

    Raises:
        ProvisioningError: the key is not that of a website. Dagster accepts any text as a dynamic partition's key.
    """
    refusal = ProvisioningError(f"{_shown(key)} is not a customer key.", _KEY_HELP)
    if not isinstance(key, str) or not 3 <= len(key) <= LONGEST_KEY or not re.fullmatch(r"[a-z0-9_]+", key):
        raise refusal
    # Exactly three underscores are a separator; longer even runs are hyphens ("xn--" gives four).
    host_text, *extras = re.split(r"(?<!_)___(?!_)", key)
    port: int | None = None
    variant: str | None = None
    for extra in extras:
        if extra.isdigit() and port is None and variant is None and 0 < int(extra) < 65536 and extra[0] != "0":
            port = int(extra)
        elif _VARIANT.fullmatch(extra) and variant is None:
            variant = extra
        else:
            raise refusal
    host = re.sub(r"_+", lambda run: "." if len(run[0]) == 1 else "-" * (len(run[0]) // 2), host_text)
    if not _is_host(host) or host_to_key(host, port, variant) != key:
        raise refusal
    return SiteName(host, port, variant)


def default_url(key: str) -> str:
    """Return the address that is read for a key without an address: https, or http for addresses of this machine."""
    site = site_of_key(key)
    scheme = "http" if site.host == "localhost" or _is_ip(site.host) else "https"
    return f"{scheme}://{site.host}{f':{site.port}' if site.port else ''}"


def naming_host(request: "CustomerRequest") -> str:
    """Return the host to derive name and country from: the address's host, or the key's host if that is an IP address."""
    host = urlsplit(request.url).hostname or ""
    return site_of_key(request.key).host if host == "localhost" or _is_ip(host) else host


def checked_url(url: str) -> str:
    """Return the address in its stored form: scheme and ASCII host in lower case, no fragment.

    Raises:
        ProvisioningError: it is not the address of a website.
    """
    parts = _split_url(url)
    host = _ascii_host(parts.hostname or "", url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def _split_url(url: str) -> SplitResult:
    text = url.strip() if isinstance(url, str) else ""
    refusal = ProvisioningError(f"{_shown(url)} is not the address of a website.", _URL_HELP)
    if not text or len(text) > 2000 or re.search(r"[\s\x00-\x1f\x7f\\<>\"]", text):
        raise refusal
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text):
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d{1,5}(/|$))", text):
            raise refusal  # mailto:, javascript:, data: ...
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme not in ("http", "https") or port == 0:
        raise ProvisioningError(f"{_shown(url)} is not an http or https address.", _URL_HELP)
    if parts.username is not None or parts.password is not None:
        raise ProvisioningError(
            "The address contains a user name or password.", "Give it without them, e.g. https://www.acme.com"
        )
    return parts


def _ascii_host(host: str, given: str) -> str:
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise ProvisioningError(f"{_shown(given)} has no valid host name.", _URL_HELP) from None
    if not _is_host(host):
        raise ProvisioningError(f"{_shown(given)} has no valid host name.", _URL_HELP)
    return host


def _is_host(host: str) -> bool:
    if _is_ip(host) or host == "localhost":
        return True
    labels = host.split(".")
    return (
        len(host) <= 253
        and len(labels) >= 2
        and all(_HOST_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def _is_ip(host: str) -> bool:
    if not host[-1:].isdigit():  # most hosts; the next line takes as long as the rest of a key's check
        return False
    try:
        return ipaddress.ip_address(host).version == 4
    except ValueError:
        return False


def _shown(value: object) -> str:
    """Return the given value as a short, printable text for an error message."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


# --- the request -------------------------------------------------------------------------------------------------


def build_request(
    key: str, asked: dict[str, Any], *, today: date, previous: CustomerRequest | None = None
) -> CustomerRequest:
    """Return a customer's request: the values given now, else those of the earlier request, else the defaults.

    Args:
        key: the customer's key.
        asked: field of ``CustomerRequest`` -> value as given (text or typed); None and absent mean "not given".
        today: what the as-of date and the creation date default to.
        previous: the request stored earlier, if any.

    Returns:
        the request with all fields checked.

    Raises:
        ProvisioningError: a value is not accepted; the message says which, and what is accepted.
    """
    site_of_key(key)
    kept = {name: getattr(previous, name) for name in previous.asked} if previous else {}
    given = {name: value for name, value in asked.items() if value is not None}
    if given.get("as_of") == FOLLOW_THE_DAY:
        kept.pop("as_of", None)
        del given["as_of"]
    wanted = {**kept, **given}
    unknown = sorted(wanted.keys() - _CHECKS.keys())
    if unknown:
        raise ProvisioningError(
            f"A request has no field {', '.join(unknown)}.", f"The fields are: {', '.join(_CHECKS)}."
        )
    fields = {name: _CHECKS[name](value, today) for name, value in wanted.items()}
    return CustomerRequest(
        key=key,
        url=fields.pop("url", None) or default_url(key),
        as_of=fields.pop("as_of", today),
        created_on=previous.created_on if previous else today,
        asked=[name for name in _CHECKS if name in wanted],
        **fields,
    )


def kept_for(request: CustomerRequest, *, days: int | None, pinned: bool | None, today: date) -> CustomerRequest:
    """Return the request with another time to live and everything else as it is.

    Args:
        request: the present request.
        days: days from today until the demo expires; None: its day of expiry stays.
        pinned: whether it is kept until it is removed by hand; None: as it is, but a number of days unpins it.
        today: the present day.

    Raises:
        ProvisioningError: neither was given, or the demo would live longer than ``LONGEST_TTL_DAYS``.
    """
    if days is None and pinned is None:
        raise ProvisioningError("Nothing was given that keeps the demo longer.", "Give --days N, or --pinned.")
    if days is not None and pinned:
        raise ProvisioningError("A pinned demo has no day of expiry.", "Give --days or --pinned, not both.")
    age = (today - request.created_on).days
    if days is not None and not 1 <= days <= LONGEST_TTL_DAYS - age:
        raise ProvisioningError(
            f"{request.key} cannot be kept for {days} days from today.",
            f"Give 1 to {LONGEST_TTL_DAYS - age} days, or --pinned to keep it until it is removed by hand."
            if age < LONGEST_TTL_DAYS
            else f"It is older than {LONGEST_TTL_DAYS} days: give --pinned to keep it until it is removed by hand.",
        )
    given = {"pinned": bool(pinned)} | ({} if days is None else {"ttl_days": age + days})
    return request.model_copy(
        update={**given, "asked": [name for name in _CHECKS if name in request.asked or name in given]}
    )


def _checked_industry(value: object, _today: date) -> str:
    if value not in INDUSTRIES:
        raise ProvisioningError(f"{_shown(value)} is not an industry.", f"Give one of: {', '.join(INDUSTRIES)}.")
    return str(value)


def _checked_language(value: object, _today: date) -> str:
    # YAML reads the unquoted code of Norwegian as "false".
    code = "no" if value is False else value.strip().lower() if isinstance(value, str) else ""
    if code not in LANGUAGES:
        known = ", ".join(f"{known} ({name})" for known, name in LANGUAGES.items())
        raise ProvisioningError(f"{_shown(value)} is not a language of demos.", f"Give one of: {known}.")
    return code


def _checked_size(value: object, _today: date) -> DemoSize:
    try:
        return DemoSize(value)
    except ValueError:
        raise ProvisioningError(f"{_shown(value)} is not a size.", f"Give one of: {', '.join(DemoSize)}.") from None


def _checked_planner(value: object, _today: date) -> Planner:
    try:
        return Planner(value)
    except ValueError:
        raise ProvisioningError(f"{_shown(value)} is not a planner.", f"Give one of: {', '.join(Planner)}.") from None


def _whole_number(value: object, what: str, low: int, high: int) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value.strip(), re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ProvisioningError(f"{_shown(value)} is not a {what}.", f"Give a whole number from {low} to {high}.")
    return value


def _yes_or_no(value: object, what: str) -> bool:
    given = value.strip().lower() if isinstance(value, str) else value
    if given in ("true", "false"):
        return given == "true"
    if not isinstance(given, bool):
        raise ProvisioningError(f"{_shown(value)} does not say whether the demo is {what}.", "Give true or false.")
    return given


def _checked_date(value: object, today: date) -> date:
    latest = today + timedelta(days=366)
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or not EARLIEST_AS_OF <= day <= latest:
        raise ProvisioningError(
            f"{_shown(str(value))} is not an as-of date.",
            f"Give a day from {EARLIEST_AS_OF} to {latest}, such as {today}, or '{FOLLOW_THE_DAY}' for that of each refresh.",
        )
    return day


def _checked_notes(value: object, _today: date) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NOTES or "\x00" in value:
        raise ProvisioningError(
            "The notes are too long or are not plain text.", f"Give plain text of at most {LONGEST_NOTES:,} characters."
        )
    return value.strip()


def _checked_owner(value: object, _today: date) -> str:
    address = value.strip() if isinstance(value, str) else ""
    name, _, host = address.rpartition("@")
    if value == "":
        return ""
    if (
        len(address) > LONGEST_MAIL_ADDRESS
        or not MAIL_NAME.fullmatch(name)
        or not _is_host(host.lower())
        or _is_ip(host)
    ):
        raise ProvisioningError(
            f"{_shown(value)} is not a mail address.", "Give the owner's mail address, such as ann@example.com."
        )
    return address


def _checked_folder(value: object, _today: date) -> str:
    help_text = "Give a folder that contains the site's pages as .html files."
    try:
        folder = Path(str(value)).expanduser().resolve()
        is_folder = folder.is_dir()
    except (OSError, ValueError, RuntimeError):
        raise ProvisioningError(f"{_shown(str(value))} is not a folder.", help_text) from None
    if not is_folder:
        raise ProvisioningError(f"{_shown(str(value))} is not a folder.", help_text)
    if not any(folder.rglob("*.htm*")):
        raise ProvisioningError(f"The folder {folder} contains no .html file.", help_text)
    return str(folder)


_CHECKS: dict[str, Any] = {
    "url": lambda value, _today: checked_url(value),
    "industry": _checked_industry,
    "language": _checked_language,
    "size": _checked_size,
    "seed": lambda value, _today: _whole_number(value, "seed", 0, LARGEST_SEED),
    "as_of": _checked_date,
    "ttl_days": lambda value, _today: _whole_number(value, "time to live in days", 1, LONGEST_TTL_DAYS),
    "pinned": lambda value, _today: _yes_or_no(value, "pinned"),
    "notes": _checked_notes,
    "owner": _checked_owner,
    "saved_pages": _checked_folder,
    "edits": lambda value, _today: read_edits(value),
    "corrections": lambda value, _today: read_corrections(value),
    "planner": _checked_planner,
}
