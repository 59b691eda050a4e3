"""What headings, menu entries and parts of addresses say of the elements below them."""

import pytest

from provisioning_assets.research.profile.headings import (
    Meaning,
    address_parts,
    meaning_of,
    meaning_of_address,
    names_only_kind,
)


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Our services", Meaning.SERVICES),
        ("WHAT WE DO", Meaning.SERVICES),
        ("Unsere Leistungen", Meaning.SERVICES),
        ("Zahnarztleistungen", Meaning.SERVICES),
        ("Nos prestations", Meaning.SERVICES),
        ("Nuestros servicios", Meaning.SERVICES),
        ("Zakres usług", Meaning.SERVICES),
        ("Наши услуги", Meaning.SERVICES),
        ("خدماتنا", Meaning.SERVICES),
        ("事業内容", Meaning.SERVICES),
        ("Featured products", Meaning.PRODUCTS),
        ("Produktsortiment", Meaning.PRODUCTS),
        ("Katalog", Meaning.PRODUCTS),
        ("Ürünlerimiz", Meaning.PRODUCTS),
        ("产品中心", Meaning.PRODUCTS),
        ("Pricing", Meaning.PLANS),
        ("Preise und Pakete", Meaning.PLANS),
        ("Nos formules", Meaning.PLANS),
        ("Ceník", Meaning.PLANS),
        ("料金プラン", Meaning.PLANS),
        ("Shop by category", Meaning.CATEGORIES),
        ("Rayons", Meaning.CATEGORIES),
        ("Features", Meaning.FEATURES),
        ("Kursangebot", Meaning.COURSES),
        ("Corsi di laurea", Meaning.COURSES),
        ("Industries we serve", Meaning.SEGMENTS),
        ("Für wen", Meaning.SEGMENTS),
        ("Areas we serve", Meaning.PLACES),
        ("Vestigingen", Meaning.PLACES),
        ("店舗一覧", Meaning.PLACES),
        ("Meet the team", Meaning.OTHERS),
        ("Actualités", Meaning.OTHERS),
        ("Trabalhe conosco", Meaning.OTHERS),
        ("Tudnivalók", None),
        ("Grandmother's clocks", None),
        ("", None),
        ("   ", None),
    ],
)
def test_what_a_heading_means(heading, meaning):
    assert meaning_of(heading) is meaning


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Areas we service", Meaning.PLACES),  # not services
        ("Service areas", Meaning.PLACES),
        ("Insurance products", Meaning.PRODUCTS),
        ("Product categories", Meaning.CATEGORIES),
        ("Service plans", Meaning.PLANS),  # the last word names the kind
        ("Training services", Meaning.SERVICES),
    ],
)
def test_the_longest_word_counts_then_the_last(heading, meaning):
    assert meaning_of(heading) is meaning


@pytest.mark.parametrize(
    "heading",
    [
        "Product news",
        "News about services",
        "Service team",
        "Our services: questions",
        "Customer service",
        "Leistungen und Karriere",
    ],
)
def test_a_word_for_something_else_wins(heading):
    assert meaning_of(heading) is Meaning.OTHERS


@pytest.mark.parametrize(
    "heading",
    [
        "We have offered services of this kind to our neighbours since 1923",
        "Looking for services?",
        "Our services have made a whole generation of organ players very happy",
        "私たちは三世代にわたってサービスを提供してきました",
    ],
)
def test_a_sentence_means_nothing(heading):
    assert meaning_of(heading) is None


@pytest.mark.parametrize("heading", ["Serviceman", "Planetarium", "Reproduction", "Self-service", "Shopfitting"])
def test_a_word_inside_another_does_not_count(heading):
    assert meaning_of(heading) is None


@pytest.mark.parametrize(
    "label",
    ["Services", "Our services", "All products", "Alle Produkte", "Voir tous nos services", "Overview", "製品一覧"],
)
def test_labels_that_only_name_a_kind(label):
    assert names_only_kind(label)


@pytest.mark.parametrize(
    "label", ["Auto loans", "Piano moving services", "Steuerberatung", "Solar panels", "Fensterreinigung Leistungen"]
)
def test_labels_that_say_more(label):
    assert not names_only_kind(label)


def test_addresses_are_read_as_words():
    assert address_parts("https://x.example/our-services/roof_repair.html?a=1#b") == ["our services", "roof repair"]
    assert address_parts("https://x.example/%C3%BCber-uns/") == ["über uns"]
    assert address_parts("https://x.example/index.html") == []
    assert address_parts(None) == []


@pytest.mark.parametrize(
    ("url", "meaning"),
    [
        ("https://x.example/our-services/", Meaning.SERVICES),
        ("https://x.example/de/leistungen.html", Meaning.SERVICES),
        ("https://x.example/services/organ-tuning/", None),
        ("https://x.example/services/news", Meaning.OTHERS),
        ("https://x.example/", None),
        (None, None),
    ],
)
def test_the_last_part_of_an_address_counts(url, meaning):
    assert meaning_of_address(url) is meaning
