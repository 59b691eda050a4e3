"""Customer groups, a company's own words, languages, and stems."""

import pytest

from provisioning_assets.research.profile.language import languages_of
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.segments import read_segments
from provisioning_assets.research.profile.vocabulary import read_vocabulary
from provisioning_assets.research.profile.words import same_language, stem, stop_words, tokens
from provisioning_assets_tests.research.profile.site_text import page, site


def segments(*pages, notes="", languages=("en",)):
    website = site(*pages, notes=notes)
    facts = read_segments(read_passages(website), languages)
    assert all(evidence_occurs(evidence, website) for fact in facts for evidence in fact.evidence)
    return [fact.value for fact in facts]


def vocabulary(*pages, languages=("en",), company=("Acme",), places=(), industry="logistics"):
    website = site(*pages)
    facts = read_vocabulary(
        read_passages(website), languages=languages, company=company, places=frozenset(places), industry=industry
    )
    assert all(evidence_occurs(evidence, website) for fact in facts for evidence in fact.evidence)
    return [fact.value for fact in facts]


def test_groups_that_are_addressed_count_and_groups_in_passing_do_not():
    found = segments(
        page(navigation=["For employers"], text="Built for interior designers and homeowners. The students left.")
    )
    assert found[0] == "Employers"
    assert {"Interior designers", "Homeowners"} & set(found)
    assert "Students" not in found
    assert "Designers" not in segments(page(headings=["Interior designers", "For interior designers"]))


def test_groups_in_other_languages():
    assert segments(page(headings=["Für Geschäftskunden und Privatkunden"]), languages=("de",)) == [
        "Geschäftskunden",
        "Privatkunden",
    ]
    assert "企業" in segments(page(headings=["企業 の お客様"]), languages=("ja",))
    assert segments(page(title="KIDS")) == ["Kids"]
    assert segments(page(title="Hei"), languages=("fi",)) == []


def test_frequent_words_that_others_do_not_use():
    pages = [
        page(headings=["Reefer plugs"], text="Our reefer plugs run.\nCheck reefer plugs."),
        page("/b", text="More reefer plugs here."),
    ]
    found = vocabulary(*pages)
    assert found[0].lower() == "reefer plugs"
    assert not {"our", "more", "here"} & {word.lower() for word in found}


def test_company_places_dates_and_navigation_are_not_vocabulary():
    text = "\n".join(f"Acme Boston Monday March login don't {number}" for number in range(6))
    assert vocabulary(page(title="Acme", text=text), places=("boston",)) == []


def test_german_takes_nouns_and_japanese_runs_of_signs():
    german = "\n".join(["Die Seefracht läuft", "Mit Seefracht sicher", "Wir buchen Seefracht", "Nur Seefracht zählt"])
    assert vocabulary(page(title="Seefracht", text=german), languages=("de",)) == ["Seefracht"]
    japanese = vocabulary(
        page(title="インプラント治療", text="インプラントの診断\n治療とインプラント"), languages=("ja",)
    )
    assert "インプラント" in japanese


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
