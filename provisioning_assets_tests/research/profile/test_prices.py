"""Prices beside names, in the notations of many countries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.profile.prices import LARGEST_PRICE, price_in, without_price


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("£475,000", "GBP", 475_000),
        ("$1,299.95", "USD", 1_299.95),
        ("USD 45", "USD", 45),
        ("from $9.50", "USD", 9.5),
        ("1.299,95 €", "EUR", 1_299.95),
        ("ab 39,90 €", "EUR", 39.9),
        ("€ 12", "EUR", 12),
        ("49 EUR", "EUR", 49),
        ("1 250,00 €", "EUR", 1_250),
        ("1\u202f250 €", "EUR", 1_250),
        ("CHF 1'299.90", "CHF", 1_299.9),
        ("CHF 80.-", "CHF", 80),
        ("kr. 2.274,-", "DKK", 2_274),
        ("99 kr", "NOK", 99),
        ("1 495:-", "SEK", 1_495),
        ("129,00 zł", "PLN", 129),
        ("1 290 Kč", "CZK", 1_290),
        ("12 900 Ft", "HUF", 12_900),
        ("149,99 lei", "RON", 149.99),
        ("2 500 ₽", "RUB", 2_500),
        ("2 500 руб.", "RUB", 2_500),
        ("₹1,05,000", "INR", 105_000),
        ("Rs. 499", "INR", 499),
        ("¥28,000", "JPY", 28_000),
        ("3,980円", "JPY", 3_980),
        ("39,000원", "KRW", 39_000),
        ("R$ 89,90", "BRL", 89.9),
        ("Rp 1.250.000", "IDR", 1_250_000),
        ("R 1 499", "ZAR", 1_499),
        ("RM 45.90", "MYR", 45.9),
        ("A$59", "AUD", 59),
    ],
)
def test_notations(text, currency, amount):
    price = price_in(text, currency)
    assert price is not None
    assert price.amount == pytest.approx(amount)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("100 Mbit/s for 39,90 € a month", "EUR", 39.9),
        ("250 g, 12 pieces, $7.50", "USD", 7.5),
        ("2 adults, 3 nights – £340", "GBP", 340),
        ("500 GB $12 1 TB", "USD", 12),
    ],
)
def test_the_figure_beside_the_currency_is_the_price(text, currency, amount):
    price = price_in(text, currency)
    assert price is not None
    assert price.amount == pytest.approx(amount)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("No figures at all €", "EUR"),
        ("12 years of work", "EUR"),
        ("€ 20", "USD"),
        ("$0", "USD"),
        ("Article 4711", "USD"),
        ("$999999999999", "USD"),
        ("100 krakens", "NOK"),
        ("5 european cities", "EUR"),
    ],
)
def test_what_is_not_a_price(text, currency):
    assert price_in(text, currency) is None


@pytest.mark.parametrize(
    ("text", "currency", "recurring"),
    [
        ("$9 / month", "USD", True),
        ("$9/mo", "USD", True),
        ("£120 per year", "GBP", True),
        ("9,90 € pro Monat", "EUR", True),
        ("19 € par mois", "EUR", True),
        ("25 € al mes", "EUR", True),
        ("R$ 89 por mês", "BRL", True),
        ("99 kr/mnd", "NOK", True),
        ("49 zł miesięcznie", "PLN", True),
        ("月額 980円", "JPY", True),
        ("$12 per user", "USD", True),
        ("$9 (incl. tax) a month", "USD", True),
        ("€ 30 / Woche", "EUR", True),
        ("900 ₽ в месяц", "RUB", True),
        ("450 грн на місяць", "UAH", True),
        ("1 490 Kč za měsíc", "CZK", True),
        ("39,000원/월", "KRW", True),
        ("Monthly fee $9", "USD", True),
        ("$49, 2 years warranty", "USD", False),
        ("9,90 € / mese", "EUR", True),
        ("12 € par an", "EUR", True),
        ("$49 an evening", "USD", False),
        ("$49 let us help", "USD", False),
        ("$49 and a free tour", "USD", False),
        ("$49 Weekend on the farm", "USD", False),
        ("80 € mesa de roble", "EUR", False),
        ("8 € enfants de 3 à 12 ans", "EUR", False),
        ("$49", "USD", False),
        ("$49 Flute stand", "USD", False),
        ("€ 5 for a monograph", "EUR", False),
    ],
)
def test_prices_that_are_paid_again_and_again(text, currency, recurring):
    price = price_in(text, currency)
    assert price is not None
    assert price.recurring is recurring


@pytest.mark.parametrize(
    ("text", "currency", "amount", "monthly"),
    [
        ("Quarterly: Rs 1,947 Monthly: Rs 649 Yearly: Rs 7,788", "INR", 649, True),
        ("Quarterly: Rs 2607 Half-Yearly: Rs 5214", "INR", 2607, False),
        ("99 € / Jahr", "EUR", 99, False),
        ("9,90 € im Monat, jährlich kündbar", "EUR", 9.9, True),
        ("$108 a year or $9 a month", "USD", 9, True),
        ("年会費 12,000円", "JPY", 12000, False),
        ("$49", "USD", 49, True),
    ],
)
def test_the_price_of_a_month_goes_before_those_of_other_periods(text, currency, amount, monthly):
    price = price_in(text, currency)
    assert price is not None
    assert (price.amount, price.monthly) == (amount, monthly)


@pytest.mark.parametrize(
    ("text", "currency", "name"),
    [
        ("Flute stand – $3.00", "USD", "Flute stand"),
        ("Flute stand (€ 12)", "EUR", "Flute stand"),
        ("Flötenständer ab 12,50 €", "EUR", "Flötenständer"),
        ("Pupitre à partir de 20 €", "EUR", "Pupitre"),
        ("Flute stand", "USD", "Flute stand"),
        ("$3 Flute stand", "USD", "$3 Flute stand"),
    ],
)
def test_a_name_without_its_price(text, currency, name):
    assert without_price(text, currency) == name


@given(st.text(max_size=80), st.sampled_from(["EUR", "USD", "SEK", "JPY", "INR"]))
def test_whatever_is_written_a_price_is_positive_and_bounded(text, currency):
    price = price_in(text, currency)
    assert price is None or 0 < price.amount <= LARGEST_PRICE
