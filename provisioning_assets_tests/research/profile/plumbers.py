"""The small site of a plumber, and a good answer of Claude about it."""

from typing import Any

from provisioning_assets_tests.research.profile.site_text import read_html, site

MENU = (
    "<nav><ul><li><a href='/'>Home</a></li><li><a href='/services'>Services</a><ul><li><a href='/b'>Boiler repair</a></li>"
    "<li><a href='/d'>Drain cleaning</a></li><li><a href='/r'>Radiator balancing</a></li></ul></li></ul></nav>"
)
HOME = read_html(
    f"{MENU}<h1>Tallow &amp; Rye</h1><p>We are plumbers in Leeds. We mend boilers, clear drains and put in bathrooms for "
    "homes, landlords and schools. Our “Winter Care” plan costs £9 a month and keeps the heating going.</p>"
    "<footer><p>© 2026 Tallow &amp; Rye Ltd, 12 Mill Lane, Leeds LS1 4AB, United Kingdom</p></footer>",
    title="Tallow & Rye | Plumbers in Leeds",
)
ABOUT = read_html(
    "<h1>About us</h1><p>Tallow &amp; Rye began in 1987 in York and looks after 4,000 households. Prices are in pounds.</p>",
    "/about",
    title="About | Tallow & Rye",
)
WEBSITE = site(HOME, ABOUT)


def said(**changed: Any) -> dict[str, Any]:
    """A good answer about the site."""
    plumbers = {"page": 1, "quotation": "We are plumbers in Leeds."}
    document: dict[str, Any] = {
        "company": {"name": "Tallow & Rye", "page": 1, "quotation": "© 2026 Tallow & Rye Ltd, 12 Mill Lane"},
        "industry": {"id": "construction", "runner_up": "professional_services", **plumbers},
        "country": {"code": "GB", "page": 1, "quotation": "Leeds LS1 4AB, United Kingdom"},
        "currency": {"code": "GBP", "page": 1, "quotation": "costs £9 a month"},
        "language": {"code": "en", **plumbers},
        # straight quotation marks where the page has typographic ones
        "plans": [{"name": "Winter Care", "page": 1, "quotation": 'Our "Winter Care" plan costs  £9'}],
        "services": [
            {"name": "Boiler repair", "page": 1, "quotation": "Boiler repair | Drain cleaning"},
            {"name": "Drain cleaning", "page": 1, "quotation": "Drain cleaning"},
        ],
        "products": [],
        "product_categories": [],
        "courses": [],
        "features": [],
        "customer_segments": [{"name": "landlords", "page": 1, "quotation": "homes, landlords and schools"}],
        "places": [{"name": "York", "kind": "city", "country": "GB", "page": 2, "quotation": "in 1987 in York"}],
    }
    return {**document, **changed}
