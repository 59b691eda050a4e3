"""Writes the Customer Engineer's booklet: one HTML file that needs no other file, works offline and can be printed.

Text from the customer's site is untrusted. Three measures keep it plain text: Jinja2 escapes everything a template
prints; only addresses, pictures and colours that ``web_values`` accepts are used as such; and a content security policy
allows only the page's one script and one style sheet, by their digests, and no network request.
"""

import hashlib

from markupsafe import Markup

from provisioning_assets.content.booklet_view import BookletView, booklet_view
from provisioning_assets.content.brand_palette import Palette
from provisioning_assets.content.demo import Demo
from provisioning_assets.content.models import DemoBooklet
from provisioning_assets.self_contained_pages import content_security_policy, page_templates, template_text

#: Path of the booklet, relative to the customer's folder.
PACKAGE = "provisioning_assets.content"
BOOKLET_PATH = "booklet/index.html"


def write_booklet(demo: Demo) -> str:
    """Return the booklet as HTML. The same artefacts give the same bytes.

    Questions whose query failed, or that the agent answered wrongly, are in the appendix and not in the script.
    """
    return set_page(booklet_view(demo))


def set_page(view: BookletView) -> str:
    """Render the view as the HTML page."""
    style = palette_css(view.palette) + template_text(PACKAGE, "booklet.css")
    script = template_text(PACKAGE, "booklet.js")
    return page_templates(PACKAGE).get_template("booklet.html.j2").render(
        view=view,
        # The project's own files and checked colours. They contain no text from the customer.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=content_security_policy(style, script),
    )  # fmt: skip


def palette_css(palette: Palette) -> str:
    """Return the palette as CSS custom properties. All values have the form ``#rrggbb``."""
    names = ("brand", "on_brand", "on_brand_soft", "accent", "tint", "line", "second", "dark_plate")
    rules = "".join(f"--{name.replace('_', '-')}:{getattr(palette, name)};" for name in names)
    return f":root{{{rules}}}\n"


def describe_booklet(html: str, view: BookletView) -> DemoBooklet:
    """Return the booklet's artefact: its path, digest, and number of scenes and questions."""
    content = html.encode()
    return DemoBooklet(
        title=view.title,
        path=BOOKLET_PATH,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        scenes=len(view.scenes),
        questions=view.questions,
    )
