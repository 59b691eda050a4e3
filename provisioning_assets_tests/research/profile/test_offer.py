"""What a company sells, from HTML to the profile: whole groups of like elements, and never words out of sentences."""

import json

import pytest

from provisioning_assets.research.profile.models import CustomerProfile, Fact
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.profile.report import facts_without_evidence
from provisioning_assets_tests.research.profile.site_text import HOST, read_html, site

URL = f"https://{HOST}"
ABOUT = "<p>We look after pipe organs in churches and concert halls, and we have done so for three generations.</p>"


def profile(*pages, industry: str = "professional_services", notes: str = "") -> CustomerProfile:
    website = site(*pages, notes=notes)
    found = read_profile(website, industry_override=industry, default_company_host=HOST)
    assert facts_without_evidence(found, website) == []
    return found


def values(facts: list[Fact]) -> list[str]:
    return [fact.value for fact in facts]


def prices(facts: list[Fact]) -> dict[str, float | None]:
    return {fact.value: fact.price for fact in facts}


def offered(found: CustomerProfile) -> list[str]:
    """Everything that the profile says is sold."""
    lists = (found.plans, found.services, found.products, found.product_categories, found.courses, found.features)
    return [fact.value for facts in lists for fact in facts]


def listed(*names: str, path: str = "/w/", tag: str = "ul") -> str:
    """A list of links to pages of their own."""
    return (
        f"<{tag}>" + "".join(f'<li><a href="{path}{n}">{name}</a></li>' for n, name in enumerate(names)) + f"</{tag}>"
    )


def menu(heading: str, href: str, *names: str) -> str:
    return (
        f'<nav><ul><li><a href="/">Home</a></li><li><a href="{href}">{heading}</a>{listed(*names)}</li>'
        '<li><a href="/contact">Contact</a></li></ul></nav>'
    )


def cards(heading: str, *members: tuple[str, str], mark: str = "grid", level: int = 3) -> str:
    """A row of cards: each with a heading and the text below it."""
    each = "".join(f'<div class="card"><h{level}>{name}</h{level}><p>{text}</p></div>' for name, text in members)
    return f"<section><h2>{heading}</h2><div class='{mark}'>{each}</div></section>"


WORK = (("Pipe voicing", "By ear."), ("Bellows repair", "New leather."), ("Case gilding", "With gold leaf."))
NAMES = [name for name, _ in WORK]


# --- services ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "href", "language"),
    [
        ("Services", "/s", "en"),
        ("What we do", "#", "en"),
        ("Workshop", "/our-services/", "en"),  # the address says it
        ("Leistungen", "/l", "de"),
        ("Nos prestations", "/p", "fr"),
        ("Co robimy", "/c", "pl"),
    ],
)
def test_a_menu_branch_under_services(heading, href, language):
    found = profile(read_html(menu(heading, href, *NAMES) + ABOUT, language=language))
    assert values(found.services) == NAMES
    assert found.services[0].evidence[0].under == heading
    assert offered(found) == NAMES


def test_cards_under_a_heading_that_means_services():
    found = profile(read_html(ABOUT + cards("Our services", *WORK)))
    assert values(found.services) == NAMES


def test_a_menu_branch_of_two_is_enough_and_two_cards_are_not():
    assert values(profile(read_html(menu("Services", "/s", *NAMES[:2]) + ABOUT)).services) == NAMES[:2]
    assert offered(profile(read_html(ABOUT + cards("Our services", *WORK[:2])))) == []


def test_groups_under_headings_that_say_nothing_are_not_taken():
    assert offered(profile(read_html(ABOUT + cards("Three generations", *WORK)))) == []
    assert offered(profile(read_html(menu("Workshop", "/w", *NAMES) + ABOUT))) == []


def test_words_in_sentences_are_never_taken():
    text = "<h1>Organ services</h1><p>Our services: pipe voicing, bellows repair and case gilding.</p>"
    assert offered(profile(read_html(text + ABOUT, title="Pipe voicing and bellows repair"))) == []


def test_the_groups_of_a_services_page_that_lead_to_pages():
    home = read_html(ABOUT, title="Finkenau")
    services = read_html(f"<h1>Services</h1>{listed(*NAMES)}<p>Ask us.</p>", "/services/", title="Services")
    assert values(profile(home, services).services) == NAMES


def test_addresses_of_the_members_say_it_when_headings_do_not():
    found = profile(read_html(ABOUT + f"<section>{listed(*NAMES, path='/services/')}</section>"))
    assert values(found.services) == NAMES


def test_words_of_the_industry_support_a_menu_branch_without_such_a_heading():
    names = ("Kitchen extensions", "Loft conversions", "Roofing", "Brickwork")
    found = profile(read_html(menu("Your house", "/h", *names) + ABOUT), industry="construction")
    assert values(found.services) == list(names)
    assert 0 < found.services[0].score < 1


def test_a_stated_group_makes_weaker_ones_that_lead_nowhere_unnecessary():
    guess = "<nav><ul><li>Your house<ul><li>Kitchen extensions</li><li>Loft conversions</li><li>Roofing</li></ul></li></ul></nav>"
    page = read_html(guess + ABOUT + cards("Our services", *WORK))
    assert values(profile(page, industry="construction").services) == NAMES


# --- plans and prices ----------------------------------------------------------------------------------------------------


def test_amounts_of_cases_are_not_prices():
    """What a law firm won is beside the kind of case, and kinds come again with other amounts."""
    cases = (("Dog bites", "$900,000"), ("Falls", "$450,000"), ("Dog bites", "$325,000"), ("Burns", "$80,000"))
    home = read_html(ABOUT + cards("What counts", *cases), title="Finkenau")
    assert offered(profile(home)) == []
    once = [case for case in cases if case[1] != "$325,000"]
    priced = read_html(ABOUT + cards("What counts", *once), title="Finkenau")
    assert offered(profile(priced)) == ["Dog bites", "Falls", "Burns"]


def test_amounts_in_slides_without_a_heading_are_not_prices():
    slides = cards("", ("Spring into a new home", "from $ 999"), ("Best year yet", "$ 500"), ("Open late", "$ 20"))
    assert offered(profile(read_html(ABOUT + slides, title="Finkenau"))) == []


def test_plans_have_prices_a_month():
    body = cards("Choose yours", ("Murmur", "€ 9 a month"), ("Chorus", "€ 19 a month"), ("Thunder", "€ 39,90 a month"))
    found = profile(read_html(ABOUT + body), industry="saas")
    assert prices(found.plans) == {"Murmur": 9, "Chorus": 19, "Thunder": 39.9}
    assert found.currency == "EUR"
    assert found.products == []


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (("Single entry", "3 months", "6 months", "12 months"), ["3 months", "6 months", "12 months"]),
        (("Murmur", "Chorus", "Thunder", "Extra: second screen"), ["Murmur", "Chorus", "Thunder"]),
    ],
)
def test_what_is_of_another_kind_than_the_other_plans_is_left_out(labels, kept):
    body = cards("Plans", *((label, f"€ {9 + at} ") for at, label in enumerate(labels)))
    assert values(profile(read_html(ABOUT + body), industry="saas").plans) == kept


def test_features_of_a_plan_are_not_offered():
    plan = (
        '<div class="plan"><h3>{}</h3><p>{} a month</p><ul class="list">'
        "<li>Ten users</li><li>Daily backup</li><li>Own domain</li></ul></div>"
    )
    body = "<h2>Plans</h2><div>" + "".join(
        plan.format(name, price) for name, price in (("Murmur", "€ 9"), ("Chorus", "€ 19"), ("Thunder", "€ 39"))
    )
    found = profile(read_html(ABOUT + body + "</div>"), industry="saas")
    assert values(found.plans) == ["Murmur", "Chorus", "Thunder"]
    assert offered(found) == ["Murmur", "Chorus", "Thunder"]


def test_amounts_that_every_plan_repeats_are_not_plans():
    plan = '<div class="plan"><h3>{0}</h3><ul class="t"><li>Rolling: € {1}9 a month</li><li>Tied: € {1}5 a month</li></ul></div>'
    body = "".join(plan.format(name, n) for n, name in enumerate(("Murmur", "Chorus", "Thunder"), 1))
    found = profile(read_html(f"{ABOUT}<h2>Plans</h2><div>{body}</div>"), industry="saas")
    assert values(found.plans) == ["Murmur", "Chorus", "Thunder"]


def test_a_group_that_is_half_persons_is_a_team():
    members = ("Dora Quillfeather", "Emily Ostrander", "Laura Finkenau", "Workshop dog", "Front desk", "Apprentices")
    assert offered(profile(read_html(ABOUT + cards("Our services", *((name, "") for name in members))))) == []


def test_features_and_courses_have_lists_of_their_own():
    found = profile(
        read_html(ABOUT + cards("Features", ("Stop list", ""), ("Wind chart", ""), ("Tuning log", ""))), industry="saas"
    )
    assert values(found.features) == ["Stop list", "Wind chart", "Tuning log"]
    found = profile(
        read_html(ABOUT + cards("Our courses", ("Reed making", ""), ("Clavichord", ""), ("Improvisation", ""))),
        industry="education",
    )
    assert values(found.courses) == ["Reed making", "Clavichord", "Improvisation"]


# --- shops ---------------------------------------------------------------------------------------------------------------

SHOP_MENU = (
    '<nav><ul><li><a href="/">Home</a></li><li><a href="/shop/">Shop</a>{}</li>'
    '<li><a href="/contact">Contact</a></li></ul></nav>'
)
DEPARTMENTS = ("Lamps & lanterns", "Rugs", "Wall clocks")
ARTICLES = (
    ("Ottoline Lantern", "$49.00"),
    ("Fennimore Lamp", "$120"),
    ("Proving Basket", "$18.50"),
    ("Kitchen Scale No 3", "$36"),
)


def articles(heading: str = "") -> str:
    each = "".join(
        f'<div class="product"><a href="/p/{n}"><h3>{name}</h3></a><span class="price">{price}</span>'
        f'<a class="btn" href="/cart?add={n}">Add to cart</a></div>'
        for n, (name, price) in enumerate(ARTICLES)
    )
    return f"<section>{f'<h2>{heading}</h2>' if heading else ''}<div class=grid>{each}</div></section>"


def test_dishes_are_sold_and_the_courses_of_the_menu_are_not():
    courses = {
        "Starters": (("Beetroot tartare", "£8"), ("Smoked eel", "£11"), ("Pea soup", "£7")),
        "Mains": (("Hogget pie", "£18"), ("Turbot", "£29"), ("Celeriac steak", "£16")),
    }
    body = "".join(
        f"<h2>{course}</h2><ul>"
        + "".join(f"<li><span class=dish>{dish}</span> <span class=price>{price}</span></li>" for dish, price in dishes)
        + "</ul>"
        for course, dishes in courses.items()
    )
    found = profile(read_html(ABOUT + body), industry="restaurants")
    assert prices(found.products) == {
        "Beetroot tartare": 8, "Smoked eel": 11, "Pea soup": 7, "Hogget pie": 18, "Turbot": 29, "Celeriac steak": 16,
    }  # fmt: skip
    assert found.products[0].within == "Starters"


def test_the_price_of_a_sale_is_the_price():
    each = "".join(
        f"<div class=product><a href=/p/{n}><h3>{name}</h3></a><del>$199</del> <ins>{price}</ins></div>"
        for n, (name, price) in enumerate(ARTICLES)
    )
    found = profile(read_html(f"{ABOUT}<h2>Lamps</h2><div>{each}</div>"), industry="retail_ecommerce")
    assert found.products[0].price == 49


@pytest.mark.parametrize("heading", ["", "Best sellers", "For long evenings"])
def test_a_shop_has_departments_and_articles_with_their_prices(heading):
    page = read_html(SHOP_MENU.format(listed(*DEPARTMENTS, path="/c/")) + ABOUT + articles(heading))
    found = profile(page, industry="retail_ecommerce")
    assert values(found.product_categories) == list(DEPARTMENTS)
    assert prices(found.products) == {
        "Ottoline Lantern": 49,
        "Fennimore Lamp": 120,
        "Proving Basket": 18.5,
        "Kitchen Scale No 3": 36,
    }
    assert found.plans == []


def test_an_article_on_several_pages_comes_once_and_keeps_its_price():
    home = read_html(ABOUT + cards("Featured products", *((name, "Soft light.") for name, _ in ARTICLES)))
    found = profile(home, read_html(articles("Lamps"), "/c/0", title="Lamps"), industry="retail_ecommerce")
    assert prices(found.products) == {
        "Ottoline Lantern": 49,
        "Fennimore Lamp": 120,
        "Proving Basket": 18.5,
        "Kitchen Scale No 3": 36,
    }


def test_articles_that_differ_in_a_figure_are_different_articles():
    body = articles().replace("Ottoline Lantern", "Ottoline 20").replace("Fennimore Lamp", "Ottoline 30")
    assert {"Ottoline 20", "Ottoline 30"} <= set(
        values(profile(read_html(ABOUT + body), industry="retail_ecommerce").products)
    )


def test_the_heading_above_an_article_is_its_department():
    found = profile(read_html(ABOUT + articles("Lights")), industry="retail_ecommerce")
    assert {fact.within for fact in found.products} == {"Lights"}


# --- what is not the offer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "members"),
    [
        ("Our services", [("Dora Quillfeather", ""), ("Emily Ostrander", ""), ("Laura Finkenau", "")]),  # persons
        ("What we do", [("Leeds", ""), ("Manchester", ""), ("Bristol", "")]),  # places
        ("What we do", [("Deutsch", ""), ("English", ""), ("Français", "")]),  # languages
        ("What we do", [("Facebook", ""), ("Instagram", ""), ("Choir", "")]),  # networks
        (
            "What we do",
            [("Organ week", "12.03.2025"), ("Bell ringing", "14.03.2025"), ("Night of pipes", "1 May 2025")],
        ),  # dates
        ("What we do", [("For landlords", ""), ("For tenants", ""), ("For breweries", "")]),  # customers
        ("Our team", list(WORK)),
        ("Latest news", list(WORK)),
        ("Our partners", list(WORK)),
        ("Industries", list(WORK)),
        ("Our locations", list(WORK)),
        ("Häufige Fragen", list(WORK)),
        ("Pourquoi nous", list(WORK)),
    ],
)
def test_groups_of_other_kinds_are_not_offered(heading, members):
    assert offered(profile(read_html(ABOUT + cards(heading, *members)))) == []


@pytest.mark.parametrize("mark", ["team-grid", "testimonials", "blog-list", "partner-logos", "faq", "site-breadcrumb"])
def test_the_developers_name_of_a_group_can_veto_it(mark):
    assert offered(profile(read_html(ABOUT + cards("Our services", *WORK, mark=mark)))) == []
    assert offered(profile(read_html(ABOUT + cards("Our services", *WORK, mark="row")))) == NAMES


def test_links_to_other_companies_are_not_offered():
    members = "".join(f'<li><a href="https://choir{n}.example/">{name}</a></li>' for n, name in enumerate(NAMES))
    own = (
        "<ul>"
        + "".join(
            f'<li><a href="/x{n}">{word}</a></li>'
            for n, word in enumerate(("Bell", "Rope", "Reed", "Wind", "Oak", "Ash", "Elm", "Fir"))
        )
        + "</ul>"
    )
    assert offered(profile(read_html(ABOUT + own + f"<h2>Services</h2><ul>{members}</ul>"))) == []


@pytest.mark.parametrize(
    "path", ["/news/new-organ", "/blog/2024/05/organ", "/about-us/", "/privacy", "/careers/", "/team"]
)
def test_pages_that_are_not_of_the_offer_have_none(path):
    home = read_html(ABOUT, title="Finkenau")
    aside = read_html("<h1>A spring day</h1>" + cards("Our services", *WORK), path, title="A spring day")
    assert offered(profile(home, aside)) == []
    assert offered(profile(home, read_html(cards("Our services", *WORK), "/workshop/"))) == NAMES


def test_a_blog_posts_table_of_amounts_is_not_offered():
    table = (
        "<table>" + "".join(f"<tr><td>{name}</td><td>€ {n}0</td></tr>" for n, name in enumerate(NAMES, 1)) + "</table>"
    )
    declared_post = (
        '<meta property="og:type" content="article"><meta property="article:published_time" content="2024-05-01">'
    )
    head = "<h1>What an organ costs</h1><p>Costs by part.</p>"
    plain = read_html(f"{head}{table}", "/what-an-organ-costs")
    row = read_html(f"{head}{cards('Our services', *WORK)}", "/what-an-organ-costs")
    post = read_html(f"{head}{cards('Our services', *WORK)}", "/what-an-organ-costs", head=declared_post)
    home = read_html(ABOUT, title="Finkenau")
    assert offered(profile(home, post)) == []
    assert offered(profile(home, row)) == NAMES
    assert offered(profile(home, plain)) == []
    stated = read_html(f"<h1>Services</h1><h2>Our services</h2>{table}", "/services")
    assert prices(profile(home, stated).services) == dict(zip(NAMES, (10, 20, 30), strict=True))


def test_the_tree_of_another_language_is_not_read():
    home = read_html(ABOUT + cards("Our services", *WORK))
    danish = read_html(
        "<p>Vi passer på kirkeorgler i hele landet og har gjort det i tre generationer.</p>"
        + cards("Vores ydelser", ("Stemning", ""), ("Rensning", ""), ("Forgyldning", "")),
        "/da/",
        language="da",
    )
    assert offered(profile(home, danish)) == NAMES


def test_a_page_that_the_home_page_links_by_another_languages_name_is_not_read():
    cards_of = cards("Our services", *((name, "For you.") for name in ("Road freight", "Air freight", "Customs")))
    home = read_html(
        f"<div><a href='/x.html'>English</a><a href='/y.html'>Kontakt</a></div><p>{'Wir fahren. ' * 40}</p>",
        language="de",
    )
    other = read_html(cards_of, "/x.html", language="de")
    assert offered(profile(home, other, industry="logistics")) == []
    home = read_html(
        f"<div><a href='/x.html'>Deutsch</a><a href='/y.html'>Kontakt</a></div><p>{'Wir fahren. ' * 40}</p>",
        language="de",
    )
    assert offered(profile(home, other, industry="logistics")) != []


# --- members -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["footer", "aside"])
def test_the_footer_and_the_sidebar_count_only_if_there_is_nothing_better(tag):
    footer = f"<{tag}><h4>Services</h4>{listed('Voicing', 'Bellows', 'Gilding')}</{tag}>"
    assert values(profile(read_html(ABOUT + footer)).services) == ["Voicing", "Bellows", "Gilding"]
    assert values(profile(read_html(ABOUT + cards("Our services", *WORK) + footer)).services) == NAMES


def test_column_heads_without_a_page_of_their_own_sort_the_offer_but_are_not_sold():
    column = "<div class=column><h3>{}</h3><ul>{}</ul></div>"
    links = (
        "".join(f'<li><a href="/s/{name}">{name}</a></li>' for name in names)
        for names in (("Reeds", "Flues", "Mixtures"), ("Oak", "Gold leaf", "Lime wood"))
    )
    body = (
        "<h2>Services</h2><div>"
        + "".join(column.format(head, each) for head, each in zip(("Pipes", "Cases"), links, strict=True))
        + "</div>"
    )
    found = offered(profile(read_html(ABOUT + body)))
    assert {"Reeds", "Flues", "Oak", "Gold leaf"} <= set(found)
    assert not {"Pipes", "Cases"} & set(found)


@pytest.mark.parametrize(
    "odd",
    ["Emily Ostrander", "12.03.2025", "Contact us", "Our services", "Leeds", "All services", "Acme", "For landlords"],
)
def test_one_label_of_another_kind_is_left_out_and_the_others_stay(odd):
    found = profile(read_html(menu("Services", "/s", *NAMES, odd) + ABOUT, title="Acme"))
    assert values(found.services) == NAMES


def test_a_name_with_its_price_in_it():
    body = (
        "<h2>Services</h2><ul>" + "".join(f"<li>{name} – € {n}5.00</li>" for n, name in enumerate(NAMES, 1)) + "</ul>"
    )
    assert prices(profile(read_html(ABOUT + body)).services) == dict(zip(NAMES, (15, 25, 35), strict=True))


def test_a_group_of_sentences_is_not_offered():
    sentences = ("We come to you and listen first.", "Then we write an offer. It is free.", "Ready? Let us begin!")
    assert offered(profile(read_html(ABOUT + cards("Our services", *((each, "") for each in sentences))))) == []


@pytest.mark.parametrize(
    "name",
    [
        "Restoration of historical instruments",
        "Voicing, tuning and regulation",
        "Loan organs – long term",
        "Vitamin E",
        "Pipe making school",
        "Wind & bellows service",
        "A4 Tuning",
        "St. Cecilia action",
    ],
)
def test_a_name_is_taken_whole(name):
    found = profile(read_html(menu("Services", "/s", *NAMES, name) + ABOUT))
    assert name in values(found.services)


def test_a_name_is_never_cut():
    long = "Restoration and careful documentation of mechanical street organs"
    found = profile(read_html(menu("Services", "/s", *NAMES, long) + ABOUT))
    assert all(value in {*NAMES, long} for value in values(found.services))


def test_explanations_behind_names_are_left_out_if_most_labels_have_one():
    labels = [
        f"{name} – {text} and whatever else the instrument needs"
        for name, text in (("Pipes", "voicing"), ("Bellows", "new leather"), ("Cases", "gold leaf"))
    ]
    assert values(profile(read_html(ABOUT + f"<h2>Services</h2>{listed(*labels)}")).services) == [
        "Pipes",
        "Bellows",
        "Cases",
    ]


# --- structured data and notes ---------------------------------------------------------------------------------------------


def declared(*names: str) -> str:
    things = [
        {"@type": "Product", "name": name, "offers": {"@type": "Offer", "price": "12.50", "priceCurrency": "EUR"}}
        for name in names
    ]
    return f'<script type="application/ld+json">{json.dumps(things)}</script>'


def test_structured_data_counts_if_the_page_shows_it():
    body = f"{ABOUT}<p>Our Ottoline Lantern is back, € 12.50.</p>"
    found = profile(read_html(body, head=declared("Ottoline Lantern", "Sample Product")), industry="retail_ecommerce")
    assert prices(found.products) == {"Ottoline Lantern": 12.5}


def test_the_notes_state_the_offer_by_kind():
    found = profile(notes="Services: pipe voicing, cookery school\nPlans: Murmur, Thunder.\n- Ottoline Lantern")
    assert values(found.services) == ["Pipe voicing", "Cookery school"]
    assert values(found.plans) == ["Murmur", "Thunder"]
    assert values(found.products) == ["Ottoline Lantern"]


def test_a_system_that_declares_every_page_an_article_does_not_hide_the_offer():
    declared = '<script type="application/ld+json">{"@type": "Article", "name": "Page"}</script>'
    pages = [
        read_html(f"{declared}<h1>{name}</h1>{ABOUT}{groups}", path)
        for path, name, groups in (
            ("/", "Organs", ""),
            ("/work", "Work", cards("Our services", *WORK)),
            ("/how", "By hand", ""),
        )
    ]
    assert offered(profile(*pages)) == NAMES


def test_entries_below_a_menu_entry_stand_beside_what_is_stated():
    branch = (
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/train">Train</a>'
        + listed("Personal training", "Boxing classes", "Strength training")
        + '</li><li><a href="/contact">Contact</a></li></ul></nav>'
    )
    plans = "".join(
        f'<div class="plan"><h3>{n}</h3><p>${p} per month</p></div>' for n, p in (("Solo", 29), ("Duo", 49))
    )
    found = profile(
        read_html(f"<body>{branch}{ABOUT}</body>"),
        read_html(f"<body>{branch}<h1>Memberships</h1>{plans}</body>", "/memberships"),
        industry="fitness",
    )
    assert set(offered(found)) >= {"Solo", "Duo", "Personal training", "Boxing classes"}


def test_a_plan_may_be_called_like_a_town():
    plans = "".join(
        f'<div class="plan"><h3>{name}</h3><p>${price} per month</p></div>'
        for name, price in (("Homestead", 29), ("Riverside", 44), ("Whole Herd", 89))
    )
    home = read_html(f'<body><a href="/memberships">Memberships</a>{ABOUT}</body>')
    found = profile(home, read_html(f"<body><h1>Memberships</h1>{plans}</body>", "/memberships"), industry="fitness")
    assert "Homestead" in values(found.plans)


def test_customers_below_a_heading_of_the_offer_are_not_sold():
    rows = "".join(f"<h2>{who}</h2><p>From $40 a month</p>" for who in ("Families", "Businesses", "Students"))
    courses = read_html(f"<body><h1>Courses</h1><section><h2>Courses</h2>{rows}</section></body>", "/courses")
    found = profile(read_html(f'<body><a href="/courses">Courses</a>{ABOUT}</body>'), courses, industry="education")
    assert not {"Families", "Businesses", "Students"} & set(offered(found))
