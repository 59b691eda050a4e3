"""Menus, cards, lists and tables of a page become groups, however they are built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.website.models import FetchedBy, LabelGroup, WebPage
from provisioning_assets.research.website.pages import read_page

URL = "https://www.acme.example/"
PARAGRAPH = "We restore pipe organs in churches and concert halls, and we have done so for three generations. "


def read(body: str) -> WebPage:
    html = f'<!doctype html><html lang="en"><head><title>Acme</title></head><body>{body}</body></html>'
    return read_page(html, url=URL, fetched_by=FetchedBy.SAVED, status=None, size_bytes=len(html)).page


def names(group: LabelGroup) -> list[str]:
    return [label.text for label in group.labels]


def groups(body: str) -> list[list[str]]:
    return [names(group) for group in read(body).groups]


def under(body: str, heading: str) -> LabelGroup:
    """The one group below a heading or menu entry."""
    found = [group for group in read(body).groups if group.heading == heading]
    assert len(found) == 1, f"{len(found)} groups under {heading!r}: {groups(body)}"
    return found[0]


MENU_OF_LI = """<nav><ul>
  <li><a href="/">Home</a></li>
  <li><a href="/services">Services</a><ul>
    <li><a href="/services/tuning">Tuning</a></li>
    <li><a href="/services/voicing">Voicing</a><ul><li><a href="/services/reeds">Reeds</a></li>
      <li><a href="/services/flues">Flues</a></li></ul></li>
    <li><a href="/services/cleaning">Cleaning</a></li></ul></li>
  <li><a href="/contact">Contact</a></li></ul></nav>"""


def test_a_menu_keeps_its_levels() -> None:
    top, branch, twigs = read(MENU_OF_LI).groups
    assert names(top) == ["Home", "Services", "Contact"]
    assert names(branch) == ["Tuning", "Voicing", "Cleaning"]
    assert names(twigs) == ["Reeds", "Flues"]
    assert {top.area, branch.area, twigs.area} == {"menu"}
    assert (branch.heading, branch.heading_url, branch.branch) == ("Services", f"{URL}services", True)
    assert (twigs.heading, twigs.trail) == ("Voicing", ["Services"])
    assert top.depth < branch.depth < twigs.depth
    assert branch.labels[0].url == f"{URL}services/tuning"


def test_a_menu_of_divs_is_read_like_one_of_lists() -> None:
    body = """<div class="main-menu"><div class="item"><a href="/x">About</a></div>
      <div class="item"><a href="/s">Services</a><div class="sub">
        <a href="/s/a">Tuning</a><a href="/s/b">Voicing</a><a href="/s/c">Cleaning</a></div></div></div>"""
    branch = under(body, "Services")
    assert names(branch) == ["Tuning", "Voicing", "Cleaning"]
    assert branch.branch
    assert branch.area == "menu"


def test_an_entry_without_a_link_has_a_branch_too() -> None:
    body = "<nav><ul><li>Instruments<ul><li><a href=/a>Organs</a></li><li><a href=/b>Pianos</a></li></ul></li>"
    branch = under(body + "<li><a href=/c>Contact</a></li></ul></nav>", "Instruments")
    assert branch.branch
    assert names(branch) == ["Organs", "Pianos"]


def test_columns_of_a_mega_menu_have_untagged_headings() -> None:
    body = """<nav><ul><li><a href="/shop">Shop</a><div class="mega">
      <div class="column"><span class="title">Wind</span><ul>
        <li><a href="/a">Flutes</a></li><li><a href="/b">Oboes</a></li><li><a href="/e">Clarinets</a></li></ul></div>
      <div class="column"><span class="title">Strings</span><ul>
        <li><a href="/c">Violas</a></li><li><a href="/d">Cellos</a></li></ul></div>
      </div></li><li><a href="/contact">Contact</a></li></ul></nav>"""
    assert names(under(body, "Wind")) == ["Flutes", "Oboes", "Clarinets"]
    strings = under(body, "Strings")
    assert names(strings) == ["Violas", "Cellos"]
    assert "Shop" in strings.trail


def test_headings_in_a_menus_columns_keep_the_entry_above_them() -> None:
    column = "<div class=col><h4>{0}</h4><ul><li><a href=/{0}a>Long {0}</a></li><li><a href=/{0}b>Short {0}</a></li></ul></div>"
    body = f"<nav><ul><li><a href=/x>Products</a><div>{column.format('flutes')}{column.format('oboes')}</div></li>"
    found = under(f"{body}<li><a href=/y>Contact</a></li></ul></nav>", "oboes")
    assert names(found) == ["Long oboes", "Short oboes"]
    assert found.trail == ["Products"]


@pytest.mark.parametrize("lead", ["» ", "- ", "– ", "→ ", "▸"])
def test_arrows_in_a_flat_menu_are_entries_below_the_one_before(lead: str) -> None:
    entries = ["Home", "Workshop", f"{lead}Tuning", f"{lead}Cleaning", "Contact"]
    body = (
        "<nav><ul>" + "".join(f'<li><a href="/{n}">{text}</a></li>' for n, text in enumerate(entries)) + "</ul></nav>"
    )
    assert groups(body) == [["Home", "Workshop", "Contact"], ["Tuning", "Cleaning"]]
    branch = under(body, "Workshop")
    assert branch.branch
    assert branch.heading_url == f"{URL}1"


CARDS = "".join(
    f"""<div class="card"><span class="badge">New</span><h3>{name}</h3><p>{text}</p>
    <a class="btn" href="/{slug}">Read more</a></div>"""
    for name, text, slug in [
        ("Tuning", "Twice a year.", "tuning"),
        ("Voicing", "By ear.", "voicing"),
        ("Cleaning", "With care.", "cleaning"),
    ]
)


def test_cards_are_named_by_their_headings_not_by_badges_or_buttons() -> None:
    cards = under(f"<section><h2>Our services</h2><div class=row>{CARDS}</div></section>", "Our services")
    assert names(cards) == ["Tuning", "Voicing", "Cleaning"]
    assert [label.url for label in cards.labels] == [f"{URL}{name}" for name in ("tuning", "voicing", "cleaning")]
    assert "By ear." in cards.labels[1].beside
    assert cards.area == "main"


NAMES = ["Tuning", "Voicing", "Cleaning"]


def test_what_explains_a_menu_entry_is_not_part_of_its_name() -> None:
    entries = "".join(
        f'<li><a href="/{name}">{name}<span class="sub">By ear, at home</span></a></li>' for name in NAMES
    )
    assert NAMES in groups(f"<nav><ul>{entries}</ul></nav>")


def test_a_badge_without_a_heading_in_the_card_is_not_its_name() -> None:
    card = '<li><span class="badge">Popular</span><a href="/{0}">{0}</a><a class="button" href="/order">Order</a></li>'
    body = "<ul>" + "".join(card.format(name) for name in ("Flute", "Oboe", "Viola")) + "</ul>"
    assert ["Flute", "Oboe", "Viola"] in groups(body)


def test_the_bold_first_text_names_an_element_behind_its_number() -> None:
    body = "<ul>" + "".join(
        f'<li><span class="no">0{n}</span><strong>{name}</strong><p>More about it</p></li>'
        for n, name in enumerate(("Flute", "Oboe", "Viola"), 1)
    )
    assert groups(body + "</ul>") == [["Flute", "Oboe", "Viola"]]


def test_what_is_struck_out_is_not_beside_a_name() -> None:
    body = "<ul>" + "".join(
        f"<li><a href=/{name}>{name}</a> <{tag}>€ 99</{tag}> <b>€ 79</b></li>"
        for name, tag in (("Flute", "del"), ("Oboe", "s"), ("Viola", "strike"))
    )
    (found,) = read(body + "</ul>").groups
    assert [label.beside for label in found.labels] == ["€ 79"] * 3


def test_prices_stand_beside_names() -> None:
    body = (
        "<h2>Rental</h2><div>"
        + "".join(
            f'<div class="product"><a href="/{name}"><img alt=""><h4>{name}</h4></a><span class="price">{price}</span></div>'
            for name, price in (("Flute", "€ 19"), ("Oboe", "€ 39"), ("Viola", "€ 29"))
        )
        + "</div>"
    )
    priced = under(body, "Rental")
    assert names(priced) == ["Flute", "Oboe", "Viola"]
    assert [label.beside for label in priced.labels] == ["€ 19", "€ 39", "€ 29"]


def test_prices_in_a_list_of_a_card_stand_beside_its_name() -> None:
    prices = "<ul><li>Monthly: € 19</li><li>Yearly: € 199</li></ul>"
    cards = "".join(
        f'<div class="plan"><h4>{name}</h4><a href="/order">Order</a>{prices}</div>'
        for name in ("Small", "Medium", "Large")
    )
    plans = under(f"<h2>Plans</h2><div>{cards}</div>", "Plans")
    assert all("Monthly: € 19 Yearly: € 199" in label.beside for label in plans.labels)


def test_a_tables_header_row_is_not_a_member() -> None:
    body = """<h2>Price list</h2><table><tr><th>Work</th><th>Price</th></tr>
      <tr><td>Tuning</td><td>€ 90</td></tr><tr><td>Voicing</td><td>€ 140</td></tr><tr><td>Cleaning</td><td>€ 75</td></tr></table>"""
    table = under(body, "Price list")
    assert names(table) == ["Tuning", "Voicing", "Cleaning"]
    assert [label.beside for label in table.labels] == ["€ 90", "€ 140", "€ 75"]


def test_a_row_is_named_by_its_first_cell_with_letters() -> None:
    body = "<h2>Stock</h2><table>" + "".join(
        f"<tr><td>{n}</td><td>{name}</td><td>red</td></tr>" for n, name in enumerate(("Flute", "Oboe", "Viola"))
    )
    assert names(under(body + "</table>", "Stock")) == ["Flute", "Oboe", "Viola"]


def test_terms_of_a_list_of_definitions() -> None:
    body = "<h2>Services</h2><dl><dt>Tuning</dt><dd>Twice a year</dd><dt>Voicing</dt><dd>By ear</dd></dl>"
    terms = under(body, "Services")
    assert names(terms) == ["Tuning", "Voicing"]
    assert [label.beside for label in terms.labels] == ["Twice a year", "By ear"]


def test_choices_of_a_form_stand_under_the_fields_label() -> None:
    body = """<form><label for="s">Service</label><select id="s"><option value="">Please choose</option>
      <option>Tuning</option><option>Voicing</option></select></form>"""
    assert names(under(body, "Service")) == ["Tuning", "Voicing"]
    assert groups(body.replace("<label", "<i").replace("</label", "</i")) == []


def test_links_in_sentences_are_no_group() -> None:
    sentence = (
        "We repair {} and {} for schools, orchestras and people who play at home in the evening, in our own workshop."
    )
    body = f"<p>{sentence.format('<a href=/a>flutes</a>', '<a href=/b>oboes</a>')}</p>"
    assert groups(body) == []
    assert groups(body.replace("<p>", "<div>").replace("</p>", "</div>")) == []


@pytest.mark.parametrize(
    "attributes", ['class="cookie-banner"', 'id="consent"', 'role="dialog"', 'class="newsletter popup"', 'id="gdpr"']
)
def test_layers_over_the_page_are_left_out(attributes: str) -> None:
    layer = (
        f"<div {attributes}><ul><li>Necessary</li><li>Statistics</li><li>Marketing</li></ul><p>We value you.</p></div>"
    )
    kept = read(f"<main><h1>Organs</h1><p>{PARAGRAPH * 3}</p></main>{layer}")
    assert kept.groups == []
    assert "We value you" not in kept.text
    assert "pipe organs" in kept.text


def test_sections_of_a_page_are_not_members_but_their_headings_are_kept() -> None:
    section = "<section class=part><h2>{0}</h2><h3>Why</h3><p>Because.</p><h3>How</h3><p>So.</p></section>"
    body = "<main>" + "".join(section.format(name) for name in ("Tuning", "Voicing", "Cleaning")) + "</main>"
    assert ["Tuning", "Voicing", "Cleaning"] not in groups(body)
    long = "<div class=part><h2>{0}</h2><p>" + PARAGRAPH * 12 + "</p></div>"
    body = "<main>" + "".join(long.format(name) for name in ("Tuning", "Voicing")) + "</main>"
    assert groups(body) == []


def test_a_heading_with_several_headings_of_its_own_below_is_a_part_of_the_page() -> None:
    entry = "<h4>{0}</h4><p>$ 20</p>"
    part = "<h2>{0}</h2><div>" + "".join(entry.format(name) for name in ("Pupils", "Veterans", "Seniors")) + "</div>"
    assert ["Who saves", "Extras"] not in groups(
        "<main>" + part.format("Who saves") + part.format("Extras") + "</main>"
    )
    plan = "<h2>{0}</h2><p>$ 20</p><h4>What is in it</h4><p>All of it.</p>"
    assert ["Basic", "Plus"] in groups("<main>" + plan.format("Basic") + plan.format("Plus") + "</main>")


def test_a_link_that_was_never_closed_does_not_hide_the_page() -> None:
    body = f'<div><a href="/top"><main><section><h2>Services</h2><div>{CARDS}</div></section></main></div>'
    assert names(under(body, "Services")) == ["Tuning", "Voicing", "Cleaning"]


def test_a_group_below_another_sections_heading_does_not_take_that_heading() -> None:
    team = f"<section><h2>Our team</h2><p>{PARAGRAPH * 6}</p></section>"
    before = "<div><h2>Services</h2><p>Ask us.</p></div>"
    body = f"{before}{team}<section><ul><li>Tuning</li><li>Voicing</li><li>Cleaning</li></ul></section>"
    assert under(body, "").labels[0].text == "Tuning"


def test_lists_in_columns_keep_the_heading_above_their_own() -> None:
    column = "<div class=column><h3>{0}</h3><ul><li><a href=/{0}a>{0} one</a></li><li><a href=/{0}b>{0} two</a></li></ul></div>"
    body = f"<h2>Services</h2><div>{column.format('Pipes')}{column.format('Cases')}</div>"
    assert under(body, "Cases").trail == ["Services"]


def test_headings_of_the_page_do_not_reach_into_the_footer() -> None:
    column = "<div class=column><h4>{0}</h4><ul><li><a href=/{0}a>{0} one</a></li><li><a href=/{0}b>{0} two</a></li></ul></div>"
    flat = "<div><ul><li><a href=/x>Opening times</a></li><li><a href=/y>Directions</a></li></ul></div>"
    body = f"<main><h2>Services</h2><p>Ask us.</p></main><footer>{flat}{column.format('Finkenau')}</footer>"
    assert under(body, "Finkenau").trail == []
    assert under(body, "").heading_url is None


def test_areas_of_the_page() -> None:
    links = "<ul><li><a href=/a>{0} one</a></li><li><a href=/b>{0} two</a></li></ul>"
    body = "".join(
        f"<{tag} {more}>{links.format(name)}</{tag}>"
        for tag, more, name in [
            ("nav", "", "menu"),
            ("div", 'role="navigation"', "role"),
            ("aside", "", "aside"),
            ("div", 'class="sidebar"', "bar"),
            ("main", "", "main"),
            ("footer", "", "footer"),
        ]
    )
    areas = {names(group)[0].split()[0]: group.area for group in read(body).groups}
    assert areas == {
        "menu": "menu",
        "role": "menu",
        "aside": "aside",
        "bar": "aside",
        "main": "main",
        "footer": "footer",
    }


def test_a_menu_that_is_repeated_for_telephones_comes_once() -> None:
    menu = "<nav><ul><li><a href=/a>Tuning</a></li><li><a href=/b>Voicing</a></li></ul></nav>"
    assert groups(menu + menu) == [["Tuning", "Voicing"]]


def test_footer_lines_are_kept_one_by_one() -> None:
    kept = read(
        "<main><p>Hello</p></main><footer><p>Acme Organs Ltd<br>12 Mill Lane, Leeds</p><div>© 2024 Acme</div></footer>"
    )
    assert kept.footer == ["Acme Organs Ltd", "12 Mill Lane, Leeds", "© 2024 Acme"]


def test_logos_of_the_company_are_read_and_those_of_partners_are_not() -> None:
    kept = read(
        '<header><a href="/"><img src="/i.png" alt="Orgelbau Finkenau"></a></header>'
        '<div class="partners"><img class="logo" alt="Choir of Nowhere"></div>'
    )
    assert kept.logo_texts == ["Orgelbau Finkenau"]
    assert read('<div class="site-logo">Orgelbau Finkenau</div>').logo_texts == ["Orgelbau Finkenau"]


def test_icons_and_scripts_are_not_text_of_labels() -> None:
    body = "<ul>" + "".join(
        f"<li><svg><title>icon</title></svg><script>x()</script><a href=/{name}>{name}</a></li>"
        for name in ("Flute", "Oboe")
    )
    assert groups(body + "</ul>") == [["Flute", "Oboe"]]


def test_addresses_that_are_no_pages_are_not_kept() -> None:
    body = "<ul>" + "".join(
        f'<li><a href="{href}">{name}</a></li>'
        for href, name in (
            ("javascript:x()", "Flute"),
            ("mailto:a@b.example", "Oboe"),
            ("#", "Viola"),
            ("/c#d", "Cello"),
        )
    )
    (found,) = read(body + "</ul>").groups
    assert [label.url for label in found.labels] == [None, None, None, f"{URL}c#d"]


_TAG = st.sampled_from(
    ["div", "ul", "li", "a", "nav", "table", "tr", "td", "dl", "dt", "h2", "section", "span", "select", "option"]
)
_MARKUP = st.lists(
    st.one_of(
        _TAG.map(lambda tag: f"<{tag}>"),
        _TAG.map(lambda tag: f"</{tag}>"),
        st.sampled_from(
            ["<a href='/x' class='menu'>", "<div class='card footer'>", "» Flute", "Oboe", "\x00", "<br>", "€ 5"]
        ),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)


@given(_MARKUP)
def test_no_markup_breaks_the_reading_of_groups(body: str) -> None:
    kept = read(body)
    assert WebPage.model_validate_json(kept.model_dump_json()) == kept
    for group in kept.groups:
        assert len(group.labels) >= 1
        assert all(1 < len(label.text) <= 100 and len(label.beside) <= 300 for label in group.labels)


def test_a_page_with_thousands_of_elements_stays_small() -> None:
    lists = "".join(f"<ul>{''.join(f'<li>Pipe {n} {m}</li>' for m in range(80))}</ul>" for n in range(200))
    kept = read(lists)
    assert 100 <= len(kept.groups) <= 130
    assert max(len(group.labels) for group in kept.groups) <= 60


def test_a_link_of_two_spans_is_a_name_and_its_explanation():
    links = "".join(
        f'<a href="/{name}"><span class="t1">{name}</span><span class="t2">{rest}</span></a>'
        for name, rest in (("Tuning", "In one day"), ("Voicing", "By ear"), ("Cleaning", "Pipe by pipe"))
    )
    assert ["Tuning", "Voicing", "Cleaning"] in groups(f"<div>{links}</div>{PARAGRAPH}")


def test_entries_and_their_lists_can_alternate_without_elements_around_them():
    def entry(name: str, *below: str) -> str:
        return f'<button class="e">{name}</button><div>' + "".join(f'<a href="/{b}">{b}</a>' for b in below) + "</div>"

    body = f"<div>{entry('Product', 'Rota', 'Payroll')}{entry('For whom', 'Hotels', 'Care homes')}</div>{PARAGRAPH}"
    assert names(under(body, "Product")) == ["Rota", "Payroll"]
    assert names(under(body, "For whom")) == ["Hotels", "Care homes"]
