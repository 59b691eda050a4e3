"""Helpers for the project's pages: one file each, no request, only their own style and script, reproducible bytes."""

import base64
import hashlib
import re
from functools import cache

import jinja2

from provisioning_assets.text_direction import text_direction

# An identifier, or a use of one. A label that looks like a use is renumbered too; that does no harm.
_REFERENCE = re.compile(r"""(\bid="|url\(#)(clip|gradient_)(\d+)("|\))""")


@cache
def page_templates(package: str) -> jinja2.Environment:
    """The templates in the folder ``templates`` of a package, which escape all that is filled in and know ``direction``."""
    # "autoescape=True", not chosen by file name: renaming a template must not turn escaping off.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["direction"] = text_direction
    return environment


@cache
def template_text(package: str, name: str) -> str:
    """The text of a file among the templates of a package, as it is: a style sheet or a script."""
    loader = page_templates(package).loader
    assert loader is not None  # noqa: S101 - given above
    return loader.get_source(page_templates(package), name)[0]


def content_security_policy(style: str, script: str | None = None) -> str:
    """Return a policy that allows only this style sheet and this script, and no request.

    Args:
        style: the exact text between the tags of the page's one ``<style>``.
        script: the exact text between the tags of its one ``<script>``; None allows no script.
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
    """Return the ``data:`` URI of an SVG, for ``<img src>`` only: there it can neither run a script nor load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def numbered_anew(svg: str) -> str:
    """Renumber the identifiers of an SVG from 0. Vega counts them per process (``clip7``), so the bytes would differ."""
    numbers: dict[str, int] = {}

    def anew(match: re.Match[str]) -> str:
        before, kind, number, after = match.groups()
        return f"{before}{kind}{numbers.setdefault(kind + number, len(numbers))}{after}"

    return _REFERENCE.sub(anew, svg)


def _digest(text: str) -> str:
    """Return the policy's source expression for an inline element: sha256 of the exact text between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
