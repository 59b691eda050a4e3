"""Terms that a company states: read only where a sentence, a row or a list plainly says them, with page and passage."""

import pytest

from provisioning_assets.research.profile.models import CustomerProfile, hours_in_words, periods_of
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.profile.report import facts_of, facts_without_evidence
from provisioning_assets_tests.research.profile.site_text import HOST, read_html, site

PLACE = {
    "en": "12 Mill Lane, Leeds LS1 4AB, United Kingdom. Prices in pounds: a lamp costs £30.",
    "de": "Lange Straße 4, 26123 Oldenburg, Deutschland. Eine Lampe kostet 30 €.",
    "fr": "4 rue Haute, 44000 Nantes, France. Une lampe coûte 30 €.",
    "es": "Calle Mayor 4, 28013 Madrid, España. Una lámpara cuesta 30 €.",
    "it": "Via Roma 4, 20121 Milano, Italia. Una lampada costa 30 €.",
    "nl": "Kerkstraat 4, 1017 GP Amsterdam, Nederland. Een lamp kost € 30.",
    "pt": "Rua Direita 4, 1100-001 Lisboa, Portugal. Um candeeiro custa 30 €.",
    "da": "Storgade 4, 8000 Aarhus, Danmark. En lampe koster 300 kr.",
    "sv": "Storgatan 4, 111 20 Stockholm, Sverige. En lampa kostar 300 kr.",
    "no": "Storgata 4, 0155 Oslo, Norge. En lampe koster 300 kr.",
    "pl": "ul. Długa 4, 00-238 Warszawa, Polska. Lampa kosztuje 300 zł.",
    "ja": "東京都新宿区西新宿2-8-1 日本 03-1234-5678 ランプ 3,000円",
}
DOMAIN = {"en": "co.uk", "da": "dk", "sv": "se", "ja": "jp"}


def profile_of(*bodies: str, language: str = "en", head: str = "", notes: str = "") -> CustomerProfile:
    """What is read on pages with these contents, of a company whose country and currency are plain."""
    host = f"www.acme.{DOMAIN.get(language, language)}"
    home = read_html(f"<h1>Acme</h1><p>{PLACE[language]}</p>", title="Acme", language=language, host=host)
    pages = [
        read_html(body, f"/page-{at}", title="Acme", language=language, head=head, host=host)
        for at, body in enumerate(bodies)
    ]
    website = site(home, *pages, notes=notes, url=f"https://{host}/")
    profile = read_profile(website, industry_override=None, default_company_host=HOST)
    assert facts_without_evidence(profile, website) == []
    return profile


def figures(*bodies: str, language: str = "en", notes: str = "") -> dict[str, float]:
    profile = profile_of(*bodies, language=language, notes=notes)
    return {name: figure.value for name, figure in profile.terms.figures.items()}


def hours(*bodies: str, language: str = "en", head: str = "") -> str | None:
    found = profile_of(*bodies, language=language, head=head).terms.opening_hours
    return found.in_words() if found else None


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("en", "Delivery costs £4.95, free on orders over £40.", {"shipping_fee": 4.95, "free_shipping_from": 40}),
        ("de", "Versandkosten: 4,90 €. Ab 1.250 € versandkostenfrei.", {"shipping_fee": 4.9, "free_shipping_from": 1250}),
        ("fr", "Frais de port : 5,90 €. Livraison gratuite dès 60 € d'achat.", {"shipping_fee": 5.9, "free_shipping_from": 60}),
        ("es", "Gastos de envío: 3,95 €. Envío gratis a partir de 50 €.", {"shipping_fee": 3.95, "free_shipping_from": 50}),
        ("it", "Spese di spedizione: 6,50 €. Spedizione gratuita da 49 €.", {"shipping_fee": 6.5, "free_shipping_from": 49}),
        ("nl", "Verzendkosten: € 4,50. Gratis verzending vanaf € 35.", {"shipping_fee": 4.5, "free_shipping_from": 35}),
        ("pt", "Portes de envio: 4,20 €. Entrega gratuita a partir de 45 €.", {"shipping_fee": 4.2, "free_shipping_from": 45}),
        ("da", "Leveringsgebyr: 39 kr. Gratis levering over 499 kr.", {"shipping_fee": 39, "free_shipping_from": 499}),
        ("sv", "Fraktkostnad: 49 kr. Fri frakt över 599 kr.", {"shipping_fee": 49, "free_shipping_from": 599}),
        ("no", "Fraktpris: 79 kr. Gratis frakt over 999 kr.", {"shipping_fee": 79, "free_shipping_from": 999}),
        ("pl", "Koszt dostawy: 14,99 zł. Darmowa dostawa od 199 zł.", {"shipping_fee": 14.99, "free_shipping_from": 199}),
        ("ja", "送料 550円。5,500円以上で送料無料。", {"shipping_fee": 550, "free_shipping_from": 5500}),
    ],
)  # fmt: skip
def test_shipping_is_read_in_each_language(language: str, sentence: str, expected: dict[str, float]) -> None:
    assert figures(f"<p>{sentence}</p>", language=language) == expected


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("en", "You can return anything within 30 days.", {"return_days": 30}),
        ("de", "100 Tage Rückgaberecht auf alles.", {"return_days": 100}),
        ("en", "Delivery time: 2 to 4 working days.", {"delivery_days_from": 2, "delivery_days_to": 4}),
        ("de", "Lieferzeit 3–5 Werktage.", {"delivery_days_from": 3, "delivery_days_to": 5}),
        ("en", "Our payment terms are 30 days.", {"payment_days": 30}),
        ("de", "Zahlungsziel: 14 Tage.", {"payment_days": 14}),
        ("en", "Minimum order value: £250.", {"minimum_order": 250}),
        ("de", "Mindestbestellwert 50 €.", {"minimum_order": 50}),
        ("en", "Trade customers have 15% off every order.", {"trade_discount": 15}),
        ("de", "Mitglieder erhalten 5 % Rabatt.", {"member_discount": 5}),
        ("en", "Minimum term: 12 months. Notice period: 30 days.", {"contract_months": 12, "notice_days": 30}),
        (
            "de",
            "Mindestlaufzeit 24 Monate, Kündigungsfrist 3 Monate.",
            {},
        ),  # two times in one sentence are not told apart
        ("fr", "Sans engagement.", {"contract_months": 0}),
        ("sv", "Startavgift 199 kr. Påminnelseavgift: 60 kr.", {"setup_fee": 199, "late_fee": 60}),
    ],
)
def test_other_terms(language: str, sentence: str, expected: dict[str, float]) -> None:
    assert figures(f"<p>{sentence}</p>", language=language) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Express delivery costs £9.95.",
        "Delivery to France costs £19.",
        "Delivery from £3.95.",
        "Free gift card with orders over £40.",
        "Tea, from £13.40 per delivery, postage free.",
        "We refund you within 14 days of receiving your return.",
        "The warranty covers returns for 365 days after the repair.",
        "Save up to 70% on trade returns.",
        "Students save 20% with the members' code.",
        "About 18% of our sales are to trade customers.",
        "Joining fee from £20.",
        "We began with £50 and a van for deliveries.",
        "No contract? If you prefer, take 12 months and save.",
    ],
)
def test_a_figure_of_something_else_is_not_taken(sentence: str) -> None:
    assert figures(f"<p>{sentence}</p>") == {}


def test_two_different_figures_are_none_and_it_is_said() -> None:
    profile = profile_of("<p>Delivery fee: £4.95.</p>", "<p>Delivery fee: £5.95.</p>")
    assert profile.terms.figures == {}
    (unclear,) = profile.terms.unclear
    assert unclear.startswith("shipping_fee: 4.95")
    assert "5.95" in unclear


def test_what_the_notes_say_goes_before_the_site() -> None:
    assert figures("<p>Delivery fee: £4.95.</p>", notes="Delivery fee: £5.95.") == {"shipping_fee": 5.95}


def test_of_a_table_the_row_of_the_usual_service_is_taken() -> None:
    rows = "".join(
        f"<tr><td>{'</td><td>'.join(row)}</td></tr>"
        for row in (
            ("How", "When", "Cost"),
            ("Parcel", "2 to 4 working days", "£7.95, free over £75"),
            ("Collection", "Next day", "Free"),
            ("White-glove delivery", "5 to 10 working days", "£89"),
        )
    )
    profile = profile_of(
        f"<h1>Delivery</h1><p>We carry it to where it belongs, and take the boxes away.</p><table>{rows}</table>"
    )
    read = {name: (figure.value, figure.unit) for name, figure in profile.terms.figures.items()}
    assert read == {
        "shipping_fee": (7.95, "currency"),
        "free_shipping_from": (75, "currency"),
        "delivery_days_from": (2, "working days"),
        "delivery_days_to": (4, "working days"),
    }
    quote = profile.terms.figures["shipping_fee"].evidence[0]
    assert "£7.95" in quote.words
    assert quote.under == "Parcel"
    assert ("shipping fee", "7.95 GBP") in [(kind, value) for kind, value, *_ in facts_of(profile)]


def test_those_who_get_a_discount_are_named() -> None:
    profile = profile_of("<p>Interior designers save 15% on every order.</p>")
    assert [fact.value for fact in profile.terms.figures["trade_discount"].given_to] == ["Interior designers"]


CARDS = "".join(
    f"<article><h2>{name}</h2><p>{text}</p></article>"
    for name, text in (
        ("Seedling", "A point for every pound. From your first order."),
        ("Evergreen", "Free repairs. From £500 a year."),
        ("Old Growth", "First choice of everything. From £2,000 a year."),
    )
)


def test_loyalty_tiers_with_their_yearly_spend() -> None:
    profile = profile_of(
        f"<main><h1>Pine Circle</h1><p>Our loyalty programme in three tiers.</p><div>{CARDS}</div></main>"
    )
    assert [(tier.value, tier.price) for tier in profile.loyalty_tiers] == [
        ("Seedling", 0),
        ("Evergreen", 500),
        ("Old Growth", 2000),
    ]


def test_cards_with_falling_or_missing_thresholds_are_no_tiers() -> None:
    falling = CARDS.replace("£500", "£5,000")
    missing = CARDS.replace("From £500 a year", "Ask us")
    for cards in (falling, missing):
        profile = profile_of(f"<main><h1>Pine Circle</h1><p>Our loyalty programme.</p><div>{cards}</div></main>")
        assert profile.loyalty_tiers == []


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("en", "Open Monday to Saturday from 10 am to 7 pm and on Sunday from 11 am to 5 pm.", "Mo-Sa 10:00-19:00, Su 11:00-17:00"),
        ("en", "We are open Monday to Friday from 8:00 to 17:00.", "Mo-Fr 08:00-17:00"),  # not We for Wednesday
        ("de", "So finden Sie uns: geöffnet Mo–Fr 9–18 Uhr, So 11–15 Uhr", "Mo-Fr 09:00-18:00, Su 11:00-15:00"),
        ("en", "Opening hours: Mon-Fri 9-5, Sat and Sun closed", "Mo-Fr 09:00-17:00"),
        ("de", "Öffnungszeiten: Mo–Fr 8:30–12:00 und 13:00–18:00 Uhr", "Mo-Fr 08:30-12:00, Mo-Fr 13:00-18:00"),
        ("fr", "Ouvert du lundi au samedi de 9 h à 19 h 30", "Mo-Sa 09:00-19:30"),
        ("es", "Horario: de lunes a viernes de 9:00 a 14:00", "Mo-Fr 09:00-14:00"),
        ("it", "Aperti da lunedì a venerdì, 8.00-12.00 e 13.30-17.30", "Mo-Fr 08:00-12:00, Mo-Fr 13:30-17:30"),
        ("nl", "Openingstijden: ma t/m vr 8:30 - 17:00", "Mo-Fr 08:30-17:00"),
        ("pt", "Horário: seg. a sáb., das 9h às 20h", "Mo-Sa 09:00-20:00"),
        ("da", "Åbningstider: mandag til fredag 8.00-16.00", "Mo-Fr 08:00-16:00"),
        ("sv", "Öppettider: mån–fre 07.00–16.00", "Mo-Fr 07:00-16:00"),
        ("no", "Åpningstider: mandag til lørdag 10.00-18.00", "Mo-Sa 10:00-18:00"),
        ("pl", "Godziny otwarcia: pn–pt 9:00–18:00, sob 9:00–14:00", "Mo-Fr 09:00-18:00, Sa 09:00-14:00"),
    ],
)  # fmt: skip
def test_opening_hours_in_each_language(language: str, body: str, expected: str) -> None:
    assert hours(f"<p>{body}</p>", language=language) == expected


@pytest.mark.parametrize(
    "body",
    [
        "Our phones are open Monday to Friday from 9 am to 5 pm.",
        "Call 0113 496 0123, Monday to Friday 9-5",
        "Monday to Friday 9-5",  # of what it does not say
        "Open for ages 15-23, daily spending included.",
        "Open on Saturday from 10 am to 2 pm.",
        "Opening hours: Mon-Fri 9-5, closed 12:00-13:00",
        "Opening hours: Mon-Fri 9-5, Friday 9-5",
    ],
)
def test_other_times_are_no_opening_hours(body: str) -> None:
    assert hours(f"<p>{body}</p>") is None


def test_two_branches_with_different_hours_have_none() -> None:
    profile = profile_of("<p>Open Monday to Friday 9:00-17:00</p>", "<p>Open Monday to Friday 10:00-17:00</p>")
    assert profile.terms.opening_hours is None
    assert profile.terms.unclear[0].startswith("opening_hours: 2 different ones")


def test_structured_data_goes_before_the_text() -> None:
    declared = """<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Store", "name": "Acme",
        "openingHoursSpecification": [{"@type": "OpeningHoursSpecification", "dayOfWeek": ["Monday", "Tuesday", "Friday"],
        "opens": "09:00", "closes": "18:00"}, {"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/Saturday",
        "opens": "10:00", "closes": "14:00"}]}</script>"""
    assert (
        hours("<p>Open Monday to Friday 8:00-16:00</p>", head=declared)
        == "Mo-Tu 09:00-18:00, Fr 09:00-18:00, Sa 10:00-14:00"
    )


@pytest.mark.parametrize("text", ["Mo-Fr 09:00-18:00, Sa 10:00-14:00", "Mo-Su 00:00-24:00", "Fr-Sa 20:00-02:00"])
def test_hours_are_written_as_they_are_read(text: str) -> None:
    periods = periods_of(text)
    assert periods is not None
    assert hours_in_words(periods) == text


@pytest.mark.parametrize("text", ["", "always", "Mo-Fr 9 to 5", "Mo 25:00-26:00", "Mo 09:00-18:00; DROP TABLE x"])
def test_other_texts_are_no_hours(text: str) -> None:
    assert periods_of(text) is None
