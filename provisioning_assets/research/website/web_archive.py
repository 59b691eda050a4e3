"""Reads the page of a web archive: MHTML (RFC 2557), which Chrome and Edge save as "single file"."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from provisioning_assets.research.website.pages import decode_html


@dataclass(frozen=True)
class ArchivedPage:
    """The page of an archive. ``url`` is where it was saved from, as the archive says; it may be empty or anything else."""

    html: str
    url: str


def archived_page(body: bytes) -> ArchivedPage | None:
    """Return the page of an archive, which is its first HTML part; None if there is none.

    Args:
        body: content of the file.
    """
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(body)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                declared = str(part.get("Content-Type", ""))
                url = message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
                return ArchivedPage(decode_html(content, declared), str(url).strip())
    return None
