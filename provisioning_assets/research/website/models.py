"""The pages of a customer's website, as they were read."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document

LEAST_HIDDEN = 12
"""Characters of a hidden piece that is left out inside of a line."""


class FetchedBy(StrEnum):
    """How a page was obtained."""

    HTTP = "http"
    BROWSER = "browser"
    SAVED = "saved"


class Label(Document):
    """One member of a group: what it is called, where it leads, and what stands beside its name."""

    text: str
    url: str | None = Field(default=None, description="address of the link, normalised")
    beside: str = Field(default="", description="the rest of the element's text, at most 300 characters")


class LabelGroup(Document):
    """Elements of one kind beside each other: entries of a menu, cards, items of a list, rows of a table."""

    area: Literal["menu", "main", "footer", "aside"]
    heading: str = Field(default="", description="the menu entry or heading above the group; empty: none")
    heading_url: str | None = Field(default=None, description="where that entry or heading leads")
    branch: bool = Field(
        default=False, description="the heading is a menu entry and the labels are the entries below it"
    )
    trail: list[str] = Field(
        default_factory=list, description="menu entries or the heading above that one, the nearest first"
    )
    depth: int = Field(default=1, description="level of a menu, 1 is the first")
    marks: list[str] = Field(
        default_factory=list, description="class and id names of the group and the elements around it"
    )
    element: str = Field(default="", description="tag of the elements, such as li, div, tr")
    labels: list[Label]


class WebPage(Document):
    """One page, reduced to the data that later stages use. All strings are untrusted text from outside."""

    url: str = Field(description="final address after redirects; for a saved page the site's address plus its path")
    fetched_by: FetchedBy
    status: int | None = Field(description="HTTP status, null for a saved page")
    gateway: bool = Field(default=False, description="only asks the visitor's age, country or consent before the site")
    title: str = ""
    description: str = Field(default="", description="meta or OpenGraph description")
    language: str | None = Field(default=None, description="BCP 47 tag declared by the page or detected in its text")
    text: str = Field(default="", description="main text, plain")
    hidden_text: list[str] = Field(
        default_factory=list,
        exclude_if=lambda pieces: not pieces,
        description="texts that the page hides from its readers by attributes or inline styles, as far as nothing visible says "
        "the same; other fields may contain them",
    )
    headings: list[str] = Field(default_factory=list)
    navigation: list[str] = Field(default_factory=list, description="link texts of menus, headers and footers")
    footer: list[str] = Field(default_factory=list, description="lines of the page's footer, at most 60")
    groups: list[LabelGroup] = Field(default_factory=list, description="groups of like labels, in the page's order")
    image_alts: list[str] = Field(default_factory=list)
    logo_texts: list[str] = Field(
        default_factory=list, description="alternative texts of logos, and texts of links to the home page"
    )
    json_ld: list[dict[str, Any]] = Field(
        default_factory=list, description="schema.org objects of JSON-LD, flattened out of @graph, and of microdata"
    )
    open_graph: dict[str, str] = Field(default_factory=dict)
    phones: list[str] = Field(default_factory=list, description="E.164 where the country is known")
    emails: list[str] = Field(default_factory=list)
    bytes: int = Field(default=0, description="size of the body after decompression, bytes")

    def shown(self, text: str) -> str:
        """Return one line of the page's text without what the page hides.

        Args:
            text: of a field of this page. A hidden piece shorter than ``LEAST_HIDDEN`` is only left out if it is the whole text:
                else it may be a part of what is shown.
        """
        line = " ".join(text.split())
        for hidden in sorted((" ".join(piece.split()) for piece in self.hidden_text), key=len, reverse=True):
            if line == hidden:
                return ""
            if len(hidden) >= LEAST_HIDDEN and hidden in line:
                line = " ".join(line.replace(hidden, " ").split())
        return line


class Brand(Document):
    """The customer's visual identity."""

    site_name: str | None = None
    logo_data_uri: str | None = Field(
        default=None, description="data: URI of a PNG, JPEG, WebP or SVG picture, at most 200 kB"
    )
    logo_url: str | None = None
    colours: list[str] = Field(
        default_factory=list, description="#rrggbb, most prominent first; never plain white or black"
    )


class FailureKind(StrEnum):
    """Why a page could not be read."""

    NETWORK = "network"  # no name, no connection, no answer in time, a broken answer
    STATUS = "status"  # the server answered with an error
    BLOCKED = "blocked"  # the site blocks programs: 401, 403, 429, a captcha
    PARKED = "parked"  # an unused domain: for sale or a placeholder
    ROBOTS = "robots"  # robots.txt forbids reading it
    REFUSED = "refused"  # not allowed for us: a private address, another scheme, credentials in the address
    LIMIT = "limit"  # larger or slower than the crawl's limits
    CONTENT = "content"  # not a page: another type, corrupt, or empty
    NOTICE = "notice"  # information for the user, not a failure


class FetchFailure(Document):
    """A page that could not be read, and the reason. It is always reported to the user."""

    url: str
    reason: str
    kind: FailureKind = FailureKind.NETWORK


class ReadFor(Document):
    """The request that a website was read for, as digests. They show whether a later request asks for the same pages."""

    request: str = Field(description="digest of the whole request")
    pages: str = Field(
        description="digest of the address, the notes, the folder of saved pages and the reader's version"
    )


class CustomerWebsite(Artefact):
    """Everything that was read from the customer's site."""

    url: str = Field(description="where the crawl started")
    fetched_at: datetime
    pages: list[WebPage]
    brand: Brand
    failures: list[FetchFailure] = Field(default_factory=list)
    notes: str = Field(default="", description="the CE's notes, read like a page of the site")
    read_for: ReadFor | None = Field(default=None, description="the request for which it was read")

    def summary(self) -> str:
        """One line with the number of pages and how they were read."""
        how = ", ".join(sorted({str(page.fetched_by) for page in self.pages}))
        if not self.pages:
            return "no page; the CE's notes only"
        return f"{len(self.pages)} page{'' if len(self.pages) == 1 else 's'} ({how})"
