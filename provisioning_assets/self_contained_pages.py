"""What every page of the project keeps to: one file, no request, only its own style and script, the same bytes each time."""

import base64
import hashlib
import re

# An identifier, or a use of one. A label that reads like a use is renumbered too, which nobody minds.
_REFERENCE = re.compile(r"""(\bid="|url\(#)(clip|gradient_)(\d+)("|\))""")


def content_security_policy(style: str, script: str | None = None) -> str:
    """A policy under which only this style sheet and this script apply, and nothing is ever fetched or sent.

    Args:
        style: exactly what stands between the tags of the page's one ``<style>``.
        script: the same of its one ``<script>``; without it no script runs at all.
    """
    scripts = [] if script is None else [f"script-src '{_digest(script)}'"]
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_digest(style)}'",
            *scripts,
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        ]
    )


def svg_picture(svg: str) -> str:
    """The ``data:`` URI of an SVG, for ``<img src>`` only: there it can neither run script nor load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def numbered_anew(svg: str) -> str:
    """Vega numbers what it refers to (``clip7``) on through a process: counted from 0 in each picture, bytes repeat."""
    numbers: dict[str, int] = {}

    def anew(match: re.Match[str]) -> str:
        before, kind, number, after = match.groups()
        return f"{before}{kind}{numbers.setdefault(kind + number, len(numbers))}{after}"

    return _REFERENCE.sub(anew, svg)


def _digest(text: str) -> str:
    """The source expression a policy knows an inline element by: sha256 of exactly what stands between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
