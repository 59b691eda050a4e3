"""schema.org objects from microdata."""

import lxml.html

from provisioning_assets.research.website.microdata import microdata

SHOP = """
<div itemscope itemtype="http://schema.org/Product"><h3 itemprop="name">Ladder shelf</h3>
  <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
    <meta itemprop="priceCurrency" content="GBP"><span itemprop="price" content="135.00">only £135</span></div></div>
<footer itemscope itemtype="https://schema.org/LocalBusiness"><b itemprop="name">Birch</b>
  <p itemprop="address" itemscope itemtype="https://schema.org/PostalAddress"><i itemprop="addressLocality">Leeds</i></p></footer>
"""


def test_objects_have_the_form_of_json_ld() -> None:
    product, business = microdata(lxml.html.fromstring(f"<html><body>{SHOP}</body></html>"), "https://birch.example/")
    assert product == {
        "@type": "Product",
        "name": "Ladder shelf",
        "offers": {"@type": "Offer", "priceCurrency": "GBP", "price": "135.00"},
    }
    assert business["address"] == {"@type": "PostalAddress", "addressLocality": "Leeds"}


def test_a_page_without_microdata_has_no_objects() -> None:
    assert microdata(lxml.html.fromstring("<html><body><p>Hello</p></body></html>"), "https://birch.example/") == []


def test_objects_that_contain_each_other_do_not_break_the_page() -> None:
    loop = (
        '<div itemscope id="a" itemref="b" itemtype="https://schema.org/Thing"></div>'
        '<div id="b" itemprop="x" itemscope itemref="a"></div>'
    )
    assert isinstance(microdata(lxml.html.fromstring(f"<html><body>{loop}</body></html>"), "https://x.example/"), list)
