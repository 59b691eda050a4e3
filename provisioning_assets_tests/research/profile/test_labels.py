"""Which labels may be shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.profile.labels import is_cut_off, is_noise, navigation_words, tidy


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  BABY &  KIDS ", "Baby & Kids"),
        ("Used Cars In Delhi ( 9527 )", "Used Cars In Delhi"),
        ("Shipping01", "Shipping"),
        ("Routes & Schedules 02", "Routes & Schedules"),
        ("› Fire pits ›", "Fire pits"),
        ("dog insurance", "Dog insurance"),
        ("iPhone cases", "iPhone cases"),
        ("DSL", "DSL"),
        ("Gutschein ()", "Gutschein"),
        ("MEN'S SHOES", "Men's Shoes"),
        ("Planter (large", "Planter large"),
        ("🔧 Bellows repair", "Bellows repair"),
        ("✨️ Case gilding ✨", "Case gilding"),
        ("Ottoline™", "Ottoline™"),
        ("Spaten „Oste“", "Spaten „Oste“"),
        ("«Панель»", "Панель"),
        ("Кирпич «Солома» ›", "Кирпич «Солома»"),
        ("***", ""),
    ],
)
def test_tidying(written, shown):
    assert tidy(written) == shown


@pytest.mark.parametrize(
    ("label", "language"),
    [
        ("Login", "en"),
        ("Cookie", "en"),
        ("Read more", "en"),
        ("Home", "en"),
        ("Learn about our history", "en"),
        ("Who are you?", "en"),
        ("+44 20 7946 0000", "en"),
        ("info@acme.com", "en"),
        ("$12.50", "en"),
        ("2019", "en"),
        ("Shop now", "en"),
        ("Deutsch", "en"),
        ("Danmark - Dansk", "da"),
        ("hero_image_2.jpg", "en"),
        ("Our promise", "en"),
        ("Shipping, Made Visible", "en"),
        ("A", "en"),
        ("Impressum", "de"),
        ("Jetzt Termin vereinbaren", "de"),
        ("Passwort vergessen?", "de"),
        ("Mentions légales", "fr"),
        ("En savoir plus", "fr"),
        ("Aviso legal", "es"),
        ("Ver todos los pisos", "es"),
        ("Chi siamo", "it"),
        ("Fale conosco", "pt"),
        ("Lees meer", "nl"),
        ("Læs mere", "da"),
        ("Läs mer", "sv"),
        ("Les mer", "no"),
        ("お問い合わせ", "ja"),
        ("ご予約はこちらからお願いします", "ja"),
        ("关于我们", "zh"),
        ("오시는 길", "ko"),
        ("promoHeader", "en"),
        ("50,000+ containers", "en"),
        ("https://acme.com", "en"),
        ("<b>Sale</b>", "en"),
        ("One two three four five six seven eight", "en"),
        ("x" * 90, "en"),
        ("Order by phone", "en"),
        ("Ideas for", "en"),
    ],
)
def test_noise(label, language):
    assert is_noise(label, (language,))


@pytest.mark.parametrize(
    ("label", "language"),
    [
        ("Cove Teak Dining Table", "en"),
        ("Personal Injury", "en"),
        ("Foundation, Blush & Bronzer", "en"),
        ("Spa", "en"),
        ("Workers' Compensation", "en"),
        ("Kühltransporte", "de"),
        ("Ernährungsberatung", "de"),
        ("Assurance habitation", "fr"),
        ("Reformas integrales", "es"),
        ("インプラント", "ja"),
        ("むし歯治療", "ja"),
        ("种植牙", "zh"),
        ("퍼스널 트레이닝", "ko"),
        ("Head & Shoulders Shampoo", "en"),
    ],
)
def test_offerings_are_not_removed_as_noise(label, language):
    assert not is_noise(label, (language,))


def test_names_of_goods_may_be_longer_than_menu_entries():
    label = "Danielle Creations Pop Collection Compact Mirror Black"
    assert is_noise(label, ("en",))
    assert not is_noise(label, ("en",), most_words=10)


def test_a_language_without_a_list_still_has_the_english_one():
    assert is_noise("Login", ("fi",))
    assert navigation_words("xx") == frozenset()
    assert "startseite" in navigation_words("de")


@pytest.mark.parametrize(
    "label", ["Ideas for", "Fragen zur", "Soluciones para", "Услуги для", "Wine &", "Services à la"]
)
def test_a_label_that_ends_with_a_joining_word_was_cut_off(label):
    assert is_cut_off(label)


@pytest.mark.parametrize(
    "label", ["Cookery school", "Room service", "Family law", "Vitamin E", "Live music", "For", ""]
)
def test_a_label_that_ends_with_a_common_noun_is_whole(label):
    assert not is_cut_off(label)


@given(st.text(max_size=120))
def test_tidying_twice_changes_nothing_and_leaves_no_control_character(text):
    shown = tidy(text)
    assert not [character for character in shown if unicodedata.category(character) in {"Cc", "Cs"}]
    is_noise(shown, ("en", "ja"))
