"""The name of a company, from sources that contradict each other."""

import pytest

from provisioning_assets.research.profile.company_name import host_stem, name_key, read_company_name
from provisioning_assets.research.profile.legal_forms import without_legal_form
from provisioning_assets.research.profile.passages import evidence_occurs, read_passages
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets_tests.research.profile.site_text import page, read_html, site


def named(*pages, notes="", host="www.acme.example", site_name=None):
    website = site(*pages, notes=notes, site_name=site_name)
    found = read_company_name(website, read_passages(website), host)
    assert all(evidence_occurs(evidence, website) for evidence in found.evidence)
    return found


def test_structured_data_and_site_name_agree_against_a_slogan():
    home = page(
        title="Pumps that never stop | Brenner",
        open_graph={"og:site_name": "Brenner Pumps"},
        json_ld=[{"@type": "Organization", "name": "Brenner Pumps GmbH"}],
    )
    found = named(home)
    assert found.name == "Brenner Pumps"
    assert "Brenner Pumps GmbH" in found.also_known_as
    assert found.evidence


def test_the_part_that_titles_share_is_the_name():
    pages = [page(title="Home – Lindner & Sohn")] + [
        page(f"/{n}", title=f"{n} – Lindner & Sohn") for n in ("Dach", "Wand", "Bad")
    ]
    assert named(*pages, host="www.lindner-sohn.example").name == "Lindner & Sohn"


def test_a_copyright_line_names_the_company():
    assert (
        named(page(title="Home", text="© 2019–2026 Osteria del Faro. All rights reserved.")).name == "Osteria del Faro"
    )
    assert named(page(title="Welcome", text="Copyright 2026 by Quillon Works")).name == "Quillon Works"
    assert named(page(title="Welcome", text="Copyright (c) 2006-2023 by Quillon Works")).name == "Quillon Works"
    with_address = page(title="Welcome", text="© 2026 Quillon Works, Inc., 12 Mill Lane, Reno, NV 89501")
    assert named(with_address).name == "Quillon Works"


def test_a_legal_form_in_running_text_names_the_company():
    found = named(page(text="Terms apply between you and Marlowe Finch LLP, London."))
    assert found.name == "Marlowe Finch"
    assert "Marlowe Finch LLP" in found.also_known_as


def test_a_logo_names_the_company():
    assert named(page(title="Home", logo_texts=["Kestrel Air logo"])).name == "Kestrel Air"


def test_an_apostrophe_that_only_settings_and_pictures_leave_out_is_kept():
    home = page(title="Cider & Pies | Finkenau's", logo_texts=["Finkenaus", "Finkenaus logo"])
    assert named(home, page(title="Stores | Finkenau's"), host="www.finkenaus.example").name == "Finkenau's"


def test_generic_titles_never_win_and_the_host_is_the_last_resort():
    found = named(page(title="Home"), host="www.acme-tools.co.uk")
    assert found.name == "Acme Tools"
    assert named(host="127.0.0.1").name == "127.0.0.1"


def test_the_host_is_evidence_where_pages_carry_it():
    website = site(page(title="Home", host="www.acme-tools.com"))
    found = read_company_name(website, read_passages(website), "www.acme-tools.com")
    assert found.name == "Acme Tools"
    assert "acme-tools" in found.evidence[0].words


def test_a_shouted_name_is_spelled_as_elsewhere_on_the_site():
    pages = [
        page(title="Shoes online | ZALTRADA Online Shop", description="Shoes at Zaltrada"),
        page("/a", title="ZALTRADA"),
    ]
    assert named(*pages, host="www.zaltrada.example").name == "Zaltrada"


def test_a_name_in_another_writing_is_given_in_latin_where_the_company_does():
    home = page(
        title="青葉みどり歯科クリニック",
        json_ld=[
            {"@type": "Dentist", "name": "青葉みどり歯科クリニック", "alternateName": "AOBA MIDORI DENTAL CLINIC"}
        ],
    )
    found = named(home)
    assert found.name == "Aoba Midori Dental Clinic"
    assert "青葉みどり歯科クリニック" in found.also_known_as
    assert named(page(title="青葉みどり歯科", open_graph={"og:site_name": "青葉みどり歯科"})).name == "青葉みどり歯科"


def test_notes_overrule_the_site():
    home = page(title="Acme", open_graph={"og:site_name": "Acme"})
    assert named(home, notes="Company: Acme Holdings Europe").name == "Acme Holdings Europe"
    assert named(notes="We met Brenner Ventiltechnik GmbH last week").name == "Brenner Ventiltechnik"


def test_a_domain_is_not_preferred_to_a_name():
    pages = [
        page(title="Home | Dunkley's", open_graph={"og:site_name": "Dunkleys.com"}),
        page("/a", title="A | Dunkley's"),
    ]
    assert named(*pages).name == "Dunkley's"


def test_a_brand_name_that_stands_nowhere_is_not_used():
    assert named(page(title="Acme"), site_name="Something Else").name == "Acme"
    assert (
        named(page(title="Pumps", text="The Brenner Group"), site_name="The Brenner Group").name == "The Brenner Group"
    )


def test_a_slogan_that_every_title_has_is_not_the_name():
    pages = [page(title="Pipes that sing! | Finkenau")] + [
        page(f"/{n}", title=f"{n} | Pipes that sing!", logo_texts=["Finkenau"]) for n in ("a", "b", "c")
    ]
    assert named(*pages, host="www.organs-online.example").name == "Finkenau"


def test_titles_alone_do_not_outvote_the_host():
    pages = [page(title="Cheap organ repair – tuning and cleaning")] + [
        page(f"/{n}", title=f"{n} | Cheap organ repair") for n in "abc"
    ]
    assert named(*pages, host="www.finkenau.example").name == "Finkenau"


def test_a_leftover_of_the_template_on_every_page_is_not_the_name():
    pages = [
        page(
            f"/{n}" if n else "/",
            title="Finkenau",
            logo_texts=["Finkenau"],
            footer=[f"© 201{n or 9} ThemeForge Studio"],
        )
        for n in ("", 1, 2, 3, 4, 5)
    ]
    assert named(*pages, host="www.finkenau.example").name == "Finkenau"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Finkenau GmbH & Co. KG", "Finkenau"),
        ("Finkenau S.r.l.", "Finkenau"),
        ("Finkenau sp. z o.o.", "Finkenau"),
        ("Finkenau s.r.o.", "Finkenau"),
        ("Finkenau Kft.", "Finkenau"),
        ("Finkenau ApS", "Finkenau"),
        ("PT Finkenau Jaya", "Finkenau Jaya"),
        ("ООО Финкенау", "Финкенау"),
        ("株式会社フィンケナウ", "フィンケナウ"),
        ("フィンケナウ株式会社", "フィンケナウ"),
        ("주식회사 핀케나우", "핀케나우"),
        ("芬克瑙有限公司", "芬克瑙"),
        ("شركة فينكناو", "فينكناو"),
        ("Finkenau & Co.", "Finkenau & Co."),
        ("Finkenau Hotel & Spa", "Finkenau Hotel & Spa"),
        ("Finkenau S.p.A.", "Finkenau"),
        ("GmbH", "GmbH"),
    ],
)
def test_legal_forms_are_not_part_of_the_name(written, name):
    assert without_legal_form(written) == name
    if written != "GmbH":
        found = named(page(json_ld=[{"@type": "Organization", "name": written}]), host="127.0.0.1")
        assert found.name == name
        assert written == name or written in found.also_known_as


def test_a_very_long_name_is_kept_whole():
    long = (
        "Evangelisch-Lutherische Kirchengemeinde Sankt Marien und Sankt Nikolai zu Obergrauwinkel an der Schwarzen Elsterquelle "
        + ("mit den Ortsteilen Hinterfinkenau und Niederquastenhausen")
    )
    assert len(long) > 170
    found = named(page(json_ld=[{"@type": "Organization", "name": long}], logo_texts=[long]), host="127.0.0.1")
    assert found.name == long


def test_the_town_behind_the_name_is_left_out():
    home = page(
        title="Tischlerei Haslbrunn Hamburg",
        open_graph={"og:site_name": "Tischlerei Haslbrunn Hamburg"},
        footer=["Hafenweg 8, 20457 Hamburg"],
        language="de",
    )
    found = read_profile(site(home), industry_override=None, default_company_host="haslbrunn.example")
    assert found.company_name == "Tischlerei Haslbrunn"
    short = home.model_copy(update={"title": "Haslbrunn Hamburg", "open_graph": {"og:site_name": "Haslbrunn Hamburg"}})
    found = read_profile(site(short), industry_override=None, default_company_host="haslbrunn.example")
    assert found.company_name == "Haslbrunn Hamburg"


def test_a_name_that_only_the_logo_shows_is_evidenced():
    home = read_html(
        "<header><div class='logo'>Orgelbau Finkenau</div></header><p>We look after organs in old churches.</p>"
    )
    assert named(home, host="127.0.0.1").name == "Orgelbau Finkenau"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harlow Bennett, PLC", "harlow bennett"),
        ("PT Samudra Jaya Line", "Samudra Jaya Line"),
        ("AutoKhoj.com", "AutoKhoj"),
        ("ACME GmbH & Co. KG", "Acme"),
        ("MODALIA Online Shop", "Modalia"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("host", "stem"),
    [
        ("www.acme-tools.co.uk", "acme-tools"),
        ("shop.acme.com:8080", "acme"),
        ("127.0.0.1", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_stem_of_a_host(host, stem):
    assert host_stem(host) == stem


def test_a_name_that_no_visitor_can_read_is_a_templates_own():
    home = page(
        title="No-nonsense strength | Pinecrest",
        text="© 2026 Pinecrest Rowing Club",
        json_ld=[{"@type": "LocalBusiness", "name": "Almar Demo"}],
        open_graph={"og:site_name": "Almar Demo"},
    )
    assert named(home, host="www.pinecrestclub.example").name == "Pinecrest Rowing Club"


def test_what_a_new_site_of_the_system_is_called_is_not_the_name():
    home = page(title="Your dentist in town | first visit free", open_graph={"og:site_name": "Mi sitio WordPress"})
    assert named(home, host="www.larrosal-dental.example", site_name="Mi sitio WordPress").name == "Larrosal Dental"


def test_a_host_made_of_words_of_the_name_speaks_for_it():
    home = page(
        title="Gym near you", text="© 2026 PRC Holdings LLC, Reno, Nevada", logo_texts=["Pinecrest Rowing Club"]
    )
    assert named(home, host="www.pinecrestclub.example").name == "Pinecrest Rowing Club"


@pytest.mark.parametrize("by", ["by", "por", "par", "door"])
def test_the_word_for_by_in_a_copyright_line_is_not_part_of_the_name(by):
    assert named(page(title="Inicio", text=f"©2019 {by} Quillon Works")).name == "Quillon Works"


@pytest.mark.parametrize("name", ["von Quillon", "av Quillon", "af Quillon"])
def test_a_noble_name_keeps_its_first_word(name):
    assert named(page(title="Start", text=f"© 2026 {name}")).name == name


def test_a_slogan_with_the_host_in_it_is_not_the_name():
    pages = [page(f"/{n}", title=f"{n} | Hats and Shoes at Quillon.de") for n in ("Hats", "Shoes", "Bags")]
    home = page(title="Hats and Shoes at Quillon.de", logo_texts=["Quillon"])
    assert named(home, *pages, host="www.quillon.de").name == "Quillon"
