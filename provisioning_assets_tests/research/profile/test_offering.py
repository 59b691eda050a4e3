"""What is for sale on pages written by hand, and what must never be shown as a product."""

from provisioning_assets.research.profile.lexicon import industries
from provisioning_assets.research.profile.offering import MOST_PRODUCTS, read_offering
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets_tests.research.profile.site_text import page, site


def offered(*pages, notes="", industry="professional_services", languages=("en",), company=("Acme",), places=()):
    website = site(*pages, notes=notes)
    found = read_offering(
        read_passages(website), industry=industry, languages=languages, company=company, places=frozenset(places)
    )
    facts = [*found.products, *found.categories]
    assert all(fact.evidence for fact in facts)
    assert all(evidence_occurs(evidence, website) for fact in facts for evidence in fact.evidence)
    return [fact.value for fact in found.products], [fact.value for fact in found.categories]


def test_goods_of_structured_data_and_their_categories():
    goods = [
        {
            "@type": "Product",
            "name": f"Teak Table {size}",
            "category": "Home > Garden > Tables",
            "offers": {"@type": "Offer", "price": "10"},
        }
        for size in ("S", "M", "L")
    ]
    home = page(json_ld=[{"@type": "OfferCatalog", "name": "Summer 26", "itemListElement": goods}])
    products, categories = offered(home, industry="retail_ecommerce")
    assert products[:3] == ["Teak Table S", "Teak Table M", "Teak Table L"]
    assert "Tables" in categories
    assert "Summer 26" in categories


def test_a_menu_of_dishes_is_walked():
    menu = {
        "@type": "Menu",
        "hasMenuSection": [
            {"@type": "MenuSection", "name": "Starters", "hasMenuItem": [{"@type": "MenuItem", "name": "Leek soup"}]}
        ],
    }
    products, categories = offered(page(json_ld=[menu]), industry="restaurants")
    assert "Leek soup" in products
    assert "Starters" in categories


def test_a_label_before_a_price_or_above_it_is_a_product():
    text = (
        "Stoneware mug $18.00\nLinen apron\n$42\nPaid\n$99\nCar accident settlement $3,600,000.00\nOak stool from 89 €"
    )
    products, _ = offered(page(text=text), industry="retail_ecommerce")
    assert {"Stoneware mug", "Linen apron", "Oak stool"} <= set(products)
    assert "Paid" not in products
    assert not [product for product in products if "settlement" in product]


def test_services_with_pages_of_their_own_come_before_mere_menu_entries():
    home = page(navigation=["Home", "Tax advisory", "Parking", "Login"], headings=["Tax advisory"])
    own = page("/tax-advisory", title="Tax advisory | Acme", headings=["Tax advisory"])
    products, _ = offered(home, own)
    assert products == ["Tax advisory"]


def test_navigation_people_places_and_the_company_are_not_products():
    junk = [
        "Login",
        "Cookie",
        "Read more",
        "Home",
        "Mark B. Wallace",
        "Linda Johnson",
        "Boston",
        "Acme",
        "Dr. Weiss",
        "Deutsch",
        "Contact us",
    ]
    home = page(navigation=junk, headings=junk, image_alts=junk, text="\n".join(f"{label} $20" for label in junk))
    products, categories = offered(home, places=("boston",), industry="retail_ecommerce")
    assert products == []
    assert categories == []


def test_places_and_the_company_are_taken_off_a_label():
    pages = [
        page(headings=["Estate planning in Louisville", "Acme Tax Audit"]),
        page("/estate-planning", headings=["Estate planning"]),
    ]
    products, _ = offered(*pages, places=("louisville",))
    assert "Estate planning" in products
    assert not [product for product in products if "Louisville" in product or "Acme" in product]


def test_labels_with_the_same_meaning_are_kept_once_in_the_shortest_form():
    labels = ["Personal Injury", "Personal Injury Services", "Personal Injury Lawyers", "Personal injury"]
    products, _ = offered(page(navigation=labels, headings=labels))
    assert products == ["Personal Injury"]


def test_goods_that_differ_in_a_figure_are_different():
    products, _ = offered(page(text="Drill bit set 10 mm $10\nDrill bit set 12 mm $12"), industry="retail_ecommerce")
    assert len(products) == 2


def test_a_shop_without_goods_has_categories_and_names_them_once():
    products, categories = offered(
        page(navigation=["Shoes", "Dresses", "Login"], headings=["Shoes", "Dresses"]), industry="retail_ecommerce"
    )
    assert products == []
    assert categories == ["Shoes", "Dresses"]


def test_a_list_in_running_text_names_services():
    text = "We offer finishing services including silk screen printing, spray painting and hot stamping for branding."
    products, _ = offered(page(text=text), industry="manufacturing")
    assert "Hot stamping" in products


def test_stories_news_and_foreign_pages_are_left_out():
    pages = [
        page(language="en", headings=["Audit"]),
        page(
            "/blog/my-trip", title="Blog", language="en", headings=["Litigation in the snow"], text="Audit gadget $12"
        ),
        page("/ar", language="ar", headings=["Consulting abroad"]),
    ]
    products, _ = offered(*pages)
    assert not {"Litigation in the snow", "Consulting abroad", "Audit gadget"} & set(products)


def test_notes_name_products():
    notes = "Products: swim school, yoga and personal training\n- Corporate wellness"
    products, _ = offered(notes=notes, industry="fitness")
    assert {"Swim school", "Yoga", "Personal training", "Corporate wellness"} <= set(products)


def test_customer_groups_are_not_services_but_can_be_departments_of_a_shop():
    labels = ["Brokers & Agents", "Women", "Men"]
    home = page(navigation=labels, headings=labels)
    assert offered(home)[0] == []
    assert {"Women", "Men"} <= set(offered(home, industry="retail_ecommerce")[1])


def test_japanese_prices_lose_their_details():
    text = "ワンデーセラミック（前歯） ¥28,000\nワンデーセラミック（奥歯） ¥33,000"
    products, _ = offered(page(text=text, language="ja"), industry="healthcare", languages=("ja",))
    assert products == ["ワンデーセラミック"]


def test_the_others_of_a_list_are_believed_beside_a_word_of_the_industry_and_abbreviations_are_not():
    text = "Finishing including silk screen printing, high-quality spray painting and hot stamping for art and fame."
    materials = "We mould resins such as ABS, PC, and hot stamping foil."
    products, _ = offered(page(text=f"{text}\n{materials}"), industry="manufacturing")
    assert {"Silk screen printing", "Spray painting", "Hot stamping"} <= set(products)
    assert not {"ABS", "PC", "Fame", "High-quality spray painting"} & set(products)


def test_asides_praise_and_makers_are_removed_from_names():
    labels = [
        "Dry Bulk — Acme Affiliate",
        "World-class Heavy Lift",
        "Injection Molding Specialists",
        "Injury Attorneys",
    ]
    home = page(navigation=labels, headings=labels)
    own = [page(f"/services/{n}", title=label, headings=[label]) for n, label in enumerate(labels)]
    products, _ = offered(home, *own)
    assert set(products) == {"Dry Bulk", "Heavy Lift", "Injection Molding", "Injury"}


def test_an_amount_won_for_a_client_is_not_a_price_but_a_shop_may_have_such_a_price():
    text = "Shoulder Injury\n$90,000.00\nEstate check\n$900"
    products, _ = offered(page(text=text), industry="professional_services")
    assert products == ["Estate check"]
    goods, _ = offered(page(text="Roadster Deluxe\n$90,000.00"), industry="automotive")
    assert ("Roadster Deluxe" in goods) == (industries()["automotive"].catalogue)


def test_departments_of_a_large_menu_are_the_categories_and_hold_the_goods_that_name_them():
    menu = [
        "Log in",
        "BABY & KIDS",
        "Diapers",
        "Toys & Games",
        "Nursery",
        "KITCHEN",
        "Cookware",
        "Water Bottles",
        "Tea",
    ]
    menu += ["HEALTH", "First Aid", "Vitamins", "Eye Care", "SALE", "Gift Bags", "Ribbons", "Cards"]
    goods = [{"@type": "Product", "name": name} for name in ("Fire Truck Toys", "Steel Water Bottle", "Grey Thing")]
    website = site(page(navigation=menu, json_ld=goods))
    found = read_offering(
        read_passages(website), industry="retail_ecommerce", languages=("en",), company=("Acme",), places=frozenset()
    )
    assert [fact.value for fact in found.categories] == ["Baby & Kids", "Kitchen", "Health"]
    within = {fact.value: fact.within for fact in found.products}
    assert within["Fire Truck Toys"] == "Baby & Kids"
    assert within["Steel Water Bottle"] == "Kitchen"
    assert within["Eye Care"] == "Health"
    assert within["Grey Thing"] is None


def test_a_menu_in_capitals_throughout_has_no_departments():
    menu = ["SANDALS", "DRESSES", "HANDBAGS", "WATCHES"]
    _, categories = offered(page(navigation=menu, headings=menu), industry="retail_ecommerce")
    assert sorted(categories) == ["Dresses", "Handbags", "Sandals", "Watches"]


def test_there_are_never_more_than_sixty():
    text = "\n".join(
        f"{colour} {thing} $10"
        for colour in ("Red", "Blue", "Green", "White", "Black", "Grey", "Brown", "Yellow", "Orange")
        for thing in ("bowl", "mug", "plate", "jug", "lamp", "rug", "desk", "sofa")
    )
    products, _ = offered(page(text=text), industry="retail_ecommerce")
    assert len(products) == MOST_PRODUCTS


def test_hostile_structures_are_survived():
    deep: dict = {"@type": "Product", "name": "Deep"}
    for _ in range(50):
        deep = {"@type": "ItemList", "itemListElement": [deep]}
    weird = [
        {"@type": ["Product", None], "name": 5},
        {"@type": "Product", "name": "<script>alert(1)</script>"},
        {"@type": "Product", "name": "x" * 500},
        deep,
    ]
    assert offered(page(json_ld=weird), industry="retail_ecommerce") == ([], [])
