"""What the robots.txt of a site allows (RFC 9309); read once for each origin."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from provisioning_assets.research.website.fetching import Fetched, FetchError
from provisioning_assets.research.website.models import FailureKind

MOST_ROBOTS_BYTES = 500_000  # RFC 9309, 2.5: parsers read at least 500 kibibytes


@dataclass(frozen=True)
class RobotsRules:
    """The rules of one origin.

    Args:
        rules: parsed file; ``None`` if there is no file, and everything is allowed.
        unreachable: why nothing may be read because the rules could not be fetched; otherwise ``None``.
    """

    rules: Protego | None
    unreachable: str | None = None


@dataclass
class Robots:
    """The rules of all origins requested so far.

    Args:
        agent: our name in robots.txt.
        fetch: address -> answer; raises ``FetchError``.
    """

    agent: str
    fetch: Callable[[str], Fetched]
    _known: dict[str, RobotsRules] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refusal(self, url: str) -> str | None:
        """Why ``url`` may not be read, or ``None`` if it may.

        Raises:
            FetchError: it is impossible to connect to the origin, so the page cannot be read either.
        """
        known = self.rules_of(url)
        if known.unreachable:
            return known.unreachable
        if known.rules is not None and not known.rules.can_fetch(url, self.agent):
            return "robots.txt forbids reading it"
        return None

    def delay_seconds(self, url: str) -> float:
        """Seconds between two requests that the origin asks for; 0 if it does not ask for any."""
        rules = self.rules_of(url).rules
        if rules is None:
            return 0.0
        delay = float(rules.crawl_delay(self.agent) or 0.0)
        rate = rules.request_rate(self.agent)
        return max(delay, rate.seconds / rate.requests if rate and rate.requests else 0.0, 0.0)

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps in the robots.txt of the origin."""
        rules = self.rules_of(url).rules
        return [] if rules is None else list(rules.sitemaps)

    def rules_of(self, url: str) -> RobotsRules:
        """The rules of the origin of ``url``, fetched on first use.

        Raises:
            FetchError: it is impossible to connect to the origin.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            lock = self._locks.setdefault(origin, threading.Lock())
        with lock:
            if origin not in self._known:
                self._known[origin] = self._read(origin)
            return self._known[origin]

    def _read(self, origin: str) -> RobotsRules:
        try:
            answer = self.fetch(f"{origin}/robots.txt")
        except FetchError as error:
            if error.kind in {FailureKind.LIMIT, FailureKind.CONTENT}:
                # RFC 9309, 2.3.1.4: if the file exists but cannot be read, everything is forbidden
                return RobotsRules(None, f"robots.txt could not be read ({error.reason}), so the site may not be read")
            raise
        if answer.status >= 500 or answer.status == 429:
            return RobotsRules(
                None, f"robots.txt could not be read (HTTP {answer.status}), so the site may not be read"
            )
        if not 200 <= answer.status < 300:
            return RobotsRules(None)  # RFC 9309, 2.3.1.3: no file, no rules
        return RobotsRules(Protego.parse(answer.body[:MOST_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")))
