"""Customer groups, languages, and stems."""

import pytest

from provisioning_assets.research.profile.language import languages_of
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.segments import read_segments
from provisioning_assets.research.profile.words import same_language, stem, stop_words, tokens
from provisioning_assets.research.website.models import Label
from provisioning_assets_tests.research.profile.site_text import group, page, site


def segments(*pages, notes="", languages=("en",)):
    website = site(*pages, notes=notes)
    facts = read_segments(read_passages(website), languages)
    assert all(evidence_occurs(evidence, website) for fact in facts for evidence in fact.evidence)
    return [fact.value for fact in facts]


def test_members_of_a_group_under_a_heading_that_says_so():
    menu = group("Ceramicists", "Glass studios", "Schools", heading="Who we serve")
    assert segments(page(groups=[menu])) == ["Ceramicists", "Glass studios", "Schools"]


def test_people_who_praise_the_company_are_not_groups_of_customers():
    praise = group("Lukas Berger", "Anna Hofer", "Julia Brandt", heading="Our customers")
    assert segments(page(groups=[praise])) == []


def test_groups_in_running_text_and_headings_are_not_taken():
    text = "Built for interior designers and homeowners. For students and families."
    assert segments(page(text=text, headings=["For families"], navigation=["For employers"])) == []


def test_without_a_heading_only_known_groups_that_stand_together_count():
    start = Label(text="Home", url="https://www.acme.example/")
    menu = group(start, "Landlords", "Tenants", "Contact", "Prices", area="menu")
    assert segments(page(groups=[menu])) == ["Landlords", "Tenants"]
    assert segments(page(groups=[group(start, "Landlords", "Contact", area="menu")])) == []


def test_groups_behind_a_for_are_the_groups():
    menu = group("About", "For landlords", "For the tenants", "Prices", "News", area="menu")
    assert segments(page(groups=[menu])) == ["Landlords", "Tenants"]
    cards = group("Für Brauereien", "Für Onlinehändler", heading="Branchen")
    assert segments(page(groups=[cards]), languages=("de",)) == ["Brauereien", "Onlinehändler"]


def test_buttons_and_sentences_of_a_segments_group_are_left_out():
    cards = group(
        "Breweries",
        "All industries",
        "Dental clinics",
        "Read more",
        "We help everybody who wants to bottle something at home",
        heading="Industries",
    )
    assert segments(page(groups=[cards])) == ["Breweries", "Dental clinics"]


def test_segments_of_notes_come_first():
    menu = group("Landlords", "Tenants", area="menu")
    found = segments(page(groups=[menu]), notes="Customers: schools, hospitals")
    assert found == ["Schools", "Hospitals", "Landlords", "Tenants"]


def test_news_and_pages_in_another_language_have_no_segments():
    news = page("/news/", groups=[group("Breweries", "Dairies", heading="Industries")])
    swedish = page("/sv/", language="sv", text="Vi hjälper. " * 30, groups=[group("Bönder", heading="Branscher")])
    assert segments(page(text="We make valves." * 3, language="en"), news, swedish) == []


@pytest.mark.parametrize(
    ("language", "heading", "labels"),
    [
        ("de", "Zielgruppen", ["Geschäftskunden", "Privatkunden"]),
        ("fr", "Vous êtes", ["Particuliers", "Collectivités"]),
        ("ja", "業種別", ["食品工場", "物流倉庫"]),
        ("pl", "Dla kogo", ["Samorządy", "Rolnicy"]),
    ],
)
def test_groups_in_other_languages(language, heading, labels):
    assert segments(page(groups=[group(*labels, heading=heading)]), languages=(language,)) == labels


def test_the_main_language_is_that_of_most_text():
    pages = [page(language="de-AT", text="x" * 5_000), page("/en", language="en-US", text="y" * 2_000)]
    assert languages_of(read_passages(site(*pages))) == ("de", "en")
    assert languages_of(read_passages(site(page(language="nb", text="x"))))[0] == "no"


def test_an_undeclared_language_is_detected_and_too_little_text_is_english():
    german = "Wir verkaufen Schuhe und Taschen für die ganze Familie und liefern sie in ganz Deutschland nach Hause."
    assert languages_of(read_passages(site(page(language="zxx", text=german))))[0] == "de"
    assert languages_of(read_passages(site(notes=german)))[0] == "de"
    assert languages_of(read_passages(site(page(title="Hallo"))))[0] == "en"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("nn", "no"), ("EN", "en"), ("zxx", ""), ("und", ""), (None, ""), ("x_y", ""), ("pt_BR", "pt")],
)
def test_language_tags(tag, code):
    assert same_language(tag) == code


def test_stems_and_tokens():
    assert stem("policies", "en") == stem("policy", "en")
    assert stem("boxes", "en") == "box"
    assert stem("universities", "en") != stem("universe", "en")
    assert stem("glass", "en") == "glass"
    assert stem("versicherungen", "de") == stem("versicherung", "de")
    assert stem("word", "xx") == "word"
    assert tokens("L’Hôtel & Co-Working, 5G") == ["l", "hôtel", "co", "working", "5g"]
    assert "und" in stop_words("de")
    assert stop_words("xx") == frozenset()
