"""A folder of saved pages is read as a site; no file outside it is opened."""

import base64
import quopri
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.website.models import FailureKind, FetchedBy
from provisioning_assets.research.website.saved_pages import SavedSite, open_folder, read_saved_pages
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.research.website.web_archive import ArchivedPage, archived_page
from provisioning_assets_tests.research.website.website_server import WORDS, page

SITE = "https://acme.com/"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(folder: Path, **changed: int) -> SavedSite:
    settings = CrawlSettings(**changed)  # pyright: ignore[reportArgumentType]
    return read_saved_pages(open_folder(folder, f"{SITE}start?x=1", settings))


def test_the_start_page_comes_first_and_addresses_follow_the_folder(tmp_path: Path) -> None:
    site = read(
        write(
            tmp_path,
            {
                "a/page 1.HTM": page("One"),
                "index.html": page("Acme"),
                "about.html": page("About"),
                "zz/imprint.htm": page("Imprint"),
                "about.css": "a{}",
            },
        )
    )
    assert [read.page.url for read in site.pages] == [
        f"{SITE}index.html", f"{SITE}about.html", f"{SITE}zz/imprint.htm", f"{SITE}a/page%201.HTM",
    ]  # fmt: skip
    assert {read.page.fetched_by for read in site.pages} == {FetchedBy.SAVED}
    assert {read.page.status for read in site.pages} == {None}
    assert site.failures == []


@pytest.mark.parametrize("suffix", ["_files", "-Dateien", "_fichiers", ".files", "_pliki", "_файлы"])
def test_frames_that_a_browser_saved_beside_a_page_are_left_out(tmp_path: Path, suffix: str) -> None:
    files = {
        "Pans _ Acme.html": page("Pans"),
        f"Pans _ Acme{suffix}/saved_resource.html": page("Advertisement"),
        f"Pans _ Acme{suffix}/deep/frame.html": page("Another"),
        f"Pans _ Acme{suffix}/style.css": "a{}",
    }
    site = read(write(tmp_path, files))
    assert [read.page.title for read in site.pages] == ["Pans"]
    (notice,) = site.failures
    assert notice.kind == FailureKind.NOTICE
    assert notice.reason.startswith("2 saved frames were left out (")
    assert f"Pans _ Acme{suffix}/saved_resource.html" in notice.reason


def test_a_section_of_the_site_is_read_whatever_its_name(tmp_path: Path) -> None:
    files = {
        "index.html": page("Acme", links=("/about-us/team.html",)),
        "about.html": page("About"),
        "about-us/team.html": page("Team"),
        "about-us/jobs.html": page("Jobs"),
        "shop/pans.html": page("Pans"),
    }
    site = read(write(tmp_path, files))
    assert {read.page.title for read in site.pages} == {"Acme", "About", "Team", "Jobs", "Pans"}
    assert site.failures == []


def test_files_that_are_not_pages_are_named(tmp_path: Path) -> None:
    of_the_site = {"robots.txt": "x", "sitemap.xml": "x", "app.js": "x"}
    files = {
        **of_the_site,
        "index.html": page("Acme"),
        "logo.png": "x",
        "prices.pdf": "x",
        "notes.txt": "x",
        "old.webarchive": "x",
    }
    (notice,) = read(write(tmp_path, files)).failures
    assert notice.reason.startswith("3 saved files were not read: pages are .htm, .html, .mht, .mhtml (")
    assert notice.reason.endswith("(notes.txt, old.webarchive, prices.pdf)")


def archive(html: str, location: str = "", encoding: str = "base64") -> bytes:
    """A web archive as Chrome saves it: the page, then a picture."""
    body = html.encode()
    text = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding](body)
    head = (
        f"From: <Saved by Blink>\nSnapshot-Content-Location: {location}\n" if location else "From: <Saved by Blink>\n"
    )
    return (
        head.encode()
        + b'Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\ttype="text/html";\n\tboundary="----B"\n\n'
        + f"------B\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n".encode()
        + text
        + b"\n------B\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\naGFsbG8=\n------B--\n"
    )


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_web_archives_are_read_and_have_the_address_they_were_saved_from(tmp_path: Path, encoding: str) -> None:
    files = {
        "index.mhtml": archive(page("Acmé – Töpfe"), "https://www.acme.com/shop?a=1", encoding),
        "other.MHT": archive(page("Elsewhere"), "https://elsewhere.example/x", encoding),
        "none.mhtml": archive(page("No address"), "", encoding),
        "broken.mhtml": b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: image/png\n\nx",
    }
    site = read(write(tmp_path, files))
    assert {read.page.title: read.page.url for read in site.pages} == {
        "Acmé – Töpfe": "https://www.acme.com/shop?a=1",
        "Elsewhere": f"{SITE}other.MHT",
        "No address": f"{SITE}none.mhtml",
    }
    assert [(failure.url, failure.kind) for failure in site.failures] == [(f"{SITE}broken.mhtml", FailureKind.CONTENT)]


@given(st.binary(max_size=400))
def test_whatever_a_file_contains_it_is_a_page_or_not_one(body: bytes) -> None:
    headers = b'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\n\n'
    assert archived_page(body) is None or isinstance(archived_page(body), ArchivedPage)
    assert archived_page(headers + body) is None or isinstance(archived_page(headers + body), ArchivedPage)


def test_symlinks_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(
        tmp_path / "outside", {"secret.html": page("Secret"), "more/x.html": page("More"), "logo.png": b"x"}
    )
    inside = write(tmp_path / "saved", {"index.html": page("Acme"), "real.css": "a{}"})
    (inside / "link.html").symlink_to(outside / "secret.html")
    (inside / "folder").symlink_to(outside / "more")
    (inside / "logo.png").symlink_to(outside / "logo.png")
    (inside / "broken.html").symlink_to(inside / "nowhere.html")
    (inside / "loop.html").symlink_to(inside / "loop.html")
    (inside / "same.css").symlink_to(inside / "real.css")
    folder = open_folder(inside, SITE, CrawlSettings())
    assert [read.page.title for read in read_saved_pages(folder).pages] == ["Acme"]
    assert folder.load(f"{SITE}logo.png", 1_000) is None
    assert folder.load(f"{SITE}same.css", 1_000) is not None


@pytest.mark.parametrize(
    "address",
    [
        "../outside.css", "%2e%2e/outside.css", "..%2foutside.css", "/etc/hostname", "%2fetc%2fhostname", "a%00b", "",
        "missing.css", "folder",
    ],
)  # fmt: skip
def test_an_address_never_leads_out_of_the_folder(tmp_path: Path, address: str) -> None:
    write(tmp_path, {"outside.css": "secret", "saved/index.html": page("Acme"), "saved/folder/x": "x"})
    assert open_folder(tmp_path / "saved", SITE, CrawlSettings()).load(SITE + address, 1_000) is None


def test_files_of_the_folder_are_loaded_within_limits(tmp_path: Path) -> None:
    folder = open_folder(write(tmp_path, {"css/my style.css": "a{}"}), SITE, CrawlSettings())
    found = folder.load(f"{SITE}css/my%20style.css?v=3", 10)
    assert found is not None
    assert (found.body, found.content_type) == (b"a{}", "text/css")
    assert folder.load(f"{SITE}css/my%20style.css", 2) is None
    assert folder.load("https://other.com/css/my%20style.css", 10) is None


def test_sizes_and_numbers_are_bounded(tmp_path: Path) -> None:
    pages: dict[str, str | bytes] = {f"p{number}.html": page(f"P{number}") for number in range(6)}
    site = read(write(tmp_path, {**pages, "index.html": "x" * 5_000}), max_pages=4, max_page_bytes=2_000)
    assert len(site.pages) == 3
    assert [failure.kind for failure in site.failures] == [FailureKind.LIMIT, FailureKind.NOTICE]
    assert "3 more saved pages" in site.failures[1].reason
    assert len(read(tmp_path, max_saved_files=2, max_page_bytes=9_999).pages) == 2


def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"index.html": page("Acme"), "shut.html": page("Shut")})
    opened = Path.open

    def guarded(path: Path, *more: Any, **named: Any) -> Any:
        if path.name == "shut.html":  # containers run as the superuser, who may read files of any mode
            raise PermissionError(path)
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", guarded)
    assert [failure.url for failure in read(tmp_path).failures] == [f"{SITE}shut.html"]


def test_old_encodings_are_read(tmp_path: Path) -> None:
    text = page("Schuhe", "Schöne Füße brauchen gute Schuhe. " * 5).replace("utf-8", "iso-8859-1")
    site = read(write(tmp_path, {"index.html": text.encode("cp1252")}))
    assert "Schöne Füße" in site.pages[0].page.text


def test_a_missing_folder_or_one_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match="not a folder"):
        open_folder(tmp_path / "gone", SITE, CrawlSettings())
    write(tmp_path, {"only.txt": WORDS})
    with pytest.raises(ProvisioningError, match=r"contains no \.html"):
        read(tmp_path)
