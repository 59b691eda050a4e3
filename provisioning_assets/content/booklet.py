"""The Customer Engineer's page: one HTML file that needs nothing else, online or off, and can be printed.

Text from the customer's site is untrusted. Three things keep it text: Jinja2 escapes whatever a template prints; only
addresses, pictures and colours that ``web_values`` lets pass are used as such; and a content security policy names the
one script and the one style sheet of the page by their digests, and allows no request at all.
"""

import hashlib
from functools import cache

import jinja2
from markupsafe import Markup

from provisioning_assets.agent.models import AgentEvaluation, DataAgent
from provisioning_assets.content.booklet_view import BookletView, booklet_view
from provisioning_assets.content.brand_palette import Palette
from provisioning_assets.content.models import DemoBooklet
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.golden.models import GoldenQueries
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.quality.models import DataQualityReport
from provisioning_assets.research.models import CustomerProfile, CustomerWebsite
from provisioning_assets.self_contained_pages import content_security_policy
from provisioning_assets.warehouse.models import DemoDataset

#: Where the booklet lies in the customer's folder.
BOOKLET_PATH = "booklet/index.html"


def write_booklet(
    request: CustomerRequest,
    website: CustomerWebsite,
    profile: CustomerProfile,
    plan: DemoPlan,
    model: DataModel,
    dataset: DemoDataset,
    golden: GoldenQueries,
    agent: DataAgent,
    evaluation: AgentEvaluation,
    quality: DataQualityReport,
) -> str:
    """The booklet as HTML. Same artefacts, same bytes.

    Questions whose query failed, or that the agent got wrong, are in the appendix and not in the script.
    """
    return set_page(booklet_view(request, website, profile, plan, model, dataset, golden, agent, evaluation, quality))


def set_page(view: BookletView) -> str:
    """The page of what is to be said."""
    style = palette_css(view.palette) + _template_text("booklet.css")
    script = _template_text("booklet.js")
    return _environment().get_template("booklet.html.j2").render(
        view=view,
        # The project's own files, and checked colours: no text of the customer's is in them.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=content_security_policy(style, script),
    )  # fmt: skip


def palette_css(palette: Palette) -> str:
    """The palette as CSS custom properties; its values are ``#rrggbb`` by construction."""
    names = ("brand", "on_brand", "on_brand_soft", "accent", "tint", "line", "second", "dark_plate")
    rules = "".join(f"--{name.replace('_', '-')}:{getattr(palette, name)};" for name in names)
    return f":root{{{rules}}}\n"


def describe_booklet(html: str, view: BookletView) -> DemoBooklet:
    """The booklet's own artefact: where it lies, its digest, and how much it tells."""
    content = html.encode()
    return DemoBooklet(
        title=view.title,
        path=BOOKLET_PATH,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        scenes=len(view.scenes),
        questions=view.questions,
    )


@cache
def _environment() -> jinja2.Environment:
    # "autoescape=True" and not by file name: a template that is renamed must not stop escaping.
    return jinja2.Environment(
        loader=jinja2.PackageLoader("provisioning_assets.content", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@cache
def _template_text(name: str) -> str:
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - given above
    return loader.get_source(_environment(), name)[0]
