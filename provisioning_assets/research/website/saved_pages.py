"""Reads a website from a folder of pages that a person saved because the site cannot be read. Does not use the network."""

import mimetypes
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.brand import Resource
from provisioning_assets.research.website.frontier import Link, points
from provisioning_assets.research.website.models import FailureKind, FetchedBy, FetchFailure
from provisioning_assets.research.website.pages import ReadPage, decode_html, read_page
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.urls import UrlRefusedError, normalise, site_of
from provisioning_assets.research.website.web_archive import archived_page

PAGE_SUFFIXES = frozenset((".html", ".htm", ".mhtml", ".mht"))
_REMEDY = "Give the folder that contains the saved .html or .mhtml files, with the start page as index.html."

_RESOURCE_TYPES = re.compile(
    r"image/|font/|audio/|video/|text/css$|(text|application)/((x-)?javascript|xml)$|application/json$"
)
"""Types of files that belong to pages or, like a sitemap, to the site: nothing is lost if they are not read as pages."""

ROBOTS_FILE = "robots.txt"
"""A file of the site for programs (RFC 9309)."""

_PARTS_FOLDER = re.compile(r"(?P<page>.+)[_.-][^\W\d_]+")
"""How browsers name the folder of a page's parts: ``<page>_files``, in other languages ``<page>-Dateien``, ``<page>_fichiers``."""

MOST_NAMES = 10
"""Number of files left out that are named in a notice."""


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

    def files(self) -> Iterator[Path]:
        """Files of the folder by name, ``max_saved_files`` at most; symlinks are followed only inside the folder."""
        seen = 0
        for folder, folders, files in os.walk(self.root, followlinks=False):
            folders.sort()
            for name in sorted(files):
                seen += 1
                if seen > self.settings.max_saved_files:
                    return
                path = Path(folder) / name
                if self._inside(path.relative_to(self.root).as_posix()):
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

    Frames that a browser saved beside a page are left out. Every other file that is not read is named in a notice.

    Raises:
        ProvisioningError: the folder contains no saved page.
    """
    files = list(folder.files())
    found = [path for path in files if path.suffix.lower() in PAGE_SUFFIXES]
    if not found:
        raise ProvisioningError(f"{folder.root} contains no .html, .htm or .mhtml file.", _REMEDY)
    host = urlsplit(folder.site).hostname or ""

    def rank(path: Path) -> tuple[bool, int, int, str]:
        relative = path.relative_to(folder.root)
        start = len(relative.parts) == 1 and relative.stem.lower() in {"index", "home", "default"}
        worth = points(Link(folder.address(path), depth=0), host=host, language=None)
        return (not start, len(relative.parts) if start else 0, -worth, relative.as_posix())

    parts = _parts_of_pages(found)
    ranked = sorted((path for path in found if path not in parts), key=rank)
    pages: list[ReadPage] = []
    failures: list[FetchFailure] = []
    _read(folder, ranked[: folder.settings.max_pages], pages, failures)
    # a folder that pages link to is a section of the site, whatever its name
    linked = {link.url for page in pages for link in page.links}
    sections = {parts[path] for path in parts if folder.address(path) in linked}
    more = sorted((path for path in parts if parts[path] in sections), key=rank)
    _read(folder, more[: folder.settings.max_pages - len(pages)], pages, failures)

    ranked += more
    most = folder.settings.max_pages
    suffixes = ", ".join(sorted(PAGE_SUFFIXES))
    failures += _notices(folder, "more saved page", ranked[most:], f" not read: the limit is {most} pages")
    failures += _notices(folder, "saved frame", [path for path in parts if parts[path] not in sections], " left out")
    others = [path for path in files if path not in found and not _is_resource(path)]
    failures += _notices(folder, "saved file", others, f" not read: pages are {suffixes}")
    return SavedSite(pages, failures)


def _read(folder: SavedFolder, paths: list[Path], pages: list[ReadPage], failures: list[FetchFailure]) -> None:
    """Read files into ``pages``, or add why they could not be read to ``failures``."""
    for path in paths:
        address = folder.address(path)
        body = _read_bounded(path, folder.settings.max_page_bytes)
        if body is None:
            reason = f"cannot be read, or is larger than {folder.settings.max_page_bytes / 1e6:g} MB"
            failures.append(FetchFailure(url=address, reason=reason, kind=FailureKind.LIMIT))
            continue
        html = decode_html(body)
        if path.suffix.lower() in (".mhtml", ".mht"):
            archived = archived_page(body)
            if archived is None:
                reason = "is not a web archive (MHTML) with a page"
                failures.append(FetchFailure(url=address, reason=reason, kind=FailureKind.CONTENT))
                continue
            html = archived.html
            address = _own_address(archived.url, folder.site) or address
        pages.append(read_page(html, url=address, fetched_by=FetchedBy.SAVED, status=None, size_bytes=len(body)))


def _own_address(url: str, site: str) -> str | None:
    """The address from which a page was saved, if it belongs to the site."""
    try:
        address = normalise(url)
    except UrlRefusedError:
        return None
    return address if site_of(address) == site_of(site) else None


def _parts_of_pages(files: list[Path]) -> dict[Path, Path]:
    """Files in folders that browsers name after a page beside them -> that folder."""
    pages = {path.with_suffix("") for path in files}

    def is_of_a_page(folder: Path) -> bool:
        named = _PARTS_FOLDER.fullmatch(folder.name)
        return named is not None and folder.with_name(named["page"]) in pages

    folders = {path: next(filter(is_of_a_page, path.parents), None) for path in files}
    return {path: folder for path, folder in folders.items() if folder is not None}


def _is_resource(path: Path) -> bool:
    kind = mimetypes.guess_type(path.name)[0] or ""
    return path.name.lower() == ROBOTS_FILE or _RESOURCE_TYPES.match(kind) is not None


def _notices(folder: SavedFolder, what: str, paths: list[Path], why: str) -> list[FetchFailure]:
    """A notice that names files that were not read; none if there are none."""
    if not paths:
        return []
    names = [path.relative_to(folder.root).as_posix() for path in paths]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    counted = f"1 {what} was" if len(names) == 1 else f"{len(names)} {what}s were"
    return [
        FetchFailure(
            url=folder.site,
            reason=f"{counted}{why} ({', '.join(names[:MOST_NAMES])}{more})",
            kind=FailureKind.NOTICE,
        )
    ]


def _read_bounded(path: Path, max_bytes: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except OSError:
        return None
    return body if len(body) <= max_bytes else None
