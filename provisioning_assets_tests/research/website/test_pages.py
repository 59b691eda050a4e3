"""HTML of real pages becomes plain values, whatever is wrong with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.website.models import FetchedBy, WebPage
from provisioning_assets.research.website.pages import ReadPage, decode_html, parse_document, read_page
from provisioning_assets_tests.research.website.website_server import WORDS, page

GERMAN = "Wir führen Schuhe für große und kleine Füße, außerdem Gürtel, Mützen und Wollstrümpfe aus Österreich. "
JAPANESE = "目黒駅前の歯科医院です。痛みの少ない丁寧な治療を心がけています。予約不要で院内をご見学いただけます。"
RUSSIAN = "Мы продаём обувь для всей семьи и ремонтируем её в собственных мастерских в Москве и Казани. "


def read(html: str, url: str = "https://acme.com/", **more: int) -> ReadPage:
    return read_page(html, url=url, fetched_by=FetchedBy.HTTP, status=200, size_bytes=len(html), **more)


@pytest.mark.parametrize(
    ("text", "encoding", "header", "meta"),
    [
        (GERMAN, "utf-8", "text/html; charset=utf-8", ""),
        (GERMAN, "utf-8", "text/html; charset=iso-8859-1", "iso-8859-1"),  # both wrong
        (GERMAN, "utf-8", "", ""),
        (GERMAN, "utf-8-sig", "text/html; charset=latin-1", ""),
        (GERMAN, "utf-16", "text/html; charset=utf-8", ""),
        (GERMAN, "cp1252", "text/html; charset=windows-1252", ""),
        (GERMAN, "cp1252", "", "iso-8859-1"),
        (GERMAN, "cp1252", "text/html; charset=utf-8", "utf-8"),  # both wrong
        (GERMAN, "cp1252", 'text/html; charset="no-such-encoding"', "ISO-8859-15"),
        (RUSSIAN, "cp1251", "text/html; charset=ISO-8859-1", "windows-1251"),  # the server adds Latin-1 by itself
        (RUSSIAN, "cp1251", "text/html; charset=windows-1251", ""),
        (JAPANESE, "shift_jis", "", "Shift_JIS"),
        (JAPANESE, "euc_jp", "text/html; charset=Shift_JIS", "euc-jp"),
        (JAPANESE, "iso2022_jp", "", "iso-2022-jp"),
        (JAPANESE, "utf-8", "", "Shift_JIS"),
    ],
)
def test_a_page_is_decoded_although_its_declarations_are_wrong(
    text: str, encoding: str, header: str, meta: str
) -> None:
    declared = f'<meta charset="{meta}">' if meta else ""
    html = f"<html><head>{declared}<title>{text[:10]}</title></head><body><p>{text * 4}</p></body></html>"
    assert decode_html(html.encode(encoding), header) == html


def test_a_few_damaged_bytes_do_not_spoil_a_utf8_page() -> None:
    body = (GERMAN * 5).encode() + b"\xfc\xe4" + GERMAN.encode()
    assert GERMAN in decode_html(body, "text/html; charset=utf-8")


@given(
    st.binary(max_size=400), st.sampled_from(["", "text/html; charset=utf-8", "text/html; charset=big5", "charset=x"])
)
def test_no_bytes_break_the_reader(body: bytes, header: str) -> None:
    html = decode_html(body, header)
    kept = read(html).page
    assert WebPage.model_validate_json(kept.model_dump_json()) == kept


@given(st.text(max_size=300))
def test_no_text_in_a_page_breaks_the_reader(text: str) -> None:
    html = (
        f"<html lang='{text}'><title>{text}</title><body><nav><a href='{text}'>{text}</a></nav><p>{text}</p>"
        f"<script type='application/ld+json'>{json.dumps({'@type': text, 'name': [text]})}</script></body></html>"
    )
    kept = read(html).page
    assert WebPage.model_validate_json(kept.model_dump_json()) == kept


def test_what_a_page_says_is_kept() -> None:
    result = read(
        """<!doctype html><html lang="en_gb"><head><title> Acme \n Tents </title>
        <meta name="description" content="Tents since 1974"><meta property="og:site_name" content="Acme">
        <link rel="canonical" href="/start"><base href="/shop/"></head>
        <body><header><a href="/">Home</a><nav><a href="tents">Tents</a><a href="tents">Tents</a></nav></header>
        <main><h1>Our <b>tents</b></h1><h2>Repairs</h2><p>"""
        + WORDS
        + """</p><div class=tile><span>Two nights</span><b>49 EUR</b></div>
        <img src=a.png alt="A red tent"><p style="display: none">hidden words</p>
        <script>var x = "script words"</script></main>
        <footer><a href="https://other.com/">Partner</a> <a href="tel:+44 117 496 0123">Call</a>
        <a href="mailto:Hello@acme.com?subject=x">Mail</a> <a href="/never" rel="nofollow">never</a></footer>
        </body></html>"""
    )
    kept = result.page
    assert (kept.title, kept.description, kept.language) == ("Acme Tents", "Tents since 1974", "en-GB")
    assert kept.headings == ["Our tents", "Repairs"]
    assert kept.navigation == ["Home", "Tents", "Partner", "Call", "Mail", "never"]
    assert kept.image_alts == ["A red tent"]
    assert kept.open_graph == {"og:site_name": "Acme"}
    assert kept.emails == ["hello@acme.com"]
    assert kept.phones == ["+441174960123"]
    assert "Bristol since 1974" in kept.text
    assert "49 EUR" in kept.text, "a tile beside the article is text of the page"
    assert "hidden words" not in kept.text
    assert "script words" not in kept.text
    assert result.canonical == "https://acme.com/start"
    assert [link.url for link in result.links] == [
        "https://acme.com/", "https://acme.com/shop/tents", "https://other.com/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "types"),
    [
        ('{"@graph": [{"@type": "Organization"}, {"@type": "WebSite"}]}', ["Organization", "WebSite"]),
        ('[{"@type": "Store"}, [{"@type": "Product"}]]', ["Store", "Product"]),
        ('<!-- {"@type": "Hotel", } -->', ["Hotel"]),
        ('//<![CDATA[\n{"@type": "Hotel"};\n//]]>', ["Hotel"]),
        ('{"@type": "Hotel", "name": "line\nbreak", "x": NaN}', ["Hotel"]),
        ('{"@type": "A"} {"@type": "B"}', []),
        ("not json", []),
        ("[" * 5_000, []),
        ('{"@context": "https://schema.org"}', []),
        ("3", []),
    ],
)
def test_structured_data_is_flattened(written: str, types: list[str]) -> None:
    kept = read(f'<title>x</title><script type="application/ld+json">{written}</script>').page
    assert [thing["@type"] for thing in kept.json_ld] == types
    assert WebPage.model_validate_json(kept.model_dump_json()) == kept


def test_structured_data_cannot_fill_the_store() -> None:
    deep = json.dumps({"@type": "A", "b": 1})
    for _ in range(200):
        deep = f'{{"@type": "A", "b": {deep}}}'
    many = json.dumps([{"@type": "Product", "n": 10**400}] * 5_000)
    scripts = "".join(f'<script type="application/ld+json">{text}</script>' for text in (deep, many))
    kept = read(f"<title>x</title>{scripts}").page
    assert len(kept.json_ld) <= 100
    assert len(kept.model_dump_json()) < 100_000


def test_half_characters_and_control_characters_never_reach_the_store() -> None:
    html = (
        '<title>a\x07b\u200b</title><script type="application/ld+json">'
        '{"@type": "Hotel", "name": "\\ud800x\\u0000y"}</script>'
    )
    kept = read(html).page
    assert kept.title == "ab"
    assert kept.json_ld[0]["name"] == "xy"
    kept.model_dump_json().encode("utf-8")


CATALOGUE = """Galão Slim 20 L. Galões. Boca 56. B 32 - Tampa Spray - Encaixe Rosca. Tampas. Boca 32. B 17 - Tampa Dosadora -
Encaixe Rosca. Tampas. Boca 17. Jarra Home 2 L. Jarras. Boca 70. veja outros modelos. Setor Comercial: Rua Amoreira, 112, Bairro
Jardim Alto, Jundiaí - SP, CEP 13201-000."""


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("de", GERMAN * 4, "de"),
        ("en", GERMAN * 4, "de"),  # a template's leftover
        ("en-US", CATALOGUE, "pt"),  # detection is not sure which language it is, but that it is not English
        ("", JAPANESE * 4, "ja"),
        ("pt_BR", "Vendemos sapatos e botas para toda a família em nossas lojas do Rio. " * 4, "pt-BR"),
        ("xx bad tag!", GERMAN * 4, "de"),
        ("fr", "ok", "fr"),
        ("", "ok", None),
    ],
)
def test_the_language_is_declared_or_detected(declared: str, text: str, language: str | None) -> None:
    assert read(page("x", text, language=declared).replace("<h1>x</h1>", "")).page.language == language


@pytest.mark.parametrize(
    ("url", "language", "written", "number"),
    [
        ("https://acme.co.uk/", "en", "Call 0117 496 0123 today", "+441174960123"),
        ("https://acme.de/", "de", "Telefon 030 901820 rufen", "+4930901820"),
        ("https://acme.com/", "en-US", "Call (502) 937-1125 today", "+15029371125"),
        ("https://acme.com/", "ja", "電話 03-6275-3123", "+81362753123"),
        ("https://acme.com/", "en", "Call +62 31 3533392 today", "+62313533392"),
    ],
)
def test_phone_numbers_are_international_where_the_country_is_known(
    url: str, language: str, written: str, number: str
) -> None:
    assert read(page("x", f"{written}. ", language=language), url).page.phones == [number]


def test_a_dialled_number_without_a_country_is_kept_as_it_is() -> None:
    assert read(page("x", '<a href="tel:072%20370021">call</a>'), "https://acme.com/").page.phones == ["072370021"]


def test_addresses_that_are_not_mailboxes_are_left_out() -> None:
    hidden = bytes([0x42, *(ord(letter) ^ 0x42 for letter in "info@acme.com")]).hex()
    text = f'logo@2x.png me@example.com sales@acme.com <span data-cfemail="{hidden}"></span><i data-cfemail="zz"></i>'
    assert read(page("x", text)).page.emails == ["info@acme.com", "sales@acme.com"]


def test_inline_pictures_give_no_title_and_nofollow_is_seen() -> None:
    result = read("<body><svg><title>icon</title></svg><meta name=robots content='noindex, nofollow'><p>x</p></body>")
    assert result.page.title == ""
    assert result.nofollow


@pytest.mark.parametrize("html", ["", "   ", "\x00\x00", "<?xml version='1.0'?>", "<!-- -->"])
def test_an_empty_document_is_an_empty_page(html: str) -> None:
    assert read(html).page.text == ""


def test_a_document_with_an_encoding_declaration_is_parsed() -> None:
    assert parse_document('<?xml version="1.0" encoding="utf-8"?><html><body>ü</body></html>') is not None


def test_deeply_nested_markup_is_survived() -> None:
    kept = read("<div>" * 20_000 + WORDS + "</div>" * 20_000).page
    assert WebPage.model_validate_json(kept.model_dump_json()) == kept
