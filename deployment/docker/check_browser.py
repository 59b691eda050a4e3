"""Renders a page that is empty without JavaScript, as the crawler does: ``python - < check_browser.py`` in a container."""

import time

import httpx

from provisioning_assets.research.website.browser import render_pages
from provisioning_assets.research.website.fetching import Fetched
from provisioning_assets.research.website.settings import CrawlSettings

PAGE = b"<body><p id=a></p><script>document.getElementById('a').textContent = 6 * 7 + ' pages'</script></body>"


def fetch(url: str, _headers: dict[str, str], _deadline: float) -> Fetched:
    """Answer every request of the browser with the one page."""
    return Fetched(url, 200, httpx.Headers({"content-type": "text/html"}), PAGE)


(page,) = render_pages(["https://www.example.com/"], fetch, CrawlSettings(), deadline=time.monotonic() + 60)
if "42 pages" not in page.html:
    raise SystemExit(f"Chromium did not render the page: {page.problem or page.html}")
print("Chromium renders pages")
