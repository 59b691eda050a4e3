"""Reads a website from a folder of pages that a person saved because the site cannot be read. Does not use the network."""

import mimetypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.brand import Resource
from provisioning_assets.research.frontier import Link, points
from provisioning_assets.research.models import FailureKind, FetchedBy, FetchFailure
from provisioning_assets.research.pages import ReadPage, decode_html, read_page
from provisioning_assets.research.settings import CrawlSettings

PAGE_SUFFIXES = frozenset((".html", ".htm"))
_REMEDY = "Give the folder that contains the saved .html files, with the start page as index.html."


@dataclass(frozen=True)
class SavedSite:
    """Content of a folder: the pages, start page first, and what was left out."""

    pages: list[ReadPage]
    failures: list[FetchFailure]


@dataclass(frozen=True)
class SavedFolder:
    """A folder that represents a site. Files outside the folder are never opened, neither through links nor through symlinks.

    Args:
        root: real path of the folder.
        site: address that the top of the folder represents, ending in ``/``.
        settings: limits of size and number.
    """

    root: Path
    site: str
    settings: CrawlSettings

    def load(self, url: str, max_bytes: int) -> Resource | None:
        """The file for an address of the site, or ``None`` if there is none or it is too large."""
        if not url.startswith(self.site):
            return None
        path = self._inside(unquote(urlsplit(url[len(self.site) :]).path))
        if path is None:
            return None
        body = _read_bounded(path, max_bytes)
        if body is None:
            return None
        return Resource(url, mimetypes.guess_type(path.name)[0] or "", body)

    def _inside(self, relative: str) -> Path | None:
        if "\x00" in relative:
            return None
        try:
            path = (self.root / relative.lstrip("/")).resolve(strict=True)
        except (OSError, RuntimeError):
            return None
        return path if path.is_relative_to(self.root) and path.is_file() else None

    def page_files(self) -> Iterator[Path]:
        """HTML files of the folder in order of their names; symlinks are followed only inside the folder."""
        seen = 0
        for folder, folders, files in os.walk(self.root, followlinks=False):
            folders.sort()
            for name in sorted(files):
                seen += 1
                if seen > self.settings.max_saved_files:
                    return
                path = Path(folder) / name
                if path.suffix.lower() in PAGE_SUFFIXES and self._inside(path.relative_to(self.root).as_posix()):
                    yield path

    def address(self, path: Path) -> str:
        """``about/us.html`` -> ``https://acme.com/about/us.html``."""
        relative = PurePosixPath(path.relative_to(self.root).as_posix())
        return self.site + quote(str(relative), safe="/:@!$&'()*+,;=~-._")


def open_folder(folder: Path, url: str, settings: CrawlSettings) -> SavedFolder:
    """A folder as the site at ``url``.

    Raises:
        ProvisioningError: there is no such folder.
    """
    if not folder.is_dir():
        raise ProvisioningError(f"{folder} is not a folder, so no saved pages can be read from it.", _REMEDY)
    parts = urlsplit(url)
    return SavedFolder(folder.resolve(), f"{parts.scheme}://{parts.netloc}/", settings)


def read_saved_pages(folder: SavedFolder) -> SavedSite:
    """The pages of a folder: ``index.html`` first, then the most informative ones, ``max_pages`` at most.

    Raises:
        ProvisioningError: the folder contains no HTML file.
    """
    files = list(folder.page_files())
    if not files:
        raise ProvisioningError(f"{folder.root} contains no .html or .htm file.", _REMEDY)
    host = urlsplit(folder.site).hostname or ""

    def rank(path: Path) -> tuple[bool, int, int, str]:
        relative = path.relative_to(folder.root)
        start = len(relative.parts) == 1 and relative.stem.lower() in {"index", "home", "default"}
        # browsers save the frames of a page beside it, in a folder called "..._files"
        parts_of_page = any(part.endswith(("_files", "_dateien", "-Dateien")) for part in relative.parts[:-1])
        worth = points(Link(folder.address(path), depth=0), host=host, language=None)
        return (not start, len(relative.parts) if start else 0, 1_000 * parts_of_page - worth, relative.as_posix())

    pages: list[ReadPage] = []
    failures: list[FetchFailure] = []
    ranked = sorted(files, key=rank)
    for path in ranked[: folder.settings.max_pages]:
        address = folder.address(path)
        body = _read_bounded(path, folder.settings.max_page_bytes)
        if body is None:
            reason = f"cannot be read, or is larger than {folder.settings.max_page_bytes / 1e6:g} MB"
            failures.append(FetchFailure(url=address, reason=reason, kind=FailureKind.LIMIT))
            continue
        pages.append(
            read_page(decode_html(body), url=address, fetched_by=FetchedBy.SAVED, status=None, size_bytes=len(body))
        )
    if len(ranked) > folder.settings.max_pages:
        left = len(ranked) - folder.settings.max_pages
        failures.append(
            FetchFailure(
                url=folder.site,
                reason=f"{left} more saved pages were not read: the limit is {folder.settings.max_pages} pages",
                kind=FailureKind.NOTICE,
            )
        )
    return SavedSite(pages, failures)


def _read_bounded(path: Path, max_bytes: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except OSError:
        return None
    return body if len(body) <= max_bytes else None
